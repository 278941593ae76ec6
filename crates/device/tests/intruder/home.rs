//! A kettle that runs as it does in a kitchen, with a counter on its actuators, and juliet's
//! home: the brain of the app over a real link.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use roost_core::{Command, Controller, DropReason, Effect, Input};
use roost_device::{
    Board, BoardKind, Clock as _, Description, Device, DeviceConfig, DeviceState, MemoryStore,
    Order, Pace, People, Refused, SystemClock, logic, run, session_config,
};
use roost_model::jid::{BareJid, FullJid};
use roost_model::{Availability, DeviceId, Freshness, ItemId, Profile, Secret, Value};
use roost_testkit::RealServer;
use roost_xmpp_link::{Link, LinkOptions};
use roost_xmpp_proto::{Account, Identity, Route, SessionConfig, Trust};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const PASSWORD: &str = "a rose by any other name";
/// The resource that the kettle asks for, so that intruders can be given its full JID.
pub(crate) const RESOURCE: &str = "kitchen";

pub(crate) fn jid(user: &str) -> BareJid {
    format!("{user}@localhost").parse().unwrap()
}

fn account(server: &RealServer, user: &str, resource: Option<&str>) -> Account {
    Account {
        jid: jid(user),
        password: Secret::new(PASSWORD),
        route: Route::Fixed {
            host: "127.0.0.1".to_owned(),
            port: server.port(),
            direct_tls: false,
        },
        trust: Trust::Authorities(server.ca_pem().to_owned()),
        resource: resource.map(str::to_owned),
        silence: Duration::from_secs(30),
    }
}

/// A kettle in the kitchen.
pub(crate) struct Kettle {
    orders: mpsc::Sender<Order>,
    actuated: Arc<AtomicU32>,
}

impl Kettle {
    /// Starts it. Juliet may control it, romeo may read it.
    pub(crate) fn start(server: &RealServer) -> Self {
        let config = DeviceConfig {
            account: jid("kettle"),
            people: People {
                controllers: [jid("juliet")].into(),
                readers: [jid("romeo")].into(),
                ..People::default()
            },
            sender: None,
            pace: Pace::default(),
        };
        let actuated = Arc::new(AtomicU32::new(0));
        let board = Watched {
            board: BoardKind::Kettle.build(Profile::Roost, 7, std::path::Path::new("")),
            actuated: Arc::clone(&actuated),
        };
        let session = session_config(&config, Profile::Roost, "Kettle", 21);
        let device = Device {
            account: account(server, "kettle", Some(RESOURCE)),
            logic: logic(
                Profile::Roost,
                config,
                Box::new(board),
                DeviceState::default(),
            ),
            link: roost_xmpp_link::spawn(session, LinkOptions::new(1)),
            store: Box::new(MemoryStore::default()),
            time_scale: 1.0,
        };
        let (orders, order_queue) = mpsc::channel(1);
        tokio::spawn(run(device, order_queue, SystemClock::start()));
        Self { orders, actuated }
    }

    /// How often anything was done to it over the network.
    pub(crate) fn actuated(&self) -> u32 {
        self.actuated.load(Ordering::SeqCst)
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.orders.is_closed()
    }
}

/// A board that counts what is asked of it.
struct Watched {
    board: Box<dyn Board>,
    actuated: Arc<AtomicU32>,
}

impl Board for Watched {
    fn description(&self) -> &Description {
        self.board.description()
    }

    fn step(&mut self, elapsed: Duration) {
        self.board.step(elapsed);
    }

    fn read(&self, point: &str) -> Option<Value> {
        self.board.read(point)
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        self.actuated.fetch_add(1, Ordering::SeqCst);
        self.board.actuate(point, value)
    }

    fn power_cycle(&mut self) {
        self.board.power_cycle();
    }
}

/// What juliet sees.
pub(crate) struct Home {
    brain: Controller,
    link: Link,
    clock: SystemClock,
    kettle: DeviceId,
}

