//! The conversation on a stream on which nobody signed in.

use std::collections::VecDeque;
use std::time::Duration;

use jid::Jid;
use minidom::Element;
use roost_forms::{Edits, FieldError};
use roost_model::{Instant, Secret};
use xmpp_parsers::iq::{Iq, IqHeader, IqPayload};
use xmpp_parsers::stanza_error::StanzaError;

use super::error::Stage;
use super::ibr::{self, Sheet};
use super::preauth::preauth;
use super::{NewAccount, RegistrationError, RegistrationQuestion};

/// How long the server may take for an answer.
pub const STEP_DEADLINE: Duration = Duration::from_secs(30);
/// How long a person may take for an answer.
pub const ANSWER_DEADLINE: Duration = Duration::from_secs(600);
/// How many pictures a person may read wrongly.
const TRIES: u32 = 3;

/// What a registration tells.
#[derive(Clone, Debug, PartialEq)]
pub enum RegistrationEvent {
    /// The server asks something that a person answers: [`Registration::answer`].
    Question(Box<RegistrationQuestion>),
    /// It is over. If it went well, the account exists, and the stream is of no more use.
    Over(Result<(), RegistrationError>),
}

/// One conversation that makes one account. See the [module](self)'s picture.
///
/// What carries the stanzas sends what [`Self::poll_transmit`] gives, and hands in what comes and
/// the time when [`Self::poll_timeout`] says so. `Debug` prints neither password nor invite.
#[derive(Debug)]
pub struct Registration {
    account: NewAccount,
    invite: Option<Secret>,
    takes_invites: bool,
    step: Step,
    deadline: Option<Instant>,
    wrong_answers: u32,
    id_seed: u64,
    ids_given: u64,
    outbox: VecDeque<Iq>,
    events: VecDeque<RegistrationEvent>,
}

#[derive(Debug)]
enum Step {
    /// The invite was shown.
    Preauth {
        id: String,
    },
    /// The form was asked for.
    Get {
        id: String,
    },
    /// A person is thinking.
    Ask(Box<Sheet>),
    /// The account was asked for.
    Set {
        id: String,
        captcha: bool,
    },
    Over,
}

impl Registration {
    /// Begins a registration. `invite` is shown first; `takes_invites` tells whether the server
    /// has the stream feature [`PREAUTH_FEATURE`](super::PREAUTH_FEATURE); `id_seed` comes from a
    /// source of randomness.
    pub fn new(
        account: NewAccount,
        invite: Option<Secret>,
        takes_invites: bool,
        id_seed: u64,
        now: Instant,
    ) -> Self {
        let mut registration = Self {
            account,
            invite,
            takes_invites,
            step: Step::Over,
            deadline: None,
            wrong_answers: 0,
            id_seed,
            ids_given: 0,
            outbox: VecDeque::new(),
            events: VecDeque::new(),
        };
        match registration.invite.as_ref().map(preauth) {
            Some(preauth) => {
                let id = registration.ask(true, preauth, now);
                registration.step = Step::Preauth { id };
            }
            None => registration.get(now),
        }
        registration
    }

    /// A stanza came. Only answers to what was asked last, from the server, count.
    pub fn handle_iq(&mut self, iq: Iq, now: Instant) {
        let (IqHeader { from, id, .. }, payload) = iq.split();
        if !self.is_awaited(&id) || !self.is_server(from.as_ref()) {
            return;
        }
        match payload {
            IqPayload::Result(payload) => self.agreed(payload, now),
            IqPayload::Error(error) => self.refused(&error, now),
            IqPayload::Get(_) | IqPayload::Set(_) => {}
        }
    }

