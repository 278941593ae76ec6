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
//! The thesis profile is the same without nonce, proof, list, status and sealing; it goes silent
//! after done.
//!
//! Limits: one central; [`MAX_PARTS`] parts of a long write; [`MAX_KEYS`] sealed writes per
//! connection; values of 512 bytes.

mod advertise;
mod staged;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use roost_model::Profile;
use uuid::Uuid;

pub use advertise::{MAX_LOCAL_NAME_BYTES, advertisement};

use crate::gatt::{
    CHALLENGE, INFORMATION_CHARACTERISTICS, MAX_ATTRIBUTE_BYTES, MIN_MTU, NONCE, PROOF, SETUP_DONE,
    STATUS, THESIS_CHARACTERISTICS, WIFI_NETWORKS,
};
use crate::seal::{ENCAPSULATED_KEY_BYTES, OVERHEAD_BYTES};
use crate::{
    AttError, Challenge, Configuration, DeviceInformation, DeviceSecret, Nonce, Payload,
    PeripheralAnswer, PeripheralCommand, PeripheralEvent, Progress, RequestId, Status, WifiNetwork,
    proof, seal, wifi,
};
use staged::Staged;

/// Most parts of a long write: 512 bytes in parts of 18 (at MTU 23) are 29.
pub const MAX_PARTS: usize = 64;
/// Most sealed writes of one connection.
pub const MAX_KEYS: usize = 256;

/// How it goes with what the device was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinReport {
    /// It joins the network.
    JoiningWifi,
    /// The network refuses the password.
    WifiWrongPassword,
    /// It does not see the network.
    WifiNotFound,
    /// The network gives it no address.
    WifiNoAddress,
    /// It connects to the XMPP server.
    ConnectingXmpp,
    /// The server refuses its account or password.
    XmppAuthFailed,
    /// It does not reach the server.
    XmppUnreachable,
    /// It does not trust the server's certificate.
    TlsRefused,
    /// Its XMPP stream is bound.
    Online,
}

impl JoinReport {
    fn progress(self) -> Progress {
        match self {
            Self::JoiningWifi => Progress::JoiningWifi,
            Self::WifiWrongPassword => Progress::WifiWrongPassword,
            Self::WifiNotFound => Progress::WifiNotFound,
            Self::WifiNoAddress => Progress::WifiNoAddress,
            Self::ConnectingXmpp => Progress::ConnectingXmpp,
            Self::XmppAuthFailed => Progress::XmppAuthFailed,
            Self::XmppUnreachable => Progress::XmppUnreachable,
            Self::TlsRefused => Progress::TlsRefused,
            Self::Online => Progress::Done,
        }
    }
}

/// What the owner of a [`Provisionee`] is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// Try this, and tell how it goes. A later one replaces it.
    Configured(Box<Configuration>),
    /// It works: store what was given last, in place of what was stored.
    Keep(Box<Configuration>),
}

