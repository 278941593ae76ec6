//! Whatever strangers send, in whatever order: the devices stay as they are. A model of a few
//! lines beside the controller knows whose words count.

use std::collections::BTreeMap;

use jid::Jid;
use proptest::prelude::*;
use roost_model::{IntentStage, ItemId, Node, PointId, Show, Val, Value};
use roost_xmpp_proto::{
    Answer, Contact, Features, ItemReport, Payload, ROOST_FEATURE, RequestId, SessionEvent,
    SubscriptionStep,
};

use crate::script::{Stage, bare, device, form, item_id};

/// Who hosts, who publishes: lamp speaks Roost, stove speaks the thesis profile, nurse is a
/// person on the roster, romeo a stranger, juliet ourselves.
const ACCOUNTS: [&str; 5] = ["lamp", "stove", "nurse", "romeo", "juliet"];
const ITEMS: [&str; 6] = ["temp", "power", "level", "set:power:x", "set:", "current"];

type Model = BTreeMap<(&'static str, PointId), String>;

#[derive(Clone, Debug)]
enum Step {
    Publish {
        service: &'static str,
        node: Node,
        item: ItemId,
        publisher: Option<&'static str>,
        value: u8,
    },
    Retract {
        service: &'static str,
        node: Node,
        item: ItemId,
    },
    Lose {
        service: &'static str,
        node: Node,
    },
    Say(SessionEvent),
}

proptest! {
    #[test]
    fn only_a_device_changes_its_values(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut stage = a_home();
        let mut model = values(&stage);
        for step in steps {
            if let Some((service, point, value)) = believed(&step) {
                match value {
                    Some(value) => model.insert((service, point), value.to_string()),
                    None => model.remove(&(service, point)),
                };
            }
            stage.session(event(step));
            stage.forget_all();
            prop_assert_eq!(values(&stage), model.clone());
        }
    }

    #[test]
    fn no_stranger_ends_a_wish(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut stage = a_home();
        stage.quietly(["do set lamp power 1", "do set stove power 1"]);
        for step in steps.into_iter().filter(|step| believed(step).is_none()) {
            if is_of_a_device(&step) {
                continue;
            }
            stage.session(event(step));
            stage.forget_all();
            for intent in stage.home.intents() {
                prop_assert_eq!(intent.stage(), IntentStage::Accepted);
            }
        }
    }
}

/// What a step says that is to be believed: of which device, which item, and its value.
fn believed(step: &Step) -> Option<(&'static str, PointId, Option<u8>)> {
    match step {
        Step::Publish {
            service,
            node,
            item,
            publisher,
            value,
        } => {
            let is_thesis = *service == "stove";
            let counts = match (publisher, node) {
                (Some(publisher), Node::Actuators) => {
                    publisher == service || (is_thesis && *publisher == "juliet")
                }
                (None, Node::Actuators) => is_thesis,
                (Some(publisher), _) => publisher == service,
                (None, _) => true,
            };
            let is_request = item.as_str().starts_with("set:");
            let believed = is_device(service) && *node != Node::Ui && counts && !is_request;
            believed.then(|| {
                (
                    *service,
                    PointId {
                        node: *node,
                        item: item.clone(),
                    },
                    Some(*value),
                )
            })
        }
        Step::Retract {
            service,
            node,
            item,
        } => is_device(service).then(|| {
            (
                *service,
                PointId {
                    node: *node,
                    item: item.clone(),
                },
                None,
            )
        }),
        Step::Lose { .. } | Step::Say(_) => None,
    }
}

fn is_of_a_device(step: &Step) -> bool {
    match step {
        Step::Publish {
            service, publisher, ..
        } => is_device(service) && publisher.is_none_or(|publisher| publisher == *service),
        Step::Retract { service, .. } | Step::Lose { service, .. } => is_device(service),
        Step::Say(_) => false,
    }
}

fn is_device(name: &str) -> bool {
    ["lamp", "stove"].contains(&name)
}

fn values(stage: &Stage) -> Model {
    let mut values = Model::new();
    for name in ["lamp", "stove"] {
        let saved = stage.home.saved(&device(name)).unwrap();
        for it in saved.readings {
            values.insert((name, it.point), it.reading.val.text().to_owned());
        }
        assert_eq!(saved.form, Some(form()));
    }
    values
}

/// Two devices that were read, and a person.
fn a_home() -> Stage {
    let mut stage = Stage::new();
    stage.quietly([
        "given lamp roost",
        "in contact nurse:seen",
        "in contact stove:seen",
        "in answer fetch stove ui form",
        "in subscribed stove",
        "in answer fetch stove sensors items temp=200",
        "in answer fetch stove actuators items power=0",
        "in answer fetch stove ui form",
        "in stove/a comes",
        "in stove/a features thesis",
    ]);
    stage
}

fn event(step: Step) -> SessionEvent {
    match step {
        Step::Publish {
            service,
            node,
            item,
            publisher,
            value,
        } => {
            let val = Val::from_value(&Value::Uint(value.into()), None, None);
            SessionEvent::Published {
                service: bare(service),
                node,
                items: vec![ItemReport {
                    item,
                    publisher: publisher.map(|name| bare(name).into()),
                    payload: Payload::Value(val),
                }],
            }
        }
        Step::Retract {
            service,
            node,
            item,
        } => SessionEvent::Retracted {
            service: bare(service),
            node,
            items: vec![item],
        },
        Step::Lose { service, node } => SessionEvent::NodeGone {
            service: bare(service),
            node,
            deleted: true,
        },
        Step::Say(event) => event,
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let account = || prop::sample::select(ACCOUNTS.to_vec());
    let node = || prop::sample::select(Node::ALL.to_vec());
    let item = || prop::sample::select(ITEMS.to_vec()).prop_map(item_id);
    let publish = (
        account(),
        node(),
        item(),
        prop::option::of(account()),
        0..9_u8,
    );
    let publish = publish.prop_map(|(service, node, item, publisher, value)| Step::Publish {
        service,
        node,
        item,
        publisher,
        value,
    });
    let retract = (account(), node(), item());
    let retract = retract.prop_map(|(service, node, item)| Step::Retract {
        service,
        node,
        item,
    });
    let lose = (account(), node()).prop_map(|(service, node)| Step::Lose { service, node });
    let stranger = prop::sample::select(vec!["nurse", "romeo"]);
    let say = (stranger, 0..7_u8).prop_map(|(name, what)| Step::Say(chatter(name, what)));
    prop_oneof![6 => publish, 2 => retract, 1 => lose, 3 => say]
}

/// What strangers say that is not about items.
fn chatter(name: &str, what: u8) -> SessionEvent {
    let from: Jid = bare(name).into();
    match what {
        0 => SessionEvent::Presence {
            from,
            show: Some(Show::Available),
            status: None,
        },
        1 => SessionEvent::Presence {
            from,
            show: None,
            status: None,
        },
        2 => SessionEvent::SubscriptionStep {
            from: bare(name),
            step: SubscriptionStep::Approve,
        },
        3 => SessionEvent::Text {
            from,
            body: "Setup done!".to_owned(),
            delayed: None,
        },
        4 => SessionEvent::Answer {
            request: RequestId(u64::MAX),
            result: Ok(Answer::Items(vec![ItemReport {
                item: item_id("power"),
                publisher: None,
                payload: Payload::Value(Val::from_value(&Value::Bool(true), None, None)),
            }])),
        },
        5 => SessionEvent::Features {
            from: bare("romeo").with_resource_str("x").unwrap(),
            features: Features {
                features: [ROOST_FEATURE.to_owned()].into(),
                ..Features::default()
            },
        },
        _ => SessionEvent::ContactChanged(Contact {
            jid: bare("nurse"),
            name: Some("lamp".to_owned()),
            groups: Default::default(),
            we_see_them: true,
            they_see_us: true,
            asked: false,
        }),
    }
}
