//! The whole app with a real device at an unchanged Prosody and ejabberd.

use std::path::Path;
use std::time::Duration;

use roost_app::App;
use roost_app::api::{
    ErrorCode, FailureCodeView, LinkCause, LinkView, SignIn, StageView, ValueView, VaultView,
};
use roost_device::{
    BoardKind, Device, DeviceConfig, DeviceState, MemoryStore, Order, Pace, People, SystemClock,
    logic, run, session_config,
};
use roost_forms::{Field, FieldKind, Form, FormKind};
use roost_model::jid::BareJid;
use roost_model::{ItemId, Node, Profile, Secret, Val};
use roost_testkit::{Options, RealServer, ServerKind};
use roost_xmpp_link::{Link, LinkOptions};
use roost_xmpp_proto::{
    Account, Identity, LinkCommand, LinkEvent, Payload, Request, RequestId, Route, SessionConfig,
    SessionEvent, SubscriptionStep, Trust,
};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::window::{POWER, Window, options};

/// How long a window must be hidden before the server is told.
const UNTIL_TOLD: Duration = Duration::from_secs(20);
const TEMPERATURE: &str = "xmpp.iot.sensor.temp";
const KETTLE: &str = "kettle@localhost";
const PASSWORD: &str = "wherefore-art-thou";
const PASSPHRASE: &str = "a rose by any other name";

fn server(kind: ServerKind) -> RealServer {
    let server = RealServer::launch(kind, &Options::default()).unwrap();
    for user in ["juliet", "kettle"] {
        server.add_account(user, PASSWORD).unwrap();
    }
    server
}

/// A kettle that juliet owns. It ends when the sender is dropped.
fn kettle(server: &RealServer) -> mpsc::Sender<Order> {
    let account: BareJid = KETTLE.parse().unwrap();
    let config = DeviceConfig {
        account: account.clone(),
        people: People {
            owner: Some("juliet@localhost".parse().unwrap()),
            ..People::default()
        },
        sender: None,
        pace: Pace::default(),
    };
    let board = BoardKind::Kettle.build(Profile::Roost, 7, Path::new(""));
    let session = session_config(&config, Profile::Roost, "Kettle", 7);
    let device = Device {
        account: account_of(server, account),
        logic: logic(Profile::Roost, config, board, DeviceState::default()),
        link: roost_xmpp_link::spawn(session, LinkOptions::new(7)),
        store: Box::new(MemoryStore::default()),
        time_scale: 1.0,
    };
    let (orders, inbox) = mpsc::channel(1);
    tokio::spawn(async move { run(device, inbox, SystemClock::start()).await });
    orders
}

fn account_of(server: &RealServer, jid: BareJid) -> Account {
    Account {
        jid,
        password: Secret::new(PASSWORD),
        route: Route::Fixed {
            host: "127.0.0.1".into(),
            port: server.port(),
            direct_tls: false,
        },
        trust: Trust::Authorities(server.ca_pem().into()),
        resource: None,
        silence: Duration::from_secs(30),
    }
}

fn sign_in(server: &RealServer) -> SignIn {
    SignIn {
        jid: "juliet@localhost".into(),
        password: Some(PASSWORD.into()),
        host: Some("127.0.0.1".into()),
        port: Some(server.port()),
        direct_tls: false,
        authority: Some(server.ca_pem().into()),
        pin: None,
        remember: true,
    }
}

