//! The words of the house.
//!
//! Every other crate speaks in these types: who a device is ([`DeviceId`]), where a value lives
//! ([`PointId`]), what it says ([`Val`], [`Value`], [`Reading`]), what a person wants
//! ([`IntentId`], [`IntentStage`]). They are values only. This crate has no XML, no socket, no
//! clock, no file and no async; time comes in as [`Now`].
//!
//! Values from a device are hostile until read: [`Val`] keeps the text as it came, bounded, and
//! [`Val::read`] turns it into a [`Value`] or says what is wrong ([`ValueProblem`]). It never
//! guesses: `22,43` is a problem, not 22.43.

mod id;
mod intent;
mod presence;
mod reading;
mod secret;
mod time;
mod unit;
mod value;

pub use id::{DeviceId, ItemId, ItemIdProblem, Node, PointId};
pub use intent::{Failure, FailureCode, IntentId, IntentStage};
pub use presence::{Availability, Profile, Role, Show};
pub use reading::{Freshness, Reading};
pub use secret::Secret;
pub use time::{Instant, Now, Timestamp};
pub use unit::{Quantity, Unit};
pub use value::{MAX_VALUE_BYTES, Val, Value, ValueKind, ValueProblem};

pub use jid;
