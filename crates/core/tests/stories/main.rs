//! Stories of a home, told as scripts: what comes in, what goes out, what is seen.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a story that goes wrong ends with a crash, which names its line"
)]

mod bounds;
mod components;
mod connection;
mod discovery;
mod reports;
mod script;
mod strangers;
mod unreliable;
mod wishes;
