//! The reference device: what a lamp, a kettle or a machine needs to be at home on XMPP.
//!
//! # The idea
//! A [`Board`] is the hardware: named points that are read and actuated, and nothing of XMPP.
//! Everything else follows from its [`Description`]: the form that people see ([`form_of`]), the
//! nodes and items, the text commands, and the checks that every wish must pass. [`DeviceLogic`]
//! is the device's conduct in the Roost profile, [`ThesisLogic`] that of the thesis' published
//! firmware, to test against. Both are sans-IO ([`Logic`]): events of a session and time go in,
//! requests come out. [`run()`] drives one of them over a link; the program `roost-device` and the
//! demo home do just that.
//!
//! # Life cycle
//! A stream comes up; the device exchanges the first words with whom set it up, unless that is
//! done; it prepares its nodes and insists that nobody but the named [`People`] can use them; it
//! publishes its form and its values, and from then on what changes. A wish is judged, acted on,
//! answered with the truth, and only then taken away. After a lost stream all of it happens again,
//! and what was asked meanwhile is not done. What must survive a restart is in [`DeviceState`].
//!
//! # Limits
//! A device sends at most one report per point at a time, keeps a least interval between reports
//! of a sensor ([`Pace`]), obeys at most five wishes a second of one person, and answers one text
//! a second. A description may have as many points as fit an item of the server, some hundreds.
//!
//! # A board of one's own
//! ```
//! use std::time::Duration;
//!
//! use roost_device::{Board, Control, Description, Point, Refused};
//! use roost_model::{Value, ValueKind};
//!
//! struct Lamp {
//!     description: Description,
//!     on: bool,
//! }
//!
//! impl Board for Lamp {
//!     fn description(&self) -> &Description {
//!         &self.description
//!     }
//!
//!     fn step(&mut self, _elapsed: Duration) {}
//!
//!     fn read(&self, point: &str) -> Option<Value> {
//!         (point == "light").then_some(Value::Bool(self.on))
//!     }
//!
//!     fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
//!         match (point, value) {
//!             ("light", Value::Bool(on)) => self.on = *on,
//!             _ => return Err(self.description.refusal(point)),
//!         }
//!         Ok(Value::Bool(self.on))
//!     }
//!
//!     fn power_cycle(&mut self) {
//!         self.on = false;
//!     }
//! }
//!
//! let light = Point::actuator("light", "Light", ValueKind::Bool, Control::Switch);
//! let mut lamp = Lamp {
//!     description: Description::new("Lamp", "Ourselves", "L1").point(light),
//!     on: false,
//! };
//! assert_eq!(lamp.actuate("light", &Value::Bool(true)), Ok(Value::Bool(true)));
//! ```

mod board;
mod boards;
mod fault;
mod form;
mod garbage;
mod logic;
mod notice;
mod people;
mod physics;
mod run;
mod state;
mod thesis;

pub use board::{Board, Control, Description, Entry, Point, Refused, choices, rounded};
pub use boards::BoardKind;
pub use fault::{Fault, UnknownFault};
pub use form::form_of;
pub use logic::{DeviceConfig, DeviceLogic, FIRST_WORDS, Logic, Pace, Refusal, SETUP_DONE};
pub use notice::Notice;
pub use people::People;
pub use run::{Clock, Device, Order, RunProblem, SystemClock, logic, run, session_config};
pub use state::{DeviceState, FileStore, MemoryStore, StateStore, StoreProblem};
pub use thesis::ThesisLogic;
