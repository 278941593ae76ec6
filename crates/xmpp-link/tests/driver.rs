//! The driver between a session and its carrier, over a carrier that is two channels.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::Duration;

use jid::{BareJid, FullJid, Jid};
use roost_model::{FailureCode, Secret};
use roost_xmpp_link::{Link, Transport, TransportEvent, Wanted, spawn_over};
use roost_xmpp_proto::{
    Account, Identity, LinkCommand, LinkEvent, LinkState, Request, RequestId, Route, SessionConfig,
    SessionEvent, Stanza, Transmit, Trust,
};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use xmpp_parsers::message::{Lang, Message};

/// What the driver told the carrier.
#[derive(Debug)]
enum Told {
    Connect(BareJid),
    Disconnect,
    RetryNow,
    SetSilence(Duration),
    Send,
    ClientState(bool),
    Closed,
}

/// The carrier's end.
struct Channels {
    told: mpsc::UnboundedSender<Told>,
    events: mpsc::UnboundedReceiver<TransportEvent>,
    wanted: watch::Sender<Wanted>,
    room: watch::Receiver<bool>,
}

/// The test's end.
struct Carrier {
    told: mpsc::UnboundedReceiver<Told>,
    events: mpsc::UnboundedSender<TransportEvent>,
    wanted: watch::Receiver<Wanted>,
    room: watch::Sender<bool>,
}

impl Transport for Channels {
    fn connect(&mut self, account: Account) {
        self.told.send(Told::Connect(account.jid)).unwrap();
    }

    fn disconnect(&mut self) {
        self.told.send(Told::Disconnect).unwrap();
    }

    fn retry_now(&mut self) {
        self.told.send(Told::RetryNow).unwrap();
    }

    fn set_silence(&mut self, silence: Duration) {
        self.told.send(Told::SetSilence(silence)).unwrap();
    }

    fn send(&mut self, _transmit: Transmit) {
        self.told.send(Told::Send).unwrap();
    }

    fn send_client_state(&mut self, is_active: bool) {
        self.told.send(Told::ClientState(is_active)).unwrap();
    }

    fn has_room(&self) -> bool {
        *self.room.borrow()
    }

