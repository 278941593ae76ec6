//! A home: its brain, and the link that carries it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use roost_core::{Controller, Effect};
use roost_demo::DemoHome;
use roost_model::Node;
use roost_model::jid::BareJid;
use roost_xmpp_link::{Link, LinkOptions};
use roost_xmpp_proto::{
    Identity, LinkCommand, LinkEvent, LinkFailure, LinkFailureCode, LinkState, SessionConfig,
};
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

/// By which address others ask what we can do (XEP-0115).
const CAPS_NODE: &str = "https://roost.im";
/// How long a stream may take to close.
const TO_CLOSE: Duration = Duration::from_secs(2);

/// The brain of a home and its link. The link is made at the first sign-in.
pub(super) struct Home {
    pub(super) brain: Controller,
    link: Option<Link>,
    /// Waits for room in the link's queue.
    waiting: Option<LinkCommand>,
    carrier: Carrier,
}

/// What carries the stanzas.
enum Carrier {
    Network,
    Demo(Arc<DemoHome>),
}

impl Home {
    /// The home of an account.
    pub(super) fn over_the_network() -> Self {
        Self::with(Carrier::Network)
    }

    /// The demo home. It ends with this.
    pub(super) fn demo_home(demo: Arc<DemoHome>) -> Self {
        Self::with(Carrier::Demo(demo))
    }

    fn with(carrier: Carrier) -> Self {
        Self {
            brain: Controller::new(random()),
            link: None,
            waiting: None,
            carrier,
        }
    }

    /// The demo home, if this is it.
    pub(super) fn demo(&self) -> Option<&Arc<DemoHome>> {
        match &self.carrier {
            Carrier::Network => None,
            Carrier::Demo(demo) => Some(demo),
        }
    }

    /// Passes on what the brain wants done, as far as there is room.
    pub(super) fn send_effects(&mut self) {
        while let Some(command) = self.next_command() {
            if let (LinkCommand::Connect(account), None) = (&command, &self.link) {
                self.link = Some(self.carrier.link(session_config(account.jid.clone())));
            }
            let Some(link) = &self.link else {
                continue;
            };
            match link.commands.try_send(command) {
                Ok(()) => {}
                Err(TrySendError::Full(command)) => {
                    self.waiting = Some(command);
                    return;
                }
                // The end of its events says the same, and is heard next.
                Err(TrySendError::Closed(_)) => return,
            }
        }
    }

    /// What the link tells next. Nothing is lost when this is dropped early.
    pub(super) async fn next(&mut self) -> LinkEvent {
        loop {
            let Some(link) = &mut self.link else {
                return std::future::pending().await;
            };
            let heard = tokio::select! {
                event = link.events.recv() => Some(event),
                permit = link.commands.reserve(), if self.waiting.is_some() => {
                    if let (Ok(permit), Some(command)) = (permit, self.waiting.take()) {
                        permit.send(command);
                    }
                    None
                }
            };
            match heard {
                Some(Some(event)) => return event,
                Some(None) => {
                    self.link = None;
                    let cause = link_ended();
                    return LinkEvent::State(LinkState::Failed { cause });
                }
                None => self.send_effects(),
            }
        }
    }

    /// Closes the stream and waits for it, but not for long.
    pub(super) async fn close(mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        drop(link.commands);
        let ended = async { while link.events.recv().await.is_some() {} };
        // The process may end right after this; the end of the stream should be on its way.
        let _ = timeout(TO_CLOSE, ended).await;
    }

    fn next_command(&mut self) -> Option<LinkCommand> {
        self.waiting.take().or_else(|| {
            let Effect::Link(command) = self.brain.poll_effect()?;
            Some(command)
        })
    }
}

impl Carrier {
    fn link(&self, session: SessionConfig) -> Link {
        match self {
            Carrier::Network => roost_xmpp_link::spawn(session, LinkOptions::new(random())),
            Carrier::Demo(demo) => roost_xmpp_link::spawn_over(demo.transport(), session),
        }
    }
}

fn link_ended() -> LinkFailure {
    LinkFailure {
        code: LinkFailureCode::Closed,
        detail: Some("the link ended by itself".to_owned()),
    }
}

fn session_config(account: BareJid) -> SessionConfig {
    let identity = Identity {
        category: "client".to_owned(),
        kind: "pc".to_owned(),
        name: "Roost".to_owned(),
    };
    SessionConfig {
        features: Node::ALL
            .iter()
            .map(|node| format!("{}+notify", node.name()))
            .collect::<BTreeSet<_>>(),
        ..SessionConfig::new(account, identity, CAPS_NODE, random())
    }
}

/// A number that nobody can guess; where the system has no randomness, one that differs.
pub(super) fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|error| {
        tracing::error!(%error, "the system gives no random numbers");
        let clock = std::time::SystemTime::UNIX_EPOCH.elapsed();
        u64::from(clock.map_or(0, |since| since.subsec_nanos())) << 32
            | u64::from(std::process::id())
    })
}
