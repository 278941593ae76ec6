//! What the link and the session tell of the account and of who is there.

use std::time::Duration;

use jid::Jid;
use roost_model::{DeviceId, Now, Profile, Show};
use roost_xmpp_proto::{Contact, Features, LinkEvent, LinkState, SessionEvent, SubscriptionStep};

use super::{Controller, Purpose, TIME_TO_SETTLE};
use crate::DropReason;
use crate::device::{Access, Standing};
use crate::resources::Heard;
use crate::timers::Timer;

/// How long the presence of all contacts takes to come in after a stream began.
const TIME_FOR_PRESENCE: Duration = Duration::from_secs(10);
/// How long a device's features take to become known after it came.
const TIME_FOR_FEATURES: Duration = Duration::from_secs(3);

impl Controller {
    pub(super) fn link_event(&mut self, event: LinkEvent, now: Now) {
        match event {
            LinkEvent::State(state) => self.link_state(state, now),
            LinkEvent::Session(event) => self.session_event(*event, now),
        }
    }

    fn link_state(&mut self, state: LinkState, now: Now) {
        let was_up = self.link.is_up();
        if !self.link.set_state(state, now.wall) {
            return;
        }
        self.changes.link = true;
        if was_up && !self.link.is_up() {
            self.stream_interrupted();
        }
        if !self.link.is_wanted() {
            self.give_up_intents(now);
        }
    }

    fn session_event(&mut self, event: SessionEvent, now: Now) {
        if self.hears_another {
            self.hears_another = !matches!(event, SessionEvent::Online { resumed: false, .. });
            if self.hears_another {
                return;
            }
        }
        match event {
            SessionEvent::Online { bound, resumed } => {
                self.link.stream_up(bound);
                self.changes.link = true;
                self.changes.counters = true;
                self.counters.streams = self.counters.streams.saturating_add(1);
                if resumed {
                    self.counters.resumptions = self.counters.resumptions.saturating_add(1);
                    self.stream_resumed(now);
                } else {
                    self.stream_began(now);
                }
            }
            SessionEvent::Suspended => {
                if self.link.is_up() {
                    self.link.stream_interrupted();
                    self.changes.link = true;
                    self.stream_interrupted();
                }
            }
            SessionEvent::Roster(contacts) => self.roster(contacts, now),
            SessionEvent::ContactChanged(contact) => self.contact(contact, now),
            SessionEvent::ContactRemoved(jid) => self.drop_device(&DeviceId::new(jid), now),
            SessionEvent::Presence {
                from,
                show,
                status: _,
            } => self.presence(&from, show, now),
            SessionEvent::SubscriptionStep { from, step } => {
                self.subscription_step(&DeviceId::new(from), step, now);
            }
            SessionEvent::Features { from, features } => {
                self.features(&from.into(), &features, now);
            }
            SessionEvent::Published {
                service,
                node,
                items,
            } => {
                if self.component_spoke(&service, now) {
                    return;
                }
                self.published(&DeviceId::new(service), node, items, now);
            }
            SessionEvent::Retracted {
                service,
                node,
                items,
            } => {
                if self.component_spoke(&service, now) {
                    return;
                }
                self.retracted(DeviceId::new(service), node, items, now);
            }
            SessionEvent::NodeGone {
                service,
                node,
                deleted: _,
            } => {
                let id = self.device_at(&service).unwrap_or(DeviceId::new(service));
                self.node_gone(&id, node, now);
            }
            // Conversations have no place in the home yet, and what others ask of us the session
            // answers itself.
            SessionEvent::Text { .. } | SessionEvent::Queried { .. } => {}
            SessionEvent::Stage { request, stage } => {
                if let Some(&Purpose::Publish(intent)) = self.awaited.get(&request) {
                    self.intent_sent(intent, stage);
                }
            }
            SessionEvent::Answer { request, result } => match self.awaited.remove(&request) {
                Some(Purpose::Subscribe { device, round }) => {
                    self.subscribe_answered(&device, round, result, now);
                }
                Some(Purpose::Fetch {
                    device,
                    node,
                    round,
                }) => {
                    self.fetch_answered(&device, node, round, result, now);
                }
                Some(Purpose::Publish(intent)) => self.intent_answered(intent, result, now),
                Some(Purpose::Component { device, component }) => {
                    self.component_answered(&device, component, result, now);
                }
                Some(Purpose::Roster(device, wish)) => {
                    self.roster_answered(device, wish, result, now);
                }
                None => {}
            },
            SessionEvent::Discarded(discarded) => {
                self.count_dropped(DropReason::Session(discarded.reason), discarded.from);
            }
        }
    }

