//! The one task that owns the server: what clients say goes in, what they hear goes out.
//!
//! Nobody can hold it up. What clients say comes through one bounded channel; what they hear is
//! put into a bounded channel of each, and a client that does not read until its channel is full
//! is disconnected, as a real server would do.

use std::collections::BTreeMap;
use std::time::Duration;

use jid::{BareJid, FullJid};
use roost_memory_server::{ConnectError, Connection, Server};
use roost_model::Now;
use roost_xmpp_proto::{SendToken, Stanza};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::home::{Fault, FaultProblem, Order};
use crate::household::Household;
use crate::large::Population;

/// How many stanzas of all clients may wait for the server.
pub(crate) const INPUTS: usize = 4_096;
/// How many stanzas may wait for one client.
const DELIVERIES: usize = 16_384;
/// With more stanzas waiting for some client, a large home stops publishing for a while. About
/// what fits into the buffers of a network connection.
const BACKLOG: usize = 512;
/// How many inputs are taken at once before orders and time get their turn.
const INPUTS_AT_ONCE: usize = 64;
/// How often clients are noticed that went without a word, and faults that should pass.
const HOUSEHOLD_TICK: Duration = Duration::from_millis(500);
/// How often a large home publishes.
const POPULATION_TICK: Duration = Duration::from_millis(20);
/// How long people wait at the door until the devices of a new home have settled, at most.
const TO_SETTLE: Duration = Duration::from_secs(3);
/// How many people may wait there; the others see the devices settle.
const AT_THE_DOOR: usize = 16;
/// How long the server is gone when it restarts.
const RESTART: Duration = Duration::from_secs(3);

pub(crate) type Entrance = mpsc::Sender<Input>;

/// What clients say.
#[derive(Debug)]
pub(crate) enum Input {
    /// A client wants a stream.
    Knock {
        jid: BareJid,
        resource: Option<String>,
        reply: oneshot::Sender<Admission>,
    },
    /// A client says something; with a token it wants to know when the server has it.
    Stanza(Connection, Stanza, Option<SendToken>),
    /// A client ends its stream.
    Leave(Connection),
}

/// Somebody who wants a stream.
struct Knock {
    jid: BareJid,
    resource: Option<String>,
    reply: oneshot::Sender<Admission>,
}

/// The answer to a knock.
pub(crate) type Admission = Result<Admitted, Turned>;

/// A stream.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) connection: Connection,
    pub(crate) jid: FullJid,
    /// Closed when the stream ends.
    pub(crate) inbox: mpsc::Receiver<Delivery>,
}

/// Why there is no stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// There is no such account, or no room for it.
    Away,
    /// The server is down for the moment.
    Down,
}

/// What a client hears.
#[derive(Debug)]
pub(crate) enum Delivery {
    Stanza(Stanza),
    Acked(SendToken),
    /// Another client took the resource over; the stream ends.
    Replaced,
}

/// The devices of a home.
pub(crate) enum Inhabitants {
    /// A few, as they are in real homes.
    Household(Household),
    /// Many, driven by the server's own loop.
    Population(Population),
}

/// The task's state.
pub(crate) struct Hub {
    server: Server,
    clock: Clock,
    clients: BTreeMap<Connection, mpsc::Sender<Delivery>>,
    inhabitants: Inhabitants,
    owner: BareJid,
    /// People who wait for the devices of a new home, until when at most.
    door: Option<(Instant, Vec<Knock>)>,
    down_until: Option<Instant>,
}

impl Hub {
    pub(crate) fn new(
        server: Server,
        owner: BareJid,
        inhabitants: Inhabitants,
        clock: Clock,
    ) -> Self {
        let is_new = matches!(inhabitants, Inhabitants::Household(_));
        Self {
            owner,
            door: is_new.then(|| (Instant::now() + TO_SETTLE, Vec::new())),
            server,
            clock,
            clients: BTreeMap::new(),
            inhabitants,
            down_until: None,
        }
    }