    async fn next(&mut self, wanted: Wanted) -> TransportEvent {
        self.wanted.send_replace(wanted);
        if wanted == Wanted::NoStanzas {
            std::future::pending::<()>().await;
        }
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    async fn close(self) {
        self.told.send(Told::Closed).unwrap();
    }
}

fn start() -> (Link, Carrier) {
    let (told_here, told) = mpsc::unbounded_channel();
    let (events, events_there) = mpsc::unbounded_channel();
    let (wanted_there, wanted) = watch::channel(Wanted::Everything);
    let (room, room_there) = watch::channel(true);
    let transport = Channels {
        told: told_here,
        events: events_there,
        wanted: wanted_there,
        room: room_there,
    };
    let identity = Identity {
        category: "client".to_owned(),
        kind: "bot".to_owned(),
        name: "a test".to_owned(),
    };
    let config = SessionConfig::new(juliet(), identity, "https://roost.example", 1);
    let carrier = Carrier {
        told,
        events,
        wanted,
        room,
    };
    (spawn_over(transport, config), carrier)
}

fn juliet() -> BareJid {
    BareJid::new("juliet@localhost").unwrap()
}

fn account(jid: &str) -> LinkCommand {
    LinkCommand::Connect(Box::new(Account {
        jid: BareJid::new(jid).unwrap(),
        password: Secret::new("x"),
        route: Route::Dns,
        trust: Trust::System,
        resource: None,
        silence: Duration::from_secs(30),
    }))
}

fn up(resumed: bool) -> TransportEvent {
    TransportEvent::Up {
        bound: FullJid::new("juliet@localhost/balcony").unwrap(),
        resumed,
        security: "none".to_owned(),
    }
}

fn discover(id: u64) -> LinkCommand {
    let jid = juliet().into();
    LinkCommand::Request(RequestId(id), Box::new(Request::Discover { jid }))
}

impl Carrier {
    async fn told(&mut self) -> Told {
        timeout(Duration::from_secs(5), self.told.recv())
            .await
            .unwrap()
            .unwrap()
    }
}

async fn next(link: &mut Link) -> LinkEvent {
    timeout(Duration::from_secs(5), link.events.recv())
        .await
        .unwrap()
        .unwrap()
}

async fn next_session(link: &mut Link) -> SessionEvent {
    loop {
        if let LinkEvent::Session(event) = next(link).await {
            return *event;
        }
    }
}

#[tokio::test]
async fn the_state_is_told_before_the_session() {
    let (mut link, mut carrier) = start();
    link.commands
        .send(account("juliet@localhost"))
        .await
        .unwrap();
    assert!(matches!(carrier.told().await, Told::Connect(jid) if jid == juliet()));
    carrier.events.send(up(false)).unwrap();
    assert!(matches!(
        next(&mut link).await,
        LinkEvent::State(LinkState::Online { .. })
    ));
    let online = next_session(&mut link).await;
    assert!(matches!(
        online,
        SessionEvent::Online { resumed: false, .. }
    ));
    assert!(
        matches!(carrier.told().await, Told::Send),
        "the roster is asked for"
    );

    let state = LinkState::Connecting { attempt: 1 };
    let resumable = true;
    carrier
        .events
        .send(TransportEvent::Down { resumable, state })
        .unwrap();
    assert!(matches!(
        next(&mut link).await,
        LinkEvent::State(LinkState::Connecting { .. })
    ));
    assert_eq!(next_session(&mut link).await, SessionEvent::Suspended);
    carrier.events.send(up(true)).unwrap();
    let online = next_session(&mut link).await;
    assert!(matches!(online, SessionEvent::Online { resumed: true, .. }));
}

#[tokio::test]
async fn without_room_requests_are_refused_and_commands_get_through() {
    let (mut link, mut carrier) = start();
    carrier.events.send(up(false)).unwrap();
    let online = next_session(&mut link).await;
    assert!(matches!(online, SessionEvent::Online { .. }));
    carrier.room.send_replace(false);
    link.commands.send(discover(7)).await.unwrap();
    match next_session(&mut link).await {
        SessionEvent::Answer { request, result } => {
            assert_eq!(request, RequestId(7));
            assert_eq!(result.unwrap_err().code, FailureCode::ConnectionLost);
        }
        other => panic!("{other:?}"),
    }
    let inactive = Box::new(Request::SetActive(false));
    let inactive = LinkCommand::Request(RequestId(8), inactive);
    link.commands.send(inactive).await.unwrap();
    let patient = LinkCommand::SetSilence(Duration::from_secs(90));
    link.commands.send(patient).await.unwrap();
    link.commands.send(LinkCommand::RetryNow).await.unwrap();
    link.commands.send(LinkCommand::Disconnect).await.unwrap();
    loop {
        match carrier.told().await {
            Told::Send => {}
            Told::ClientState(is_active) => break assert!(!is_active),
            other => panic!("{other:?}"),
        }
    }
    loop {
        match carrier.told().await {
            Told::Send => {}
            Told::SetSilence(silence) => assert_eq!(silence.as_secs(), 90),
            Told::RetryNow => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(carrier.told().await, Told::Disconnect));
}

#[tokio::test]
async fn another_account_is_another_session() {
    let (mut link, mut carrier) = start();
    carrier.events.send(up(false)).unwrap();
    link.commands.send(discover(1)).await.unwrap();
    link.commands
        .send(account("romeo@localhost"))
        .await
        .unwrap();
    loop {
        match next_session(&mut link).await {
            SessionEvent::Answer { request, result } => {
                assert_eq!(request, RequestId(1));
                assert_eq!(result.unwrap_err().code, FailureCode::ConnectionLost);
                break;
            }
            SessionEvent::Online { .. } | SessionEvent::Suspended => {}
            other => panic!("{other:?}"),
        }
    }
    loop {
        match carrier.told().await {
            Told::Send => {}
            Told::Connect(jid) => break assert_eq!(jid.as_str(), "romeo@localhost"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn who_does_not_read_is_sent_no_more() {
    const MESSAGES: usize = 3000;
    let (mut link, mut carrier) = start();
    carrier.events.send(up(false)).unwrap();
    for n in 0..MESSAGES {
        let mut message = Message::chat(Jid::from(juliet()));
        message.from = Some(juliet().into());
        let message = message.with_body(Lang::new(), n.to_string());
        let stanza = Stanza::Message(Box::new(message));
        carrier.events.send(TransportEvent::Stanza(stanza)).unwrap();
    }
    let held_back = carrier
        .wanted
        .wait_for(|wanted| *wanted == Wanted::NoStanzas);
    timeout(Duration::from_secs(5), held_back)
        .await
        .unwrap()
        .unwrap();
    let mut expected = 0;
    while expected < MESSAGES {
        if let SessionEvent::Text { body, .. } = next_session(&mut link).await {
            assert_eq!(body, expected.to_string());
            expected += 1;
        }
    }
}

#[tokio::test]
async fn the_task_ends_with_either_end_of_the_link() {
    let (link, mut carrier) = start();
    drop(link.commands);
    assert!(matches!(carrier.told().await, Told::Closed));
    let (link, mut carrier) = start();
    drop(link.events);
    assert!(matches!(carrier.told().await, Told::Closed));
}
