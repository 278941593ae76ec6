//! Somebody signed in at a demo home.

use std::time::Duration;

use jid::BareJid;
use roost_demo::DemoHome;
use roost_model::{ItemId, Node, Timestamp, Val, Value};
use roost_xmpp_link::{Link, spawn_over};
use roost_xmpp_proto::{
    Answer, Contact, Identity, ItemReport, LinkCommand, LinkEvent, Payload, Request, RequestId,
    SessionConfig, SessionEvent,
};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Visitor {
    link: Link,
    last_request: u64,
}

impl Visitor {
    pub(crate) async fn enter(home: &DemoHome) -> (Self, Vec<Contact>) {
        let account = home.account();
        let identity = Identity {
            category: "client".into(),
            kind: "pc".into(),
            name: "Visitor".into(),
        };
        let session =
            SessionConfig::new(account.jid.clone(), identity, "https://visitor.example", 1);
        let link = spawn_over(home.transport(), session);
        let mut visitor = Self {
            link,
            last_request: 0,
        };
        visitor.tell(LinkCommand::Connect(Box::new(account))).await;
        let roster = visitor
            .until(|event| match event {
                LinkEvent::Session(event) => match *event {
                    SessionEvent::Roster(contacts) => Some(contacts),
                    _ => None,
                },
                LinkEvent::State(_) => None,
            })
            .await;
        (visitor, roster)
    }

    pub(crate) async fn tell(&mut self, command: LinkCommand) {
        self.link.commands.send(command).await.unwrap();
    }

    /// Reads on until something is found.
    pub(crate) async fn until<T>(&mut self, mut find: impl FnMut(LinkEvent) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.link.events.recv().await.expect("the link goes on");
                if let Some(found) = find(event) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, search)
            .await
            .expect("something is found in time")
    }

    pub(crate) async fn until_event<T>(
        &mut self,
        mut find: impl FnMut(SessionEvent) -> Option<T>,
    ) -> T {
        self.until(|event| match event {
            LinkEvent::Session(event) => find(*event),
            LinkEvent::State(_) => None,
        })
        .await
    }

    pub(crate) async fn ask(&mut self, request: Request) -> Result<Answer, roost_model::Failure> {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        self.tell(LinkCommand::Request(id, Box::new(request))).await;
        self.until_event(|event| match event {
            SessionEvent::Answer { request, result } if request == id => Some(result),
            _ => None,
        })
        .await
    }

    pub(crate) async fn fetch(&mut self, device: &BareJid, node: Node) -> Vec<ItemReport> {
        let service = device.clone();
        match self.ask(Request::Fetch { service, node }).await {
            Ok(Answer::Items(items)) => items,
            other => panic!("{device} {node:?}: {other:?}"),
        }
    }

    pub(crate) async fn subscribe(&mut self, device: &BareJid) {
        for node in Node::ALL {
            let service = device.clone();
            let answer = self.ask(Request::Subscribe { service, node }).await;
            assert_eq!(answer, Ok(Answer::Done), "{device} {node:?}");
        }
    }

    /// Waits until a device has published its form, which it does last of all.
    pub(crate) async fn settled(&mut self, device: &BareJid) {
        for _ in 0..200 {
            let (service, node) = (device.clone(), Node::Ui);
            let answer = self.ask(Request::Fetch { service, node }).await;
            if matches!(answer, Ok(Answer::Items(items)) if !items.is_empty()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{device} does not settle");
    }

    pub(crate) async fn wish(&mut self, device: &BareJid, item: &ItemId, value: Value) {
        let stamp = Timestamp(
            i64::try_from(
                std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .unwrap()
                    .as_millis(),
            )
            .unwrap(),
        );
        let answer = self
            .ask(Request::Publish {
                service: device.clone(),
                node: Node::Actuators,
                item: item.request("test").unwrap(),
                payload: Payload::Value(Val::from_value(&value, None, Some(stamp))),
            })
            .await;
        assert_eq!(answer, Ok(Answer::Done));
    }

    /// What the device itself next says about an item.
    pub(crate) async fn report(&mut self, device: &BareJid, item: &ItemId) -> String {
        self.until_event(|event| match event {
            SessionEvent::Published { service, items, .. } if service == *device => {
                items.into_iter().find_map(|report| match report.payload {
                    Payload::Value(val) if report.item == *item => Some(val.text().to_owned()),
                    _ => None,
                })
            }
            _ => None,
        })
        .await
    }
}

pub(crate) fn device(name: &str) -> BareJid {
    format!("{name}@demo.home").parse().unwrap()
}
