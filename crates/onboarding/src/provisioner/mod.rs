//! The app role: one attempt to bring one device home.
//!
//! A [`Provisioner`] finds the device of a code, lets it prove its key, asks the person, and hands
//! over network and account, sealed. It drives a radio with [`RadioCommand`]s, is told what happens
//! with [`Input`]s, and says where it is with [`State`].
//!
//! ```text
//!  WaitingForAdapter ─▶ Scanning ─▶ Connecting ─▶ ReadingInformation ─▶ Proving ─▶ Confirming
//!        ▲                 ▲ lost before done: again, in silence                      │ (WarningPlain)
//!        └── any, when the adapter goes                                               ▼
//!  Finished ◀─ AwaitingFirstWords ◀─ Joining ◀─ Writing ◀─ NeedsAccount ◀─ ChoosingWifi
//!                    ▲                 │  ▲ ▲       ▲
//!                    └─ Reconnecting ◀─┘  └─┘       └─ Correcting ◀─ Joining
//! ```
//!
//! Rules:
//!
//! - Every state but the ends has a deadline, which the machine itself keeps by [`Input::Timeout`].
//!   Every end has a name; a failure has an [`OnboardingFault`].
//! - Nothing is written before the device has proved its key and the person has confirmed it. To a
//!   thesis device, which cannot prove anything, nothing is written before the person has accepted
//!   that it goes unencrypted. A code that promises the proof is never served without it.
//! - The account is asked for once, after the proof. An attempt that fails later leaves it to its
//!   owner: hand it to the next attempt in [`Plan::account`], or remove it.
//! - A connection that is lost before done is made again in silence, at most [`MAX_LINKS`] in all,
//!   and proved again; answers of the person are kept. The first connect has one retry of its own.
//! - Status and network list are hints that a relay can forge. Finished means: the device spoke over
//!   XMPP ([`Input::FirstWords`]).
//!
//! Limits: [`MAX_CANDIDATES`] devices heard, [`MAX_NONCES`] nonces remembered, one request at a time.

mod link;
mod scan;
mod steps;
mod words;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use roost_model::{Instant, Now};
use uuid::Uuid;

pub use words::{Change, Input, NextAction, NotNow, Plan, Stage, State, Wish};

use crate::{
    Account, AdapterState, Challenge, DeviceInformation, Nonce, OnboardingFault, RadioCommand,
    RadioEvent, Report, RequestId, Seed, Wifi, WifiNetwork,
};
use link::Link;
use scan::Candidates;

/// Most connections of one attempt before done.
pub const MAX_LINKS: usize = 4;
/// Most devices that are kept apart while scanning.
pub const MAX_CANDIDATES: usize = 32;
/// How many nonces of a key are remembered.
pub const MAX_NONCES: usize = 64;
/// How long the device may take from done to being online, whatever it tells meanwhile.
const LONGEST_JOIN: Duration = Duration::from_secs(300);

/// The machine of the app role. See the [module](self).
#[derive(Debug)]
pub struct Provisioner {
    plan: Plan,
    rng: ChaCha20Rng,
    stage: Stage,
    since: Instant,
    deadline: Option<Instant>,
    link: Link,
    candidates: Candidates,
    requests: u32,
    links: usize,
    /// What was learned on this connection; empty on every new one.
    seen: OnLink,
    /// What the person answered, kept from connection to connection.
    confirmed: Option<DeviceInformation>,
    plain_accepted: bool,
    account_asked: bool,
    /// When done was written, as far as it was.
    delivered: Option<Instant>,
    /// Whether done was ever sent, arrived or not.
    done_sent: bool,
    networks: Vec<WifiNetwork>,
    commands: VecDeque<RadioCommand>,
    changes: VecDeque<Change>,
    report: Report,
}

/// What was learned on a connection.
#[derive(Debug, Default)]
struct OnLink {
    information: DeviceInformation,
    information_read: usize,
    nonce: Option<Nonce>,
    challenge: Option<Challenge>,
    challenge_written: bool,
    proven: bool,
    staged: BTreeSet<Uuid>,
    /// Whether done was written on this very connection.
    done: bool,
    subscribed: BTreeSet<Uuid>,
    networks_fresh: bool,
    status_fresh: bool,
    poll_at: Option<Instant>,
}

