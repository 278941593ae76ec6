//! The silence watchdog of a device.
//!
//! When a thesis device deletes and recreates its nodes, ejabberd drops our subscriptions and
//! tells nobody. All that is left to notice is that a device which used to speak every few
//! seconds does not. Then it is subscribed to and read again; the less that helps, the rarer.

use std::time::Duration;

use roost_model::Instant;

/// Events closer together than this are one burst: several sensors, one measurement.
const BURST: Duration = Duration::from_millis(300);
/// Gaps that must have been seen before a device counts as regular.
const GAPS_TO_LEARN: u32 = 4;
/// This many usual gaps without a word are silence.
const GAPS_OF_SILENCE: u32 = 4;
const SHORTEST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(600);

/// How regularly a device speaks.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    last: Option<Instant>,
    usual_gap: Duration,
    gaps: u32,
    alarms: u32,
    /// When somebody looks next.
    look: Option<Instant>,
}

/// What a look at a device showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nobody wanted to look now.
    Idle,
    /// It speaks; look again then.
    Speaks(Instant),
    /// It is silent; look again then.
    Silent(Instant),
}

impl Silence {
    /// The device spoke. Gives the time to look again, if nobody is looking already.
    pub(crate) fn heard(&mut self, now: Instant) -> Option<Instant> {
        let gap = self.last.map(|last| now.since(last));
        if gap.is_none_or(|gap| gap >= BURST) {
            self.last = Some(now);
        }
        if let Some(gap) = gap.filter(|gap| *gap >= BURST) {
            self.usual_gap = match self.gaps {
                0 => gap,
                _ => (self.usual_gap * 3 + gap) / 4,
            };
            self.gaps = self.gaps.saturating_add(1);
        }
        self.alarms = 0;
        if self.look.is_some() || self.gaps < GAPS_TO_LEARN {
            return None;
        }
        self.look = Some(now + self.patience());
        self.look
    }

    /// Somebody looks.
    pub(crate) fn look(&mut self, now: Instant) -> Look {
        if self.look.is_none_or(|at| at > now) {
            return Look::Idle;
        }
        let due = self.last.unwrap_or(now) + self.patience();
        let is_silent = due <= now;
        let next = if is_silent {
            self.alarms = self.alarms.saturating_add(1);
            now + self.patience()
        } else {
            due
        };
        self.look = Some(next);
        if is_silent {
            Look::Silent(next)
        } else {
            Look::Speaks(next)
        }
    }

    /// Nobody looks any more, until the device speaks again.
    pub(crate) fn stop_looking(&mut self) {
        self.look = None;
    }

    fn patience(&self) -> Duration {
        let usual = (self.usual_gap * GAPS_OF_SILENCE).max(SHORTEST);
        usual.saturating_mul(1 << self.alarms.min(10)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000;

    #[test]
    fn a_regular_device_that_falls_silent_is_noticed_ever_more_rarely() {
        let mut silence = Silence::default();
        let looks: Vec<_> = (0..6)
            .filter_map(|n| silence.heard(Instant(n * 3 * SECOND)))
            .collect();
        assert_eq!(looks, [Instant(27 * SECOND)], "armed once, after four gaps");
        let story = [
            (27, Look::Speaks(Instant(30 * SECOND))),
            (28, Look::Idle),
            (30, Look::Silent(Instant(60 * SECOND))),
            (60, Look::Silent(Instant(120 * SECOND))),
        ];
        for (second, expected) in story {
            assert_eq!(silence.look(Instant(second * SECOND)), expected, "{second}");
        }
        assert_eq!(
            silence.heard(Instant(119 * SECOND)),
            None,
            "somebody looks already"
        );
        assert!(matches!(
            silence.look(Instant(120 * SECOND)),
            Look::Speaks(_)
        ));
        silence.stop_looking();
        assert_eq!(silence.look(Instant(999 * SECOND)), Look::Idle);
    }

    #[test]
    fn several_sensors_are_one_burst_and_no_rhythm() {
        let mut silence = Silence::default();
        for n in 0..100 {
            assert_eq!(silence.heard(Instant(n)), None);
        }
    }
}
