//! One account's conversation with its server, as a plain struct.
//!
//! Life cycle: [`Session::stream_up`] begins a stream: the roster is asked for, and when it came,
//! our presence goes out. So a brain hears of contacts before it hears from them, and whoever is
//! not on the roster learns nothing from us.
//! [`Session::stream_suspended`] stops the session's time: questions in flight keep their
//! deadlines, new ones wait, nothing is sent. Then either the stream is resumed and all goes on,
//! or it is not: [`Session::stream_lost`], a stream that is not a resumption, or ten minutes of
//! silence (no server we know resumes later) answer everything under way with `ConnectionLost`.
//!
//! Limits: nothing is sent unless polled; questions in flight, questions waiting, contacts, items
//! and texts are bounded (`limits.rs`). A question that finds the queue full is answered with
//! `RateLimited`, one that is asked without a stream with `ConnectionLost`. Deadlines count from
//! the moment a question is handed out; a question waits at most sixty deadlines for its turn.

mod clock;
mod config;
mod inbound;
mod pipeline;
mod question;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_model::{Failure, FailureCode, Instant, Now, Show};
use sha2::{Digest, Sha256};
use xmpp_parsers::iq::Iq;

pub use config::{Identity, SessionConfig};

use crate::caps::{CapsBook, Heard};
use crate::disco::Info;
use crate::{
    DiscardReason, Discarded, Request, RequestId, SendReport, SendToken, SessionEvent, Stanza,
    Transmit, caps, chat, disco, errors, limits, presence, roster,
};
use clock::{StreamClock, StreamTime};
use pipeline::{InFlight, Pipeline};
use question::{Question, read_answer};

/// How long an interrupted stream may wait for its resumption.
const SUSPENSION: Duration = Duration::from_secs(600);

/// One account's conversation with its server. See the crate's example.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    /// What we answer to disco#info.
    own: Info,
    /// What our presence announces, if anything.
    announcement: Option<Announcement>,
    stream: Stream,
    clock: StreamClock,
    pipeline: Pipeline,
    caps: CapsBook,
    /// Who is on the roster, once it came.
    contacts: Option<BTreeSet<BareJid>>,
    /// Addresses without a user part at which we subscribed on this stream. Others send us events
    /// as well: ejabberd what was last published at our contacts.
    components: BTreeSet<BareJid>,
    roster_again_at: Option<StreamTime>,
    show: Show,
    status: Option<String>,
    /// Whether our presence may go out on this stream.
    is_present: bool,
    is_active: bool,
    /// What the server is to be told of it.
    client_state: Option<bool>,
    outbox: VecDeque<Transmit>,
    events: VecDeque<SessionEvent>,
    ids_given: u64,
}

#[derive(Clone, Debug)]
enum Stream {
    Down,
    Up { bound: FullJid },
    Suspended { bound: FullJid, since: Instant },
}

impl Stream {
    fn bound(&self) -> Option<&FullJid> {
        match self {
            Stream::Down => None,
            Stream::Up { bound } | Stream::Suspended { bound, .. } => Some(bound),
        }
    }
}

#[derive(Debug)]
struct Announcement {
    /// `node#ver`, by which others ask for it.
    name: String,
    element: Element,
}

impl Session {
    /// A session that has no stream yet.
    pub fn new(config: SessionConfig) -> Self {
        let own = config.info();
        let announcement = (!config.caps_node.is_empty()).then(|| Announcement {
            name: format!("{}#{}", config.caps_node, caps::version(&own)),
            element: caps::write(&config.caps_node, &own),
        });
        Self {
            config,
            announcement,
            stream: Stream::Down,
            clock: StreamClock::default(),
            pipeline: Pipeline::default(),
            caps: CapsBook::knowing(&own),
            own,
            contacts: None,
            components: BTreeSet::new(),
            roster_again_at: None,
            show: Show::Available,
            status: None,
            is_present: false,
            is_active: true,
            client_state: None,
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            ids_given: 0,
        }
    }

