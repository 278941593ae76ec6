//! What is kept between two runs: settings, accounts without their passwords, and the devices as
//! they were last known. One SQLite database.
//!
//! A [`Store`] is the open database; [`Keeper`] is the thread that owns it while the app runs, so
//! that a slow disk delays nobody. A damaged database is moved aside, never deleted, and a fresh
//! one begun. One that a newer Roost made is left alone and refused. An app that does not own its
//! folder works on a copy in memory, so that nothing it does reaches the disk.

mod keeper;
mod records;
mod store;

pub(crate) use keeper::Keeper;
pub(crate) use records::{AccountRecord, Settings};
pub(crate) use store::{Store, StoreProblem};
