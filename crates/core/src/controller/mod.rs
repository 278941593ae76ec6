//! The single owner of all state of the home.
//!
//! The controller's duties are in files of their own: what a person asks (`commands`), what the
//! link and the session tell (`world`), whether a person is looking (`attention`), subscribing and
//! reading (`rounds`), devices of older servers (`components`), what devices report (`reports`), and bringing wishes to their end (`wishes`).

mod attention;
mod commands;
mod components;
mod reports;
mod rounds;
mod wishes;
mod world;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use jid::{BareJid, Jid};
use roost_model::{DeviceId, Instant, IntentId, Node, Now, PointId};
use roost_xmpp_proto::{LinkCommand, Request, RequestId};

use attention::Attention;

use crate::changes::Changes;
use crate::device::{Device, Standing};
use crate::intent::Intent;
use crate::timers::{Timer, Timers};
use crate::{
    Accepted, Change, Command, Counters, DeviceNow, DropReason, Effect, Input, IntentRecord,
    LinkStatus, Refusal, RosterWish, SavedDevice, SavedReading,
};

/// Contacts kept, devices or not.
pub const MAX_DEVICES: usize = 5_000;

/// The brain; see the crate's documentation.
///
/// After every call, poll effects and changes until there are none, and see that
/// [`Input::Timeout`] comes at [`Controller::poll_timeout`].
#[derive(Debug)]
pub struct Controller {
    account: Option<BareJid>,
    link: LinkStatus,
    attention: Attention,
    /// Whether the session still speaks of another account than the one signed in now.
    hears_another: bool,
    devices: BTreeMap<DeviceId, Device>,
    intents: BTreeMap<IntentId, Intent>,
    /// Intents that ended, in the order in which they did.
    ended: VecDeque<IntentId>,
    counters: Counters,
    changes: Changes,
    effects: VecDeque<Effect>,
    timers: Timers,
    /// What the answers that are awaited are for.
    awaited: HashMap<RequestId, Purpose>,
    /// Devices that wait for their turn to be read.
    queue: VecDeque<DeviceId>,
    /// How many are being read.
    rounds: usize,
    last_round: u32,
    /// How many streams there were that were no resumptions.
    streams: u32,
    last_request: u64,
    last_intent: u32,
    seed: u64,
}

/// What a request was for.
#[derive(Debug)]
enum Purpose {
    Subscribe {
        device: DeviceId,
        round: u32,
    },
    Fetch {
        device: DeviceId,
        node: Node,
        round: u32,
    },
    Publish(IntentId),
    Component {
        device: DeviceId,
        component: BareJid,
    },
    Roster(DeviceId, RosterWish),
}

impl Controller {
    /// A controller of nobody's home. `seed` must differ from run to run and from app to app:
    /// the names of request items come from it.
    pub fn new(seed: u64) -> Self {
        Self {
            account: None,
            link: LinkStatus::off(),
            attention: Attention::default(),
            hears_another: false,
            devices: BTreeMap::new(),
            intents: BTreeMap::new(),
            ended: VecDeque::new(),
            counters: Counters::default(),
            changes: Changes::default(),
            effects: VecDeque::new(),
            timers: Timers::default(),
            awaited: HashMap::new(),
            queue: VecDeque::new(),
            rounds: 0,
            last_round: 0,
            streams: 0,
            last_request: 0,
            last_intent: 0,
            seed,
        }
    }

    /// A person asks for something.
    ///
    /// # Errors
    /// If it cannot be done; then nothing was changed.
    pub fn command(&mut self, command: Command, now: Now) -> Result<Accepted, Refusal> {
        match command {
            Command::SignIn(account) => self.sign_in(account),
            Command::SignOut { forget } => self.sign_out(forget, now),
            Command::RetryNow => self.retry_now(),
            Command::SetSilence(silence) => self.tell(LinkCommand::SetSilence(silence)),
            Command::SetValue {
                device,
                item,
                value,
            } => {
                return self.set_value(device, item, &value, now);
            }
            Command::AddDevice(jid) => self.add_device(jid, now)?,
            Command::RemoveDevice(device) => self.remove_device(&device, now)?,
            Command::RenameDevice { device, name } => self.rename_device(&device, &name)?,
            Command::SetRoom { device, room } => self.set_room(&device, room)?,
            Command::Refresh(device) => self.refresh(device, now)?,
            Command::SetWatched(is_watched) => self.set_watched(is_watched, now),
        }
        Ok(Accepted::Done)
    }

