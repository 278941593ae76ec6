//! Where messages go (RFC 6121, section 8.5), and those that wait (XEP-0160, XEP-0203).

use jid::{FullJid, Jid};
use minidom::Element;
use roost_model::{Now, Timestamp};
use roost_xmpp_proto::Stanza;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::stanza_error::StanzaError;

use crate::Connection;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::xml::{With, attr, element, fits, ns};

impl Server {
    pub(crate) fn handle_message(&mut self, from: FullJid, mut message: Message, now: Now) {
        message.from = Some(Jid::from(from.clone()));
        let to = message
            .to
            .get_or_insert_with(|| Jid::from(from.to_bare()))
            .clone();
        let refusal = if !message_fits(&message) {
            Some(Refusal::TOO_LARGE)
        } else if !self.serves(&to) {
            Some(Refusal::NO_SERVER)
        } else {
            self.deliver(&to, message.clone(), now.wall).err()
        };
        if let Some(refusal) = refusal {
            self.bounce(from, message, refusal);
        }
    }

    /// Hands a message to one client or to all that take messages of an account; a chat message
    /// waits if nobody is there.
    ///
    /// # Errors
    /// If it reaches nobody and its sender should know.
    pub(crate) fn deliver(
        &mut self,
        to: &Jid,
        message: Message,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let waits = matches!(message.type_, MessageType::Chat | MessageType::Normal)
            && !message.bodies.is_empty();
        let silent = matches!(message.type_, MessageType::Headline | MessageType::Error);
        let account = match self.accounts.get_mut(&to.to_bare()) {
            Some(account) => account,
            None if silent => return Ok(()),
            None => return Err(Refusal::UNAVAILABLE),
        };
        if let Some(resource) = to.resource().and_then(|name| account.resources.get(name)) {
            let connection = resource.connection;
            self.post(connection, Stanza::Message(Box::new(message)));
            return Ok(());
        }
        if to.is_full() && (silent || !waits) {
            return if silent {
                Ok(())
            } else {
                Err(Refusal::UNAVAILABLE)
            };
        }
        if message.type_ == MessageType::Groupchat {
            return Err(Refusal::UNAVAILABLE);
        }
        let takers: Vec<Connection> = account
            .resources
            .values()
            .filter(|resource| resource.takes_messages())
            .map(|resource| resource.connection)
            .collect();
        match takers.split_last() {
            Some((last, others)) => {
                for connection in others {
                    self.post(*connection, Stanza::Message(Box::new(message.clone())));
                }
                self.post(*last, Stanza::Message(Box::new(message)));
                Ok(())
            }
            None if waits && !account.keep(message, at) => Err(Refusal::UNAVAILABLE),
            None => Ok(()),
        }
    }

    /// Gives a client that has just come what waited for its account.
    pub(crate) fn deliver_kept(&mut self, jid: &FullJid) {
        let Some(connection) = self
            .resource(jid)
            .filter(|resource| resource.takes_messages())
            .map(|resource| resource.connection)
        else {
            return;
        };
        let kept = self
            .accounts
            .get_mut(&jid.to_bare())
            .map(|account| account.take_kept());
        for (mut message, at) in kept.into_iter().flatten() {
            message.payloads.extend(self.delay(at));
            self.post(connection, Stanza::Message(Box::new(message)));
        }
    }

    /// `<delay/>`, unless the time is beyond the calendar of XEP-0082.
    fn delay(&self, at: Timestamp) -> Option<Element> {
        let stamp = jiff::Timestamp::from_millisecond(at.0).ok()?;
        Some(
            element("delay", ns::DELAY)
                .with(attr::FROM, self.config.domain.as_str())
                .with(attr::STAMP, format!("{stamp:.3}"))
                .build(),
        )
    }

    /// Returns a message that reached nobody; errors are never answered with errors.
    fn bounce(&mut self, from: FullJid, message: Message, refusal: Refusal) {
        if message.type_ == MessageType::Error {
            return;
        }
        let Some(connection) = self.resource(&from).map(|resource| resource.connection) else {
            return;
        };
        let mut error = Message::error(Jid::from(from));
        error.from = message.to;
        error.id = message.id;
        error.payloads = vec![StanzaError::from(refusal).into()];
        self.post(connection, Stanza::Message(Box::new(error)));
    }
}

fn message_fits(message: &Message) -> bool {
    let text: usize = message
        .bodies
        .values()
        .chain(message.subjects.values())
        .map(String::len)
        .sum();
    text <= crate::limits::CONTENT_BYTES && fits(&message.payloads)
}
