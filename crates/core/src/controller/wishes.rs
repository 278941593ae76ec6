//! Bringing wishes to their end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jid::BareJid;
use roost_model::{
    DeviceId, Failure, FailureCode, IntentId, IntentStage, ItemId, Node, Now, Profile, Val, Value,
};
use roost_xmpp_proto::{Answer, Payload, Request, SendStage};

use super::{Controller, Purpose};
use crate::device::Device;
use crate::intent::{Intent, MAX_INTENTS, Outcome, Way, Wish, Witness};
use crate::timers::Timer;
use crate::{Accepted, Refusal, wish};

/// How long an ended intent is kept for those who want to see how it ended.
const TIME_TO_REMEMBER: Duration = Duration::from_secs(60);
/// How many ended intents are kept at most.
const MAX_ENDED: usize = 500;

impl Controller {
    pub(super) fn set_value(
        &mut self,
        id: DeviceId,
        item: ItemId,
        wanted: &Value,
        now: Now,
    ) -> Result<Accepted, Refusal> {
        if self.account.is_none() {
            return Err(Refusal::NotSignedIn);
        }
        if !self.link.is_wanted() {
            return Err(Refusal::NotConnected);
        }
        let device = self.known(&id).ok_or(Refusal::NoSuchDevice)?;
        if self.link.is_up() && device.is_away() {
            return Err(Refusal::DeviceOffline);
        }
        let field = device.field(item.as_str()).ok_or(Refusal::NoSuchField)?;
        let reported = device
            .points
            .find(&item)
            .and_then(|(.., p)| p.reading.val.kind());
        let wanted = wish::check(field, reported, wanted)?;
        let earlier = device.wishes.get(&item).copied();
        let is_so_already = device
            .value(&item)
            .is_some_and(|value| wanted.agrees_with(&value));
        if self.intents.len() - self.ended.len() >= MAX_INTENTS && earlier.is_none() {
            return Err(Refusal::Busy);
        }
        let mut wish = Wish {
            node: node_of(device, &item),
            is_press: field.kind == roost_forms::FieldKind::Button,
            tolerance: wish::tolerance(field),
            needs_answer: is_so_already,
        };
        if let Some(earlier) = earlier {
            let superseded = Failure::new(FailureCode::Superseded);
            self.end_intent(earlier, Outcome::Failed(superseded), now);
        }

        self.last_intent = self.last_intent.wrapping_add(1);
        let intent = IntentId(self.last_intent);
        if let Some(device) = self.devices.get_mut(&id) {
            wish.needs_answer |= device.leftovers.contains_key(&item);
            device.wishes.insert(item.clone(), intent);
        }
        let record = Intent::new(intent, id.clone(), item, wanted, wish, now);
        self.intents.insert(intent, record);
        self.changes.intent(intent);
        self.watch_deadline(intent);
        self.send_held_intents(&id, now);
        Ok(Accepted::Intent(intent))
    }

    /// Sends what waits for a device, if it can be sent: there is a stream, the device was read
    /// on it, is there, and told which profile it speaks. A device acts on nothing that it finds
    /// when it comes.
    pub(super) fn send_held_intents(&mut self, id: &DeviceId, now: Now) {
        let Some(device) = self.devices.get(id).filter(|d| !d.wishes.is_empty()) else {
            return;
        };
        let Some(profile) = device.profile else {
            return;
        };
        if !self.link.is_up() || !device.sync.has_read() || !device.is_there() {
            return;
        }
        let held: Vec<IntentId> = device
            .wishes
            .values()
            .copied()
            .filter(|intent| self.intents.get(intent).is_some_and(Intent::is_held))
            .collect();
        for intent in held {
            self.send_intent(intent, profile, now);
        }
    }

    /// A device came anew: what it took away unread is asked again.
    pub(super) fn device_came(&mut self, id: &DeviceId, now: Now) {
        let wishes = self.devices.get(id).map(|device| device.wishes.values());
        for id in wishes.into_iter().flatten() {
            if let Some(intent) = self.intents.get_mut(id).filter(|its| !its.is_over()) {
                intent.device_came(now.instant);
            }
        }
    }

    /// How far the stanza of an intent got.
    pub(super) fn intent_sent(&mut self, id: IntentId, stage: SendStage) {
        if let Some(intent) = self.intents.get_mut(&id)
            && intent.sent(stage)
        {
            self.changes.intent(id);
        }
    }

