//! The brain: devices, their values, intents and the account's state, with one owner. Sans-IO.
//!
//! A [`Controller`] takes [`Command`]s from a person and [`Input`]s from the world, and gives
//! [`Effect`]s for the link and [`Change`]s for whoever shows the home. It reads no clock, opens
//! no socket and draws no random number: time comes in with every call, the seed at the start.
//!
//! ```text
//!  Command ─▶ ┌────────────┐ ─▶ Effect   to the link
//!  Input   ─▶ │ Controller │ ─▶ Change   what to look at again: read it from the controller
//!  timeout ─▶ └────────────┘ ─▶ next timeout
//! ```
//!
//! *Reported* state is the only truth: a command never writes it. A report counts only if the
//! device's own account hosts it and, where it matters, published it; everything else is dropped
//! and counted ([`Counters`]). What a person wants lives beside it as an [`IntentRecord`] that
//! climbs its ladder until the device's own report confirms it.
//!
//! ```
//! use roost_core::{Change, Command, Controller, Effect, Input};
//! use roost_model::Now;
//!
//! let mut home = Controller::new(0x5eed);
//! let now = Now::default(); // from the clocks of whoever owns the loop
//! assert!(home.command(Command::Refresh(None), now).is_err(), "nobody is signed in");
//!
//! home.handle(Input::Timeout, now);
//! while let Some(Effect::Link(command)) = home.poll_effect() {
//!     // hand `command` to the link
//! }
//! while let Some(change) = home.poll_change() {
//!     if let Change::Device(id) = change {
//!         // draw `home.device(&id)` anew
//!     }
//! }
//! // and come back with `Input::Timeout` at `home.poll_timeout()`, or with what the link tells
//! ```
//!
//! Limits: one account, [`MAX_DEVICES`] contacts, [`MAX_POINTS`] items per device,
//! [`MAX_INTENTS`] wishes. Beyond them things are dropped and counted, never queued.

mod changes;
mod controller;
mod counters;
mod device;
mod first_words;
mod intent;
mod link;
mod points;
mod resources;
mod saved;
mod shown;
mod silence;
mod sync;
mod timers;
mod wish;
mod words;

pub use controller::{Controller, MAX_DEVICES};
pub use counters::{Counters, DropReason, Dropped};
pub use device::Access;
pub use first_words::{FirstStep, FirstWords, FirstWordsEnd, MAX_MIRRORS};
pub use intent::{IntentRecord, MAX_INTENTS};
pub use link::LinkStatus;
pub use points::MAX_POINTS;
pub use saved::{SavedDevice, SavedReading};
pub use shown::{DeviceNow, ReadProblem, ReadingNow};
pub use words::{Accepted, Change, Command, Effect, Input, Refusal, RosterRefusal, RosterWish};
