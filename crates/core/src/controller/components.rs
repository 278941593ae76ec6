//! Devices whose nodes are not at their own account but at the component `pubsub.<domain>`, as the
//! first devices of the thesis had them.
//!
//! The names of nodes are flat there, so that one component has room for one device, and nothing
//! at it says whose it is. So it is asked only for a device that a person put on the list and that
//! has no nodes of its own and does not speak the Roost profile, and taken only if it holds a form and no other device has it. Once per
//! stream; a component that has none is not asked again.
//!
//! Its events are no proof: ejabberd sends in the name of the component what was last published at
//! any account that we see. They are a reason to read the nodes again, and the answer to that
//! comes from whom we asked.

use std::time::Duration;

use jid::BareJid;
use roost_model::{DeviceId, Failure, ItemId, Node, Now, Profile};
use roost_xmpp_proto::{Answer, Payload, Request};

use super::{Controller, Purpose};
use crate::device::Access;

/// How long events of a component are collected before its nodes are read again.
const TIME_TO_COLLECT: Duration = Duration::from_secs(1);

impl Controller {
    /// Looks for the nodes of a device that has none of its own. Whether it is worth waiting for.
    pub(super) fn look_for_component(&mut self, id: &DeviceId) -> bool {
        let Ok(component) = BareJid::new(&format!("pubsub.{}", id.jid().domain())) else {
            return false;
        };
        if self.device_at(&component).is_some() {
            return false;
        }
        let Some(device) = self.devices.get_mut(id) else {
            return false;
        };
        let has_its_own = device.profile == Some(Profile::Roost);
        if has_its_own || device.component.is_some() || !device.may_be_looked_for() {
            return false;
        }
        let fetch = Request::Fetch {
            service: component.clone(),
            node: Node::Ui,
        };
        let device = id.clone();
        self.ask_for(Purpose::Component { device, component }, fetch);
        true
    }

    /// The component answered, or nobody did.
    pub(super) fn component_answered(
        &mut self,
        id: &DeviceId,
        component: BareJid,
        result: Result<Answer, Failure>,
        now: Now,
    ) {
        let has_form = match result {
            Ok(Answer::Items(items)) => items
                .iter()
                .any(|it| it.item == ItemId::current() && matches!(it.payload, Payload::Form(..))),
            _ => false,
        };
        let is_free = self.device_at(&component).is_none();
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if has_form && is_free {
            device.component = Some(component);
            return self.want_round(id, Duration::ZERO, now);
        }
        if device.shape.is_none() && device.access != Access::Granted {
            device.access = Access::NotADevice;
            self.changes.device(device);
        }
    }

    /// The device whose nodes are at this component.
    pub(super) fn device_at(&self, component: &BareJid) -> Option<DeviceId> {
        // A service with a user part is the device itself, and that is nearly all of them.
        if component.node().is_some() {
            return None;
        }
        let mut devices = self.devices.values();
        let device = devices.find(|device| device.component.as_ref() == Some(component))?;
        Some(device.id.clone())
    }

    /// Something happened at a component. Whether it was one, so that there is no more to do.
    pub(super) fn component_spoke(&mut self, service: &BareJid, now: Now) -> bool {
        let Some(id) = self.device_at(service) else {
            return false;
        };
        self.read_again(&id, TIME_TO_COLLECT, now);
        true
    }
}