    /// The stream is gone.
    pub fn handle_closed(&mut self) {
        let perhaps_made = matches!(self.step, Step::Set { .. });
        // That is how ejabberd refuses to register at all.
        let error = match self.step {
            Step::Get { .. } => RegistrationError::Disabled,
            _ => RegistrationError::ServerDied { perhaps_made },
        };
        self.end(Err(error));
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            let perhaps_made = matches!(self.step, Step::Set { .. });
            self.end(Err(match self.step {
                Step::Ask(_) => RegistrationError::NotAnswered,
                _ => RegistrationError::TimedOut { perhaps_made },
            }));
        }
    }

    /// Whether a person is to answer.
    pub fn is_asking(&self) -> bool {
        matches!(self.step, Step::Ask(_))
    }

    /// A person answered the last question. An answer that the form does not allow is not sent:
    /// the question comes again, with what was wrong. Without a question, nothing happens.
    pub fn answer(&mut self, edits: &Edits, now: Instant) {
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Ask(sheet) => self.fill(sheet, edits, now),
            other => self.step = other,
        }
    }

    /// Nobody will answer, or the person changed their mind.
    pub fn give_up(&mut self) {
        self.end(Err(RegistrationError::NotAnswered));
    }

    /// The next stanza to send. It may hold the password: never print it.
    pub fn poll_transmit(&mut self) -> Option<Iq> {
        self.outbox.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<RegistrationEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called; `None` when it is over.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    fn agreed(&mut self, payload: Option<Element>, now: Instant) {
        match &self.step {
            Step::Preauth { .. } => self.get(now),
            Step::Get { .. } => {
                let query = payload.ok_or(RegistrationError::unexpected("no query"));
                match query.and_then(|query| Sheet::read(&query)) {
                    Ok(sheet) if sheet.asks_more() => self.put(Box::new(sheet), Vec::new(), now),
                    Ok(sheet) => self.fill(Box::new(sheet), &Edits::new(), now),
                    Err(error) => self.end(Err(error)),
                }
            }
            Step::Set { .. } => self.end(Ok(())),
            Step::Ask(_) | Step::Over => {}
        }
    }

    fn refused(&mut self, error: &StanzaError, now: Instant) {
        let stage = match self.step {
            Step::Preauth { .. } => Stage::Preauth,
            Step::Set { captcha, .. } => Stage::Set {
                captcha,
                uninvited: self.takes_invites && self.invite.is_none(),
            },
            _ => Stage::Get,
        };
        match RegistrationError::of_stanza(error, stage) {
            RegistrationError::CaptchaWrong if self.wrong_answers + 1 < TRIES => {
                self.wrong_answers += 1;
                self.get(now);
            }
            error => self.end(Err(error)),
        }
    }

    fn get(&mut self, now: Instant) {
        let id = self.ask(false, ibr::get(), now);
        self.step = Step::Get { id };
    }

    /// Asks a person.
    fn put(&mut self, sheet: Box<Sheet>, errors: Vec<FieldError>, now: Instant) {
        let question = RegistrationQuestion::of(&sheet, self.wrong_answers, errors);
        // An answer that was not sent does not begin the time anew.
        if question.errors.is_empty() {
            self.deadline = Some(now + ANSWER_DEADLINE);
        }
        self.step = Step::Ask(sheet);
        self.tell(RegistrationEvent::Question(Box::new(question)));
    }

    fn fill(&mut self, sheet: Box<Sheet>, edits: &Edits, now: Instant) {
        match sheet.fill(&self.account, edits) {
            Ok(query) => {
                let captcha = sheet.is_captcha();
                let id = self.ask(true, query, now);
                self.step = Step::Set { id, captcha };
            }
            // It does not allow our name or password, which no person was asked for.
            Err(errors) if errors.iter().any(|error| error.var == "username") => {
                self.end(Err(RegistrationError::BadName));
            }
            Err(_) if !sheet.asks_more() => self.end(Err(RegistrationError::FormUnknown)),
            Err(errors) => self.put(sheet, errors, now),
        }
    }

    fn end(&mut self, result: Result<(), RegistrationError>) {
        if !matches!(self.step, Step::Over) || self.deadline.is_some() {
            self.step = Step::Over;
            self.deadline = None;
            self.outbox.clear();
            self.tell(RegistrationEvent::Over(result));
        }
    }

    fn tell(&mut self, event: RegistrationEvent) {
        self.events.push_back(event);
    }

    fn ask(&mut self, is_set: bool, payload: Element, now: Instant) -> String {
        self.ids_given += 1;
        let id = format!("{:016x}-{}", self.id_seed, self.ids_given);
        let to = Some(self.server());
        let (from, id_of) = (None, id.clone());
        self.outbox.push_back(if is_set {
            Iq::Set {
                from,
                to,
                id: id_of,
                payload,
            }
        } else {
            Iq::Get {
                from,
                to,
                id: id_of,
                payload,
            }
        });
        self.deadline = Some(now + STEP_DEADLINE);
        id
    }

    fn is_awaited(&self, given: &str) -> bool {
        match &self.step {
            Step::Preauth { id } | Step::Get { id } | Step::Set { id, .. } => id == given,
            Step::Ask(_) | Step::Over => false,
        }
    }

    fn server(&self) -> Jid {
        Jid::from(self.account.jid.domain().to_owned())
    }

    /// Servers answer as themselves, as nobody, or as the account that does not exist yet.
    fn is_server(&self, from: Option<&Jid>) -> bool {
        from.is_none_or(|from| *from == self.server() || *from == self.account.jid)
    }
}

#[cfg(test)]
mod tests;
