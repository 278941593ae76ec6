//! What the demo home's transport tells a link.

use std::time::Duration;

use roost_demo::{DemoHome, DemoTransport, Fault};
use roost_xmpp_link::{Transport, TransportEvent, Wanted};
use roost_xmpp_proto::{Account, LinkFailureCode, LinkState, SendToken, Stanza, Transmit};
use tokio::time::timeout;
use xmpp_parsers::presence::Presence;

async fn next(transport: &mut DemoTransport) -> TransportEvent {
    let next = transport.next(Wanted::Everything);
    timeout(Duration::from_secs(20), next).await.unwrap()
}

/// In a word: `connecting`, `up`, `stanza`, ….
async fn word(transport: &mut DemoTransport) -> String {
    match next(transport).await {
        TransportEvent::Up { bound, .. } => format!("up as {bound}"),
        TransportEvent::Down { state, .. } => format!("down, {}", state_word(&state)),
        TransportEvent::State(state) => state_word(&state),
        TransportEvent::Stanza(_) => "stanza".to_owned(),
        TransportEvent::Report(report) => format!("{:?}", report.stage).to_lowercase(),
    }
}

fn state_word(state: &LinkState) -> String {
    match state {
        LinkState::Off => "off".to_owned(),
        LinkState::Connecting { attempt } => format!("connecting {attempt}"),
        LinkState::Online { .. } => "online".to_owned(),
        LinkState::Waiting { cause, .. } => format!("waiting, {:?}", cause.code),
        LinkState::Failed { cause } => format!("failed, {:?}", cause.code),
    }
}

fn with_resource(home: &DemoHome, resource: &str) -> Account {
    Account {
        resource: Some(resource.to_owned()),
        ..home.account()
    }
}

#[tokio::test]
async fn a_stream_comes_carries_and_goes() {
    let home = DemoHome::start();
    let mut transport = home.transport();
    transport.connect(with_resource(&home, "phone"));
    assert_eq!(word(&mut transport).await, "connecting 1");
    assert_eq!(word(&mut transport).await, "up as you@demo.home/phone");
    transport.send(Transmit {
        stanza: Stanza::Presence(Box::new(Presence::available())),
        token: Some(SendToken(7)),
    });
    assert_eq!(word(&mut transport).await, "sent");
    assert_eq!(word(&mut transport).await, "acked");
    assert_eq!(word(&mut transport).await, "stanza");
    transport.disconnect();
    assert_eq!(word(&mut transport).await, "down, off");
}

#[tokio::test]
async fn strangers_are_turned_away_for_good() {
    let home = DemoHome::start();
    let mut transport = home.transport();
    let jid = "burglar@demo.home".parse().unwrap();
    transport.connect(Account {
        jid,
        ..home.account()
    });
    assert_eq!(word(&mut transport).await, "connecting 1");
    assert_eq!(word(&mut transport).await, "failed, AccountRefused");
    assert!(LinkFailureCode::AccountRefused.is_fatal());
}

#[tokio::test]
async fn who_takes_a_resource_over_ends_the_other_stream() {
    let home = DemoHome::start();
    let (mut first, mut second) = (home.transport(), home.transport());
    for transport in [&mut first, &mut second] {
        transport.connect(with_resource(&home, "phone"));
        assert_eq!(word(transport).await, "connecting 1");
        assert_eq!(word(transport).await, "up as you@demo.home/phone");
    }
    assert_eq!(word(&mut first).await, "down, failed, Conflict");
}

#[tokio::test]
async fn a_restart_is_waited_for_and_can_be_hurried() {
    let home = DemoHome::start();
    let mut transport = home.transport();
    transport.connect(with_resource(&home, "phone"));
    for expected in ["connecting 1", "up as you@demo.home/phone"] {
        assert_eq!(word(&mut transport).await, expected);
    }
    home.fault(None, Fault::ServerRestart).await.unwrap();
    assert_eq!(word(&mut transport).await, "down, waiting, Closed");
    transport.retry_now();
    assert_eq!(word(&mut transport).await, "connecting 1");
    assert_eq!(word(&mut transport).await, "waiting, Unreachable");
    assert_eq!(word(&mut transport).await, "connecting 2");
}
