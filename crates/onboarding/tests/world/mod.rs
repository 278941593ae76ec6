//! Both machines in one room: a virtual clock, the frames of ATT between them, a person, a network.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use roost_model::jid::BareJid;
use roost_model::{Instant, Now, Profile, Secret};
use roost_onboarding::gatt::{
    INFORMATION_CHARACTERISTICS, PROOF_CHARACTERISTICS, SETTINGS_SERVICE, SETUP_DONE, STATUS,
    THESIS_CHARACTERISTICS, WIFI_NETWORKS,
};
use roost_onboarding::{
    Account, AdapterState, AttError, Change, DeviceEvent, DeviceInformation, DeviceSecret,
    GattError, Input, Invite, JoinReport, MacAddress, Nonce, Payload, PeerId, PeripheralCommand,
    PeripheralEvent, Plan, Provision, Provisionee, Provisioner, RadioCommand, RadioEvent,
    RequestId, Seed, Sighting, Ssid, Stage, Wifi, WifiNetwork, WifiPassword, Wish,
};
use uuid::Uuid;

pub const MAC: MacAddress = MacAddress([0xa4, 0xcf, 0x12, 0x25, 0x76, 0x98]);
pub const WIFI_SECRET: &str = "correct horse battery";
pub const WRONG_SECRET: &str = "correct hoarse battery";
pub const JID_SECRET: &str = "0Zx9yQ7rT5uP3oL1kJ8hG6fD4sA2mN0b";
const LAMP: &str = "lamp-x7k2@example.org";
const ALICE: &str = "alice@example.org";
/// No attempt may take longer, whatever happens: the sum of all that a machine may wait for.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

/// What goes wrong, each in thousandths of all events of the radio, or at a frame.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The link is cut instead of this frame, counted from 0.
    pub cut_at: Option<usize>,
    /// The link is cut instead of every frame from this one on.
    pub dead_from: Option<usize>,
    pub late: u32,
    pub twice: u32,
    pub missing: u32,
    pub cut: u32,
    /// The device restarts inside the done write.
    pub restart_in_done: bool,
}

enum Happening {
    Radio(RadioEvent),
    Join(JoinReport),
    FirstWords,
    Tick,
    Cancel,
}

pub struct World {
    pub app: Provisioner,
    pub device: Provisionee,
    pub now: Now,
    pub mtu: u16,
    pub faults: Faults,
    /// Every frame that was on the air.
    pub air: Vec<Vec<u8>>,
    /// What the person types, one after another.
    pub passwords: VecDeque<&'static str>,
    pub accounts_asked: usize,
    pub stages: Vec<&'static str>,
    pub kept: bool,
    pub characteristics: Vec<Uuid>,
    /// What the device advertises; the address on the air among it.
    pub sighting: Sighting,
    pub nonces: VecDeque<Nonce>,
    pub confirm: bool,
    advertising: bool,
    scanning: bool,
    ticking: bool,
    link: Option<RequestId>,
    queue: BTreeMap<(u64, u64), Happening>,
    count: u64,
    profile: Profile,
    rng: ChaCha20Rng,
}

pub fn secret() -> DeviceSecret {
    DeviceSecret::from_seed(&[42; 32])
}

pub fn invite(profile: Profile) -> Invite {
    Invite {
        mac: MAC,
        key: secret().public(),
        profile,
        name: None,
        extra: Vec::new(),
    }
}

pub fn plan(profile: Profile) -> Plan {
    Plan {
        invite: invite(profile),
        sender: BareJid::new(ALICE).unwrap(),
        wifi: None,
        account: None,
        seen_nonces: Vec::new(),
    }
}

pub fn wifi(password: &str) -> Wifi {
    Wifi {
        ssid: Ssid::new("Café: 2.4 GHz 🏠").unwrap(),
        password: WifiPassword::new(Secret::new(password)).unwrap(),
    }
}

pub fn account() -> Account {
    Account::new(BareJid::new(LAMP).unwrap(), Secret::new(JID_SECRET)).unwrap()
}

