//! What a person wants, and how far it got.
//!
//! ```text
//! Held ──publish──▶ UnderWay ──IQ result──▶ Delivered ──report of the device──▶ Confirmed
//!   ▲                  │ stream lost            │ request retracted, another value ─▶ Failed
//!   └────re-read──── InDoubt                       deadline ──────────────────▶ Unconfirmed
//! ```
//!
//! A Roost device is asked by a request item, which it retracts when it is done with it: that is
//! the end of the wait, whatever the value. A thesis device has its state item overwritten and
//! reports the truth itself; nothing says when it is done but the deadline.

use std::time::Duration;

use roost_model::{
    DeviceId, Failure, FailureCode, Instant, IntentId, IntentStage, ItemId, Node, Now, Timestamp,
    Value,
};
use roost_xmpp_proto::SendStage;

/// Intents that may be under way at once.
pub const MAX_INTENTS: usize = 1_000;
/// How long a device has to report the value.
const TIME_TO_REPORT: Duration = Duration::from_secs(10);
/// How long an intent is kept for sending, or for finding out, while there is no stream. Shorter
/// than the minute after which a device refuses a request, since clocks differ.
const TIME_TO_HOLD: Duration = Duration::from_secs(45);
/// How long after a device retracted the request its report may follow; or its presence, if it
/// retracted what it found when it came.
const TIME_TO_FOLLOW: Duration = Duration::from_secs(2);
/// How long a device whose item was overwritten has to report. The thesis' firmware never does, so
/// there is no sense in letting a person wait for it.
const TIME_TO_REPUBLISH: Duration = Duration::from_secs(3);

/// One wish, from the click to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct IntentRecord {
    id: IntentId,
    device: DeviceId,
    item: ItemId,
    wanted: Value,
    since: Timestamp,
    stage: IntentStage,
    failure: Option<Failure>,
}

/// An intent with all that is needed to bring it to its end.
#[derive(Debug)]
pub(crate) struct Intent {
    record: IntentRecord,
    wish: Wish,
    phase: Phase,
    way: Option<Way>,
    asked: Now,
    deadline: Instant,
    /// The device retracted the request: it is done with it.
    is_handled: bool,
    /// Whether the last report since delivery was the wanted value.
    last_report: Option<bool>,
    /// Our own overwriting came back without a publisher.
    saw_echo: bool,
    /// The stream was lost meanwhile, and the node was not read since.
    /// Whether reports may have been thrown away since it was sent, so that what is known of the
    /// value may be older than the device's answer.
    is_blind: bool,
    awaits_reread: bool,
}

/// What makes an intent.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) node: Node,
    /// A button: any reaction of the device grants it.
    pub(crate) is_press: bool,
    /// How far the report may be from what was asked.
    pub(crate) tolerance: f64,
    /// A report of the value does not prove that the device acted on this wish: the value is what
    /// it is already, or the device may yet act on an earlier one.
    pub(crate) needs_answer: bool,
}

/// How the device is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By this request item.
    Request(ItemId),
    /// By overwriting the state item.
    Overwrite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Held,
    UnderWay,
    InDoubt,
    Delivered,
}

/// How an intent ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Confirmed,
    Failed(Failure),
    Unconfirmed(Option<Failure>),
}

/// Who says what the value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Witness {
    /// The device.
    Device,
    /// The device or we ourselves: the server does not say.
    Unnamed,
}

impl IntentRecord {
    /// Which.
    pub fn id(&self) -> IntentId {
        self.id
    }

    /// Of which device.
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    /// Which of its values.
    pub fn item(&self) -> &ItemId {
        &self.item
    }

    /// What is wanted, as it is written to the device.
    pub fn wanted(&self) -> &Value {
        &self.wanted
    }

    /// When it began.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// How far it got.
    pub fn stage(&self) -> IntentStage {
        self.stage
    }

    /// Why it failed, or what kept it from being confirmed, where that is known.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }
}

impl Intent {
    pub(crate) fn new(
        id: IntentId,
        device: DeviceId,
        item: ItemId,
        wanted: Value,
        wish: Wish,
        now: Now,
    ) -> Self {
        Self {
            record: IntentRecord {
                id,
                device,
                item,
                wanted,
                since: now.wall,
                stage: IntentStage::Accepted,
                failure: None,
            },
            wish,
            phase: Phase::Held,
            way: None,
            asked: now,
            deadline: now.instant + TIME_TO_HOLD,
            is_handled: false,
            last_report: None,
            saw_echo: false,
            is_blind: false,
            awaits_reread: false,
        }
    }

    pub(crate) fn record(&self) -> &IntentRecord {
        &self.record
    }

