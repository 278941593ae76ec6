//! Wishes in an unreliable world: a server and a device of a few lines, streams that break at
//! any moment, and random people. Whatever happens, every wish ends, none is called confirmed
//! that was not, and when the world calms down the home shows what is.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use proptest::prelude::*;
use roost_core::{Accepted, Command, Effect, Input};
use roost_model::{
    Failure, FailureCode, Freshness, IntentId, IntentStage, ItemId, Node, Show, Val, Value,
};
use roost_xmpp_proto::{
    Answer, Contact, ItemReport, LinkCommand, Payload, Request, RequestId, SessionEvent,
};

use crate::script::{Stage, bare, device, form, item_id};

#[derive(Clone, Debug)]
enum Step {
    /// A person wants a level.
    Wish(u8),
    /// The server takes the next stanza from the app.
    Server,
    /// The app hears the next stanza.
    App,
    /// The device takes up the oldest request, and does what is asked or not.
    Act(bool),
    /// The device says how it is.
    Report,
    /// The stream breaks and is resumed at once.
    Hiccup,
    /// The stream breaks for good: what is under way either way is lost. A new one begins.
    Break,
    /// A person looks at the home, or away from it.
    Look(bool),
    /// Time goes by, in milliseconds.
    Wait(u16),
}

proptest! {
    #[test]
    fn every_wish_ends_truthfully(steps in prop::collection::vec(any_step(), 1..80)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.calm_down();
        for intent in world.stage.home.intents() {
            prop_assert!(intent.stage().is_end(), "{intent:?}");
        }
        let level = item_id("level");
        let lamp = world.stage.home.device(&device("lamp")).unwrap();
        let shown = lamp.reading(&level).unwrap();
        prop_assert_eq!(shown.freshness(), Freshness::Live);
        prop_assert_eq!(shown.value().unwrap().as_f64(), Some(f64::from(world.level)));
    }
}

struct World {
    stage: Stage,
    /// What the device is set to, and at every moment since the beginning was.
    level: u8,
    levels: Vec<u8>,
    /// Request items on the node, oldest first.
    requests: Vec<(ItemId, u8)>,
    to_server: VecDeque<(RequestId, Request)>,
    to_app: VecDeque<SessionEvent>,
    /// Whether the server was told that nobody looks, and the only event it then keeps.
    rests: bool,
    kept: Option<SessionEvent>,
    /// Since which moment each wish is wanted, and what it wants.
    wishes: BTreeMap<IntentId, (usize, u8)>,
}

impl World {
    fn new() -> Self {
        let mut stage = Stage::new();
        stage.quietly(["given lamp roost"]);
        Self {
            stage,
            level: 3,
            levels: vec![3],
            requests: Vec::new(),
            to_server: VecDeque::new(),
            to_app: VecDeque::new(),
            rests: false,
            kept: None,
            wishes: BTreeMap::new(),
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Wish(level) => self.wish(level),
            Step::Server => self.serve(),
            Step::App => self.hear(),
            Step::Act(obeys) => self.act(obeys),
            Step::Report => self.report(),
            Step::Hiccup => {
                self.stage.session(SessionEvent::Suspended);
                self.begin_stream(true);
            }
            Step::Break => self.break_stream(),
            Step::Look(is_watched) => {
                let command = Command::SetWatched(is_watched);
                self.stage.home.command(command, self.stage.now).unwrap();
            }
            Step::Wait(millis) => self.wait(Duration::from_millis(millis.into())),
        }
        self.collect();
        self.check();
    }

    /// Nobody wants anything any more, and everybody has the time to finish.
    fn calm_down(&mut self) {
        self.step(Step::Look(true));
        for _ in 0..4 {
            self.deliver();
            while !self.requests.is_empty() {
                self.step(Step::Act(true));
            }
            self.deliver();
            self.step(Step::Wait(15_000));
        }
    }

    fn deliver(&mut self) {
        while !(self.to_server.is_empty() && self.to_app.is_empty()) {
            self.step(Step::Server);
            self.step(Step::App);
        }
    }

    fn wish(&mut self, level: u8) {
        let now = self.stage.now;
        let command = Command::SetValue {
            device: device("lamp"),
            item: item_id("level"),
            value: Value::Uint(level.into()),
        };
        if let Ok(Accepted::Intent(intent)) = self.stage.home.command(command, now) {
            self.wishes.insert(intent, (self.levels.len() - 1, level));
        }
    }

