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
mod tests {
    use jid::BareJid;

    use super::*;

    const PASSWORD: &str = "wherefore art thou";
    const PICTURE: &str = "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='form'>\
        <field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>\
        <field type='text-single' var='username'><required/></field>\
        <field type='text-private' var='password'><required/></field>\
        <field type='hidden' var='challenge'><value>c1</value></field>\
        <field type='text-single' var='ocr' label='What is seen?'><required/>\
        <media xmlns='urn:xmpp:media-element'><uri type='image/png'>cid:p@bob.xmpp.org</uri></media>\
        </field></x><data xmlns='urn:xmpp:bob' cid='p@bob.xmpp.org' type='image/png'>aGVsbG8=</data>\
        <data xmlns='urn:xmpp:bob' cid='q@bob.xmpp.org' type='image/png'>aGVsbG8=</data></query>";
    const PLAIN: &str = "<query xmlns='jabber:iq:register'><username/><password/></query>";

    struct Talk {
        registration: Registration,
        now: Instant,
    }

    impl Talk {
        fn new(invite: Option<&str>, takes_invites: bool) -> Self {
            let account = NewAccount {
                jid: BareJid::new("lamp@home.lit").unwrap(),
                password: Secret::new(PASSWORD),
            };
            let now = Instant(1_000);
            let invite = invite.map(Secret::new);
            Self {
                registration: Registration::new(account, invite, takes_invites, 7, now),
                now,
            }
        }

        /// What is sent; its id.
        fn sends(&mut self, part: &str) -> String {
            let iq = self.registration.poll_transmit().expect("a question");
            let id = iq.id().to_owned();
            let xml = String::from(&Element::from(iq));
            assert!(xml.contains(part) && xml.contains("to='home.lit'"), "{xml}");
            assert!(self.registration.poll_transmit().is_none());
            id
        }

        fn hears(&mut self, xml: &str) {
            let element: Element = xml.parse().unwrap();
            self.registration
                .handle_iq(element.try_into().unwrap(), self.now);
        }

        fn gets(&mut self, id: &str, payload: &str) {
            self.hears(&format!(
                "<iq xmlns='jabber:client' type='result' id='{id}' from='home.lit'>{payload}</iq>"
            ));
        }

        fn is_refused(&mut self, id: &str, kind: &str, condition: &str) {
            self.hears(&format!(
                "<iq xmlns='jabber:client' type='error' id='{id}'>\
                 <query xmlns='jabber:iq:register'><password>{PASSWORD}</password></query>\
                 <error type='{kind}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
                 <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>{PASSWORD}</text></error></iq>"
            ));
        }

        fn question(&mut self) -> RegistrationQuestion {
            match self.registration.poll_event() {
                Some(RegistrationEvent::Question(question)) => *question,
                other => panic!("no question but {other:?}"),
            }
        }

        fn ends(&mut self, expected: Result<(), RegistrationError>) {
            let printed = format!("{:?}", self.registration);
            assert!(
                !printed.contains(PASSWORD) && !printed.contains("TOKEN"),
                "{printed}"
            );
            let event = self.registration.poll_event();
            assert_eq!(event, Some(RegistrationEvent::Over(expected)));
            assert_eq!(self.registration.poll_timeout(), None);
            self.registration.handle_closed();
            self.registration.give_up();
            assert_eq!(self.registration.poll_event(), None, "it ends once");
        }

        fn answers(&mut self, ocr: &str) {
            let edits = Edits::from([("ocr".to_owned(), vec![ocr.to_owned()])]);
            self.registration.answer(&edits, self.now);
        }
    }

    #[test]
    fn an_open_server() {
        let mut talk = Talk::new(None, false);
        let id = talk.sends("<query xmlns='jabber:iq:register'/>");
        talk.gets(&id, PLAIN);
        let id = talk.sends("<username>lamp</username><password>wherefore art thou</password>");
        talk.gets(&id, "");
        talk.ends(Ok(()));
    }

    #[test]
    fn an_invite_goes_first() {
        let mut talk = Talk::new(Some("TOKEN"), true);
        let id = talk.sends("<preauth xmlns='urn:xmpp:pars:0' token='TOKEN'/>");
        talk.gets(&id, "");
        let id = talk.sends("jabber:iq:register");
        talk.gets(&id, PLAIN);
        let id = talk.sends("<username>");
        talk.gets(&id, "");
        talk.ends(Ok(()));

        let mut talk = Talk::new(Some("TOKEN"), true);
        let id = talk.sends("preauth");
        talk.is_refused(&id, "cancel", "forbidden");
        talk.ends(Err(RegistrationError::InviteRefused));
    }

