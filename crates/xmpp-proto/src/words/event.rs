//! What a session tells.

use std::collections::BTreeSet;

use jid::{BareJid, FullJid, Jid};
use roost_model::{Failure, ItemId, Node, Show, Timestamp};

use super::{Answer, ItemReport, RequestId, SubscriptionStep};

/// The feature of disco#info by which a device says that it speaks the Roost profile.
pub const ROOST_FEATURE: &str = "urn:xmpp:roost:iot:1";

/// What an entity can do: disco#info (XEP-0030, section 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `category/type` of each identity, with its name.
    pub identities: Vec<(String, Option<String>)>,
    /// The features, bounded in number and length.
    pub features: BTreeSet<String>,
}

impl Features {
    /// Whether the entity speaks the Roost profile.
    pub fn is_roost(&self) -> bool {
        self.features.contains(ROOST_FEATURE)
    }
}

/// A contact on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Whom.
    pub jid: BareJid,
    /// How we call it.
    pub name: Option<String>,
    /// Its groups; the first is the room.
    pub groups: BTreeSet<String>,
    /// Whether we see its presence.
    pub we_see_them: bool,
    /// Whether it sees ours.
    pub they_see_us: bool,
    /// Whether we asked and wait for approval.
    pub asked: bool,
}

/// What a session tells.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEvent {
    /// A stream is up. `resumed` tells that nothing was lost; otherwise all state of the old
    /// stream is gone: requests under way were answered with `ConnectionLost`, and items must be
    /// fetched again.
    Online {
        /// Our full JID.
        bound: FullJid,
        /// Whether an earlier stream goes on (XEP-0198).
        resumed: bool,
    },
    /// The stream is interrupted. Requests under way are kept: it may be resumed.
    Suspended,
    /// The whole roster, at every `Online` that was not a resumption.
    Roster(Vec<Contact>),
    /// One contact changed.
    ContactChanged(Contact),
    /// One contact is gone.
    ContactRemoved(BareJid),
    /// A resource came, changed or left.
    Presence {
        /// Whose.
        from: Jid,
        /// `None` means unavailable.
        show: Option<Show>,
        /// Its line of text, bounded. Hostile text.
        status: Option<String>,
    },
    /// Somebody took a step of the subscription handshake.
    SubscriptionStep {
        /// Who.
        from: BareJid,
        /// Which.
        step: SubscriptionStep,
    },
    /// What a resource can do, learnt from its presence (XEP-0115). Sent after [`Self::Presence`]
    /// as soon as it is known; never for resources without capabilities.
    Features {
        /// Whose.
        from: FullJid,
        /// What.
        features: Features,
    },
    /// Items were published at `service`.
    Published {
        /// Who hosts the node: the bare JID that the event came from.
        service: BareJid,
        /// The node.
        node: Node,
        /// What was published, in order.
        items: Vec<ItemReport>,
    },
    /// Items were retracted.
    Retracted {
        /// Who hosts the node.
        service: BareJid,
        /// The node.
        node: Node,
        /// Which.
        items: Vec<ItemId>,
    },
    /// A node was purged or deleted: all its items are gone.
    NodeGone {
        /// Who hosted the node.
        service: BareJid,
        /// The node.
        node: Node,
        /// Whether the node itself is gone, and our subscription with it.
        deleted: bool,
    },
    /// A chat message.
    Text {
        /// Who.
        from: Jid,
        /// The text, bounded. Hostile.
        body: String,
        /// When it was sent, where the server stored it (XEP-0203).
        delayed: Option<Timestamp>,
    },
    /// Somebody sent an IQ with a `<query/>`; the session answered it. Of interest to those who
    /// imitate thesis firmware, which resets itself then.
    Queried {
        /// Who.
        from: Jid,
    },
    /// How far a [`Request::Publish`](super::Request::Publish) got before its answer.
    Stage {
        /// Which.
        request: RequestId,
        /// How far.
        stage: SendStage,
    },
    /// The one answer of a request.
    Answer {
        /// Which.
        request: RequestId,
        /// What came of it.
        result: Result<Answer, Failure>,
    },
    /// Something was thrown away because it was not from whom it must be, or made no sense.
    Discarded(Discarded),
}

/// How far a stanza got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SendStage {
    /// Written to the stream.
    Sent,
    /// Acknowledged by the server (XEP-0198).
    Acked,
}

/// Something thrown away, for the diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// Whose it claimed to be.
    pub from: Option<Jid>,
    /// Why.
    pub reason: DiscardReason,
}

/// Why something was thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiscardReason {
    /// An event from an address that cannot host a device: a full JID, or a domain at which we did
    /// not subscribe.
    ForeignService,
    /// An IQ answer from somebody we did not ask, or that we did not ask for.
    UnaskedAnswer,
    /// A roster push or a forwarded copy that is not from our own account.
    ForgedCopy,
    /// Not what it must be by its specification.
    Malformed,
    /// A node that we do not know.
    UnknownNode,
    /// Longer or more than we keep.
    TooLarge,
}