    /// Everything is the past until the stream goes on or a new one begins.
    fn stream_interrupted(&mut self) {
        self.touch_all();
        self.give_intents_time();
    }

    fn stream_resumed(&mut self, now: Now) {
        self.touch_all();
        self.resume_intents(now);
        self.catch_up(now);
        self.begin_rounds();
    }

    /// Nothing of the old stream counts any more: who is there, what was subscribed, and what is
    /// still to be answered.
    fn stream_began(&mut self, now: Now) {
        self.streams = self.streams.wrapping_add(1);
        self.awaited.clear();
        self.queue.clear();
        self.rounds = 0;
        for device in self.devices.values_mut() {
            device.written = None;
            device.sync.forget();
            device.look_again();
            device.resources.forget();
            device.silence.stop_looking();
            device.points.make_all_stale();
        }
        self.touch_all();
        self.lose_intents();
        self.miss_nothing();
        self.want_all_rounds(now);
        let settled = now.instant + TIME_FOR_PRESENCE;
        self.timers
            .set(settled, Timer::PresenceSettled(self.streams));
    }

    fn touch_all(&mut self) {
        for device in self.devices.values() {
            self.changes.device(device);
        }
    }

    fn roster(&mut self, contacts: Vec<Contact>, now: Now) {
        for device in self.devices.values_mut() {
            device.is_on_roster = false;
        }
        for contact in contacts {
            self.contact(contact, now);
        }
        let missing = self.devices.values().filter(|device| !device.is_on_roster);
        let missing: Vec<_> = missing.map(|d| (d.id.clone(), d.is_invited)).collect();
        for (id, is_invited) in missing {
            if is_invited {
                // Added just before the stream was lost, and perhaps never heard by the server.
                self.invite(&id);
            } else {
                self.drop_device(&id, now);
            }
        }
    }

    fn contact(&mut self, contact: Contact, now: Now) {
        if self.account.as_ref() == Some(&contact.jid) {
            return;
        }
        let id = DeviceId::new(contact.jid);
        let is_new = !self.devices.contains_key(&id);
        if !self.make_contact(&id) {
            return;
        }
        let Some(device) = self.devices.get_mut(&id) else {
            return;
        };
        let name = contact.name.filter(|name| !name.trim().is_empty());
        let approved = contact.we_see_them && !device.we_see_it;
        let is_changed = name != device.name
            || contact.groups != device.groups
            || contact.we_see_them != device.we_see_it;
        device.name = name;
        device.groups = contact.groups;
        device.set_seen(contact.we_see_them);
        device.is_asked = contact.asked;
        device.written = None;
        device.is_on_roster = true;
        device.is_invited = false;
        if is_changed {
            self.changes.device(device);
        }
        let is_unread = !device.sync.is_done() && !device.sync.is_busy();
        if is_new || (is_unread && !device.is_known()) {
            self.want_round(&id, Duration::ZERO, now);
        } else if approved && is_unread {
            self.want_round(&id, TIME_TO_SETTLE, now);
        }
    }

    pub(super) fn drop_device(&mut self, id: &DeviceId, now: Now) {
        let Some(device) = self.devices.remove(id) else {
            return;
        };
        if device.sync.is_reading() {
            self.rounds = self.rounds.saturating_sub(1);
        }
        self.changes.device_gone(&device);
        self.fail_intents_of(device, now);
        self.begin_rounds();
    }