    /// The server took what was published for an intent, or did not.
    pub(super) fn intent_answered(
        &mut self,
        id: IntentId,
        result: Result<Answer, Failure>,
        now: Now,
    ) {
        let Some(intent) = self.intents.get_mut(&id).filter(|intent| !intent.is_over()) else {
            return;
        };
        let outcome = match result {
            Ok(_) => {
                if intent.delivered(now.instant) {
                    self.changes.intent(id);
                }
                None
            }
            Err(failure) => intent.not_delivered(failure),
        };
        self.watch_deadline(id);
        self.end_if(id, outcome, now);
    }

    /// The device, or somebody whom the server does not name, said what the value is.
    pub(super) fn value_reported(
        &mut self,
        id: IntentId,
        node: Node,
        item: &ItemId,
        witness: Witness,
        now: Now,
    ) {
        let Some(intent) = self.intents.get_mut(&id).filter(|its| its.node() == node) else {
            return;
        };
        let device = self.devices.get(intent.record().device());
        let value = device.and_then(|device| device.value(item));
        let outcome = intent.reported(value.as_ref(), witness);
        self.end_if(id, outcome, now);
    }

    /// A request item was retracted: the device is done with it.
    pub(super) fn request_handled(
        &mut self,
        device: &DeviceId,
        wanted: &ItemId,
        request: &ItemId,
        now: Now,
    ) {
        let Some(device) = self.devices.get_mut(device) else {
            return;
        };
        if device.leftovers.get(wanted) == Some(request) {
            device.leftovers.remove(wanted);
        }
        let Some(&id) = device.wishes.get(wanted) else {
            return;
        };
        let current = device.value(wanted);
        let Some(intent) = self.intents.get_mut(&id) else {
            return;
        };
        if intent.open_request() != Some(request) {
            return;
        }
        let outcome = intent.handled(current.as_ref(), now.instant);
        let is_to_be_read = intent.awaits_reread();
        let device = intent.record().device().clone();
        self.watch_deadline(id);
        self.end_if(id, outcome, now);
        if is_to_be_read {
            self.read_again(&device, Duration::ZERO, now);
        }
    }

    /// The server may throw reports away from now on.
    pub(super) fn blind_intents(&mut self) {
        self.for_each_open(Intent::goes_blind);
    }

    /// A node was read in full: what became of the intents whose stream was lost?
    pub(super) fn reread_intents(
        &mut self,
        id: &DeviceId,
        node: Node,
        present: &BTreeSet<ItemId>,
        now: Now,
    ) {
        let Some(device) = self.devices.get(id).filter(|d| !d.wishes.is_empty()) else {
            return;
        };
        let values: Vec<(IntentId, Option<Value>)> = device
            .wishes
            .iter()
            .map(|(item, intent)| (*intent, device.value(item)))
            .collect();
        for (id, current) in values {
            let Some(intent) = self.intents.get_mut(&id) else {
                continue;
            };
            if intent.node() != node || !intent.awaits_reread() {
                continue;
            }
            let request_is_there = intent.request().is_some_and(|it| present.contains(it));
            let outcome = intent.reread(request_is_there, current.as_ref(), now.instant);
            self.changes.intent(id);
            self.watch_deadline(id);
            self.end_if(id, outcome, now);
        }
    }

    pub(super) fn check_deadline(&mut self, id: IntentId, now: Now) {
        let Some(intent) = self.intents.get(&id) else {
            return;
        };
        if !intent.is_over() && intent.deadline() <= now.instant {
            let outcome = intent.expired(self.link.is_up());
            self.end_intent(id, outcome, now);
        }
    }

    /// There is no stream for now; what is under way is given more time.
    pub(super) fn give_intents_time(&mut self) {
        self.for_each_open(Intent::interrupted);
    }

    /// The stream goes on.
    pub(super) fn resume_intents(&mut self, now: Now) {
        self.for_each_open(|intent| intent.resumed(now.instant));
        let held = self.intents.values().filter(|intent| intent.is_held());
        let devices: BTreeSet<_> = held
            .map(|intent| intent.record().device().clone())
            .collect();
        for device in devices {
            self.send_held_intents(&device, now);
        }
    }

    /// The stream is lost, and all answers with it.
    pub(super) fn lose_intents(&mut self) {
        self.for_each_open(Intent::stream_lost);
    }

    /// Nobody will try to connect any more: what was not sent never will be, and what was will
    /// not be heard of.
    pub(super) fn give_up_intents(&mut self, now: Now) {
        let open = self.intents.iter().filter(|(_, intent)| !intent.is_over());
        let open: Vec<_> = open.map(|(id, intent)| (*id, intent.abandoned())).collect();
        for (id, outcome) in open {
            self.end_intent(id, outcome, now);
        }
    }

