//! The way into the server in memory, in the shape of a link's transport.
//!
//! ```text
//!          connect            let in
//!   Off ────────────► Asking ────────► Up
//!    ▲                │  ▲              │ the server ended the stream
//!    │ disconnect     ▼  │ time is up   ▼
//!    └────────────── Waiting ◄──────────┘
//! ```
//! Streams are never resumed: what was lost is lost, and the session reads it again.

use std::collections::VecDeque;
use std::time::Duration;

use jid::FullJid;
use roost_memory_server::Connection;
use roost_xmpp_link::{Transport, TransportEvent, Wanted};
use roost_xmpp_proto::{
    Account, LinkFailure, LinkFailureCode, LinkState, SendReport, SendStage, Transmit,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;
use crate::hub::{Admission, Delivery, Entrance, Input, Turned};

/// How many stanzas may wait for the server before the session is told to slow down.
const ROOM: usize = 1_024;
/// With more than these waiting, the stream is broken: the server takes nothing any more.
const MOST_WAITING: usize = 4 * ROOM;
/// How long to wait before the first new attempt; doubled with each, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// What diagnostics say about how the stream is secured.
const SECURITY: &str = "in memory";

/// Carries the stanzas of one account to and from a [`crate::DemoHome`].
#[derive(Debug)]
pub struct DemoTransport {
    entrance: Entrance,
    account: Option<Account>,
    attempt: u32,
    phase: Phase,
    untold: VecDeque<TransportEvent>,
    outbox: VecDeque<Transmit>,
}

#[derive(Debug)]
enum Phase {
    Off,
    Waiting {
        until: Instant,
    },
    Asking {
        answer: oneshot::Receiver<Admission>,
    },
    Up {
        connection: Connection,
        inbox: mpsc::Receiver<Delivery>,
    },
}

/// What ends a wait.
enum Wake {
    TimeIsUp,
    Answered(Option<Admission>),
    Sent(Option<SendReport>),
    Received(Option<Delivery>),
}

impl DemoTransport {
    pub(crate) fn new(entrance: Entrance) -> Self {
        Self {
            entrance,
            account: None,
            attempt: 0,
            phase: Phase::Off,
            untold: VecDeque::new(),
            outbox: VecDeque::new(),
        }
    }

    /// Knocks at the server's door.
    fn ask(&mut self) {
        let Some(account) = &self.account else {
            return;
        };
        self.attempt += 1;
        let (reply, answer) = oneshot::channel();
        let knock = Input::Knock {
            jid: account.jid.clone(),
            resource: account.resource.clone(),
            reply,
        };
        self.tell(TransportEvent::State(LinkState::Connecting {
            attempt: self.attempt,
        }));
        // Where the door is closed or crowded the reply is dropped, which counts as an answer.
        let _ = self.entrance.try_send(knock);
        self.phase = Phase::Asking { answer };
    }

    fn tell(&mut self, event: TransportEvent) {
        self.untold.push_back(event);
    }

    /// The state of waiting for the next attempt.
    fn wait(&mut self, code: LinkFailureCode) -> LinkState {
        let wait = FIRST_WAIT
            .saturating_mul(1 << self.attempt.saturating_sub(1).min(8))
            .min(LONGEST_WAIT);
        self.phase = Phase::Waiting {
            until: Instant::now() + wait,
        };
        LinkState::Waiting {
            cause: LinkFailure { code, detail: None },
            retry_at: Clock::wall() + wait,
            attempt: self.attempt + 1,
        }
    }

    fn fail(&mut self, code: LinkFailureCode) -> LinkState {
        self.phase = Phase::Off;
        self.account = None;
        LinkState::Failed {
            cause: LinkFailure { code, detail: None },
        }
    }

    /// Leaves the server, if we are there.
    fn leave(&mut self) -> bool {
        self.outbox.clear();
        let phase = std::mem::replace(&mut self.phase, Phase::Off);
        if let Phase::Up { connection, .. } = phase {
            // Where the door is crowded, the server notices that nobody reads any more.
            let _ = self.entrance.try_send(Input::Leave(connection));
            return true;
        }
        false
    }

    fn answered(&mut self, admission: Option<Admission>) {
        let event = match admission {
            Some(Ok(admitted)) => {
                self.attempt = 0;
                let bound: FullJid = admitted.jid;
                self.phase = Phase::Up {
                    connection: admitted.connection,
                    inbox: admitted.inbox,
                };
                TransportEvent::Up {
                    bound,
                    resumed: false,
                    security: SECURITY.to_owned(),
                }
            }
            Some(Err(Turned::Away)) => {
                TransportEvent::State(self.fail(LinkFailureCode::AccountRefused))
            }
            Some(Err(Turned::Down)) | None => {
                TransportEvent::State(self.wait(LinkFailureCode::Unreachable))
            }
        };
        self.tell(event);
    }

    fn received(&mut self, delivery: Option<Delivery>) {
        let event = match delivery {
            Some(Delivery::Stanza(stanza)) => TransportEvent::Stanza(stanza),
            Some(Delivery::Acked(token)) => TransportEvent::Report(SendReport {
                token,
                stage: SendStage::Acked,
            }),
            Some(Delivery::Replaced) => {
                self.outbox.clear();
                let state = self.fail(LinkFailureCode::Conflict);
                TransportEvent::Down {
                    resumable: false,
                    state,
                }
            }
            None => {
                self.outbox.clear();
                let state = self.wait(LinkFailureCode::Closed);
                TransportEvent::Down {
                    resumable: false,
                    state,
                }
            }
        };
        self.tell(event);
    }

    async fn wake(&mut self, wanted: Wanted) -> Wake {
        match &mut self.phase {
            Phase::Off => std::future::pending().await,
            Phase::Waiting { until } => {
                sleep_until(*until).await;
                Wake::TimeIsUp
            }
            Phase::Asking { answer } => Wake::Answered(answer.await.ok()),
            Phase::Up { connection, inbox } => {
                tokio::select! {
                    permit = self.entrance.reserve(), if !self.outbox.is_empty() => {
                        let (Ok(permit), Some(transmit)) = (permit, self.outbox.pop_front()) else {
                            return Wake::Received(None);
                        };
                        let token = transmit.token;
                        permit.send(Input::Stanza(*connection, transmit.stanza, token));
                        Wake::Sent(token.map(|token| SendReport { token, stage: SendStage::Sent }))
                    }
                    delivery = inbox.recv(), if wanted == Wanted::Everything => {
                        Wake::Received(delivery)
                    }
                    else => std::future::pending().await,
                }
            }
        }
    }
}

impl Transport for DemoTransport {
    fn connect(&mut self, account: Account) {
        if self.leave() {
            self.tell(TransportEvent::Down {
                resumable: false,
                state: LinkState::Off,
            });
        }
        self.account = Some(account);
        self.attempt = 0;
        self.ask();
    }

    fn disconnect(&mut self) {
        self.leave();
        self.account = None;
        self.tell(TransportEvent::Down {
            resumable: false,
            state: LinkState::Off,
        });
    }

    fn retry_now(&mut self) {
        if matches!(self.phase, Phase::Waiting { .. }) {
            self.ask();
        }
    }

    /// A stream in memory is never silent.
    fn set_silence(&mut self, _silence: Duration) {}

    fn send(&mut self, transmit: Transmit) {
        if !matches!(self.phase, Phase::Up { .. }) {
            return;
        }
        self.outbox.push_back(transmit);
        if self.outbox.len() > MOST_WAITING {
            self.leave();
            let state = self.wait(LinkFailureCode::Closed);
            self.tell(TransportEvent::Down {
                resumable: false,
                state,
            });
        }
    }

    /// The server in memory holds nothing back, whoever is looking.
    fn send_client_state(&mut self, _is_active: bool) {}

    fn has_room(&self) -> bool {
        self.outbox.len() < ROOM
    }

    async fn next(&mut self, wanted: Wanted) -> TransportEvent {
        loop {
            if let Some(event) = self.untold.pop_front() {
                return event;
            }
            match self.wake(wanted).await {
                Wake::TimeIsUp => self.ask(),
                Wake::Answered(admission) => self.answered(admission),
                Wake::Sent(report) => self.untold.extend(report.map(TransportEvent::Report)),
                Wake::Received(delivery) => self.received(delivery),
            }
        }
    }

    async fn close(mut self) {
        self.leave();
    }
}

impl Drop for DemoTransport {
    fn drop(&mut self) {
        self.leave();
    }
}
