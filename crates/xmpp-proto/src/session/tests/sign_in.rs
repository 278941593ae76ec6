//! From the first stream to the first value.

use roost_model::Show;

use super::talk::{ROSTER, Talk, config};
use crate::{Request, SubscriptionStep};

const HERE: &str = "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' \
    node='https://example.org/roost' ver='8gywj/5Z1qIwxy6tT1tmMR1k5nM='/></presence>";

#[test]
fn the_roster_comes_before_the_presence() {
    Talk::new()
        .up()
        .sends(&["<iq type='get' id='#1'><query xmlns='jabber:iq:roster'/></iq>"])
        .tells(&["online juliet@capulet.lit/balcony"])
        .hears(ROSTER)
        .sends(&[HERE])
        .tells(&["roster kettle@home.lit"])
        .hears("<presence from='kettle@home.lit/x'><show>away</show></presence>")
        .tells(&["here kettle@home.lit/x Away"])
        .hears("<presence from='kettle@home.lit/x' type='unavailable'/>")
        .tells(&["gone kettle@home.lit/x"]);
}

#[test]
fn a_roster_that_does_not_come_is_asked_for_again() {
    Talk::new()
        .up()
        .says(1)
        .tells(&["online juliet@capulet.lit/balcony"])
        .waits(39)
        .waits(1)
        .sends(&["<iq type='get' id='#2'><query xmlns='jabber:iq:roster'/></iq>"])
        .hears("<iq type='error' id='#2'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .waits(20)
        .says(1)
        .hears("<iq type='result' id='#3' from='juliet@capulet.lit'><query xmlns='jabber:iq:roster'/></iq>")
        .sends(&[HERE])
        .tells(&["roster "]);
}

#[test]
fn contacts_come_and_go() {
    let push = |item: &str| {
        format!(
            "<iq type='set' id='p' from='juliet@capulet.lit' to='juliet@capulet.lit/balcony'><query xmlns='jabber:iq:roster'>{item}</query></iq>"
        )
    };
    let result = "<iq type='result' id='p' to='juliet@capulet.lit'/>";
    Talk::signed_in()
        .asks(
            1,
            Request::Subscription {
                to: "lamp@home.lit".parse().unwrap(),
                step: SubscriptionStep::Ask,
            },
        )
        .sends(&["<presence type='subscribe' to='lamp@home.lit'/>"])
        .hears(&push(
            "<item jid='lamp@home.lit' subscription='none' ask='subscribe'/>",
        ))
        .sends(&[result])
        .tells(&["contact lamp@home.lit"])
        .hears("<presence from='lamp@home.lit' type='subscribed'/>")
        .tells(&["Approve lamp@home.lit"])
        .hears("<presence from='lamp@home.lit/x' type='subscribe'/>")
        .tells(&["Ask lamp@home.lit"])
        .hears(&push("<item jid='lamp@home.lit' subscription='remove'/>"))
        .sends(&[result])
        .tells(&["removed lamp@home.lit"])
        .hears(&push(""))
        .says(1)
        .tells(&["discarded juliet@capulet.lit Malformed"]);
}

#[test]
fn capabilities_are_asked_of_those_who_announce_them() {
    let c = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:k' ver='ML2YqhBcfBqDcJxOFGaUcyIKjdQ='/>";
    Talk::signed_in()
        .hears(&format!("<presence from='kettle@home.lit/x'>{c}</presence>"))
        .sends(&["<iq type='get' id='#2' to='kettle@home.lit/x'><query xmlns='http://jabber.org/protocol/disco#info' node='urn:k#ML2YqhBcfBqDcJxOFGaUcyIKjdQ='/></iq>"])
        .tells(&["here kettle@home.lit/x Available"])
        .hears("<iq type='result' id='#2' from='kettle@home.lit/x'><query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:roost:iot:1'/></query></iq>")
        .tells(&["features kettle@home.lit/x 1"])
        .hears(&format!("<presence from='stranger@evil.lit/x'>{c}</presence>"))
        .tells(&["here stranger@evil.lit/x Available"]);
}

#[test]
fn what_we_are_and_can_do() {
    let ask = |node: &str| {
        format!(
            "<iq type='get' id='d' from='romeo@montague.lit/x'><query xmlns='http://jabber.org/protocol/disco#info'{node}/></iq>"
        )
    };
    let answer = |node: &str| {
        format!(
            "<iq type='result' id='d' to='romeo@montague.lit/x'><query xmlns='http://jabber.org/protocol/disco#info'{node}>\
             <identity category='client' type='pc' name='Roost'/>\
             <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/><feature var='urn:xmpp:ping'/></query></iq>"
        )
    };
    let ours = " node='https://example.org/roost#8gywj/5Z1qIwxy6tT1tmMR1k5nM='";
    let refused = |condition: &str, id: &str| {
        format!(
            "<iq type='error' id='{id}' to='romeo@montague.lit/x'><error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )
    };
    let queried = ["queried by romeo@montague.lit/x"];
    Talk::signed_in()
        .hears(&ask(""))
        .sends(&[&answer("")])
        .tells(&queried)
        .hears(&ask(ours))
        .sends(&[&answer(ours)])
        .tells(&queried)
        .hears(&ask(" node='other'"))
        .sends(&[&refused("item-not-found", "d")])
        .tells(&queried)
        .hears(
            "<iq type='get' id='p' from='romeo@montague.lit/x'><ping xmlns='urn:xmpp:ping'/></iq>",
        )
        .sends(&["<iq type='result' id='p' to='romeo@montague.lit/x'/>"])
        .hears(
            "<iq type='set' id='s' from='romeo@montague.lit/x'><ping xmlns='urn:xmpp:ping'/></iq>",
        )
        .sends(&[&refused("service-unavailable", "s")]);
}

#[test]
fn our_presence_is_what_was_set_last() {
    let away = Request::SetPresence {
        show: Show::Away,
        status: Some("out".into()),
    };
    let mut talk = Talk::new();
    talk.asks(1, away)
        .up()
        .says(1)
        .tells(&["online juliet@capulet.lit/balcony"]);
    let presence = HERE.replace(
        "<presence>",
        "<presence><show>away</show><status>out</status>",
    );
    talk.hears(ROSTER)
        .sends(&[&presence])
        .tells(&["roster kettle@home.lit"]);
    talk.asks(
        2,
        Request::SetPresence {
            show: Show::Available,
            status: None,
        },
    )
    .sends(&[HERE]);
}

#[test]
fn presence_that_is_held_waits_for_its_word_on_every_stream() {
    let here = || Request::SetPresence {
        show: Show::Available,
        status: None,
    };
    let mut talk = Talk::of(crate::SessionConfig {
        holds_presence: true,
        ..config()
    });
    talk.up()
        .says(1)
        .tells(&["online juliet@capulet.lit/balcony"])
        .hears(ROSTER)
        .tells(&["roster kettle@home.lit"])
        .asks(1, here())
        .sends(&[HERE])
        .suspended()
        .tells(&["suspended"])
        .resumed()
        .tells(&["resumed"])
        .up()
        .says(1)
        .tells(&["online juliet@capulet.lit/balcony"])
        .asks(2, here())
        .hears(&ROSTER.replace("#1", "#2"))
        .sends(&[HERE])
        .tells(&["roster kettle@home.lit"]);
}

#[test]
fn whether_a_person_looks_is_told_on_every_stream() {
    let mut talk = Talk::signed_in();
    talk.asks(1, Request::SetActive(false));
    assert_eq!(talk.session.poll_client_state(), Some(false));
    assert_eq!(talk.session.poll_client_state(), None);
    talk.suspended()
        .tells(&["suspended"])
        .resumed()
        .tells(&["resumed"]);
    assert_eq!(talk.session.poll_client_state(), Some(false));
    talk.asks(2, Request::SetActive(true)).lost();
    assert_eq!(talk.session.poll_client_state(), None);
}

#[test]
fn values_and_texts_arrive() {
    let event = |inside: &str| {
        format!(
            "<message type='headline' from='kettle@home.lit'><event xmlns='http://jabber.org/protocol/pubsub#event'>{inside}</event></message>"
        )
    };
    let val = "<val xmlns='urn:xmpp:uwpx:iot' type='float' unit='celsius'>22.43</val>";
    Talk::signed_in()
        .hears(&event(&format!("<items node='xmpp.iot.sensors'><item id='t' publisher='kettle@home.lit/x'>{val}</item><item>{val}</item><retract id='old'/></items>")))
        .tells(&[
            "discarded kettle@home.lit Malformed",
            "published kettle@home.lit Sensors t=22.43",
            "retracted kettle@home.lit Sensors old",
        ])
        .hears(&event("<purge node='xmpp.iot.ui'/>"))
        .tells(&["purged kettle@home.lit Ui"])
        .hears(&event("<delete node='xmpp.iot.ui'/>"))
        .tells(&["deleted kettle@home.lit Ui"])
        .hears("<message type='chat' from='kettle@home.lit/x'><body>Setup done!</body></message>")
        .tells(&["text kettle@home.lit/x: Setup done!"])
        .hears("<message type='chat' from='kettle@home.lit/x'><body>late</body><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:01Z'/></message>")
        .tells(&["text kettle@home.lit/x at 1000: late"])
        .hears("<message type='chat' from='kettle@home.lit/x'><active xmlns='http://jabber.org/protocol/chatstates'/></message>")
        .hears("<message type='error' from='kettle@home.lit/x'><body>mine</body></message>")
        .hears("<message type='groupchat' from='room@muc.lit/x'><body>all</body></message>");
}
