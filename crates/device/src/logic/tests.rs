//! Conversations of a device with its server and its people.
//!
//! [`Stage`] answers every question like a content server and writes down what the device says in
//! short lines; what happens is said in hand-written events.

use std::path::Path;

use roost_model::{Failure, FailureCode, ItemId, Node, Profile, Timestamp, Val};
use roost_xmpp_proto::{
    AccessModel, Affiliation, Answer, Contact, ItemReport, Payload, PublishModel, SubscriptionStep,
};

use super::*;
use crate::BoardKind;

const NOON: Now = Now {
    instant: Instant(1_000_000),
    wall: Timestamp(1_800_000_000_000),
};
const JULIET: &str = "juliet@capulet.lit";
const PETER: &str = "peter@capulet.lit";
const TYBALT: &str = "tybalt@capulet.lit";

struct Stage {
    device: DeviceLogic,
    now: Now,
    /// What the server answers to a publication of this point.
    publishing: Option<(&'static str, FailureCode)>,
    publish_model: PublishModel,
}

impl Stage {
    fn new(board: BoardKind, sender: Option<&str>, state: DeviceState) -> Self {
        let config = DeviceConfig {
            account: jid("device@capulet.lit"),
            people: People {
                controllers: [jid(JULIET)].into(),
                readers: [jid(PETER)].into(),
                ..People::default()
            },
            sender: sender.map(jid),
            pace: Pace::default(),
        };
        let board = board.build(Profile::Roost, 7, Path::new("/nonexistent"));
        Self {
            device: DeviceLogic::new(config, board, state),
            now: NOON,
            publishing: None,
            publish_model: PublishModel::Publishers,
        }
    }

    /// A device that runs; what it said until then is forgotten.
    fn running(board: BoardKind) -> Self {
        let mut stage = Self::new(board, None, DeviceState::default());
        stage.online();
        stage
    }

    fn online(&mut self) -> Vec<String> {
        let bound = "device@capulet.lit/1".parse().unwrap();
        self.happens(SessionEvent::Online {
            bound,
            resumed: false,
        })
    }

    fn happens(&mut self, event: SessionEvent) -> Vec<String> {
        self.device.handle(event, self.now);
        self.settle()
    }

    fn passes(&mut self, seconds: u64) -> Vec<String> {
        for _ in 0..seconds {
            self.now = self.now + Duration::from_secs(1);
            self.device.step(Duration::from_secs(1), self.now);
            self.device.handle_timeout(self.now);
        }
        self.settle()
    }

    /// Answers until nothing is asked any more; returns what was said, without the questions of
    /// the setup.
    fn settle(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some((request, what)) = self.device.poll_request() {
            said.extend(line(&what));
            let answer = self.answer(&what);
            if let Some(result) = answer {
                self.device
                    .handle(SessionEvent::Answer { request, result }, self.now);
            }
        }
        assert!(self.device.under_way.is_empty(), "nothing is forgotten");
        said
    }

    fn answer(&self, request: &Request) -> Option<Result<Answer, Failure>> {
        Some(Ok(match request {
            Request::SendText { .. }
            | Request::Subscription { .. }
            | Request::SetPresence { .. } => return None,
            Request::ReadNodeConfig { .. } => Answer::Config {
                access: Some(AccessModel::Whitelist),
                publish: Some(self.publish_model),
                max_items: Some(100),
                persist: Some(true),
            },
            Request::ReadAffiliations { .. } => Answer::Affiliations(vec![]),
            Request::ReadSubscribers { .. } => Answer::Subscribers(vec![]),
            Request::Fetch { .. } => Answer::Items(vec![]),
            Request::Publish { item, .. } => match self.publishing {
                Some((point, code)) if item.as_str().ends_with(point) => {
                    return Some(Err(Failure::new(code)));
                }
                _ => Answer::Done,
            },
            _ => Answer::Done,
        }))
    }

    fn asks(&mut self, who: &str, item: &str, kind: &str, text: &str) -> Vec<String> {
        let val = Val::from_wire(text, Some(kind), None, Some(self.now.wall));
        self.happens(published(who, item, val))
    }

    fn writes(&mut self, who: &str, body: &str) -> Vec<String> {
        self.happens(SessionEvent::Text {
            from: format!("{who}/phone").parse().unwrap(),
            body: body.to_owned(),
            delayed: None,
        })
    }

