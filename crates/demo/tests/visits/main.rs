//! Visits to the demo home, over the real link.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them"
)]

mod home;
mod large;
mod transport;
mod visitor;