async fn from_sign_in_to_a_restart(kind: ServerKind) {
    let server = server(kind);
    let folder = tempfile::tempdir().unwrap();
    let device = kettle(&server);

    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    app.create_vault(Secret::new(PASSPHRASE)).await.unwrap();
    app.sign_in(sign_in(&server)).await.unwrap();
    window.until("online", Window::is_online).await;
    app.add_device(KETTLE.into()).await.unwrap();
    window
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;
    let wanted = window.opposite(KETTLE);
    let set = app.set_value(KETTLE.into(), POWER.into(), wanted.clone());
    let intent = set.await.unwrap();
    window
        .until("the wish ended", |it| it.ended(intent).is_some())
        .await;
    assert_eq!(window.ended(intent), Some(StageView::Confirmed));
    window
        .until("it is shown", |it| it.shows(KETTLE, POWER, &wanted))
        .await;
    app.shutdown().await.unwrap();
    drop(device);

    // Before anything is known of the server, the last values are there, as the past.
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    let remembered = window.reading(KETTLE, POWER).unwrap();
    assert_eq!(
        (remembered.value.as_ref(), remembered.stale),
        (Some(&wanted), true)
    );
    assert_eq!(window.account.jid.as_deref(), Some("juliet@localhost"));
    assert!(!window.is_online());

    let device = kettle(&server);
    let wrong = app.unlock_vault(Secret::new("a rose")).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::WrongPassphrase);
    app.unlock_vault(Secret::new(PASSPHRASE)).await.unwrap();
    window
        .until("signed in with what is remembered", Window::is_online)
        .await;
    window
        .until("the kettle is live", |it| it.has_switch(KETTLE))
        .await;

    app.sign_out(true).await.unwrap();
    window
        .until("everything is forgotten", |it| {
            it.devices.is_empty() && it.account.jid.is_none()
        })
        .await;
    app.shutdown().await.unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    assert_eq!(Window::open(&app).await.account.jid, None);
    app.shutdown().await.unwrap();
    drop(device);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_from_sign_in_to_a_restart() {
    from_sign_in_to_a_restart(ServerKind::Prosody).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_from_sign_in_to_a_restart() {
    from_sign_in_to_a_restart(ServerKind::Ejabberd).await;
}

/// Says yes to everybody, and publishes what it is told at the component of its domain.
async fn at_a_component(server: &RealServer, mut values: mpsc::Receiver<&'static str>) {
    let account: BareJid = KETTLE.parse().unwrap();
    let identity = Identity {
        category: "client".into(),
        kind: "bot".into(),
        name: "Kettle".into(),
    };
    let config = SessionConfig::new(account.clone(), identity, "", 7);
    let Link {
        commands,
        mut events,
    } = roost_xmpp_link::spawn(config, LinkOptions::new(7));
    let account = account_of(server, account);
    commands
        .send(LinkCommand::Connect(Box::new(account)))
        .await
        .unwrap();
    let component: BareJid = "pubsub.localhost".parse().unwrap();
    let publish = |node, item: &str, payload| Request::Publish {
        service: component.clone(),
        node,
        item: ItemId::new(item).unwrap(),
        payload,
    };
    let form = Form::new(FormKind::Form)
        .with(Field::new(FieldKind::TextSingle, TEMPERATURE).read_only())
        .with(Field::boolean(POWER));
    let value = |text: &str| Payload::Value(Val::from_wire(text, Some("float"), None, None));
    let mut id = 0;
    let mut todo = Vec::new();
    loop {
        for request in todo.drain(..) {
            id += 1;
            let request = LinkCommand::Request(RequestId(id), Box::new(request));
            commands.send(request).await.unwrap();
        }
        tokio::select! {
            event = events.recv() => match event {
                Some(LinkEvent::Session(event)) => match *event {
                    SessionEvent::Online { .. } => {
                        let form = Payload::Form(Box::new(form.clone()), vec![]);
                        todo.push(publish(Node::Ui, "current", form));
                        todo.push(publish(Node::Actuators, POWER, value("0")));
                    }
                    SessionEvent::SubscriptionStep {
                        from,
                        step: SubscriptionStep::Ask,
                    } => todo.push(Request::Subscription {
                        to: from,
                        step: SubscriptionStep::Approve,
                    }),
                    _ => {}
                },
                Some(LinkEvent::State(_)) => {}
                None => return,
            },
            text = values.recv() => match text {
                Some(text) => todo.push(publish(Node::Sensors, TEMPERATURE, value(text))),
                None => return,
            },
        }
    }
}

/// As the first devices of the thesis were set up. Only the server's admin can make such nodes.
#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_a_device_whose_nodes_are_at_a_component() {
    let options_of_server = Options {
        component_of: Some("kettle".into()),
        ..Options::default()
    };
    let server = RealServer::prosody(options_of_server).unwrap();
    for user in ["juliet", "kettle", "nurse"] {
        server.add_account(user, PASSWORD).unwrap();
    }
    let (say, values) = mpsc::channel(4);
    let server = std::sync::Arc::new(server);
    let its = std::sync::Arc::clone(&server);
    let device = tokio::spawn(async move { at_a_component(&its, values).await });
    sleep(Duration::from_secs(2)).await;
    say.send("21.5").await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    app.sign_in(SignIn {
        remember: false,
        ..sign_in(&server)
    })
    .await
    .unwrap();
    window.until("online", Window::is_online).await;
    app.add_device(KETTLE.into()).await.unwrap();
    let number = |text: &str| ValueView::Number(text.parse().unwrap());
    window
        .until("it is read", |it| {
            it.shows(KETTLE, TEMPERATURE, &number("21.5"))
        })
        .await;
    for text in ["22.5", "23.5"] {
        say.send(text).await.unwrap();
        window
            .until("it speaks", |it| {
                it.shows(KETTLE, TEMPERATURE, &number(text))
            })
            .await;
    }
    // The nodes are the admin's; the app says so.
    let set = app.set_value(KETTLE.into(), POWER.into(), ValueView::Bool(true));
    let intent = set.await.unwrap();
    window
        .until("the wish ended", |it| it.ended(intent).is_some())
        .await;
    let failure = window.intents[&intent].failure.as_ref().unwrap();
    assert_eq!(failure.code, FailureCodeView::ServerForbidsOverwrite);

    // There is no room for a second one.
    app.add_device("nurse@localhost".into()).await.unwrap();
    sleep(Duration::from_secs(3)).await;
    window.catch_up().await;
    assert!(window.devices["nurse@localhost"].fields.is_empty());
    app.shutdown().await.unwrap();
    drop(say);
    device.await.unwrap();
}

