//! The app without a window: tasks and channels around the core and the links, storage, keychain,
//! and [`api`], the contract with every user interface.
//!
//! [`App::start`] opens the app's folder, restores what was known, and starts one task that owns
//! the brain ([`roost_core::Controller`]). Everything else talks to that task: user interfaces by
//! the methods of [`App`], the link by its channels. What changes comes back as [`api::Event`]s.
//!
//! Three things own state, and each is alone with it: the app task (brain, subscribers), the
//! storage thread (one SQLite database), the vault task (the sealed file, while it is open).

pub mod api;

mod app;
mod ask;
mod clock;
mod folder;
mod log;
mod opening;
mod project;
mod storage;
mod task;
mod vault;

pub use app::{App, AppOptions};
pub use roost_demo::LargeHome;
