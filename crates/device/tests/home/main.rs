//! Whole conversations between devices and their people over a server in memory: real sessions,
//! real boards, a clock that the test moves, and both kinds of server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them"
)]

mod world;

use std::time::Duration;

use roost_device::{BoardKind, DeviceState, FIRST_WORDS, Fault, People, SETUP_DONE};
use roost_memory_server::Flavour;
use roost_model::{FailureCode, ItemId, Node, Profile, Val, Value};
use roost_xmpp_proto::{Answer, Payload, Request, SubscriptionStep};

use world::{World, jid};

const FLAVOURS: [Flavour; 2] = [Flavour::Prosody, Flavour::Ejabberd];
const LED: &str = "xmpp.iot.actuator.led";

fn people() -> People {
    People {
        controllers: [jid("juliet")].into(),
        readers: [jid("peter")].into(),
        ..People::default()
    }
}

/// A device that runs, and juliet, who sees everything.
fn home(flavour: Flavour, board: BoardKind) -> World {
    let mut world = World::new(flavour, &["juliet", "peter", "tybalt"]);
    world.sign_in("juliet");
    world.device(
        "device",
        board,
        Profile::Roost,
        people(),
        DeviceState::default(),
    );
    world.passes(1);
    world.follows("juliet", "device");
    world
}

fn stamped(world: &World, text: &str, age: i64) -> Val {
    let stamp = roost_model::Timestamp(world.now().wall.0 - age * 1_000);
    Val::from_wire(text, Some("boolean"), None, Some(stamp))
}

fn request(world: &World, item: &str, val: Val) -> Request {
    Request::Publish {
        service: world.jid("device"),
        node: Node::Actuators,
        item: ItemId::new(item).unwrap(),
        payload: Payload::Value(val),
    }
}

#[test]
fn a_device_comes_up_and_is_read() {
    for flavour in FLAVOURS {
        for board in [BoardKind::Esp32, BoardKind::Kettle, BoardKind::Thermostat] {
            let mut world = home(flavour, board);
            let form = world.fetch("juliet", "device", Node::Ui).unwrap();
            assert_eq!(form.len(), 1, "{flavour:?} {board:?}");
            let Payload::Form(form, warnings) = &form[0].payload else {
                panic!("no form: {form:?}");
            };
            assert_eq!(warnings, &[], "{flavour:?} {board:?}");
            let mut named = 0;
            for node in [Node::Sensors, Node::Actuators] {
                for report in world.fetch("juliet", "device", node).unwrap() {
                    let var = report.item.as_str();
                    let field = form.fields.iter().find(|f| f.var.as_deref() == Some(var));
                    assert!(field.is_some(), "{var} is not in the form");
                    let Payload::Value(val) = &report.payload else {
                        panic!("{var} has no value");
                    };
                    assert!(val.read(None).is_ok(), "{var}: {val:?}");
                    assert!(val.stamp().is_some(), "{var}");
                    named += 1;
                }
            }
            let vars = form
                .fields
                .iter()
                .filter(|field| field.var.is_some())
                .count();
            assert_eq!(
                named, vars,
                "{flavour:?} {board:?}: every field has its value"
            );
        }
    }
}

#[test]
fn a_switch_is_flipped_and_confirmed() {
    for flavour in FLAVOURS {
        let mut world = home(flavour, BoardKind::Esp32);
        world.told("juliet");
        let val = stamped(&world, "1", 0);
        let ask = request(&world, &format!("set:{LED}:k3"), val);
        assert_eq!(world.ask("juliet", ask), Ok(Answer::Done), "{flavour:?}");
        let told = world.told("juliet");
        let order = [
            format!("set:{LED}:k3 is 1 by juliet"),
            format!("{LED} is 1 by device"),
            format!("set:{LED}:k3 is gone"),
        ];
        let relevant: Vec<_> = told.into_iter().filter(|line| line.contains(LED)).collect();
        assert_eq!(relevant, order, "{flavour:?}");
        let items = world.fetch("juliet", "device", Node::Actuators).unwrap();
        assert!(
            items
                .iter()
                .all(|item| item.item.requested_item().is_none())
        );
    }
}