impl Home {
    /// Signs juliet in and waits until she sees the kettle, cold and off.
    pub(crate) async fn move_in(server: &RealServer) -> Self {
        let identity = Identity {
            category: "client".to_owned(),
            kind: "pc".to_owned(),
            name: "Roost".to_owned(),
        };
        let session = SessionConfig::new(jid("juliet"), identity, "https://example.org", 3);
        let mut home = Self {
            brain: Controller::new(5),
            link: roost_xmpp_link::spawn(session, LinkOptions::new(4)),
            clock: SystemClock::start(),
            kettle: DeviceId::new(jid("kettle")),
        };
        let account = Box::new(account(server, "juliet", None));
        home.command(Command::SignIn(account)).await;
        home.until("a stream", |home| home.brain.link().is_up())
            .await;
        home.command(Command::AddDevice(jid("kettle"))).await;
        home.until("the kettle", |home| home.sees() == Some(AT_REST))
            .await;
        home
    }

    pub(crate) async fn command(&mut self, command: Command) {
        self.brain.command(command, self.clock.now()).unwrap();
        self.act().await;
    }

    pub(crate) async fn turn_on(&mut self) {
        let (device, item) = (self.kettle.clone(), ItemId::actuator("power"));
        let value = Value::Bool(true);
        self.command(Command::SetValue {
            device,
            item,
            value,
        })
        .await;
        self.until("tea", |home| home.sees() == Some((true, 100)))
            .await;
    }

    fn items(&self) -> Vec<String> {
        let device = self.brain.device(&self.kettle);
        let readings = device.into_iter().flat_map(|device| device.readings());
        let mut items: Vec<_> = readings
            .map(|reading| reading.item().as_str().to_owned())
            .collect();
        items.sort();
        items
    }

    /// Power and target of the kettle, if they are its own word and the present.
    pub(crate) fn sees(&self) -> Option<(bool, i64)> {
        let device = self.brain.device(&self.kettle)?;
        let is_there = matches!(device.availability(), Availability::Online { .. });
        let is_roost = device.profile() == Some(Profile::Roost);
        let of_kettle = |name: &str| {
            let reading = device.reading(&ItemId::actuator(name))?;
            let publisher = reading.reported().publisher.as_ref();
            let is_own = publisher.is_none_or(|by| by.to_bare() == *self.kettle.jid());
            let is_live = reading.freshness() == Freshness::Live;
            reading.value().ok().filter(|_| is_own && is_live)
        };
        match (of_kettle("power"), of_kettle("target")) {
            (Some(Value::Bool(power)), Some(Value::Int(target))) if is_there && is_roost => {
                Some((power, target))
            }
            _ => None,
        }
    }

    /// Who is on the list of devices.
    pub(crate) fn devices(&self) -> Vec<String> {
        let devices = self.brain.devices();
        devices.map(|device| device.id().to_string()).collect()
    }

    pub(crate) fn bound(&self) -> FullJid {
        self.brain.link().bound().unwrap().clone()
    }

    /// How often something was thrown away for this reason.
    pub(crate) fn dropped(&self, reason: DropReason) -> u32 {
        let dropped = self.brain.counters().dropped.get(&reason);
        dropped.map_or(0, |dropped| dropped.count)
    }

    /// How often anything was thrown away.
    pub(crate) fn dropped_in_all(&self) -> u32 {
        let dropped = self.brain.counters().dropped.values();
        dropped.map(|dropped| dropped.count).sum()
    }

    /// Takes in what has come.
    pub(crate) async fn catch_up(&mut self) {
        while let Ok(event) = self.link.events.try_recv() {
            self.brain.handle(Input::Link(event), self.clock.now());
            self.act().await;
        }
    }

    /// Lives on until it is so.
    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let wait = async {
            while !is_so(self) {
                self.live_on().await;
            }
        };
        let came = timeout(PATIENCE, wait).await;
        let seen = (self.sees(), self.devices(), self.items());
        let counters = self.brain.counters();
        assert!(came.is_ok(), "no {what}: {seen:?}, {counters:?}");
    }

    async fn live_on(&mut self) {
        let now = self.clock.now().instant;
        let due = self.brain.poll_timeout().map(|due| due.since(now));
        let input = tokio::select! {
            event = self.link.events.recv() => Input::Link(event.unwrap()),
            () = sleep(due.unwrap_or_default()), if due.is_some() => Input::Timeout,
        };
        self.brain.handle(input, self.clock.now());
        self.act().await;
    }

    async fn act(&mut self) {
        while let Some(Effect::Link(command)) = self.brain.poll_effect() {
            self.link.commands.send(command).await.unwrap();
        }
        while self.brain.poll_change().is_some() {}
    }
}

/// Off, and set for black tea.
pub(crate) const AT_REST: (bool, i64) = (false, 100);
