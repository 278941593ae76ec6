//! A person's link looks around in a demo home.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use roost_demo::{DemoHome, Fault, FaultProblem};
use roost_model::{ItemId, Node, Value};
use roost_xmpp_proto::{LinkEvent, LinkState, Payload, SessionEvent};

use crate::visitor::{Visitor, device};

#[tokio::test]
async fn everybody_is_at_home_in_a_room_and_all_but_one_are_awake() {
    let home = DemoHome::start();
    let (mut you, roster) = Visitor::enter(&home).await;
    let rooms: BTreeSet<String> = roster
        .iter()
        .flat_map(|contact| contact.groups.clone())
        .collect();
    let names: BTreeMap<_, _> = roster
        .iter()
        .map(|contact| (contact.jid.clone(), contact.name.clone()))
        .collect();
    let expected = ["Bedroom", "Kitchen", "Living room", "Workshop"];
    assert_eq!(rooms, expected.map(str::to_owned).into());
    assert_eq!(roster.len(), 10);
    assert_eq!(names[&device("kettle")].as_deref(), Some("Kettle"));
    assert!(
        roster
            .iter()
            .all(|contact| contact.we_see_them && contact.they_see_us)
    );

    let mut awake = BTreeSet::new();
    you.until_event(|event| {
        if let SessionEvent::Presence {
            from,
            show: Some(_),
            ..
        } = event
        {
            awake.insert(from.to_bare());
        }
        // Your own presence comes back, too.
        (awake.len() == 10).then_some(())
    })
    .await;
    assert!(!awake.contains(&device("bedside-lamp")));

    let items = you.fetch(&device("bedside-lamp"), Node::Sensors).await;
    assert_eq!(items.len(), 2, "the last values are still there");
}

#[tokio::test]
async fn devices_show_their_form_report_and_do_what_is_asked() {
    let home = DemoHome::start();
    let (mut you, roster) = Visitor::enter(&home).await;
    for contact in &roster {
        you.settled(&contact.jid).await;
        let ui = you.fetch(&contact.jid, Node::Ui).await;
        assert!(
            matches!(ui[0].payload, Payload::Form(..)),
            "{}",
            contact.jid
        );
    }
    let lamp = device("reading-lamp");
    you.subscribe(&lamp).await;
    let power = ItemId::actuator("power");
    you.wish(&lamp, &power, Value::Bool(true)).await;
    assert_eq!(you.report(&lamp, &power).await, "1");

    let heating = device("kitchen-heating");
    you.subscribe(&heating).await;
    you.until_event(|event| match event {
        SessionEvent::Published { service, node, .. } => {
            (service == heating && node == Node::Sensors).then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn faults_are_felt_and_pass() {
    let home = DemoHome::start();
    let (mut you, _) = Visitor::enter(&home).await;
    let lamp = device("reading-lamp");
    let power = ItemId::actuator("power");
    you.settled(&lamp).await;
    you.subscribe(&lamp).await;

    home.fault(Some(lamp.clone()), Fault::Refuse).await.unwrap();
    you.wish(&lamp, &power, Value::Bool(true)).await;
    assert_eq!(
        you.report(&lamp, &power).await,
        "0",
        "the truth, republished"
    );

    home.fault(Some(lamp.clone()), Fault::DropLink)
        .await
        .unwrap();
    for there in [false, true] {
        you.until_event(|event| match event {
            SessionEvent::Presence { from, show, .. } => {
                (from.to_bare() == lamp && show.is_some() == there).then_some(())
            }
            _ => None,
        })
        .await;
    }
    let nobody = home.fault(Some(device("toaster")), Fault::Refuse).await;
    assert_eq!(nobody, Err(FaultProblem::NoSuchDevice));
}

#[tokio::test]
async fn the_server_restarts_and_everybody_comes_back() {
    let home = DemoHome::start();
    let (mut you, _) = Visitor::enter(&home).await;
    home.fault(None, Fault::ServerRestart).await.unwrap();
    you.until(|event| match event {
        LinkEvent::State(LinkState::Waiting { .. }) => Some(()),
        _ => None,
    })
    .await;
    let resumed = you
        .until_event(|event| match event {
            SessionEvent::Online { resumed, .. } => Some(resumed),
            _ => None,
        })
        .await;
    assert!(!resumed);
    let kettle = device("kettle");
    you.until_event(|event| match event {
        SessionEvent::Presence {
            from,
            show: Some(_),
            ..
        } => (from.to_bare() == kettle).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn with_the_handle_everything_ends() {
    let home = DemoHome::start();
    let (mut you, _) = Visitor::enter(&home).await;
    drop(home);
    you.until(|event| match event {
        LinkEvent::State(LinkState::Waiting { .. }) => Some(()),
        _ => None,
    })
    .await;
    drop(you);
    let metrics = tokio::runtime::Handle::current().metrics();
    for _ in 0..100 {
        if metrics.num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} tasks are left", metrics.num_alive_tasks());
}
