//! The state machine of a device: passes things between the parts of the logic.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use roost_model::jid::{BareJid, Jid};
use roost_model::{Failure, FailureCode, Instant, ItemId, Node, Now, Role, Show, Val, Value};
use roost_xmpp_proto::{
    Answer, ItemReport, Payload, Request, RequestId, SessionEvent, SubscriptionStep,
};

use super::console::{self, Command};
use super::contacts::Contacts;
use super::limits::Limits;
use super::outbox::Outbox;
use super::reports::Reports;
use super::setup::{Progress, Setup};
use super::wishes::{self, Refusal, Seen, Verdict};
use super::{DeviceConfig, FIRST_WORDS, Logic, SETUP_DONE};
use crate::{Board, Description, DeviceState, Fault, Notice, People, form_of, garbage};

/// A device of the Roost profile.
pub struct DeviceLogic {
    pub(super) config: DeviceConfig,
    pub(super) board: Box<dyn Board>,
    phase: Phase,
    is_online: bool,
    setup: Setup,
    setup_failures: u32,
    published_form: Option<Description>,
    reports: Reports,
    contacts: Contacts,
    seen: Seen,
    wish_limits: Limits,
    text_limits: Limits,
    late: VecDeque<(Instant, ItemReport, Verdict)>,
    fault: Option<Fault>,
    garbage: usize,
    outbox: Outbox,
    pub(super) under_way: BTreeMap<RequestId, Purpose>,
    notices: VecDeque<Notice>,
    saved: DeviceState,
    setup_done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Nothing was prepared in this stream.
    Idle,
    /// Waits for the mirror, and greets again if it does not come: a message can be lost on its
    /// way to somebody who is just signing in.
    Greeting { again: Instant, pause: Duration },
    /// Nodes are being prepared.
    Preparing,
    /// The nodes could not be prepared; another attempt follows.
    Resting { until: Instant },
    /// Everything is published.
    Running,
}

/// What an answer is the answer to.
#[derive(Debug)]
pub(super) enum Purpose {
    Setup,
    Form,
    Report {
        point: String,
        node: Node,
    },
    /// Freed an item that somebody else had created, so that it can be published again.
    Free {
        point: String,
    },
    Other,
}

impl DeviceLogic {
    const MOST_LATE: usize = 256;
    const FIRST_REST: Duration = Duration::from_secs(2);
    const LONGEST_REST: Duration = Duration::from_secs(300);
    const GREETING_PAUSE: Duration = Duration::from_secs(30);
    const LONGEST_GREETING_PAUSE: Duration = Duration::from_secs(3_600);

    /// A device that has no stream yet. What `state` remembers is given back to the board; the
    /// people of `config` count before those that it remembers.
    pub fn new(mut config: DeviceConfig, mut board: Box<dyn Board>, state: DeviceState) -> Self {
        if config.people.is_empty() {
            config.people = state.people.clone();
        }
        if let Some(sender) = &config.sender
            && !config.people.may_control(sender)
        {
            config.people.controllers.insert(sender.clone());
        }
        restore(board.as_mut(), &state);
        let setup = Setup::new(&config.account, &config.people, board.description());
        Self {
            setup_done: state.setup_done || config.sender.is_none(),
            config,
            board,
            phase: Phase::Idle,
            is_online: false,
            setup,
            setup_failures: 0,
            published_form: None,
            reports: Reports::default(),
            contacts: Contacts::default(),
            seen: Seen::default(),
            wish_limits: Limits::new(30, Duration::from_millis(200)),
            text_limits: Limits::new(10, Duration::from_secs(1)),
            late: VecDeque::new(),
            fault: None,
            garbage: 0,
            outbox: Outbox::default(),
            under_way: BTreeMap::new(),
            notices: VecDeque::new(),
            saved: state,
        }
    }

    fn ask(&mut self, request: Request, purpose: Purpose) {
        let id = self.outbox.push(request);
        self.under_way.insert(id, purpose);
    }

    /// For requests without an answer, and those whose answer changes nothing.
    fn tell(&mut self, request: Request) {
        let has_answer = !matches!(
            request,
            Request::SendText { .. } | Request::Subscription { .. } | Request::SetPresence { .. }
        );
        if has_answer {
            self.ask(request, Purpose::Other);
        } else {
            self.outbox.push(request);
        }
    }

