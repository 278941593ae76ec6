//! Subscribing to a device and reading it: one round after the other, until one succeeds.
//!
//! A contact that may be a person is only asked for its form, with one request; a device is
//! subscribed to and read on all three nodes. Subscribing goes first, so that nothing that
//! happens in between is missed. Where only values may have been missed, reading is enough. Rounds that failed are repeated, ever more rarely.

use std::time::Duration;

use roost_model::{Failure, FailureCode, Instant};

/// After how long a failed round is repeated at first.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// The same, if nodes of a device were missing: one that just started is making them.
const FIRST_RETRY_OF_MISSING: Duration = Duration::from_secs(1);
/// After how long it is repeated at last.
const LAST_RETRY: Duration = Duration::from_secs(300);

/// Where a device is with being subscribed to and read, on this stream.
#[derive(Debug, Default)]
pub(crate) struct Sync {
    due: Option<Instant>,
    /// Whether it waits for its turn.
    is_queued: bool,
    round: Option<Round>,
    failures: u32,
    /// Whether nodes of a device were missing the last time.
    is_incomplete: bool,
    /// Whether something of it was read on this stream.
    has_read: bool,
    /// Whether it was subscribed to and read in full the last time.
    is_done: bool,
    /// Whether in the next round reading is enough, since its subscriptions hold.
    only_read: bool,
}

#[derive(Debug)]
struct Round {
    number: u32,
    kind: Kind,
    unanswered: usize,
    something_read: bool,
    denied: Option<Failure>,
    is_incomplete: bool,
    has_failed: bool,
}

/// How much is asked in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Is there a form?
    Probe,
    /// Subscribes to and reads each node.
    Full,
    /// Reads each node.
    Read,
}

/// What a round brought to light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It was only probed; if it has a form, that was reported.
    Probed,
    /// It lets us read.
    Granted,
    /// It does not let us read.
    Denied {
        /// The server's words.
        detail: Option<String>,
    },
    /// There is nothing of a device.
    Nothing,
    /// Nobody could tell.
    Unknown,
}

impl Sync {
    /// A new stream: all subscriptions are to be made anew.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether what is known of it is of this stream.
    pub(crate) fn has_read(&self) -> bool {
        self.has_read
    }

    /// Whether it is being read.
    pub(crate) fn is_reading(&self) -> bool {
        self.round.is_some()
    }

    /// Whether it is being read, or about to be.
    pub(crate) fn is_busy(&self) -> bool {
        self.round.is_some() || self.is_queued
    }

    /// A round is wanted. Whether a timer has to be set for it.
    pub(crate) fn want(&mut self, at: Instant) -> bool {
        self.only_read = false;
        let sooner = self.due.is_none_or(|due| at < due);
        if sooner {
            self.due = Some(at);
        }
        sooner
    }

    /// What is there may have changed unheard. When to look whether it is due, if nobody looks yet;
    /// with another round that is wanted by then it is done as well.
    pub(crate) fn want_read_again(&mut self, at: Instant) -> Option<Instant> {
        if self.is_queued || self.due.is_some_and(|due| due <= at) {
            return None;
        }
        self.only_read = self.is_done && self.due.is_none() && self.round.is_none();
        self.due = Some(at);
        self.due
    }

    /// What is asked of a device in the next round.
    pub(crate) fn next_kind(&self) -> Kind {
        if self.only_read {
            Kind::Read
        } else {
            Kind::Full
        }
    }

    /// A timer rang. Whether the device is to wait for its turn now. While a round is under way
    /// the next one stays due; it is looked for when this one is over.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        if self.round.is_some() || self.due.is_none_or(|due| due > now) {
            return false;
        }
        self.due = None;
        !std::mem::replace(&mut self.is_queued, true)
    }

    /// Whether it still waits for its turn.
    pub(crate) fn is_queued(&self) -> bool {
        self.is_queued
    }

    /// Its turn has come. By its number, which is used once, the answers of this round are told
    /// from those of others.
    pub(crate) fn begin(&mut self, number: u32, kind: Kind, nodes: usize) {
        self.is_queued = false;
        self.due = None;
        self.only_read = false;
        self.round = Some(Round {
            number,
            kind,
            unanswered: match kind {
                Kind::Probe | Kind::Read => nodes,
                Kind::Full => 2 * nodes,
            },
            something_read: false,
            denied: None,
            is_incomplete: false,
            has_failed: false,
        });
    }

    /// A subscription was answered. Whether the round is over.
    pub(crate) fn subscribed(&mut self, round: u32, failure: Option<Failure>) -> bool {
        self.answered(round, |round| {
            // A node that is not there will not be readable either, and that is what counts.
            round.has_failed |= failure.is_some_and(|it| it.code != FailureCode::NotFound);
        })
    }

    /// A node was read, or not. Whether the round is over.
    pub(crate) fn read(&mut self, round: u32, failure: Option<Failure>) -> bool {
        self.answered(round, |round| match failure {
            None => round.something_read = true,
            Some(failure) => match failure.code {
                FailureCode::Forbidden => round.denied = Some(failure),
                FailureCode::NotFound => round.is_incomplete = true,
                FailureCode::NotOffered => {}
                _ => round.has_failed = true,
            },
        })
    }

    /// The round is over.
    pub(crate) fn conclude(&mut self) -> Finding {
        let Some(round) = self.round.take() else {
            return Finding::Unknown;
        };
        let is_full = round.kind != Kind::Probe;
        self.is_incomplete = is_full && round.is_incomplete;
        self.is_done = is_full && round.something_read && !round.has_failed && !round.is_incomplete;
        self.failures = if self.is_done {
            0
        } else {
            self.failures.saturating_add(1)
        };
        self.has_read |= is_full && round.something_read;
        match round.denied {
            _ if is_full && round.something_read => Finding::Granted,
            Some(Failure { detail, .. }) if is_full => Finding::Denied { detail },
            _ if round.has_failed => Finding::Unknown,
            _ if !is_full => Finding::Probed,
            _ => Finding::Nothing,
        }
    }

    /// How long to wait before a failed round is repeated.
    pub(crate) fn retry_delay(&self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(10);
        let first = if self.is_incomplete {
            FIRST_RETRY_OF_MISSING
        } else {
            FIRST_RETRY
        };
        (first * (1 << doublings)).min(LAST_RETRY)
    }

    fn answered(&mut self, number: u32, note: impl FnOnce(&mut Round)) -> bool {
        let Some(round) = self.round.as_mut().filter(|round| round.number == number) else {
            return false;
        };
        note(round);
        round.unanswered = round.unanswered.saturating_sub(1);
        round.unanswered == 0
    }
}
