//! Ours: a device as [`roost_device::run`] runs it, and the controller on a link as the app's task
//! drives it. A time ends when the change is there to be read from the controller; what the app
//! does then (telling user interfaces at most every 50 ms) is not in it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roost_core::{Access, Change, Command, Controller, Effect, Input};
use roost_device::{
    Board, Clock, Control, Description, Device, DeviceConfig, DeviceState, MemoryStore, Order,
    Pace, People, Point, Refused, logic, run, session_config,
};
use roost_model::{
    DeviceId, Instant, IntentStage, ItemId, Node, Now, Profile, Timestamp, Value, ValueKind,
};
use roost_xmpp_link::{Link, LinkOptions};
use roost_xmpp_proto::{Identity, LinkCommand, SessionConfig};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::Outcome;
use crate::contender::{self, Contender, REST, Round};
use crate::place::Place;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn contend(place: &Place) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ours = runtime.block_on(Ours::new(place))?;
    contender::serve(&mut OnRuntime { ours, runtime })
}

struct OnRuntime {
    ours: Ours,
    runtime: tokio::runtime::Runtime,
}

impl Contender for OnRuntime {
    fn measure(&mut self, round: Round) -> Outcome<Duration> {
        self.runtime.block_on(self.ours.measure(round))
    }

    fn absorb(&mut self, last: u32) -> Outcome<()> {
        let wanted = Value::Float(f64::from(last));
        self.runtime.block_on(self.ours.temperature_is(&wanted))
    }
}

struct Ours {
    device: mpsc::Sender<Order>,
    id: DeviceId,
    app: AppSide,
    turn: u32,
}

impl Ours {
    async fn new(place: &Place) -> Outcome<Self> {
        let device = start_device(place);
        let id = DeviceId::new(place.device.clone());
        let mut app = AppSide::new(place);
        app.command(Command::SignIn(Box::new(place.account(&place.app))))?;
        app.until(|brain| brain.link().is_up().then_some(()))
            .await?;
        app.command(Command::AddDevice(place.device.clone()))?;
        app.until(|brain| {
            let device = brain.device(&id)?;
            device.form()?;
            device.reading(&ItemId::actuator("led"))?.value().ok()?;
            device.reading(&ItemId::sensor("temp"))?.value().ok()?;
            matches!(device.access(), Access::Granted).then_some(())
        })
        .await?;
        // Whatever follows a first meeting (presence, another reading) is over after this.
        let settle = app.until(|_| None::<()>);
        let _ = timeout(Duration::from_secs(5), settle).await;
        Ok(Self {
            device,
            id,
            app,
            turn: 0,
        })
    }

    async fn measure(&mut self, round: Round) -> Outcome<Duration> {
        let rest = self.app.until(|_| None::<()>);
        let _ = timeout(REST, rest).await;
        self.turn += 1;
        match round {
            Round::Publish => self.publish().await,
            Round::Switch => self.switch().await,
        }
    }

    async fn publish(&mut self) -> Outcome<Duration> {
        let wanted = Value::Float(f64::from(self.turn) + 0.5);
        let touch = Order::Touch {
            point: "temp".to_owned(),
            value: wanted.clone(),
        };
        let begun = std::time::Instant::now();
        self.device.send(touch).await?;
        self.temperature_is(&wanted).await?;
        Ok(begun.elapsed())
    }

    async fn temperature_is(&mut self, wanted: &Value) -> Outcome<()> {
        let item = ItemId::sensor("temp");
        self.app
            .until(|brain| {
                let value = brain.device(&self.id)?.reading(&item)?.value().ok()?;
                (value == *wanted).then_some(())
            })
            .await
    }

    async fn switch(&mut self) -> Outcome<Duration> {
        let wish = Command::SetValue {
            device: self.id.clone(),
            item: ItemId::actuator("led"),
            value: Value::Bool(self.turn.is_multiple_of(2)),
        };
        let begun = std::time::Instant::now();
        self.app.command(wish)?;
        let end = self
            .app
            .until(|brain| {
                let stage = brain.intents().last()?.stage();
                stage.is_end().then_some(stage)
            })
            .await?;
        match end {
            IntentStage::Confirmed => Ok(begun.elapsed()),
            end => Err(format!("a switch ended as {end:?}").into()),
        }
    }
}

/// The controller on its link.
struct AppSide {
    brain: Controller,
    link: Link,
    clock: Fast,
}