    fn say(&mut self, to: impl Into<Jid>, text: &str) {
        self.tell(Request::SendText {
            to: to.into(),
            body: text.to_owned(),
        });
    }

    fn start(&mut self, now: Now) {
        self.under_way.clear();
        self.late.clear();
        self.forget_nodes();
        self.setup_failures = 0;
        if self.setup_done {
            self.prepare();
        } else {
            // Not before the roster, after which our presence leaves: an answer that comes before
            // the server knows us as present may be lost (ejabberd).
            self.appear(None);
            self.phase = Phase::Greeting {
                again: now.instant + Self::GREETING_PAUSE,
                pause: Self::GREETING_PAUSE,
            };
        }
    }

    fn greet(&mut self, pause: Duration, now: Now) {
        if let Some(sender) = self.config.sender.clone() {
            self.say(sender.clone(), FIRST_WORDS);
            self.notices.push_back(Notice::Greeted(sender));
        }
        self.phase = Phase::Greeting {
            again: now.instant + pause,
            pause,
        };
    }

    /// What was published is not there any more.
    fn forget_nodes(&mut self) {
        self.reports.start_over();
        self.published_form = None;
    }

    fn prepare(&mut self) {
        self.phase = Phase::Preparing;
        let board = self.board.description();
        self.setup = Setup::new(&self.config.account, &self.config.people, board);
        self.next_step();
    }

    fn next_step(&mut self) {
        if let Some(request) = self.setup.request() {
            self.ask(request, Purpose::Setup);
        }
    }

    fn answered(&mut self, id: RequestId, result: Result<Answer, Failure>, now: Now) {
        match self.under_way.remove(&id) {
            Some(Purpose::Setup) if self.phase == Phase::Preparing => {
                match self.setup.answer(result, &mut self.notices) {
                    Progress::Next => self.next_step(),
                    Progress::Done => self.ready(now),
                    Progress::Failed(failure) => self.rest(failure, now),
                }
            }
            Some(Purpose::Form) if result.is_err() => self.published_form = None,
            Some(Purpose::Report { point, node }) => self.reported(&point, node, result, now),
            Some(Purpose::Free { point }) => self.reports.owe(&point, None),
            _ => {}
        }
        self.report(now);
    }

    fn rest(&mut self, failure: Failure, now: Now) {
        // The next stream starts everything anew by itself.
        if failure.code == FailureCode::ConnectionLost && !self.is_online {
            self.phase = Phase::Idle;
            return;
        }
        let rest = Self::FIRST_REST * 2_u32.saturating_pow(self.setup_failures.min(10));
        self.setup_failures += 1;
        self.phase = Phase::Resting {
            until: now.instant + rest.min(Self::LONGEST_REST),
        };
        // Whoever looks for it finds it, and may ask for its status.
        self.appear(None);
        self.notices.push_back(Notice::SetupFailed(failure));
    }

    /// Nobody hears of us before: what is asked of a device that still clears its nodes is lost.
    fn appear(&mut self, status: Option<&str>) {
        self.tell(Request::SetPresence {
            show: Show::Available,
            status: status.map(str::to_owned),
        });
    }

    fn ready(&mut self, now: Now) {
        self.phase = Phase::Running;
        self.setup_failures = 0;
        self.report(now);
        self.appear(Some("Ready"));
        if let Some(sender) = self.config.sender.clone()
            && !self.setup_done
        {
            self.say(sender, SETUP_DONE);
        }
        self.setup_done = true;
        self.notices.push_back(Notice::Ready);
    }

