//! What happens at the limits, and in a large home.

use roost_core::{Change, DropReason, Effect, MAX_DEVICES, MAX_INTENTS, MAX_POINTS};
use roost_model::{Node, Val, Value};
use roost_xmpp_proto::{Answer, Contact, ItemReport, LinkCommand, Payload, Request, SessionEvent};

use crate::script::{Stage, bare, form, item_id};

fn contacts(count: usize) -> SessionEvent {
    let contact = |n| Contact {
        jid: bare(&format!("d{n}")),
        name: None,
        groups: Default::default(),
        we_see_them: true,
        they_see_us: true,
        asked: false,
    };
    SessionEvent::Roster((0..count).map(contact).collect())
}

fn value(item: &str, value: u64) -> ItemReport {
    ItemReport {
        item: item_id(item),
        publisher: None,
        payload: Payload::Value(Val::from_value(&Value::Uint(value), None, None)),
    }
}

fn published(name: &str, items: Vec<ItemReport>) -> SessionEvent {
    SessionEvent::Published {
        service: bare(name),
        node: Node::Sensors,
        items,
    }
}

/// Answers everything that is asked until nothing is; gives how much was asked at once at most.
fn answer_everything(stage: &mut Stage) -> usize {
    let mut most = 0;
    loop {
        let asked: Vec<_> = std::iter::from_fn(|| stage.home.poll_effect()).collect();
        if asked.is_empty() {
            return most;
        }
        most = most.max(asked.len());
        for effect in asked {
            let Effect::Link(LinkCommand::Request(request, what)) = effect else {
                continue;
            };
            let items = |node| match node {
                Node::Sensors => (0..10).map(|n| value(&format!("s{n}"), n)).collect(),
                Node::Actuators => Vec::new(),
                Node::Ui => vec![ItemReport {
                    item: item_id("current"),
                    publisher: None,
                    payload: Payload::Form(Box::new(form()), Vec::new()),
                }],
            };
            let answer = match *what {
                Request::Fetch { node, .. } => Answer::Items(items(node)),
                _ => Answer::Done,
            };
            stage.session(SessionEvent::Answer {
                request,
                result: Ok(answer),
            });
        }
    }
}

#[test]
fn a_large_home_is_read_a_few_devices_at_a_time_and_changes_are_coalesced() {
    let mut stage = Stage::new();
    stage.quietly(["do sign-in", "in online"]);
    stage.session(contacts(1_000));
    let most = answer_everything(&mut stage);
    assert!(most <= 24 * 6, "{most} requests at once");
    assert_eq!(stage.home.devices().count(), 1_000);
    let shown: usize = stage
        .home
        .devices()
        .map(|device| device.readings().count())
        .sum();
    assert_eq!(shown, 10_000);
    stage.forget_all();

    for n in 0..10_000_u64 {
        let item = value(&format!("s{}", n % 10), n);
        stage.session(published(&format!("d{}", n % 100), vec![item]));
    }
    let changes: Vec<Change> = std::iter::from_fn(|| stage.home.poll_change()).collect();
    let changed_devices = changes
        .iter()
        .filter(|it| matches!(it, Change::Readings { .. }));
    assert_eq!(changed_devices.count(), 100);
    assert_eq!(stage.home.poll_effect(), None);
}

#[test]
fn more_contacts_than_can_be_kept_are_counted() {
    let mut stage = Stage::new();
    stage.quietly(["do sign-in", "in online"]);
    stage.session(contacts(MAX_DEVICES + 3));
    assert_eq!(stage.home.counters().dropped[&DropReason::TooMany].count, 3);
    stage.quietly(["do add lamp -> too much at once"]);
}

#[test]
fn more_items_than_can_be_kept_are_counted() {
    let mut stage = Stage::new();
    stage.quietly(["given lamp"]);
    for n in 0..MAX_POINTS + 3 {
        stage.session(published("lamp", vec![value(&format!("s{n}"), 0)]));
    }
    stage.listen();
    let device = stage.home.devices().next().unwrap();
    assert_eq!(device.readings().count(), MAX_POINTS);
    stage.forget_all();
}

#[test]
fn more_wishes_than_can_be_kept_are_refused_and_ended_ones_are_forgotten() {
    let mut stage = Stage::new();
    stage.quietly(["given lamp"]);
    for _ in 0..MAX_INTENTS + 600 {
        // Each takes the place of the one before.
        stage.quietly(["do set lamp power 1"]);
    }
    assert!(stage.home.intents().count() <= 501);
}