    pub(crate) fn node(&self) -> Node {
        self.wish.node
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// When the person asked: the stamp of the request, however late it is sent.
    pub(crate) fn asked_at(&self) -> Timestamp {
        self.asked.wall
    }

    pub(crate) fn is_over(&self) -> bool {
        self.record.stage.is_end()
    }

    pub(crate) fn is_held(&self) -> bool {
        self.phase == Phase::Held && !self.is_over()
    }

    pub(crate) fn awaits_reread(&self) -> bool {
        self.awaits_reread && !self.is_over()
    }

    /// The request item, if there is one that the device has not taken away yet.
    pub(crate) fn open_request(&self) -> Option<&ItemId> {
        match &self.way {
            Some(Way::Request(item)) if !self.is_handled => Some(item),
            _ => None,
        }
    }

    /// The request item, whether the device has taken it away or not.
    pub(crate) fn request(&self) -> Option<&ItemId> {
        match &self.way {
            Some(Way::Request(item)) => Some(item),
            _ => None,
        }
    }

    /// The server may throw reports away from now on.
    pub(crate) fn goes_blind(&mut self) {
        self.is_blind |= self.phase != Phase::Held;
    }

    /// How it was sent before, to be sent again under the same name.
    pub(crate) fn way(&self) -> Option<&Way> {
        self.way.as_ref()
    }

    /// It is handed to the session.
    pub(crate) fn publish(&mut self, way: Way, now: Instant) {
        self.way = Some(way);
        self.phase = Phase::UnderWay;
        self.saw_echo = false;
        self.deadline = now + TIME_TO_REPORT;
    }

    /// How far its stanza got. Whether that is news.
    pub(crate) fn sent(&mut self, stage: SendStage) -> bool {
        self.climb(match stage {
            SendStage::Sent => IntentStage::Sent,
            SendStage::Acked => IntentStage::Acked,
        })
    }

    /// The server took it.
    pub(crate) fn delivered(&mut self, now: Instant) -> bool {
        self.phase = Phase::Delivered;
        if self.way == Some(Way::Overwrite) {
            self.deadline = self.deadline.min(now + TIME_TO_REPUBLISH);
        }
        self.climb(IntentStage::Delivered)
    }

    /// The server did not take it, or the answer was lost.
    pub(crate) fn not_delivered(&mut self, failure: Failure) -> Option<Outcome> {
        match failure.code {
            FailureCode::ConnectionLost => {
                self.stream_lost();
                None
            }
            // The device may have got it all the same: only its report can tell.
            FailureCode::TimedOut => None,
            FailureCode::Forbidden if self.way == Some(Way::Overwrite) => {
                let code = FailureCode::ServerForbidsOverwrite;
                Some(Outcome::Failed(Failure { code, ..failure }))
            }
            _ => Some(Outcome::Failed(failure)),
        }
    }

    /// The value was reported; `None` stands for a report without a readable value.
    pub(crate) fn reported(&mut self, value: Option<&Value>, by: Witness) -> Option<Outcome> {
        if self.phase == Phase::Held || self.is_over() {
            return None;
        }
        let agrees = value.is_some_and(|value| self.agrees(value));
        let overwrites = self.way == Some(Way::Overwrite);
        if by == Witness::Unnamed && overwrites && agrees && !self.saw_echo {
            self.saw_echo = true;
            return None;
        }
        let is_delivered = self.phase == Phase::Delivered;
        if is_delivered {
            self.last_report = Some(agrees);
        }
        let is_answer = self.is_handled || overwrites && is_delivered;
        let granted = if self.wish.is_press {
            is_answer
        } else {
            agrees && (is_answer || !self.wish.needs_answer)
        };
        granted.then_some(Outcome::Confirmed)
    }

    /// The device retracted the request: it is done. `current` is what it says now, as far as we
    /// heard; if that may not be far enough, it awaits that the node is read.
    pub(crate) fn handled(&mut self, current: Option<&Value>, now: Instant) -> Option<Outcome> {
        self.is_handled = true;
        if self.is_blind && !self.wish.is_press {
            self.awaits_reread = true;
            return None;
        }
        self.answered(current, now)
    }

    /// The device is done with the request, and `current` is what it said of it.
    fn answered(&mut self, current: Option<&Value>, now: Instant) -> Option<Outcome> {
        self.is_handled = true;
        if self.wish.is_press || current.is_some_and(|value| self.agrees(value)) {
            return Some(Outcome::Confirmed);
        }
        self.deadline = self.deadline.min(now + TIME_TO_FOLLOW);
        None
    }

    /// The device came anew, and retracts unread what it finds then: a request that it took away
    /// without granting it is held to be sent again under the same name.
    pub(crate) fn device_came(&mut self, now: Instant) {
        let was_taken_away = self.phase == Phase::Delivered && self.is_handled;
        if was_taken_away && self.may_be_repeated(now) {
            self.phase = Phase::Held;
            self.is_handled = false;
            self.last_report = None;
            self.interrupted();
        }
    }

    /// There is no stream for now: more time is needed.
    pub(crate) fn interrupted(&mut self) {
        self.deadline = self.deadline.max(self.asked.instant + TIME_TO_HOLD);
    }

    /// The stream goes on and nothing was lost.
    pub(crate) fn resumed(&mut self, now: Instant) {
        if self.phase != Phase::Held {
            self.deadline = self.deadline.min(now + TIME_TO_REPORT);
        }
    }

    /// The stream is lost, and all answers under way with it.
    pub(crate) fn stream_lost(&mut self) {
        self.interrupted();
        match self.phase {
            Phase::Held => return,
            Phase::UnderWay => self.phase = Phase::InDoubt,
            Phase::InDoubt | Phase::Delivered => {}
        }
        self.awaits_reread = true;
    }

    /// The node was read anew after the stream was lost. `request_is_there` tells whether our
    /// request item is still on it, `current` what the device said there. Where nothing arrived,
    /// it is held to be sent again under the same name.
    pub(crate) fn reread(
        &mut self,
        request_is_there: bool,
        current: Option<&Value>,
        now: Instant,
    ) -> Option<Outcome> {
        if self.is_handled && request_is_there {
            // Read before the device took the request away; what was read after is on its way.
            return None;
        }
        self.awaits_reread = false;
        self.deadline = self.deadline.min(now + TIME_TO_REPORT);
        let asks = matches!(self.way, Some(Way::Request(_)));
        if asks && request_is_there {
            self.delivered(now);
            return None;
        }
        if asks && !self.wish.is_press && current.is_some_and(|value| self.agrees(value)) {
            return Some(Outcome::Confirmed);
        }
        match self.phase {
            Phase::Delivered if asks => self.answered(current, now),
            Phase::UnderWay if self.is_handled => self.answered(current, now),
            Phase::InDoubt if self.may_be_repeated(now) => {
                self.phase = Phase::Held;
                None
            }
            Phase::InDoubt => Some(self.abandoned()),
            Phase::Held | Phase::UnderWay | Phase::Delivered => None,
        }
    }

    /// The deadline has come. What became of it?
    pub(crate) fn expired(&self, link_is_up: bool) -> Outcome {
        let refused = || Outcome::Failed(Failure::new(FailureCode::RefusedByDevice));
        match (self.phase, self.last_report) {
            (Phase::Held, _) if link_is_up && self.way.is_none() => {
                Outcome::Failed(Failure::new(FailureCode::TimedOut))
            }
            (Phase::Held | Phase::InDoubt, _) => self.abandoned(),
            (_, Some(true)) if !self.wish.is_press => Outcome::Confirmed,
            _ if self.is_handled && !self.awaits_reread => refused(),
            (Phase::Delivered, Some(false)) if self.way == Some(Way::Overwrite) => refused(),
            (Phase::Delivered, None) if self.way == Some(Way::Overwrite) => {
                Outcome::Unconfirmed(Some(Failure::new(FailureCode::DeviceDoesNotReport)))
            }
            _ => Outcome::Unconfirmed(None),
        }
    }

    /// The connection is gone, and nothing more will be heard.
    pub(crate) fn abandoned(&self) -> Outcome {
        match self.way {
            None => Outcome::Failed(lost()),
            Some(_) => Outcome::Unconfirmed(Some(lost())),
        }
    }

    pub(crate) fn end(&mut self, outcome: Outcome) {
        (self.record.stage, self.record.failure) = match outcome {
            Outcome::Confirmed => (IntentStage::Confirmed, None),
            Outcome::Failed(failure) => (IntentStage::Failed, Some(failure)),
            Outcome::Unconfirmed(failure) => (IntentStage::Unconfirmed, failure),
        };
    }

    /// Setting a value twice is setting it once; pressing a button twice is not. And nobody
    /// expects a switch to move long after it was touched.
    fn may_be_repeated(&self, now: Instant) -> bool {
        !self.wish.is_press && now.since(self.asked.instant) < TIME_TO_HOLD
    }

    fn agrees(&self, reported: &Value) -> bool {
        let wanted = &self.record.wanted;
        let near = match (wanted.as_f64(), reported.as_f64()) {
            (Some(wanted), Some(reported)) => (wanted - reported).abs() <= self.wish.tolerance,
            _ => false,
        };
        near || wanted.agrees_with(reported)
    }

    fn climb(&mut self, stage: IntentStage) -> bool {
        let higher = stage > self.record.stage;
        if higher {
            self.record.stage = stage;
        }
        higher
    }
}

fn lost() -> Failure {
    Failure::new(FailureCode::ConnectionLost)
}
