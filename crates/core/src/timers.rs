//! Timers that are set often and cancelled never: whoever owns one looks, when it rings, whether
//! its time has really come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use roost_model::{DeviceId, Instant, IntentId};

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A device is to be subscribed to and read.
    Sync(DeviceId),
    /// A device that told no features by now speaks the thesis profile.
    AssumeThesis(DeviceId),
    /// A device should have said something by now.
    Silence(DeviceId),
    /// Whose presence did not come by now, since this many streams, is away.
    PresenceSettled(u32),
    /// Nobody may have been looking for long enough to tell the server.
    Unwatched,
    /// The deadline of an intent.
    Deadline(IntentId),
    /// An ended intent has been shown for long enough.
    Forget(IntentId),
}

#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, Timer)>>,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Instant, timer: Timer) {
        self.heap.push(Reverse((at, timer)));
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// A timer whose time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, timer))| timer)
    }
}
