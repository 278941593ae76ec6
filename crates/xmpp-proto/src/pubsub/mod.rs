//! Publish-subscribe (XEP-0060) on accounts (XEP-0163).
//!
//! Only the part that both servers of the lab do right: explicit subscriptions of bare JIDs, no
//! publish-options, one item per publish, configuration by the owner's form.

pub(crate) mod event;
mod items;
pub(crate) mod owner;
pub(crate) mod user;

pub(crate) use items::{Items, write_payload};