/// This server keeps only the newest value of a node while nobody looks.
#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_rests_while_hidden_and_everything_is_right_afterwards() {
    let server = server(ServerKind::Ejabberd);
    let folder = tempfile::tempdir().unwrap();
    let device = kettle(&server);
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    app.sign_in(SignIn {
        remember: false,
        ..sign_in(&server)
    })
    .await
    .unwrap();
    window.until("online", Window::is_online).await;
    app.add_device(KETTLE.into()).await.unwrap();
    window
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;
    let set = app.set_value(KETTLE.into(), POWER.into(), ValueView::Bool(true));
    let intent = set.await.unwrap();
    window
        .until("the wish ended", |it| it.ended(intent).is_some())
        .await;

    // Water that is heated has something to say every few seconds.
    let newest = |it: &Window| {
        let readings = it.devices[KETTLE].readings.iter();
        readings.map(|it| it.measured_at).fold(0.0, f64::max)
    };
    let before = newest(&window);
    window
        .until("the kettle speaks", |it| newest(it) > before)
        .await;
    app.set_watched(false).await.unwrap();
    sleep(UNTIL_TOLD + Duration::from_secs(2)).await;
    window.catch_up().await;
    let hidden = newest(&window);
    sleep(Duration::from_secs(8)).await;
    window.catch_up().await;
    assert_eq!(newest(&window), hidden, "the server did not rest");

    app.set_watched(true).await.unwrap();
    window
        .until("what was missed", |it| newest(it) > hidden)
        .await;
    window
        .until("everything is live", |it| {
            it.devices[KETTLE].readings.iter().all(|it| !it.stale)
        })
        .await;
    app.shutdown().await.unwrap();
    drop(device);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_a_wrong_password_is_said_and_not_remembered() {
    let server = server(ServerKind::Prosody);
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    app.create_vault(Secret::new(PASSPHRASE)).await.unwrap();
    let wrong = SignIn {
        password: Some("what's in a name".into()),
        ..sign_in(&server)
    };
    app.sign_in(wrong).await.unwrap();
    window
        .until("the link gave up", |it| it.gave_up().is_some())
        .await;
    assert_eq!(window.gave_up(), Some(LinkCause::WrongPassword));

    app.sign_in(sign_in(&server)).await.unwrap();
    window.until("online", Window::is_online).await;
    app.shutdown().await.unwrap();

    // The right one was remembered, with the route; the wrong one never was.
    let app = App::open(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    let locked = app.resume(None, None).await.unwrap_err();
    assert_eq!(locked.code, ErrorCode::KeychainLocked);
    app.unlock_vault(Secret::new(PASSPHRASE)).await.unwrap();
    window.until("online", Window::is_online).await;
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_only_the_certificate_that_was_shown_can_be_trusted() {
    let server = server(ServerKind::Prosody);
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    let early = app.trust_certificate("AB".repeat(32)).await.unwrap_err();
    assert_eq!(early.code, ErrorCode::BadAuthority);
    let unknown = SignIn {
        authority: None,
        remember: false,
        ..sign_in(&server)
    };
    app.sign_in(unknown).await.unwrap();
    window
        .until("the link gave up", |it| it.gave_up().is_some())
        .await;
    let LinkView::Failed { cause, detail } = window.account.link.clone() else {
        panic!("the link gave up");
    };
    assert_eq!(cause, LinkCause::CertificateUntrusted);
    let another = app.trust_certificate("AB".repeat(32)).await.unwrap_err();
    assert_eq!(another.code, ErrorCode::BadAuthority);
    app.trust_certificate(detail.unwrap()).await.unwrap();
    window.until("online", Window::is_online).await;
    assert_ne!(window.account.vault, VaultView::FileOpen);
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_killed_and_started_again() {
    let mut server = server(ServerKind::Prosody);
    let folder = tempfile::tempdir().unwrap();
    let device = kettle(&server);
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    app.sign_in(SignIn {
        remember: false,
        ..sign_in(&server)
    })
    .await
    .unwrap();
    window.until("online", Window::is_online).await;
    app.add_device(KETTLE.into()).await.unwrap();
    window
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;

    server.kill();
    window
        .until("the connection is lost", |it| !it.is_online())
        .await;
    window
        .until("values are the past", |it| {
            it.reading(KETTLE, POWER).is_some_and(|it| it.stale)
        })
        .await;
    server.start().unwrap();
    app.retry_now().await.unwrap();
    window
        .until("values are right again", |it| it.has_switch(KETTLE))
        .await;
    let set = app.set_value(KETTLE.into(), POWER.into(), ValueView::Bool(false));
    let intent = set.await.unwrap();
    window
        .until("the wish ended", |it| it.ended(intent).is_some())
        .await;
    assert_eq!(window.ended(intent), Some(StageView::Confirmed));
    app.shutdown().await.unwrap();
    drop(device);
}
