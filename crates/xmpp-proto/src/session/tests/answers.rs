//! Questions and the one answer of each.

use jid::Jid;
use roost_model::{ItemId, Node, Secret, Val, Value};

use super::talk::{KETTLE, Talk, kettle};
use crate::registration::NewAccount;
use crate::{NodeConfig, Payload, Request, SendStage, limits};

fn fetch() -> Request {
    Request::Fetch {
        service: kettle(),
        node: Node::Ui,
    }
}

fn publish() -> Request {
    Request::Publish {
        service: kettle(),
        node: Node::Actuators,
        item: ItemId::new("set:xmpp.iot.actuator.power:k3").unwrap(),
        payload: Payload::Value(Val::from_value(&Value::Bool(true), None, None)),
    }
}

#[test]
fn items_are_fetched() {
    Talk::signed_in()
        .asks(1, fetch())
        .sends(&["<iq type='get' id='#2' to='kettle@home.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='xmpp.iot.ui'/></pubsub></iq>"])
        .hears("<iq type='result' id='#2' from='kettle@home.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='xmpp.iot.ui'><item id='current'/><item/></items></pubsub></iq>")
        .tells(&["discarded kettle@home.lit Malformed", "1 items 1"])
        .asks(2, fetch())
        .says(1)
        .hears("<iq type='error' id='#3' from='kettle@home.lit'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .tells(&["2 Forbidden"]);
}

#[test]
fn a_wish_tells_how_far_it_got() {
    let mut talk = Talk::signed_in();
    talk.asks(1, publish())
        .sends(&["<iq type='set' id='#2' to='kettle@home.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='xmpp.iot.actuators'><item id='set:xmpp.iot.actuator.power:k3'><val xmlns='urn:xmpp:uwpx:iot' type='boolean'>1</val></item></publish></pubsub></iq>"])
        .reported(0, SendStage::Sent)
        .reported(0, SendStage::Acked)
        .reported(0, SendStage::Sent)
        .tells(&["1 Sent", "1 Acked"])
        .hears("<iq type='result' id='#2' from='kettle@home.lit'/>")
        .tells(&["1 Done"])
        .reported(0, SendStage::Acked);
}

#[test]
fn what_is_ours_is_asked_of_our_own_account() {
    let own = "juliet@capulet.lit".parse().unwrap();
    let mut talk = Talk::signed_in();
    talk.asks(1, Request::Subscribe { service: own, node: Node::Actuators })
        .sends(&["<iq type='set' id='#2'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='xmpp.iot.actuators' jid='juliet@capulet.lit'/></pubsub></iq>"])
        .asks(2, Request::CreateNode { node: Node::Ui, config: NodeConfig::ROOST })
        .says(1)
        .asks(3, Request::ReadSubscribers { node: Node::Ui })
        .sends(&["<iq type='get' id='#4'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><subscriptions node='xmpp.iot.ui'/></pubsub></iq>"])
        .asks(4, Request::RemoveContact { jid: kettle() })
        .says(1);
    for (id, from) in [
        ("#2", ""),
        ("#3", " from='juliet@capulet.lit'"),
        ("#5", " from='capulet.lit'"),
    ] {
        talk.hears(&format!("<iq type='result' id='{id}'{from}/>"));
        let request = if id == "#5" {
            4
        } else {
            id[1..].parse::<u64>().unwrap() - 1
        };
        talk.tells(&[&format!("{request} Done")]);
    }
    talk.hears("<iq type='result' id='#4' from='juliet@capulet.lit/balcony'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><subscriptions><subscription jid='kettle@home.lit/x' subscription='subscribed'/></subscriptions></pubsub></iq>");
    let expected = format!(
        "3 {:?}",
        crate::Answer::Subscribers(vec![Jid::new("kettle@home.lit/x").unwrap()])
    );
    talk.tells(&[&expected]);
}

#[test]
fn nonsense_is_an_answer_too() {
    Talk::signed_in()
        .asks(1, fetch())
        .asks(2, Request::Discover { jid: KETTLE.parse().unwrap() })
        .asks(3, Request::ReadNodeConfig { node: Node::Ui })
        .says(3)
        .hears("<iq type='result' id='#2' from='kettle@home.lit'/>")
        .tells(&["1 Protocol"])
        .hears("<iq type='result' id='#3' from='kettle@home.lit'><query xmlns='urn:example'/></iq>")
        .tells(&["2 Protocol"])
        .hears("<iq type='result' id='#4'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'/></iq>")
        .tells(&["3 Protocol"]);
}

#[test]
fn what_would_crash_a_device_is_not_sent() {
    let empty = |payload| Request::Publish {
        service: kettle(),
        node: Node::Actuators,
        item: ItemId::new("a").unwrap(),
        payload,
    };
    Talk::signed_in()
        .asks(
            1,
            empty(Payload::Value(Val::from_wire("", None, None, None))),
        )
        .tells(&["1 Protocol"])
        .asks(2, empty(Payload::Unreadable))
        .tells(&["2 Protocol"])
        .asks(
            3,
            Request::SendText {
                to: KETTLE.parse().unwrap(),
                body: String::new(),
            },
        )
        .asks(
            4,
            Request::SendText {
                to: KETTLE.parse().unwrap(),
                body: "help".into(),
            },
        )
        .sends(&["<message type='chat' to='kettle@home.lit'><body>help</body></message>"]);
}

#[test]
fn silence_ends_at_the_deadline() {
    Talk::signed_in()
        .asks(1, fetch())
        .says(1)
        .waits(19)
        .waits(1)
        .tells(&["1 TimedOut"])
        .hears("<iq type='result' id='#2' from='kettle@home.lit'/>")
        .tells(&["discarded kettle@home.lit UnaskedAnswer"]);
}

#[test]
fn a_switch_goes_ahead_of_a_thousand_silent_devices() {
    let mut talk = Talk::signed_in();
    for n in 0..6000 {
        talk.asks(n, fetch());
    }
    talk.says(limits::IN_FLIGHT - limits::IN_FLIGHT_RESERVE)
        .asks(9000, publish())
        .says(1)
        .hears("<iq type='result' id='#58' from='kettle@home.lit'/>")
        .tells(&["9000 Done"]);
    talk.session.stream_lost(talk.now);
    assert_eq!(
        std::iter::from_fn(|| talk.session.poll_event()).count(),
        6000
    );
}

#[test]
fn a_home_of_a_thousand_devices_is_read_in_order() {
    let mut talk = Talk::signed_in();
    for n in 0..6000 {
        talk.asks(n, fetch());
    }
    let mut answered = 0;
    while let Some(transmit) = talk.session.poll_transmit() {
        let id = match &transmit.stanza {
            crate::Stanza::Iq(iq) => iq.id().to_owned(),
            other => panic!("{other:?}"),
        };
        let xml = format!(
            "<iq type='result' id='{id}' from='kettle@home.lit'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>"
        );
        talk.session
            .handle_stanza(super::talk::stanza(&xml), talk.now);
        talk.tells(&[&format!("{answered} items 0")]);
        answered += 1;
    }
    assert_eq!(answered, 6000);
}

#[test]
fn more_questions_than_can_wait_are_refused() {
    let mut talk = Talk::signed_in();
    let fits =
        u64::try_from(limits::WAITING + limits::IN_FLIGHT - limits::IN_FLIGHT_RESERVE).unwrap();
    for n in 0..fits {
        talk.asks(n, fetch());
    }
    talk.says(limits::IN_FLIGHT - limits::IN_FLIGHT_RESERVE)
        .tells(&[])
        .asks(fits, fetch())
        .tells(&[&format!("{fits} RateLimited")]);
    talk.session.stream_lost(talk.now);
    while talk.session.poll_event().is_some() {}
}

#[test]
fn accounts_for_others_are_asked_of_the_server() {
    let new = |jid: &str| {
        Request::Register(NewAccount {
            jid: jid.parse().unwrap(),
            password: Secret::new("wherefore"),
        })
    };
    let mut talk = Talk::signed_in();
    talk.asks(1, new("lamp@capulet.lit"))
        .sends(&["<iq type='set' id='#2' to='capulet.lit'><query xmlns='jabber:iq:register'><username>lamp</username><password>wherefore</password></query></iq>"])
        .hears("<iq type='error' id='#2' from='capulet.lit'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>wherefore</text></error></iq>")
        .tells(&["1 Protocol"])
        .asks(2, new("lamp@elsewhere.lit"))
        .tells(&["2 Protocol"])
        .asks(3, new("juliet@capulet.lit"))
        .tells(&["3 Protocol"])
        .asks(4, Request::Invite)
        .sends(&["<iq type='set' id='#3' to='capulet.lit'><command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:invite#invite' action='execute'/></iq>"])
        .hears("<iq type='error' id='#3' from='capulet.lit'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
        .tells(&["4 NotOffered"]);
}
