//! From an account to a connected socket.

mod dial;
mod names;

pub(crate) use dial::dial;
pub(crate) use names::{Candidate, ascii_domain, candidates};