    /// Publishes the form if it changed, and every value that is due.
    fn report(&mut self, now: Now) {
        if self.phase != Phase::Running || !self.is_online {
            return;
        }
        let description = self.board.description();
        if self.setup.is_safe(Node::Ui) && self.published_form.as_ref() != Some(description) {
            let form = form_of(description);
            self.published_form = Some(description.clone());
            let request = Request::Publish {
                service: self.config.account.clone(),
                node: Node::Ui,
                item: ItemId::current(),
                payload: Payload::Form(Box::new(form), Vec::new()),
            };
            self.ask(request, Purpose::Form);
        }
        let due: Vec<_> = self
            .board
            .description()
            .points()
            .filter(|point| self.setup.is_safe(point.node))
            .filter_map(|point| Some((point, self.board.read(&point.name)?)))
            .filter(|(point, value)| self.reports.is_due(point, value, &self.config.pace, now))
            .map(|(point, value)| (point.clone(), value))
            .collect();
        for (point, value) in due {
            let val = if self.fault == Some(Fault::Garbage) {
                self.garbage += 1;
                garbage::val(self.garbage)
            } else {
                Val::from_value(&value, point.unit.clone(), Some(now.wall))
            };
            self.reports.sent(&point.name, value, now);
            let request = Request::Publish {
                service: self.config.account.clone(),
                node: point.node,
                item: point.item,
                payload: Payload::Value(val),
            };
            let purpose = Purpose::Report {
                point: point.name,
                node: point.node,
            };
            self.ask(request, purpose);
        }
    }

    fn reported(&mut self, point: &str, node: Node, result: Result<Answer, Failure>, now: Now) {
        let answered = self.reports.done(point, result.is_ok(), now);
        for request in answered {
            self.retract(request);
        }
        let Err(failure) = result else {
            return;
        };
        match failure.code {
            FailureCode::ConnectionLost => return,
            // The node was deleted behind our back, with all that was in it.
            FailureCode::NotFound if self.phase == Phase::Running => {
                self.forget_nodes();
                return self.rest(failure, now);
            }
            // On ejabberd only its creator may overwrite an item; the owner may take it away.
            FailureCode::Forbidden => {
                let description = self.board.description();
                if let Some(item) = description.find(point).map(|point| point.item.clone()) {
                    let purpose = Purpose::Free {
                        point: point.to_owned(),
                    };
                    self.ask(retraction(&self.config.account, node, item), purpose);
                }
            }
            _ => {}
        }
        self.notices.push_back(Notice::ReportFailed {
            point: point.to_owned(),
            failure,
        });
    }

    fn retract(&mut self, item: ItemId) {
        self.tell(retraction(&self.config.account, Node::Actuators, item));
    }

    /// An item appeared at our actuators.
    fn consider(&mut self, report: ItemReport, now: Now) {
        let is_request = report.item.requested_item().is_some();
        let verdict = wishes::judge(
            &report,
            &self.config.account,
            &self.config.people,
            self.board.description(),
            now.wall,
        );
        if matches!(verdict, Verdict::Known) {
            return;
        }
        let new = !is_request || self.seen.is_new(&report.item, now).unwrap_or(false);
        if !new {
            return;
        }
        let verdict = match verdict {
            Verdict::Wish { by, .. } if !self.wish_limits.take(&by, 1, now) => {
                Verdict::Refused(Refusal::TooMany)
            }
            Verdict::Wish { .. } if self.fault == Some(Fault::Refuse) => {
                Verdict::Refused(Refusal::Faulty)
            }
            verdict => verdict,
        };
        match self.fault {
            Some(Fault::AnswerLate(delay)) if self.late.len() < Self::MOST_LATE => {
                self.late.push_back((now.instant + delay, report, verdict));
            }
            _ => self.respond(report, verdict, now),
        }
    }

    fn respond(&mut self, report: ItemReport, verdict: Verdict, now: Now) {
        let target = report.item.requested_item();
        let about = target.clone().unwrap_or_else(|| report.item.clone());
        let refusal = match verdict {
            Verdict::Wish { by, point, value } => self.act(by, &point, &value).err(),
            Verdict::Refused(refusal) => Some(refusal),
            Verdict::Litter => return self.retract(report.item),
            Verdict::Known => return,
        };
        if let Some(why) = refusal {
            self.notices.push_back(Notice::Refused {
                by: report.publisher,
                item: Some(about.clone()),
                why,
            });
        }
        let request = target.map(|_| report.item);
        let description = self.board.description();
        match description
            .find_item(&about)
            .map(|point| point.name.clone())
        {
            Some(point) => self.reports.owe(&point, request),
            None => request
                .into_iter()
                .for_each(|request| self.retract(request)),
        }
        self.report(now);
    }

