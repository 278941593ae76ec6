//! The conversation, word for word.

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