#[test]
fn nobody_else_gets_through() {
    for flavour in FLAVOURS {
        let mut world = home(flavour, BoardKind::Esp32);
        world.sign_in("tybalt");
        world.sign_in("peter");
        let set = format!("set:{LED}:k3");
        for intruder in ["tybalt", "peter"] {
            for item in [set.as_str(), LED] {
                let ask = request(&world, item, stamped(&world, "1", 0));
                let answer = world.ask(intruder, ask).unwrap_err();
                assert_eq!(
                    answer.code,
                    FailureCode::Forbidden,
                    "{flavour:?} {intruder} {item}"
                );
            }
        }
        for node in Node::ALL {
            assert!(
                world.fetch("tybalt", "device", node).is_err(),
                "{flavour:?} {node:?}"
            );
            let service = world.jid("device");
            let subscribe = Request::Subscribe { service, node };
            assert!(
                world.ask("tybalt", subscribe).is_err(),
                "{flavour:?} {node:?}"
            );
            assert!(
                world.fetch("peter", "device", node).is_ok(),
                "{flavour:?} {node:?}"
            );
        }
        for line in ["help", "led on", FIRST_WORDS] {
            world.says("tybalt", "device", line);
        }
        world.ask_presence("tybalt", "device");
        world.passes(5);
        assert_eq!(world.told("tybalt"), [""; 0], "{flavour:?}");
        assert_eq!(
            world.value("juliet", "device", LED),
            Some(Value::Bool(false))
        );
    }
}

#[test]
fn what_was_asked_while_it_was_away_is_not_done() {
    for flavour in FLAVOURS {
        let mut world = home(flavour, BoardKind::Esp32);
        world.leaves("device");
        let fresh = format!("set:{LED}:fresh");
        let ask = request(&world, &fresh, stamped(&world, "1", 0));
        assert_eq!(world.ask("juliet", ask), Ok(Answer::Done));
        world.passes(10);
        world.returns("device");
        world.passes(2);
        assert_eq!(
            world.value("juliet", "device", LED),
            Some(Value::Bool(false)),
            "{flavour:?}"
        );
        assert_eq!(
            world.value("juliet", "device", &fresh),
            None,
            "{flavour:?}: swept away"
        );
    }
}

#[test]
fn bad_requests_are_taken_back() {
    for flavour in FLAVOURS {
        for (what, text, age) in [("old", "1", 61), ("ahead", "1", -61), ("garbage", "on", 0)] {
            let mut world = home(flavour, BoardKind::Esp32);
            world.told("juliet");
            let set = format!("set:{LED}:k3");
            let ask = request(&world, &set, stamped(&world, text, age));
            assert_eq!(world.ask("juliet", ask), Ok(Answer::Done));
            let told = world.told("juliet");
            let truth = format!("{LED} is 0 by device");
            assert!(told.contains(&truth), "{flavour:?} {what}: {told:?}");
            assert_eq!(
                told.last(),
                Some(&format!("{set} is gone")),
                "{flavour:?} {what}"
            );
        }
    }
}

#[test]
fn a_thesis_controller_overwrites() {
    let mut world = home(Flavour::Prosody, BoardKind::Esp32);
    world.told("juliet");
    let unstamped = Val::from_wire("1", Some("bool"), None, None);
    let ask = request(&world, LED, unstamped.clone());
    assert_eq!(world.ask("juliet", ask), Ok(Answer::Done));
    let told = world.told("juliet");
    let order = [
        format!("{LED} is 1 by juliet"),
        format!("{LED} is 1 by device"),
    ];
    assert_eq!(told, order);

    let mut world = home(Flavour::Ejabberd, BoardKind::Esp32);
    let ask = request(&world, LED, unstamped);
    let refused = world.ask("juliet", ask).unwrap_err();
    assert_eq!(refused.code, FailureCode::Forbidden);
}

#[test]
fn first_words_then_everything_else() {
    for flavour in FLAVOURS {
        let mut world = World::new(flavour, &["juliet"]);
        world.sign_in("juliet");
        world.new_device("device", BoardKind::Kettle, "juliet");
        world.passes(1);
        assert_eq!(world.told("juliet"), [format!("device says {FIRST_WORDS}")]);
        assert!(
            world.fetch("juliet", "device", Node::Ui).is_err(),
            "nothing there yet"
        );
        world.says("juliet", "device", FIRST_WORDS);
        world.passes(1);
        let told = world.told("juliet");
        assert!(
            told.contains(&"device says Setup done!".to_owned()),
            "{told:?}"
        );
        assert_eq!(SETUP_DONE, "Setup done!");
        assert!(
            told.contains(&"device asks for presence".to_owned()),
            "{told:?}"
        );
        assert!(
            world.fetch("juliet", "device", Node::Ui).is_ok(),
            "{flavour:?}"
        );
    }
}