    fn act(&mut self, by: BareJid, point: &str, value: &Value) -> Result<(), Refusal> {
        let value = self.board.actuate(point, value)?;
        self.notices.push_back(Notice::Acted {
            by,
            point: point.to_owned(),
            value,
        });
        Ok(())
    }

    fn hear(&mut self, from: Jid, body: &str, is_old: bool, now: Now) {
        let sender = from.to_bare();
        if matches!(self.phase, Phase::Greeting { .. })
            && self.config.sender.as_ref() == Some(&sender)
            && body == FIRST_WORDS
        {
            self.notices.push_back(Notice::Mirrored(sender));
            self.align_roster();
            return self.prepare();
        }
        let Some(role) = self.config.people.role(&sender) else {
            self.notices.push_back(Notice::Ignored(from));
            return;
        };
        // The mirrored words are no command, and what was said while we were away is past.
        if is_old || body == FIRST_WORDS || body.len() > console::MAX_LINE_BYTES {
            return;
        }
        if self.text_limits.take(&sender, 1, now) {
            self.obey(from, sender, body, role, now);
        }
    }

    fn obey(&mut self, from: Jid, sender: BareJid, line: &str, role: Role, now: Now) {
        match console::understand(line, role, self.board.as_ref()) {
            Command::Say(text) => self.say(from, &text),
            Command::Puzzled(text) => {
                if self.text_limits.take(&sender, 3, now) {
                    self.say(from, &text);
                }
            }
            Command::Set { point, wish } => {
                let told = self.wish_by_text(sender, &point, &wish);
                self.reports.owe(&point, None);
                self.say(from, &told);
                self.report(now);
            }
        }
    }

    fn wish_by_text(&mut self, by: BareJid, name: &str, wish: &Value) -> String {
        let description = self.board.description();
        let checked = match description.find(name) {
            _ if self.fault == Some(Fault::Refuse) => Err(Refusal::Faulty),
            None => Err(Refusal::UnknownPoint),
            Some(point) => point.check(wish).map_err(Refusal::from),
        };
        let done = checked.and_then(|value| self.act(by, name, &value));
        let now = self.board.description().find(name);
        let now = now.map_or_else(String::new, |point| {
            console::tell(point, self.board.as_ref())
        });
        match done {
            Ok(()) => now,
            Err(refusal) => format!("No: {refusal}. {now}"),
        }
    }

    fn subscription(&mut self, from: BareJid, step: SubscriptionStep) {
        if step != SubscriptionStep::Ask {
            return;
        }
        if self.config.people.role(&from).is_some() {
            self.contacts.approve(&from);
            self.notices.push_back(Notice::Approved(from));
        } else {
            self.notices.push_back(Notice::Ignored(from.into()));
        }
    }

    fn align_roster(&mut self) {
        let Self { config, .. } = self;
        let changes = self.contacts.align(&config.account, &config.people);
        changes.into_iter().for_each(|request| self.tell(request));
    }

    fn send_subscriptions(&mut self, now: Now) {
        while self.is_online
            && let Some(request) = self.contacts.next(now)
        {
            self.tell(request);
        }
    }

    fn own_items(&mut self, items: Vec<ItemReport>, now: Now) {
        if !self.setup.is_listening() || !self.setup.is_safe(Node::Actuators) {
            return;
        }
        for report in items {
            self.consider(report, now);
        }
    }

    fn state(&self) -> DeviceState {
        let points = self.board.description().points();
        let values = points
            .filter(|point| point.is_remembered)
            .filter_map(|point| Some((point.name.clone(), self.board.read(&point.name)?)))
            .collect();
        DeviceState {
            setup_done: self.setup_done,
            people: self.config.people.clone(),
            values,
        }
    }
}

