//! Rosters, presence, messages and questions: RFC 6120 and RFC 6121.

use crate::stage::Stage;
use roost_memory_server::{ConnectError, Contact, Flavour, Server, ServerConfig, Subscription};
use roost_model::Now;

#[test]
fn a_roster_is_read_changed_and_pushed_to_those_who_read_it() {
    Stage::new(Flavour::Prosody).play(
        "+ juliet
         + juliet/phone
         juliet > <iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>
         juliet < <iq type='result' id='1' to='juliet@home/app'><query xmlns='jabber:iq:roster'/></iq>
         juliet/phone > <iq type='set' id='2'><query xmlns='jabber:iq:roster'>
             <item jid='kettle@home' name='Kettle'><group>Kitchen</group></item></query></iq>
         juliet < <iq type='set' id='*' from='juliet@home' to='juliet@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='kettle@home' name='Kettle' subscription='none'>
             <group>Kitchen</group></item></query></iq>
         juliet/phone < <iq type='result' id='2' to='juliet@home/phone'/>
         juliet > <iq type='set' id='3'><query xmlns='jabber:iq:roster'>
             <item jid='kettle@home' subscription='remove'/></query></iq>
         juliet < <iq type='set' id='*' from='juliet@home' to='juliet@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='kettle@home' subscription='remove'/></query></iq>
         juliet < <iq type='result' id='3' to='juliet@home/app'/>
         juliet > <iq type='set' id='4'><query xmlns='jabber:iq:roster'>
             <item jid='kettle@home' subscription='remove'/></query></iq>
         juliet < <iq type='error' id='4' to='juliet@home/app'><error type='cancel'>
             <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    );
}

#[test]
fn the_handshake_shows_each_to_the_other_and_ends_with_the_contact() {
    let roster = "<query xmlns='jabber:iq:roster'/>";
    Stage::new(Flavour::Prosody).play(&format!(
        "+ juliet
         + kettle
         juliet > <iq type='get' id='r'>{roster}</iq>
         juliet < <iq type='result' id='r' to='juliet@home/app'>{roster}</iq>
         kettle > <iq type='get' id='r'>{roster}</iq>
         kettle < <iq type='result' id='r' to='kettle@home/app'>{roster}</iq>
         juliet > <presence/>
         juliet < <presence from='juliet@home/app' to='juliet@home'/>
         kettle > <presence><show>away</show></presence>
         kettle < <presence from='kettle@home/app' to='kettle@home'><show>away</show></presence>
         juliet > <presence type='subscribe' to='kettle@home'/>
         juliet < <iq type='set' id='*' from='juliet@home' to='juliet@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='kettle@home' subscription='none' ask='subscribe'/></query></iq>
         juliet < <presence type='unavailable' from='kettle@home' to='juliet@home'/>
         kettle < <presence type='subscribe' from='juliet@home' to='kettle@home'/>
         kettle > <presence type='subscribed' to='juliet@home'/>
         kettle < <iq type='set' id='*' from='kettle@home' to='kettle@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='juliet@home' subscription='from'/></query></iq>
         juliet < <presence type='subscribed' from='kettle@home' to='juliet@home'/>
         juliet < <iq type='set' id='*' from='juliet@home' to='juliet@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='kettle@home' subscription='to'/></query></iq>
         juliet < <presence from='kettle@home/app' to='juliet@home'><show>away</show></presence>
         kettle > <presence type='subscribe' to='juliet@home'/>
         kettle < <iq type='set' id='*' from='kettle@home' to='kettle@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='juliet@home' subscription='from' ask='subscribe'/></query></iq>
         kettle < <presence type='unavailable' from='juliet@home' to='kettle@home'/>
         juliet < <presence type='subscribe' from='kettle@home' to='juliet@home'/>
         juliet > <presence type='subscribed' to='kettle@home'/>
         juliet < <iq type='set' id='*' from='juliet@home' to='juliet@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='kettle@home' subscription='both'/></query></iq>
         kettle < <presence type='subscribed' from='juliet@home' to='kettle@home'/>
         kettle < <iq type='set' id='*' from='kettle@home' to='kettle@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='juliet@home' subscription='both'/></query></iq>
         kettle < <presence from='juliet@home/app' to='kettle@home'/>
         juliet < <presence from='kettle@home/app' to='juliet@home'><show>away</show></presence>
         juliet > <iq type='set' id='x'><query xmlns='jabber:iq:roster'>
             <item jid='kettle@home' subscription='remove'/></query></iq>
         kettle < <presence type='unsubscribed' from='juliet@home' to='kettle@home'/>
         kettle < <iq type='set' id='*' from='kettle@home' to='kettle@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='juliet@home' subscription='from'/></query></iq>
         kettle < <presence type='unavailable' from='juliet@home/app' to='kettle@home'/>
         kettle < <presence type='unsubscribe' from='juliet@home' to='kettle@home'/>
         kettle < <iq type='set' id='*' from='kettle@home' to='kettle@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='juliet@home' subscription='none'/></query></iq>
         juliet < <iq type='set' id='*' from='juliet@home' to='juliet@home/app'>
             <query xmlns='jabber:iq:roster'><item jid='kettle@home' subscription='remove'/></query></iq>
         juliet < <iq type='result' id='x' to='juliet@home/app'/>"
    ));
}

