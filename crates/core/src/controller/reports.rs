//! What devices report, and what others try to pass off as a report.
//!
//! The service that hosts an item is the device itself, so that nobody else's nodes count. On
//! top of that the publisher must be the device, as far as the server names one:
//!
//! | node | stamped by the device | by ourselves | by anybody else | by nobody |
//! |---|---|---|---|---|
//! | sensors, ui | report | ignored | dropped | report |
//! | actuators, Roost, event | report | ignored | dropped | dropped |
//! | actuators, Roost, fetched | report | ignored | dropped | report |
//! | actuators, thesis | report | shown, proves nothing | dropped | shown, see [`Witness::Unnamed`] |
//!
//! A state item of an actuator that a controller published is a request to the device, never its
//! state. A thesis device knows no other request; its own overwriting is shown since the node
//! does hold it. Request items are never values.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::{BareJid, Jid};
use roost_model::{DeviceId, Freshness, ItemId, Node, Now, Profile, Reading, Val};
use roost_xmpp_proto::{ItemReport, Payload};

use super::{Controller, TIME_TO_SETTLE};
use crate::DropReason;
use crate::device::{Device, Shape};
use crate::intent::Witness;
use crate::silence::Look;
use crate::timers::Timer;

/// How a report reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Event,
    Fetch,
}

/// What an item is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    /// The device's word.
    Report(Witness),
    /// What the node holds, though the device did not say so.
    Shown,
    /// No state at all: a request, or our own words coming back.
    Nothing,
    /// Not from whom it must be.
    Foreign(DropReason),
}

impl Controller {
    /// Items were published on a node of `id`.
    pub(super) fn published(
        &mut self,
        id: &DeviceId,
        node: Node,
        items: Vec<ItemReport>,
        now: Now,
    ) {
        let Some(device) = self.devices.get_mut(id) else {
            self.count_dropped(DropReason::Stranger, Some(id.jid().clone().into()));
            return;
        };
        if !device.is_known() && node != Node::Ui {
            // It publishes like a device, so see whether it has a form.
            let delay = device.sync.retry_delay();
            if !device.sync.is_busy() {
                self.want_round(id, delay, now);
            }
            return;
        }
        if device.profile == Some(Profile::Thesis)
            && let Some(at) = device.silence.heard(now.instant)
        {
            self.timers.set(at, Timer::Silence(id.clone()));
        }
        for report in items {
            self.report(id, node, report, Route::Event, now);
        }
    }

    /// A node of `id` was read in full.
    pub(super) fn node_read(
        &mut self,
        id: &DeviceId,
        node: Node,
        items: Vec<ItemReport>,
        now: Now,
    ) {
        let present: BTreeSet<ItemId> = items.iter().map(|report| report.item.clone()).collect();
        for report in items {
            self.report(id, node, report, Route::Fetch, now);
        }
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        self.changes.readings(device);
        device.points.keep_only(node, &present);
        self.reread_intents(id, node, &present, now);
    }

    pub(super) fn retracted(&mut self, id: DeviceId, node: Node, items: Vec<ItemId>, now: Now) {
        if self.known(&id).is_none() {
            self.count_dropped(DropReason::Stranger, Some(id.jid().clone().into()));
            return;
        }
        for item in items {
            if let Some(wanted) = item.requested_item() {
                self.request_handled(&id, &wanted, &item, now);
            } else if let Some(device) = self.devices.get_mut(&id) {
                self.changes.readings(device);
                device.points.retract(node, item);
            }
        }
    }

    /// A node was purged or deleted. What it held is the past, until it is there again.
    pub(super) fn node_gone(&mut self, id: &DeviceId, node: Node, now: Now) {
        let Some(device) = self.devices.get_mut(id).filter(|device| device.is_known()) else {
            self.count_dropped(DropReason::Stranger, Some(id.jid().clone().into()));
            return;
        };
        device.points.make_stale(node);
        self.changes.device(device);
        self.want_round(id, TIME_TO_SETTLE, now);
    }

