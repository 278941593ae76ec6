//! The clocks of this machine, as the brain wants to see them.

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
        let since_start = self.start.elapsed().as_millis();
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        Now {
            instant: Instant(u64::try_from(since_start).unwrap_or(u64::MAX)),
            wall: Timestamp(i64::try_from(since_epoch).unwrap_or(i64::MAX)),
        }
    }

    /// The runtime's name for a moment. Rounds up, so that a timer never fires before it.
    pub(crate) fn moment(&self, instant: Instant) -> tokio::time::Instant {
        const FAR: Duration = Duration::from_secs(365 * 24 * 3600);
        self.start + Duration::from_millis(instant.0.saturating_add(1)).min(FAR)
    }
}
