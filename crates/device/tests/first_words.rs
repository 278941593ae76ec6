//! From nothing to a device that is there: an account is registered, the program starts with it,
//! and both sides have their first words, on unchanged servers.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

use std::future::ready;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::{FirstStep, FirstWords, FirstWordsEnd};
use roost_model::jid::BareJid;
use roost_model::{Node, Now, Secret};
use roost_testkit::{Accounts, Options, RealServer, ServerKind};
use roost_xmpp_link::{Link, LinkOptions, NewAccountAt, Removal, register, remove_account, spawn};
use roost_xmpp_proto::registration::{NewAccount, account_name, account_password};
use roost_xmpp_proto::{
    Account, Answer, Identity, LinkCommand, LinkEvent, LinkState, Request, RequestId, Route,
    SessionConfig, SessionEvent, Trust,
};
use tokio::time::timeout;

const PASSWORD: &str = "a rose by any other name";
const PATIENCE: Duration = Duration::from_secs(60);

/// A program under test; killed when dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, which is what we want.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(server: &RealServer, lamp: &NewAccount, folder: &Path, profile: &str) -> Program {
    std::fs::write(folder.join("ca.pem"), server.ca_pem()).unwrap();
    std::fs::write(folder.join("password"), lamp.password.expose()).unwrap();
    let port = server.port().to_string();
    let juliet = format!("juliet@{}", server.domain());
    let child = Command::new(env!("CARGO_BIN_EXE_roost-device"))
        .args([
            "--board",
            "esp32",
            "--jid",
            lamp.jid.as_str(),
            "--seed",
            "7",
        ])
        .args(["--host", "127.0.0.1", "--port", &port, "--profile", profile])
        .args(["--controller", &juliet, "--sender", &juliet])
        .arg("--ca")
        .arg(folder.join("ca.pem"))
        .arg("--password-file")
        .arg(folder.join("password"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Program(child)
}

fn account(server: &RealServer, jid: BareJid, password: Secret) -> Account {
    Account {
        jid,
        password,
        route: Route::Fixed {
            host: "127.0.0.1".to_owned(),
            port: server.port(),
            direct_tls: false,
        },
        trust: Trust::Authorities(server.ca_pem().to_owned()),
        resource: None,
        silence: Duration::from_secs(30),
    }
}

async fn signed_in(account: Account) -> Link {
    let identity = Identity {
        category: "client".to_owned(),
        kind: "pc".to_owned(),
        name: "Test".to_owned(),
    };
    let config = SessionConfig::new(account.jid.clone(), identity, "https://example.org", 3);
    let mut link = spawn(config, LinkOptions::new(4));
    let connect = LinkCommand::Connect(Box::new(account));
    link.commands.send(connect).await.unwrap();
    loop {
        match link.events.recv().await.unwrap() {
            LinkEvent::Session(event) if matches!(*event, SessionEvent::Roster(_)) => return link,
            LinkEvent::State(LinkState::Failed { cause }) => panic!("{cause:?}"),
            _ => {}
        }
    }
}

/// The app's side, driven as an app would.
struct App {
    link: Link,
    words: FirstWords,
    begun: Instant,
    asked: u64,
    fetches: Vec<RequestId>,
    story: Vec<String>,
}

impl App {
    fn now(&self) -> Now {
        let elapsed = u64::try_from(self.begun.elapsed().as_millis()).unwrap();
        Now {
            instant: roost_model::Instant(elapsed),
            ..Now::default()
        }
    }

    async fn send(&mut self, request: Request) -> RequestId {
        self.asked += 1;
        let id = RequestId(self.asked);
        let command = LinkCommand::Request(id, Box::new(request));
        self.link.commands.send(command).await.unwrap();
        id
    }

    async fn read(&mut self) {
        let service = self.words.device().clone();
        for node in Node::ALL {
            let service = service.clone();
            self.send(Request::Subscribe { service, node }).await;
        }
        let node = Node::Ui;
        let fetch = self.send(Request::Fetch { service, node }).await;
        self.fetches.push(fetch);
    }

    async fn run(&mut self) -> FirstWordsEnd {
        loop {
            while let Some(step) = self.words.poll_step() {
                self.story
                    .push(format!("{:?} {step:?}", self.begun.elapsed()));
                match step {
                    FirstStep::Send(request) => {
                        self.send(request).await;
                    }
                    FirstStep::Read => self.read().await,
                }
            }
            if let Some(end) = self.words.end() {
                return end;
            }
            let due = self.words.poll_timeout().unwrap();
            let wait = due.since(self.now().instant) + Duration::from_millis(1);
            match timeout(wait, self.link.events.recv()).await {
                Ok(Some(LinkEvent::Session(event))) => {
                    let now = self.now();
                    match *event {
                        SessionEvent::Answer {
                            request,
                            result: Ok(Answer::Items(ref items)),
                        } if self.fetches.contains(&request) && !items.is_empty() => {
                            self.words.form_came();
                        }
                        _ => self.words.handle(&event, now),
                    }
                    self.story
                        .push(format!("{:?} {event:?}", self.begun.elapsed()));
                }
                Ok(Some(LinkEvent::State(state))) => panic!("{state:?}"),
                Ok(None) => panic!("the link ended"),
                Err(_) => self.words.handle_timeout(self.now()),
            }
        }
    }
}

/// How long the first words took, from the start of the program.
async fn first_words(kind: ServerKind, profile: &str) {
    let options = Options {
        accounts: Accounts::Open,
        thesis: profile == "thesis",
        ..Options::default()
    };
    let server = RealServer::launch(kind, &options).unwrap();
    server.add_account("juliet", PASSWORD).unwrap();
    let domain = server.domain();
    let juliet = BareJid::new(&format!("juliet@{domain}")).unwrap();
    let mut link = signed_in(account(&server, juliet, Secret::new(PASSWORD))).await;
    while link.events.try_recv().is_ok() {}

    let name = account_name("Lamp", [9; 5]);
    let lamp = NewAccount {
        jid: BareJid::new(&format!("{name}@{domain}")).unwrap(),
        password: account_password(&[9; 32]),
    };
    let login = account(&server, lamp.jid.clone(), lamp.password.clone());
    let wanted = NewAccountAt {
        account: lamp.clone(),
        invite: None,
        route: login.route.clone(),
        trust: login.trust.clone(),
    };
    let made = register(&wanted, &LinkOptions::new(5), |_| ready(None)).await;
    assert_eq!(made, Ok(()));

    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let device = start(&server, &lamp, folder.path(), profile);
    let now = Now::default();
    let mut app = App {
        words: FirstWords::new(lamp.jid.clone(), false, PATIENCE, now),
        link,
        begun,
        asked: 0,
        fetches: Vec::new(),
        story: Vec::new(),
    };
    let end = app.run().await;
    assert_eq!(end, FirstWordsEnd::Done, "{:#?}", app.story);
    assert!(app.words.has_spoken(), "{:#?}", app.story);
    assert!(begun.elapsed() < PATIENCE);

    // The end of the journey the other way: the device is taken back.
    drop(device);
    let removed = remove_account(&login, &LinkOptions::new(6)).await;
    assert_eq!(removed, Ok(Removal::Removed));
}

#[tokio::test]
async fn real_prosody_roost() {
    first_words(ServerKind::Prosody, "roost").await;
}

#[tokio::test]
async fn real_prosody_thesis() {
    first_words(ServerKind::Prosody, "thesis").await;
}

#[tokio::test]
async fn real_ejabberd_roost() {
    first_words(ServerKind::Ejabberd, "roost").await;
}

#[tokio::test]
async fn real_ejabberd_thesis() {
    first_words(ServerKind::Ejabberd, "thesis").await;
}