/// What a device is.
#[derive(Clone, Debug)]
pub struct Provision {
    /// Its key.
    pub secret: DeviceSecret,
    /// Which profile it speaks.
    pub profile: Profile,
    /// What it says about itself.
    pub information: DeviceInformation,
    /// How it calls itself in advertisements; cut to [`MAX_LOCAL_NAME_BYTES`].
    pub local_name: String,
}

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

    fn read(&mut self, characteristic: Uuid, offset: usize) -> Result<Vec<u8>, AttError> {
        let fresh = if offset == 0 {
            Some(self.value(characteristic)?)
        } else {
            None
        };
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        if let Some(value) = fresh {
            central.snapshots.insert(characteristic, value);
        }
        let value = central
            .snapshots
            .get(&characteristic)
            .ok_or(AttError::InvalidOffset)?;
        value
            .get(offset..)
            .map(<[u8]>::to_vec)
            .ok_or(AttError::InvalidOffset)
    }

    fn value(&self, characteristic: Uuid) -> Result<Vec<u8>, AttError> {
        if let Some(index) = INFORMATION_CHARACTERISTICS
            .iter()
            .position(|one| *one == characteristic)
        {
            let string = &self.device.information.strings[index];
            return Ok(string[..string.len().min(MAX_ATTRIBUTE_BYTES)].to_vec());
        }
        if THESIS_CHARACTERISTICS.contains(&characteristic) {
            return Err(AttError::ReadNotPermitted);
        }
        let central = self.central.as_ref().ok_or(AttError::Unlikely)?;
        match characteristic {
            _ if !self.is_roost() => Err(AttError::AttributeNotFound),
            NONCE => Ok(central.nonce.0.to_vec()),
            CHALLENGE => Err(AttError::ReadNotPermitted),
            PROOF => {
                let challenge = central.challenge.as_ref().ok_or(AttError::NoChallenge)?;
                let Provision {
                    secret,
                    information,
                    ..
                } = &self.device;
                Ok(proof::sign(secret, challenge, &central.nonce, information).to_vec())
            }
            WIFI_NETWORKS => Ok(self.networks.clone()),
            STATUS => Ok(self.status.write(MAX_ATTRIBUTE_BYTES)),
            _ => Err(AttError::AttributeNotFound),
        }
    }

    /// A whole value, or the continuation of the one before.
    fn write(
        &mut self,
        characteristic: Uuid,
        offset: usize,
        value: Payload,
    ) -> Result<(), AttError> {
        let follows_on = offset > 0;
        let thesis = !self.is_roost();
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        let whole = match central.raw.take() {
            Some((of, mut before)) if follows_on && of == characteristic => {
                // The thesis' firmware appends whatever the offset says.
                if !thesis && before.len() != offset {
                    return Err(AttError::InvalidOffset);
                }
                before.append(value.expose());
                before
            }
            _ if follows_on => return Err(AttError::InvalidOffset),
            _ => value,
        };
        if whole.len() > MAX_ATTRIBUTE_BYTES {
            return Err(AttError::InvalidLength);
        }
        let result = self.accept(characteristic, whole.expose());
        if let Some(central) = &mut self.central {
            central.raw = Some((characteristic, whole));
        }
        result
    }

    fn prepare(
        &mut self,
        characteristic: Uuid,
        offset: u16,
        value: Payload,
    ) -> Result<(), AttError> {
        let known = THESIS_CHARACTERISTICS.contains(&characteristic)
            || (self.is_roost() && characteristic == CHALLENGE);
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        if !known {
            return Err(AttError::WriteNotPermitted);
        }
        if central.parts.len() >= MAX_PARTS {
            return Err(AttError::PrepareQueueFull);
        }
        central.parts.push((characteristic, offset, value));
        Ok(())
    }

    fn execute(&mut self, request: RequestId, commit: bool) {
        let parts = self
            .central
            .as_mut()
            .map(|central| std::mem::take(&mut central.parts));
        let (Some(parts), true) = (parts, commit) else {
            self.answer(request, Ok(Vec::new()));
            return;
        };
        let mut values: Vec<(Uuid, Payload)> = Vec::new();
        for (characteristic, offset, part) in parts {
            let slot = match values.iter().position(|(of, _)| *of == characteristic) {
                Some(at) => at,
                None => {
                    values.push((characteristic, Payload::default()));
                    values.len() - 1
                }
            };
            let value = &mut values[slot].1;
            let problem = if self.is_roost() && usize::from(offset) != value.len() {
                Some(AttError::InvalidOffset)
            } else if value.len() + part.len() > MAX_ATTRIBUTE_BYTES {
                Some(AttError::InvalidLength)
            } else {
                None
            };
            if let Some(problem) = problem {
                self.answer(request, Err(problem));
                return;
            }
            value.append(part.expose());
        }
        let mut last = (SETUP_DONE, Ok(()));
        for (characteristic, value) in values {
            last = (characteristic, self.accept(characteristic, value.expose()));
            if last.1.is_err() {
                break;
            }
        }
        self.written(request, last.0, last.1);
    }

    /// Takes a whole value. The done write only checks; [`Self::written`] acts after the answer.
    fn accept(&mut self, characteristic: Uuid, value: &[u8]) -> Result<(), AttError> {
        let is_setting = THESIS_CHARACTERISTICS.contains(&characteristic);
        let roost = self.is_roost();
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        if roost && characteristic == CHALLENGE {
            let challenge = value.try_into().map_err(|_| AttError::InvalidLength)?;
            central.challenge = Some(Challenge(challenge));
            return Ok(());
        }
        if !is_setting {
            let readable = INFORMATION_CHARACTERISTICS.contains(&characteristic)
                || (roost && matches!(characteristic, NONCE | PROOF | WIFI_NETWORKS | STATUS));
            return Err(if readable {
                AttError::WriteNotPermitted
            } else {
                AttError::AttributeNotFound
            });
        }
        if self.stage != Stage::Open {
            return Err(AttError::WriteNotPermitted);
        }
        if !roost {
            return central.staged.take(characteristic, value);
        }
        if value.len() < OVERHEAD_BYTES {
            return Err(AttError::InvalidLength);
        }
        let mut encapsulated = [0; ENCAPSULATED_KEY_BYTES];
        encapsulated.copy_from_slice(&value[..ENCAPSULATED_KEY_BYTES]);
        if central.used_keys.contains(&encapsulated) {
            return Err(AttError::KeyReused);
        }
        let plain = seal::open(&self.device.secret, &central.nonce, characteristic, value)
            .map_err(|_| AttError::DoesNotOpen)?;
        if central.used_keys.len() >= MAX_KEYS {
            return Err(AttError::Unlikely);
        }
        // Remembered when it opened: what does not open is refused again anyway.
        central.used_keys.insert(encapsulated);
        central.staged.take(characteristic, &plain)
    }

    /// Answers a write and, after the answer, begins if it was the done.
    fn written(&mut self, request: RequestId, characteristic: Uuid, result: Result<(), AttError>) {
        let began = result.is_ok() && characteristic == SETUP_DONE;
        let configuration = if began {
            self.central
                .as_mut()
                .and_then(|central| central.staged.configuration())
        } else {
            None
        };
        self.answer(request, result.map(|()| Vec::new()));
        let Some(configuration) = configuration else {
            return;
        };
        self.trial = Some(configuration.clone());
        let ssid = configuration.ssid.clone();
        self.events
            .push_back(DeviceEvent::Configured(Box::new(configuration)));
        if self.is_roost() {
            self.set_status(Status::new(Progress::JoiningWifi, ssid.as_str()));
        } else {
            self.leave();
        }
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
