//! What happened how often: for the diagnostics.

use std::collections::BTreeMap;

use jid::Jid;
use roost_xmpp_proto::DiscardReason;

/// Counts since the start. They stop at `u32::MAX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Streams that were opened, resumptions included.
    pub streams: u32,
    /// Streams that were resumed (XEP-0198).
    pub resumptions: u32,
    /// Values that were taken over.
    pub values: u32,
    /// What was thrown away, by reason.
    pub dropped: BTreeMap<DropReason, Dropped>,
}

/// Things thrown away for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// How many.
    pub count: u32,
    /// Who sent the last one, as far as known.
    pub last_from: Option<Jid>,
}

/// Why something was thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// The session did not believe it.
    Session(DiscardReason),
    /// From an account that is no device of ours.
    Stranger,
    /// An item of a device that somebody else published.
    ForeignPublisher,
    /// A state of an actuator that the server did not stamp with its publisher, where it must.
    Unstamped,
    /// An item that cannot be what its node holds: a value among forms, a form among values.
    Misplaced,
    /// More contacts or items than we keep.
    TooMany,
    /// Somebody who is no device of ours asked for our presence.
    UnaskedSubscription,
}

impl DropReason {
    /// A stable name for views and logs.
    pub fn name(self) -> &'static str {
        match self {
            DropReason::Session(DiscardReason::ForeignService) => "foreignService",
            DropReason::Session(DiscardReason::UnaskedAnswer) => "unaskedAnswer",
            DropReason::Session(DiscardReason::ForgedCopy) => "forgedCopy",
            DropReason::Session(DiscardReason::Malformed) => "malformed",
            DropReason::Session(DiscardReason::UnknownNode) => "unknownNode",
            DropReason::Session(DiscardReason::TooLarge) => "tooLarge",
            DropReason::Stranger => "stranger",
            DropReason::ForeignPublisher => "foreignPublisher",
            DropReason::Unstamped => "unstamped",
            DropReason::Misplaced => "misplaced",
            DropReason::TooMany => "tooMany",
            DropReason::UnaskedSubscription => "unaskedSubscription",
        }
    }
}

impl Counters {
    pub(crate) fn drop(&mut self, reason: DropReason, from: Option<Jid>) {
        let dropped = self.dropped.entry(reason).or_default();
        dropped.count = dropped.count.saturating_add(1);
        dropped.last_from = from;
    }
}
