//! The program against unchanged servers.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]
#![expect(
    clippy::print_stderr,
    reason = "the log of a device in a test that failed"
)]

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use roost_model::jid::BareJid;
use roost_model::{Failure, FailureCode, ItemId, Node, Secret, Timestamp, Val, Value};
use roost_testkit::{Options, RealServer, ServerKind};
use roost_xmpp_link::{Link, LinkOptions};
use roost_xmpp_proto::{
    Account, Answer, Identity, ItemReport, LinkCommand, LinkEvent, LinkState, Payload, Request,
    RequestId, Route, SessionConfig, SessionEvent, SubscriptionStep, Trust,
};
use tokio::time::timeout;

const PASSWORD: &str = "a rose by any other name";
const LED: &str = "xmpp.iot.actuator.led";
const PATIENCE: Duration = Duration::from_secs(20);
const KINDS: [ServerKind; 2] = [ServerKind::Prosody, ServerKind::Ejabberd];

/// A server with a device that is about to start.
struct Scene {
    server: RealServer,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new(kind: ServerKind, thesis: bool) -> Self {
        let options = Options {
            thesis,
            ..Options::default()
        };
        let server = RealServer::launch(kind, &options).unwrap();
        for user in ["esp32", "juliet", "tybalt", "peter"] {
            server.add_account(user, PASSWORD).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), server.ca_pem()).unwrap();
        std::fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
        Self { server, folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, more: &[&str]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost-device"));
        command
            .args([
                "--board",
                "esp32",
                "--jid",
                "esp32@localhost",
                "--seed",
                "7",
            ])
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                &self.server.port().to_string(),
            ])
            .args([
                "--controller",
                "juliet@localhost",
                "--reader",
                "peter@localhost",
            ])
            .args(["--interval", "1"])
            .arg("--ca")
            .arg(self.path("ca.pem"))
            .arg("--password-file")
            .arg(self.path("password"))
            .arg("--state")
            .arg(self.path("state"))
            .args(more);
        Program::start(&mut command)
    }

    async fn person(&self, user: &str) -> Person {
        let account = Account {
            jid: jid(user),
            password: Secret::new(PASSWORD),
            route: Route::Fixed {
                host: "127.0.0.1".to_owned(),
                port: self.server.port(),
                direct_tls: false,
            },
            trust: Trust::Authorities(self.server.ca_pem().to_owned()),
            resource: None,
            silence: Duration::from_secs(30),
        };
        Person::sign_in(account).await
    }
}

fn jid(user: &str) -> BareJid {
    format!("{user}@localhost").parse().unwrap()
}

