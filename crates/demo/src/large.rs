//! A home of many devices whose values move, for benchmarks and for tests of user interfaces.

use std::collections::HashMap;
use std::time::Duration;

use jid::BareJid;
use roost_device::{Control, Description, Point};
use roost_memory_server::{ConnectError, Connection, Server};
use roost_model::{Now, Val, Value, ValueKind};

use crate::furniture::introduce;
use crate::resident::Resident;

/// How large a home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargeHome {
    /// How many devices: 1 to 5,000.
    pub devices: usize,
    /// How many values each device has: 1 to 100. With more than one, the last is a switch.
    pub values_each: usize,
    /// How many values are published a second, over all devices: at most 20,000.
    pub updates_per_second: u32,
}

impl LargeHome {
    /// As wanted, within the limits.
    pub(crate) fn clamped(self) -> Self {
        Self {
            devices: self.devices.clamp(1, 5_000),
            values_each: self.values_each.clamp(1, 100),
            updates_per_second: self.updates_per_second.min(20_000),
        }
    }
}

/// The devices of a large home, and whose turn it is.
#[derive(Debug)]
pub(crate) struct Population {
    residents: Vec<Resident>,
    by_connection: HashMap<Connection, usize>,
    sensors: Vec<Point>,
    updates_per_second: u32,
    /// Thousandths of updates that are due and not published yet.
    due: u64,
    last: Now,
    published: u64,
}

impl Population {
    /// The longest time that is made up for after a pause.
    const LONGEST_GAP: Duration = Duration::from_millis(50);
    const ROOMS: [&str; 8] = [
        "Hall",
        "Kitchen",
        "Living room",
        "Bedroom",
        "Office",
        "Workshop",
        "Cellar",
        "Garden",
    ];

    /// Lets all devices move in and sign in.
    ///
    /// # Errors
    /// If the server has no room for them.
    pub(crate) fn move_in(
        home: LargeHome,
        server: &mut Server,
        owner: &BareJid,
        now: Now,
    ) -> Result<Self, ConnectError> {
        let home = home.clamped();
        let points = points(home.values_each);
        let mut residents = Vec::with_capacity(home.devices);
        for number in 0..home.devices {
            let name = format!("Device {}", number + 1);
            let account = owner
                .domain()
                .with_node_str(&format!("device-{}", number + 1))
                .map_err(|_| ConnectError::ForeignDomain)?;
            let room = Self::ROOMS[number % Self::ROOMS.len()];
            introduce(server, owner, &account, &name, room)?;
            let description = points.iter().cloned().fold(
                Description::new(&name, "Roost", "Simulated"),
                |all, point| all.point(point),
            );
            let values = points
                .iter()
                .map(|point| (point.name.clone(), value(point, 0)));
            let mut resident =
                Resident::move_in(server, account, owner.clone(), &description, values, now)?;
            resident.arrive(server, now)?;
            residents.push(resident);
        }
        let mut population = Self {
            residents,
            by_connection: HashMap::new(),
            sensors: points
                .into_iter()
                .filter(|point| !point.is_writable())
                .collect(),
            updates_per_second: home.updates_per_second,
            due: 0,
            last: now,
            published: 0,
        };
        population.index();
        Ok(population)
    }

    /// The device that this connection belongs to.
    pub(crate) fn find(&mut self, connection: Connection) -> Option<&mut Resident> {
        let index = *self.by_connection.get(&connection)?;
        self.residents.get_mut(index)
    }

    /// How many values were published since the home was built.
    pub(crate) fn published(&self) -> u64 {
        self.published
    }

    /// Publishes what is due by now, device after device.
    pub(crate) fn publish(&mut self, server: &mut Server, now: Now) {
        let gap = now.instant.since(self.last.instant).min(Self::LONGEST_GAP);
        self.last = now;
        let millis = u64::try_from(gap.as_millis()).unwrap_or(0);
        self.due += u64::from(self.updates_per_second) * millis;
        while self.due >= 1_000 {
            self.due -= 1_000;
            self.publish_one(server, now);
        }
    }

    /// Lets time pass without publishing; it is not made up for.
    pub(crate) fn pause(&mut self, now: Now) {
        self.last = now;
    }

    /// Signs all devices in again after the server lost their streams.
    pub(crate) fn return_home(&mut self, server: &mut Server, now: Now) {
        for resident in &mut self.residents {
            if let Err(error) = resident.arrive(server, now) {
                tracing::warn!(%error, "a device of the large home could not return");
            }
        }
        self.index();
    }

    fn publish_one(&mut self, server: &mut Server, now: Now) {
        let devices = self.residents.len();
        let turn = usize::try_from(self.published).unwrap_or(0);
        let (device, sensor) = (turn % devices, turn / devices % self.sensors.len());
        let (Some(resident), Some(point)) =
            (self.residents.get_mut(device), self.sensors.get(sensor))
        else {
            return;
        };
        let value = value(point, self.published);
        let val = Val::from_value(&value, point.unit.clone(), Some(now.wall));
        resident.report(point.node, point.item.clone(), val, now);
        resident.speak(server, now);
        self.published += 1;
    }

    fn index(&mut self) {
        self.by_connection = self
            .residents
            .iter()
            .enumerate()
            .filter_map(|(index, resident)| Some((resident.connection()?, index)))
            .collect();
    }
}

fn points(count: usize) -> Vec<Point> {
    const KINDS: [(&str, &str, &str); 5] = [
        ("temp", "Temperature", "celsius"),
        ("humidity", "Humidity", "percent"),
        ("pressure", "Air pressure", "hPa"),
        ("power", "Power", "watt"),
        ("light", "Light", "lux"),
    ];
    let sensors = if count > 1 { count - 1 } else { count };
    let mut points: Vec<Point> = (0..sensors)
        .map(|number| {
            let (name, label, unit) = KINDS[number % KINDS.len()];
            let round = number / KINDS.len() + 1;
            Point::sensor(
                &format!("{name}{round}"),
                &format!("{label} {round}"),
                ValueKind::Float,
            )
            .unit(unit)
        })
        .collect();
    if count > 1 {
        let switch = Point::actuator("switch", "Switch", ValueKind::Bool, Control::Switch);
        points.push(switch);
    }
    points
}

/// A value that is another one in every turn, around what one expects of its unit.
fn value(point: &Point, turn: u64) -> Value {
    if point.kind == ValueKind::Bool {
        return Value::Bool(false);
    }
    let (middle, spread) = match point.name.trim_end_matches(char::is_numeric) {
        "temp" => (21.0, 3.0),
        "humidity" => (50.0, 15.0),
        "pressure" => (1_013.0, 12.0),
        "power" => (120.0, 110.0),
        _ => (400.0, 300.0),
    };
    let phase = f64::from(u32::try_from(turn % 1_000_003).unwrap_or(0)) * 0.618;
    roost_device::rounded(middle + spread * phase.sin(), 2)
}
