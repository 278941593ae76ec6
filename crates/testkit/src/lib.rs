//! What tests need: launchers of real servers and certificates. A dev-dependency only.
//!
//! - [`RealServer`] runs an unchanged Prosody or ejabberd on loopback, in a folder of its own, on
//!   ports that were free, with a certificate of its own authority. It never touches a server that
//!   the machine runs, and leaves no process and no file behind.
//! - [`Authority`] issues certificates, good and bad ones.

mod certificates;
#[cfg(unix)]
mod servers;

pub use certificates::{Authority, Issued};
#[cfg(unix)]
pub use servers::{Accounts, LaunchError, Options, RealServer, ServerKind};
