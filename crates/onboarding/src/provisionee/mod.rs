//! The device role: what a device offers over Bluetooth while it is being set up.
//!
//! A [`Provisionee`] answers reads and writes, opens what is sealed, and says with
//! [`DeviceEvent::Configured`] what it was given. Whoever owns it tries that (joins the Wi-Fi,
//! connects to XMPP) and tells how it goes with [`Provisionee::joining`]; the app sees it as the
//! status. Only when the device is online is [`DeviceEvent::Keep`] given: until then the stored
//! configuration, if there is one, stays.
//!
//! ```text
//!  advertising ─central─▶ staging ─done─▶ Configured ─joining(Online)─▶ Keep, withdrawn
//!       ▲                  ▲   │ gone            │ joining(WrongPassword …): rests
//!       └──────────────────┼───┘                 │
//!                          └──── corrected ◀─────┘
//! ```
//!
//! What is written is staged for the length of a connection: a new one needs all five settings
//! again, so nobody can replace only the sender of somebody else's set-up. Every encapsulated key
//! opens once per connection. A device that is set up offers nothing until it is reset by hand.
//!
//! The thesis profile is the same without nonce, list, status and sealing; it goes silent
//! after done.
//!
//! Limits: one central; [`MAX_PARTS`] parts of a long write; [`MAX_KEYS`] sealed writes per
//! connection; values of 512 bytes.

mod advertise;
mod requests;
mod staged;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use roost_model::Profile;
use uuid::Uuid;

pub use advertise::{MAX_LOCAL_NAME_BYTES, advertisement};
pub use words::{DeviceEvent, JoinReport, Provision};

use crate::gatt::{MIN_MTU, STATUS, WIFI_NETWORKS};
use crate::seal::ENCAPSULATED_KEY_BYTES;
use crate::{
    AttError, Challenge, Configuration, Nonce, Payload, PeripheralAnswer, PeripheralCommand,
    PeripheralEvent, Progress, RequestId, Status, WifiNetwork, wifi,
};
use staged::Staged;

/// Most parts of a long write: 512 bytes in parts of 18 (at MTU 23) are 29.
pub const MAX_PARTS: usize = 64;
/// Most sealed writes of one connection.
pub const MAX_KEYS: usize = 256;

/// The machine of the device role. See the [module](self).
#[derive(Debug)]
pub struct Provisionee {
    device: Provision,
    stage: Stage,
    status: Status,
    networks: Vec<u8>,
    central: Option<Central>,
    trial: Option<Configuration>,
    commands: VecDeque<PeripheralCommand>,
    events: VecDeque<DeviceEvent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Offering the Settings service.
    Open,
    /// Online, or a thesis device after done: the service goes when the central has gone.
    Leaving,
    /// Set up: nothing is offered.
    Closed,
}

#[derive(Debug)]
struct Central {
    nonce: Nonce,
    mtu: u16,
    challenge: Option<Challenge>,
    used_keys: BTreeSet<[u8; ENCAPSULATED_KEY_BYTES]>,
    staged: Staged,
    subscribed: BTreeSet<Uuid>,
    /// What a long read goes on with.
    snapshots: BTreeMap<Uuid, Vec<u8>>,
    /// What a write with an offset goes on with.
    raw: Option<(Uuid, Payload)>,
    parts: Vec<(Uuid, u16, Payload)>,
}

impl Provisionee {
    /// A device; `set_up` says whether it has a stored configuration.
    pub fn new(device: Provision, set_up: bool) -> Self {
        let mut this = Self {
            device,
            stage: Stage::Closed,
            status: Status::new(Progress::Idle, ""),
            networks: wifi::write_networks(&[]),
            central: None,
            trial: None,
            commands: VecDeque::new(),
            events: VecDeque::new(),
        };
        if !set_up {
            this.reset();
        }
        this
    }

    /// A person reset the device by hand, and what was stored is gone: it can be set up again.
    pub fn reset(&mut self) {
        self.stage = Stage::Open;
        self.trial = None;
        if let Some(central) = &mut self.central {
            central.staged = Staged::default();
        }
        self.set_status(Status::new(Progress::Idle, ""));
        self.advertise();
    }

    /// What is to be done next at the radio.
    pub fn poll_command(&mut self) -> Option<PeripheralCommand> {
        self.commands.pop_front()
    }

    /// What is to be done next with the configuration.
    pub fn poll_event(&mut self) -> Option<DeviceEvent> {
        self.events.pop_front()
    }

