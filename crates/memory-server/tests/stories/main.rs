//! Stories of clients at a server, told stanza by stanza.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod hostile;
mod nodes;
mod people;
mod registration;
mod roost;
mod stage;
