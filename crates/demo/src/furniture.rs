//! What stands in the people's home, and where.

use std::path::Path;

use jid::BareJid;
use roost_device::{Board, BoardKind, DeviceState};
use roost_memory_server::{ConnectError, Contact, Server, Subscription};
use roost_model::{Profile, Val, Value};

use crate::boards::{Blinds, Lamp};

/// A day in six minutes, for what goes with the weather.
const DAY_IN_MINUTES: f64 = 240.0;
/// A day in half an hour, for what turns itself on and off all day.
const UNHURRIED: f64 = 48.0;
/// Fast enough not to be waited for, slow enough to be watched.
const BRISK: f64 = 15.0;

/// A device of the home.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Furniture {
    /// The user part of its JID.
    pub(crate) user: &'static str,
    pub(crate) name: &'static str,
    pub(crate) room: &'static str,
    pub(crate) profile: Profile,
    /// How much faster than the clock its time passes.
    pub(crate) time_scale: f64,
    model: Model,
    /// What it was set to when it was last used, by the names of its points.
    left: &'static [(&'static str, &'static str)],
    /// What somebody does to it as the home starts.
    pub(crate) touched: Option<&'static str>,
}

/// What kind of board.
#[derive(Clone, Copy, Debug)]
enum Model {
    Reference(BoardKind),
    Lamp,
    /// From this hour of the day.
    Blinds(u32),
}

use BoardKind::{Esp32, Kettle, Thermostat};

/// The devices that run.
pub(crate) const RUNNING: [Furniture; 9] = [
    new("kettle", "Kettle", "Kitchen", Model::Reference(Kettle)).at(BRISK),
    new(
        "kitchen-heating",
        "Kitchen heating",
        "Kitchen",
        Model::Reference(Thermostat),
    )
    .at(UNHURRIED)
    .left(&[("setpoint", "20"), ("display", "Bon appétit")]),
    new(
        "living-room-heating",
        "Living room heating",
        "Living room",
        Model::Reference(Thermostat),
    )
    .at(UNHURRIED)
    .left(&[("setpoint", "21.5")]),
    new("reading-lamp", "Reading lamp", "Living room", Model::Lamp)
        .at(DAY_IN_MINUTES)
        .left(&[("brightness", "80")]),
    new("blinds", "Garden window", "Living room", Model::Blinds(9)).left(&[("position", "30")]),
    new(
        "bedroom-heating",
        "Bedroom heating",
        "Bedroom",
        Model::Reference(Thermostat),
    )
    .at(UNHURRIED)
    .left(&[
        ("setpoint", "19"),
        ("mode", "eco"),
        ("display", "Good night"),
    ]),
    new(
        "workbench",
        "Workbench sensor",
        "Workshop",
        Model::Reference(Esp32),
    )
    .at(DAY_IN_MINUTES)
    .left(&[("led", "1")]),
    new(
        "workshop-kettle",
        "Workshop kettle",
        "Workshop",
        Model::Reference(Kettle),
    )
    .at(BRISK)
    .touched("power"),
    Furniture {
        profile: Profile::Thesis,
        ..new(
            "first-board",
            "First board",
            "Workshop",
            Model::Reference(Esp32),
        )
    },
];

/// The one that is switched off; its last values are still at the server.
pub(crate) const OFFLINE: Furniture = new("bedside-lamp", "Bedside lamp", "Bedroom", Model::Lamp);

const fn new(
    user: &'static str,
    name: &'static str,
    room: &'static str,
    model: Model,
) -> Furniture {
    Furniture {
        user,
        name,
        room,
        profile: Profile::Roost,
        time_scale: 1.0,
        model,
        left: &[],
        touched: None,
    }
}

impl Furniture {
    const fn at(self, time_scale: f64) -> Self {
        Self { time_scale, ..self }
    }

    const fn left(self, left: &'static [(&'static str, &'static str)]) -> Self {
        Self { left, ..self }
    }

    const fn touched(self, point: &'static str) -> Self {
        Self {
            touched: Some(point),
            ..self
        }
    }

    /// Its board. Equal seeds make equal days.
    pub(crate) fn board(&self, seed: u64) -> Box<dyn Board> {
        match self.model {
            // Only a board with files of its own has a use for a folder.
            Model::Reference(kind) => kind.build(self.profile, seed, Path::new("")),
            Model::Lamp => Box::new(Lamp::new()),
            Model::Blinds(hour) => Box::new(Blinds::new(hour)),
        }
    }

    /// What it remembers of the time before the home started.
    pub(crate) fn state(&self, board: &dyn Board) -> DeviceState {
        let remembered = self.left.iter().filter_map(|(name, text)| {
            let point = board.description().find(name)?;
            let value = Val::from_wire(text, None, None, None).read(Some(point.kind));
            Some(((*name).to_owned(), value.ok()?))
        });
        DeviceState {
            setup_done: true,
            values: remembered.collect(),
            ..DeviceState::default()
        }
    }

    /// Gets its account and a place on its owner's roster.
    ///
    /// # Errors
    /// If the server has no room for it.
    pub(crate) fn move_in(
        &self,
        server: &mut Server,
        owner: &BareJid,
    ) -> Result<BareJid, ConnectError> {
        let jid = owner
            .domain()
            .with_node_str(self.user)
            .map_err(|_| ConnectError::ForeignDomain)?;
        introduce(server, owner, &jid, self.name, self.room)?;
        Ok(jid)
    }
}

/// What a board says now, point by point.
pub(crate) fn values(board: &dyn Board) -> Vec<(String, Value)> {
    board
        .description()
        .points()
        .filter_map(|point| Some((point.name.clone(), board.read(&point.name)?)))
        .collect()
}

/// Gives a device its account, and makes it and its owner known to each other.
pub(crate) fn introduce(
    server: &mut Server,
    owner: &BareJid,
    device: &BareJid,
    name: &str,
    room: &str,
) -> Result<(), ConnectError> {
    server.add_account(device.clone())?;
    let contact = |jid: &BareJid, name: Option<&str>, group: Option<&str>| Contact {
        jid: jid.clone(),
        name: name.map(str::to_owned),
        groups: group.map(str::to_owned).into_iter().collect(),
        subscription: Subscription::Both,
    };
    server.preset_contact(owner, contact(device, Some(name), Some(room)))?;
    server.preset_contact(device, contact(owner, None, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_devices_are_left_at_is_something_they_can_be_set_to() {
        for furniture in RUNNING.iter().chain([&OFFLINE]) {
            let mut board = furniture.board(1);
            let state = furniture.state(&*board);
            assert_eq!(
                state.values.len(),
                furniture.left.len(),
                "{}",
                furniture.name
            );
            for (name, value) in &state.values {
                let point = board.description().find(name).unwrap().clone();
                assert!(point.is_remembered, "{} {name}", furniture.name);
                let checked = point.check(value).unwrap();
                board.actuate(name, &checked).unwrap();
            }
            if let Some(point) = furniture.touched {
                board.touch(point, &Value::Bool(true));
                assert_eq!(board.read(point), Some(Value::Bool(true)), "{point}");
            }
        }
    }
}
