//! Which of the devices heard is the one of the code.
//!
//! In this order: the fingerprint in its service data; its address, or the address plus two; and,
//! where the platform tells no address or the packet was only half heard, a device that offers the
//! Settings service or has the name of the code. The last kind is tried after a moment in which a
//! better one may come, the strongest first. Only the proof decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use roost_model::{Instant, Profile};

use super::{MAX_CANDIDATES, Provisioner, Stage};
use crate::gatt::SETTINGS_SERVICE;
use crate::{Invite, OnboardingFault, PeerId, RadioCommand, Sighting};

/// How long a weak match waits for a better one.
const GRACE: Duration = Duration::from_secs(3);
/// How long to look on after a device was turned away.
const LOOK_ON: Duration = Duration::from_secs(15);

/// The devices heard in this attempt.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// Weak matches with their strength in dBm.
    weak: BTreeMap<PeerId, i16>,
    rejected: BTreeSet<PeerId>,
    last_fault: Option<OnboardingFault>,
    /// When to try a weak one.
    pub(super) weak_at: Option<Instant>,
}

impl Candidates {
    /// Forgets what was heard, not who was turned away.
    pub(super) fn forget(&mut self) {
        self.weak.clear();
        self.weak_at = None;
    }

    /// Why those that were heard were turned away.
    pub(super) fn why_none(&self) -> Option<OnboardingFault> {
        self.last_fault
    }
}

/// How well an advertisement fits a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Strong,
    Weak,
}

pub(super) fn fits(invite: &Invite, sighting: &Sighting) -> Option<Match> {
    let fingerprint = sighting.service_data.get(&SETTINGS_SERVICE);
    if let Some(fingerprint) = fingerprint {
        return (fingerprint[..] == invite.key.fingerprint()).then_some(Match::Strong);
    }
    match sighting.address {
        Some(address) if address == invite.mac || address == invite.mac.plus_two() => {
            return Some(Match::Strong);
        }
        // A thesis device has the address of its code, and nothing else could show whose it is.
        Some(_) if invite.profile == Profile::Thesis => return None,
        Some(_) | None => {}
    }
    let named = invite.name.is_some() && invite.name == sighting.name;
    (named || sighting.services.contains(&SETTINGS_SERVICE)).then_some(Match::Weak)
}

impl Provisioner {
    pub(super) fn heard(&mut self, sighting: Sighting, now: Instant) {
        let listening = matches!(self.stage, Stage::Scanning | Stage::Reconnecting);
        if !listening || !self.link.is_none() || self.candidates.rejected.contains(&sighting.peer) {
            return;
        }
        match fits(&self.plan.invite, &sighting) {
            None => {}
            Some(Match::Strong) => self.connect(sighting.peer, true, now),
            Some(Match::Weak) => {
                let Candidates { weak, weak_at, .. } = &mut self.candidates;
                if weak.len() < MAX_CANDIDATES || weak.contains_key(&sighting.peer) {
                    weak.insert(sighting.peer, sighting.rssi.unwrap_or(i16::MIN));
                    weak_at.get_or_insert(now + GRACE);
                }
            }
        }
    }

    pub(super) fn try_weak(&mut self, now: Instant) {
        let strongest = self.candidates.weak.iter().max_by_key(|(_, rssi)| **rssi);
        let Some((peer, _)) = strongest else {
            return;
        };
        if self.link.is_none() {
            self.connect(peer.clone(), false, now);
        }
    }

    /// Looks for the device (again).
    pub(super) fn rescan(&mut self, now: Instant) {
        self.candidates.forget();
        self.commands.push_back(RadioCommand::StartScan);
        let stage = if self.delivered.is_some() {
            Stage::Reconnecting
        } else {
            Stage::Scanning
        };
        self.enter(stage, now);
    }

    /// Turns the connected device away and looks on, for a shorter time.
    pub(super) fn reject(&mut self, fault: OnboardingFault, now: Instant) {
        self.report
            .note(now, format!("turned a device away: {}", fault.code()));
        let peer = self.link.peer().cloned();
        self.hang_up();
        self.candidates.last_fault = Some(fault);
        match peer {
            Some(peer) if self.candidates.rejected.len() < MAX_CANDIDATES => {
                self.candidates.rejected.insert(peer);
            }
            // So many that somebody makes them up.
            _ => return self.fail(fault, now),
        }
        self.rescan(now);
        self.deadline = self.deadline.map(|deadline| deadline.min(now + LOOK_ON));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceSecret, MacAddress, Text};

    #[test]
    fn knows_the_device_by_what_the_platform_tells() {
        let mac = MacAddress([0xa4, 0xcf, 0x12, 0x25, 0x76, 0x98]);
        let roost = Invite {
            mac,
            key: DeviceSecret::from_seed(&[1; 32]).public(),
            profile: Profile::Roost,
            name: Some(Text::new("Lamp")),
            extra: Vec::new(),
        };
        let thesis = Invite {
            profile: Profile::Thesis,
            ..roost.clone()
        };
        let other = MacAddress([1; 6]);
        let seen = |address, name: Option<&str>, service: bool, data: Option<&[u8]>| Sighting {
            address,
            name: name.map(Text::new),
            services: if service {
                vec![SETTINGS_SERVICE]
            } else {
                vec![]
            },
            service_data: data
                .map(|data| (SETTINGS_SERVICE, data.to_vec()))
                .into_iter()
                .collect(),
            ..Sighting::of(PeerId::new("x").unwrap())
        };
        let mine = roost.key.fingerprint();
        use Match::{Strong, Weak};
        for (case, sighting, as_roost, as_thesis) in [
            (
                "its key",
                seen(None, None, false, Some(&mine)),
                Some(Strong),
                Some(Strong),
            ),
            (
                "other key, its address",
                seen(Some(mac), None, true, Some(&[0; 8])),
                None,
                None,
            ),
            (
                "short data",
                seen(Some(mac), None, true, Some(&mine[..7])),
                None,
                None,
            ),
            (
                "its address",
                seen(Some(mac), None, false, None),
                Some(Strong),
                Some(Strong),
            ),
            (
                "plus two",
                seen(Some(mac.plus_two()), None, false, None),
                Some(Strong),
                Some(Strong),
            ),
            (
                "its name",
                seen(None, Some("Lamp"), false, None),
                Some(Weak),
                Some(Weak),
            ),
            (
                "a twin elsewhere",
                seen(Some(other), Some("Lamp"), true, None),
                Some(Weak),
                None,
            ),
            (
                "the service",
                seen(None, None, true, None),
                Some(Weak),
                Some(Weak),
            ),
            (
                "headphones",
                seen(None, Some("Ears"), false, None),
                None,
                None,
            ),
        ] {
            assert_eq!(fits(&roost, &sighting), as_roost, "{case}");
            assert_eq!(fits(&thesis, &sighting), as_thesis, "{case}");
        }
        let nameless = Invite {
            name: None,
            ..roost
        };
        assert_eq!(fits(&nameless, &seen(None, None, false, None)), None);
    }
}