    /// Runs until nobody can give orders any more. What it owns then ends with it.
    pub(crate) async fn run(
        mut self,
        mut inputs: mpsc::Receiver<Input>,
        mut orders: mpsc::Receiver<Order>,
    ) {
        let mut tick = interval(match self.inhabitants {
            Inhabitants::Household(_) => HOUSEHOLD_TICK,
            Inhabitants::Population(_) => POPULATION_TICK,
        });
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => break,
                },
                Some(input) = inputs.recv() => {
                    self.handle(input);
                    for _ in 1..INPUTS_AT_ONCE {
                        let Ok(input) = inputs.try_recv() else {
                            break;
                        };
                        self.handle(input);
                    }
                }
                _ = tick.tick() => self.tick(),
            }
        }
    }

    fn obey(&mut self, order: Order) {
        // Who asked may have stopped waiting; then nobody misses the reply.
        match order {
            Order::Fault {
                fault: Fault::ServerRestart,
                reply,
                ..
            } => {
                self.server.restart();
                self.clients.clear();
                self.down_until = Some(Instant::now() + RESTART);
                let _ = reply.send(Ok(()));
            }
            Order::Fault {
                device,
                fault,
                reply,
            } => {
                let _ = reply.send(match &mut self.inhabitants {
                    Inhabitants::Household(household) => household.fault(device.as_ref(), fault),
                    Inhabitants::Population(_) => Err(FaultProblem::NoSuchDevice),
                });
            }
            Order::Published(reply) => {
                let _ = reply.send(match &self.inhabitants {
                    Inhabitants::Household(_) => 0,
                    Inhabitants::Population(population) => population.published(),
                });
            }
        }
    }

    fn handle(&mut self, input: Input) {
        let now = self.clock.now();
        match input {
            Input::Knock {
                jid,
                resource,
                reply,
            } => {
                let knock = Knock {
                    jid,
                    resource,
                    reply,
                };
                match &mut self.door {
                    Some((_, waiting))
                        if knock.jid == self.owner && waiting.len() < AT_THE_DOOR =>
                    {
                        waiting.push(knock);
                    }
                    _ => self.answer(knock, now),
                }
            }
            Input::Stanza(connection, stanza, token) => {
                if let Some(token) = token {
                    self.deliver(connection, Delivery::Acked(token), now);
                }
                self.server.handle(connection, stanza, now);
            }
            Input::Leave(connection) => self.dismiss(connection, now),
        }
        self.carry(now);
        self.open_door(now);
    }

    /// A person who comes in sees a home that lives, not one that is being set up.
    fn open_door(&mut self, now: Now) {
        let Some((until, _)) = &self.door else {
            return;
        };
        let is_settled = match &self.inhabitants {
            Inhabitants::Household(household) => household.is_settled(&self.server),
            Inhabitants::Population(_) => true,
        };
        if !is_settled && Instant::now() < *until {
            return;
        }
        for knock in self
            .door
            .take()
            .map(|(_, waiting)| waiting)
            .unwrap_or_default()
        {
            self.answer(knock, now);
        }
        self.carry(now);
    }

    fn answer(&mut self, knock: Knock, now: Now) {
        let admission = self.admit(knock.jid, knock.resource.as_deref(), now);
        if let Err(Ok(unwanted)) = knock.reply.send(admission) {
            self.dismiss(unwanted.connection, now);
        }
    }

    fn admit(&mut self, jid: BareJid, resource: Option<&str>, now: Now) -> Admission {
        if self.down_until.is_some() {
            return Err(Turned::Down);
        }
        let (connection, jid) =
            self.server
                .connect(jid, resource, now)
                .map_err(|error: ConnectError| {
                    tracing::warn!(%error, "a client was turned away");
                    Turned::Away
                })?;
        let (outbox, inbox) = mpsc::channel(DELIVERIES);
        self.clients.insert(connection, outbox);
        Ok(Admitted {
            connection,
            jid,
            inbox,
        })
    }

    fn dismiss(&mut self, connection: Connection, now: Now) {
        self.server.disconnect(connection, now);
        self.clients.remove(&connection);
    }

    fn tick(&mut self) {
        let now = self.clock.now();
        if self.down_until.is_some_and(|until| until <= Instant::now()) {
            self.down_until = None;
            if let Inhabitants::Population(population) = &mut self.inhabitants {
                population.return_home(&mut self.server, now);
            }
        }
        let lost: Vec<Connection> = self
            .clients
            .iter()
            .filter(|(_, outbox)| outbox.is_closed())
            .map(|(connection, _)| *connection)
            .collect();
        for connection in lost {
            self.dismiss(connection, now);
        }
        match &mut self.inhabitants {
            Inhabitants::Household(household) => household.heal(),
            Inhabitants::Population(_) => self.publish(now),
        }
        self.carry(now);
        self.open_door(now);
    }

    /// Lets the values of a large home move, unless somebody is behind with listening.
    fn publish(&mut self, now: Now) {
        let Inhabitants::Population(population) = &mut self.inhabitants else {
            return;
        };
        let is_behind =
            |outbox: &mpsc::Sender<Delivery>| outbox.max_capacity() - outbox.capacity() > BACKLOG;
        if self.down_until.is_some() || self.clients.values().any(is_behind) {
            population.pause(now);
        } else {
            population.publish(&mut self.server, now);
        }
    }

    /// Carries what the server has to say to those it is for.
    fn carry(&mut self, now: Now) {
        while let Some((connection, stanza)) = self.server.poll_output() {
            if let Inhabitants::Population(population) = &mut self.inhabitants
                && let Some(resident) = population.find(connection)
            {
                resident.hear(stanza, &mut self.server, now);
            } else {
                self.deliver(connection, Delivery::Stanza(stanza), now);
            }
        }
        while let Some(connection) = self.server.poll_replaced() {
            self.deliver(connection, Delivery::Replaced, now);
            self.clients.remove(&connection);
        }
    }

    fn deliver(&mut self, connection: Connection, delivery: Delivery, now: Now) {
        let Some(outbox) = self.clients.get(&connection) else {
            return;
        };
        if outbox.try_send(delivery).is_err() {
            self.dismiss(connection, now);
        }
    }
}
