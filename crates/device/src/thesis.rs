//! A device as the published firmware of the thesis behaves, to test against.
//!
//! It is careless on purpose, and every carelessness is one of the firmware's:
//! - Nodes are open to everybody, for reading and for publishing. They are deleted and made anew at
//!   every start, and again whenever an IQ with a `<query/>` reaches it: disco, and roster pushes.
//!   All values are then published as zero, and the actuators are reset.
//! - Whoever overwrites an item of `xmpp.iot.actuators` gets what they want, as far as the value
//!   can be read; nothing is checked, confirmed or refused. Only the first item of an event counts.
//! - Sensors are published every three seconds, changed or not, from login on; actuators never.
//! - Every presence subscription is approved and none is asked for. No capabilities are announced.
//! - `Setup done!` is said before there are nodes. Text commands do nothing.
//!
//! It asks the server and never looks at the answers, so on a server that enforces another
//! configuration it goes on without noticing.

use std::collections::VecDeque;
use std::time::Duration;

use roost_model::jid::{BareJid, Jid};
use roost_model::{Instant, ItemId, Node, Now, Unit, Val, Value, ValueKind};
use roost_xmpp_proto::{
    AccessModel, ItemReport, NodeConfig, Payload, PublishModel, Request, RequestId, SessionEvent,
    SubscriptionStep,
};

use crate::logic::Outbox;
use crate::{
    Board, DeviceConfig, DeviceState, FIRST_WORDS, Fault, Logic, Notice, People, Point, SETUP_DONE,
    form_of, garbage,
};

/// A device of the thesis profile.
pub struct ThesisLogic {
    config: DeviceConfig,
    board: Box<dyn Board>,
    phase: Phase,
    is_online: bool,
    setup_done: bool,
    is_saved: bool,
    next_report: Instant,
    fault: Option<Fault>,
    garbage: usize,
    late: VecDeque<(Instant, ItemReport)>,
    outbox: Outbox,
    notices: VecDeque<Notice>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Idle,
    Greeting,
    Running,
}

impl ThesisLogic {
    /// The period of the firmware's main task.
    const PERIOD: Duration = Duration::from_secs(3);
    const MOST_WAITING: usize = 256;
    /// What the firmware asks for; it leaves the number of items to the server, which for PEP is
    /// one.
    const CONFIG: NodeConfig = NodeConfig {
        access: AccessModel::Open,
        publish: PublishModel::Open,
        max_items: 1,
        persist: true,
    };

    /// A device that has no stream yet.
    pub fn new(config: DeviceConfig, board: Box<dyn Board>, state: DeviceState) -> Self {
        Self {
            setup_done: state.setup_done || config.sender.is_none(),
            is_saved: true,
            config,
            board,
            phase: Phase::Idle,
            is_online: false,
            next_report: Instant::default(),
            fault: None,
            garbage: 0,
            late: VecDeque::new(),
            outbox: Outbox::default(),
            notices: VecDeque::new(),
        }
    }

    fn start(&mut self) {
        match self.config.sender.clone() {
            Some(sender) if !self.setup_done => {
                self.phase = Phase::Greeting;
                self.say(&sender, FIRST_WORDS);
                self.notices.push_back(Notice::Greeted(sender));
            }
            _ => {
                self.phase = Phase::Running;
                self.wipe();
            }
        }
    }

    fn say(&mut self, to: &BareJid, text: &str) {
        self.outbox.push(Request::SendText {
            to: to.clone().into(),
            body: text.to_owned(),
        });
    }

