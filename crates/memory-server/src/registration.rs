//! Accounts for those who ask, as the server that is imitated gives them: in band (XEP-0077), with
//! an invite (XEP-0401, XEP-0445), or for who reads a picture (XEP-0158).
//!
//! A [`Visitor`] is a stream on which nobody signed in. It asks, and has its answer at once; there
//! is nothing else that it can do. Passwords are kept for whoever signs clients in to ask for
//! ([`Server::knows`]); this server itself asks nobody for one.

use std::time::Duration;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_model::{Instant, Now, Secret};
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};

use crate::flavour::Flavour;
use crate::limits;
use crate::refusal::Refusal;
use crate::server::{ConnectError, Server};
use crate::xml::{With, attr, child, element, fits, ns};

/// Who gets an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// Nobody.
    #[default]
    Closed,
    /// Whoever asks.
    Open,
    /// Who brings an invite, which every account can make.
    Invited,
    /// Who reads a picture.
    Picture {
        /// What is to be read.
        says: String,
        /// The picture: a PNG in base64.
        png: String,
    },
}

/// A stream on which nobody signed in. Made by [`Server::visitor`].
#[derive(Debug, Default)]
pub struct Visitor {
    invite: Option<u64>,
}

/// What the server remembers about giving accounts away.
#[derive(Debug, Default)]
pub(crate) struct Register {
    /// Invites that nobody used yet, the oldest first.
    invites: Vec<u64>,
    given: u64,
    last: Option<Instant>,
}

impl Server {
    /// Lets somebody in who has no account yet.
    pub fn visitor(&self) -> Visitor {
        Visitor::default()
    }

    /// Answers a visitor. What is no question about an account is refused.
    pub fn visit(&mut self, visitor: &mut Visitor, iq: Iq, now: Now) -> Option<Iq> {
        let (header, payload) = iq.split();
        let (is_set, question) = match payload {
            IqPayload::Get(question) => (false, question),
            IqPayload::Set(question) => (true, question),
            IqPayload::Result(_) | IqPayload::Error(_) => return None,
        };
        let found = if fits([&question]) {
            self.ask_as_visitor(visitor, is_set, &question, now)
        } else {
            Err(Refusal::TOO_LARGE)
        };
        let reply = match found {
            Ok(payload) => IqPayload::Result(payload),
            Err(refusal) => IqPayload::Error(refusal.into()),
        };
        Some(reply.assemble(IqHeader {
            from: Some(self.own_jid()),
            to: None,
            id: header.id,
        }))
    }

    /// Whether there is such an account, with this password. Accounts that were not registered
    /// have none.
    pub fn knows(&self, jid: &BareJid, password: &Secret) -> bool {
        let account = self.accounts.get(jid);
        account.is_some_and(|account| account.password.as_ref() == Some(password))
    }

    fn ask_as_visitor(
        &mut self,
        visitor: &mut Visitor,
        is_set: bool,
        question: &Element,
        now: Now,
    ) -> Result<Option<Element>, Refusal> {
        let takes_invites = self.config.admission == Admission::Invited;
        match (is_set, question.name(), question.ns().as_str()) {
            (true, "preauth", ns::PREAUTH) if takes_invites => {
                let token = question.attr("token").and_then(|token| token.parse().ok());
                visitor.invite = token.filter(|token| self.register.invites.contains(token));
                visitor.invite.map(|_| None).ok_or(Refusal::NO_INVITE)
            }
            (false, "query", ns::REGISTER) => self.registration_form().map(Some),
            (true, "query", ns::REGISTER) => {
                if takes_invites && visitor.invite.is_none() {
                    return Err(Refusal::NOT_ACCEPTABLE);
                }
                let (name, password) = self.read_registration(question)?;
                let jid = self.jid_of(&name)?;
                self.may_register_again(now)?;
                self.register_account(jid, password)?;
                self.register.last = Some(now.instant);
                if let Some(used) = visitor.invite.take() {
                    self.register.invites.retain(|invite| *invite != used);
                }
                Ok(None)
            }
            _ => Err(Refusal::UNAVAILABLE),
        }
    }

    /// A user asks for an invite (XEP-0401).
    pub(crate) fn invite(
        &mut self,
        asker: &FullJid,
        command: &Element,
    ) -> Result<Option<Element>, Refusal> {
        let knows = self.config.flavour.has_invites();
        if !knows || command.attr("node") != Some(INVITE) {
            return Err(Refusal::NOT_FOUND);
        }
        let gives_account = self.config.admission == Admission::Invited;
        self.register.given += 1;
        let token = self.register.given;
        if gives_account {
            if self.register.invites.len() >= limits::INVITES {
                self.register.invites.remove(0);
            }
            self.register.invites.push(token);
        }
        let right = if gives_account { ";ibr=y" } else { "" };
        let uri = format!("xmpp:{}?roster;preauth={token}{right}", asker.to_bare());
        let form = element("x", ns::DATA_FORM)
            .with(attr::TYPE, "result")
            .append(field("uri", &uri));
        let answer = element("command", ns::COMMANDS)
            .with(attr::NODE, INVITE)
            .with(attr::STATUS, "completed")
            .append(form);
        Ok(Some(answer.build()))
    }