#[test]
fn a_question_waits_for_somebody_to_come_and_an_uninvited_yes_is_ignored() {
    Stage::new(Flavour::Ejabberd).play(
        "+ juliet
         juliet > <presence type='subscribe' to='kettle@home'/>
         juliet > <presence type='subscribed' to='kettle@home'/>
         + kettle
         kettle > <presence/>
         kettle < <presence from='kettle@home/app' to='kettle@home'/>
         kettle < <presence type='subscribe' from='juliet@home' to='kettle@home/app'/>
         kettle > <presence type='unsubscribed' to='juliet@home'/>
         + stranger
         stranger > <presence type='subscribed' to='juliet@home'/>
         stranger > <presence type='probe' to='kettle@home'/>
         stranger > <presence type='subscribe' to='nobody@home'/>
         stranger > <presence type='subscribe' to='stranger@home'/>",
    );
}

#[test]
fn who_comes_sees_who_is_there_and_who_goes_is_missed() {
    let mut stage = Stage::new(Flavour::Prosody);
    for (owner, contact) in [("juliet", "kettle"), ("kettle", "juliet")] {
        stage
            .server
            .preset_contact(
                &format!("{owner}@home").parse().unwrap(),
                Contact {
                    jid: format!("{contact}@home").parse().unwrap(),
                    name: None,
                    groups: Default::default(),
                    subscription: Subscription::Both,
                },
            )
            .unwrap();
    }
    stage.play(
        "+ kettle
         kettle > <presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>
         kettle < <presence from='kettle@home/app' to='kettle@home'>
             <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>
         + juliet
         juliet > <presence/>
         juliet < <presence from='juliet@home/app' to='juliet@home'/>
         kettle < <presence from='juliet@home/app' to='kettle@home'/>
         juliet < <presence from='kettle@home/app' to='juliet@home/app'>
             <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>
         juliet > <presence to='stranger@home/app'/>
         + stranger
         - kettle
         juliet < <presence type='unavailable' from='kettle@home/app' to='juliet@home'/>
         juliet > <presence type='unavailable'><status>bye</status></presence>
         stranger < <presence type='unavailable' from='juliet@home/app' to='stranger@home/app'><status>bye</status></presence>
         - juliet",
    );
}

#[test]
fn messages_reach_those_who_are_there_and_wait_for_the_others() {
    Stage::new(Flavour::Prosody).play(
        "+ kettle
         kettle > <message type='chat' to='juliet@home'><body>hello</body></message>
         kettle > <message type='headline' to='juliet@home'><body>news</body></message>
         kettle > <message type='chat' to='juliet@home'/>
         + juliet
         juliet > <presence/>
         juliet < <presence from='juliet@home/app' to='juliet@home'/>
         juliet < <message type='chat' from='kettle@home/app' to='juliet@home'><body>hello</body>
             <delay xmlns='urn:xmpp:delay' from='home' stamp='2023-11-14T22:13:20.000Z'/></message>
         + juliet/phone
         juliet/phone > <presence><priority>-1</priority></presence>
         juliet < <presence from='juliet@home/phone' to='juliet@home'><priority>-1</priority></presence>
         juliet/phone < <presence from='juliet@home/phone' to='juliet@home'><priority>-1</priority></presence>
         juliet/phone < <presence from='juliet@home/app' to='juliet@home/phone'/>
         kettle > <message type='chat' to='juliet@home' from='stranger@home'><body>hi</body></message>
         juliet < <message type='chat' from='kettle@home/app' to='juliet@home'><body>hi</body></message>
         kettle > <message type='chat' to='juliet@home/phone'><body>you</body></message>
         juliet/phone < <message type='chat' from='kettle@home/app' to='juliet@home/phone'><body>you</body></message>
         kettle > <message type='chat' to='juliet@home/gone'><body>anyone</body></message>
         juliet < <message type='chat' from='kettle@home/app' to='juliet@home/gone'><body>anyone</body></message>
         kettle > <message type='chat' id='m' to='nobody@home'><body>hi</body></message>
         kettle < <message type='error' id='m' from='nobody@home' to='kettle@home/app'><error type='cancel'>
             <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>
         kettle > <message type='error' to='nobody@home'/>",
    );
}