    fn wipe(&mut self) {
        for node in [Node::Ui, Node::Sensors, Node::Actuators] {
            self.outbox.push(Request::DeleteNode { node });
            self.outbox.push(Request::CreateNode {
                node,
                config: Self::CONFIG,
            });
            self.outbox.push(Request::Subscribe {
                service: self.config.account.clone(),
                node,
            });
        }
        let mut form = form_of(self.board.description());
        for field in &mut form.fields {
            field.validate = None;
        }
        self.publish(
            Node::Ui,
            ItemId::current(),
            Payload::Form(Box::new(form), Vec::new()),
        );
        let points: Vec<Point> = self.board.description().points().cloned().collect();
        for point in points {
            let zero = zero(point.kind);
            if point.is_writable()
                && let Ok(off) = point.check(&zero)
            {
                // What it does not take it was not set to; the firmware does not look either.
                let _ = self.board.actuate(&point.name, &off);
            }
            self.publish_value(&point, &zero);
        }
        self.notices.push_back(Notice::Wiped);
    }

    fn publish(&mut self, node: Node, item: ItemId, payload: Payload) {
        if self.outbox.len() < Self::MOST_WAITING {
            self.outbox.push(Request::Publish {
                service: self.config.account.clone(),
                node,
                item,
                payload,
            });
        }
    }

    fn publish_value(&mut self, point: &Point, value: &Value) {
        let val = if self.fault == Some(Fault::Garbage) {
            self.garbage += 1;
            garbage::val(self.garbage)
        } else {
            as_firmware(value, point.unit.clone())
        };
        self.publish(point.node, point.item.clone(), Payload::Value(val));
    }

    fn report(&mut self) {
        let sensors = self.board.description().points();
        let sensors: Vec<Point> = sensors
            .filter(|point| point.node == Node::Sensors)
            .cloned()
            .collect();
        for point in sensors {
            if let Some(value) = self.board.read(&point.name) {
                self.publish_value(&point, &value);
            }
        }
    }

    fn obey(&mut self, report: &ItemReport) {
        let Payload::Value(val) = &report.payload else {
            return;
        };
        let Some(point) = self.board.description().find_item(&report.item).cloned() else {
            return;
        };
        let wish = match point.kind {
            // The firmware compares with "1" and takes everything else for off.
            ValueKind::Bool => Some(Value::Bool(val.text() == "1")),
            kind => val.read(Some(kind)).ok(),
        };
        if let Some(Ok(value)) = wish.map(|wish| point.check(&wish))
            && let Ok(value) = self.board.actuate(&point.name, &value)
            && let Some(by) = &report.publisher
            && by.to_bare() != self.config.account
        {
            self.notices.push_back(Notice::Acted {
                by: by.to_bare(),
                point: point.name,
                value,
            });
        }
    }

    fn hear(&mut self, from: &Jid, body: &str) {
        if self.phase == Phase::Greeting && body == FIRST_WORDS {
            self.notices.push_back(Notice::Mirrored(from.to_bare()));
            if let Some(sender) = self.config.sender.clone() {
                self.say(&sender, SETUP_DONE);
            }
            self.setup_done = true;
            self.is_saved = false;
            self.phase = Phase::Running;
            self.wipe();
        }
    }
}

impl Logic for ThesisLogic {
    fn handle(&mut self, event: SessionEvent, now: Now) {
        match event {
            SessionEvent::Online { resumed, .. } => {
                self.is_online = true;
                if !resumed || self.phase == Phase::Idle {
                    self.start();
                }
            }
            SessionEvent::Suspended => self.is_online = false,
            SessionEvent::Queried { .. }
            | SessionEvent::ContactChanged(_)
            | SessionEvent::ContactRemoved(_)
                if self.phase == Phase::Running =>
            {
                self.wipe();
            }
            SessionEvent::SubscriptionStep {
                from,
                step: SubscriptionStep::Ask,
            } => {
                self.outbox.push(Request::Subscription {
                    to: from.clone(),
                    step: SubscriptionStep::Approve,
                });
                self.notices.push_back(Notice::Approved(from));
            }
            SessionEvent::Text { from, body, .. } => self.hear(&from, &body),
            SessionEvent::Published {
                node: Node::Actuators,
                items,
                ..
            } => match (items.into_iter().next(), self.fault) {
                (_, Some(Fault::Refuse)) | (None, _) => {}
                (Some(report), Some(Fault::AnswerLate(delay)))
                    if self.late.len() < Self::MOST_WAITING =>
                {
                    self.late.push_back((now.instant + delay, report));
                }
                (Some(report), _) => self.obey(&report),
            },
            _ => {}
        }
    }

