//! What a device has to say about itself, for its log.

use std::fmt;

use roost_model::jid::{BareJid, Jid};
use roost_model::{Failure, ItemId, Node, Value};
use roost_xmpp_proto::AccessModel;

use crate::Refusal;

/// Something worth a line in the log. No secrets; foreign text is bounded and printed quoted.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The first words were sent; the device waits for the mirror.
    Greeted(BareJid),
    /// The first words came back.
    Mirrored(BareJid),
    /// All nodes are ready and all values published.
    Ready,
    /// The nodes could not be prepared; it will be tried again.
    SetupFailed(Failure),
    /// The server made a node readable for others than those named.
    Exposed {
        /// Which.
        node: Node,
        /// Who may read, by the server's word.
        access: AccessModel,
    },
    /// The server keeps fewer items than asked for, or not for long.
    Forgetful(Node),
    /// A node stays unused, since others than those named could publish there, or since the
    /// server does not let us look.
    Unsafe(Node),
    /// A step of the setup failed; the device goes on without.
    StepFailed {
        /// What was tried.
        what: &'static str,
        /// On which node.
        node: Node,
        /// What came of it.
        failure: Failure,
    },
    /// Somebody's rights on a node ended.
    Revoked {
        /// Whose.
        jid: BareJid,
        /// Where.
        node: Node,
    },
    /// An old item was taken away.
    SweptAway(ItemId),
    /// A wish was fulfilled.
    Acted {
        /// Whose.
        by: BareJid,
        /// The point.
        point: String,
        /// What it says now.
        value: Value,
    },
    /// A wish was refused.
    Refused {
        /// Whose, if known.
        by: Option<Jid>,
        /// About what.
        item: Option<ItemId>,
        /// Why.
        why: Refusal,
    },
    /// A report did not reach the server; it will be tried again.
    ReportFailed {
        /// The point.
        point: String,
        /// Why.
        failure: Failure,
    },
    /// A presence subscription was approved.
    Approved(BareJid),
    /// A stranger asked for something and got no answer.
    Ignored(Jid),
    /// The nodes were wiped and made anew, as the thesis' firmware does when it is queried.
    Wiped,
}

impl Notice {
    /// Whether strangers can cause it as often as they like.
    pub fn is_chatter(&self) -> bool {
        matches!(self, Notice::Ignored(_))
    }

    /// Whether somebody should do something about it.
    pub fn is_problem(&self) -> bool {
        matches!(
            self,
            Notice::SetupFailed(_)
                | Notice::Exposed { .. }
                | Notice::Unsafe(_)
                | Notice::Forgetful(_)
                | Notice::StepFailed { .. }
                | Notice::ReportFailed { .. }
        )
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Greeted(jid) => write!(f, "greeted {jid}, waiting for the mirror"),
            Notice::Mirrored(jid) => write!(f, "{jid} mirrored the first words"),
            Notice::Ready => f.write_str("nodes are ready, all values are published"),
            Notice::SetupFailed(failure) => {
                write!(
                    f,
                    "cannot prepare the nodes: {}; trying again",
                    Why(failure)
                )
            }
            Notice::Exposed { node, access } => write!(
                f,
                "the server lets more people read {} than named ({access:?})",
                node.name()
            ),
            Notice::Forgetful(node) => {
                write!(f, "the server keeps too few items of {}", node.name())
            }
            Notice::Unsafe(node) => write!(
                f,
                "{} is not used: the server would let others publish there, or does not say",
                node.name()
            ),
            Notice::StepFailed {
                what,
                node,
                failure,
            } => write!(f, "{what} of {} failed: {}", node.name(), Why(failure)),
            Notice::Revoked { jid, node } => {
                write!(f, "{jid} has no rights on {} any more", node.name())
            }
            Notice::SweptAway(item) => write!(f, "took away the old item {:?}", item.as_str()),
            Notice::Acted { by, point, value } => write!(f, "{by} set {point} to {value:?}"),
            Notice::Refused { by, item, why } => {
                f.write_str("refused a wish")?;
                if let Some(item) = item {
                    write!(f, " about {:?}", item.as_str())?;
                }
                if let Some(by) = by {
                    write!(f, " of {by}")?;
                }
                write!(f, ": {why}")
            }
            Notice::ReportFailed { point, failure } => {
                write!(f, "{point} was not published: {}", Why(failure))
            }
            Notice::Approved(jid) => write!(f, "{jid} may see our presence"),
            Notice::Ignored(jid) => write!(f, "ignored the stranger {jid}"),
            Notice::Wiped => f.write_str("wiped the nodes and made them anew"),
        }
    }
}

struct Why<'a>(&'a Failure);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.code)?;
        match &self.0.detail {
            Some(detail) => write!(f, " ({detail:?})"),
            None => Ok(()),
        }
    }
}