    /// Something happened in the world.
    pub fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Link(event) => self.link_event(event, now),
            Input::Restored { account, devices } => self.restore(account, devices, now),
            Input::Timeout => {
                while let Some(timer) = self.timers.pop_due(now.instant) {
                    self.ring(timer, now);
                }
            }
        }
    }

    /// What is to be done next.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// What is to be looked at again.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.poll(&mut self.devices)
    }

    /// When [`Input::Timeout`] is wanted next. May be earlier than anything happens.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Whose home it is.
    pub fn account(&self) -> Option<&BareJid> {
        self.account.as_ref()
    }

    /// What the link is doing.
    pub fn link(&self) -> &LinkStatus {
        &self.link
    }

    /// All devices, in order of their JIDs. Contacts that are no devices are not among them.
    pub fn devices(&self) -> impl Iterator<Item = DeviceNow<'_>> {
        let known = self.devices.values().filter(|device| device.is_known());
        known.map(|device| self.show(device))
    }

    /// One device.
    pub fn device(&self, id: &DeviceId) -> Option<DeviceNow<'_>> {
        self.known(id).map(|device| self.show(device))
    }

    /// Intents under way, and those that ended lately, oldest first.
    pub fn intents(&self) -> impl Iterator<Item = &IntentRecord> {
        self.intents.values().map(Intent::record)
    }

    /// One intent.
    pub fn intent(&self, id: IntentId) -> Option<&IntentRecord> {
        self.intents.get(&id).map(Intent::record)
    }

    /// What happened how often.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A device as it is to be kept for the next run.
    pub fn saved(&self, id: &DeviceId) -> Option<SavedDevice> {
        self.known(id).map(|device| SavedDevice {
            id: id.clone(),
            name: device.name.clone(),
            groups: device.groups.iter().cloned().collect(),
            profile: device.profile,
            form: device.shape.as_ref().map(|shape| shape.form.clone()),
            warnings: device
                .shape
                .as_ref()
                .map_or_else(Vec::new, |shape| shape.warnings.clone()),
            readings: device
                .points
                .all()
                .map(|(node, item, its)| SavedReading {
                    point: PointId {
                        node,
                        item: item.clone(),
                    },
                    reading: its.reading.clone(),
                    readable: its.readable,
                })
                .collect(),
        })
    }

    fn show<'a>(&self, device: &'a Device) -> DeviceNow<'a> {
        DeviceNow {
            device,
            link_is_up: self.link.is_up(),
        }
    }

    fn known(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.get(id).filter(|device| device.is_known())
    }

    fn ring(&mut self, timer: Timer, now: Now) {
        match timer {
            Timer::Sync(device) => self.sync_due(&device, now),
            Timer::AssumeThesis(device) => self.assume_thesis(&device, now),
            Timer::Silence(device) => self.check_silence(&device, now),
            Timer::PresenceSettled(stream) => self.settle_presence(stream),
            Timer::Unwatched => self.check_attention(now),
            Timer::Deadline(intent) => self.check_deadline(intent, now),
            Timer::Forget(intent) => self.forget_intent(intent),
        }
    }

    /// Asks the session for something whose answer nobody waits for.
    fn ask(&mut self, request: Request) -> RequestId {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        self.tell(LinkCommand::Request(id, Box::new(request)));
        id
    }

    fn ask_for(&mut self, purpose: Purpose, request: Request) {
        let id = self.ask(request);
        self.awaited.insert(id, purpose);
    }

    fn tell(&mut self, command: LinkCommand) {
        self.effects.push_back(Effect::Link(command));
    }

    /// Makes a contact, where there is none yet. Whether there is one now.
    fn make_contact(&mut self, id: &DeviceId) -> bool {
        if self.devices.contains_key(id) {
            return true;
        }
        if self.devices.len() >= MAX_DEVICES {
            self.count_dropped(DropReason::TooMany, Some(id.jid().clone().into()));
            return false;
        }
        let device = Device::new(id.clone(), Standing::Candidate);
        self.devices.insert(id.clone(), device);
        true
    }

    fn count_dropped(&mut self, reason: DropReason, from: Option<Jid>) {
        self.counters.drop(reason, from);
        self.changes.counters = true;
    }

    /// A name for a request item that no other app and no other run uses.
    fn token(&self, intent: IntentId) -> String {
        // One step of splitmix64: neighbouring intents get unlike names.
        let mut z = self
            .seed
            .wrapping_add(u64::from(intent.0).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016x}", z ^ (z >> 31))
    }
}

/// How long after a device came, approved us, or lost a node it is given to put itself in order.
const TIME_TO_SETTLE: Duration = Duration::from_secs(2);