impl AppSide {
    fn new(place: &Place) -> Self {
        let identity = Identity {
            category: "client".to_owned(),
            kind: "pc".to_owned(),
            name: "Roost".to_owned(),
        };
        let mut session = SessionConfig::new(place.app.clone(), identity, "https://roost.im", 1);
        let notified = Node::ALL
            .iter()
            .map(|node| format!("{}+notify", node.name()));
        session.features.extend(notified);
        Self {
            brain: Controller::new(std::process::id().into()),
            link: roost_xmpp_link::spawn(session, LinkOptions::new(2)),
            clock: Fast::by(1),
        }
    }

    fn command(&mut self, command: Command) -> Outcome<()> {
        self.brain.command(command, self.clock.now())?;
        self.send_effects()
    }

    fn send_effects(&mut self) -> Outcome<()> {
        while let Some(Effect::Link(command)) = self.brain.poll_effect() {
            self.link.commands.try_send(command)?;
        }
        Ok(())
    }

    /// Goes on until what is wanted is there, after whatever changed.
    async fn until<T>(&mut self, wanted: impl Fn(&Controller) -> Option<T>) -> Outcome<T> {
        loop {
            let mut changed = false;
            while let Some(change) = self.brain.poll_change() {
                changed |= !matches!(change, Change::Counters);
            }
            if changed && let Some(found) = wanted(&self.brain) {
                return Ok(found);
            }
            let now = self.clock.now().instant;
            let alarm = self.brain.poll_timeout().map(|at| at.since(now));
            let input = tokio::select! {
                event = self.link.events.recv() => Input::Link(event.ok_or("the link ended")?),
                () = sleep(alarm.unwrap_or_default()), if alarm.is_some() => Input::Timeout,
                () = sleep(PATIENCE) => return Err("what was waited for did not come".into()),
            };
            self.brain.handle(input, self.clock.now());
            self.send_effects()?;
        }
    }
}

impl Drop for AppSide {
    fn drop(&mut self) {
        let _ = self.link.commands.try_send(LinkCommand::Disconnect);
    }
}

/// A clock whose monotonic side runs some times faster than the world: a device lets a person ask
/// five times a second, and a measurement asks more often.
struct Fast {
    start: std::time::Instant,
    times: u32,
}

impl Fast {
    fn by(times: u32) -> Self {
        Self {
            start: std::time::Instant::now(),
            times,
        }
    }
}

impl Clock for Fast {
    fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            instant: Instant::default() + self.start.elapsed() * self.times,
            wall: Timestamp(i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

fn start_device(place: &Place) -> mpsc::Sender<Order> {
    const FASTER: u32 = 1_000;
    let config = DeviceConfig {
        account: place.device.clone(),
        people: People {
            owner: Some(place.app.clone()),
            ..People::default()
        },
        sender: None,
        pace: Pace {
            least_interval: Duration::ZERO,
            heartbeat: Duration::from_secs(100_000_000),
        },
    };
    let session = session_config(&config, Profile::Roost, "Bench", 3);
    let device = Device {
        account: place.account(&place.device),
        logic: logic(
            Profile::Roost,
            config,
            Box::new(Bench::new()),
            DeviceState::default(),
        ),
        link: roost_xmpp_link::spawn(session, LinkOptions::new(4)),
        store: Box::new(MemoryStore::default()),
        time_scale: 1.0,
    };
    let (orders, queue) = mpsc::channel(4);
    tokio::spawn(run(device, queue, Fast::by(FASTER)));
    orders
}

/// A thermometer that shows what it is told, and a light.
struct Bench {
    description: Description,
    temperature: Value,
    light: Value,
}

impl Bench {
    fn new() -> Self {
        let description = Description::new("Bench", "Roost", "Bench")
            .point(Point::sensor("temp", "Temperature", ValueKind::Float).unit("celsius"))
            .point(Point::actuator(
                "led",
                "Light",
                ValueKind::Bool,
                Control::Switch,
            ));
        Self {
            description,
            temperature: Value::Float(0.5),
            light: Value::Bool(false),
        }
    }
}

impl Board for Bench {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, _: Duration) {}

    fn read(&self, point: &str) -> Option<Value> {
        match point {
            "temp" => Some(self.temperature.clone()),
            "led" => Some(self.light.clone()),
            _ => None,
        }
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        if point != "led" {
            return Err(self.description.refusal(point));
        }
        self.light = value.clone();
        Ok(value.clone())
    }

    fn touch(&mut self, _: &str, value: &Value) {
        self.temperature = value.clone();
    }

    fn power_cycle(&mut self) {}
}
