//! A device without a task: a session that is driven inside the server's loop.
//!
//! It has what an app can see of a device (nodes, a form, values, presence with capabilities), and
//! grants every request of its owner at once. It measures nothing: others say what its values
//! are.

use std::collections::BTreeMap;

use jid::BareJid;
use roost_device::{Description, form_of};
use roost_memory_server::{ConnectError, Connection, Server};
use roost_model::{ItemId, Node, Now, Val, Value};
use roost_xmpp_proto::{
    Affiliation, Identity, ItemReport, NodeConfig, Payload, ROOST_FEATURE, Request, RequestId,
    Session, SessionConfig, SessionEvent, Stanza,
};

/// A device without a task.
#[derive(Debug)]
pub(crate) struct Resident {
    account: BareJid,
    owner: BareJid,
    session: Session,
    connection: Option<Connection>,
    last_request: u64,
}

impl Resident {
    const RESOURCE: &str = "device";

    /// Moves in: makes the nodes and publishes the form and first values. It is then offline.
    ///
    /// # Errors
    /// If it has no account at the server.
    pub(crate) fn move_in(
        server: &mut Server,
        account: BareJid,
        owner: BareJid,
        description: &Description,
        values: impl IntoIterator<Item = (String, Value)>,
        now: Now,
    ) -> Result<Self, ConnectError> {
        let identity = Identity {
            category: "device".to_owned(),
            kind: "bot".to_owned(),
            name: "Roost demo".to_owned(),
        };
        let mut config =
            SessionConfig::new(account.clone(), identity, "https://roost.example/demo", 1);
        config.features.insert(ROOST_FEATURE.to_owned());
        let mut resident = Self {
            session: Session::new(config),
            account,
            owner,
            connection: None,
            last_request: 0,
        };
        resident.arrive(server, now)?;
        resident.furnish(description, values, now);
        resident.converse(server, now);
        resident.leave(server, now);
        Ok(resident)
    }

    /// Signs in.
    ///
    /// # Errors
    /// If the server has no room for it.
    pub(crate) fn arrive(&mut self, server: &mut Server, now: Now) -> Result<(), ConnectError> {
        self.session.stream_lost(now);
        let (connection, bound) =
            server.connect(self.account.clone(), Some(Self::RESOURCE), now)?;
        self.connection = Some(connection);
        self.session.stream_up(bound, false, now);
        self.converse(server, now);
        Ok(())
    }

    /// Signs out.
    pub(crate) fn leave(&mut self, server: &mut Server, now: Now) {
        if let Some(connection) = self.connection.take() {
            server.disconnect(connection, now);
        }
        self.session.stream_lost(now);
        self.listen(now);
    }

    pub(crate) fn connection(&self) -> Option<Connection> {
        self.connection
    }

    /// Says that a value is this now.
    pub(crate) fn report(&mut self, node: Node, item: ItemId, val: Val, now: Now) {
        let publish = self.publish(node, item, Payload::Value(val));
        self.request(publish, now);
    }

    /// Takes a stanza and answers it.
    pub(crate) fn hear(&mut self, stanza: Stanza, server: &mut Server, now: Now) {
        self.session.handle_stanza(stanza, now);
        self.listen(now);
        self.speak(server, now);
    }

    /// Says what there is to say.
    pub(crate) fn speak(&mut self, server: &mut Server, now: Now) {
        while let Some(transmit) = self.session.poll_transmit() {
            if let Some(connection) = self.connection {
                server.handle(connection, transmit.stanza, now);
            }
        }
    }

    /// Talks with the server until there is nothing left to say. Only before others come: what
    /// the server says to them is lost.
    fn converse(&mut self, server: &mut Server, now: Now) {
        self.speak(server, now);
        while let Some((connection, stanza)) = server.poll_output() {
            if self.connection == Some(connection) {
                self.hear(stanza, server, now);
            }
        }
    }

    fn furnish(
        &mut self,
        description: &Description,
        values: impl IntoIterator<Item = (String, Value)>,
        now: Now,
    ) {
        for node in Node::ALL {
            let owner_is = match node {
                Node::Actuators => Affiliation::Publisher,
                Node::Sensors | Node::Ui => Affiliation::Member,
            };
            self.request(
                Request::CreateNode {
                    node,
                    config: NodeConfig::ROOST,
                },
                now,
            );
            self.request(
                Request::SetAffiliations {
                    node,
                    affiliations: vec![(self.owner.clone(), owner_is)],
                },
                now,
            );
        }
        self.request(
            Request::Subscribe {
                service: self.account.clone(),
                node: Node::Actuators,
            },
            now,
        );
        let form = Payload::Form(Box::new(form_of(description)), Vec::new());
        let form = self.publish(Node::Ui, ItemId::current(), form);
        self.request(form, now);
        let values: BTreeMap<String, Value> = values.into_iter().collect();
        for point in description.points() {
            if let Some(value) = values.get(&point.name) {
                let val = Val::from_value(value, point.unit.clone(), Some(now.wall));
                self.report(point.node, point.item.clone(), val, now);
            }
        }
    }

    fn listen(&mut self, now: Now) {
        while let Some(event) = self.session.poll_event() {
            if let SessionEvent::Published {
                service,
                node: Node::Actuators,
                items,
            } = event
                && service == self.account
            {
                for item in items {
                    self.grant(item, now);
                }
            }
        }
    }

    /// Does what the owner asks: reports the wished value as its own, and retracts the request.
    fn grant(&mut self, request: ItemReport, now: Now) {
        let is_owner = request
            .publisher
            .is_some_and(|publisher| publisher.to_bare() == self.owner);
        let (Some(item), Payload::Value(wish), true) =
            (request.item.requested_item(), request.payload, is_owner)
        else {
            return;
        };
        self.report(Node::Actuators, item, wish, now);
        self.request(
            Request::Retract {
                service: self.account.clone(),
                node: Node::Actuators,
                item: request.item,
            },
            now,
        );
    }

    fn publish(&self, node: Node, item: ItemId, payload: Payload) -> Request {
        Request::Publish {
            service: self.account.clone(),
            node,
            item,
            payload,
        }
    }

    fn request(&mut self, request: Request, now: Now) {
        self.last_request += 1;
        self.session
            .request(RequestId(self.last_request), request, now);
    }
}
