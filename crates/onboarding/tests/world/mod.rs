//! Both machines in one room: a virtual clock, the frames of ATT between them, a person, a network.

mod air;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use roost_model::jid::BareJid;
use roost_model::{Instant, Now, Profile, Secret};
use roost_onboarding::gatt::{
    INFORMATION_CHARACTERISTICS, PROOF_CHARACTERISTICS, SETTINGS_SERVICE, STATUS,
    THESIS_CHARACTERISTICS, WIFI_NETWORKS,
};
use roost_onboarding::{
    Account, Change, DeviceEvent, DeviceInformation, DeviceSecret, Input, Invite, JoinReport,
    MacAddress, Nonce, PeerId, PeripheralCommand, Plan, Provision, Provisionee, Provisioner,
    RadioEvent, RequestId, Seed, Sighting, Ssid, Stage, Wifi, WifiNetwork, WifiPassword, Wish,
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
        self.run_while(|stage| !stage.is_end())
    }

    /// Runs until it is in the stage of this name.
    pub fn run_until(&mut self, code: &str) {
        let stage = self.run_while(|stage| stage.code() != code);
        assert_eq!(stage.code(), code);
    }

    fn run_while(&mut self, goes_on: impl Fn(&Stage) -> bool) -> Stage {
        let begun = self.now.instant;
        for _ in 0..50_000 {
            self.settle();
            let state = self.app.state();
            if state.stage.is_end() {
                assert_eq!(state.deadline, None);
                assert_eq!(self.app.poll_timeout(), None);
            }
            if state.stage.is_end() || !goes_on(state.stage) {
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
