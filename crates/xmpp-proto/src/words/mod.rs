//! The words that the brain and the links speak with each other.

mod event;
mod link;
mod node;
mod request;

pub use event::*;
pub use link::*;
pub use node::*;
pub use request::*;
