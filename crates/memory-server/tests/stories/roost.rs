//! Two sessions over the server run the Roost profile from the first node to a confirmed wish.

use std::collections::BTreeMap;

use jid::{BareJid, Jid};
use roost_memory_server::{Connection, Flavour, Server, ServerConfig};
use roost_model::{ItemId, Node, Now, Timestamp, Val, Value};
use roost_xmpp_proto::{
    AccessModel, Affiliation, Answer, Identity, NodeConfig, Payload, PublishModel, ROOST_FEATURE,
    Request, RequestId, Session, SessionConfig, SessionEvent, SubscriptionStep,
};

struct Party {
    session: Session,
    connection: Connection,
    events: Vec<SessionEvent>,
}

/// A server and the sessions of its accounts, in one thread and at one moment.
struct Home {
    server: Server,
    parties: BTreeMap<&'static str, Party>,
    last_request: u64,
    now: Now,
}

impl Home {
    fn new(flavour: Flavour) -> Self {
        Self {
            server: Server::new(ServerConfig::new("home".parse().unwrap(), flavour)),
            parties: BTreeMap::new(),
            last_request: 0,
            now: Now {
                wall: Timestamp(1_700_000_000_000),
                ..Now::default()
            },
        }
    }

    fn enter(&mut self, name: &'static str, feature: Option<&str>) {
        let jid = jid(name);
        self.server.add_account(jid.clone()).unwrap();
        let identity = Identity {
            category: "client".into(),
            kind: "bot".into(),
            name: name.into(),
        };
        let mut config = SessionConfig::new(jid.clone(), identity, "https://home.example", 7);
        config.features.extend(feature.map(str::to_owned));
        let (connection, bound) = self.server.connect(jid, Some("r"), self.now).unwrap();
        let mut session = Session::new(config);
        session.stream_up(bound, false, self.now);
        let party = Party {
            session,
            connection,
            events: Vec::new(),
        };
        self.parties.insert(name, party);
        self.settle();
    }

    /// Carries stanzas and events until all is quiet.
    fn settle(&mut self) {
        loop {
            for party in self.parties.values_mut() {
                while let Some(transmit) = party.session.poll_transmit() {
                    self.server
                        .handle(party.connection, transmit.stanza, self.now);
                }
            }
            let Some((connection, stanza)) = self.server.poll_output() else {
                break;
            };
            let party = self
                .parties
                .values_mut()
                .find(|party| party.connection == connection)
                .unwrap();
            party.session.handle_stanza(stanza, self.now);
            party
                .events
                .extend(std::iter::from_fn(|| party.session.poll_event()));
        }
    }

    fn ask(&mut self, name: &str, request: Request) -> Answer {
        self.last_request += 1;
        let id = RequestId(self.last_request);
        let party = self.parties.get_mut(name).unwrap();
        party.session.request(id, request.clone(), self.now);
        self.settle();
        let answer = self.take(name, |event| match event {
            SessionEvent::Answer { request, result } if *request == id => Some(result.clone()),
            _ => None,
        });
        answer.unwrap_or_else(|failure| panic!("{name} {request:?}: {failure:?}"))
    }

    fn tell(&mut self, name: &str, request: Request) {
        let party = self.parties.get_mut(name).unwrap();
        party
            .session
            .request(RequestId(u64::MAX), request, self.now);
        self.settle();
    }

    /// The first event that is what we look for; those before it are gone.
    fn take<T>(&mut self, name: &str, find: impl Fn(&SessionEvent) -> Option<T>) -> T {
        let events = &mut self.parties.get_mut(name).unwrap().events;
        let found = events
            .iter()
            .enumerate()
            .find_map(|(index, event)| Some((index, find(event)?)));
        let Some((index, found)) = found else {
            panic!("{name} saw only {events:#?}");
        };
        events.drain(..=index);
        found
    }
}

fn jid(name: &str) -> BareJid {
    format!("{name}@home").parse().unwrap()
}

