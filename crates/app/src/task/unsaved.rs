//! Devices that changed since they were written, oldest change first.

use std::collections::{BTreeSet, VecDeque};

use roost_model::DeviceId;

/// Devices that are to be written.
#[derive(Debug, Default)]
pub(super) struct Unsaved {
    waiting: VecDeque<DeviceId>,
    known: BTreeSet<DeviceId>,
}

impl Unsaved {
    /// A device changed or is gone.
    pub(super) fn add(&mut self, device: &DeviceId) {
        if self.known.insert(device.clone()) {
            self.waiting.push_back(device.clone());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes those that waited longest, at most `most`.
    pub(super) fn take(&mut self, most: usize) -> Vec<DeviceId> {
        let taken: Vec<_> = self.waiting.drain(..most.min(self.waiting.len())).collect();
        for device in &taken {
            self.known.remove(device);
        }
        taken
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_once_and_the_oldest_first() {
        let device = |name: &str| DeviceId::new(name.parse().unwrap());
        let [a, b, c] = ["a@x.y", "b@x.y", "c@x.y"].map(device);
        let mut unsaved = Unsaved::default();
        for changed in [&c, &a, &c, &b, &a] {
            unsaved.add(changed);
        }
        assert_eq!(unsaved.take(2), [c.clone(), a]);
        unsaved.add(&c);
        assert_eq!(unsaved.take(9), [b, c]);
        assert!(unsaved.is_empty());
    }
}