    /// How far it is.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Whether the Settings service is offered.
    pub fn is_open(&self) -> bool {
        self.stage != Stage::Closed
    }

    /// The networks that the device sees now.
    pub fn networks(&mut self, networks: &[WifiNetwork]) {
        let list = wifi::write_networks(networks);
        if list != self.networks {
            self.networks = list;
            self.notify(WIFI_NETWORKS);
        }
    }

    /// How it goes with what was given last. `detail` is shown to the person: the name of the
    /// network or of the server, never a password.
    pub fn joining(&mut self, report: JoinReport, detail: &str) {
        if self.trial.is_none() {
            return;
        }
        self.set_status(Status::new(report.progress(), detail));
        if report == JoinReport::Online
            && let Some(configuration) = self.trial.take()
        {
            self.events
                .push_back(DeviceEvent::Keep(Box::new(configuration)));
            self.leave();
        }
    }

    /// What happened at the radio.
    pub fn handle(&mut self, event: PeripheralEvent) {
        match event {
            PeripheralEvent::CentralConnected { nonce } => {
                self.central = Some(Central {
                    nonce,
                    mtu: MIN_MTU,
                    challenge: None,
                    used_keys: BTreeSet::new(),
                    staged: Staged::default(),
                    subscribed: BTreeSet::new(),
                    snapshots: BTreeMap::new(),
                    raw: None,
                    parts: Vec::new(),
                });
            }
            PeripheralEvent::CentralDisconnected => {
                self.central = None;
                match self.stage {
                    Stage::Open => self.advertise(),
                    Stage::Leaving => self.leave(),
                    Stage::Closed => {}
                }
            }
            PeripheralEvent::Mtu(mtu) => {
                if let Some(central) = &mut self.central {
                    central.mtu = mtu.max(MIN_MTU);
                }
            }
            PeripheralEvent::ReadRequest {
                request,
                characteristic,
                offset,
            } => {
                let result = self.read(characteristic, usize::from(offset));
                self.answer(request, result);
            }
            PeripheralEvent::WriteRequest {
                request,
                characteristic,
                offset,
                value,
            } => {
                let result = self.write(characteristic, usize::from(offset), value);
                self.written(request, characteristic, result);
            }
            PeripheralEvent::Prepare {
                request,
                characteristic,
                offset,
                value,
            } => {
                let result = self.prepare(characteristic, offset, value);
                self.answer(request, result.map(|()| Vec::new()));
            }
            PeripheralEvent::Execute { request, commit } => self.execute(request, commit),
            PeripheralEvent::Subscription {
                characteristic,
                wanted,
            } => {
                if let Some(central) = &mut self.central
                    && matches!(characteristic, STATUS | WIFI_NETWORKS)
                {
                    if wanted {
                        central.subscribed.insert(characteristic);
                    } else {
                        central.subscribed.remove(&characteristic);
                    }
                }
            }
        }
    }

    fn is_roost(&self) -> bool {
        self.device.profile == Profile::Roost
    }

    fn answer(&mut self, request: RequestId, result: Result<Vec<u8>, AttError>) {
        self.commands
            .push_back(PeripheralCommand::Answer(PeripheralAnswer {
                request,
                result,
            }));
    }

    fn set_status(&mut self, status: Status) {
        if self.status != status {
            self.status = status;
            self.notify(STATUS);
        }
    }

    fn notify(&mut self, characteristic: Uuid) {
        let Some(central) = &self.central else {
            return;
        };
        if !central.subscribed.contains(&characteristic) || !self.is_roost() {
            return;
        }
        let room = usize::from(central.mtu - 3);
        let value = if characteristic == STATUS {
            self.status.write(room)
        } else {
            self.networks[..self.networks.len().min(room)].to_vec()
        };
        self.commands.push_back(PeripheralCommand::Notify {
            characteristic,
            value,
        });
    }

    fn advertise(&mut self) {
        let advertisement = advertisement(&self.device);
        self.commands
            .push_back(PeripheralCommand::Advertise(advertisement));
    }

    /// Closes, as soon as nobody is connected who may still want to read how it ended.
    fn leave(&mut self) {
        self.stage = Stage::Leaving;
        if self.central.is_none() {
            self.stage = Stage::Closed;
            self.commands.push_back(PeripheralCommand::Withdraw);
        }
    }
}

#[cfg(test)]
mod tests;