fn publish(item: ItemId, on: bool) -> Request {
    let stamp = Some(Timestamp(1_700_000_000_000));
    Request::Publish {
        service: jid("kettle"),
        node: Node::Actuators,
        item,
        payload: Payload::Value(Val::from_value(&Value::Bool(on), None, stamp)),
    }
}

/// What is published next: item, publisher, text.
fn published(event: &SessionEvent) -> Option<(ItemId, Option<Jid>, String)> {
    let SessionEvent::Published { items, .. } = event else {
        return None;
    };
    let item = items.first()?;
    let Payload::Value(val) = &item.payload else {
        return None;
    };
    Some((
        item.item.clone(),
        item.publisher.clone(),
        val.text().to_owned(),
    ))
}

#[test]
fn from_the_first_node_to_a_confirmed_wish() {
    for flavour in [Flavour::Prosody, Flavour::Ejabberd] {
        let mut home = Home::new(flavour);
        home.enter("kettle", Some(ROOST_FEATURE));
        for node in Node::ALL {
            let config = NodeConfig::ROOST;
            home.ask("kettle", Request::CreateNode { node, config });
            home.ask("kettle", Request::ConfigureNode { node, config });
            let read = home.ask("kettle", Request::ReadNodeConfig { node });
            let expected = Answer::Config {
                access: Some(AccessModel::Whitelist),
                publish: Some(PublishModel::Publishers),
                max_items: Some(100),
                persist: Some(true),
            };
            assert_eq!(read, expected, "{flavour:?}");
            let affiliations = vec![(jid("juliet"), Affiliation::Publisher)];
            home.ask("kettle", Request::SetAffiliations { node, affiliations });
            let read = home.ask("kettle", Request::ReadAffiliations { node });
            assert_eq!(
                read,
                Answer::Affiliations(vec![
                    (jid("kettle"), Affiliation::Owner),
                    (jid("juliet"), Affiliation::Publisher),
                ])
            );
        }
        let subscribe = Request::Subscribe {
            service: jid("kettle"),
            node: Node::Actuators,
        };
        home.ask("kettle", subscribe.clone());

        home.enter("juliet", None);
        home.tell(
            "juliet",
            Request::Subscription {
                to: jid("kettle"),
                step: SubscriptionStep::Ask,
            },
        );
        home.take("kettle", |event| {
            matches!(
                event,
                SessionEvent::SubscriptionStep {
                    step: SubscriptionStep::Ask,
                    ..
                }
            )
            .then_some(())
        });
        home.tell(
            "kettle",
            Request::Subscription {
                to: jid("juliet"),
                step: SubscriptionStep::Approve,
            },
        );
        let features = home.take("juliet", |event| match event {
            SessionEvent::Features { from, features } if from.to_bare() == jid("kettle") => {
                Some(features.clone())
            }
            _ => None,
        });
        assert!(features.is_roost());

        home.ask("juliet", subscribe);
        let power = ItemId::actuator("power");
        let request = power.request("k3").unwrap();
        home.ask("juliet", publish(request.clone(), true));
        let (item, publisher, text) = home.take("kettle", published);
        assert_eq!((item, text.as_str()), (request.clone(), "1"));
        assert_eq!(publisher.map(|jid| jid.to_bare()), Some(jid("juliet")));

        home.ask("kettle", publish(power.clone(), true));
        home.ask(
            "kettle",
            Request::Retract {
                service: jid("kettle"),
                node: Node::Actuators,
                item: request.clone(),
            },
        );
        // Juliet's own request came back to her before she was answered.
        let (item, publisher, _) = home.take("juliet", published);
        assert_eq!(item, power);
        assert_eq!(publisher.map(|jid| jid.to_bare()), Some(jid("kettle")));
        let retracted = home.take("juliet", |event| match event {
            SessionEvent::Retracted { items, .. } => Some(items.clone()),
            _ => None,
        });
        assert_eq!(retracted, [request]);
        let fetched = home.ask(
            "juliet",
            Request::Fetch {
                service: jid("kettle"),
                node: Node::Actuators,
            },
        );
        let Answer::Items(items) = fetched else {
            panic!("{fetched:?}");
        };
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].publisher.is_some(), flavour == Flavour::Ejabberd);
    }
}
