//! The boards that exist, by name.

mod esp32;
mod kettle;
mod linux;
mod thermostat;

use std::path::Path;

use roost_model::Profile;

use crate::Board;

pub(crate) use esp32::Esp32;
pub(crate) use kettle::Kettle;
pub(crate) use linux::Linux;
pub(crate) use thermostat::Thermostat;

/// The boards that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum BoardKind {
    /// The thesis' hardware, simulated: LED, loudspeaker, button, temperature, air pressure.
    Esp32,
    /// A kettle, simulated: power, target, water temperature and level.
    Kettle,
    /// A thermostat and its room, simulated: setpoint, mode, heating, temperature, humidity.
    Thermostat,
    /// This machine: load, memory, temperatures, and a switch that is a file.
    Linux,
}

impl BoardKind {
    /// All, in the order in which they are listed.
    pub const ALL: [BoardKind; 4] = [
        BoardKind::Esp32,
        BoardKind::Kettle,
        BoardKind::Thermostat,
        BoardKind::Linux,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            BoardKind::Esp32 => "esp32",
            BoardKind::Kettle => "kettle",
            BoardKind::Thermostat => "thermostat",
            BoardKind::Linux => "linux",
        }
    }

    /// What it has, in one line.
    pub fn purpose(self) -> &'static str {
        match self {
            BoardKind::Esp32 => "light, loudspeaker, button, temperature, air pressure (simulated)",
            BoardKind::Kettle => "power, target, water temperature and level (simulated)",
            BoardKind::Thermostat => "setpoint, mode, heating, temperature, humidity (simulated)",
            BoardKind::Linux => "this machine: load, memory, temperatures, a switch in a file",
        }
    }

    /// A board of this kind. Equal seeds make equal simulations; `folder` is where the switch of
    /// [`BoardKind::Linux`] lives.
    pub fn build(self, profile: Profile, seed: u64, folder: &Path) -> Box<dyn Board> {
        match self {
            BoardKind::Esp32 => Box::new(Esp32::new(profile, seed)),
            BoardKind::Kettle => Box::new(Kettle::new(seed)),
            BoardKind::Thermostat => Box::new(Thermostat::new(seed)),
            BoardKind::Linux => Box::new(Linux::new(Path::new("/"), &folder.join("switch"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use roost_model::Value;

    use super::*;

    fn run(kind: BoardKind, seed: u64, steps: u32, step: Duration) -> Vec<(String, Option<Value>)> {
        let mut board = kind.build(Profile::Roost, seed, Path::new("/nonexistent"));
        for _ in 0..steps {
            board.step(step);
        }
        let names: Vec<String> = board
            .description()
            .points()
            .map(|point| point.name.clone())
            .collect();
        names
            .into_iter()
            .map(|name| (name.clone(), board.read(&name)))
            .collect()
    }

    #[test]
    fn simulations_repeat_by_their_seed_however_time_is_cut() {
        for kind in [BoardKind::Esp32, BoardKind::Kettle, BoardKind::Thermostat] {
            let hour = run(kind, 7, 3_600, Duration::from_secs(1));
            assert_eq!(hour, run(kind, 7, 4, Duration::from_secs(900)), "{kind:?}");
            assert_ne!(hour, run(kind, 8, 4, Duration::from_secs(900)), "{kind:?}");
        }
    }

    #[test]
    fn every_point_is_of_its_kind_and_takes_what_it_says() {
        for kind in BoardKind::ALL {
            let folder = tempfile::tempdir().unwrap();
            for profile in [Profile::Roost, Profile::Thesis] {
                let mut board = kind.build(profile, 7, folder.path());
                board.step(Duration::from_secs(5));
                let description = board.description().clone();
                assert!(description.points().count() > 2, "{kind:?}");
                for point in description.points() {
                    let value = board.read(&point.name);
                    let what = format!("{kind:?} {} {value:?}", point.name);
                    let value = value.expect(&what);
                    assert_eq!(value.kind(), point.kind, "{what}");
                    if point.is_writable() && point.control != crate::Control::Button {
                        let checked = point.check(&value).expect(&what);
                        let now = board.actuate(&point.name, &checked).expect(&what);
                        assert!(checked.agrees_with(&now), "{what}");
                    } else if !point.is_writable() {
                        let refused = board.actuate(&point.name, &value);
                        assert_eq!(refused, Err(crate::Refused::ReadOnly), "{what}");
                    }
                }
                assert_eq!(
                    board.actuate("no such point", &Value::Bool(true)),
                    Err(crate::Refused::UnknownPoint),
                );
                assert_eq!(board.read("no such point"), None);
            }
        }
    }
}
