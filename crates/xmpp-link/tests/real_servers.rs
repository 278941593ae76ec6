//! The link against unchanged servers.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod common;

use std::time::{Duration, Instant};

use common::proxy::Proxy;
use common::{Client, PASSWORD, account, account_at};
use roost_model::{ItemId, Node, Secret, Val, Value};
use roost_testkit::{Options, RealServer, ServerKind};
use roost_xmpp_proto::{
    Answer, LinkCommand, LinkEvent, LinkFailureCode, LinkState, NodeConfig, Payload, Request,
    RequestId, SendStage, SessionEvent,
};

fn server(kind: ServerKind) -> RealServer {
    let server = RealServer::launch(kind, &Options::default()).unwrap();
    server.add_account("juliet", PASSWORD).unwrap();
    server
}

async fn signs_in_both_ways(server: &RealServer) {
    for direct_tls in [false, true] {
        let juliet = account(server, "juliet", direct_tls);
        let mut client = Client::new(&juliet.jid);
        client.connect(&juliet).await;
        let (resumed, security) = client.expect_online().await;
        assert!(!resumed);
        assert!(security.contains("SCRAM-SHA-256"), "{security}");
    }
}

async fn wrong_passwords_are_fatal(server: &RealServer) {
    for (user, password) in [("juliet", "romeo, romeo"), ("nobody", PASSWORD)] {
        let mut wrong = account(server, user, true);
        wrong.password = Secret::new(password);
        let mut client = Client::new(&wrong.jid);
        client.connect(&wrong).await;
        let cause = client.expect_failed().await;
        assert_eq!(cause.code, LinkFailureCode::WrongPassword, "{cause:?}");
        assert!(!format!("{cause:?}").contains(password));
    }
}

async fn another_domain_is_refused(server: &RealServer) {
    let jid = "juliet@elsewhere.example";
    let elsewhere = account_at(jid, server.port(), false, server.ca_pem());
    let mut client = Client::new(&elsewhere.jid);
    client.connect(&elsewhere).await;
    let cause = client.expect_failed().await;
    let codes = [
        LinkFailureCode::AccountRefused,
        LinkFailureCode::CertificateInvalid,
    ];
    assert!(codes.contains(&cause.code), "{cause:?}");
}

fn publication(client: &Client, item: &str, text: &str) -> Request {
    Request::Publish {
        service: client.jid.clone(),
        node: Node::Sensors,
        item: ItemId::new(item).unwrap(),
        payload: Payload::Value(temperature(text)),
    }
}

fn temperature(text: &str) -> Val {
    Val::from_value(&Value::Text(text.to_owned()), None, None)
}

async fn publishes_and_fetches(server: &RealServer) {
    let juliet = account(server, "juliet", false);
    let mut client = Client::online(&juliet).await;
    let created = client
        .request(Request::CreateNode {
            node: Node::Sensors,
            config: NodeConfig::ROOST,
        })
        .await;
    assert_eq!(created, Ok(Answer::Done));

    let request = publication(&client, "xmpp.iot.sensor.temp", "22.43");
    let id = client.ask(request).await;
    let mut stages = Vec::new();
    let result = client
        .until("the answer and the acknowledgement", |event| {
            let LinkEvent::Session(event) = event else {
                return None;
            };
            match &**event {
                SessionEvent::Stage { request, stage } if *request == id => stages.push(*stage),
                SessionEvent::Answer { request, result } if *request == id => {
                    return Some(result.clone());
                }
                _ => {}
            }
            None
        })
        .await;
    assert_eq!(result, Ok(Answer::Done));
    assert_eq!(stages.first(), Some(&SendStage::Sent));

    let fetched = client
        .request(Request::Fetch {
            service: juliet.jid.clone(),
            node: Node::Sensors,
        })
        .await;
    match fetched {
        Ok(Answer::Items(items)) => {
            assert_eq!(items.len(), 1, "{items:?}");
            assert_eq!(items[0].payload, Payload::Value(temperature("22.43")));
        }
        other => panic!("{other:?}"),
    }
}

/// While nobody looks, values wait on the server; a later look brings the newest at least.
async fn rests_while_nobody_looks(server: &RealServer) {
    let juliet = account(server, "juliet", false);
    let mut window = Client::online(&juliet).await;
    let mut device = Client::online(&juliet).await;
    let node = Node::Sensors;
    let subscribe = Request::Subscribe {
        service: juliet.jid.clone(),
        node,
    };
    assert_eq!(window.request(subscribe).await, Ok(Answer::Done));
    let publish = |client: &Client, text| publication(client, "xmpp.iot.sensor.rest", text);

    let first = publish(&device, "1");
    assert_eq!(device.request(first).await, Ok(Answer::Done));
    window.until("what is published", |it| says(it, "1")).await;
    window.ask(Request::SetActive(false)).await;
    // Acknowledgements that are still owed would wake the server.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for text in ["2", "3"] {
        let next = publish(&device, text);
        assert_eq!(device.request(next).await, Ok(Answer::Done));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    while let Ok(event) = window.link.events.try_recv() {
        assert!(
            says(&event, "2").is_none() && says(&event, "3").is_none(),
            "{event:?}"
        );
    }
    window.ask(Request::SetActive(true)).await;
    window.until("the newest value", |it| says(it, "3")).await;
}

