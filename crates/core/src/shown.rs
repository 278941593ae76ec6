//! Devices and readings as they may be shown now.

use roost_forms::{Form, Warning};
use roost_model::{
    Availability, DeviceId, Freshness, ItemId, Profile, Reading, Timestamp, Value, ValueKind,
    ValueProblem,
};

use crate::device::{Access, Device, Shape};
use crate::points::Point;
use crate::wish::suggested_kind;

/// A device as it may be shown now: with an eye on the connection, without which everything is
/// the past.
#[derive(Clone, Copy, Debug)]
pub struct DeviceNow<'a> {
    pub(crate) device: &'a Device,
    pub(crate) link_is_up: bool,
}

/// A value as it may be shown now.
#[derive(Clone, Copy, Debug)]
pub struct ReadingNow<'a> {
    item: &'a ItemId,
    point: &'a Point,
    hint: Option<ValueKind>,
    freshness: Freshness,
}

/// Why a reading has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadProblem {
    /// The item holds no value at all.
    #[error("the item holds no value")]
    Unreadable,
    /// Its text is not what it says it is.
    #[error(transparent)]
    Value(#[from] ValueProblem),
}

impl<'a> DeviceNow<'a> {
    /// Which.
    pub fn id(&self) -> &'a DeviceId {
        &self.device.id
    }

    /// How it is called: our name for it, else the form's title, else the user part of its JID.
    /// Foreign text.
    pub fn name(&self) -> &'a str {
        let jid = self.device.id.jid();
        self.device
            .name
            .as_deref()
            .or_else(|| self.title())
            .or_else(|| jid.node().map(|node| node.as_str()))
            .unwrap_or_else(|| jid.domain().as_str())
    }

    /// Its room: the first of its groups on the roster.
    pub fn room(&self) -> Option<&'a str> {
        self.device.groups.first().map(String::as_str)
    }

    /// Whether it is there. Without a connection nobody knows of a device that it is online.
    pub fn availability(&self) -> Availability {
        match self.device.resources.availability() {
            Availability::Online { .. } if !self.link_is_up => Availability::Unknown,
            heard => heard,
        }
    }

    /// Which profile it speaks, once known.
    pub fn profile(&self) -> Option<Profile> {
        self.device.profile
    }

    /// What we may do with it.
    pub fn access(&self) -> &'a Access {
        &self.device.access
    }

    /// Its form, once read.
    pub fn form(&self) -> Option<&'a Form> {
        self.device.shape.as_ref().map(|shape| &shape.form)
    }

    /// The title of its form. Foreign text.
    pub fn title(&self) -> Option<&'a str> {
        self.form()?.title.as_deref()
    }

    /// What was odd about its form.
    pub fn warnings(&self) -> &'a [Warning] {
        let shape = self.device.shape.as_ref();
        shape.map_or(&[], |shape: &Shape| &shape.warnings)
    }

    /// All values, each item once, in a stable order; also those that the form does not name.
    pub fn readings(&self) -> impl Iterator<Item = ReadingNow<'a>> + use<'a> {
        let now = *self;
        let points = self.device.points.shown();
        points.map(move |(item, point)| now.show(item, point))
    }

    /// The value of one item.
    pub fn reading(&self, item: &ItemId) -> Option<ReadingNow<'a>> {
        let (_, item, point) = self.device.points.find(item)?;
        Some(self.show(item, point))
    }

    /// How many messages about it were dropped because they did not come from it.
    pub fn dropped(&self) -> u32 {
        self.device.dropped
    }

    fn show(&self, item: &'a ItemId, point: &'a Point) -> ReadingNow<'a> {
        let lives = self.link_is_up && self.device.is_there();
        ReadingNow {
            item,
            point,
            hint: self.device.field(item.as_str()).and_then(suggested_kind),
            freshness: if lives {
                point.reading.freshness
            } else {
                Freshness::Stale
            },
        }
    }
}

impl<'a> ReadingNow<'a> {
    /// The item: the `var` of the field it belongs to.
    pub fn item(&self) -> &'a ItemId {
        self.item
    }

    /// What the device said. Its `freshness` does not know of the connection: use
    /// [`ReadingNow::freshness`].
    pub fn reported(&self) -> &'a Reading {
        &self.point.reading
    }

    /// The value, with the form's help where it declares no type.
    ///
    /// # Errors
    /// If the item holds no value, or its text is not of its type.
    pub fn value(&self) -> Result<Value, ReadProblem> {
        if !self.point.readable {
            return Err(ReadProblem::Unreadable);
        }
        Ok(self.point.reading.val.read(self.hint)?)
    }

    /// When it was measured.
    pub fn measured(&self) -> Timestamp {
        self.point.reading.measured()
    }

    /// Whether it is the present: reported in this session by a device that is there, over a
    /// connection that is up.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }
}