    /// A stream is up. Unless it is `resumed`, everything under way on an older one is answered
    /// with `ConnectionLost` first, then roster and presence are sent.
    pub fn stream_up(&mut self, bound: FullJid, resumed: bool, now: Now) {
        let goes_on = resumed && !matches!(self.stream, Stream::Down);
        if !goes_on {
            self.lose_everything(now);
        }
        self.stream = Stream::Up {
            bound: bound.clone(),
        };
        self.clock.start(now.instant);
        self.tell(SessionEvent::Online {
            bound,
            resumed: goes_on,
        });
        if !goes_on {
            self.ask(Question::Roster, now);
        }
        if !self.is_active {
            self.client_state = Some(false);
        }
        self.ask_on(now);
    }

    /// The stream is interrupted and may be resumed: everything under way is kept.
    pub fn stream_suspended(&mut self, now: Now) {
        if let Stream::Up { bound } = &self.stream {
            self.stream = Stream::Suspended {
                bound: bound.clone(),
                since: now.instant,
            };
            self.clock.stop(now.instant);
            self.tell(SessionEvent::Suspended);
        }
    }

    /// The stream is gone for good: everything under way is answered with `ConnectionLost`.
    pub fn stream_lost(&mut self, now: Now) {
        self.lose_everything(now);
    }

    /// A stanza came.
    pub fn handle_stanza(&mut self, stanza: Stanza, now: Now) {
        if matches!(self.stream, Stream::Down) {
            return;
        }
        match stanza {
            Stanza::Iq(iq) => self.handle_iq(*iq, now),
            Stanza::Message(message) => self.handle_message(*message),
            Stanza::Presence(presence) => self.handle_presence(*presence, now),
        }
        self.ask_on(now);
    }

    /// A stanza with a token got further. Only steps forward are told, and none after the answer.
    pub fn handle_report(&mut self, report: SendReport, _now: Now) {
        let Some(asked) = self.pipeline.by_token(report.token) else {
            return;
        };
        if let Question::Asked(request, _) = asked.question
            && asked.stage < Some(report.stage)
        {
            asked.stage = Some(report.stage);
            self.tell(SessionEvent::Stage {
                request,
                stage: report.stage,
            });
        }
    }

    /// Asks something of the server, or of others through it.
    pub fn request(&mut self, id: RequestId, request: Request, now: Now) {
        match request {
            Request::Subscription { to, step } => {
                self.send(Stanza::Presence(Box::new(presence::step(to, step))));
            }
            Request::SendText { to, body } => {
                if let Some(message) = chat::write(to, &body) {
                    self.send(Stanza::Message(Box::new(message)));
                }
            }
            Request::SetPresence { show, status } => {
                (self.show, self.status) = (show, status);
                self.is_present = true;
                if self.contacts.is_some() {
                    self.send_presence();
                }
            }
            Request::SetActive(is_active) => {
                self.is_active = is_active;
                if !matches!(self.stream, Stream::Down) {
                    self.client_state = Some(is_active);
                }
            }
            question => self.ask_for(id, question, now),
        }
    }