    /// A user registers somebody else: ejabberd's `access_from`.
    pub(crate) fn register_for_user(
        &mut self,
        asker: &FullJid,
        query: &Element,
    ) -> Result<Option<Element>, Refusal> {
        if !self.config.flavour.lets_users_register() {
            return Err(Refusal::BAD_REQUEST);
        }
        if !self.config.registrars.contains(&asker.to_bare()) {
            return Err(Refusal::FORBIDDEN);
        }
        let text = |name| child(query, name).map(Element::text);
        let (name, password) = text("username")
            .zip(text("password"))
            .ok_or(Refusal::BAD_REQUEST)?;
        let jid = self.jid_of(&name)?;
        self.register_account(jid, Secret::new(password))?;
        Ok(None)
    }

    fn register_account(&mut self, jid: BareJid, password: Secret) -> Result<(), Refusal> {
        if self.accounts.contains_key(&jid) {
            return Err(Refusal::CONFLICT);
        }
        self.add_account(jid.clone())
            .map_err(|error: ConnectError| match error {
                ConnectError::TooMany => Refusal::TOO_MANY,
                ConnectError::NoAccount
                | ConnectError::ForeignDomain
                | ConnectError::BadResource => Refusal::BAD_REQUEST,
            })?;
        if let Some(account) = self.accounts.get_mut(&jid) {
            account.password = Some(password);
        }
        Ok(())
    }

    fn may_register_again(&self, now: Now) -> Result<(), Refusal> {
        let wait: Duration = self.config.registration_interval;
        match self.register.last {
            Some(last) if now.instant < last + wait => Err(self.config.flavour.too_fast()),
            _ => Ok(()),
        }
    }

    fn registration_form(&self) -> Result<Element, Refusal> {
        let query = element("query", ns::REGISTER);
        let names = ["username", "password"];
        match &self.config.admission {
            Admission::Closed => Err(Refusal::UNAVAILABLE),
            Admission::Open | Admission::Invited => Ok(query
                .append_all(names.map(|name| Element::bare(name, ns::REGISTER)))
                .build()),
            Admission::Picture { png, .. } => {
                let required = || Element::bare("required", ns::DATA_FORM);
                let media = element("media", ns::MEDIA).append(
                    element("uri", ns::MEDIA)
                        .with(attr::TYPE, "image/png")
                        .append(format!("cid:{PICTURE}")),
                );
                let ask = |name| {
                    element("field", ns::DATA_FORM)
                        .with(attr::VAR, name)
                        .append(required())
                };
                let form = element("x", ns::DATA_FORM)
                    .with(attr::TYPE, "form")
                    .append_all(names.map(|name| ask(name).build()))
                    .append(field("challenge", "1"))
                    .append(ask("ocr").append(media));
                let data = element("data", ns::BITS)
                    .with(attr::CID, PICTURE)
                    .with(attr::TYPE, "image/png")
                    .append(png.as_str());
                Ok(query.append(form).append(data).build())
            }
        }
    }

    /// Name and password of a request, if it may be made in this way.
    fn read_registration(&self, query: &Element) -> Result<(String, Secret), Refusal> {
        let form = query.get_child("x", ns::DATA_FORM);
        let value = |name: &str| match form {
            Some(form) => crate::xml::children(form, "field")
                .find(|field| field.attr("var") == Some(name))
                .and_then(|field| child(field, "value"))
                .map(Element::text),
            None => child(query, name).map(Element::text),
        };
        match &self.config.admission {
            Admission::Closed => return Err(Refusal::UNAVAILABLE),
            Admission::Picture { .. } if form.is_none() => return Err(Refusal::NOT_ALLOWED),
            Admission::Picture { says, .. } if value("ocr").as_ref() != Some(says) => {
                return Err(Refusal::NOT_ALLOWED);
            }
            _ => {}
        }
        let filled = |name| value(name).filter(|text: &String| !text.is_empty());
        let pair = filled("username").zip(filled("password"));
        let (name, password) = pair.ok_or(Refusal::NOT_ACCEPTABLE)?;
        Ok((name, Secret::new(password)))
    }

    fn jid_of(&self, name: &str) -> Result<BareJid, Refusal> {
        BareJid::new(&format!("{name}@{}", self.config.domain))
            .ok()
            .filter(|jid| Jid::from(jid.clone()).node().is_some())
            .ok_or(self.config.flavour.bad_name())
    }
}

impl Flavour {
    fn has_invites(self) -> bool {
        self == Self::Prosody
    }

    fn lets_users_register(self) -> bool {
        self == Self::Ejabberd
    }

    fn bad_name(self) -> Refusal {
        match self {
            Self::Prosody => Refusal::NOT_ACCEPTABLE,
            Self::Ejabberd => Refusal::BAD_JID,
        }
    }

    fn too_fast(self) -> Refusal {
        match self {
            Self::Prosody => Refusal::POLICY,
            Self::Ejabberd => Refusal::TOO_MANY,
        }
    }
}

/// The command by which a user invites somebody.
const INVITE: &str = "urn:xmpp:invite#invite";
/// The content id of the picture.
const PICTURE: &str = "picture@bob.xmpp.org";

fn field(name: &str, value: &str) -> Element {
    element("field", ns::DATA_FORM)
        .with(attr::VAR, name)
        .with(attr::TYPE, "hidden")
        .append(element("value", ns::DATA_FORM).append(value))
        .build()
}
