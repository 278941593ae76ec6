//! Accounts for those who ask: the app's side of the conversation against this server.

use std::time::Duration;

use jid::BareJid;
use roost_memory_server::{Admission, Flavour, Server, ServerConfig};
use roost_model::{Now, Secret};
use roost_xmpp_proto::Stanza;
use roost_xmpp_proto::registration::{
    Invite, NewAccount, Registration, RegistrationError, RegistrationEvent,
};
use xmpp_parsers::iq::Iq;

use Flavour::{Ejabberd, Prosody};

fn server(flavour: Flavour, admission: Admission) -> Server {
    let mut server = Server::new(ServerConfig {
        admission,
        registration_interval: Duration::from_secs(600),
        registrars: [juliet()].into(),
        ..ServerConfig::new("home.lit".parse().unwrap(), flavour)
    });
    server.add_account(juliet()).unwrap();
    server
}

fn juliet() -> BareJid {
    "juliet@home.lit".parse().unwrap()
}

fn lamp(name: &str) -> NewAccount {
    NewAccount {
        jid: format!("{name}@home.lit").parse().unwrap(),
        password: Secret::new("wherefore"),
    }
}

/// Registers at this time; `reads` is what a person reads on a picture.
fn register(
    server: &mut Server,
    account: &NewAccount,
    invite: Option<&Secret>,
    reads: &str,
    now: Now,
) -> Result<(), RegistrationError> {
    let mut visitor = server.visitor();
    let takes_invites = true;
    let (account, invite) = (account.clone(), invite.cloned());
    let mut talk = Registration::new(account, invite, takes_invites, 7, now.instant);
    loop {
        while let Some(iq) = talk.poll_transmit() {
            let answer = server.visit(&mut visitor, iq, now).unwrap();
            talk.handle_iq(answer, now.instant);
        }
        match talk.poll_event() {
            Some(RegistrationEvent::Over(result)) => return result,
            Some(RegistrationEvent::Question(question)) => {
                assert!(question.is_captcha && question.pictures[0].data == b"hello");
                let edits = [("ocr".to_owned(), vec![reads.to_owned()])].into();
                talk.answer(&edits, now.instant);
            }
            None => panic!("it hangs"),
        }
    }
}

fn picture() -> Admission {
    Admission::Picture {
        says: "1234".to_owned(),
        png: "aGVsbG8=".to_owned(),
    }
}

#[test]
fn whom_it_gives_an_account() {
    use RegistrationError as R;
    let cases = [
        (Prosody, Admission::Open, Ok(())),
        (Ejabberd, Admission::Open, Ok(())),
        (Prosody, Admission::Closed, Err(R::Disabled)),
        (Prosody, Admission::Invited, Err(R::InviteOnly)),
        (Ejabberd, picture(), Ok(())),
    ];
    for (flavour, admission, expected) in cases {
        let mut server = server(flavour, admission);
        let lamp = lamp("lamp");
        let now = Now::default();
        assert_eq!(register(&mut server, &lamp, None, "1234", now), expected);
        assert_eq!(server.knows(&lamp.jid, &lamp.password), expected.is_ok());
        assert!(!server.knows(&lamp.jid, &Secret::new("another")));
    }
    let mut server = server(Ejabberd, picture());
    let wrong = register(&mut server, &lamp("lamp"), None, "4321", Now::default());
    assert_eq!(wrong, Err(R::CaptchaWrong));
}

#[test]
fn one_after_the_other() {
    for flavour in [Prosody, Ejabberd] {
        let mut server = server(flavour, Admission::Open);
        let now = Now::default();
        assert_eq!(register(&mut server, &lamp("a"), None, "", now), Ok(()));
        let too_fast = Err(RegistrationError::TooFast { wait: None });
        assert_eq!(register(&mut server, &lamp("b"), None, "", now), too_fast);
        let later = now + Duration::from_secs(600);
        let taken = Err(RegistrationError::NameTaken);
        assert_eq!(register(&mut server, &lamp("a"), None, "", later), taken);
        assert_eq!(register(&mut server, &lamp("b"), None, "", later), Ok(()));
    }
}

/// What the server answers to a user's question.
fn asks(server: &mut Server, xml: &str) -> Iq {
    let now = Now::default();
    let (client, _) = server.connect(juliet(), None, now).unwrap();
    let element: minidom::Element = xml.parse().unwrap();
    let question = Stanza::Iq(Box::new(element.try_into().unwrap()));
    server.handle(client, question, now);
    match server.poll_output() {
        Some((_, Stanza::Iq(answer))) => *answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invite_is_good_for_one_account() {
    let mut server = server(Prosody, Admission::Invited);
    let answer = asks(
        &mut server,
        "<iq xmlns='jabber:client' type='set' id='1' to='home.lit'>\
         <command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:invite#invite'/></iq>",
    );
    let Iq::Result {
        payload: Some(command),
        ..
    } = answer
    else {
        panic!("{answer:?}");
    };
    let text = String::from(&command);
    let uri = text.split("<value>").nth(1).unwrap();
    let invite = Invite::read(uri.split("</value>").next().unwrap()).unwrap();
    assert!(invite.gives_account);
    let now = Now::default();
    let wrong = Secret::new("no number");
    let refused = Err(RegistrationError::InviteRefused);
    assert_eq!(
        register(&mut server, &lamp("a"), Some(&wrong), "", now),
        refused
    );
    let token = Some(&invite.token);
    assert_eq!(register(&mut server, &lamp("a"), token, "", now), Ok(()));
    assert_eq!(register(&mut server, &lamp("b"), token, "", now), refused);
}

#[test]
fn users_register_others_where_they_may() {
    let question = "<iq xmlns='jabber:client' type='set' id='1' to='home.lit'>\
        <query xmlns='jabber:iq:register'><username>lamp</username><password>wherefore</password>\
        </query></iq>";
    for (flavour, is_made) in [(Prosody, false), (Ejabberd, true)] {
        let mut server = server(flavour, Admission::Closed);
        let answer = asks(&mut server, question);
        assert_eq!(matches!(answer, Iq::Result { .. }), is_made, "{flavour:?}");
        let lamp = lamp("lamp");
        assert_eq!(server.knows(&lamp.jid, &lamp.password), is_made);
        let again = asks(&mut server, question);
        assert!(matches!(again, Iq::Error { .. }));
    }
}
