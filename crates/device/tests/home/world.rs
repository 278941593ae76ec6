//! A server, devices and people, driven by hand until nothing moves.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use roost_device::{
    BoardKind, DeviceConfig, DeviceState, Fault, Logic, Pace, People, logic, session_config,
};
use roost_memory_server::{Connection, Flavour, Server, ServerConfig};
use roost_model::jid::{BareJid, DomainPart, FullJid};
use roost_model::{Failure, Instant, ItemId, Node, Now, Profile, Timestamp, Value};
use roost_xmpp_proto::{
    Answer, Features, Identity, ItemReport, Payload, Request, RequestId, SendReport, SendStage,
    Session, SessionConfig, SessionEvent, SubscriptionStep,
};

const DOMAIN: &str = "capulet.lit";

pub(crate) fn jid(name: &str) -> BareJid {
    BareJid::new(&format!("{name}@{DOMAIN}")).unwrap()
}

pub(crate) struct World {
    server: Server,
    now: Now,
    members: BTreeMap<String, Member>,
}

struct Member {
    session: Session,
    connection: Option<Connection>,
    bound: Option<FullJid>,
    device: Option<Box<dyn Logic>>,
    events: Vec<SessionEvent>,
    next: u64,
}

impl World {
    pub(crate) fn new(flavour: Flavour, people: &[&str]) -> Self {
        let domain = DomainPart::new(DOMAIN).unwrap().into_owned();
        let mut server = Server::new(ServerConfig::new(domain, flavour));
        for name in people {
            server.add_account(jid(name)).unwrap();
        }
        Self {
            server,
            now: Now {
                instant: Instant(1_000_000),
                wall: Timestamp(1_800_000_000_000),
            },
            members: BTreeMap::new(),
        }
    }

    pub(crate) fn now(&self) -> Now {
        self.now
    }

    pub(crate) fn jid(&self, name: &str) -> BareJid {
        jid(name)
    }

    pub(crate) fn sign_in(&mut self, name: &str) {
        let identity = Identity {
            category: "client".to_owned(),
            kind: "pc".to_owned(),
            name: "Test".to_owned(),
        };
        let config = SessionConfig::new(jid(name), identity, "https://example.org", 1);
        self.join(name, config, None);
    }

    pub(crate) fn device(
        &mut self,
        name: &str,
        board: BoardKind,
        profile: Profile,
        people: People,
        state: DeviceState,
    ) {
        self.move_in(name, board, profile, people, None, state);
    }

    /// A device that was just given its account by `sender`.
    pub(crate) fn new_device(&mut self, name: &str, board: BoardKind, sender: &str) {
        let sender = Some(jid(sender));
        let (people, state) = (People::default(), DeviceState::default());
        self.move_in(name, board, Profile::Roost, people, sender, state);
    }

    fn move_in(
        &mut self,
        name: &str,
        board: BoardKind,
        profile: Profile,
        people: People,
        sender: Option<BareJid>,
        state: DeviceState,
    ) {
        self.server.add_account(jid(name)).unwrap();
        let config = DeviceConfig {
            account: jid(name),
            people,
            sender,
            pace: Pace::default(),
        };
        let session = session_config(&config, profile, "Test", 2);
        let board = board.build(profile, 7, Path::new("/nonexistent"));
        self.join(name, session, Some(logic(profile, config, board, state)));
    }

    fn join(&mut self, name: &str, config: SessionConfig, device: Option<Box<dyn Logic>>) {
        let member = Member {
            session: Session::new(config),
            connection: None,
            bound: None,
            device,
            events: Vec::new(),
            next: 1 << 32,
        };
        self.members.insert(name.to_owned(), member);
        self.returns(name);
    }

    /// The stream breaks; the server notices at once.
    pub(crate) fn leaves(&mut self, name: &str) {
        let member = self.members.get_mut(name).unwrap();
        if let Some(connection) = member.connection.take() {
            self.server.disconnect(connection, self.now);
        }
        member.session.stream_lost(self.now);
        if let Some(device) = &mut member.device {
            device.link_down();
        }
        self.settle();
    }

    pub(crate) fn returns(&mut self, name: &str) {
        let (connection, bound) = self.server.connect(jid(name), None, self.now).unwrap();
        let member = self.members.get_mut(name).unwrap();
        member.connection = Some(connection);
        member.bound = Some(bound.clone());
        member.session.stream_up(bound, false, self.now);
        self.settle();
    }

    pub(crate) fn passes(&mut self, seconds: u64) {
        let second = Duration::from_secs(1);
        for _ in 0..seconds {
            self.now = self.now + second;
            for member in self.members.values_mut() {
                member.session.handle_timeout(self.now);
                if let Some(device) = &mut member.device {
                    device.step(second, self.now);
                    device.handle_timeout(self.now);
                }
            }
            self.settle();
        }
    }

