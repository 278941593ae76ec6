//! The dirty set: what changed since somebody last looked, each thing once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use roost_model::{DeviceId, IntentId};

use crate::device::Device;
use crate::{Change, RosterRefusal};

/// How many refusals are kept until somebody looks.
const MOST_REFUSALS: usize = 32;

/// Collects changes until they are polled. A device that speaks a hundred times between two
/// polls is one change.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) link: bool,
    pub(crate) counters: bool,
    devices: BTreeSet<DeviceId>,
    gone: BTreeSet<DeviceId>,
    /// Devices of which nothing but readings changed; which ones, the device itself knows.
    readings: BTreeSet<DeviceId>,
    intents: BTreeSet<IntentId>,
    forgotten: BTreeSet<IntentId>,
    /// The newest, oldest first.
    refusals: VecDeque<RosterRefusal>,
}

impl Changes {
    /// A device came, or changed in more than its readings. Candidates are nobody's business.
    pub(crate) fn device(&mut self, device: &Device) {
        if device.is_known() {
            self.devices.insert(device.id.clone());
        }
    }

    /// A device is gone.
    pub(crate) fn device_gone(&mut self, device: &Device) {
        if device.is_known() {
            self.devices.remove(&device.id);
            self.readings.remove(&device.id);
            self.gone.insert(device.id.clone());
        }
    }

    /// The readings of a device are about to change. To be called before they do, so that a
    /// device that is on the list already costs nothing.
    pub(crate) fn readings(&mut self, device: &Device) {
        if !device.points.has_changes() {
            self.readings.insert(device.id.clone());
        }
    }

    pub(crate) fn intent(&mut self, id: IntentId) {
        self.intents.insert(id);
    }

    pub(crate) fn intent_forgotten(&mut self, id: IntentId) {
        self.intents.remove(&id);
        self.forgotten.insert(id);
    }

    pub(crate) fn roster_refused(&mut self, refusal: RosterRefusal) {
        if self.refusals.len() == MOST_REFUSALS {
            self.refusals.pop_front();
        }
        self.refusals.push_back(refusal);
    }

    /// The next change, and takes it off the list.
    pub(crate) fn poll(&mut self, devices: &mut BTreeMap<DeviceId, Device>) -> Option<Change> {
        if std::mem::take(&mut self.link) {
            return Some(Change::Link);
        }
        if let Some(id) = self.gone.pop_first() {
            return Some(Change::DeviceGone(id));
        }
        if let Some(id) = self.devices.pop_first() {
            self.readings.remove(&id);
            if let Some(device) = devices.get_mut(&id) {
                device.points.take_changes();
            }
            return Some(Change::Device(id));
        }
        while let Some(id) = self.readings.pop_first() {
            let items = devices
                .get_mut(&id)
                .map(|device| device.points.take_changes());
            if let Some(items) = items.filter(|items| !items.is_empty()) {
                return Some(Change::Readings { device: id, items });
            }
        }
        if let Some(id) = self.intents.pop_first() {
            return Some(Change::Intent(id));
        }
        if let Some(id) = self.forgotten.pop_first() {
            return Some(Change::IntentForgotten(id));
        }
        if let Some(refusal) = self.refusals.pop_front() {
            return Some(Change::RosterRefused(refusal));
        }
        std::mem::take(&mut self.counters).then_some(Change::Counters)
    }
}
