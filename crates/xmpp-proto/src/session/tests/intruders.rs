//! Everybody may write to us; not everybody is whom he seems.

use roost_model::Node;

use super::talk::{Talk, kettle};
use crate::Request;

#[test]
fn only_who_was_asked_may_answer() {
    let mut talk = Talk::signed_in();
    talk.asks(
        1,
        Request::Fetch {
            service: kettle(),
            node: Node::Sensors,
        },
    )
    .says(1);
    for stranger in [
        "stranger@evil.lit",
        "kettle@home.lit/x",
        "home.lit",
        "capulet.lit",
        "juliet@capulet.lit",
    ] {
        talk.hears(&format!("<iq type='result' id='#2' from='{stranger}'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>"))
            .tells(&[&format!("discarded {stranger} UnaskedAnswer")]);
    }
    talk.hears("<iq type='result' id='#2'/>")
        .tells(&["discarded nobody UnaskedAnswer"])
        .hears("<iq type='result' id='#2' from='kettle@home.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>")
        .tells(&["1 items 0"])
        .hears("<iq type='result' id='#2' from='kettle@home.lit'/>")
        .tells(&["discarded kettle@home.lit UnaskedAnswer"]);
}

#[test]
fn the_roster_comes_from_our_own_server_alone() {
    let mut talk = Talk::new();
    talk.up()
        .says(1)
        .tells(&["online juliet@capulet.lit/balcony"]);
    for stranger in [
        "stranger@evil.lit",
        "juliet@capulet.lit/other",
        "evil.lit",
        "nurse@capulet.lit",
    ] {
        let roster = "<query xmlns='jabber:iq:roster'><item jid='stranger@evil.lit' subscription='both'/></query>";
        talk.hears(&format!(
            "<iq type='result' id='#1' from='{stranger}'>{roster}</iq>"
        ))
        .tells(&[&format!("discarded {stranger} UnaskedAnswer")])
        .hears(&format!(
            "<iq type='set' id='p' from='{stranger}'>{roster}</iq>"
        ))
        .tells(&[&format!("discarded {stranger} ForgedCopy")]);
    }
}

#[test]
fn events_come_from_accounts_alone() {
    let mut talk = Talk::signed_in();
    for stranger in [
        "pubsub.capulet.lit",
        "kettle@home.lit/x",
        "capulet.lit",
        "pubsub.capulet.lit/x",
    ] {
        for what in [
            "<items node='xmpp.iot.sensors'><item id='t'/></items>",
            "<delete node='xmpp.iot.ui'/>",
        ] {
            talk.hears(&format!("<message from='{stranger}'><event xmlns='http://jabber.org/protocol/pubsub#event'>{what}</event></message>"))
                .tells(&[&format!("discarded {stranger} ForeignService")]);
        }
    }
    talk.hears("<message from='kettle@home.lit'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:bookmarks:1'/></event></message>")
        .tells(&["discarded kettle@home.lit UnknownNode"])
        .hears("<message from='kettle@home.lit'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>")
        .tells(&["discarded kettle@home.lit Malformed"]);
}

#[test]
fn a_component_is_heard_where_we_subscribed() {
    let component: jid::BareJid = "pubsub.home.lit".parse().unwrap();
    let event = |from: &str| {
        format!(
            "<message from='{from}'><event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='xmpp.iot.ui'/></event></message>"
        )
    };
    let refused = ["discarded pubsub.home.lit ForeignService"];
    let mut talk = Talk::signed_in();
    let node = Node::Ui;
    let service = component.clone();
    talk.asks(1, Request::Subscribe { service, node })
        .says(1)
        .hears(&event("pubsub.home.lit"))
        .tells(&refused)
        .hears("<iq type='result' id='#2' from='pubsub.home.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscription node='xmpp.iot.ui' jid='juliet@capulet.lit' subscription='subscribed'/></pubsub></iq>")
        .tells(&["1 Done"])
        .hears(&event("pubsub.home.lit"))
        .tells(&["deleted pubsub.home.lit Ui"])
        .hears(&event("pubsub.capulet.lit"))
        .tells(&["discarded pubsub.capulet.lit ForeignService"]);
    let service = component;
    talk.asks(2, Request::Unsubscribe { service, node })
        .says(1)
        .hears("<iq type='result' id='#3' from='pubsub.home.lit'/>")
        .tells(&["2 Done"])
        .hears(&event("pubsub.home.lit"))
        .tells(&refused);
}

#[test]
fn copies_are_never_unwrapped() {
    let inside = "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='kettle@home.lit'>\
        <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='xmpp.iot.sensors'><item id='t'/></items></event>\
        <body>trust me</body></message></forwarded>";
    let copies = [
        format!("<received xmlns='urn:xmpp:carbons:2'>{inside}</received>"),
        format!("<sent xmlns='urn:xmpp:carbons:2'>{inside}</sent>"),
        format!("<result xmlns='urn:xmpp:mam:2' id='1'>{inside}</result>"),
    ];
    let mut talk = Talk::signed_in();
    for copy in &copies {
        talk.hears(&format!(
            "<message from='stranger@evil.lit'>{copy}<body>read me</body></message>"
        ))
        .tells(&["discarded stranger@evil.lit ForgedCopy"])
        .hears(&format!(
            "<message from='juliet@capulet.lit/other'>{copy}</message>"
        ))
        .tells(&["discarded juliet@capulet.lit/other ForgedCopy"])
        .hears(&format!(
            "<message from='juliet@capulet.lit'>{copy}</message>"
        ));
    }
    talk.hears(&format!(
        "<message from='stranger@evil.lit'>{inside}</message>"
    ));
}

#[test]
fn a_long_text_is_cut() {
    let mut talk = Talk::signed_in();
    let long = "x".repeat(9000);
    talk.hears(&format!(
        "<message from='stranger@evil.lit/x'><body>{long}</body></message>"
    ));
    let kept = format!("text stranger@evil.lit/x: {}", "x".repeat(8192));
    talk.tells(&["discarded stranger@evil.lit/x TooLarge", &kept]);
}
