//! What comes in, and whether it is from whom it must be.

use jid::Jid;
use minidom::Element;
use roost_model::Now;
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::presence::Presence;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::Session;
use crate::pubsub::Items;
use crate::pubsub::event::{self, Event};
use crate::roster::Entry;
use crate::{
    DiscardReason, SessionEvent, caps, chat, delay, disco, errors, forwarded, limits, ping,
    presence, roster,
};

impl Session {
    pub(super) fn handle_message(&mut self, mut message: Message) {
        // An error is the echo of what we sent, under the name of its addressee; room messages
        // come from rooms, and we never enter one.
        if matches!(message.type_, MessageType::Error | MessageType::Groupchat) {
            return;
        }
        if forwarded::is_copy(&message.payloads) {
            if !self.is_own_account(message.from.as_ref()) {
                self.discard(message.from, DiscardReason::ForgedCopy);
            }
            return;
        }
        let from = message
            .from
            .take()
            .unwrap_or_else(|| self.config.account.clone().into());
        if let Some(event) = event::find(&message.payloads) {
            self.notification(from, event);
            return;
        }
        let delayed = delay::sent_at(&message.payloads);
        if let Some((body, is_cut)) = chat::take_body(&mut message) {
            if is_cut {
                self.discard(Some(from.clone()), DiscardReason::TooLarge);
            }
            self.tell(SessionEvent::Text {
                from,
                body,
                delayed,
            });
        }
    }

    fn notification(&mut self, from: Jid, event: &Element) {
        let service = match from.try_into_full() {
            Err(bare) if bare.node().is_some() || self.components.contains(&bare) => bare,
            Err(bare) => return self.discard(Some(bare.into()), DiscardReason::ForeignService),
            Ok(full) => return self.discard(Some(full.into()), DiscardReason::ForeignService),
        };
        match event::read(event) {
            Some(Event::Items(node, items)) => {
                if let Some(reason) = items.oddity() {
                    self.discard(Some(service.clone().into()), reason);
                }
                let Items {
                    published,
                    retracted,
                    ..
                } = items;
                if !published.is_empty() {
                    let service = service.clone();
                    self.tell(SessionEvent::Published {
                        service,
                        node,
                        items: published,
                    });
                }
                if !retracted.is_empty() {
                    self.tell(SessionEvent::Retracted {
                        service,
                        node,
                        items: retracted,
                    });
                }
            }
            Some(Event::Purged(node)) => {
                self.tell(SessionEvent::NodeGone {
                    service,
                    node,
                    deleted: false,
                });
            }
            Some(Event::Deleted(node)) => {
                self.tell(SessionEvent::NodeGone {
                    service,
                    node,
                    deleted: true,
                });
            }
            Some(Event::UnknownNode) => {
                self.discard(Some(service.into()), DiscardReason::UnknownNode);
            }
            Some(Event::Other) => {}
            None => self.discard(Some(service.into()), DiscardReason::Malformed),
        }
    }

    pub(super) fn handle_presence(&mut self, stanza: Presence, now: Now) {
        let said = presence::read(&stanza);
        let status = presence::status(&stanza);
        let from = stanza
            .from
            .unwrap_or_else(|| self.config.account.clone().into());
        let show = match said {
            presence::Said::Nothing => return,
            presence::Said::Step(step) => {
                let from = from.into_bare();
                return self.tell(SessionEvent::SubscriptionStep { from, step });
            }
            presence::Said::Here(show) => Some(show),
            presence::Said::Gone => None,
        };
        let announced = show.and_then(|_| caps::read(&stanza.payloads));
        let resource = from.try_as_full().ok().cloned();
        let is_known = self.is_contact(&from);
        self.tell(SessionEvent::Presence { from, show, status });
        match (resource, announced) {
            // To ask a stranger would tell him that we are here.
            (Some(resource), Some(caps)) if is_known => {
                let heard = self.caps.announced(resource, caps);
                self.heard_caps(heard, now);
            }
            (Some(resource), _) => self.caps.left(&resource),
            (None, _) => {}
        }
    }

    pub(super) fn handle_iq(&mut self, iq: Iq, now: Now) {
        let (IqHeader { from, id, .. }, payload) = iq.split();
        match payload {
            IqPayload::Get(payload) => self.asked(from, id, &payload, false),
            IqPayload::Set(payload) if roster::is_query(&payload) => self.push(from, id, &payload),
            IqPayload::Set(payload) => self.asked(from, id, &payload, true),
            IqPayload::Result(payload) => self.answer(from, &id, Ok(payload), now),
            IqPayload::Error(error) => self.answer(from, &id, Err(errors::failure(&error)), now),
        }
    }

    fn push(&mut self, from: Option<Jid>, id: String, query: &Element) {
        if !self.is_own_account(from.as_ref()) {
            return self.discard(from, DiscardReason::ForgedCopy);
        }
        let Some(entry) = roster::read_push(query) else {
            self.send_iq(errors::refusal(
                from.clone(),
                id,
                DefinedCondition::BadRequest,
            ));
            return self.discard(from, DiscardReason::Malformed);
        };
        self.send_iq(Iq::Result {
            from: None,
            to: from,
            id,
            payload: None,
        });
        match entry {
            Entry::Kept(contact) => {
                if let Some(contacts) = &mut self.contacts
                    && contacts.len() < limits::CONTACTS
                {
                    contacts.insert(contact.jid.clone());
                }
                self.tell(SessionEvent::ContactChanged(contact));
            }
            Entry::Removed(jid) => {
                if let Some(contacts) = &mut self.contacts {
                    contacts.remove(&jid);
                }
                self.tell(SessionEvent::ContactRemoved(jid));
            }
        }
    }

    fn asked(&mut self, from: Option<Jid>, id: String, payload: &Element, is_set: bool) {
        let answer = if !is_set && ping::is_ping(payload) {
            Ok(None)
        } else if !is_set && disco::is_question(payload) {
            match payload.attr("node") {
                None => Ok(Some(disco::write(&self.own, None))),
                Some(node) if self.announces(node) => Ok(Some(disco::write(&self.own, Some(node)))),
                Some(_) => Err(DefinedCondition::ItemNotFound),
            }
        } else {
            Err(DefinedCondition::ServiceUnavailable)
        };
        let is_query = payload.name() == "query";
        let asker = from
            .clone()
            .unwrap_or_else(|| self.config.account.clone().into());
        self.send_iq(match answer {
            Ok(payload) => Iq::Result {
                from: None,
                to: from,
                id,
                payload,
            },
            Err(condition) => errors::refusal(from, id, condition),
        });
        if is_query {
            self.tell(SessionEvent::Queried { from: asker });
        }
    }

    fn announces(&self, node: &str) -> bool {
        self.announcement
            .as_ref()
            .is_some_and(|own| own.name == node)
    }

    /// Only our own server speaks for our own account: absent or our bare JID (RFC 6121,
    /// section 2.1.6; XEP-0280, section 13).
    fn is_own_account(&self, from: Option<&Jid>) -> bool {
        from.is_none_or(|from| *from == self.config.account)
    }

    fn is_contact(&self, from: &Jid) -> bool {
        let bare = from.to_bare();
        bare == self.config.account
            || self
                .contacts
                .as_ref()
                .is_some_and(|contacts| contacts.contains(&bare))
    }
}