impl Provisioner {
    /// Begins an attempt. `seed` is drawn for it from the system's random generator.
    pub fn new(plan: Plan, seed: Seed, now: Now) -> Self {
        let stage = Stage::WaitingForAdapter(None);
        let mut this = Self {
            plan,
            rng: seed.into_rng(),
            deadline: stage.patience().map(|patience| now.instant + patience),
            stage,
            since: now.instant,
            link: Link::None,
            candidates: Candidates::default(),
            requests: 0,
            links: 0,
            seen: OnLink::default(),
            confirmed: None,
            plain_accepted: false,
            account_asked: false,
            delivered: None,
            done_sent: false,
            networks: Vec::new(),
            commands: VecDeque::from([RadioCommand::StartScan]),
            changes: VecDeque::new(),
            report: Report::new(now.instant),
        };
        let excess = this.plan.seen_nonces.len().saturating_sub(MAX_NONCES);
        this.plan.seen_nonces.drain(..excess);
        this.report.note(now.instant, this.stage.describe());
        this
    }

    /// Takes what happened.
    ///
    /// # Errors
    /// If it is a [`Wish`] that does not fit the state. Nothing changed then.
    pub fn handle(&mut self, input: Input, now: Now) -> Result<(), NotNow> {
        let now = now.instant;
        if self.stage.is_end() {
            return match input {
                Input::Wish(_) => Err(NotNow),
                Input::Radio(_) | Input::FirstWords | Input::Timeout => Ok(()),
            };
        }
        match input {
            Input::Radio(event) => self.radio(event, now),
            Input::Wish(wish) => self.wish(wish, now)?,
            Input::FirstWords if self.done_sent => self.end(Stage::Finished, now),
            Input::FirstWords => {}
            Input::Timeout => self.timeout(now),
        }
        self.advance(now);
        Ok(())
    }

    /// What is to be done next at the radio.
    pub fn poll_command(&mut self) -> Option<RadioCommand> {
        self.commands.pop_front()
    }

