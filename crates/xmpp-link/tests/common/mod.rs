//! An account at the end of a link, for tests.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod fake;
pub(crate) mod proxy;

use std::time::Duration;

use jid::BareJid;
use roost_model::Secret;
use roost_testkit::RealServer;
use roost_xmpp_link::{Link, LinkOptions, spawn};
use roost_xmpp_proto::{
    Account, Answer, Identity, LinkCommand, LinkEvent, LinkFailure, LinkState, Request, RequestId,
    Route, SessionConfig, SessionEvent, Trust,
};
use tokio::time::{Instant, timeout_at};

pub(crate) const PASSWORD: &str = "wherefore art thou";

/// An account that signs in to a server in tests.
pub(crate) fn account(server: &RealServer, user: &str, direct_tls: bool) -> Account {
    let port = if direct_tls {
        server.direct_tls_port()
    } else {
        server.port()
    };
    account_at(
        &format!("{user}@{}", server.domain()),
        port,
        direct_tls,
        server.ca_pem(),
    )
}

pub(crate) fn account_at(jid: &str, port: u16, direct_tls: bool, ca_pem: &str) -> Account {
    Account {
        jid: BareJid::new(jid).unwrap(),
        password: Secret::new(PASSWORD),
        route: Route::Fixed {
            host: "127.0.0.1".to_owned(),
            port,
            direct_tls,
        },
        trust: Trust::Authorities(ca_pem.to_owned()),
        resource: None,
        silence: Duration::from_secs(30),
    }
}

/// Reconnects quickly, so that tests are quick.
pub(crate) fn options() -> LinkOptions {
    LinkOptions {
        first_wait: Duration::from_millis(100),
        longest_wait: Duration::from_millis(400),
        ..LinkOptions::new(1)
    }
}

/// A link, and the story it told so far.
pub(crate) struct Client {
    pub(crate) jid: BareJid,
    pub(crate) link: Link,
    requests: u64,
}

impl Client {
    pub(crate) fn new(jid: &BareJid) -> Self {
        Self::with_options(jid, options())
    }

    pub(crate) fn with_options(jid: &BareJid, options: LinkOptions) -> Self {
        let identity = Identity {
            category: "client".to_owned(),
            kind: "bot".to_owned(),
            name: "a test".to_owned(),
        };
        let config = SessionConfig::new(jid.clone(), identity, "https://roost.example", 7);
        Self {
            jid: jid.clone(),
            link: spawn(config, options),
            requests: 0,
        }
    }

    /// Signs in; panics unless it works.
    pub(crate) async fn online(account: &Account) -> Self {
        let mut client = Self::new(&account.jid);
        client.connect(account).await;
        client.expect_online().await;
        client
    }

    pub(crate) async fn command(&self, command: LinkCommand) {
        self.link.commands.send(command).await.unwrap();
    }

    pub(crate) async fn connect(&self, account: &Account) {
        self.command(LinkCommand::Connect(Box::new(account.clone())))
            .await;
    }

    /// Reads on until something is what is looked for; panics after 20 seconds, with the story.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(&LinkEvent) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut story = Vec::new();
        loop {
            let Ok(event) = timeout_at(deadline, self.link.events.recv()).await else {
                panic!("waited in vain for {what}; what happened instead: {story:#?}");
            };
            let Some(event) = event else {
                panic!("the link ended before {what}: {story:#?}");
            };
            if let Some(found) = pick(&event) {
                return found;
            }
            story.push(event);
        }
    }

    pub(crate) async fn state(
        &mut self,
        what: &str,
        pick: impl Fn(&LinkState) -> bool,
    ) -> LinkState {
        self.until(what, |event| match event {
            LinkEvent::State(state) if pick(state) => Some(state.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the session to be online; tells whether it was resumed, and how it is secured.
    pub(crate) async fn expect_online(&mut self) -> (bool, String) {
        let state = self
            .state("online", |state| {
                matches!(state, LinkState::Online { .. } | LinkState::Failed { .. })
            })
            .await;
        let LinkState::Online { security, .. } = state else {
            panic!("not online: {state:?}");
        };
        let resumed = self
            .until("the session", |event| match event {
                LinkEvent::Session(event) => match **event {
                    SessionEvent::Online { resumed, .. } => Some(resumed),
                    _ => None,
                },
                LinkEvent::State(_) => None,
            })
            .await;
        (resumed, security)
    }

    pub(crate) async fn expect_failed(&mut self) -> LinkFailure {
        match self
            .state("failure", |state| matches!(state, LinkState::Failed { .. }))
            .await
        {
            LinkState::Failed { cause } => cause,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn expect_waiting(&mut self) -> LinkFailure {
        match self
            .state("a wait", |state| matches!(state, LinkState::Waiting { .. }))
            .await
        {
            LinkState::Waiting { cause, .. } => cause,
            other => panic!("{other:?}"),
        }
    }

    /// Asks without waiting for the answer.
    pub(crate) async fn ask(&mut self, request: Request) -> RequestId {
        self.requests += 1;
        let id = RequestId(self.requests);
        self.command(LinkCommand::Request(id, Box::new(request)))
            .await;
        id
    }

    pub(crate) async fn answer(&mut self, id: RequestId) -> Result<Answer, roost_model::Failure> {
        self.until("an answer", |event| match event {
            LinkEvent::Session(event) => match &**event {
                SessionEvent::Answer { request, result } if *request == id => Some(result.clone()),
                _ => None,
            },
            LinkEvent::State(_) => None,
        })
        .await
    }

    /// Asks and waits.
    pub(crate) async fn request(
        &mut self,
        request: Request,
    ) -> Result<Answer, roost_model::Failure> {
        let id = self.ask(request).await;
        self.answer(id).await
    }
}
