//! What a person asks for, but for wishes.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::BareJid;
use roost_forms::Form;
use roost_model::{DeviceId, Failure, Freshness, Node, Now, PointId, Profile};
use roost_xmpp_proto::{Account, Answer, LinkCommand, Request, SubscriptionStep};

use super::{Controller, Purpose};
use crate::device::{Access, Device, Shape, Standing};
use crate::{Refusal, RosterRefusal, RosterWish, SavedDevice};

/// The longest name of a device or a room.
const MAX_NAME_CHARS: usize = 200;
/// How long a device that was added may take to approve us before it is read all the same.
const TIME_TO_APPROVE: Duration = Duration::from_secs(30);

impl Controller {
    pub(super) fn sign_in(&mut self, account: Box<Account>) {
        if self.account.as_ref() != Some(&account.jid) {
            self.forget_home();
            self.account = Some(account.jid.clone());
            self.changes.link = true;
        }
        self.tell(LinkCommand::Connect(account));
        self.tell_attention();
    }

    pub(super) fn sign_out(&mut self, forget: bool, now: Now) {
        self.give_up_intents(now);
        self.tell(LinkCommand::Disconnect);
        if forget {
            self.forget_home();
            self.account = None;
            self.changes.link = true;
        }
    }

    pub(super) fn retry_now(&mut self) {
        self.tell(LinkCommand::RetryNow);
    }

    /// What was known at the last run, to be shown at once.
    pub(super) fn restore(&mut self, account: BareJid, devices: Vec<SavedDevice>, now: Now) {
        if *self.account.get_or_insert_with(|| account.clone()) != account {
            return;
        }
        self.changes.link = true;
        for saved in devices {
            if self.devices.contains_key(&saved.id) {
                continue;
            }
            if self.make_contact(&saved.id)
                && let Some(device) = self.devices.get_mut(&saved.id)
            {
                restore_device(device, saved);
                self.changes.device(device);
            }
        }
        if self.link.is_up() {
            self.want_all_rounds(now);
        }
    }

    pub(super) fn add_device(&mut self, jid: BareJid, now: Now) -> Result<(), Refusal> {
        self.must_be_up()?;
        if jid.node().is_none() || self.account.as_ref() == Some(&jid) {
            return Err(Refusal::BadAddress);
        }
        let id = DeviceId::new(jid);
        if !self.make_contact(&id) {
            return Err(Refusal::Busy);
        }
        let Some(device) = self.devices.get_mut(&id) else {
            return Err(Refusal::Busy);
        };
        if device.is_known() && matches!(device.access, Access::Granted | Access::Asking) {
            return Err(Refusal::AlreadyThere);
        }
        device.standing = Standing::Known;
        device.is_invited = !device.is_on_roster;
        let is_seen = device.we_see_it;
        if !is_seen {
            device.access = Access::WaitingForApproval;
        }
        self.changes.device(device);
        self.invite(&id);
        // The device may let us read without letting us see its presence.
        let patience = if is_seen {
            Duration::ZERO
        } else {
            TIME_TO_APPROVE
        };
        self.want_round(&id, patience, now);
        Ok(())
    }

    /// Puts a device on the roster and asks for its presence.
    pub(super) fn invite(&mut self, id: &DeviceId) {
        let Some(device) = self.devices.get(id) else {
            return;
        };
        let we_see_it = device.we_see_it;
        if !device.is_on_roster {
            self.set_contact(id, RosterWish::Add, |_, _| {});
        }
        if !we_see_it {
            self.step(id, SubscriptionStep::Ask);
        }
    }

    pub(super) fn remove_device(&mut self, id: &DeviceId, now: Now) -> Result<(), Refusal> {
        self.must_be_up()?;
        let device = self.known(id).ok_or(Refusal::NoSuchDevice)?;
        let (is_on_roster, service) = (device.is_on_roster, device.service().clone());
        for node in Node::ALL {
            self.ask(Request::Unsubscribe {
                service: service.clone(),
                node,
            });
        }
        if is_on_roster {
            // It goes when the roster says so.
            let purpose = Purpose::Roster(id.clone(), RosterWish::Remove);
            let jid = id.jid().clone();
            self.ask_for(purpose, Request::RemoveContact { jid });
        } else {
            self.drop_device(id, now);
        }
        Ok(())
    }

