//! What a person and the world say: `do` and `in`.

use std::collections::BTreeSet;

use jid::Jid;
use roost_core::{Command, Input, Refusal, SavedDevice, SavedReading};
use roost_model::{
    Failure, FailureCode, Freshness, Node, PointId, Profile, Reading, Show, Timestamp, Val, Value,
};
use roost_xmpp_proto::{
    Answer, Features, ItemReport, LinkEvent, Payload, ROOST_FEATURE, SendStage, SessionEvent,
    SubscriptionStep,
};

use super::cast::{
    account, bare, contact, device, form, full, item_id, jid, link_state, node_of, our_jid,
    presence,
};
use super::{NODES, Stage};

impl Stage {
    pub(super) fn command(&mut self, rest: &str) {
        let (rest, refusal) = match rest.split_once("->") {
            Some((rest, refusal)) => (rest.trim(), Some(refusal.trim())),
            None => (rest, None),
        };
        let words: Vec<&str> = rest.split(' ').collect();
        let command = match words[..] {
            ["sign-in"] => Command::SignIn(Box::new(account("juliet"))),
            ["sign-in", name] => Command::SignIn(Box::new(account(name))),
            ["sign-out"] => Command::SignOut { forget: false },
            ["forget"] => Command::SignOut { forget: true },
            ["set", name, item, value] => Command::SetValue {
                device: device(name),
                item: item_id(item),
                value: Value::Text(value.to_owned()),
            },
            ["add", name] => Command::AddDevice(bare(name)),
            ["remove", name] => Command::RemoveDevice(device(name)),
            ["rename", name, new] => Command::RenameDevice {
                device: device(name),
                name: new.to_owned(),
            },
            ["move", name, room] => Command::SetRoom {
                device: device(name),
                room: Some(room.to_owned()),
            },
            ["look"] => Command::SetWatched(true),
            ["look-away"] => Command::SetWatched(false),
            ["refresh"] => Command::Refresh(None),
            _ => panic!("cannot do {rest}"),
        };
        let result = self.home.command(command, self.now);
        let refused = result.err().map(|refusal: Refusal| refusal.to_string());
        assert_eq!(refused.as_deref(), refusal, "{rest}");
    }

    pub(super) fn world(&mut self, rest: &str) {
        let words: Vec<&str> = rest.split(' ').collect();
        let session = match words[..] {
            ["state", state] => {
                let event = LinkEvent::State(link_state(state));
                return self.home.handle(Input::Link(event), self.now);
            }
            ["restored", name, profile] => return self.restore(name, profile),
            ["online"] => SessionEvent::Online {
                bound: our_jid(),
                resumed: false,
            },
            ["resumed"] => SessionEvent::Online {
                bound: our_jid(),
                resumed: true,
            },
            ["suspended"] => SessionEvent::Suspended,
            ["roster", ref names @ ..] => {
                SessionEvent::Roster(names.iter().map(|name| contact(name)).collect())
            }
            ["contact", name] => SessionEvent::ContactChanged(contact(name)),
            ["removed", name] => SessionEvent::ContactRemoved(bare(name)),
            ["step", name, step] => SessionEvent::SubscriptionStep {
                from: bare(name),
                step: match step {
                    "ask" => SubscriptionStep::Ask,
                    "approve" => SubscriptionStep::Approve,
                    "deny" => SubscriptionStep::Deny,
                    _ => panic!("no step {step}"),
                },
            },
            ["answer", ref answer @ ..] => return self.answer(answer),
            ["subscribed", name] => {
                for node in NODES {
                    self.answer(&["subscribe", name, node, "ok"]);
                }
                return;
            }
            ["stage", stage] => SessionEvent::Stage {
                request: self.pending.last().unwrap().0,
                stage: if stage == "sent" {
                    SendStage::Sent
                } else {
                    SendStage::Acked
                },
            },
            [who, "comes"] => presence(who, Some(Show::Available)),
            [who, "sleeps"] => presence(who, Some(Show::Xa)),
            [who, "leaves"] => presence(who, None),
            [who, "features", profile] => SessionEvent::Features {
                from: full(who),
                features: Features {
                    features: match profile {
                        "roost" => BTreeSet::from([ROOST_FEATURE.to_owned()]),
                        _ => BTreeSet::new(),
                    },
                    ..Features::default()
                },
            },
            [who, "lost", node] => SessionEvent::NodeGone {
                service: bare(who),
                node: node_of(node),
                deleted: true,
            },
            [who, "retracts", node, item] => SessionEvent::Retracted {
                service: bare(who),
                node: node_of(node),
                items: vec![item_id(&self.with_token(item))],
            },
            [who, "reports", node, item, ref by @ ..] => {
                let publisher = match by {
                    [] => Some(Jid::from(full(&format!("{who}/a")))),
                    ["by", "nobody"] => None,
                    ["by", other] => Some(jid(other)),
                    _ => panic!("by whom? {by:?}"),
                };
                let mut report = self.item(item);
                report.publisher = publisher;
                let items = vec![report];
                SessionEvent::Published {
                    service: bare(who),
                    node: node_of(node),
                    items,
                }
            }
            _ => panic!("{rest} does not happen"),
        };
        self.session(session);
    }

