//! Which real server the one in memory resembles.

use roost_xmpp_proto::AccessModel;

/// The server to resemble. Each method is one difference that was observed between Prosody 0.12
/// and ejabberd 23.01 and that a client has to live with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Prosody 0.12.
    #[default]
    Prosody,
    /// ejabberd 23.01.
    Ejabberd,
}

impl Flavour {
    /// The publisher of an item is stamped as a full JID, instead of a bare one.
    pub(crate) fn stamps_full_publisher(self) -> bool {
        self == Self::Ejabberd
    }

    /// Fetched items name their publisher; otherwise only announced ones do.
    pub(crate) fn names_publisher_when_fetched(self) -> bool {
        self == Self::Ejabberd
    }

    /// Fetched payloads have lost their attribute `stamp`, which file storage uses for itself.
    pub(crate) fn forgets_stamps_of_payloads(self) -> bool {
        self == Self::Prosody
    }

    /// Only who created an item may overwrite or, but for the owner, retract it.
    pub(crate) fn has_one_writer_per_item(self) -> bool {
        self == Self::Ejabberd
    }

    /// The owner of a node may see the subscriptions to it.
    pub(crate) fn lists_subscriptions(self) -> bool {
        self == Self::Prosody
    }

    /// How many items a node keeps is counted for each of its publishers alone.
    pub(crate) fn counts_items_by_publisher(self) -> bool {
        self == Self::Ejabberd
    }

    /// Whether there is a node is told only to those who might read it.
    pub(crate) fn hides_missing_nodes(self) -> bool {
        self == Self::Prosody
    }

    /// Only who may read may end a subscription of their own.
    pub(crate) fn keeps_subscriptions_of_those_shut_out(self) -> bool {
        self == Self::Prosody
    }

    /// A configuration replaces the whole one before, and ends the subscriptions of those whom a
    /// new access model shuts out.
    pub(crate) fn configures_from_scratch(self) -> bool {
        self == Self::Prosody
    }

    /// Shutting out somebody who is subscribed is done and yet refused.
    pub(crate) fn refuses_to_shut_out_subscribers(self) -> bool {
        self == Self::Prosody
    }

    /// Who is subscribed may fetch, even after losing the affiliation that allowed to subscribe.
    pub(crate) fn lets_subscribers_fetch(self) -> bool {
        self == Self::Ejabberd
    }

    /// The owner hears of every item published on own nodes, once more if subscribed.
    pub(crate) fn echoes_to_owner(self) -> bool {
        self == Self::Ejabberd
    }

    /// The deletion of a node is announced unless it is configured otherwise.
    pub(crate) fn announces_deletion_by_default(self) -> bool {
        self == Self::Prosody
    }

    /// A node's configuration may name this access model.
    pub(crate) fn knows_access_model(self, model: AccessModel) -> bool {
        self == Self::Ejabberd || model != AccessModel::Roster
    }

    /// Unknown fields of a node's configuration are ignored without a word, instead of refused.
    pub(crate) fn ignores_unknown_fields(self) -> bool {
        self == Self::Prosody
    }

    /// Conditions of publishing may be about any field, instead of access and persistence only.
    pub(crate) fn checks_any_publish_option(self) -> bool {
        self == Self::Prosody
    }

    /// The most items that a node may be configured to keep.
    pub(crate) fn max_items(self) -> u32 {
        match self {
            Self::Prosody => 256,
            Self::Ejabberd => 1_000,
        }
    }

    /// There is a PubSub service at `pubsub.<domain>`, without any nodes.
    pub(crate) fn has_pubsub_service(self) -> bool {
        self == Self::Ejabberd
    }

    /// The list of an account's nodes begins with an item that names no node.
    pub(crate) fn lists_account_among_nodes(self) -> bool {
        self == Self::Ejabberd
    }

    /// The most nodes that service discovery lists.
    pub(crate) fn max_listed_nodes(self) -> usize {
        match self {
            Self::Prosody => usize::MAX,
            Self::Ejabberd => 100,
        }
    }

    /// Who asks to see somebody's presence is told at once that they are unavailable.
    pub(crate) fn acknowledges_asking(self) -> bool {
        self == Self::Prosody
    }

    /// A contact whom the owner sees is pushed when it asks, though nothing changed.
    pub(crate) fn pushes_contacts_that_ask(self) -> bool {
        self == Self::Ejabberd
    }

    /// Asking to see somebody whom one sees already goes nowhere.
    pub(crate) fn drops_needless_asking(self) -> bool {
        self == Self::Ejabberd
    }

    /// Who stops asking before there was an answer does so unheard.
    pub(crate) fn drops_withdrawn_asking(self) -> bool {
        self == Self::Ejabberd
    }

    /// Who may not see the owner any more loses subscriptions to nodes for those who do.
    pub(crate) fn unsubscribes_those_who_see_no_more(self) -> bool {
        self == Self::Ejabberd
    }

    /// Approving somebody who did not ask counts for when they will.
    pub(crate) fn keeps_early_approvals(self) -> bool {
        self == Self::Prosody
    }

    /// Every approval, even one that changes nothing, is followed by presence both ways.
    pub(crate) fn greets_on_every_approval(self) -> bool {
        self == Self::Prosody
    }

    /// Who leaves a contact is told that the contact is unavailable, instead of the contact that
    /// is taken off a roster.
    pub(crate) fn hides_from_those_who_leave(self) -> bool {
        self == Self::Ejabberd
    }

    /// Taking somebody off the roster who is not on it succeeds.
    pub(crate) fn removes_whom_it_does_not_know(self) -> bool {
        self == Self::Ejabberd
    }

    /// Answers to requests without an address come from the account's bare JID, instead of from
    /// nobody.
    pub(crate) fn signs_own_answers(self) -> bool {
        self == Self::Ejabberd
    }
}