    pub(super) fn rename_device(&mut self, id: &DeviceId, name: &str) -> Result<(), Refusal> {
        let name = usable_name(name)?;
        self.change_contact(id, RosterWish::Rename, |kept, _| *kept = name)
    }

    pub(super) fn set_room(&mut self, id: &DeviceId, room: Option<String>) -> Result<(), Refusal> {
        let room = usable_name(room.as_deref().unwrap_or_default())?;
        self.change_contact(id, RosterWish::Move, |_, groups| {
            groups.clear();
            groups.extend(room);
        })
    }

    pub(super) fn refresh(&mut self, id: Option<DeviceId>, now: Now) -> Result<(), Refusal> {
        self.must_be_up()?;
        match id {
            Some(id) => {
                self.known(&id).ok_or(Refusal::NoSuchDevice)?;
                self.want_round(&id, Duration::ZERO, now);
            }
            None => self.want_all_rounds(now),
        }
        Ok(())
    }

    fn change_contact(
        &mut self,
        id: &DeviceId,
        wish: RosterWish,
        change: impl FnOnce(&mut Option<String>, &mut BTreeSet<String>),
    ) -> Result<(), Refusal> {
        self.must_be_up()?;
        self.known(id).ok_or(Refusal::NoSuchDevice)?;
        self.set_contact(id, wish, change);
        Ok(())
    }

    /// Writes a contact to the roster. What we show changes when the roster says so.
    fn set_contact(
        &mut self,
        id: &DeviceId,
        wish: RosterWish,
        change: impl FnOnce(&mut Option<String>, &mut BTreeSet<String>),
    ) {
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        // Two changes in a row must not undo each other while the roster has yet to answer.
        let entry = device.written.take();
        let (mut name, mut groups) =
            entry.unwrap_or_else(|| (device.name.clone(), device.groups.clone()));
        change(&mut name, &mut groups);
        device.written = Some((name.clone(), groups.clone()));
        let request = Request::SetContact {
            jid: id.jid().clone(),
            name,
            groups,
        };
        self.ask_for(Purpose::Roster(id.clone(), wish), request);
    }

    /// The roster itself tells what is; the answer matters only where it is no.
    pub(super) fn roster_answered(
        &mut self,
        device: DeviceId,
        wish: RosterWish,
        result: Result<Answer, Failure>,
        now: Now,
    ) {
        let Err(failure) = result else {
            return;
        };
        if let Some(device) = self.devices.get_mut(&device) {
            // What was refused must not come along with the next change.
            device.written = None;
        }
        if wish == RosterWish::Remove {
            // It stays, but was unsubscribed from.
            self.want_round(&device, Duration::ZERO, now);
        }
        self.changes.roster_refused(RosterRefusal {
            device,
            wish,
            failure,
        });
    }

    pub(super) fn step(&mut self, id: &DeviceId, step: SubscriptionStep) {
        self.ask(Request::Subscription {
            to: id.jid().clone(),
            step,
        });
    }

    fn must_be_up(&self) -> Result<(), Refusal> {
        match (&self.account, self.link.is_up()) {
            (None, _) => Err(Refusal::NotSignedIn),
            (_, false) => Err(Refusal::NotConnected),
            _ => Ok(()),
        }
    }

    fn forget_home(&mut self) {
        for device in std::mem::take(&mut self.devices).values() {
            self.changes.device_gone(device);
        }
        for id in std::mem::take(&mut self.intents).into_keys() {
            self.changes.intent_forgotten(id);
        }
        self.link.stream_interrupted();
        self.hears_another = true;
        self.ended.clear();
        self.awaited.clear();
        self.queue.clear();
        self.rounds = 0;
    }
}

fn restore_device(device: &mut Device, saved: SavedDevice) {
    device.standing = Standing::Known;
    device.name = saved.name;
    device.groups = saved.groups.into_iter().collect();
    // A device that spoke the thesis profile may have learnt another since, and must not be
    // overwritten before it had the time to say so.
    device.profile = saved.profile.filter(|profile| *profile == Profile::Roost);
    device.shape = saved
        .form
        .map(|form: Form| Shape::new(form, saved.warnings));
    for mut it in saved.readings {
        it.reading.freshness = Freshness::Stale;
        let PointId { node, item } = it.point;
        device.points.report(node, item, it.reading, it.readable);
    }
}

/// A name as it may stand on the roster; `None` if there is nothing in it.
fn usable_name(name: &str) -> Result<Option<String>, Refusal> {
    let name = name.trim();
    if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Refusal::BadName);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}
