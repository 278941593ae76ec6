//! The values of one device, by the place where they live.

use std::collections::{BTreeMap, BTreeSet};

use roost_model::{Freshness, ItemId, Node, Reading};

/// Items kept per device.
pub const MAX_POINTS: usize = 1_000;

/// All values of a device, and which of them changed since somebody last looked.
#[derive(Debug, Default)]
pub(crate) struct Points {
    sensors: BTreeMap<ItemId, Point>,
    actuators: BTreeMap<ItemId, Point>,
    changed: Vec<ItemId>,
}

/// What an item last said.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) reading: Reading,
    /// Whether it was a value at all; if not, the reading's text is empty.
    pub(crate) readable: bool,
    is_changed: bool,
}

impl Points {
    pub(crate) fn get(&self, node: Node, item: &ItemId) -> Option<&Point> {
        self.on(node)?.get(item)
    }

    /// The value of an item, wherever it lives. A device that uses one name on both nodes means
    /// the actuator, which is the one that can be changed.
    pub(crate) fn find(&self, item: &ItemId) -> Option<(Node, &ItemId, &Point)> {
        let on = |node| {
            let (item, point) = self.on(node)?.get_key_value(item)?;
            Some((node, item, point))
        };
        on(Node::Actuators).or_else(|| on(Node::Sensors))
    }

    /// What [`Self::find`] finds, of all items.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&ItemId, &Point)> {
        let sensors = self.sensors.iter();
        sensors
            .filter(|(item, _)| !self.actuators.contains_key(item))
            .chain(&self.actuators)
    }

    /// Every item of both nodes.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Node, &ItemId, &Point)> {
        let sensors = self.sensors.iter();
        let actuators = self.actuators.iter();
        sensors
            .map(|(item, point)| (Node::Sensors, item, point))
            .chain(actuators.map(|(item, point)| (Node::Actuators, item, point)))
    }

    /// Takes over what the device said. `false` if there is no room for another item.
    pub(crate) fn report(
        &mut self,
        node: Node,
        item: ItemId,
        reading: Reading,
        readable: bool,
    ) -> bool {
        let is_full = self.sensors.len() + self.actuators.len() >= MAX_POINTS;
        let Some(items) = items_on(&mut self.sensors, &mut self.actuators, node) else {
            return false;
        };
        if let Some(point) = items.get_mut(&item) {
            point.reading = reading;
            point.readable = readable;
            if !std::mem::replace(&mut point.is_changed, true) {
                self.changed.push(item);
            }
            return true;
        }
        if is_full {
            return false;
        }
        self.changed.push(item.clone());
        let point = Point {
            reading,
            readable,
            is_changed: true,
        };
        items.insert(item, point);
        true
    }

    /// The item is no more.
    pub(crate) fn retract(&mut self, node: Node, item: ItemId) {
        let items = items_on(&mut self.sensors, &mut self.actuators, node);
        if items.is_some_and(|items| items.remove(&item).is_some()) {
            self.changed.push(item);
        }
    }

    /// The node was read in full: what was not in it is no more.
    pub(crate) fn keep_only(&mut self, node: Node, present: &BTreeSet<ItemId>) {
        if let Some(items) = items_on(&mut self.sensors, &mut self.actuators, node) {
            let gone = items.extract_if(.., |item, _| !present.contains(item));
            self.changed.extend(gone.map(|(item, _)| item));
        }
    }

    /// What was reported on a node is the past until it is reported again.
    pub(crate) fn make_stale(&mut self, node: Node) {
        let items = items_on(&mut self.sensors, &mut self.actuators, node);
        for point in items.into_iter().flat_map(BTreeMap::values_mut) {
            point.reading.freshness = Freshness::Stale;
        }
    }

    pub(crate) fn make_all_stale(&mut self) {
        Node::ALL.into_iter().for_each(|node| self.make_stale(node));
    }

    pub(crate) fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Which items changed since the last call, each once unless it was retracted in between.
    pub(crate) fn take_changes(&mut self) -> Vec<ItemId> {
        let changed = std::mem::take(&mut self.changed);
        for item in &changed {
            for items in [&mut self.sensors, &mut self.actuators] {
                if let Some(point) = items.get_mut(item) {
                    point.is_changed = false;
                }
            }
        }
        changed
    }

    fn on(&self, node: Node) -> Option<&BTreeMap<ItemId, Point>> {
        match node {
            Node::Sensors => Some(&self.sensors),
            Node::Actuators => Some(&self.actuators),
            Node::Ui => None,
        }
    }
}

/// The items of a node; the form's node holds no values.
fn items_on<'a>(
    sensors: &'a mut BTreeMap<ItemId, Point>,
    actuators: &'a mut BTreeMap<ItemId, Point>,
    node: Node,
) -> Option<&'a mut BTreeMap<ItemId, Point>> {
    match node {
        Node::Sensors => Some(sensors),
        Node::Actuators => Some(actuators),
        Node::Ui => None,
    }
}
