//! The currency between a session and whatever carries it.

use minidom::Element;
use xmpp_parsers::{iq::Iq, message::Message, presence::Presence};

use crate::SendStage;

/// One stanza, as the XMPP library reads and writes it.
#[derive(Clone, Debug)]
pub enum Stanza {
    /// `<iq/>`.
    Iq(Box<Iq>),
    /// `<message/>`.
    Message(Box<Message>),
    /// `<presence/>`.
    Presence(Box<Presence>),
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
