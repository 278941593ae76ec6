//! The contract with every user interface: views, events, commands' arguments, error codes.
//!
//! These types are the only ones that cross to the UI; TypeScript types are generated from them
//! and committed. A view is complete in itself: the UI never computes truth, it draws it.
//! Revisions are `u32`, times are milliseconds since 1970 as `f64`, and no 64-bit integer crosses.

mod error;
mod event;
mod views;

pub use error::*;
pub use event::*;
pub use views::*;