fn says(event: &LinkEvent, text: &str) -> Option<()> {
    let LinkEvent::Session(event) = event else {
        return None;
    };
    let SessionEvent::Published { items, .. } = &**event else {
        return None;
    };
    let is_it = |payload: &Payload| matches!(payload, Payload::Value(val) if val.text() == text);
    items.iter().any(|it| is_it(&it.payload)).then_some(())
}

/// Cut in the middle of things, nothing that was asked is lost or done twice.
async fn goes_on_after_a_cut(server: &RealServer) {
    let proxy = Proxy::to(server.port()).await;
    let jid = format!("juliet@{}", server.domain());
    let juliet = account_at(&jid, proxy.port, false, server.ca_pem());
    let mut client = Client::online(&juliet).await;
    let mut ids = Vec::new();
    for round in 0..3 {
        for n in 0..5 {
            let request = publication(&client, &format!("item-{n}"), &format!("{round}"));
            ids.push(client.ask(request).await);
        }
        proxy.cut();
        let mut open: Vec<RequestId> = std::mem::take(&mut ids);
        let mut resumed = None;
        client
            .until("all answers after a resumption", |event| {
                let LinkEvent::Session(event) = event else {
                    return None;
                };
                match &**event {
                    SessionEvent::Online { resumed: yes, .. } => resumed = Some(*yes),
                    SessionEvent::Answer { request, result } => {
                        assert_eq!(*result, Ok(Answer::Done));
                        open.retain(|id| id != request);
                    }
                    _ => {}
                }
                (open.is_empty() && resumed.is_some()).then_some(())
            })
            .await;
        assert_eq!(resumed, Some(true));
    }
}

async fn a_black_hole_is_noticed_in_time(server: &RealServer) {
    let proxy = Proxy::to(server.port()).await;
    let jid = format!("juliet@{}", server.domain());
    let mut juliet = account_at(&jid, proxy.port, false, server.ca_pem());
    let mut client = Client::online(&juliet).await;
    // As a person changes it in the settings: for the stream that is up, not the next one.
    juliet.silence = Duration::from_secs(2);
    client
        .command(LinkCommand::SetSilence(juliet.silence))
        .await;
    client.connect(&juliet).await;
    proxy.swallow();
    let begun = Instant::now();
    let cause = client.expect_waiting().await;
    assert_eq!(cause.code, LinkFailureCode::Silent);
    assert!(begun.elapsed() < juliet.silence + Duration::from_secs(1));
    proxy.clear_up();
    // An attempt may be under way in the black hole.
    client.command(LinkCommand::RetryNow).await;
    let (resumed, _) = client.expect_online().await;
    assert!(resumed);
}

async fn a_frozen_server_is_noticed(server: &mut RealServer) {
    let mut juliet = account(server, "juliet", false);
    juliet.silence = Duration::from_secs(1);
    let mut client = Client::online(&juliet).await;
    server.freeze();
    let cause = client.expect_waiting().await;
    assert_eq!(cause.code, LinkFailureCode::Silent);
    server.thaw();
    let (resumed, _) = client.expect_online().await;
    assert!(resumed);
}

async fn comes_back_after(server: &mut RealServer, how: fn(&mut RealServer)) {
    let juliet = account(server, "juliet", false);
    let mut client = Client::online(&juliet).await;
    how(server);
    client.expect_waiting().await;
    server.start().unwrap();
    let (resumed, _) = client.expect_online().await;
    assert!(!resumed, "the server forgot the stream");
}

async fn the_same_resource_twice_is_a_conflict(server: &RealServer) {
    let mut juliet = account(server, "juliet", false);
    juliet.resource = Some("balcony".to_owned());
    let mut first = Client::online(&juliet).await;
    let mut second = Client::online(&juliet).await;
    let cause = first.expect_failed().await;
    assert_eq!(cause.code, LinkFailureCode::Conflict);
    second.command(LinkCommand::Disconnect).await;
    second.state("off", |state| *state == LinkState::Off).await;
}

async fn all(mut server: RealServer) {
    signs_in_both_ways(&server).await;
    wrong_passwords_are_fatal(&server).await;
    another_domain_is_refused(&server).await;
    publishes_and_fetches(&server).await;
    rests_while_nobody_looks(&server).await;
    goes_on_after_a_cut(&server).await;
    a_black_hole_is_noticed_in_time(&server).await;
    the_same_resource_twice_is_a_conflict(&server).await;
    a_frozen_server_is_noticed(&mut server).await;
    comes_back_after(&mut server, RealServer::kill).await;
    comes_back_after(&mut server, RealServer::stop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prosody() {
    all(server(ServerKind::Prosody)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ejabberd() {
    all(server(ServerKind::Ejabberd)).await;
}
