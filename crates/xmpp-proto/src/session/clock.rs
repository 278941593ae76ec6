//! Time as a stream sees it: it stands still while the stream is interrupted.

use std::time::Duration;

use roost_model::Instant;

/// A moment of the stream's time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamTime(u64);

impl StreamTime {
    pub(super) fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }
}

/// Counts only while running, so that an interruption costs no question its deadline.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreamClock {
    counted: u64,
    running_since: Option<Instant>,
}

impl StreamClock {
    pub(super) fn start(&mut self, now: Instant) {
        self.stop(now);
        self.running_since = Some(now);
    }

    pub(super) fn stop(&mut self, now: Instant) {
        self.counted = self.read(now).0;
        self.running_since = None;
    }

    pub(super) fn read(&self, now: Instant) -> StreamTime {
        let ran = self
            .running_since
            .map_or(0, |since| now.0.saturating_sub(since.0));
        StreamTime(self.counted.saturating_add(ran))
    }

    /// When the clock will show `time`; never, while it stands still.
    pub(super) fn when(&self, time: StreamTime) -> Option<Instant> {
        let since = self.running_since?;
        Some(Instant(
            since.0.saturating_add(time.0.saturating_sub(self.counted)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_while_stopped() {
        let mut clock = StreamClock::default();
        clock.start(Instant(1000));
        let deadline = clock.read(Instant(1000)).after(Duration::from_secs(20));
        assert_eq!(clock.when(deadline), Some(Instant(21_000)));
        clock.stop(Instant(6000));
        assert_eq!(clock.when(deadline), None);
        assert!(clock.read(Instant(500_000)) < deadline);
        clock.start(Instant(500_000));
        assert_eq!(clock.when(deadline), Some(Instant(515_000)));
        assert!(clock.read(Instant(515_000)) >= deadline);
    }
}