    fn presence(&mut self, from: &Jid, show: Option<Show>, now: Now) {
        let id = DeviceId::new(from.to_bare());
        let Some(device) = self.devices.get_mut(&id) else {
            return;
        };
        // A device that says anything new of itself while it could not be read in full may have
        // got ready: one that is set up for the first time is there before its nodes are.
        let is_unread = !device.sync.is_done() && !device.sync.is_busy();
        if show.is_some() && is_unread && device.is_known() && device.is_there() {
            self.want_round(&id, TIME_TO_SETTLE, now);
        }
        let Some(device) = self.devices.get_mut(&id) else {
            return;
        };
        let resource = from.resource().map_or("", |resource| resource.as_str());
        let heard = match show {
            Some(show) => device.resources.available(resource, show),
            None => device.resources.unavailable(resource, now.wall),
        };
        match heard {
            Heard::Nothing => return,
            Heard::Changed => {}
            Heard::Left => device.points.make_all_stale(),
            Heard::Came { was_away } => {
                let is_unread = !device.sync.is_done() && !device.sync.is_busy();
                if device.is_known() && (was_away || is_unread) {
                    self.want_round(&id, TIME_TO_SETTLE, now);
                }
                self.expect_profile(&id, now);
                self.device_came(&id, now);
                self.send_held_intents(&id, now);
            }
        }
        if let Some(device) = self.devices.get(&id) {
            self.changes.device(device);
        }
    }

    /// Whose presence has not come by now is away, if it would come to us at all.
    pub(super) fn settle_presence(&mut self, stream: u32) {
        if stream != self.streams || !self.link.is_up() {
            return;
        }
        for device in self.devices.values_mut() {
            if device.we_see_it && device.resources.settle() {
                self.changes.device(device);
            }
        }
    }

    fn features(&mut self, from: &Jid, features: &Features, now: Now) {
        let id = DeviceId::new(from.to_bare());
        let resource = from.resource().map_or("", |resource| resource.as_str());
        let Some(device) = self.devices.get_mut(&id) else {
            return;
        };
        device.resources.features(resource, features.is_roost());
        if features.is_roost() {
            self.promote(&id, now);
        }
        let Some(device) = self.devices.get_mut(&id) else {
            return;
        };
        let profile = device.resources.profile().or(device.profile);
        if device.profile != profile {
            device.profile = profile;
            self.changes.device(device);
            self.send_held_intents(&id, now);
        }
    }

    /// A contact turned out to be a device.
    pub(super) fn promote(&mut self, id: &DeviceId, now: Now) {
        let Some(device) = self.devices.get_mut(id).filter(|device| !device.is_known()) else {
            return;
        };
        device.standing = Standing::Known;
        self.changes.device(device);
        if std::mem::take(&mut device.asks_us) {
            self.step(id, SubscriptionStep::Approve);
        }
        self.want_round(id, Duration::ZERO, now);
    }

    /// A device whose profile is not known yet is given the time to tell its features.
    pub(super) fn expect_profile(&mut self, id: &DeviceId, now: Now) {
        if self
            .known(id)
            .is_some_and(|device| device.profile.is_none())
        {
            let at = now.instant + TIME_FOR_FEATURES;
            self.timers.set(at, Timer::AssumeThesis(id.clone()));
        }
    }

    pub(super) fn assume_thesis(&mut self, id: &DeviceId, now: Now) {
        let Some(device) = self.devices.get_mut(id).filter(|d| d.profile.is_none()) else {
            return;
        };
        device.profile = Some(Profile::Thesis);
        self.changes.device(device);
        self.send_held_intents(id, now);
    }

    fn subscription_step(&mut self, id: &DeviceId, step: SubscriptionStep, now: Now) {
        let Some(device) = self.devices.get_mut(id) else {
            if step == SubscriptionStep::Ask {
                let from = Some(id.jid().clone().into());
                self.count_dropped(DropReason::UnaskedSubscription, from);
            }
            return;
        };
        match step {
            SubscriptionStep::Ask if device.is_known() => {
                self.step(id, SubscriptionStep::Approve);
            }
            SubscriptionStep::Ask => device.asks_us = true,
            SubscriptionStep::Approve => {
                device.set_seen(true);
                self.changes.device(device);
                if !device.sync.is_done() {
                    self.want_round(id, TIME_TO_SETTLE, now);
                }
            }
            SubscriptionStep::Deny => {
                device.we_see_it = false;
                device.is_asked = false;
                device.resources.forget();
                if device.access == Access::WaitingForApproval {
                    device.access = Access::Denied { detail: None };
                }
                self.changes.device(device);
                // It may have shut us out of its nodes as well.
                self.want_round(id, TIME_TO_SETTLE, now);
            }
            SubscriptionStep::Leave => {}
        }
    }
}
