//! What the controller says: `out` and `see`.

use std::fmt::Write;

use roost_core::{Access, Change};
use roost_model::{Availability, DeviceId, Freshness, ItemId, Profile, Show};
use roost_xmpp_proto::{LinkCommand, Payload, Request};

use super::Stage;
use super::cast::{short, word};

impl Stage {
    pub(super) fn effect(&mut self, command: LinkCommand) -> String {
        let (id, request) = match command {
            LinkCommand::Connect(account) => return format!("connect {}", short(&account.jid)),
            LinkCommand::Disconnect => return "disconnect".into(),
            LinkCommand::SetSilence(silence) => return format!("silence {silence:?}"),
            LinkCommand::RetryNow => return "retry".into(),
            LinkCommand::Request(id, request) => (id, *request),
        };
        let said = match request {
            Request::Subscribe { service, node } => {
                format!("subscribe {} {}", short(&service), word(node))
            }
            Request::Unsubscribe { service, node } => {
                format!("unsubscribe {} {}", short(&service), word(node))
            }
            Request::Fetch { service, node } => format!("fetch {} {}", short(&service), word(node)),
            Request::Publish {
                service,
                node,
                item,
                payload: Payload::Value(val),
            } => {
                if item.requested_item().is_some() {
                    self.token = item.as_str().rsplit_once(':').unwrap().1.to_owned();
                }
                let stamp = if val.stamp().is_some() {
                    " stamped"
                } else {
                    ""
                };
                format!(
                    "publish {} {} {item}={}{stamp}",
                    short(&service),
                    word(node),
                    val.text()
                )
            }
            Request::Retract {
                service,
                node,
                item,
            } => {
                format!("retract {} {} {item}", short(&service), word(node))
            }
            Request::SetContact { jid, name, groups } => {
                format!("contact {} {name:?} {groups:?}", short(&jid))
            }
            Request::RemoveContact { jid } => format!("remove {}", short(&jid)),
            Request::SetActive(true) => "active".into(),
            Request::SetActive(false) => "inactive".into(),
            Request::Subscription { to, step } => format!("{step:?} {}", short(&to)),
            other => panic!("unexpected {other:?}"),
        };
        self.pending.push((id, said.clone()));
        if self.token.is_empty() {
            said
        } else {
            said.replace(&self.token, "T")
        }
    }

    pub(super) fn change(&mut self, change: Change) -> Option<String> {
        Some(match change {
            Change::Link => match self.home.link().is_up() {
                true => "link up".into(),
                false => "link down".into(),
            },
            Change::Device(id) => self.describe(&id),
            Change::DeviceGone(id) => format!("{} gone", short(id.jid())),
            Change::Readings { device, items } => {
                let mut said = short(device.jid());
                for item in items {
                    write!(said, " {}", self.reading(&device, &item)).unwrap();
                }
                said
            }
            Change::Intent(id) => {
                let intent = self.home.intent(id).unwrap();
                let mut said = format!("{}={} ", intent.item(), intent.wanted());
                write!(said, "{:?}", intent.stage()).unwrap();
                if let Some(failure) = intent.failure() {
                    write!(said, " {:?}", failure.code).unwrap();
                }
                said
            }
            Change::RosterRefused(it) => {
                let device = short(it.device.jid());
                format!("{device} refused {:?} {:?}", it.wish, it.failure.code)
            }
            Change::IntentForgotten(_) => "forgotten".into(),
            Change::Counters => {
                let dropped = &self.home.counters().dropped;
                let total = dropped.values().map(|dropped| dropped.count).sum();
                if std::mem::replace(&mut self.dropped, total) == total {
                    return None;
                }
                let reasons: Vec<_> = dropped.keys().map(|reason| reason.name()).collect();
                format!("dropped {total}: {}", reasons.join(" "))
            }
        })
    }

    /// A device in full: name, availability, profile, access, readings.
    fn describe(&self, id: &DeviceId) -> String {
        let device = self.home.device(id).unwrap();
        let mut said = device.name().to_owned();
        said += match device.availability() {
            Availability::Unknown => " unknown",
            Availability::Online { show: Show::Xa } => " asleep",
            Availability::Online { .. } => " online",
            Availability::Offline { .. } => " offline",
        };
        said += match device.profile() {
            None => "",
            Some(Profile::Roost) => " roost",
            Some(Profile::Thesis) => " thesis",
        };
        said += match device.access() {
            Access::Asking => " asking",
            Access::WaitingForApproval => " waiting",
            Access::Denied { .. } => " denied",
            Access::Granted => " granted",
            Access::NotADevice => " not-a-device",
        };
        for reading in device.readings() {
            write!(said, " {}", self.reading(id, reading.item())).unwrap();
        }
        said
    }

    fn reading(&self, device: &DeviceId, item: &ItemId) -> String {
        let Some(reading) = self
            .home
            .device(device)
            .and_then(|device| device.reading(item))
        else {
            return format!("{item}-");
        };
        let freshness = match reading.freshness() {
            Freshness::Live => "",
            Freshness::Stale => "(old)",
        };
        match reading.value() {
            Ok(value) => format!("{item}={value}{freshness}"),
            Err(problem) => format!("{item}!{problem}{freshness}"),
        }
    }
}
