//! What can be asked, and the positive answers.

use std::collections::BTreeSet;

use jid::{BareJid, Jid};
use roost_model::{ItemId, Node, Show};

use crate::registration::{Invite, NewAccount};

use super::{AccessModel, Affiliation, Features, ItemReport, NodeConfig, Payload, PublishModel};

/// Names a request within one session; chosen by the asker, returned with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What can be asked of a session. Every request with an answer gets exactly one
/// [`SessionEvent::Answer`](super::SessionEvent::Answer), at the latest after its deadline.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Puts a contact on the roster, or changes its name and groups (RFC 6121, section 2.3).
    SetContact {
        /// Whom.
        jid: BareJid,
        /// How it is called.
        name: Option<String>,
        /// Rooms, in Roost.
        groups: BTreeSet<String>,
    },
    /// Takes a contact off the roster, with both subscriptions (RFC 6121, section 2.5).
    RemoveContact {
        /// Whom.
        jid: BareJid,
    },
    /// Sends a presence stanza that manages a subscription (RFC 6121, section 3). No answer.
    Subscription {
        /// To whom.
        to: BareJid,
        /// Which.
        step: SubscriptionStep,
    },
    /// Sends a chat message. No answer.
    SendText {
        /// To whom.
        to: Jid,
        /// The text; empty ones are not sent, since they crash thesis firmware.
        body: String,
    },
    /// Asks what an entity can do (XEP-0030). Answer: [`Answer::Features`].
    Discover {
        /// Whom. Never the full JID of a device without capabilities: thesis firmware resets.
        jid: Jid,
    },
    /// Subscribes our bare JID to a node (XEP-0060, section 6.1). Answer: [`Answer::Done`].
    Subscribe {
        /// The account or service that hosts it.
        service: BareJid,
        /// The node.
        node: Node,
    },
    /// Ends the subscription of our bare JID (XEP-0060, section 6.2). Answer: [`Answer::Done`].
    Unsubscribe {
        /// The account or service that hosts it.
        service: BareJid,
        /// The node.
        node: Node,
    },
    /// Reads all items of a node (XEP-0060, section 6.5). Answer: [`Answer::Items`].
    Fetch {
        /// The account or service that hosts it.
        service: BareJid,
        /// The node.
        node: Node,
    },
    /// Publishes one item without publish-options (XEP-0060, section 7.1). Answer: [`Answer::Done`].
    Publish {
        /// The account or service that hosts it.
        service: BareJid,
        /// The node.
        node: Node,
        /// The item's id.
        item: ItemId,
        /// What to publish.
        payload: Payload,
    },
    /// Retracts one item, with notification (XEP-0060, section 7.2). Answer: [`Answer::Done`].
    Retract {
        /// The account or service that hosts it.
        service: BareJid,
        /// The node.
        node: Node,
        /// The item's id.
        item: ItemId,
    },
    /// Creates a node of our own account (XEP-0060, section 8.1). Answer: [`Answer::Done`]. If
    /// there is one already, the failure is `Protocol` and its detail begins with `conflict`:
    /// configure the node then.
    CreateNode {
        /// The node.
        node: Node,
        /// How it is configured.
        config: NodeConfig,
    },
    /// Configures a node of our own account (XEP-0060, section 8.2). Answer: [`Answer::Done`].
    ConfigureNode {
        /// The node.
        node: Node,
        /// How it is configured.
        config: NodeConfig,
    },
    /// Reads the configuration of a node of our own account back. Answer: [`Answer::Config`].
    ReadNodeConfig {
        /// The node.
        node: Node,
    },
    /// Deletes a node of our own account (XEP-0060, section 8.4). Answer: [`Answer::Done`].
    DeleteNode {
        /// The node.
        node: Node,
    },
    /// Says who may do what on a node of ours (XEP-0060, section 8.9.2). Answer: [`Answer::Done`].
    SetAffiliations {
        /// The node.
        node: Node,
        /// Whose affiliation changes to what.
        affiliations: Vec<(BareJid, Affiliation)>,
    },
    /// Reads who may do what on a node of ours. Answer: [`Answer::Affiliations`].
    ReadAffiliations {
        /// The node.
        node: Node,
    },
    /// Reads who is subscribed to a node of ours (XEP-0060, section 8.8). Answer:
    /// [`Answer::Subscribers`].
    ReadSubscribers {
        /// The node.
        node: Node,
    },
    /// Ends somebody's subscription to a node of ours. Answer: [`Answer::Done`].
    EndSubscription {
        /// The node.
        node: Node,
        /// The subscribed JID; subscriptions of full JIDs are ended one by one.
        jid: Jid,
    },
    /// Asks our server for an invite (XEP-0401). Answer: [`Answer::Invite`]. What a failure means:
    /// [`RegistrationError::of_invite`](crate::registration::RegistrationError::of_invite).
    Invite,
    /// Asks our server for an account for somebody else, as a user whom it lets do so (ejabberd's
    /// `access_from`; XEP-0077, section 3.1). Answer: [`Answer::Done`]. An account of another
    /// server is refused here, and so is our own: servers would change its password. What a
    /// failure means:
    /// [`RegistrationError::of_register`](crate::registration::RegistrationError::of_register).
    Register(NewAccount),
    /// Changes our own availability (RFC 6121, section 4.2). No answer.
    SetPresence {
        /// What others see.
        show: Show,
        /// A line of text.
        status: Option<String>,
    },
    /// Tells the server whether a person is looking (XEP-0352). No answer.
    SetActive(bool),
}

impl Request {
    /// Whether a [`SessionEvent::Answer`](super::SessionEvent::Answer) will come.
    pub fn has_answer(&self) -> bool {
        !matches!(
            self,
            Request::Subscription { .. }
                | Request::SendText { .. }
                | Request::SetPresence { .. }
                | Request::SetActive(_)
        )
    }
}

/// Steps of the presence subscription handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubscriptionStep {
    /// "May I see your presence?"
    Ask,
    /// "You may see mine."
    Approve,
    /// "You may not, or no longer."
    Deny,
    /// "I do not want to see yours any more."
    Leave,
}

/// A positive answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done; nothing more to say.
    Done,
    /// All items of the node.
    Items(Vec<ItemReport>),
    /// What the entity can do.
    Features(Features),
    /// How the node is configured, as far as the server tells.
    Config {
        /// Who may read, if told and known.
        access: Option<AccessModel>,
        /// Who may publish, if told and known.
        publish: Option<PublishModel>,
        /// How many items are kept, if told.
        max_items: Option<u32>,
        /// Whether they persist, if told.
        persist: Option<bool>,
    },
    /// Who may do what.
    Affiliations(Vec<(BareJid, Affiliation)>),
    /// Who is subscribed.
    Subscribers(Vec<Jid>),
    /// An invite.
    Invite(Invite),
}
