//! The clocks of this machine, as the pure state machines want to see them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roost_model::{Instant, Now, Timestamp};

/// Counts milliseconds from its own making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: tokio::time::Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Now {
        let elapsed = self.start.elapsed();
        Now {
            instant: Instant(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
            wall: wall_clock(),
        }
    }

    /// The runtime's name for a moment. Rounds up, so that a timer never fires before it.
    pub(crate) fn moment(&self, instant: Instant) -> tokio::time::Instant {
        let far = Duration::from_secs(24 * 3600 * 365);
        let since_start = Duration::from_millis(instant.0.saturating_add(1));
        self.start + since_start.min(far)
    }
}

/// Milliseconds since 1970, by the calendar clock of this machine.
pub(crate) fn wall_clock() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
