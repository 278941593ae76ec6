//! The clocks of this machine, for the pure parts of the demo.

use std::time::{SystemTime, UNIX_EPOCH};

use roost_model::{Instant, Now, Timestamp};

/// Counts from its own making.
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
            wall: Self::wall(),
        }
    }

    /// What the calendar says.
    pub(crate) fn wall() -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}
