//! What is done on a connection, step by step: each is chosen from what is known, so a connection
//! that is made again goes on where it has to.

use std::time::Duration;

use rand::Rng as _;
use roost_model::{Instant, Profile};
use uuid::Uuid;

use super::{Change, MAX_NONCES, Provisioner, Stage};
use crate::gatt::{
    CHALLENGE, INFORMATION_CHARACTERISTICS, JID, JID_PASSWORD, JID_SENDER, NONCE, PROOF,
    PROOF_CHARACTERISTICS, SETUP_DONE, STATUS, THESIS_CHARACTERISTICS, WIFI_NETWORKS,
    WIFI_PASSWORD, WIFI_SSID,
};
use crate::{
    Challenge, GattError, Nonce, OnboardingFault, Payload, Progress, Status, proof, seal, wifi,
};

/// How often the status is read while no notification comes.
const POLL: Duration = Duration::from_secs(5);

impl Provisioner {
    /// Whether values go sealed: the code says so, or the device offers it although it does not.
    pub(super) fn is_sealed(&self) -> bool {
        self.plan.invite.profile == Profile::Roost
            || self.seen.proven
            || PROOF_CHARACTERISTICS.iter().all(|one| self.link.has(*one))
    }

    /// Right after connecting: is this a device that can be set up, and as its code says?
    pub(super) fn look_around(&mut self, now: Instant) {
        let settable = THESIS_CHARACTERISTICS.iter().all(|one| self.link.has(*one));
        let proves = PROOF_CHARACTERISTICS.iter().all(|one| self.link.has(*one));
        let fault = match self.plan.invite.profile {
            _ if !settable => OnboardingFault::NotSettable,
            Profile::Roost if !proves => OnboardingFault::Downgrade,
            Profile::Roost | Profile::Thesis => return,
        };
        if self.delivered.is_some() {
            // It has its settings, and may offer none any more.
            self.await_first_words(now);
        } else if self.link.is_strong() {
            self.fail(fault, now);
        } else {
            // One of its kind, or of its name: the right one may still come.
            self.reject(fault, now);
        }
    }

    /// Does the next thing that can be done.
    pub(super) fn advance(&mut self, now: Instant) {
        if self.stage.is_end() || matches!(self.stage, Stage::AwaitingFirstWords) {
            return;
        }
        if self.link.is_none() {
            // A correction, or another try, after the connection was lost.
            let rests = matches!(self.stage, Stage::Correcting(_)) && self.delivered.is_none();
            if rests {
                self.rescan(now);
            }
            return;
        }
        if !self.link.is_idle() {
            // What a person answered shows at once, though a list may still be being read.
            if self.stage.is_asking() && !self.ask_person(now) {
                self.enter_writing(now);
            }
            return;
        }
        let learned = self.read_information(now) || (self.is_sealed() && self.prove(now));
        if learned {
            return;
        }
        if self.delivered.is_some() {
            return self.follow(now);
        }
        if self.ask_person(now) {
            return;
        }
        self.write_next(now);
    }

    /// Reads the strings that the device has; `true` if it is still at it.
    fn read_information(&mut self, now: Instant) -> bool {
        while let Some(next) = INFORMATION_CHARACTERISTICS.get(self.seen.information_read) {
            if self.link.has(*next) {
                self.go(Stage::ReadingInformation, now);
                self.ask_read(*next, now);
                return true;
            }
            self.seen.information_read += 1;
        }
        false
    }

    fn prove(&mut self, now: Instant) -> bool {
        if self.seen.proven {
            return false;
        }
        self.go(Stage::Proving, now);
        if self.seen.nonce.is_none() {
            self.ask_read(NONCE, now);
        } else if !self.seen.challenge_written {
            let mut bytes = [0; 32];
            self.rng.fill_bytes(&mut bytes);
            self.seen.challenge = Some(Challenge(bytes));
            self.ask_write(CHALLENGE, Payload::new(bytes), now);
        } else {
            self.ask_read(PROOF, now);
        }
        true
    }

