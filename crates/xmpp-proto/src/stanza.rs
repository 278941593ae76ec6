//! The currency between a session and whatever carries it.

use std::fmt;

use minidom::Element;
use xmpp_parsers::{iq::Iq, message::Message, presence::Presence};

use crate::{SendStage, ns};

/// One stanza, as the XMPP library reads and writes it. `Debug` prints no registration, which
/// holds a password.
#[derive(Clone)]
pub enum Stanza {
    /// `<iq/>`.
    Iq(Box<Iq>),
    /// `<message/>`.
    Message(Box<Message>),
    /// `<presence/>`.
    Presence(Box<Presence>),
}

impl fmt::Debug for Stanza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stanza::Iq(iq) => match &**iq {
                Iq::Set { id, payload, .. } | Iq::Get { id, payload, .. }
                    if payload.ns() == ns::REGISTER =>
                {
                    write!(f, "Iq({id}, a registration)")
                }
                Iq::Error { id, error, .. } => {
                    write!(f, "Iq({id}, {:?})", error.defined_condition)
                }
                iq => f.debug_tuple("Iq").field(iq).finish(),
            },
            Stanza::Message(message) => f.debug_tuple("Message").field(message).finish(),
            Stanza::Presence(presence) => f.debug_tuple("Presence").field(presence).finish(),
        }
    }
}

impl From<Stanza> for Element {
    fn from(stanza: Stanza) -> Element {
        match stanza {
            Stanza::Iq(iq) => (*iq).into(),
            Stanza::Message(message) => (*message).into(),
            Stanza::Presence(presence) => (*presence).into(),
        }
    }
}

/// A stanza to send.
#[derive(Clone, Debug)]
pub struct Transmit {
    /// What to send.
    pub stanza: Stanza,
    /// If present, the carrier reports every [`SendStage`] of this stanza with this token.
    pub token: Option<SendToken>,
}

/// Names a stanza under way between a session and its carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendToken(pub u64);

/// How far the stanza of a token got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendReport {
    /// Which stanza.
    pub token: SendToken,
    /// How far.
    pub stage: SendStage,
}