    /// A device was taken off the list.
    pub(super) fn fail_intents_of(&mut self, device: Device, now: Now) {
        for id in device.wishes.into_values() {
            let gone = Failure::new(FailureCode::NotFound);
            self.end_intent(id, Outcome::Failed(gone), now);
        }
    }

    pub(super) fn forget_intent(&mut self, id: IntentId) {
        if let Some(place) = self.ended.iter().position(|ended| *ended == id) {
            self.ended.remove(place);
            self.intents.remove(&id);
            self.changes.intent_forgotten(id);
        }
    }

    fn send_intent(&mut self, id: IntentId, profile: Profile, now: Now) {
        let token = self.token(id);
        let is_inactive = self.is_inactive();
        let Some(intent) = self.intents.get_mut(&id) else {
            return;
        };
        let record = intent.record();
        let service = service_of(&self.devices, record.device());
        let way = match (intent.way(), profile) {
            (Some(way), _) => Ok(way.clone()),
            (None, Profile::Roost) => record.item().request(&token).map(Way::Request),
            (None, Profile::Thesis) => Ok(Way::Overwrite),
        };
        let Ok(way) = way else {
            let unnameable =
                Failure::with_detail(FailureCode::Protocol, "the item's id is too long");
            return self.end_intent(id, Outcome::Failed(unnameable), now);
        };
        let (item, stamp) = match &way {
            Way::Request(item) => (item.clone(), Some(intent.asked_at())),
            Way::Overwrite => (record.item().clone(), None),
        };
        let request = Request::Publish {
            service,
            node: intent.node(),
            item,
            payload: Payload::Value(Val::from_value(record.wanted(), None, stamp)),
        };
        intent.publish(way, now.instant);
        if is_inactive {
            intent.goes_blind();
        }
        self.watch_deadline(id);
        self.ask_for(Purpose::Publish(id), request);
    }

    fn end_if(&mut self, id: IntentId, outcome: Option<Outcome>, now: Now) {
        if let Some(outcome) = outcome {
            self.end_intent(id, outcome, now);
        }
    }

    fn end_intent(&mut self, id: IntentId, outcome: Outcome, now: Now) {
        let Some(intent) = self.intents.get_mut(&id).filter(|intent| !intent.is_over()) else {
            return;
        };
        intent.end(outcome);
        let record = intent.record();
        if let Some(device) = self.devices.get_mut(record.device()) {
            device.wishes.remove(record.item());
            match (intent.open_request(), intent.way()) {
                (Some(request), _) => {
                    device
                        .leftovers
                        .insert(record.item().clone(), request.clone());
                }
                (None, Some(_)) => {
                    device.leftovers.remove(record.item());
                }
                (None, None) => {}
            }
        }
        // A request that nobody took up must not be acted on when nobody expects it any more.
        let leftover = intent
            .open_request()
            .filter(|_| record.stage() == IntentStage::Unconfirmed);
        let retract = leftover.map(|item| Request::Retract {
            service: service_of(&self.devices, record.device()),
            node: intent.node(),
            item: item.clone(),
        });
        if let Some(retract) = retract.filter(|_| self.link.is_up()) {
            self.ask(retract);
        }
        self.changes.intent(id);
        self.timers
            .set(now.instant + TIME_TO_REMEMBER, Timer::Forget(id));
        self.ended.push_back(id);
        if self.ended.len() > MAX_ENDED
            && let Some(oldest) = self.ended.front().copied()
        {
            self.forget_intent(oldest);
        }
    }

    fn watch_deadline(&mut self, id: IntentId) {
        if let Some(intent) = self.intents.get(&id).filter(|intent| !intent.is_over()) {
            self.timers.set(intent.deadline(), Timer::Deadline(id));
        }
    }

    fn for_each_open(&mut self, change: impl Fn(&mut Intent)) {
        for (id, intent) in self
            .intents
            .iter_mut()
            .filter(|(_, intent)| !intent.is_over())
        {
            change(intent);
            self.timers.set(intent.deadline(), Timer::Deadline(*id));
        }
    }
}

/// Who hosts the nodes of a device. One that is gone had them at its own account, as far as we know.
fn service_of(devices: &BTreeMap<DeviceId, Device>, id: &DeviceId) -> BareJid {
    let device = devices.get(id);
    device.map_or(id.jid(), Device::service).clone()
}

/// Where a wish for an item is published. Roost devices listen on their actuators only; a thesis
/// device may keep a switch among its sensors.
fn node_of(device: &Device, item: &ItemId) -> Node {
    match (device.profile, device.points.find(item)) {
        (Some(Profile::Roost), _) | (_, None) => Node::Actuators,
        (_, Some((node, ..))) => node,
    }
}
