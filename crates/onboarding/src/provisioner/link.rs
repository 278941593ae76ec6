//! The connection: made, used for one request at a time, and lost.

use std::collections::BTreeSet;
use std::time::Duration;

use roost_model::Instant;
use uuid::Uuid;

use super::{MAX_LINKS, OnLink, Provisioner, Stage};
use crate::gatt::{SETUP_DONE, THESIS_CHARACTERISTICS};
use crate::{GattError, OnboardingFault, Payload, PeerId, RadioCommand, RadioEvent, RequestId};

/// How long a driver may take to connect and to resolve services.
const CONNECT: Duration = Duration::from_secs(35);
/// How long a request may take: 512 bytes at MTU 23 are 30 round trips.
const REQUEST: Duration = Duration::from_secs(15);
/// How long to wait for a lost connection to be reported after a write failed: some systems say the
/// same for both.
const SETTLE: Duration = Duration::from_secs(2);
/// Most characteristics of a device that are looked at.
const MAX_CHARACTERISTICS: usize = 256;

#[derive(Debug)]
pub(super) enum Link {
    None,
    Connecting {
        request: RequestId,
        peer: PeerId,
        strong: bool,
        retried: bool,
        deadline: Instant,
    },
    Up {
        connection: RequestId,
        peer: PeerId,
        strong: bool,
        has: BTreeSet<Uuid>,
        asked: Option<Asked>,
    },
}

/// The request under way.
#[derive(Debug)]
pub(super) struct Asked {
    request: RequestId,
    characteristic: Uuid,
    kind: Kind,
    deadline: Instant,
    /// It failed in a way that may mean a lost connection.
    failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
    Subscribe,
}

impl Link {
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::Connecting { deadline, .. } => Some(*deadline),
            Self::Up { asked, .. } => asked.as_ref().map(|asked| asked.deadline),
        }
    }

    pub(super) fn peer(&self) -> Option<&PeerId> {
        match self {
            Self::None => None,
            Self::Connecting { peer, .. } | Self::Up { peer, .. } => Some(peer),
        }
    }

    pub(super) fn has(&self, characteristic: Uuid) -> bool {
        matches!(self, Self::Up { has, .. } if has.contains(&characteristic))
    }

    /// Whether the device was recognised by more than its kind or name.
    pub(super) fn is_strong(&self) -> bool {
        matches!(
            self,
            Self::Up { strong: true, .. } | Self::Connecting { strong: true, .. }
        )
    }

    /// Connected, and nothing under way.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self, Self::Up { asked: None, .. })
    }

    fn asked(&self) -> Option<&Asked> {
        match self {
            Self::Up { asked, .. } => asked.as_ref(),
            _ => None,
        }
    }
}

impl Provisioner {
    pub(super) fn connect(&mut self, peer: PeerId, strong: bool, now: Instant) {
        self.candidates.weak_at = None;
        self.commands.push_back(RadioCommand::StopScan);
        self.make_link(peer, strong, false, now);
    }

    fn make_link(&mut self, peer: PeerId, strong: bool, retried: bool, now: Instant) {
        let request = self.request();
        self.seen = OnLink::default();
        self.commands.push_back(RadioCommand::Connect {
            request,
            peer: peer.clone(),
        });
        self.link = Link::Connecting {
            request,
            peer,
            strong,
            retried,
            deadline: now + CONNECT,
        };
        if self.delivered.is_none() {
            // A retry has its own time.
            if retried {
                self.deadline = Some(now + CONNECT);
            }
            self.enter(Stage::Connecting, now);
        }
    }

    /// Ends the connection, if there is one.
    pub(super) fn hang_up(&mut self) {
        if !self.link.is_none() {
            self.link = Link::None;
            self.commands.push_back(RadioCommand::Disconnect);
        }
        self.seen.poll_at = None;
    }

    pub(super) fn ask_read(&mut self, characteristic: Uuid, now: Instant) {
        let request = self.request();
        self.commands.push_back(RadioCommand::Read {
            request,
            characteristic,
        });
        self.ask(request, characteristic, Kind::Read, now);
    }