    /// What the lamp of the last run looked like: `temp` was 19.
    fn restore(&mut self, name: &str, profile: &str) {
        let reading = Reading {
            val: Val::from_wire("19", None, None, None),
            received: Timestamp(1),
            publisher: None,
            freshness: Freshness::Live,
        };
        let point = PointId {
            node: Node::Sensors,
            item: item_id("temp"),
        };
        let saved = SavedDevice {
            id: device(name),
            name: Some(name.to_uppercase()),
            groups: Vec::new(),
            profile: Some(if profile == "roost" {
                Profile::Roost
            } else {
                Profile::Thesis
            }),
            form: Some(form()),
            warnings: Vec::new(),
            readings: vec![SavedReading {
                point,
                reading,
                readable: true,
            }],
        };
        let restored = Input::Restored {
            account: bare("juliet"),
            devices: vec![saved],
        };
        self.home.handle(restored, self.now);
    }

    pub(crate) fn session(&mut self, event: SessionEvent) {
        let event = LinkEvent::Session(Box::new(event));
        self.home.handle(Input::Link(event), self.now);
    }

    /// `answer <request…> ok | items … | form | forbidden | missing | lost | late | busy`
    fn answer(&mut self, words: &[&str]) {
        let results = [
            "ok",
            "items",
            "form",
            "forbidden",
            "missing",
            "lost",
            "late",
            "busy",
        ];
        let at = words
            .iter()
            .position(|word| results.contains(word))
            .unwrap();
        let request = self.with_token(&words[..at].join(" "));
        let failed = |code| Err(Failure::with_detail(code, "said the server"));
        let result = match words[at] {
            "ok" => Ok(Answer::Done),
            "items" => {
                let items = words[at + 1..].iter().map(|item| self.item(item));
                Ok(Answer::Items(items.collect()))
            }
            "form" => Ok(Answer::Items(vec![self.item("form")])),
            "forbidden" => failed(FailureCode::Forbidden),
            "missing" => failed(FailureCode::NotFound),
            "lost" => failed(FailureCode::ConnectionLost),
            "late" => failed(FailureCode::TimedOut),
            _ => failed(FailureCode::RateLimited),
        };
        let found = self
            .pending
            .iter()
            .position(|(_, said)| said.starts_with(&request));
        let found = found.unwrap_or_else(|| panic!("nobody asked {request}: {:?}", self.pending));
        let (request, _) = self.pending.remove(found);
        self.session(SessionEvent::Answer { request, result });
    }

    fn item(&self, text: &str) -> ItemReport {
        let (item, payload) = match text.split_once('=') {
            _ if text == "form" => ("current", Payload::Form(Box::new(form()), Vec::new())),
            Some((item, "?")) => (item, Payload::Unreadable),
            Some((item, value)) => (
                item,
                Payload::Value(Val::from_wire(value, None, None, None)),
            ),
            None => panic!("{text} is no item"),
        };
        let item = item_id(&self.with_token(item));
        ItemReport {
            item,
            publisher: None,
            payload,
        }
    }

    fn with_token(&self, text: &str) -> String {
        text.replace(":T", &format!(":{}", self.token))
    }
}