    #[test]
    fn without_an_invite_where_one_is_needed() {
        for (takes_invites, error) in [
            (true, RegistrationError::InviteOnly),
            (false, RegistrationError::BadName),
        ] {
            let mut talk = Talk::new(None, takes_invites);
            let id = talk.sends("query");
            talk.gets(&id, PLAIN);
            let id = talk.sends("<username>");
            talk.is_refused(&id, "modify", "not-acceptable");
            talk.ends(Err(error));
        }
    }

    #[test]
    fn a_picture_is_read_wrongly_and_then_well() {
        let mut talk = Talk::new(None, false);
        for wrong_before in 0..3 {
            let id = talk.sends("<query xmlns='jabber:iq:register'/>");
            talk.gets(&id, PICTURE);
            let question = talk.question();
            assert!(question.is_captcha);
            assert_eq!(question.wrong_before, wrong_before);
            assert_eq!(question.pictures.len(), 1, "only what is referred to");
            assert_eq!(question.pictures[0].data, b"hello");
            let asked: Vec<_> = question
                .form
                .named()
                .map(|(var, _)| var.to_owned())
                .collect();
            assert_eq!(asked, ["ocr"]);
            talk.answers("");
            assert_eq!(talk.question().errors.len(), 1, "not even sent");
            talk.answers("1234");
            let id = talk.sends("<field var='ocr'");
            if wrong_before == 1 {
                talk.gets(&id, "");
                return talk.ends(Ok(()));
            }
            talk.is_refused(&id, "cancel", "not-allowed");
        }
        unreachable!("the second answer was right");
    }

    #[test]
    fn pictures_are_read_three_times() {
        let mut talk = Talk::new(None, false);
        for _ in 0..3 {
            let id = talk.sends("query");
            talk.gets(&id, PICTURE);
            talk.question();
            talk.answers("no");
            let id = talk.sends("ocr");
            talk.is_refused(&id, "cancel", "not-allowed");
        }
        talk.ends(Err(RegistrationError::CaptchaWrong));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut talk = Talk::new(None, false);
        let id = talk.sends("query");
        assert_eq!(
            talk.registration.poll_timeout(),
            Some(talk.now + STEP_DEADLINE)
        );
        talk.now = talk.now + Duration::from_secs(29);
        talk.registration.handle_timeout(talk.now);
        talk.gets(&id, PICTURE);
        talk.question();
        talk.now = talk.now + ANSWER_DEADLINE;
        talk.registration.handle_timeout(talk.now);
        talk.ends(Err(RegistrationError::NotAnswered));
        talk.answers("too late");
        assert!(talk.registration.poll_transmit().is_none());
    }

    #[test]
    fn an_end_in_the_middle() {
        type End = fn(&mut Registration);
        let close: End = Registration::handle_closed;
        let wait: End = |registration| registration.handle_timeout(Instant(u64::MAX));
        use RegistrationError as R;
        let cases = [
            (close, R::Disabled, R::ServerDied { perhaps_made: true }),
            (
                wait,
                R::TimedOut {
                    perhaps_made: false,
                },
                R::TimedOut { perhaps_made: true },
            ),
        ];
        for (end, early, late) in cases {
            let mut talk = Talk::new(None, false);
            end(&mut talk.registration);
            assert!(!early.may_have_made_it());
            talk.ends(Err(early));

            let mut talk = Talk::new(None, false);
            let id = talk.sends("query");
            talk.gets(&id, PLAIN);
            end(&mut talk.registration);
            assert!(late.may_have_made_it());
            talk.ends(Err(late));
        }
    }

    #[test]
    fn only_the_server_is_believed() {
        let mut talk = Talk::new(None, false);
        let id = talk.sends("query");
        let from = |from: &str, id: &str| {
            format!("<iq xmlns='jabber:client' type='result' id='{id}' from='{from}'>{PLAIN}</iq>")
        };
        talk.hears(&from("tybalt@home.lit", &id));
        talk.hears(&from("other.lit", &id));
        talk.hears(&from("home.lit", "another"));
        assert!(talk.registration.poll_transmit().is_none());
        talk.hears(&from("lamp@home.lit", &id));
        talk.sends("<username>");
    }

    #[test]
    fn nonsense_ends_it() {
        let cases = [
            ("", RegistrationError::unexpected("no query")),
            (
                "<query xmlns='jabber:iq:roster'/>",
                RegistrationError::unexpected("no query"),
            ),
            (
                "<query xmlns='jabber:iq:register'/>",
                RegistrationError::FormUnknown,
            ),
        ];
        for (payload, error) in cases {
            let mut talk = Talk::new(None, false);
            let id = talk.sends("query");
            talk.gets(&id, payload);
            talk.ends(Err(error));
        }
    }
}