    pub(super) fn check_silence(&mut self, id: &DeviceId, now: Now) {
        let is_held_back = self.is_inactive();
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if !self.link.is_up() || device.is_away() || is_held_back {
            device.silence.stop_looking();
            return;
        }
        match device.silence.look(now.instant) {
            Look::Idle => {}
            Look::Speaks(next) => self.timers.set(next, Timer::Silence(id.clone())),
            Look::Silent(next) => {
                self.timers.set(next, Timer::Silence(id.clone()));
                self.want_round(id, Duration::ZERO, now);
            }
        }
    }

    fn report(&mut self, id: &DeviceId, node: Node, report: ItemReport, route: Route, now: Now) {
        let (Some(own), Some(device)) = (&self.account, self.devices.get_mut(id)) else {
            return;
        };
        let witness = match worth(own, device, node, &report, route) {
            Worth::Report(witness) => Some(witness),
            Worth::Shown => None,
            Worth::Nothing => return,
            Worth::Foreign(reason) => {
                device.dropped = device.dropped.saturating_add(1);
                self.changes.device(device);
                self.count_dropped(reason, report.publisher);
                return;
            }
        };
        if node == Node::Ui {
            return self.form_reported(id, report, now);
        }
        let ItemReport {
            item,
            publisher,
            payload,
        } = report;
        let (val, readable) = match payload {
            Payload::Value(val) => (val, true),
            Payload::Form(..) | Payload::Unreadable => {
                (Val::from_wire("", None, None, None), false)
            }
        };
        let wished = device
            .wishes
            .get(&item)
            .map(|intent| (*intent, item.clone()));
        let known = device.points.get(node, &item).map(|point| &point.reading);
        // A fetched item that is the one we know is as old as it was.
        let received = known
            .filter(|known| route == Route::Fetch && known.val == val)
            .map_or(now.wall, |known| known.received);
        let reading = Reading {
            val,
            received,
            publisher,
            freshness: Freshness::Live,
        };
        self.changes.readings(device);
        if !device.points.report(node, item, reading, readable) {
            self.count_dropped(DropReason::TooMany, Some(id.jid().clone().into()));
            return;
        }
        self.counters.values = self.counters.values.saturating_add(1);
        self.changes.counters = true;
        if let (Some((intent, item)), Some(witness)) = (wished, witness) {
            self.value_reported(intent, node, &item, witness, now);
        }
    }

    fn form_reported(&mut self, id: &DeviceId, report: ItemReport, now: Now) {
        let from = || Some(id.jid().clone().into());
        let Payload::Form(form, warnings) = report.payload else {
            return self.count_dropped(DropReason::Misplaced, from());
        };
        if report.item != ItemId::current() {
            return self.count_dropped(DropReason::Misplaced, from());
        }
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        let is_same = device
            .shape
            .as_ref()
            .is_some_and(|shape| shape.form == *form && shape.warnings == warnings);
        if !is_same {
            device.shape = Some(Shape::new(*form, warnings));
            self.changes.device(device);
        }
        self.promote(id, now);
    }
}

fn worth(own: &BareJid, device: &Device, node: Node, report: &ItemReport, route: Route) -> Worth {
    if report.item.is_request() {
        return Worth::Nothing;
    }
    let is_thesis = device.profile != Some(Profile::Roost);
    let may_be_overwritten = node == Node::Actuators && is_thesis;
    match &report.publisher {
        Some(publisher) if is_account(publisher, device.id.jid()) => Worth::Report(Witness::Device),
        Some(publisher) if is_account(publisher, own) && may_be_overwritten => Worth::Shown,
        Some(publisher) if is_account(publisher, own) => Worth::Nothing,
        Some(_) => Worth::Foreign(DropReason::ForeignPublisher),
        None if may_be_overwritten && route == Route::Fetch => Worth::Shown,
        None if may_be_overwritten => Worth::Report(Witness::Unnamed),
        None if node == Node::Actuators && route == Route::Event => {
            Worth::Foreign(DropReason::Unstamped)
        }
        None => Worth::Report(Witness::Device),
    }
}

/// Whether a JID belongs to an account, with or without a resource.
fn is_account(jid: &Jid, account: &BareJid) -> bool {
    jid.node() == account.node() && jid.domain() == account.domain()
}
