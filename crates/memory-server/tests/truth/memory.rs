//! The script at the server in memory.

use std::collections::BTreeMap;

use roost_memory_server::{Connection, Flavour, Server, ServerConfig};
use roost_model::{Failure, Now};
use roost_xmpp_proto::{Answer, Identity, RequestId, Session, SessionConfig, SessionEvent};

use crate::script::{DOMAIN, PEOPLE, Script, jid};
use crate::words;

struct Person {
    name: &'static str,
    session: Session,
}

struct World {
    server: Server,
    people: BTreeMap<Connection, Person>,
    now: Now,
}

pub(crate) fn play(flavour: Flavour, script: &Script) -> Vec<String> {
    let mut world = World {
        server: Server::new(ServerConfig {
            force_iot_nodes: flavour == Flavour::Ejabberd && !script.thesis,
            ..ServerConfig::new(DOMAIN.parse().unwrap(), flavour)
        }),
        people: BTreeMap::new(),
        now: Now::default(),
    };
    for name in PEOPLE {
        world.enter(name);
    }
    let mut story = Vec::new();
    for (number, (who, request)) in (1..).zip(&script.steps) {
        let person = world.people.values_mut().find(|person| person.name == *who);
        let session = &mut person.unwrap().session;
        session.request(RequestId(number), request.clone(), world.now);
        let (answer, heard) = world.settle();
        story.push(words::step(who, request, answer.as_ref(), heard));
    }
    story
}

impl World {
    fn enter(&mut self, name: &'static str) {
        self.server.add_account(jid(name)).unwrap();
        let (connection, bound) = self.server.connect(jid(name), None, self.now).unwrap();
        let identity = Identity {
            category: "client".into(),
            kind: "bot".into(),
            name: name.into(),
        };
        let config = SessionConfig::new(jid(name), identity, "https://roost.example", 7);
        let mut session = Session::new(config);
        session.stream_up(bound, false, self.now);
        self.people.insert(connection, Person { name, session });
        self.settle();
    }

    fn settle(&mut self) -> (Option<Result<Answer, Failure>>, Vec<String>) {
        let mut answer = None;
        let mut heard = Vec::new();
        loop {
            for (connection, person) in &mut self.people {
                while let Some(transmit) = person.session.poll_transmit() {
                    self.server.handle(*connection, transmit.stanza, self.now);
                }
                while let Some(event) = person.session.poll_event() {
                    heard.extend(words::heard(person.name, &event));
                    if let SessionEvent::Answer { result, .. } = event {
                        answer = Some(result);
                    }
                }
            }
            let Some((connection, stanza)) = self.server.poll_output() else {
                return (answer, heard);
            };
            let person = self.people.get_mut(&connection).unwrap();
            person.session.handle_stanza(stanza, self.now);
        }
    }
}