/// A program under test; killed when dropped.
struct Program {
    child: Child,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Self {
            child: command.spawn().unwrap(),
        }
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Its exit code and its log.
    fn end(mut self) -> (Option<i32>, String) {
        for _ in 0..200 {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut log = String::new();
                let mut stderr = self.child.stderr.take().unwrap();
                stderr.read_to_string(&mut log).unwrap();
                return (status.code(), log);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the device does not end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, which is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking()
            && let Some(mut stderr) = self.child.stderr.take()
        {
            let mut log = String::new();
            let _ = stderr.read_to_string(&mut log);
            eprintln!("{log}");
        }
    }
}

/// Somebody with a client of their own.
struct Person {
    link: Link,
    next: u64,
    events: Vec<SessionEvent>,
}

impl Person {
    async fn sign_in(account: Account) -> Self {
        let identity = Identity {
            category: "client".to_owned(),
            kind: "pc".to_owned(),
            name: "Test".to_owned(),
        };
        let config = SessionConfig::new(account.jid.clone(), identity, "https://example.org", 3);
        let mut link = roost_xmpp_link::spawn(config, LinkOptions::new(4));
        let connect = LinkCommand::Connect(Box::new(account));
        link.commands.send(connect).await.unwrap();
        let online = async {
            loop {
                match link.events.recv().await.unwrap() {
                    LinkEvent::State(LinkState::Online { .. }) => break,
                    LinkEvent::State(LinkState::Failed { cause }) => panic!("{cause:?}"),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, online).await.unwrap();
        Self {
            link,
            next: 0,
            events: Vec::new(),
        }
    }

    async fn hears(&mut self) -> SessionEvent {
        loop {
            if let LinkEvent::Session(event) = self.link.events.recv().await.unwrap() {
                return *event;
            }
        }
    }

    async fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        self.next += 1;
        let id = RequestId(self.next);
        let command = LinkCommand::Request(id, Box::new(request));
        self.link.commands.send(command).await.unwrap();
        let answer = async {
            loop {
                match self.hears().await {
                    SessionEvent::Answer { request, result } if request == id => return result,
                    other => self.events.push(other),
                }
            }
        };
        timeout(PATIENCE, answer).await.unwrap()
    }

    /// Waits for something that happens, or happened since the last wait.
    async fn awaits<T>(&mut self, what: &str, is_it: impl Fn(&SessionEvent) -> Option<T>) -> T {
        let found = self.events.iter().position(|event| is_it(event).is_some());
        if let Some(found) = found {
            return is_it(&self.events.remove(found)).unwrap();
        }
        let wait = async {
            loop {
                let event = self.hears().await;
                match is_it(&event) {
                    Some(it) => return it,
                    None => self.events.push(event),
                }
            }
        };
        match timeout(PATIENCE, wait).await {
            Ok(it) => it,
            Err(_) => panic!("waited in vain for {what}: {:#?}", self.events),
        }
    }

    async fn awaits_report(&mut self, item: &str, text: &str) {
        let what = format!("{item} is {text}");
        let from_device = |report: &ItemReport| {
            let by = report.publisher.as_ref().map(|by| by.to_bare());
            report.item.as_str() == item
                && by == Some(jid("esp32"))
                && matches!(&report.payload, Payload::Value(val) if val.text() == text)
        };
        self.awaits(&what, |event| match event {
            SessionEvent::Published { items, .. } => items.iter().any(from_device).then_some(()),
            _ => None,
        })
        .await;
    }

    /// Tries until the device has made its nodes.
    async fn follows_device(&mut self) {
        for node in Node::ALL {
            for attempt in 0.. {
                let service = jid("esp32");
                match self.ask(Request::Subscribe { service, node }).await {
                    Ok(_) => break,
                    Err(failure) => assert!(attempt < 100, "{node:?}: {failure:?}"),
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn fetch(&mut self, node: Node) -> Result<Vec<ItemReport>, Failure> {
        let service = jid("esp32");
        match self.ask(Request::Fetch { service, node }).await? {
            Answer::Items(items) => Ok(items),
            other => panic!("not items: {other:?}"),
        }
    }

    async fn reads(&mut self, node: Node, item: &str, value: Value) {
        for _ in 0..100 {
            if self.value(node, item).await == Some(value.clone()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{item} never becomes {value:?}");
    }

    /// Asks again and again: a device that is still preparing its nodes takes requests away.
    async fn switches_on(&mut self) {
        for attempt in 0..100 {
            let request = publication(&format!("set:{LED}:on{attempt}"), "1");
            self.ask(request).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
            if self.value(Node::Actuators, LED).await == Some(Value::Bool(true)) {
                return;
            }
        }
        panic!("the light never goes on");
    }

    async fn value(&mut self, node: Node, item: &str) -> Option<Value> {
        let items = self.fetch(node).await.unwrap();
        let report = items
            .into_iter()
            .find(|report| report.item.as_str() == item)?;
        match report.payload {
            Payload::Value(val) => val.read(None).ok(),
            _ => None,
        }
    }

    async fn says(&mut self, body: &str) {
        let request = Request::SendText {
            to: jid("esp32").into(),
            body: body.to_owned(),
        };
        let command = LinkCommand::Request(RequestId(0), Box::new(request));
        self.link.commands.send(command).await.unwrap();
    }

    async fn awaits_text(&mut self) -> String {
        self.awaits("a text", |event| match event {
            SessionEvent::Text { body, .. } => Some(body.clone()),
            _ => None,
        })
        .await
    }
}

/// Not the zero that the thesis' firmware starts with.
fn measured(report: &ItemReport) -> bool {
    matches!(&report.payload, Payload::Value(val) if val.text().starts_with("2"))
}

fn publication(item: &str, text: &str) -> Request {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let stamp = Timestamp(i64::try_from(now.as_millis()).unwrap());
    Request::Publish {
        service: jid("esp32"),
        node: Node::Actuators,
        item: ItemId::new(item).unwrap(),
        payload: Payload::Value(Val::from_wire(text, Some("boolean"), None, Some(stamp))),
    }
}

#[tokio::test]
async fn a_device_at_home() {
    for kind in KINDS {
        let scene = Scene::new(kind, false);
        let device = scene.start(&[]);
        let mut juliet = scene.person("juliet").await;
        juliet.follows_device().await;
        juliet.reads(Node::Actuators, LED, Value::Bool(false)).await;
        let form = juliet.fetch(Node::Ui).await.unwrap();
        assert!(
            matches!(
                &form[..],
                [ItemReport {
                    payload: Payload::Form(..),
                    ..
                }]
            ),
            "{form:?}"
        );
        assert!(
            juliet
                .value(Node::Sensors, "xmpp.iot.sensor.temp")
                .await
                .is_some()
        );

        // A request, and its confirmation.
        let set = format!("set:{LED}:k3");
        juliet.ask(publication(&set, "1")).await.unwrap();
        juliet.awaits_report(LED, "1").await;
        juliet
            .awaits("the retraction", |event| match event {
                SessionEvent::Retracted { items, .. } => {
                    items.iter().any(|item| item.as_str() == set).then_some(())
                }
                _ => None,
            })
            .await;

        // As a thesis client does it: the state item itself.
        let overwritten = juliet.ask(publication(LED, "0")).await;
        match kind {
            ServerKind::Prosody => {
                overwritten.unwrap();
                juliet.awaits_report(LED, "0").await;
                juliet
                    .ask(publication(&format!("set:{LED}:k4"), "1"))
                    .await
                    .unwrap();
                juliet.awaits_report(LED, "1").await;
            }
            ServerKind::Ejabberd => {
                assert_eq!(overwritten.unwrap_err().code, FailureCode::Forbidden);
            }
        }

        juliet.says("led").await;
        assert_eq!(juliet.awaits_text().await, "Light: on", "{kind:?}");

        nobody_else_gets_through(&scene, &mut juliet).await;

        // The state survives a restart, and what was asked meanwhile is not done.
        device.terminate();
        let (code, log) = device.end();
        assert_eq!(code, Some(0), "{log}");
        assert!(!log.contains(PASSWORD), "{log}");
        assert!(!log.contains("WARN"), "{log}");
        let late = format!("set:{LED}:late");
        juliet.ask(publication(&late, "0")).await.unwrap();
        let device = scene.start(&[]);
        juliet.awaits_report(LED, "1").await;
        assert_eq!(
            juliet.value(Node::Actuators, &late).await,
            None,
            "{kind:?}: swept away"
        );
        device.terminate();
        assert_eq!(device.end().0, Some(0));
    }
}

async fn nobody_else_gets_through(scene: &Scene, juliet: &mut Person) {
    for user in ["tybalt", "peter"] {
        let mut intruder = scene.person(user).await;
        for item in [LED, &format!("set:{LED}:k5"), "hello"] {
            let refused = intruder.ask(publication(item, "0")).await;
            assert_eq!(
                refused.unwrap_err().code,
                FailureCode::Forbidden,
                "{user} {item}"
            );
        }
        intruder.says("led off").await;
        for node in Node::ALL {
            let fetched = intruder.fetch(node).await;
            assert_eq!(
                fetched.is_ok(),
                user == "peter",
                "{user} {node:?}: {fetched:?}"
            );
            let service = jid("esp32");
            let subscribed = intruder.ask(Request::Subscribe { service, node }).await;
            assert_eq!(subscribed.is_ok(), user == "peter", "{user} {node:?}");
        }
    }
    assert_eq!(
        juliet.value(Node::Actuators, LED).await,
        Some(Value::Bool(true))
    );
}

#[tokio::test]
async fn rights_end_with_the_next_start() {
    for kind in KINDS {
        let scene = Scene::new(kind, false);
        let device = scene.start(&["--controller", "tybalt@localhost"]);
        let mut tybalt = scene.person("tybalt").await;
        tybalt.follows_device().await;
        tybalt.reads(Node::Actuators, LED, Value::Bool(false)).await;
        device.terminate();
        assert_eq!(device.end().0, Some(0));

        let _device = scene.start(&[]);
        let mut juliet = scene.person("juliet").await;
        juliet.follows_device().await;
        juliet.switches_on().await;
        for node in Node::ALL {
            let fetched = tybalt.fetch(node).await;
            assert!(fetched.is_err(), "{kind:?} {node:?}: {fetched:?}");
        }
        tybalt.events.clear();
        let off = publication(&format!("set:{LED}:off"), "0");
        juliet.ask(off).await.unwrap();
        juliet.reads(Node::Actuators, LED, Value::Bool(false)).await;
        assert!(tybalt.fetch(Node::Actuators).await.is_err(), "{kind:?}");
        let heard = |event: &SessionEvent| matches!(event, SessionEvent::Published { .. });
        assert!(
            !tybalt.events.iter().any(heard),
            "{kind:?}: {:?}",
            tybalt.events
        );
    }
}

#[tokio::test]
async fn first_words() {
    for kind in KINDS {
        let scene = Scene::new(kind, false);
        let mut juliet = scene.person("juliet").await;
        let _device = scene.start(&["--sender", "juliet@localhost"]);
        let greeting = juliet.awaits_text().await;
        assert_eq!(greeting, roost_device::FIRST_WORDS, "{kind:?}");
        juliet.says(&greeting).await;
        assert_eq!(
            juliet.awaits_text().await,
            roost_device::SETUP_DONE,
            "{kind:?}"
        );
        assert!(juliet.fetch(Node::Ui).await.is_ok(), "{kind:?}");
        let asked = |event: &SessionEvent| match event {
            SessionEvent::SubscriptionStep { from, step } if *from == jid("esp32") => Some(*step),
            _ => None,
        };
        let step = juliet.awaits("a presence subscription", asked).await;
        assert_eq!(step, SubscriptionStep::Ask, "{kind:?}");
    }
}

#[tokio::test]
async fn the_thesis_profile() {
    for kind in KINDS {
        let scene = Scene::new(kind, true);
        let _device = scene.start(&["--profile", "thesis"]);
        let mut juliet = scene.person("juliet").await;
        juliet.follows_device().await;
        juliet
            .awaits("a temperature", |event| match event {
                SessionEvent::Published { items, .. } => items
                    .iter()
                    .any(|report| report.item == ItemId::sensor("temp") && measured(report))
                    .then_some(()),
                _ => None,
            })
            .await;
        let mut tybalt = scene.person("tybalt").await;
        let speaker = "xmpp.iot.actuator.speaker";
        let overwritten = tybalt.ask(publication(speaker, "1")).await;
        match kind {
            // Open nodes are what they say: strangers publish.
            ServerKind::Prosody => assert_eq!(overwritten, Ok(Answer::Done)),
            ServerKind::Ejabberd => {
                assert_eq!(overwritten.unwrap_err().code, FailureCode::Forbidden);
            }
        }
    }
}

#[test]
fn what_cannot_work_is_explained() {
    let scene = Scene::new(ServerKind::Prosody, false);
    let wrong = scene.path("wrong");
    std::fs::write(&wrong, "romeo").unwrap();
    let nowhere = scene.path("nowhere");
    let folder = scene.path("password");
    let cases: [(&[&str], &Path, i32, &str); 3] = [
        (
            &["--password-file"],
            &wrong,
            4,
            "check --jid and the password",
        ),
        (&["--ca"], &nowhere, 3, "cannot read"),
        (&["--state"], &folder, 3, "choose another folder"),
    ];
    for (flag, value, code, words) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost-device"));
        command
            .args(["--board", "kettle", "--jid", "esp32@localhost"])
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                &scene.server.port().to_string(),
            ]);
        let usual = [("--ca", "ca.pem"), ("--password-file", "password")];
        for (name, file) in usual.iter().filter(|(name, _)| !flag.contains(name)) {
            command.arg(name).arg(scene.path(file));
        }
        command.args(flag).arg(value);
        let (ended, log) = Program::start(&mut command).end();
        assert_eq!(ended, Some(code), "{flag:?}: {log}");
        assert!(log.contains(words), "{flag:?}: {log}");
        assert!(!log.contains("romeo") && !log.contains(PASSWORD), "{log}");
    }
}