    /// What changed since.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// When to come back with [`Input::Timeout`]; `None` at an end.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.stage.is_end() {
            return None;
        }
        [
            self.deadline,
            self.link.deadline(),
            self.seen.poll_at,
            self.candidates.weak_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Where the attempt is.
    pub fn state(&self) -> State<'_> {
        State {
            stage: &self.stage,
            since: self.since,
            deadline: self.deadline,
            cause: self.stage.cause(),
            next: self.stage.next(),
        }
    }

    /// The networks that the device sees, strongest first. A hint, see the [module](self).
    pub fn networks(&self) -> &[WifiNetwork] {
        &self.networks
    }

    /// Whether the device may have its settings: done was sent, whatever came back.
    pub fn may_be_delivered(&self) -> bool {
        self.done_sent
    }

    /// What happened, without anything secret.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn enter(&mut self, stage: Stage, now: Instant) {
        if self.stage == stage {
            return;
        }
        // Progress within a stage does not prolong it, except that the device goes on joining.
        let same = self.stage.code() == stage.code()
            && self.stage.patience() == stage.patience()
            && !matches!(stage, Stage::Joining(_));
        self.report.note(now, stage.describe());
        if !same {
            self.since = now;
            self.deadline = stage.patience().map(|patience| now + patience);
            if let (Stage::Joining(_), Some(delivered)) = (&stage, self.delivered) {
                self.deadline = self
                    .deadline
                    .map(|deadline| deadline.min(delivered + LONGEST_JOIN));
            }
        }
        self.stage = stage;
        self.look_again(Change::State);
    }

    /// One "look again" is enough until somebody looked.
    fn look_again(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push_back(change);
        }
    }

    fn end(&mut self, stage: Stage, now: Instant) {
        self.hang_up();
        self.commands.push_back(RadioCommand::StopScan);
        self.candidates.weak_at = None;
        self.enter(stage, now);
    }

    fn fail(&mut self, fault: OnboardingFault, now: Instant) {
        self.end(Stage::Failed(fault), now);
    }

    /// Leaves the radio alone and waits for the device to speak.
    fn await_first_words(&mut self, now: Instant) {
        self.hang_up();
        self.commands.push_back(RadioCommand::StopScan);
        self.candidates.weak_at = None;
        self.enter(Stage::AwaitingFirstWords, now);
    }

    fn radio(&mut self, event: RadioEvent, now: Instant) {
        match event {
            RadioEvent::Adapter(state) => self.adapter(state, now),
            RadioEvent::Seen(sighting) => self.heard(sighting, now),
            event => self.on_link(event, now),
        }
    }

    fn adapter(&mut self, state: AdapterState, now: Instant) {
        if self.stage == Stage::AwaitingFirstWords {
            return;
        }
        match (state, &self.stage) {
            (AdapterState::Ready, Stage::WaitingForAdapter(before)) => {
                // The first scan has begun with this answer; a later one is to be asked for.
                if before.is_some() {
                    self.commands.push_back(RadioCommand::StartScan);
                }
                let stage = match self.delivered {
                    Some(_) => Stage::Reconnecting,
                    None => Stage::Scanning,
                };
                self.enter(stage, now);
            }
            (AdapterState::Ready, _) => {}
            (state, _) => {
                self.hang_up();
                self.candidates.forget();
                self.seen = OnLink::default();
                if matches!(self.stage, Stage::Correcting(_)) {
                    // The person is still typing; the adapter is asked for when they are done.
                } else if self.delivered.is_some() {
                    // The settings are there; only the device itself can tell how it went.
                    self.await_first_words(now);
                } else if state == AdapterState::Unsupported {
                    self.fail(OnboardingFault::AdapterUnsupported, now);
                } else {
                    self.enter(Stage::WaitingForAdapter(Some(state)), now);
                }
            }
        }
    }

    fn wish(&mut self, wish: Wish, now: Instant) -> Result<(), NotNow> {
        match (wish, &self.stage) {
            (Wish::Cancel, _) => self.end(Stage::Cancelled, now),
            (Wish::Confirm, Stage::Confirming { information, .. }) => {
                self.confirmed = Some(information.clone());
            }
            (Wish::NotMine, Stage::Confirming { .. }) => {
                self.reject(OnboardingFault::NotMine, now);
            }
            (Wish::AcceptPlain, Stage::WarningPlain) => self.plain_accepted = true,
            (Wish::Wifi(wifi), Stage::Correcting(_)) => {
                self.plan.wifi = Some(wifi);
                self.correct(&[crate::gatt::WIFI_SSID, crate::gatt::WIFI_PASSWORD]);
            }
            (Wish::Account(account), Stage::Correcting(_)) => {
                self.plan.account = Some(*account);
                self.correct(&[crate::gatt::JID, crate::gatt::JID_PASSWORD]);
            }
            (Wish::TryAgain, Stage::Correcting(_)) => self.correct(&[]),
            (Wish::Wifi(wifi), _) if !self.is_writing() => self.plan.wifi = Some(wifi),
            (Wish::Account(account), _) if self.awaits_account() => {
                self.plan.account = Some(*account);
            }
            (Wish::AccountFailed, _) if self.awaits_account() => {
                self.fail(OnboardingFault::NoAccount, now);
            }
            _ => return Err(NotNow),
        }
        Ok(())
    }

    /// The account may come while a lost connection is made again.
    fn awaits_account(&self) -> bool {
        self.account_asked && self.plan.account.is_none()
    }

    fn is_writing(&self) -> bool {
        self.delivered.is_some() || !self.seen.staged.is_empty() || self.writes()
    }

    fn timeout(&mut self, now: Instant) {
        let due = |moment: Option<Instant>| moment.is_some_and(|moment| moment <= now);
        if due(self.deadline) {
            match self.stage.overdue() {
                Some(OnboardingFault::NotFound) => {
                    let fault = self
                        .candidates
                        .why_none()
                        .unwrap_or(OnboardingFault::NotFound);
                    self.fail(fault, now);
                }
                Some(fault) => self.fail(fault, now),
                None => self.await_first_words(now),
            }
            return;
        }
        if due(self.link.deadline()) {
            self.link_overdue(now);
        }
        if due(self.seen.poll_at) {
            self.seen.poll_at = None;
            self.seen.status_fresh = false;
        }
        if due(self.candidates.weak_at) {
            self.candidates.weak_at = None;
            self.try_weak(now);
        }
    }

    /// Makes the given settings, and done, be written again.
    fn correct(&mut self, settings: &[Uuid]) {
        for setting in settings {
            self.seen.staged.remove(setting);
        }
        self.seen.done = false;
        self.delivered = None;
    }

    fn wifi(&self) -> Option<&Wifi> {
        self.plan.wifi.as_ref()
    }

    fn account(&self) -> Option<&Account> {
        self.plan.account.as_ref()
    }

    fn request(&mut self) -> RequestId {
        self.requests = self.requests.wrapping_add(1);
        RequestId(self.requests)
    }
}
