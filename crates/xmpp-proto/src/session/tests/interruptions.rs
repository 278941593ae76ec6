//! Streams that break, and what becomes of what was under way.

use roost_model::Node;

use super::talk::{ROSTER, Talk, kettle};
use crate::{Request, SubscriptionStep};

fn fetch() -> Request {
    Request::Fetch {
        service: kettle(),
        node: Node::Sensors,
    }
}

const RESULT: &str = "<iq type='result' id='#2' from='kettle@home.lit'>\
    <pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>";

#[test]
fn a_resumed_stream_goes_on_as_if_nothing_was() {
    Talk::signed_in()
        .asks(1, fetch())
        .says(1)
        .waits(19)
        .suspended()
        .tells(&["suspended"])
        .waits(300)
        .asks(2, fetch())
        .asks(
            3,
            Request::Subscription {
                to: kettle(),
                step: SubscriptionStep::Approve,
            },
        )
        .resumed()
        .says(2)
        .tells(&["resumed"])
        .hears(RESULT)
        .tells(&["1 items 0"])
        .waits(20)
        .tells(&["2 TimedOut"]);
}

#[test]
fn a_new_stream_ends_what_was_under_way_first() {
    Talk::signed_in()
        .asks(1, fetch())
        .says(1)
        .suspended()
        .asks(2, fetch())
        .tells(&["suspended"])
        .up()
        .says(1)
        .tells(&[
            "1 ConnectionLost",
            "2 ConnectionLost",
            "online juliet@capulet.lit/balcony",
        ])
        .hears(RESULT)
        .tells(&["discarded kettle@home.lit UnaskedAnswer"])
        .hears(&ROSTER.replace("#1", "#3"))
        .says(1)
        .tells(&["roster kettle@home.lit"]);
}

#[test]
fn a_lost_stream_ends_everything_at_once() {
    Talk::signed_in()
        .asks(1, fetch())
        .says(1)
        .lost()
        .tells(&["1 ConnectionLost"])
        .asks(2, fetch())
        .tells(&["2 ConnectionLost"])
        .asks(
            3,
            Request::SendText {
                to: kettle().into(),
                body: "help".into(),
            },
        )
        .hears("<message from='kettle@home.lit'><body>too late</body></message>")
        .waits(3600)
        .resumed()
        .says(1)
        .tells(&["online juliet@capulet.lit/balcony"]);
}

#[test]
fn no_server_resumes_after_ten_minutes() {
    Talk::signed_in()
        .asks(1, fetch())
        .says(1)
        .suspended()
        .tells(&["suspended"])
        .waits(599)
        .waits(1)
        .tells(&["1 ConnectionLost"]);
}
