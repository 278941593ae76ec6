//! Where questions go, and what the server answers itself (RFC 6120, section 8.2.3; RFC 6121,
//! section 8.5).

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_xmpp_proto::Stanza;
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};

use crate::pubsub;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::xml::{fits, ns};

impl Server {
    pub(crate) fn handle_iq(&mut self, from: &FullJid, iq: Iq) {
        let (header, payload) = iq.split();
        let own = from.to_bare();
        let Some(to) = header.to.clone().filter(|to| *to != own) else {
            return self.answer(from, header, payload, |server, is_set, question| {
                server.ask_account(&own, from, is_set, question)
            });
        };
        match to.try_into_full() {
            Ok(full) => self.forward_iq(from, &full, header, payload),
            Err(bare) => self.answer(from, header, payload, |server, is_set, question| {
                if bare == server.own_jid() {
                    server.ask_server(from, is_set, &question)
                } else if bare.node().is_none() && server.is_pubsub_service(&bare) {
                    server.ask_pubsub_service(is_set, &question)
                } else if !server.serves(&bare) {
                    Err(Refusal::NO_SERVER)
                } else if server.accounts.contains_key(&bare) {
                    server.ask_account(&bare, from, is_set, question)
                } else {
                    Err(Refusal::UNAVAILABLE)
                }
            }),
        }
    }

    /// Carries an IQ between two clients; a question that reaches nobody comes back.
    fn forward_iq(&mut self, from: &FullJid, to: &FullJid, header: IqHeader, payload: IqPayload) {
        let Some(connection) = self.resource(to).map(|resource| resource.connection) else {
            let refusal = if self.serves(to) {
                Refusal::UNAVAILABLE
            } else {
                Refusal::NO_SERVER
            };
            return self.answer(from, header, payload, |_, _, _| Err(refusal));
        };
        let iq = payload.assemble(IqHeader {
            from: Some(Jid::from(from.clone())),
            ..header
        });
        self.post(connection, Stanza::Iq(Box::new(iq)));
    }

    /// Finds the answer to a question and gives it to the asker. Answers that clients send to
    /// the server go nowhere.
    fn answer(
        &mut self,
        asker: &FullJid,
        header: IqHeader,
        payload: IqPayload,
        find: impl FnOnce(&mut Self, bool, Element) -> Result<Option<Element>, Refusal>,
    ) {
        let (is_set, question) = match payload {
            IqPayload::Get(question) => (false, question),
            IqPayload::Set(question) => (true, question),
            IqPayload::Result(_) | IqPayload::Error(_) => return,
        };
        let found = if fits([&question]) {
            find(self, is_set, question)
        } else {
            Err(Refusal::TOO_LARGE)
        };
        let from = header.to.or_else(|| {
            let signs = self.config.flavour.signs_own_answers();
            signs.then(|| Jid::from(asker.to_bare()))
        });
        let reply = match found {
            Ok(payload) => IqPayload::Result(payload),
            Err(refusal) => IqPayload::Error(refusal.into()),
        };
        let iq = reply.assemble(IqHeader {
            from,
            to: Some(Jid::from(asker.clone())),
            id: header.id,
        });
        if let Some(connection) = self.resource(asker).map(|resource| resource.connection) {
            self.post(connection, Stanza::Iq(Box::new(iq)));
        }
    }

    /// A question to an account, one's own or another's: the server answers for it.
    fn ask_account(
        &mut self,
        account: &BareJid,
        asker: &FullJid,
        is_set: bool,
        question: Element,
    ) -> Result<Option<Element>, Refusal> {
        let is_own = asker.to_bare() == *account;
        match (question.name(), question.ns().as_str()) {
            ("query", ns::ROSTER) if !is_own => Err(Refusal::FORBIDDEN),
            ("query", ns::ROSTER) if is_set => self.roster_set(asker, &question),
            ("query", ns::ROSTER) => self.roster_get(asker),
            ("ping", ns::PING) if is_own && !is_set => Ok(None),
            ("query", ns::DISCO_INFO) if !is_set => {
                self.account_info(account, asker, &question).map(Some)
            }
            ("query", ns::DISCO_ITEMS) if !is_set => {
                self.account_items(account, asker, &question).map(Some)
            }
            ("pubsub", ns::PUBSUB | ns::PUBSUB_OWNER) => {
                let request = pubsub::Request::read(is_set, question)?;
                self.pubsub(account, asker, request)
            }
            _ => Err(Refusal::UNAVAILABLE),
        }
    }

    /// A question to the server itself.
    fn ask_server(
        &mut self,
        asker: &FullJid,
        is_set: bool,
        question: &Element,
    ) -> Result<Option<Element>, Refusal> {
        match (is_set, question.name(), question.ns().as_str()) {
            (false, "ping", ns::PING) => Ok(None),
            (true, "command", ns::COMMANDS) => self.invite(asker, question),
            (true, "query", ns::REGISTER) => self.register_for_user(asker, question),
            (false, "query", ns::DISCO_INFO) => Ok(Some(self.server_info(question)?)),
            (false, "query", ns::DISCO_ITEMS) => Ok(Some(self.server_items(question))),
            _ => Err(Refusal::UNAVAILABLE),
        }
    }

    /// A question to the PubSub service that stands beside the accounts and holds nothing.
    fn ask_pubsub_service(
        &self,
        is_set: bool,
        question: &Element,
    ) -> Result<Option<Element>, Refusal> {
        match (is_set, question.name(), question.ns().as_str()) {
            (false, "query", ns::DISCO_INFO) => Ok(Some(Self::pubsub_service_info(question)?)),
            (false, "query", ns::DISCO_ITEMS) => Ok(Some(Element::bare("query", ns::DISCO_ITEMS))),
            (false, "pubsub", ns::PUBSUB) => Err(Refusal::NOT_FOUND),
            (_, "pubsub", ns::PUBSUB | ns::PUBSUB_OWNER) => Err(Refusal::FORBIDDEN),
            _ => Err(Refusal::UNAVAILABLE),
        }
    }

    pub(crate) fn pubsub_service(&self) -> String {
        format!("pubsub.{}", self.config.domain)
    }

    fn is_pubsub_service(&self, jid: &BareJid) -> bool {
        self.config.flavour.has_pubsub_service() && jid.as_str() == self.pubsub_service()
    }
}
