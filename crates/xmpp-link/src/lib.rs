//! I/O: connects, secures, authenticates, resumes and reconnects a stream, and drives a session
//! over it.
//!
//! One task owns everything that belongs to one account's stream: the socket, TLS, stream
//! management (XEP-0198), the watchdog (XEP-0199), the reconnect timer, and inside it the plain
//! struct [`roost_xmpp_proto::Session`]. The rest of the house holds a [`Link`]: a bounded channel
//! of commands down, a bounded channel of events up.
//!
//! Life cycle: [`spawn`] starts the task with nothing to do. `Connect` makes it sign in and stay
//! signed in, through lost networks and restarted servers, until `Disconnect` or until something
//! happens that only a person can mend (a wrong password, a certificate that is not trusted). The
//! task ends when the sender of commands, or the receiver of events, is dropped; it then closes
//! the stream orderly. A program that ends should wait for that, by `Disconnect` and
//! [`LinkState::Off`](roost_xmpp_proto::LinkState::Off) or by dropping the sender and reading events
//! to their end: to a server, a stream that just breaks may come back, and it keeps it for minutes.
//!
//! Limits: a slow reader of events slows the stream down, never the timers; whoever sends commands
//! must go on reading events meanwhile. A server cannot make
//! the link use much memory: stanzas are bounded in bytes, depth and number of elements before
//! they are parsed. There is no way to a stream without verified TLS, and no way to send a
//! password in the clear: only SCRAM signs in.
//!
//! Beside the link, [`register`] makes an account for a device on a stream of its own, and
//! [`remove_account`] takes one back; both are secured like a link, and end.
//!
//! [`spawn_over`] drives the same session over any other carrier of stanzas, such as a server in
//! memory.

mod attempt;
mod backoff;
mod clock;
mod driver;
mod failure;
mod net;
mod reach;
mod register;
mod remove;
mod secure;
mod stream;
mod transport;

use std::net::SocketAddr;
use std::time::Duration;

use roost_xmpp_proto::{LinkCommand, LinkEvent, SessionConfig};
use tokio::sync::mpsc;

pub use register::{NewAccountAt, RegisterFailure, register};
pub use remove::{Removal, RemovalFailure, remove_account};
pub use transport::{Transport, TransportEvent, Wanted};

use driver::Driver;
use net::Net;

/// How many commands may wait. Asking for more waits, or fails with `try_send`.
pub const COMMAND_CAPACITY: usize = 256;
/// How many events may wait before the stream is read more slowly.
pub const EVENT_CAPACITY: usize = 1024;

/// The two ends of a link's task.
#[derive(Debug)]
pub struct Link {
    /// What the link is to do. The task ends when all senders are dropped.
    pub commands: mpsc::Sender<LinkCommand>,
    /// What the link tells, in order.
    pub events: mpsc::Receiver<LinkEvent>,
}

/// How a link behaves towards the network. The defaults serve everybody but tests.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// Spreads reconnects of many clients over time; take it from a source of randomness.
    pub jitter_seed: u64,
    /// How long one attempt may take, from the look-up of the name to the bound stream.
    pub attempt_deadline: Duration,
    /// How long to wait at most before the first new attempt.
    pub first_wait: Duration,
    /// How long to wait at most, after many attempts.
    pub longest_wait: Duration,
    /// Whom to ask for SRV records instead of the system's name servers.
    pub name_server: Option<SocketAddr>,
}

impl LinkOptions {
    /// The usual behaviour: 30 s for an attempt, waits from 1 s to 60 s.
    pub fn new(jitter_seed: u64) -> Self {
        Self {
            jitter_seed,
            attempt_deadline: Duration::from_secs(30),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            name_server: None,
        }
    }
}

/// Starts a link over the real network. Must be called inside a tokio runtime.
pub fn spawn(session: SessionConfig, options: LinkOptions) -> Link {
    spawn_over(Net::new(options), session)
}

/// Starts a link over any carrier of stanzas. Must be called inside a tokio runtime.
pub fn spawn_over<T: Transport>(transport: T, session: SessionConfig) -> Link {
    let (commands, command_queue) = mpsc::channel(COMMAND_CAPACITY);
    let (event_queue, events) = mpsc::channel(EVENT_CAPACITY);
    let driver = Driver::new(transport, session, command_queue, event_queue);
    tokio::spawn(driver.run());
    Link { commands, events }
}
