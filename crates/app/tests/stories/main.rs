//! Stories of the whole app, from the folder on disk to what a window is told.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them"
)]

mod command_line;
mod demo_home;
mod disk;
mod real_servers;
mod window;