    /// Time passed; call it when [`Self::poll_timeout`] says so. Calling it too early or too late
    /// does no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        match self.stream {
            Stream::Down => {}
            Stream::Suspended { since, .. } => {
                if since + SUSPENSION <= now.instant {
                    self.lose_everything(now);
                }
            }
            Stream::Up { .. } => {
                let time = self.clock.read(now.instant);
                while let Some(question) = self.pipeline.expired(time) {
                    self.conclude(question, Err(Failure::new(FailureCode::TimedOut)), now);
                }
                if self.roster_again_at.is_some_and(|at| at <= time) {
                    self.roster_again_at = None;
                    self.ask(Question::Roster, now);
                }
                self.ask_on(now);
            }
        }
    }

    /// The next stanza to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        match self.stream {
            Stream::Up { .. } => self.outbox.pop_front(),
            Stream::Down | Stream::Suspended { .. } => None,
        }
    }

    /// Whether a person is looking, where the server is to be told (XEP-0352): by `<active/>` or
    /// `<inactive/>`, which are no stanzas, and only if it offers the stream feature
    /// `{urn:xmpp:csi:0}csi`.
    pub fn poll_client_state(&mut self) -> Option<bool> {
        match self.stream {
            Stream::Up { .. } => self.client_state.take(),
            Stream::Down | Stream::Suspended { .. } => None,
        }
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.stream {
            Stream::Down => None,
            Stream::Suspended { since, .. } => Some(since + SUSPENSION),
            Stream::Up { .. } => {
                let next = self
                    .pipeline
                    .next_expiry()
                    .into_iter()
                    .chain(self.roster_again_at)
                    .min()?;
                self.clock.when(next)
            }
        }
    }

    fn lose_everything(&mut self, now: Now) {
        self.stream = Stream::Down;
        self.clock.stop(now.instant);
        self.outbox.clear();
        self.client_state = None;
        self.caps.everybody_left();
        self.contacts = None;
        self.components.clear();
        self.is_present = !self.config.holds_presence;
        self.roster_again_at = None;
        for question in self.pipeline.drain() {
            if let Question::Asked(request, _) = question {
                let result = Err(Failure::new(FailureCode::ConnectionLost));
                self.events
                    .push_back(SessionEvent::Answer { request, result });
            }
        }
    }

    /// Asks for the brain, if it can be asked at all.
    fn ask_for(&mut self, request: RequestId, question: Request, now: Now) {
        let refusal = if matches!(self.stream, Stream::Down) {
            Failure::new(FailureCode::ConnectionLost)
        } else if self.pipeline.is_full() {
            Failure::with_detail(FailureCode::RateLimited, "too many requests wait")
        } else {
            self.ask(Question::Asked(request, Box::new(question)), now);
            return self.ask_on(now);
        };
        let result = Err(refusal);
        self.tell(SessionEvent::Answer { request, result });
    }

    /// Lets a question wait for its turn.
    fn ask(&mut self, question: Question, now: Now) {
        let time = self.clock.read(now.instant);
        self.pipeline.push(question, time, self.config.deadline);
    }

    /// Sends the questions whose turn it is.
    fn ask_on(&mut self, now: Now) {
        while matches!(self.stream, Stream::Up { .. })
            && let Some(question) = self.pipeline.next()
        {
            let asked = question.addressee(&self.config.account);
            let (number, id) = self.next_id();
            let iq = match question.write(&self.config.account, &asked, id.clone()) {
                Ok(iq) => iq,
                Err(failure) => {
                    self.conclude(question, Err(failure), now);
                    continue;
                }
            };
            let token = question.is_staged().then_some(SendToken(number));
            let deadline = self.clock.read(now.instant).after(self.config.deadline);
            let stage = None;
            self.outbox.push_back(Transmit {
                stanza: Stanza::Iq(Box::new(iq)),
                token,
            });
            self.pipeline.sent(InFlight {
                question,
                id,
                asked,
                token,
                stage,
                deadline,
            });
        }
    }

    /// An answer came.
    fn answer(
        &mut self,
        from: Option<Jid>,
        id: &str,
        result: Result<Option<Element>, Failure>,
        now: Now,
    ) {
        let (account, bound) = (&self.config.account, self.stream.bound());
        let question = self
            .pipeline
            .answered(id, |asked| asked.is(from.as_ref(), account, bound));
        match question {
            Some(question) => self.conclude(question, result, now),
            None => self.discard(from, DiscardReason::UnaskedAnswer),
        }
    }

    /// Every question ends here, but for those of a lost stream.
    fn conclude(&mut self, question: Question, result: Result<Option<Element>, Failure>, now: Now) {
        match question {
            Question::Roster => {
                let query = result.ok().flatten().filter(roster::is_query);
                self.conclude_roster(query.as_ref(), now);
            }
            Question::Caps(lookup) => {
                let info = result.ok().flatten().as_ref().and_then(disco::read);
                let heard = self.caps.answered(*lookup, info);
                self.heard_caps(heard, now);
            }
            Question::Asked(id, request) => {
                // Errors echo what was asked, here with a password.
                let is_secret = matches!(*request, Request::Register(_));
                let result = if is_secret {
                    result.map_err(errors::without_text)
                } else {
                    result
                };
                let result = result.and_then(|payload| {
                    let (reading, oddity) = read_answer(&request, payload.as_ref());
                    if let Some(reason) = oddity {
                        let from = question::addressee(&request);
                        self.discard(from, reason);
                    }
                    reading
                });
                if result.is_ok() {
                    self.heed_component(&request);
                }
                self.tell(SessionEvent::Answer {
                    request: id,
                    result,
                });
            }
        }
    }

    /// Whether the events of an address without a user part are wanted from now on.
    fn heed_component(&mut self, request: &Request) {
        match request {
            Request::Subscribe { service, .. }
                if service.node().is_none() && self.components.len() < limits::COMPONENTS =>
            {
                self.components.insert(service.clone());
            }
            Request::Unsubscribe { service, .. } => {
                self.components.remove(service);
            }
            _ => {}
        }
    }

    /// The roster came, and our presence may go out. Or it did not: then we ask again later, since
    /// a brain that took silence for an empty roster would forget all devices.
    fn conclude_roster(&mut self, query: Option<&Element>, now: Now) {
        match query {
            Some(query) => {
                let (contacts, oddity) = roster::read_all(query);
                if let Some(reason) = oddity {
                    self.discard(None, reason);
                }
                self.contacts = Some(contacts.iter().map(|contact| contact.jid.clone()).collect());
                self.tell(SessionEvent::Roster(contacts));
                if self.is_present {
                    self.send_presence();
                }
            }
            None => {
                let time = self.clock.read(now.instant);
                self.roster_again_at = Some(time.after(self.config.deadline));
            }
        }
    }

    fn heard_caps(&mut self, heard: Heard, now: Now) {
        for (from, features) in heard.known {
            self.tell(SessionEvent::Features { from, features });
        }
        if let Some(lookup) = heard.ask {
            self.ask(Question::Caps(Box::new(lookup)), now);
        }
    }

    fn send_presence(&mut self) {
        let announced = self.announcement.as_ref().map(|own| own.element.clone());
        let presence = presence::here(self.show, self.status.as_deref(), announced);
        self.send(Stanza::Presence(Box::new(presence)));
    }

    fn send_iq(&mut self, iq: Iq) {
        self.send(Stanza::Iq(Box::new(iq)));
    }

    /// Sends a stanza that nobody answers. Without a stream there is nobody to send it to.
    fn send(&mut self, stanza: Stanza) {
        let has_room = match self.stream {
            Stream::Down => false,
            Stream::Up { .. } => true,
            Stream::Suspended { .. } => self.outbox.len() < limits::OWED,
        };
        if has_room {
            self.outbox.push_back(Transmit {
                stanza,
                token: None,
            });
        }
    }

    fn tell(&mut self, event: SessionEvent) {
        self.events.push_back(event);
    }

    fn discard(&mut self, from: Option<Jid>, reason: DiscardReason) {
        self.tell(SessionEvent::Discarded(Discarded { from, reason }));
    }

    /// A number, and an id made of it that only who knows the seed can foretell.
    fn next_id(&mut self) -> (u64, String) {
        self.ids_given += 1;
        let digest = Sha256::new()
            .chain_update(self.config.id_seed.to_be_bytes())
            .chain_update(self.ids_given.to_be_bytes())
            .finalize();
        let id = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        (self.ids_given, id)
    }
}

#[cfg(test)]
mod tests;