    fn notices(&mut self) -> Vec<Notice> {
        std::iter::from_fn(|| self.device.poll_notice()).collect()
    }
}

fn jid(text: &str) -> BareJid {
    text.parse().unwrap()
}

fn published(who: &str, item: &str, val: Val) -> SessionEvent {
    SessionEvent::Published {
        service: jid("device@capulet.lit"),
        node: Node::Actuators,
        items: vec![ItemReport {
            item: ItemId::new(item).unwrap(),
            publisher: who.parse().ok(),
            payload: Payload::Value(val),
        }],
    }
}

fn short(item: &ItemId) -> String {
    item.as_str()
        .replace("xmpp.iot.actuator.", "")
        .replace("xmpp.iot.sensor.", "")
}

fn line(request: &Request) -> Option<String> {
    Some(match request {
        Request::Publish { item, payload, .. } => match payload {
            Payload::Value(val) => format!("{} is {}", short(item), val.text()),
            _ => format!("{item} is a form"),
        },
        Request::Retract { item, .. } => format!("retracts {}", short(item)),
        Request::SendText { to, body } => format!("to {}: {body}", to.to_bare()),
        Request::Subscription { to, step } => format!("{step:?} {to}"),
        Request::SetContact { jid, .. } => format!("adds {jid}"),
        Request::RemoveContact { jid } => format!("removes {jid}"),
        Request::SetPresence { .. } => "present".to_owned(),
        _ => return None,
    })
}

#[test]
fn what_others_host_under_the_same_names_is_not_its_own() {
    let mut stage = Stage::running(BoardKind::Kettle);
    let asked = |service: &str| {
        let stamp = Some(NOON.wall);
        let val = Val::from_wire("1", Some("bool"), None, stamp);
        let SessionEvent::Published { node, items, .. } =
            published(JULIET, "set:xmpp.iot.actuator.power:1", val)
        else {
            panic!("a request is published");
        };
        SessionEvent::Published {
            service: jid(service),
            node,
            items,
        }
    };
    // Juliet may control it, but not by a node of her own or of somebody else.
    for service in [JULIET, TYBALT, "pubsub.capulet.lit"] {
        assert_eq!(stage.happens(asked(service)), [""; 0], "{service}");
        let gone = SessionEvent::NodeGone {
            service: jid(service),
            node: Node::Actuators,
            deleted: true,
        };
        assert_eq!(stage.happens(gone), [""; 0], "{service}");
    }
    let done = ["power is 1", "retracts set:power:1"];
    assert_eq!(stage.happens(asked("device@capulet.lit")), done);
}

#[test]
fn the_first_words() {
    let mut stage = Stage::new(BoardKind::Kettle, Some(JULIET), DeviceState::default());
    let greeting = format!("to {JULIET}: {FIRST_WORDS}");
    assert_eq!(stage.online(), ["present"], "nobody is greeted yet");
    let roster = || SessionEvent::Roster(vec![]);
    assert_eq!(stage.happens(roster()), vec![greeting.clone()]);
    assert_eq!(
        stage.writes(TYBALT, FIRST_WORDS),
        [""; 0],
        "not whom we greeted"
    );
    assert_eq!(stage.writes(PETER, FIRST_WORDS), [""; 0]);
    assert_eq!(
        stage.writes(JULIET, "Hi"),
        [format!("to {JULIET}: I do not know that. Try: help")]
    );
    stage.online();
    assert_eq!(
        stage.happens(roster()),
        vec![greeting.clone()],
        "again in a new stream"
    );
    let patient = stage.passes(3_600);
    assert!(patient.iter().all(|line| *line == greeting));
    assert_eq!(patient.len(), 6, "after 30 s, 60 s, 120 s, …");
    let said = stage.writes(JULIET, FIRST_WORDS);
    assert_eq!(
        said[..2],
        [format!("adds {JULIET}"), format!("adds {PETER}")]
    );
    assert!(said.contains(&"current is a form".to_owned()), "{said:?}");
    assert!(said.contains(&"power is 0".to_owned()), "{said:?}");
    assert!(
        said.contains(&format!("to {JULIET}: {SETUP_DONE}")),
        "{said:?}"
    );

    let state = stage.device.poll_state().unwrap();
    assert!(state.setup_done);
    assert_eq!(stage.device.poll_state(), None, "nothing new to save");
    let mut restarted = Stage::new(BoardKind::Kettle, Some(JULIET), state);
    let said = restarted.online();
    assert_eq!(said.first().unwrap(), "current is a form", "no greeting");
    assert!(!said.iter().any(|line| line.contains(SETUP_DONE)));
}

#[test]
fn a_switch_is_flipped() {
    let mut stage = Stage::running(BoardKind::Esp32);
    stage.notices();
    let request = "set:xmpp.iot.actuator.led:k3";
    let done = ["led is 1", "retracts set:led:k3"];
    assert_eq!(stage.asks(JULIET, request, "boolean", "1"), done);
    assert_eq!(
        stage.asks(JULIET, request, "boolean", "1"),
        [""; 0],
        "delivered twice"
    );
    assert_eq!(
        stage.asks(
            "juliet@capulet.lit/b",
            "xmpp.iot.actuator.led",
            "boolean",
            "0"
        ),
        ["led is 0"],
        "as a thesis client asks"
    );
    let state = stage.device.poll_state().unwrap();
    assert_eq!(state.values.get("led"), Some(&Value::Bool(false)));
    assert_eq!(stage.notices().len(), 2);
}

#[test]
fn hostile_requests_change_nothing() {
    let led = "xmpp.iot.actuator.led";
    let set = "set:xmpp.iot.actuator.led:k3";
    let truth = ["led is 0", "retracts set:led:k3"];
    let stamped = |seconds: i64| {
        let stamp = Timestamp(NOON.wall.0 + seconds * 1000);
        Val::from_wire("1", Some("boolean"), None, Some(stamp))
    };
    let unstamped = Val::from_wire("1", Some("boolean"), None, None);
    let cases = [
        ("a stranger", TYBALT, set, stamped(0), &truth[..]),
        ("a reader", PETER, set, stamped(0), &truth),
        ("nobody", "", set, stamped(0), &truth),
        ("a stale one", JULIET, set, stamped(-61), &truth),
        ("one from the future", JULIET, set, stamped(61), &truth),
        (
            "one without a stamp",
            JULIET,
            set,
            unstamped.clone(),
            &truth,
        ),
        (
            "a stranger, overwriting",
            TYBALT,
            led,
            unstamped.clone(),
            &truth[..1],
        ),
        (
            "a reader, overwriting",
            PETER,
            led,
            unstamped.clone(),
            &truth[..1],
        ),
        (
            "garbage",
            JULIET,
            set,
            Val::from_wire("maybe", Some("boolean"), None, Some(NOON.wall)),
            &truth,
        ),
        (
            "another item",
            JULIET,
            "set:xmpp.iot.actuator.moon:k3",
            stamped(0),
            &["retracts set:moon:k3"],
        ),
        (
            "a sensor",
            JULIET,
            "set:xmpp.iot.sensor.button:k3",
            stamped(0),
            &["button is 0", "retracts set:button:k3"],
        ),
        (
            "out of range",
            JULIET,
            "set:xmpp.iot.actuator.speaker:k3",
            Val::from_wire("1.5", Some("float"), None, Some(NOON.wall)),
            &["speaker is 0", "retracts set:speaker:k3"],
        ),
        ("litter", JULIET, "hello", stamped(0), &["retracts hello"]),
        ("our own echo", "device@capulet.lit/1", led, unstamped, &[]),
    ];
    for (what, who, item, val, expected) in cases {
        let mut stage = Stage::running(BoardKind::Esp32);
        let said = stage.happens(published(who, item, val));
        assert_eq!(said, expected, "{what}");
        let is_on = stage.device.board.read("led");
        assert_eq!(is_on, Some(Value::Bool(false)), "{what}");
    }
}

#[test]
fn other_peoples_nodes_are_not_ours() {
    let mut stage = Stage::running(BoardKind::Esp32);
    let val = Val::from_wire("1", Some("boolean"), None, Some(NOON.wall));
    let SessionEvent::Published { items, .. } =
        published(JULIET, "set:xmpp.iot.actuator.led:k3", val)
    else {
        unreachable!();
    };
    for (service, node) in [
        (JULIET, Node::Actuators),
        ("device@capulet.lit", Node::Sensors),
    ] {
        let event = SessionEvent::Published {
            service: jid(service),
            node,
            items: items.clone(),
        };
        assert_eq!(stage.happens(event), [""; 0], "{service} {node:?}");
    }
}

#[test]
fn one_person_cannot_keep_it_busy() {
    let mut stage = Stage::running(BoardKind::Esp32);
    stage.notices();
    for n in 0..100 {
        let item = format!("set:xmpp.iot.actuator.led:{n}");
        stage.asks(JULIET, &item, "boolean", if n % 2 == 0 { "1" } else { "0" });
    }
    let notices = stage.notices();
    let acted = notices
        .iter()
        .filter(|notice| matches!(notice, Notice::Acted { .. }));
    assert_eq!(acted.count(), 30);
    let too_many = |notice: &&Notice| {
        matches!(
            notice,
            Notice::Refused {
                why: Refusal::TooMany,
                ..
            }
        )
    };
    assert_eq!(notices.iter().filter(too_many).count(), 70);
}

#[test]
fn text_commands() {
    let mut stage = Stage::running(BoardKind::Thermostat);
    let to = |who: &str, text: &str| vec![format!("to {who}: {text}")];
    let story = [
        (JULIET, "setpoint", to(JULIET, "Setpoint: 21 °C")),
        (
            JULIET,
            "set setpoint 22.5",
            vec![
                format!("to {JULIET}: Setpoint: 22.5 °C"),
                "setpoint is 22.5".to_owned(),
            ],
        ),
        (
            JULIET,
            "set setpoint 99",
            vec![
                format!("to {JULIET}: No: it goes from 5 to 30. Setpoint: 22.5 °C"),
                "setpoint is 22.5".to_owned(),
            ],
        ),
        (PETER, "mode", to(PETER, "Mode: heat")),
        (
            PETER,
            "mode eco",
            to(PETER, "You may look, but not change."),
        ),
        (TYBALT, "help", vec![]),
        (TYBALT, "mode off", vec![]),
    ];
    for (who, line, expected) in story {
        assert_eq!(stage.writes(who, line), expected, "{who}: {line}");
    }
    let old = SessionEvent::Text {
        from: JULIET.parse().unwrap(),
        body: "mode off".to_owned(),
        delayed: Some(NOON.wall - Duration::from_secs(3_600)),
    };
    assert_eq!(stage.happens(old), [""; 0], "said an hour ago");
    let answers = (0..50).filter(|_| !stage.writes(JULIET, "what?").is_empty());
    assert!(answers.count() < 5, "two machines do not talk for ever");
}

#[test]
fn values_are_published_as_they_change_and_at_a_heartbeat() {
    let mut stage = Stage::running(BoardKind::Esp32);
    stage.device.touch("button", &Value::Bool(true), stage.now);
    assert_eq!(stage.passes(1), [""; 0], "too soon after the first report");
    let mut stage = Stage::running(BoardKind::Esp32);
    stage.passes(10);
    stage.device.touch("button", &Value::Bool(true), stage.now);
    assert!(stage.settle().contains(&"button is 1".to_owned()));
    assert!(stage.passes(5).contains(&"button is 0".to_owned()));
    assert!(
        stage.passes(300).contains(&"led is 0".to_owned()),
        "heartbeat"
    );
}

#[test]
fn the_server_has_moods() {
    let mut stage = Stage::new(BoardKind::Esp32, None, DeviceState::default());
    stage.publish_model = PublishModel::Open;
    let said = stage.online();
    assert_eq!(said, ["present"], "nothing is published where anybody may");
    let asked = stage.asks(JULIET, "set:xmpp.iot.actuator.led:1", "boolean", "1");
    assert_eq!(
        asked, [""; 0],
        "and nothing is believed that is found there"
    );

    let mut stage = Stage::running(BoardKind::Esp32);
    stage.publishing = Some(("actuator.led", FailureCode::Forbidden));
    let said = stage.asks(JULIET, "set:xmpp.iot.actuator.led:1", "boolean", "1");
    assert_eq!(
        said,
        ["led is 1", "retracts led"],
        "somebody else created it"
    );
    stage.publishing = None;
    let said = stage.passes(6);
    assert!(said.contains(&"led is 1".to_owned()), "{said:?}");
    assert!(said.contains(&"retracts set:led:1".to_owned()), "{said:?}");

    stage.publishing = Some(("actuator.led", FailureCode::NotFound));
    stage.asks(JULIET, "set:xmpp.iot.actuator.led:2", "boolean", "0");
    stage.publishing = None;
    let said = stage.passes(2);
    assert!(said.contains(&"current is a form".to_owned()), "{said:?}");
    assert!(
        said.contains(&"led is 0".to_owned()),
        "prepared anew: {said:?}"
    );
    let gone = SessionEvent::NodeGone {
        service: jid("device@capulet.lit"),
        node: Node::Sensors,
        deleted: true,
    };
    let said = stage.happens(gone);
    assert!(said.contains(&"current is a form".to_owned()), "{said:?}");
}

#[test]
fn the_roster_is_its_people() {
    let mut stage = Stage::running(BoardKind::Kettle);
    let contact = |name: &str| Contact {
        jid: jid(name),
        name: None,
        groups: Default::default(),
        we_see_them: true,
        they_see_us: true,
        asked: false,
    };
    let said = stage.happens(SessionEvent::Roster(vec![contact(PETER), contact(TYBALT)]));
    assert_eq!(
        said,
        [
            format!("adds {JULIET}"),
            format!("removes {TYBALT}"),
            format!("Ask {JULIET}")
        ]
    );
    let mut asks = |who| {
        stage.happens(SessionEvent::SubscriptionStep {
            from: jid(who),
            step: SubscriptionStep::Ask,
        })
    };
    assert_eq!(asks(PETER), [format!("Approve {PETER}")]);
    assert_eq!(asks(TYBALT), [""; 0]);
}

#[test]
fn people_come_and_go() {
    let mut stage = Stage::running(BoardKind::Kettle);
    let people = People {
        controllers: [jid(PETER)].into(),
        ..People::default()
    };
    stage.device.set_people(people.clone(), stage.now);
    stage.settle();
    let refused = stage.asks(JULIET, "set:xmpp.iot.actuator.power:1", "boolean", "1");
    assert_eq!(refused, ["power is 0", "retracts set:power:1"]);
    let done = stage.asks(PETER, "set:xmpp.iot.actuator.power:2", "boolean", "1");
    assert_eq!(done, ["power is 1", "retracts set:power:2"]);
    assert_eq!(stage.device.poll_state().unwrap().people, people);
}

#[test]
fn faults_on_purpose() {
    let request = "set:xmpp.iot.actuator.led:1";
    let done = ["led is 1", "retracts set:led:1"];

    let mut stage = Stage::running(BoardKind::Esp32);
    stage.device.set_fault(Some(Fault::Refuse));
    let said = stage.asks(JULIET, request, "boolean", "1");
    assert_eq!(said, ["led is 0", "retracts set:led:1"]);

    let mut stage = Stage::running(BoardKind::Esp32);
    let late = Fault::AnswerLate(Duration::from_secs(2));
    stage.device.set_fault(Some(late));
    assert_eq!(stage.asks(JULIET, request, "boolean", "1"), [""; 0]);
    assert_eq!(
        stage.device.poll_timeout(),
        Some((NOON + Duration::from_secs(2)).instant)
    );
    assert_eq!(stage.passes(2), done);

    let mut stage = Stage::running(BoardKind::Esp32);
    stage.device.set_fault(Some(Fault::Garbage));
    let said = stage.asks(JULIET, request, "boolean", "1");
    assert_eq!(said, ["led is 22,43", "retracts set:led:1"]);
    stage.device.set_fault(None);
    let said = stage.passes(1);
    assert!(said.contains(&"led is 1".to_owned()), "healed: {said:?}");
}

#[test]
fn what_is_remembered_and_what_is_not() {
    let mut stage = Stage::running(BoardKind::Thermostat);
    stage.asks(JULIET, "set:xmpp.iot.actuator.mode:1", "string", "eco");
    let state = stage.device.poll_state().unwrap();
    stage.device.power_cycle();
    let said = stage.online();
    assert!(said.contains(&"mode is eco".to_owned()), "{said:?}");
    let mut restarted = Stage::new(BoardKind::Thermostat, None, state);
    assert!(restarted.online().contains(&"mode is eco".to_owned()));

    let mut stage = Stage::running(BoardKind::Kettle);
    stage.asks(JULIET, "set:xmpp.iot.actuator.power:1", "boolean", "1");
    stage.device.poll_state();
    stage.device.power_cycle();
    let said = stage.online();
    assert!(
        said.contains(&"power is 0".to_owned()),
        "a kettle stays off: {said:?}"
    );
}

#[test]
fn old_rights_come_from_the_saved_state() {
    let state = DeviceState {
        setup_done: true,
        people: People {
            owner: Some(jid(JULIET)),
            ..People::default()
        },
        ..DeviceState::default()
    };
    let config = DeviceConfig {
        account: jid("device@capulet.lit"),
        people: People::default(),
        sender: None,
        pace: Pace::default(),
    };
    let board = BoardKind::Kettle.build(Profile::Roost, 7, Path::new("/nonexistent"));
    let device = DeviceLogic::new(config, board, state);
    let people = &device.config.people;
    assert!(people.may_control(&jid(JULIET)));
    assert_eq!(
        people.affiliation(&jid(JULIET), Node::Actuators),
        Some(Affiliation::Publisher)
    );
}