#[test]
fn questions_reach_clients_accounts_and_the_server() {
    let mut stage = Stage::new(Flavour::Ejabberd);
    stage.play(
        "+ juliet
         + kettle
         juliet > <iq type='get' id='1' to='kettle@home/app'><ping xmlns='urn:xmpp:ping'/></iq>
         kettle < <iq type='get' id='1' from='juliet@home/app' to='kettle@home/app'><ping xmlns='urn:xmpp:ping'/></iq>
         kettle > <iq type='result' id='1' to='juliet@home/app' from='home'/>
         juliet < <iq type='result' id='1' from='kettle@home/app' to='juliet@home/app'/>
         juliet > <iq type='result' id='2' to='kettle@home'/>
         juliet > <iq type='result' id='2' to='kettle@home/gone'/>",
    );
    let cases = [
        ("home", "<ping xmlns='urn:xmpp:ping'/>", "result"),
        ("juliet@home", "<ping xmlns='urn:xmpp:ping'/>", "result"),
        (
            "kettle@home",
            "<ping xmlns='urn:xmpp:ping'/>",
            "cancel/service-unavailable",
        ),
        (
            "kettle@home/gone",
            "<ping xmlns='urn:xmpp:ping'/>",
            "cancel/service-unavailable",
        ),
        (
            "nobody@home",
            "<ping xmlns='urn:xmpp:ping'/>",
            "cancel/service-unavailable",
        ),
        (
            "elsewhere.example",
            "<ping xmlns='urn:xmpp:ping'/>",
            "cancel/remote-server-not-found",
        ),
        (
            "home",
            "<query xmlns='jabber:iq:version'/>",
            "cancel/service-unavailable",
        ),
        (
            "kettle@home",
            "<query xmlns='jabber:iq:roster'/>",
            "auth/forbidden",
        ),
        (
            "home",
            "<query xmlns='http://jabber.org/protocol/disco#info'/>",
            "result",
        ),
        (
            "home",
            "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>",
            "cancel/item-not-found",
        ),
        (
            "juliet@home",
            "<query xmlns='http://jabber.org/protocol/disco#info'/>",
            "result",
        ),
        (
            "kettle@home",
            "<query xmlns='http://jabber.org/protocol/disco#info'/>",
            "auth/subscription-required",
        ),
        (
            "kettle@home",
            "<query xmlns='http://jabber.org/protocol/disco#items'/>",
            "auth/subscription-required",
        ),
        (
            "pubsub.home",
            "<query xmlns='http://jabber.org/protocol/disco#info'/>",
            "result",
        ),
        (
            "pubsub.home",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub>",
            "cancel/item-not-found",
        ),
    ];
    for (to, question, expected) in cases {
        let iq = format!("<iq type='get' id='q' to='{to}'>{question}</iq>");
        assert_eq!(stage.ask("juliet", &iq), expected, "{to} {question}");
    }
}

#[test]
fn connections_and_their_limits() {
    let mut server = Server::new(ServerConfig {
        max_accounts: 1,
        ..ServerConfig::new("home".parse().unwrap(), Flavour::Prosody)
    });
    let now = Now::default();
    let juliet: jid::BareJid = "juliet@home".parse().unwrap();
    let add = |server: &mut Server, jid: &str| server.add_account(jid.parse().unwrap());
    assert_eq!(add(&mut server, "juliet@home"), Ok(()));
    assert_eq!(add(&mut server, "juliet@home"), Ok(()));
    assert_eq!(add(&mut server, "romeo@home"), Err(ConnectError::TooMany));
    assert_eq!(add(&mut server, "a@b"), Err(ConnectError::ForeignDomain));
    assert_eq!(add(&mut server, "home"), Err(ConnectError::ForeignDomain));

    let (first, jid) = server.connect(juliet.clone(), Some("app"), now).unwrap();
    assert_eq!(jid.to_string(), "juliet@home/app");
    let (second, _) = server.connect(juliet.clone(), Some("app"), now).unwrap();
    assert_ne!(first, second);
    assert_eq!(server.poll_replaced(), Some(first));
    assert_eq!(server.poll_replaced(), None);
    for _ in 1..16 {
        server.connect(juliet.clone(), None, now).unwrap();
    }
    assert_eq!(
        server.connect(juliet.clone(), None, now),
        Err(ConnectError::TooMany)
    );
    server.disconnect(second, now);
    server.disconnect(second, now);
    assert_eq!(
        server.connect(juliet, Some(""), now),
        Err(ConnectError::BadResource)
    );
    let nobody = "nobody@home".parse().unwrap();
    assert_eq!(
        server.connect(nobody, None, now),
        Err(ConnectError::NoAccount)
    );
}