impl Logic for DeviceLogic {
    fn handle(&mut self, event: SessionEvent, now: Now) {
        match event {
            SessionEvent::Online { resumed, .. } => {
                self.is_online = true;
                if !resumed || self.phase == Phase::Idle {
                    self.start(now);
                }
                self.report(now);
            }
            SessionEvent::Suspended => self.is_online = false,
            SessionEvent::Roster(contacts) => {
                self.contacts.roster(contacts);
                match self.phase {
                    Phase::Greeting { .. } => self.greet(Self::GREETING_PAUSE, now),
                    _ => self.align_roster(),
                }
            }
            SessionEvent::ContactChanged(contact) => self.contacts.changed(contact),
            SessionEvent::ContactRemoved(jid) => self.contacts.removed(&jid),
            SessionEvent::SubscriptionStep { from, step } => self.subscription(from, step),
            SessionEvent::Published {
                service,
                node: Node::Actuators,
                items,
            } if service == self.config.account => self.own_items(items, now),
            SessionEvent::NodeGone { service, .. }
                if service == self.config.account && self.phase == Phase::Running =>
            {
                self.forget_nodes();
                self.prepare();
            }
            SessionEvent::Text {
                from,
                body,
                delayed,
            } => {
                let is_old = delayed.is_some_and(|at| now.wall.since(at) > wishes::MAX_AGE);
                self.hear(from, &body, is_old, now);
            }
            SessionEvent::Answer { request, result } => self.answered(request, result, now),
            _ => {}
        }
        self.send_subscriptions(now);
    }

    fn link_down(&mut self) {
        self.is_online = false;
    }

    fn step(&mut self, elapsed: Duration, now: Now) {
        self.board.step(elapsed);
        self.report(now);
    }

    fn handle_timeout(&mut self, now: Now) {
        while let Some((due, ..)) = self.late.front()
            && *due <= now.instant
        {
            if let Some((_, report, verdict)) = self.late.pop_front() {
                self.respond(report, verdict, now);
            }
        }
        match self.phase {
            Phase::Resting { until } if until <= now.instant => self.prepare(),
            Phase::Greeting { again, pause } if again <= now.instant && self.is_online => {
                self.greet((pause * 2).min(Self::LONGEST_GREETING_PAUSE), now);
            }
            _ => {}
        }
        self.send_subscriptions(now);
        self.report(now);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let rest = match self.phase {
            Phase::Resting { until } => Some(until),
            Phase::Greeting { again, .. } if self.is_online => Some(again),
            _ => None,
        };
        let late = self.late.front().map(|(due, ..)| *due);
        let contacts = self.contacts.due().filter(|_| self.is_online);
        [rest, late, contacts].into_iter().flatten().min()
    }

    fn poll_request(&mut self) -> Option<(RequestId, Request)> {
        self.outbox.pop()
    }

    fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    fn poll_state(&mut self) -> Option<DeviceState> {
        let state = self.state();
        (state != self.saved).then(|| {
            self.saved = state.clone();
            state
        })
    }

    fn set_fault(&mut self, fault: Option<Fault>) {
        if self.fault == Some(Fault::Garbage) {
            self.reports.start_over();
        }
        self.fault = fault;
    }

    fn set_people(&mut self, people: People, now: Now) {
        self.config.people = people;
        self.align_roster();
        if matches!(self.phase, Phase::Preparing | Phase::Running) && self.is_online {
            self.prepare();
        }
        self.send_subscriptions(now);
    }

    fn touch(&mut self, point: &str, value: &Value, now: Now) {
        self.board.touch(point, value);
        self.report(now);
    }

    fn power_cycle(&mut self) {
        self.board.power_cycle();
        restore(self.board.as_mut(), &self.saved);
        self.phase = Phase::Idle;
        self.is_online = false;
        self.late.clear();
    }
}

/// Gives a board back what it is to remember. What it does not take any more is forgotten.
pub(crate) fn restore(board: &mut dyn Board, state: &DeviceState) {
    let points: Vec<_> = board.description().points().cloned().collect();
    for point in points.iter().filter(|point| point.is_remembered) {
        let value = state.values.get(&point.name);
        if let Some(Ok(value)) = value.map(|value| point.check(value)) {
            // A refusal leaves the board as it is, which is what a restart would do.
            let _ = board.actuate(&point.name, &value);
        }
    }
}

fn retraction(account: &BareJid, node: Node, item: ItemId) -> Request {
    Request::Retract {
        service: account.clone(),
        node,
        item,
    }
}
