//! The loop between a session and its transport.
//!
//! Everything that arrives is handed to the session at once; what the session then wants to send
//! or tell is taken out before the loop waits again, so nothing lies around. Events that nobody
//! takes are kept here: above [`BEHIND`] of them stanzas are no longer read (the sender then feels
//! it by TCP's flow control) and commands are no longer taken, while timers, acknowledgements and
//! pings go on. When too much waits to be sent, requests are refused at once, so that other
//! commands still get through.

use std::collections::VecDeque;

use roost_model::{Failure, FailureCode, Now};
use roost_xmpp_proto::{
    LinkCommand, LinkEvent, LinkState, Request, RequestId, Session, SessionConfig, SessionEvent,
};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::clock::Clock;
use crate::transport::{Transport, TransportEvent, Wanted};

/// How many events may be kept here, beyond those in the channel, before reading stops.
const BEHIND: usize = 256;
/// How many waiting commands are taken at once, so that their stanzas share one write.
const COMMANDS_AT_ONCE: usize = 32;

pub(crate) struct Driver<T> {
    transport: T,
    config: SessionConfig,
    session: Session,
    clock: Clock,
    commands: mpsc::Receiver<LinkCommand>,
    events: mpsc::Sender<LinkEvent>,
    untold: VecDeque<LinkEvent>,
}

/// What ends a wait of the loop.
enum Wake {
    Transport(TransportEvent),
    Command(LinkCommand),
    Timer,
    Told,
    Ended,
}

impl<T: Transport> Driver<T> {
    pub(crate) fn new(
        transport: T,
        config: SessionConfig,
        commands: mpsc::Receiver<LinkCommand>,
        events: mpsc::Sender<LinkEvent>,
    ) -> Self {
        Self {
            transport,
            session: Session::new(config.clone()),
            config,
            clock: Clock::new(),
            commands,
            events,
            untold: VecDeque::new(),
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            self.settle();
            let wake = self.wait().await;
            let now = self.clock.now();
            match wake {
                Wake::Transport(event) => self.handle_transport(event, now),
                Wake::Command(command) => {
                    self.handle_command(command, now);
                    for _ in 1..COMMANDS_AT_ONCE {
                        let Ok(command) = self.commands.try_recv() else {
                            break;
                        };
                        self.handle_command(command, now);
                    }
                }
                Wake::Timer => self.session.handle_timeout(now),
                Wake::Told => {}
                Wake::Ended => break,
            }
        }
        self.transport.close().await;
    }

    /// Takes everything out of the session that it has to say.
    fn settle(&mut self) {
        if let Some(is_active) = self.session.poll_client_state() {
            self.transport.send_client_state(is_active);
        }
        while let Some(transmit) = self.session.poll_transmit() {
            self.transport.send(transmit);
        }
        while let Some(event) = self.session.poll_event() {
            self.tell(LinkEvent::Session(Box::new(event)));
        }
    }

    async fn wait(&mut self) -> Wake {
        let behind = self.untold.len() >= BEHIND;
        let wanted = if behind {
            Wanted::NoStanzas
        } else {
            Wanted::Everything
        };
        let deadline = self.session.poll_timeout();
        let moment = self.clock.moment(deadline.unwrap_or_default());
        tokio::select! {
            event = self.transport.next(wanted) => Wake::Transport(event),
            command = self.commands.recv(), if !behind => match command {
                Some(command) => Wake::Command(command),
                None => Wake::Ended,
            },
            () = sleep_until(moment), if deadline.is_some() => Wake::Timer,
            permit = self.events.reserve(), if !self.untold.is_empty() => match permit {
                Ok(permit) => {
                    if let Some(event) = self.untold.pop_front() {
                        permit.send(event);
                    }
                    Wake::Told
                }
                Err(_) => Wake::Ended,
            },
            () = self.events.closed() => Wake::Ended,
        }
    }

    fn handle_transport(&mut self, event: TransportEvent, now: Now) {
        match event {
            TransportEvent::Up {
                bound,
                resumed,
                security,
            } => {
                self.tell(LinkEvent::State(LinkState::Online {
                    bound: bound.clone(),
                    security,
                }));
                self.session.stream_up(bound, resumed, now);
            }
            TransportEvent::Down { resumable, state } => {
                self.tell(LinkEvent::State(state));
                if resumable {
                    self.session.stream_suspended(now);
                } else {
                    self.session.stream_lost(now);
                }
            }
            TransportEvent::State(state) => self.tell(LinkEvent::State(state)),
            TransportEvent::Stanza(stanza) => self.session.handle_stanza(stanza, now),
            TransportEvent::Report(report) => self.session.handle_report(report, now),
        }
    }

    fn handle_command(&mut self, command: LinkCommand, now: Now) {
        match command {
            LinkCommand::Connect(account) => {
                if account.jid != self.config.account {
                    self.session.stream_lost(now);
                    self.settle();
                    self.config.account = account.jid.clone();
                    self.session = Session::new(self.config.clone());
                }
                self.transport.connect(*account);
            }
            LinkCommand::Disconnect => self.transport.disconnect(),
            LinkCommand::SetSilence(silence) => self.transport.set_silence(silence),
            LinkCommand::RetryNow => self.transport.retry_now(),
            LinkCommand::Request(id, request) => self.request(id, *request, now),
        }
    }

    fn request(&mut self, id: RequestId, request: Request, now: Now) {
        let takes_no_room = matches!(request, Request::SetActive(_));
        if takes_no_room || self.transport.has_room() {
            self.session.request(id, request, now);
            // At once, so that the next request sees what room this one left.
            self.settle();
        } else if has_answer(&request) {
            let full = Failure::with_detail(
                FailureCode::ConnectionLost,
                "too much is waiting to be sent",
            );
            self.tell(LinkEvent::Session(Box::new(SessionEvent::Answer {
                request: id,
                result: Err(full),
            })));
        }
    }

    /// Tells at once if there is room and nothing waits before it.
    fn tell(&mut self, event: LinkEvent) {
        if !self.untold.is_empty() {
            self.untold.push_back(event);
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(event)) = self.events.try_send(event) {
            self.untold.push_back(event);
        }
    }
}

fn has_answer(request: &Request) -> bool {
    !matches!(
        request,
        Request::Subscription { .. }
            | Request::SendText { .. }
            | Request::SetPresence { .. }
            | Request::SetActive(_)
    )
}
