//! What makes a board a device on XMPP. Sans-IO: events of a session, time and faults go in;
//! requests to the session, notices and the state to save come out.
//!
//! ```text
//!            ┌── first words not yet mirrored ──┐
//! no stream ─┤                                  ├─ mirrored ─► preparing nodes ─► running
//!            └── known already ─────────────────┴────────────►      ▲                │
//!                                                                   └─ a node is gone┘
//! ```
//!
//! Each concern is a part of its own: [`setup`] prepares nodes, [`wishes`] judges what others
//! want, [`reports`] decides when a value is worth publishing, [`console`] answers text commands,
//! [`contacts`] keeps the roster, [`limits`] keeps everybody patient. [`DeviceLogic`] only passes
//! things between them.
//!
//! Invariants: the board acts only on a wish that [`wishes`] accepted, or on a text command of
//! somebody who may control. A request is retracted only after the truth was published. Nothing
//! is published at a node where others than the named people could publish.

mod console;
mod contacts;
mod device;
mod limits;
mod outbox;
mod reports;
mod setup;
mod wishes;

use std::time::Duration;

use roost_model::jid::BareJid;
use roost_model::{Instant, Now, Value};
use roost_xmpp_proto::{Request, RequestId, SessionEvent};

use crate::{DeviceState, Fault, Notice, People};

pub use device::DeviceLogic;
pub(crate) use outbox::Outbox;
pub use wishes::Refusal;

/// What a device says to whom set it up, until the words come back.
pub const FIRST_WORDS: &str = "Hi from the ESP32. Please mirror this message!";
/// What it says once everything is ready.
pub const SETUP_DONE: &str = "Setup done!";

/// What drives a device, in one of the two profiles.
pub trait Logic: Send {
    /// Takes what the session tells.
    fn handle(&mut self, event: SessionEvent, now: Now);
    /// There is no stream; whatever was under way is lost or will be resumed.
    fn link_down(&mut self);
    /// Lets `elapsed` pass for the board and reports what changed.
    fn step(&mut self, elapsed: Duration, now: Now);
    /// Does what is due.
    fn handle_timeout(&mut self, now: Now);
    /// When [`Logic::handle_timeout`] is wanted.
    fn poll_timeout(&self) -> Option<Instant>;
    /// What to ask the session.
    fn poll_request(&mut self) -> Option<(RequestId, Request)>;
    /// What to write to the log.
    fn poll_notice(&mut self) -> Option<Notice>;
    /// What to save, if it changed.
    fn poll_state(&mut self) -> Option<DeviceState>;
    /// From now on this is wrong with the device, or nothing.
    fn set_fault(&mut self, fault: Option<Fault>);
    /// From now on these are the people.
    fn set_people(&mut self, people: People, now: Now);
    /// Somebody touches the device itself.
    fn touch(&mut self, point: &str, value: &Value, now: Now);
    /// Power goes off and on.
    fn power_cycle(&mut self);
}

/// What a device is told about itself.
#[derive(Clone, Debug)]
pub struct DeviceConfig {
    /// Its account.
    pub account: BareJid,
    /// Who may do what.
    pub people: People,
    /// Who is greeted with the first words and must mirror them before anything else happens;
    /// `None` if the device is considered set up.
    pub sender: Option<BareJid>,
    /// How often it reports.
    pub pace: Pace,
}

/// How often a device reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The least time between two reports of one sensor.
    pub least_interval: Duration,
    /// The longest time without a report of a point.
    pub heartbeat: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            least_interval: Duration::from_secs(3),
            heartbeat: Duration::from_secs(300),
        }
    }
}

#[cfg(test)]
mod tests;