    fn serve(&mut self) {
        let Some((request, asked)) = self.to_server.pop_front() else {
            return;
        };
        let answer = match asked {
            Request::Fetch { node: Node::Ui, .. } => {
                let form = Payload::Form(Box::new(form()), Vec::new());
                Answer::Items(vec![item(item_id("current"), form)])
            }
            Request::Fetch {
                node: Node::Actuators,
                ..
            } => {
                let state = item(item_id("level"), value(self.level));
                let requests = self
                    .requests
                    .iter()
                    .map(|(id, it)| item(id.clone(), value(*it)));
                Answer::Items(requests.chain([state]).collect())
            }
            Request::Fetch { .. } => Answer::Items(Vec::new()),
            Request::Publish {
                item,
                payload: Payload::Value(val),
                ..
            } => {
                if self.requests.iter().all(|(id, _)| *id != item) {
                    self.requests.push((item, val.text().parse().unwrap()));
                }
                Answer::Done
            }
            Request::Retract { item, .. } => {
                self.requests.retain(|(id, _)| *id != item);
                Answer::Done
            }
            _ => Answer::Done,
        };
        self.to_app.push_back(SessionEvent::Answer {
            request,
            result: Ok(answer),
        });
    }

    fn hear(&mut self) {
        if let Some(event) = self.to_app.pop_front() {
            self.stage.session(event);
        }
    }

    fn act(&mut self, obeys: bool) {
        if self.requests.is_empty() {
            return;
        }
        let (request, level) = self.requests.remove(0);
        if obeys {
            self.level = level;
        }
        self.levels.push(self.level);
        self.report();
        self.notify(SessionEvent::Retracted {
            service: bare("lamp"),
            node: Node::Actuators,
            items: vec![request],
        });
    }

    fn report(&mut self) {
        let mut state = item(item_id("level"), value(self.level));
        state.publisher = Some(bare("lamp").into());
        self.notify(SessionEvent::Published {
            service: bare("lamp"),
            node: Node::Actuators,
            items: vec![state],
        });
    }

    /// The server tells what happened on a node, or keeps the newest until somebody looks.
    fn notify(&mut self, event: SessionEvent) {
        if self.rests {
            self.kept = Some(event);
        } else {
            self.to_app.push_back(event);
        }
    }

    fn break_stream(&mut self) {
        self.kept = None;
        let unanswered: Vec<RequestId> = self
            .to_app
            .drain(..)
            .filter_map(|event| match event {
                SessionEvent::Answer { request, .. } => Some(request),
                _ => None,
            })
            .chain(self.to_server.drain(..).map(|(request, _)| request))
            .collect();
        for request in unanswered {
            let result = Err(Failure::new(FailureCode::ConnectionLost));
            self.stage.session(SessionEvent::Answer { request, result });
        }
        self.begin_stream(false);
        self.stage.session(SessionEvent::Roster(vec![Contact {
            jid: bare("lamp"),
            name: None,
            groups: Default::default(),
            we_see_them: true,
            they_see_us: true,
            asked: false,
        }]));
        self.stage.session(SessionEvent::Presence {
            from: bare("lamp").with_resource_str("a").unwrap().into(),
            show: Some(Show::Available),
            status: None,
        });
    }

    fn begin_stream(&mut self, resumed: bool) {
        let bound = bare("juliet").with_resource_str("app").unwrap();
        self.stage.session(SessionEvent::Online { bound, resumed });
    }

    fn wait(&mut self, time: Duration) {
        let end = self.stage.now + time;
        let home = &mut self.stage.home;
        while let Some(at) = home.poll_timeout().filter(|at| *at <= end.instant) {
            self.stage.now = self.stage.now + at.since(self.stage.now.instant);
            home.handle(Input::Timeout, self.stage.now);
        }
        self.stage.now = end;
    }

    /// Takes what the app sends.
    fn collect(&mut self) {
        while let Some(Effect::Link(command)) = self.stage.home.poll_effect() {
            let LinkCommand::Request(id, request) = command else {
                continue;
            };
            // Told at once, and again on every stream.
            if let Request::SetActive(is_active) = *request {
                self.rests = !is_active;
                self.to_app.extend(self.kept.take_if(|_| is_active));
            } else {
                self.to_server.push_back((id, *request));
            }
        }
        while self.stage.home.poll_change().is_some() {}
    }

    /// A confirmed wish was granted at some moment since it was made.
    fn check(&self) {
        for intent in self.stage.home.intents() {
            let (since, wanted) = self.wishes[&intent.id()];
            let was_granted = self.levels[since..].contains(&wanted);
            let is_confirmed = intent.stage() == IntentStage::Confirmed;
            assert!(was_granted || !is_confirmed, "{intent:?} {:?}", self.levels);
        }
    }
}

fn item(item: ItemId, payload: Payload) -> ItemReport {
    ItemReport {
        item,
        publisher: None,
        payload,
    }
}

fn value(level: u8) -> Payload {
    Payload::Value(Val::from_value(&Value::Uint(level.into()), None, None))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..5_u8).prop_map(Step::Wish),
        6 => Just(Step::Server),
        6 => Just(Step::App),
        3 => any::<bool>().prop_map(Step::Act),
        1 => Just(Step::Report),
        1 => Just(Step::Hiccup),
        1 => Just(Step::Break),
        1 => any::<bool>().prop_map(Step::Look),
        2 => (0..30_000_u16).prop_map(Step::Wait),
    ]
}