    pub(super) fn ask_write(&mut self, characteristic: Uuid, value: Payload, now: Instant) {
        let request = self.request();
        self.commands.push_back(RadioCommand::Write {
            request,
            characteristic,
            value,
        });
        self.ask(request, characteristic, Kind::Write, now);
    }

    pub(super) fn ask_subscribe(&mut self, characteristic: Uuid, now: Instant) {
        let request = self.request();
        self.commands.push_back(RadioCommand::Subscribe {
            request,
            characteristic,
        });
        self.ask(request, characteristic, Kind::Subscribe, now);
    }

    fn ask(&mut self, request: RequestId, characteristic: Uuid, kind: Kind, now: Instant) {
        if let Link::Up { asked, .. } = &mut self.link {
            let deadline = now + REQUEST;
            *asked = Some(Asked {
                request,
                characteristic,
                kind,
                deadline,
                failed: false,
            });
        }
    }

    /// Whether a setting is being written.
    pub(super) fn writes(&self) -> bool {
        self.link.asked().is_some_and(|asked| {
            asked.kind == Kind::Write && THESIS_CHARACTERISTICS.contains(&asked.characteristic)
        })
    }

    fn writes_done(&self) -> bool {
        self.writes()
            && self
                .link
                .asked()
                .is_some_and(|asked| asked.characteristic == SETUP_DONE)
    }

    /// Takes the request that this answers; `None` for an answer to anything else.
    fn answered(&mut self, request: RequestId, characteristic: Uuid, kind: Kind) -> Option<()> {
        let Link::Up { asked, .. } = &mut self.link else {
            return None;
        };
        let fits = asked.as_ref().is_some_and(|asked| {
            asked.request == request
                && asked.characteristic == characteristic
                && asked.kind == kind
                && !asked.failed
        });
        fits.then(|| *asked = None)
    }

    pub(super) fn on_link(&mut self, event: RadioEvent, now: Instant) {
        match event {
            RadioEvent::Connected {
                request,
                characteristics,
                ..
            } => {
                self.connected(request, characteristics, now);
            }
            RadioEvent::ConnectFailed { request, .. } => {
                if matches!(&self.link, Link::Connecting { request: mine, .. } if *mine == request)
                {
                    self.not_connected(now);
                }
            }
            RadioEvent::ReadDone {
                request,
                characteristic,
                result,
            } => {
                if self.answered(request, characteristic, Kind::Read).is_some() {
                    match result {
                        Err(GattError::NotConnected | GattError::Timeout) => self.lost(now),
                        result => self.read_done(characteristic, result.ok(), now),
                    }
                }
            }
            RadioEvent::Written {
                request,
                characteristic,
                result,
            } => {
                self.write_done(request, characteristic, result, now);
            }
            RadioEvent::Subscribed {
                request,
                characteristic,
                ..
            } => {
                // Without notifications the value is read now and then.
                if self
                    .answered(request, characteristic, Kind::Subscribe)
                    .is_some()
                {
                    self.seen.subscribed.insert(characteristic);
                }
            }
            RadioEvent::Notified {
                connection,
                characteristic,
                ..
            } => {
                if matches!(&self.link, Link::Up { connection: mine, .. } if *mine == connection) {
                    self.notified(characteristic);
                }
            }
            RadioEvent::Disconnected { connection, .. } => match &self.link {
                Link::Up {
                    connection: mine, ..
                } if *mine == connection => {
                    self.link_gone(now);
                }
                Link::Connecting { request, .. } if *request == connection => {
                    self.not_connected(now)
                }
                _ => {}
            },
            RadioEvent::Adapter(_) | RadioEvent::Seen(_) => {}
        }
    }

    fn connected(&mut self, request: RequestId, characteristics: Vec<Uuid>, now: Instant) {
        let Link::Connecting {
            request: mine,
            peer,
            strong,
            ..
        } = &self.link
        else {
            return;
        };
        if *mine != request {
            return;
        }
        self.links += 1;
        self.link = Link::Up {
            connection: request,
            peer: peer.clone(),
            strong: *strong,
            has: characteristics
                .into_iter()
                .take(MAX_CHARACTERISTICS)
                .collect(),
            asked: None,
        };
        self.look_around(now);
    }