    /// What only a person can give; `true` if something is missing.
    fn ask_person(&mut self, now: Instant) -> bool {
        if self.confirmed.as_ref() != Some(&self.seen.information) {
            let information = self.seen.information.clone();
            let proven = self.seen.proven;
            self.enter(
                Stage::Confirming {
                    information,
                    proven,
                },
                now,
            );
            return true;
        }
        if !self.is_sealed() && !self.plain_accepted {
            self.enter(Stage::WarningPlain, now);
            return true;
        }
        if self.wifi().is_none() {
            self.enter(Stage::ChoosingWifi, now);
            if self.link.is_idle() && self.link.has(WIFI_NETWORKS) && self.is_sealed() {
                if !self.seen.subscribed.contains(&WIFI_NETWORKS) {
                    self.ask_subscribe(WIFI_NETWORKS, now);
                } else if !self.seen.networks_fresh {
                    self.ask_read(WIFI_NETWORKS, now);
                }
            }
            return true;
        }
        if self.account().is_none() {
            self.enter(Stage::NeedsAccount, now);
            if !self.account_asked {
                self.account_asked = true;
                self.changes.push_back(Change::AccountNeeded);
            }
            return true;
        }
        false
    }

    fn enter_writing(&mut self, now: Instant) {
        let written = self.seen.staged.len();
        self.enter(Stage::Writing { written }, now);
    }

    fn write_next(&mut self, now: Instant) {
        let (Some(account), Some(wifi)) = (self.account().cloned(), self.wifi().cloned()) else {
            return;
        };
        self.enter_writing(now);
        let settings: [(Uuid, &str); 5] = [
            (JID, account.jid().as_str()),
            (JID_PASSWORD, account.password().expose()),
            (JID_SENDER, self.plan.sender.as_str()),
            (WIFI_SSID, wifi.ssid.as_str()),
            (WIFI_PASSWORD, wifi.password.secret().expose()),
        ];
        let mut missing = settings
            .iter()
            .filter(|(one, _)| !self.seen.staged.contains(one));
        let (characteristic, plain) = match missing.next() {
            Some((setting, text)) => (*setting, Payload::new(text.as_bytes())),
            None => (SETUP_DONE, Payload::new([1])),
        };
        self.done_sent |= characteristic == SETUP_DONE;
        let value = if self.is_sealed() {
            let Some(nonce) = self.seen.nonce else {
                return self.fail(OnboardingFault::WriteFailed, now);
            };
            let key = &self.plan.invite.key;
            match seal::seal(key, &nonce, characteristic, plain.expose(), &mut self.rng) {
                Ok(sealed) => sealed,
                Err(seal::CannotSeal) => return self.fail(OnboardingFault::WriteFailed, now),
            }
        } else {
            plain
        };
        self.ask_write(characteristic, value, now);
    }

    /// A write was taken.
    pub(super) fn written(&mut self, characteristic: Uuid, now: Instant) {
        match characteristic {
            CHALLENGE => self.seen.challenge_written = true,
            SETUP_DONE => {
                self.delivered = Some(now);
                self.seen.done = true;
                self.seen.status_fresh = false;
                if !self.is_sealed() || !self.link.has(STATUS) {
                    self.await_first_words(now);
                } else {
                    self.enter(Stage::Joining(None), now);
                }
            }
            setting => {
                self.seen.staged.insert(setting);
            }
        }
    }

    /// A write was refused with a code.
    pub(super) fn write_refused(&mut self, characteristic: Uuid, error: &GattError, now: Instant) {
        if characteristic == CHALLENGE {
            return self.reject(OnboardingFault::WrongDevice, now);
        }
        let fault = match error.code() {
            Some(0x80) => OnboardingFault::DoesNotOpen,
            Some(code) => OnboardingFault::Refused(code),
            None => OnboardingFault::WriteFailed,
        };
        self.fail(fault, now);
    }

