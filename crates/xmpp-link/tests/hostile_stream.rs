//! What a stream may bring once it is up, and how it ends.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod common;

use std::time::{Duration, Instant};

use common::fake::Fake;
use common::{Client, account_at};
use roost_testkit::Authority;
use roost_xmpp_proto::{LinkCommand, LinkEvent, LinkFailureCode, LinkState, SessionEvent};

const JULIET: &str = "juliet@localhost";
const MESSAGE: &str =
    "<message from='romeo@localhost/x' type='chat'><body>but soft</body></message>";

/// What the link says of a stream on which this comes.
async fn after(script: &[u8]) -> LinkState {
    let authority = Authority::new().unwrap();
    let mut fake = Fake::new(&authority);
    fake.script = script.to_vec();
    let server = fake.start().await;
    let account = account_at(JULIET, server.port, false, authority.pem());
    let mut client = Client::new(&account.jid);
    client.connect(&account).await;
    client
        .state("the end of the stream", |state| {
            matches!(state, LinkState::Waiting { .. } | LinkState::Failed { .. })
        })
        .await
}

#[tokio::test]
async fn what_is_not_xmpp_ends_the_stream_in_order() {
    let deep = "<a>".repeat(100_000);
    let wide = format!("<message>{}", "<a/>".repeat(100_000));
    let long = format!("<message><body>{}", "x".repeat(10 * 1024 * 1024));
    let long_attribute = format!("<message id='{}'/>", "x".repeat(100_000));
    let cases: [&[u8]; 12] = [
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>",
        b"<message><body>&a;</body></message>",
        b"<message><!-- hello --></message>",
        b"<?php evil() ?>",
        deep.as_bytes(),
        wide.as_bytes(),
        long.as_bytes(),
        long_attribute.as_bytes(),
        b"<message><body>\xff\xfe</body></message>",
        b"<message></presence>",
        b"hello",
        b"<query xmlns='what:is:this'/>",
    ];
    for case in cases {
        let words = String::from_utf8_lossy(&case[..case.len().min(40)]).into_owned();
        match after(case).await {
            LinkState::Waiting { cause, .. } => {
                assert_eq!(cause.code, LinkFailureCode::Protocol, "{words}: {cause:?}");
            }
            other => panic!("{words}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn stream_errors() {
    let error = |condition: &str| {
        format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
             </stream:error></stream:stream>"
        )
    };
    for (condition, code, fatal) in [
        ("conflict", LinkFailureCode::Conflict, true),
        ("system-shutdown", LinkFailureCode::Closed, false),
        ("policy-violation", LinkFailureCode::StreamError, false),
        ("something-new", LinkFailureCode::StreamError, false),
    ] {
        match after(error(condition).as_bytes()).await {
            LinkState::Failed { cause } if fatal => assert_eq!(cause.code, code),
            LinkState::Waiting { cause, .. } if !fatal => assert_eq!(cause.code, code),
            other => panic!("{condition}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn false_acknowledgements_end_the_stream() {
    match after(b"<a xmlns='urn:xmpp:sm:3' h='77'/>").await {
        LinkState::Waiting { cause, .. } => assert_eq!(cause.code, LinkFailureCode::Protocol),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn stanzas_that_cannot_be_read_are_passed_over() {
    let authority = Authority::new().unwrap();
    let mut fake = Fake::new(&authority);
    let unreadable = "<iq type='nonsense' id='1'/><presence type='7'/>";
    fake.script = format!("{unreadable}{MESSAGE}").into_bytes();
    let server = fake.start().await;
    let account = account_at(JULIET, server.port, false, authority.pem());
    let mut client = Client::online(&account).await;
    client.until("the message", text).await;
}

fn text(event: &LinkEvent) -> Option<String> {
    match event {
        LinkEvent::Session(event) => match &**event {
            SessionEvent::Text { body, .. } => Some(body.clone()),
            _ => None,
        },
        LinkEvent::State(_) => None,
    }
}

#[tokio::test]
async fn a_silent_server_is_noticed_in_time() {
    let authority = Authority::new().unwrap();
    let mut fake = Fake::new(&authority);
    fake.alive = false;
    let server = fake.start().await;
    let mut account = account_at(JULIET, server.port, false, authority.pem());
    account.silence = Duration::from_secs(1);
    let mut client = Client::online(&account).await;
    let begun = Instant::now();
    let cause = client.expect_waiting().await;
    assert_eq!(cause.code, LinkFailureCode::Silent);
    assert!(
        begun.elapsed() < Duration::from_millis(1500),
        "{:?}",
        begun.elapsed()
    );
    assert!(server.heard().contains("urn:xmpp:ping"));

    // The server forgot the stream, and says so in the short form.
    let (resumed, _) = client.expect_online().await;
    assert!(!resumed);
    assert!(server.heard().contains("<resume"));
}

#[tokio::test]
async fn a_quiet_server_that_answers_is_left_in_peace() {
    let authority = Authority::new().unwrap();
    let server = Fake::new(&authority).start().await;
    let mut account = account_at(JULIET, server.port, false, authority.pem());
    account.silence = Duration::from_millis(400);
    let mut client = Client::online(&account).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    while let Ok(event) = client.link.events.try_recv() {
        assert!(!matches!(event, LinkEvent::State(_)), "{event:?}");
    }
}

#[tokio::test]
async fn on_request_a_dead_stream_is_noticed_at_once() {
    let authority = Authority::new().unwrap();
    let mut fake = Fake::new(&authority);
    fake.alive = false;
    let server = fake.start().await;
    let mut account = account_at(JULIET, server.port, false, authority.pem());
    account.silence = Duration::from_secs(4);
    let mut client = Client::online(&account).await;
    client.command(LinkCommand::RetryNow).await;
    let begun = Instant::now();
    let cause = client.expect_waiting().await;
    assert_eq!(cause.code, LinkFailureCode::Silent);
    assert!(
        begun.elapsed() < Duration::from_millis(2500),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_slow_reader_loses_nothing_and_keeps_the_stream() {
    const MESSAGES: usize = 5_000;
    let authority = Authority::new().unwrap();
    let mut fake = Fake::new(&authority);
    fake.script = MESSAGE.repeat(MESSAGES).into_bytes();
    let server = fake.start().await;
    let mut account = account_at(JULIET, server.port, false, authority.pem());
    account.silence = Duration::from_millis(500);
    let mut client = Client::online(&account).await;
    // Longer than the stream may be silent: who does not read must not blame the server.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for _ in 0..MESSAGES {
        client
            .until("every message", |event| match event {
                LinkEvent::State(state) => panic!("{state:?}"),
                event => text(event),
            })
            .await;
    }
}

#[tokio::test]
async fn disconnect_says_goodbye() {
    let authority = Authority::new().unwrap();
    let server = Fake::new(&authority).start().await;
    let account = account_at(JULIET, server.port, false, authority.pem());
    let mut client = Client::online(&account).await;
    client.command(LinkCommand::Disconnect).await;
    client.state("off", |state| *state == LinkState::Off).await;
    assert!(server.heard().ends_with("</stream:stream>"));
}
