//! Boards that only a demo home has.

mod blinds;
mod lamp;

pub(crate) use blinds::Blinds;
pub(crate) use lamp::Lamp;