    /// A value was read; `None` if it could not be.
    pub(super) fn read_done(&mut self, characteristic: Uuid, value: Option<Vec<u8>>, now: Instant) {
        match characteristic {
            NONCE => self.nonce(value.unwrap_or_default(), now),
            PROOF => self.proof(&value.unwrap_or_default(), now),
            WIFI_NETWORKS => {
                self.seen.networks_fresh = true;
                let list = wifi::read_networks(&value.unwrap_or_default()).unwrap_or_default();
                if self.networks != list.networks {
                    self.networks = list.networks;
                    self.look_again(Change::Networks);
                }
            }
            STATUS => {
                self.seen.status_fresh = true;
                self.seen.poll_at = Some(now + POLL);
                if let Some(status) = value.as_deref().and_then(Status::read) {
                    self.status(status, now);
                }
            }
            string => {
                let index = INFORMATION_CHARACTERISTICS
                    .iter()
                    .position(|one| *one == string);
                let index = index.unwrap_or(INFORMATION_CHARACTERISTICS.len());
                self.seen.information_read = index + 1;
                if !self.seen.information.read(index, value.unwrap_or_default()) {
                    self.reject(OnboardingFault::WrongDevice, now);
                }
            }
        }
    }

    fn nonce(&mut self, value: Vec<u8>, now: Instant) {
        let Ok(bytes) = <[u8; 32]>::try_from(value) else {
            return self.reject(OnboardingFault::WrongDevice, now);
        };
        let nonce = Nonce(bytes);
        if bytes == [0; 32] || self.plan.seen_nonces.contains(&nonce) {
            return self.fail(OnboardingFault::NonceRepeated, now);
        }
        self.seen.nonce = Some(nonce);
    }

    fn proof(&mut self, signature: &[u8], now: Instant) {
        let (Some(nonce), Some(challenge)) = (self.seen.nonce, self.seen.challenge) else {
            return self.reject(OnboardingFault::WrongDevice, now);
        };
        let key = &self.plan.invite.key;
        if !proof::verify(key, &challenge, &nonce, &self.seen.information, signature) {
            return self.reject(OnboardingFault::WrongDevice, now);
        }
        self.seen.proven = true;
        // From now on it is held to this, on every later connection too.
        self.plan.invite.profile = Profile::Roost;
        // Remembered only now: otherwise a stranger could push real ones out of the memory.
        if self.plan.seen_nonces.len() >= MAX_NONCES {
            self.plan.seen_nonces.remove(0);
        }
        self.plan.seen_nonces.push(nonce);
        self.changes.push_back(Change::NonceSeen(nonce));
    }

    /// The value is only a sign that it changed: it may be cut, so it is read.
    pub(super) fn notified(&mut self, characteristic: Uuid) {
        match characteristic {
            STATUS => self.seen.status_fresh = false,
            WIFI_NETWORKS => self.seen.networks_fresh = false,
            _ => {}
        }
    }

    /// After done: watches the status.
    fn follow(&mut self, now: Instant) {
        if !self.link.has(STATUS) {
            self.await_first_words(now);
        } else if !self.seen.subscribed.contains(&STATUS) {
            self.ask_subscribe(STATUS, now);
        } else if !self.seen.status_fresh {
            self.ask_read(STATUS, now);
        }
    }

    fn status(&mut self, status: Status, now: Instant) {
        match status.progress {
            _ if self.delivered.is_none() => {}
            Progress::Done => self.await_first_words(now),
            Progress::Idle if !self.seen.done => {
                // On a new connection it knows of nothing: done did not arrive, or it restarted.
                self.delivered = None;
                if self.links >= super::MAX_LINKS {
                    self.fail(OnboardingFault::LinkLost, now);
                }
            }
            progress if progress.rests() => self.enter(Stage::Correcting(status), now),
            _ => self.enter(Stage::Joining(Some(status)), now),
        }
    }

    /// Enters a stage of the way to the settings; after done that is all still reconnecting.
    fn go(&mut self, stage: Stage, now: Instant) {
        if self.delivered.is_none() {
            self.enter(stage, now);
        }
    }
}
