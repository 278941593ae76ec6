//! Subscribing to devices and reading them, a few at a time.

use std::time::Duration;

use roost_model::{DeviceId, Failure, Node, Now};
use roost_xmpp_proto::{Answer, Request};

use super::{Controller, Purpose};
use crate::device::{Access, Standing};
use crate::sync::{Finding, Kind};
use crate::timers::Timer;

/// Devices that are read at the same time. Enough to keep the stream busy, and few enough that
/// a home of a thousand devices does not fill the session's queue.
const MAX_ROUNDS: usize = 24;

impl Controller {
    /// A device is to be subscribed to and read after a while, as soon as it is its turn.
    pub(super) fn want_round(&mut self, id: &DeviceId, delay: Duration, now: Now) {
        let at = now.instant + delay;
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if device.sync.want(at) {
            self.timers.set(at, Timer::Sync(id.clone()));
        }
        if delay.is_zero() {
            self.sync_due(id, now);
        }
    }

    pub(super) fn want_all_rounds(&mut self, now: Now) {
        let known = self.devices.values().filter(|device| device.is_known());
        let ids: Vec<DeviceId> = known.map(|device| device.id.clone()).collect();
        for id in &ids {
            self.want_round(id, Duration::ZERO, now);
        }
    }

    /// Devices that are subscribed to are read, the others both.
    pub(super) fn want_all_read_again(&mut self, now: Now) {
        let known = self.devices.values().filter(|device| device.is_known());
        let ids: Vec<DeviceId> = known.map(|device| device.id.clone()).collect();
        for id in &ids {
            self.read_again(id, Duration::ZERO, now);
        }
    }

    /// A device is to be read again after a while, and subscribed to if it has to be.
    pub(super) fn read_again(&mut self, id: &DeviceId, delay: Duration, now: Now) {
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if let Some(at) = device.sync.want_read_again(now.instant + delay) {
            self.timers.set(at, Timer::Sync(id.clone()));
        }
        if delay.is_zero() {
            self.sync_due(id, now);
        }
    }

    pub(super) fn sync_due(&mut self, id: &DeviceId, now: Now) {
        if let Some(device) = self.devices.get_mut(id)
            && device.sync.is_due(now.instant)
        {
            self.queue.push_back(id.clone());
            self.begin_rounds();
        }
    }

    /// Begins as many rounds as may run.
    pub(super) fn begin_rounds(&mut self) {
        while self.link.is_up() && self.rounds < MAX_ROUNDS {
            let Some(id) = self.queue.pop_front() else {
                return;
            };
            self.begin_round(id);
        }
    }

    fn begin_round(&mut self, id: DeviceId) {
        let device = self.devices.get_mut(&id);
        let Some(device) = device.filter(|device| device.sync.is_queued()) else {
            return;
        };
        let (kind, nodes) = match device.standing {
            Standing::Known => (device.sync.next_kind(), &Node::ALL[..]),
            Standing::Candidate => (Kind::Probe, &[Node::Ui][..]),
        };
        let service = device.service().clone();
        self.last_round = self.last_round.wrapping_add(1);
        let round = self.last_round;
        device.sync.begin(round, kind, nodes.len());
        self.rounds += 1;
        for &node in nodes {
            let service = service.clone();
            let device = id.clone();
            if kind == Kind::Full {
                let purpose = Purpose::Subscribe {
                    device: device.clone(),
                    round,
                };
                self.ask_for(
                    purpose,
                    Request::Subscribe {
                        service: service.clone(),
                        node,
                    },
                );
            }
            let purpose = Purpose::Fetch {
                device,
                node,
                round,
            };
            self.ask_for(purpose, Request::Fetch { service, node });
        }
    }

    pub(super) fn subscribe_answered(
        &mut self,
        id: &DeviceId,
        round: u32,
        result: Result<Answer, Failure>,
        now: Now,
    ) {
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if device.sync.subscribed(round, result.err()) {
            self.end_round(id, now);
        }
    }

    pub(super) fn fetch_answered(
        &mut self,
        id: &DeviceId,
        node: Node,
        round: u32,
        result: Result<Answer, Failure>,
        now: Now,
    ) {
        let failure = match result {
            Ok(Answer::Items(items)) => {
                self.node_read(id, node, items, now);
                None
            }
            Ok(_) => None,
            Err(failure) => Some(failure),
        };
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if device.sync.read(round, failure) {
            self.end_round(id, now);
        }
    }

    fn end_round(&mut self, id: &DeviceId, now: Now) {
        self.rounds = self.rounds.saturating_sub(1);
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        let finding = device.sync.conclude();
        let waits = device.is_asked && !device.we_see_it;
        let access = match &finding {
            Finding::Probed | Finding::Unknown => None,
            Finding::Granted => Some(Access::Granted),
            Finding::Denied { .. } | Finding::Nothing if waits => Some(Access::WaitingForApproval),
            Finding::Denied { detail } => Some(Access::Denied {
                detail: detail.clone(),
            }),
            // A device that restarts deletes its nodes and makes them anew.
            Finding::Nothing if device.shape.is_some() => None,
            Finding::Nothing => Some(Access::NotADevice),
        };
        let access = if finding == Finding::Nothing && self.look_for_component(id) {
            None
        } else {
            access
        };
        let Some(device) = self.devices.get_mut(id) else {
            return;
        };
        if let Some(access) = access.filter(|access| *access != device.access) {
            device.access = access;
            self.changes.device(device);
        }
        if !device.sync.is_done() && finding != Finding::Probed {
            let delay = device.sync.retry_delay();
            self.want_round(id, delay, now);
        }
        if finding == Finding::Granted {
            self.expect_profile(id, now);
            self.send_held_intents(id, now);
        }
        self.sync_due(id, now);
        self.begin_rounds();
    }
}
