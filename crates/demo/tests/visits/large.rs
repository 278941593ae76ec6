//! A person's link in a large home.

use std::time::Duration;

use roost_demo::{DemoHome, LargeHome};
use roost_model::{ItemId, Node, Value};
use roost_xmpp_proto::{LinkEvent, LinkState, SessionEvent};

use crate::visitor::{Visitor, device};

#[tokio::test]
async fn a_large_home_is_there_at_once_and_moves_as_fast_as_wanted() {
    let home = DemoHome::large(LargeHome {
        devices: 50,
        values_each: 10,
        updates_per_second: 500,
    });
    let (mut you, roster) = Visitor::enter(&home).await;
    assert_eq!(roster.len(), 50);
    for contact in &roster {
        you.subscribe(&contact.jid).await;
        let sensors = you.fetch(&contact.jid, Node::Sensors).await;
        assert_eq!(sensors.len(), 9);
    }
    let begin = home.published().await;
    let mut heard = 0;
    let since = tokio::time::Instant::now();
    you.until_event(|event| {
        heard += u64::from(matches!(event, SessionEvent::Published { .. }));
        (heard >= 500).then_some(())
    })
    .await;
    assert!(
        since.elapsed() < Duration::from_secs(10),
        "{:?}",
        since.elapsed()
    );
    assert!(home.published().await > begin);

    let switch = ItemId::actuator("switch");
    let last = device("device-50");
    you.wish(&last, &switch, Value::Bool(true)).await;
    assert_eq!(you.report(&last, &switch).await, "1");
}

#[tokio::test]
async fn who_listens_slowly_slows_the_home_down_and_stays() {
    let home = DemoHome::large(LargeHome {
        devices: 10,
        values_each: 10,
        updates_per_second: 2_000,
    });
    let (mut you, roster) = Visitor::enter(&home).await;
    for contact in &roster {
        you.subscribe(&contact.jid).await;
    }
    // Nobody takes events, until the queues between here and there are full.
    let mut before = home.published().await;
    for _ in 0..120 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let now = home.published().await;
        if now == before {
            break;
        }
        before = now;
    }
    assert_eq!(home.published().await, before, "the home waits");

    let mut heard = 0;
    you.until(|event| match event {
        LinkEvent::Session(event) => {
            heard += u64::from(matches!(*event, SessionEvent::Published { .. }));
            (heard > before).then_some(())
        }
        LinkEvent::State(LinkState::Online { .. }) => None,
        LinkEvent::State(state) => panic!("the stream was lost: {state:?}"),
    })
    .await;
    assert!(home.published().await > before, "the home goes on");
}