    /// Carries everything everywhere until nothing moves.
    fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 10_000, "it never ends");
            let mut moved = false;
            for member in self.members.values_mut() {
                moved |= member.act(&mut self.server, self.now);
            }
            while let Some((connection, stanza)) = self.server.poll_output() {
                moved = true;
                let mut members = self.members.values_mut();
                if let Some(member) = members.find(|m| m.connection == Some(connection)) {
                    member.session.handle_stanza(stanza, self.now);
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Asks without waiting for an answer.
    pub(crate) fn say(&mut self, who: &str, request: Request) -> RequestId {
        let member = self.members.get_mut(who).unwrap();
        member.next += 1;
        let id = RequestId(member.next);
        member.session.request(id, request, self.now);
        self.settle();
        id
    }

    pub(crate) fn ask(&mut self, who: &str, request: Request) -> Result<Answer, Failure> {
        let id = self.say(who, request);
        let events = &mut self.members.get_mut(who).unwrap().events;
        let place = events
            .iter()
            .position(
                |event| matches!(event, SessionEvent::Answer { request, .. } if *request == id),
            )
            .expect("an answer");
        match events.remove(place) {
            SessionEvent::Answer { result, .. } => result,
            other => panic!("not an answer: {other:?}"),
        }
    }

    pub(crate) fn fetch(
        &mut self,
        who: &str,
        device: &str,
        node: Node,
    ) -> Result<Vec<ItemReport>, Failure> {
        let service = jid(device);
        match self.ask(who, Request::Fetch { service, node })? {
            Answer::Items(items) => Ok(items),
            other => panic!("not items: {other:?}"),
        }
    }

    /// The value of an item of the actuators, as fetched.
    pub(crate) fn value(&mut self, who: &str, device: &str, item: &str) -> Option<Value> {
        let items = self.fetch(who, device, Node::Actuators).unwrap();
        let item = items
            .into_iter()
            .find(|report| report.item.as_str() == item)?;
        match item.payload {
            Payload::Value(val) => val.read(None).ok(),
            _ => None,
        }
    }

    pub(crate) fn follows(&mut self, who: &str, device: &str) {
        for node in Node::ALL {
            let service = jid(device);
            let subscribed = self.ask(who, Request::Subscribe { service, node });
            assert_eq!(subscribed, Ok(Answer::Done), "{node:?}");
        }
    }

    pub(crate) fn says(&mut self, who: &str, to: &str, body: &str) {
        let to = jid(to).into();
        let body = body.to_owned();
        self.say(who, Request::SendText { to, body });
    }

    pub(crate) fn ask_presence(&mut self, who: &str, of: &str) {
        let step = SubscriptionStep::Ask;
        self.say(who, Request::Subscription { to: jid(of), step });
    }

    /// Asks the device itself what it can do, which one should not.
    pub(crate) fn query(&mut self, who: &str, device: &str) {
        let full = self.members[device].bound.clone().unwrap();
        self.say(who, Request::Discover { jid: full.into() });
    }

    pub(crate) fn people(&mut self, device: &str, people: People) {
        let now = self.now;
        self.device_of(device).set_people(people, now);
        self.settle();
    }

    pub(crate) fn fault(&mut self, device: &str, fault: Option<Fault>) {
        self.device_of(device).set_fault(fault);
    }

    fn device_of(&mut self, name: &str) -> &mut dyn Logic {
        let device = &mut self.members.get_mut(name).unwrap().device;
        device.as_mut().unwrap().as_mut()
    }

    /// What this person learnt about the capabilities of another.
    pub(crate) fn features(&self, who: &str, of: &str) -> Features {
        let learnt = self.members[who].events.iter().rev();
        let mut learnt = learnt.filter_map(|event| match event {
            SessionEvent::Features { from, features } if from.to_bare() == jid(of) => {
                Some(features.clone())
            }
            _ => None,
        });
        learnt.next().unwrap_or_default()
    }

    /// What happened to this person since they were asked last, in short lines.
    pub(crate) fn told(&mut self, who: &str) -> Vec<String> {
        let events = std::mem::take(&mut self.members.get_mut(who).unwrap().events);
        let lines = events.iter().flat_map(lines).collect();
        // What was learnt about others is kept for `features`.
        let kept = |event: &SessionEvent| matches!(event, SessionEvent::Features { .. });
        self.members.get_mut(who).unwrap().events = events.into_iter().filter(kept).collect();
        lines
    }
}

impl Member {
    fn act(&mut self, server: &mut Server, now: Now) -> bool {
        let mut moved = false;
        if let Some(device) = &mut self.device {
            while let Some((id, request)) = device.poll_request() {
                moved = true;
                self.session.request(id, request, now);
            }
        }
        while let Some(transmit) = self.session.poll_transmit() {
            moved = true;
            let Some(connection) = self.connection else {
                continue;
            };
            server.handle(connection, transmit.stanza, now);
            for stage in [SendStage::Sent, SendStage::Acked] {
                if let Some(token) = transmit.token {
                    self.session.handle_report(SendReport { token, stage }, now);
                }
            }
        }
        while let Some(event) = self.session.poll_event() {
            moved = true;
            match &mut self.device {
                Some(device) => device.handle(event, now),
                None => self.events.push(event),
            }
        }
        moved
    }
}

fn lines(event: &SessionEvent) -> Vec<String> {
    match event {
        SessionEvent::Published { items, .. } => items.iter().map(item_line).collect(),
        SessionEvent::Retracted { items, .. } => {
            let gone = |item: &ItemId| format!("{item} is gone");
            items.iter().map(gone).collect()
        }
        SessionEvent::NodeGone { node, .. } => vec![format!("{node:?} is gone")],
        SessionEvent::Text { from, body, .. } => vec![format!("{} says {body}", name(from))],
        SessionEvent::SubscriptionStep { from, step } => {
            let from = name(&from.clone().into());
            vec![match step {
                SubscriptionStep::Ask => format!("{from} asks for presence"),
                SubscriptionStep::Approve => format!("{from} approves"),
                other => format!("{from}: {other:?}"),
            }]
        }
        SessionEvent::Presence {
            from,
            show: Some(_),
            ..
        } if name(from) == "device" => vec!["device is there".to_owned()],
        _ => vec![],
    }
}

fn item_line(report: &ItemReport) -> String {
    let by = report.publisher.as_ref().map(name).unwrap_or_default();
    match &report.payload {
        Payload::Value(val) => format!("{} is {} by {by}", report.item, val.text()),
        _ => format!("{} is a form by {by}", report.item),
    }
}

fn name(jid: &roost_model::jid::Jid) -> String {
    jid.node().map(|node| node.to_string()).unwrap_or_default()
}