    fn link_down(&mut self) {
        self.is_online = false;
    }

    fn step(&mut self, elapsed: Duration, _now: Now) {
        self.board.step(elapsed);
    }

    fn handle_timeout(&mut self, now: Now) {
        while let Some((due, _)) = self.late.front()
            && *due <= now.instant
        {
            if let Some((_, report)) = self.late.pop_front() {
                self.obey(&report);
            }
        }
        if self.next_report <= now.instant {
            self.next_report = now.instant + Self::PERIOD;
            if self.is_online {
                self.report();
            }
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let late = self.late.front().map(|(due, _)| *due);
        late.into_iter().chain([self.next_report]).min()
    }

    fn poll_request(&mut self) -> Option<(RequestId, Request)> {
        self.outbox.pop()
    }

    fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    fn poll_state(&mut self) -> Option<DeviceState> {
        (!std::mem::replace(&mut self.is_saved, true)).then(|| DeviceState {
            setup_done: self.setup_done,
            people: self.config.people.clone(),
            ..DeviceState::default()
        })
    }

    fn set_fault(&mut self, fault: Option<Fault>) {
        self.fault = fault;
    }

    /// The firmware knows nobody.
    fn set_people(&mut self, _people: People, _now: Now) {}

    fn touch(&mut self, point: &str, value: &Value, _now: Now) {
        self.board.touch(point, value);
    }

    fn power_cycle(&mut self) {
        self.board.power_cycle();
        self.phase = Phase::Idle;
        self.is_online = false;
        self.late.clear();
    }
}

/// What the firmware writes: six decimals, and no stamp.
fn as_firmware(value: &Value, unit: Option<Unit>) -> Val {
    match value {
        Value::Float(number) => {
            let kind = ValueKind::Float.name();
            Val::from_wire(&format!("{number:.6}"), Some(kind), unit, None)
        }
        value => Val::from_value(value, unit, None),
    }
}

fn zero(kind: ValueKind) -> Value {
    match kind {
        ValueKind::Bool => Value::Bool(false),
        ValueKind::Int => Value::Int(0),
        ValueKind::Uint => Value::Uint(0),
        ValueKind::Float => Value::Float(0.0),
        // Never an empty text: the firmware crashes when it reads one back.
        ValueKind::Text => Value::Text("0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use roost_model::Profile;

    use super::*;
    use crate::{BoardKind, Pace};

    struct Stage {
        device: ThesisLogic,
        now: Now,
    }

    impl Stage {
        fn new(sender: Option<&str>) -> Self {
            let config = DeviceConfig {
                account: "esp32@capulet.lit".parse().unwrap(),
                people: People::default(),
                sender: sender.map(|jid| jid.parse().unwrap()),
                pace: Pace::default(),
            };
            let board = BoardKind::Esp32.build(Profile::Thesis, 7, Path::new("/nonexistent"));
            Self {
                device: ThesisLogic::new(config, board, DeviceState::default()),
                now: Now::default(),
            }
        }

        fn happens(&mut self, event: SessionEvent) -> Vec<String> {
            self.device.handle(event, self.now);
            self.said()
        }

        fn online(&mut self) -> Vec<String> {
            self.happens(SessionEvent::Online {
                bound: "esp32@capulet.lit/1".parse().unwrap(),
                resumed: false,
            })
        }

        fn passes(&mut self, seconds: u64) -> Vec<String> {
            for _ in 0..seconds {
                self.now = self.now + Duration::from_secs(1);
                self.device.step(Duration::from_secs(1), self.now);
                self.device.handle_timeout(self.now);
            }
            self.said()
        }

        fn said(&mut self) -> Vec<String> {
            let requests = std::iter::from_fn(|| self.device.poll_request());
            requests.map(|(_, request)| line(&request)).collect()
        }

        fn overwrites(&mut self, who: &str, text: &str) -> Option<Value> {
            let said = self.happens(SessionEvent::Published {
                service: "esp32@capulet.lit".parse().unwrap(),
                node: Node::Actuators,
                items: vec![ItemReport {
                    item: ItemId::actuator("speaker"),
                    publisher: who.parse().ok(),
                    payload: Payload::Value(Val::from_wire(text, Some("bool"), None, None)),
                }],
            });
            assert_eq!(said, [""; 0], "it never answers");
            self.device.board.read("speaker")
        }
    }

    fn line(request: &Request) -> String {
        match request {
            Request::Publish { item, payload, .. } => match payload {
                Payload::Value(val) => format!("{item} is {}", val.text()),
                _ => format!("{item} is a form"),
            },
            Request::SendText { body, .. } => body.clone(),
            Request::DeleteNode { node } => format!("deletes {node:?}"),
            Request::CreateNode { node, config } => {
                format!("creates {node:?} {:?}", config.publish)
            }
            Request::Subscribe { node, .. } => format!("subscribes {node:?}"),
            other => format!("{other:?}"),
        }
    }

    const WIPING: [&str; 13] = [
        "deletes Ui",
        "creates Ui Open",
        "subscribes Ui",
        "deletes Sensors",
        "creates Sensors Open",
        "subscribes Sensors",
        "deletes Actuators",
        "creates Actuators Open",
        "subscribes Actuators",
        "current is a form",
        "xmpp.iot.sensor.temp is 0.000000",
        "xmpp.iot.sensor.bar is 0",
        "xmpp.iot.actuator.speaker is 0",
    ];

    #[test]
    fn says_done_before_it_is() {
        let mut stage = Stage::new(Some("juliet@capulet.lit"));
        assert_eq!(stage.online(), [FIRST_WORDS]);
        let said = stage.happens(SessionEvent::Text {
            from: "juliet@capulet.lit/balcony".parse().unwrap(),
            body: FIRST_WORDS.to_owned(),
            delayed: None,
        });
        assert_eq!(said, [&[SETUP_DONE][..], &WIPING].concat());
        assert!(stage.device.poll_state().unwrap().setup_done);
    }

    #[test]
    fn publishes_every_three_seconds_and_wipes_when_queried() {
        let mut stage = Stage::new(None);
        assert_eq!(stage.online(), WIPING);
        stage.passes(3);
        let said = stage.passes(9);
        assert_eq!(said.len(), 6, "{said:?}");
        assert!(said[0].starts_with("xmpp.iot.sensor.temp is 2"), "{said:?}");
        assert_eq!(
            stage.overwrites("tybalt@example.org", "1"),
            Some(Value::Bool(true))
        );
        let said = stage.happens(SessionEvent::Queried {
            from: "juliet@capulet.lit/balcony".parse().unwrap(),
        });
        assert_eq!(said, WIPING);
        assert_eq!(stage.device.board.read("speaker"), Some(Value::Bool(false)));
    }

    #[test]
    fn obeys_anybody() {
        let mut stage = Stage::new(None);
        stage.online();
        let on = Some(Value::Bool(true));
        let off = Some(Value::Bool(false));
        assert_eq!(stage.overwrites("tybalt@example.org", "1"), on);
        assert_eq!(stage.overwrites("juliet@capulet.lit", "true"), off);
        stage.device.set_fault(Some(Fault::Refuse));
        assert_eq!(stage.overwrites("juliet@capulet.lit", "1"), off);
        stage
            .device
            .set_fault(Some(Fault::AnswerLate(Duration::from_secs(1))));
        assert_eq!(stage.overwrites("juliet@capulet.lit", "1"), off);
        stage.passes(1);
        assert_eq!(stage.device.board.read("speaker"), on);
    }
}
