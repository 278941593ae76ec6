//! A contact on the roster that is, or may be, a device.

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;
use roost_forms::{Field, Form, Warning};
use roost_model::{Availability, DeviceId, IntentId, ItemId, Profile, Value};

use crate::points::Points;
use crate::resources::Resources;
use crate::silence::Silence;
use crate::sync::Sync;
use crate::wish::suggested_kind;

/// What we may do with a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Being found out.
    #[default]
    Asking,
    /// It has not approved us yet.
    WaitingForApproval,
    /// It does not let us read.
    Denied {
        /// The server's words. Foreign text.
        detail: Option<String>,
    },
    /// We read its values.
    Granted,
    /// It has none of the nodes of a device.
    NotADevice,
}

/// All that is known of a contact.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) name: Option<String>,
    pub(crate) groups: BTreeSet<String>,
    /// Name and groups as last written to the roster, until it says what they are.
    pub(crate) written: Option<(Option<String>, BTreeSet<String>)>,
    pub(crate) standing: Standing,
    pub(crate) is_on_roster: bool,
    /// Whether it was added, and the roster has not said so yet.
    pub(crate) is_invited: bool,
    /// Whether its presence comes to us, so that silence means that it is away.
    pub(crate) we_see_it: bool,
    /// Whether we asked for its presence and wait for approval.
    pub(crate) is_asked: bool,
    /// Whether it asked for our presence before we knew that it is a device.
    pub(crate) asks_us: bool,
    pub(crate) access: Access,
    pub(crate) resources: Resources,
    pub(crate) profile: Option<Profile>,
    pub(crate) shape: Option<Shape>,
    pub(crate) points: Points,
    /// Intents under way, one per item at most.
    pub(crate) wishes: BTreeMap<ItemId, IntentId>,
    /// Requests of wishes that are over, which the device may yet act on, by the item they are
    /// about.
    pub(crate) leftovers: BTreeMap<ItemId, ItemId>,
    pub(crate) sync: Sync,
    pub(crate) silence: Silence,
    /// The component that hosts its nodes instead of its own account.
    pub(crate) component: Option<BareJid>,
    /// Whether such a component was looked for on this stream.
    is_looked_for: bool,
    /// Messages about it that were not from it.
    pub(crate) dropped: u32,
}

/// Whether a contact is known to be a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A contact that may be a person; never shown.
    Candidate,
    /// Has or had a form, announces our feature, or was added as a device.
    Known,
}

/// The form of a device, with a way to its fields by name.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) form: Form,
    pub(crate) warnings: Vec<Warning>,
    by_var: BTreeMap<String, usize>,
}

impl Device {
    pub(crate) fn new(id: DeviceId, standing: Standing) -> Self {
        Self {
            id,
            name: None,
            groups: BTreeSet::new(),
            written: None,
            standing,
            is_on_roster: false,
            is_invited: false,
            we_see_it: false,
            is_asked: false,
            asks_us: false,
            access: Access::Asking,
            resources: Resources::default(),
            profile: None,
            shape: None,
            points: Points::default(),
            wishes: BTreeMap::new(),
            leftovers: BTreeMap::new(),
            sync: Sync::default(),
            silence: Silence::default(),
            component: None,
            is_looked_for: false,
            dropped: 0,
        }
    }

    /// Who hosts its nodes.
    pub(crate) fn service(&self) -> &BareJid {
        self.component.as_ref().unwrap_or(self.id.jid())
    }

    /// Whether its component may be looked for; once on every stream.
    pub(crate) fn may_be_looked_for(&mut self) -> bool {
        self.is_known() && !std::mem::replace(&mut self.is_looked_for, true)
    }

    /// A new stream: it may have nodes of its own now, or at a component.
    pub(crate) fn look_again(&mut self) {
        self.component = None;
        self.is_looked_for = false;
    }

    pub(crate) fn is_known(&self) -> bool {
        self.standing == Standing::Known
    }

    /// Whether its presence comes to us from now on.
    pub(crate) fn set_seen(&mut self, we_see_it: bool) {
        self.we_see_it = we_see_it;
        if we_see_it && self.access == Access::WaitingForApproval {
            self.access = Access::Asking;
        }
    }

    /// Whether what it said may count as the present. Where its presence does not come to us, it
    /// is believed to be there as long as it has not said otherwise.
    pub(crate) fn is_there(&self) -> bool {
        match self.resources.availability() {
            Availability::Online { .. } => true,
            Availability::Offline { .. } => false,
            Availability::Unknown => !self.we_see_it,
        }
    }

    pub(crate) fn is_away(&self) -> bool {
        matches!(self.resources.availability(), Availability::Offline { .. })
    }

    /// What it last said of an item, if that can be read.
    pub(crate) fn value(&self, item: &ItemId) -> Option<Value> {
        let (_, _, point) = self.points.find(item)?;
        let hint = self.field(item.as_str()).and_then(suggested_kind);
        point.reading.val.read(hint).ok().filter(|_| point.readable)
    }

    pub(crate) fn field(&self, var: &str) -> Option<&Field> {
        self.shape.as_ref()?.field(var)
    }
}

impl Shape {
    pub(crate) fn new(form: Form, warnings: Vec<Warning>) -> Self {
        let vars = form.fields.iter().enumerate();
        let by_var = vars
            .filter_map(|(index, field)| Some((field.var.clone()?, index)))
            .collect();
        Self {
            form,
            warnings,
            by_var,
        }
    }

    pub(crate) fn field(&self, var: &str) -> Option<&Field> {
        self.form.fields.get(*self.by_var.get(var)?)
    }
}