#[test]
fn presence_is_for_its_people() {
    for flavour in FLAVOURS {
        let mut world = World::new(flavour, &["juliet", "tybalt"]);
        world.sign_in("juliet");
        world.sign_in("tybalt");
        world.device(
            "device",
            BoardKind::Kettle,
            Profile::Roost,
            people(),
            DeviceState::default(),
        );
        world.passes(1);
        for name in ["juliet", "tybalt"] {
            world.ask_presence(name, "device");
        }
        world.passes(1);
        let told = world.told("juliet");
        assert!(
            told.contains(&"device approves".to_owned()),
            "{flavour:?}: {told:?}"
        );
        assert!(
            told.contains(&"device is there".to_owned()),
            "{flavour:?}: {told:?}"
        );
        assert_eq!(world.told("tybalt"), [""; 0], "{flavour:?}");
        world.say(
            "juliet",
            Request::Subscription {
                to: world.jid("device"),
                step: SubscriptionStep::Approve,
            },
        );
        world.passes(1);
        let known = world.features("juliet", "device");
        assert!(known.is_roost(), "{flavour:?}: {known:?}");
    }
}

#[test]
fn rights_end() {
    for flavour in FLAVOURS {
        let mut world = home(flavour, BoardKind::Esp32);
        let nurse = People {
            controllers: [jid("nurse")].into(),
            ..People::default()
        };
        world.people("device", nurse);
        world.passes(1);
        world.told("juliet");
        for node in Node::ALL {
            let fetched = world.fetch("juliet", "device", node);
            assert!(fetched.is_err(), "{flavour:?} {node:?}: {fetched:?}");
        }
        world.passes(400);
        let told = world.told("juliet");
        let values = told.iter().filter(|line| line.contains("xmpp.iot"));
        assert_eq!(values.count(), 0, "{flavour:?}: {told:?}");
    }
}

#[test]
fn text_commands_over_the_wire() {
    let mut world = home(Flavour::Prosody, BoardKind::Esp32);
    world.sign_in("peter");
    world.told("peter");
    world.told("juliet");
    world.says("juliet", "device", "led on");
    world.says("peter", "device", "led off");
    let told = world.told("juliet");
    assert!(
        told.contains(&"device says Light: on".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&format!("{LED} is 1 by device")), "{told:?}");
    let told = world.told("peter");
    assert_eq!(told, ["device says You may look, but not change."]);
}

#[test]
fn faults_are_seen_by_others() {
    let mut world = home(Flavour::Ejabberd, BoardKind::Esp32);
    world.told("juliet");
    world.fault("device", Some(Fault::AnswerLate(Duration::from_secs(3))));
    let ask = request(&world, &format!("set:{LED}:k3"), stamped(&world, "1", 0));
    world.ask("juliet", ask).unwrap();
    world.passes(2);
    assert_eq!(
        world.value("juliet", "device", LED),
        Some(Value::Bool(false))
    );
    world.passes(2);
    assert_eq!(
        world.value("juliet", "device", LED),
        Some(Value::Bool(true))
    );
}

#[test]
fn the_thesis_device_on_both_servers() {
    let speaker = "xmpp.iot.actuator.speaker";
    for flavour in FLAVOURS {
        let mut world = World::new(flavour, &["juliet", "tybalt"]);
        world.sign_in("juliet");
        world.device(
            "device",
            BoardKind::Esp32,
            Profile::Thesis,
            People::default(),
            DeviceState::default(),
        );
        world.passes(1);
        world.follows("juliet", "device");
        world.told("juliet");
        world.passes(9);
        let told = world.told("juliet");
        let temperatures = told
            .iter()
            .filter(|line| line.contains("xmpp.iot.sensor.temp is 2"));
        assert!(temperatures.count() >= 2, "{flavour:?}: {told:?}");

        let ask = request(
            &world,
            speaker,
            Val::from_wire("1", Some("bool"), None, None),
        );
        let answer = world.ask("juliet", ask);
        match flavour {
            Flavour::Prosody => assert_eq!(answer, Ok(Answer::Done)),
            Flavour::Ejabberd => {
                let code = answer.unwrap_err().code;
                assert_eq!(code, FailureCode::Forbidden, "only its creator may");
            }
        }
        world.query("juliet", "device");
        let told = world.told("juliet");
        // Our form asks for it; the firmware's does not, and ejabberd then wipes silently.
        let wiped = told.iter().any(|line| line.contains("is gone"));
        assert!(wiped, "{flavour:?}: {told:?}");
    }
}

#[test]
fn a_stream_that_was_lost_leaves_nothing_wrong() {
    for flavour in FLAVOURS {
        let mut world = home(flavour, BoardKind::Kettle);
        for _ in 0..3 {
            world.leaves("device");
            world.passes(2);
            world.returns("device");
            world.passes(2);
        }
        let items = world.fetch("juliet", "device", Node::Actuators).unwrap();
        assert_eq!(items.len(), 2, "{flavour:?}: {items:?}");
        world.told("juliet");
        world.passes(301);
        let told = world.told("juliet");
        let beats = told
            .iter()
            .filter(|line| line.starts_with("xmpp.iot.actuator.power is 0"));
        assert_eq!(beats.count(), 1, "{flavour:?}: one heartbeat: {told:?}");
    }
}