impl World {
    pub fn new(profile: Profile, mtu: u16, seed: u64) -> Self {
        let now = Now {
            instant: Instant(1_000_000),
            ..Now::default()
        };
        Self::with(plan(profile), profile, secret(), mtu, seed, now)
    }

    pub fn with(
        plan: Plan,
        profile: Profile,
        key: DeviceSecret,
        mtu: u16,
        seed: u64,
        now: Now,
    ) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        let fingerprint = key.public().fingerprint().to_vec();
        let device = Provision {
            secret: key,
            profile,
            information: DeviceInformation::new(
                "en",
                "1.0",
                "2.1.0-β",
                "A4CF12257698",
                "Gärtner & Söhne",
            ),
            local_name: "Roost".to_owned(),
        };
        let mut characteristics =
            [&INFORMATION_CHARACTERISTICS[..], &THESIS_CHARACTERISTICS].concat();
        let mut sighting = Sighting::of(PeerId::new("peer").unwrap());
        sighting.address = Some(MAC.plus_two());
        if profile == Profile::Roost {
            characteristics.extend(PROOF_CHARACTERISTICS);
            characteristics.extend([WIFI_NETWORKS, STATUS]);
            sighting.address = None;
            sighting.service_data.insert(SETTINGS_SERVICE, fingerprint);
        }
        Self {
            app: Provisioner::new(plan, Seed::new(bytes), now),
            device: Provisionee::new(device, false),
            now,
            mtu,
            faults: Faults::default(),
            air: Vec::new(),
            passwords: VecDeque::from([WIFI_SECRET]),
            accounts_asked: 0,
            stages: Vec::new(),
            kept: false,
            characteristics,
            sighting,
            nonces: VecDeque::new(),
            confirm: true,
            advertising: false,
            scanning: false,
            ticking: false,
            link: None,
            queue: BTreeMap::new(),
            count: 0,
            profile,
            rng,
        }
    }

    /// Runs until the attempt has an end, and says which.
    pub fn run(&mut self) -> Stage {
        let begun = self.now.instant;
        for _ in 0..50_000 {
            self.settle();
            let state = self.app.state();
            if state.stage.is_end() {
                assert_eq!(state.deadline, None);
                assert_eq!(self.app.poll_timeout(), None);
                return state.stage.clone();
            }
            assert!(
                state.deadline.is_some(),
                "{:?} has no deadline",
                state.stage
            );
            let timeout = self.app.poll_timeout().expect("a timeout before the end");
            assert!(timeout <= state.deadline.unwrap(), "the deadline is kept");
            let happening = self.queue.keys().next().map(|(at, _)| Instant(*at));
            let next = happening
                .map_or(timeout, |at| at.min(timeout))
                .max(self.now.instant);
            assert!(
                next.since(begun) < LONGEST,
                "hangs in {:?}",
                self.app.state().stage
            );
            self.now.instant = next;
            if happening.is_some_and(|at| at <= next) {
                let (_, happening) = self.queue.pop_first().unwrap();
                self.happen(happening);
            } else {
                self.tell(Input::Timeout);
            }
        }
        panic!(
            "never comes to rest: {:?}\n{}",
            self.app.state(),
            self.app.report()
        );
    }

    pub fn tell(&mut self, input: Input) {
        let _ = self.app.handle(input, self.now);
    }

    /// The person stops the attempt after so many milliseconds.
    pub fn cancel_after(&mut self, after: u64) {
        self.at(after, Happening::Cancel);
    }

    /// Whether the radio neither scans nor is connected.
    pub fn is_quiet(&mut self) -> bool {
        while let Some(command) = self.app.poll_command() {
            self.perform(command);
        }
        !self.scanning && self.link.is_none()
    }

    /// Lets everybody do what can be done without time going on.
    fn settle(&mut self) {
        loop {
            let before = self.count;
            while let Some(change) = self.app.poll_change() {
                if change == Change::AccountNeeded {
                    self.accounts_asked += 1;
                }
            }
            let code = self.app.state().stage.code();
            if self.stages.last() != Some(&code) {
                self.stages.push(code);
            }
            self.person();
            while let Some(command) = self.app.poll_command() {
                self.count += 1;
                self.perform(command);
            }
            self.device();
            if self.count == before {
                return;
            }
        }
    }

    fn person(&mut self) {
        let wish = match self.app.state().stage {
            Stage::Confirming { proven, .. } if self.confirm => {
                assert_eq!(*proven, self.profile == Profile::Roost);
                Wish::Confirm
            }
            Stage::Confirming { .. } => Wish::NotMine,
            Stage::WarningPlain => Wish::AcceptPlain,
            Stage::ChoosingWifi | Stage::Correcting(_) if !self.passwords.is_empty() => {
                Wish::Wifi(wifi(self.passwords.pop_front().unwrap()))
            }
            Stage::NeedsAccount => Wish::Account(Box::new(account())),
            _ => return,
        };
        self.count += 1;
        self.app.handle(Input::Wish(wish), self.now).unwrap();
    }

    fn device(&mut self) {
        while let Some(command) = self.device.poll_command() {
            self.count += 1;
            match command {
                PeripheralCommand::Advertise(_) => self.advertising = true,
                PeripheralCommand::Withdraw => self.advertising = false,
                PeripheralCommand::Notify {
                    characteristic,
                    value,
                } => {
                    if self.frame(&value)
                        && let Some(connection) = self.link
                    {
                        let event = RadioEvent::Notified {
                            connection,
                            characteristic,
                            value,
                        };
                        self.later(10, event);
                    }
                }
                PeripheralCommand::Answer(answer) => panic!("nobody waits for {answer:?}"),
            }
        }
        while let Some(event) = self.device.poll_event() {
            self.count += 1;
            match event {
                DeviceEvent::Configured(given) => {
                    assert_eq!(given.jid.as_str(), LAMP);
                    assert_eq!(given.jid_password.expose(), JID_SECRET);
                    assert_eq!(given.sender.as_str(), ALICE);
                    self.queue
                        .retain(|_, happening| !matches!(happening, Happening::Join(_)));
                    self.at(300, Happening::Join(JoinReport::JoiningWifi));
                    if given.wifi_password.secret().expose() == WIFI_SECRET {
                        self.at(2_000, Happening::Join(JoinReport::ConnectingXmpp));
                        self.at(3_000, Happening::Join(JoinReport::Online));
                    } else {
                        self.at(2_000, Happening::Join(JoinReport::WifiWrongPassword));
                    }
                }
                DeviceEvent::Keep(_) => self.kept = true,
            }
        }
        if self.scanning && self.advertising && self.link.is_none() && !self.ticking {
            self.ticking = true;
            self.at(100, Happening::Tick);
        }
    }

    fn happen(&mut self, happening: Happening) {
        self.count += 1;
        match happening {
            Happening::Radio(event) => self.tell(Input::Radio(event)),
            Happening::Join(report) => {
                if report == JoinReport::Online {
                    self.at(500, Happening::FirstWords);
                }
                self.device.joining(report, "Café: 2.4 GHz 🏠");
            }
            Happening::FirstWords => self.tell(Input::FirstWords),
            Happening::Cancel => self.tell(Input::Wish(Wish::Cancel)),
            Happening::Tick => {
                self.ticking = false;
                if self.scanning && self.advertising && self.link.is_none() {
                    self.tell(Input::Radio(RadioEvent::Seen(self.sighting.clone())));
                }
            }
        }
    }

    fn perform(&mut self, command: RadioCommand) {
        match command {
            RadioCommand::StartScan => {
                self.scanning = true;
                self.later(5, RadioEvent::Adapter(AdapterState::Ready));
            }
            RadioCommand::StopScan => self.scanning = false,
            RadioCommand::Connect { request, .. } => self.connect(request),
            RadioCommand::Disconnect => self.drop_link(),
            RadioCommand::Read {
                request,
                characteristic,
            } => {
                let (result, frames) = self.read(characteristic);
                if let Some(result) = result {
                    self.later(
                        frames * 10,
                        RadioEvent::ReadDone {
                            request,
                            characteristic,
                            result,
                        },
                    );
                }
            }
            RadioCommand::Write {
                request,
                characteristic,
                value,
            } => {
                let (result, frames) = self.write(characteristic, &value);
                if let Some(result) = result {
                    self.later(
                        frames * 10,
                        RadioEvent::Written {
                            request,
                            characteristic,
                            result,
                        },
                    );
                }
            }
            RadioCommand::Subscribe {
                request,
                characteristic,
            } => {
                if self.link.is_none() {
                    let result = Err(GattError::NotConnected);
                    self.later(
                        1,
                        RadioEvent::Subscribed {
                            request,
                            characteristic,
                            result,
                        },
                    );
                } else if self.frame(b"\x01\x00") {
                    self.device.handle(PeripheralEvent::Subscription {
                        characteristic,
                        wanted: true,
                    });
                    if self.frame(b"ok") {
                        let result = Ok(());
                        self.later(
                            20,
                            RadioEvent::Subscribed {
                                request,
                                characteristic,
                                result,
                            },
                        );
                    }
                }
            }
        }
    }

    fn connect(&mut self, request: RequestId) {
        if !self.advertising || !self.frame(b"connect") {
            let cause = roost_onboarding::ConnectFault::Gone;
            return self.later(100, RadioEvent::ConnectFailed { request, cause });
        }
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        let nonce = self.nonces.pop_front().unwrap_or(Nonce(bytes));
        self.link = Some(request);
        self.device
            .handle(PeripheralEvent::CentralConnected { nonce });
        self.device.handle(PeripheralEvent::Mtu(self.mtu));
        let characteristics = self.characteristics.clone();
        self.later(
            200,
            RadioEvent::Connected {
                request,
                characteristics,
                mtu: Some(self.mtu),
            },
        );
    }

    /// `None` if the link was cut before the answer came.
    fn read(&mut self, characteristic: Uuid) -> (Option<Result<Vec<u8>, GattError>>, u64) {
        if self.link.is_none() {
            return (Some(Err(GattError::NotConnected)), 1);
        }
        let room = usize::from(self.mtu) - 1;
        let mut value = Vec::new();
        let mut frames = 0;
        loop {
            let offset = value.len() as u16;
            frames += 2;
            if !self.frame(characteristic.as_bytes()) {
                return (None, frames);
            }
            let request = RequestId(0);
            let answer = self.ask(PeripheralEvent::ReadRequest {
                request,
                characteristic,
                offset,
            });
            match answer {
                Err(error) => return (Some(Err(GattError::Att(error.code()))), frames),
                Ok(mut part) => {
                    part.truncate(room);
                    if !self.frame(&part) {
                        return (None, frames);
                    }
                    value.extend_from_slice(&part);
                    if part.len() < room || value.len() >= 512 {
                        return (Some(Ok(value)), frames);
                    }
                }
            }
        }
    }

    fn write(
        &mut self,
        characteristic: Uuid,
        value: &Payload,
    ) -> (Option<Result<(), GattError>>, u64) {
        if self.link.is_none() {
            return (Some(Err(GattError::NotConnected)), 1);
        }
        let request = RequestId(0);
        let mut frames = 0;
        let mut requests = Vec::new();
        if value.len() <= usize::from(self.mtu) - 3 {
            let value = value.clone();
            requests.push(PeripheralEvent::WriteRequest {
                request,
                characteristic,
                offset: 0,
                value,
            });
        } else {
            let room = usize::from(self.mtu) - 5;
            for (index, part) in value.expose().chunks(room).enumerate() {
                let (offset, value) = ((index * room) as u16, Payload::new(part));
                requests.push(PeripheralEvent::Prepare {
                    request,
                    characteristic,
                    offset,
                    value,
                });
            }
            requests.push(PeripheralEvent::Execute {
                request,
                commit: true,
            });
        }
        for event in requests {
            frames += 2;
            let sent = match &event {
                PeripheralEvent::WriteRequest { value, .. }
                | PeripheralEvent::Prepare { value, .. } => value.expose().to_vec(),
                _ => vec![1],
            };
            if !self.frame(&sent) {
                return (None, frames);
            }
            let answer = self.ask(event);
            if self.faults.restart_in_done && characteristic == SETUP_DONE {
                self.drop_link();
                return (None, frames);
            }
            if !self.frame(b"ok") {
                return (None, frames);
            }
            if let Err(error) = answer {
                return (Some(Err(GattError::Att(error.code()))), frames);
            }
        }
        (Some(Ok(())), frames)
    }

    fn ask(&mut self, event: PeripheralEvent) -> Result<Vec<u8>, AttError> {
        self.device.handle(event);
        let mut result = None;
        let mut rest = Vec::new();
        while let Some(command) = self.device.poll_command() {
            match command {
                PeripheralCommand::Answer(answer) => result = Some(answer.result),
                other => rest.push(other),
            }
        }
        for command in rest {
            if let PeripheralCommand::Notify {
                characteristic,
                value,
            } = command
                && let Some(connection) = self.link
            {
                self.later(
                    30,
                    RadioEvent::Notified {
                        connection,
                        characteristic,
                        value,
                    },
                );
            }
        }
        result.expect("every request is answered")
    }

    /// One frame on the air; `false` if the link was cut instead.
    fn frame(&mut self, bytes: &[u8]) -> bool {
        let number = self.air.len();
        self.air.push(bytes.to_vec());
        let cut = self.faults.cut_at == Some(number)
            || self.faults.dead_from.is_some_and(|from| number >= from)
            || self.chance(self.faults.cut);
        if cut {
            self.drop_link();
        }
        !cut
    }

    pub fn drop_link(&mut self) {
        if let Some(connection) = self.link.take() {
            self.device.handle(PeripheralEvent::CentralDisconnected);
            self.later(
                50,
                RadioEvent::Disconnected {
                    connection,
                    cause: None,
                },
            );
        }
    }

    fn chance(&mut self, thousandths: u32) -> bool {
        thousandths > 0 && self.rng.next_u32() % 1000 < thousandths
    }

    fn later(&mut self, after: u64, event: RadioEvent) {
        if self.chance(self.faults.missing) {
            return;
        }
        if self.chance(self.faults.twice) {
            let again = after + u64::from(self.rng.next_u32() % 5_000);
            self.at(again, Happening::Radio(event.clone()));
        }
        let late = if self.chance(self.faults.late) {
            u64::from(self.rng.next_u32() % 60_000)
        } else {
            0
        };
        self.at(after + late, Happening::Radio(event));
    }

    fn at(&mut self, after: u64, happening: Happening) {
        self.count += 1;
        self.queue
            .insert((self.now.instant.0 + after, self.count), happening);
    }

    pub fn networks(&mut self) {
        let names = ["Café: 2.4 GHz 🏠", "Next door"];
        let networks = names.map(|name| WifiNetwork {
            ssid: Ssid::new(name).unwrap(),
            rssi: -50,
            secured: true,
        });
        self.device.networks(&networks);
    }

    /// Whether `secret` was on the air, in one frame or over the borders of several.
    pub fn was_on_air(&self, secret: &str) -> bool {
        let parts: Vec<u8> = self
            .air
            .iter()
            .filter(|frame| &frame[..] != b"ok")
            .flatten()
            .copied()
            .collect();
        parts
            .windows(secret.len())
            .any(|window| window == secret.as_bytes())
    }
}

/// The UUIDs that have to be there.
pub fn settings() -> [Uuid; 6] {
    THESIS_CHARACTERISTICS
}