    /// One retry in silence: the first connect to many chips fails, the second works.
    fn not_connected(&mut self, now: Instant) {
        let Link::Connecting {
            peer,
            strong,
            retried,
            ..
        } = &self.link
        else {
            return;
        };
        let (peer, strong, retried) = (peer.clone(), *strong, *retried);
        self.link = Link::None;
        if !retried {
            self.report.note(now, "no connection, once more");
            self.make_link(peer, strong, true, now);
        } else if self.delivered.is_some() {
            self.await_first_words(now);
        } else {
            self.fail(OnboardingFault::CannotConnect, now);
        }
    }

    /// The time of a connect or a request is over.
    pub(super) fn link_overdue(&mut self, now: Instant) {
        match &self.link {
            Link::None => {}
            Link::Connecting { .. } => {
                self.commands.push_back(RadioCommand::Disconnect);
                self.not_connected(now);
            }
            Link::Up {
                asked: Some(asked), ..
            } if asked.failed => {
                self.fail(OnboardingFault::WriteFailed, now);
            }
            Link::Up { .. } => self.lost(now),
        }
    }

    fn write_done(
        &mut self,
        request: RequestId,
        characteristic: Uuid,
        result: Result<(), GattError>,
        now: Instant,
    ) {
        let silent_end = self.writes_done() && !self.is_sealed();
        if self
            .answered(request, characteristic, Kind::Write)
            .is_none()
        {
            return;
        }
        match result {
            Ok(()) => self.written(characteristic, now),
            // It restarts inside this write: whatever comes back, it has its settings.
            Err(_) if silent_end => self.written(characteristic, now),
            Err(GattError::NotConnected) => self.lost_in(characteristic, now),
            Err(GattError::Att(0x0e) | GattError::Other(_) | GattError::Timeout) => {
                // Some systems say the same when the connection is lost: wait for that word.
                self.ask(request, characteristic, Kind::Write, now);
                if let Link::Up {
                    asked: Some(asked), ..
                } = &mut self.link
                {
                    asked.failed = true;
                    asked.deadline = now + SETTLE;
                }
            }
            Err(error) => self.write_refused(characteristic, &error, now),
        }
    }

    fn lost_in(&mut self, characteristic: Uuid, now: Instant) {
        if characteristic == SETUP_DONE {
            // It may or may not have arrived: the status will tell.
            self.delivered.get_or_insert(now);
        }
        self.lost(now);
    }

    /// The connection ended by itself.
    fn link_gone(&mut self, now: Instant) {
        if self.writes_done() {
            self.delivered.get_or_insert(now);
        }
        self.link = Link::None;
        self.after_loss(now);
    }

    /// The connection is of no use any more.
    fn lost(&mut self, now: Instant) {
        if self.writes_done() {
            self.delivered.get_or_insert(now);
        }
        self.hang_up();
        self.after_loss(now);
    }

    fn after_loss(&mut self, now: Instant) {
        let (sealed, begun) = (self.is_sealed(), !self.seen.staged.is_empty());
        let at_done = matches!(self.stage, Stage::AwaitingFirstWords);
        let confirmed = self.confirmed.is_some();
        self.seen = OnLink::default();
        self.report.note(now, "connection lost");
        if at_done {
        } else if self.delivered.is_some() && !sealed {
            self.await_first_words(now);
        } else if let Stage::Correcting(_) = self.stage {
            // The person is still typing; the device is looked for when they are done.
        } else if self.links >= MAX_LINKS && self.delivered.is_none() {
            self.fail(OnboardingFault::LinkLost, now);
        } else if !sealed && begun && confirmed {
            // A thesis device keeps half of what it was given; nobody knows which half.
            self.fail(OnboardingFault::LinkLost, now);
        } else {
            self.rescan(now);
        }
    }
}
