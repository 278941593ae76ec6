//! What carries stanzas: the network, or something that stands in for it.

use std::future::Future;
use std::time::Duration;

use jid::FullJid;
use roost_xmpp_proto::{Account, LinkState, SendReport, Stanza, Transmit};

/// A carrier of stanzas for one account at a time.
///
/// It is polled by one task. Its methods but [`Transport::next`] and [`Transport::close`] return
/// at once: what comes of them is told by `next`.
pub trait Transport: Send + 'static {
    /// Get a stream for this account, and get it again whenever it is lost. Replaces an account
    /// given before.
    fn connect(&mut self, account: Account);

    /// Close the stream and stay off. Answered by [`LinkState::Off`] once that is done, which may
    /// take seconds.
    fn disconnect(&mut self);

    /// Do not wait for the next attempt; if a stream is up, find out at once whether it still is.
    fn retry_now(&mut self);

    /// From now on the stream may be silent for this long before it counts as lost.
    fn set_silence(&mut self, silence: Duration);

    /// Takes a stanza to send. Stanzas given while no stream is up are kept only as long as one
    /// may be resumed.
    fn send(&mut self, transmit: Transmit);

    /// Tells the server whether a person is looking (XEP-0352), before all stanzas that wait; or
    /// not at all, if no stream is up or the server does not want to know.
    fn send_client_state(&mut self, is_active: bool);

    /// Whether there is room for more to send. Stanzas that answer others may be given
    /// nevertheless.
    fn has_room(&self) -> bool {
        true
    }

    /// Carries on, until there is something to tell. Nothing may be lost when the returned future
    /// is dropped early.
    fn next(&mut self, wanted: Wanted) -> impl Future<Output = TransportEvent> + Send;

    /// Closes the stream orderly; nothing is told any more.
    fn close(self) -> impl Future<Output = ()> + Send
    where
        Self: Sized,
    {
        async {}
    }
}

/// What the driver can take at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything.
    Everything,
    /// No stanzas: those that read events are behind. Timers and writing go on.
    NoStanzas,
}

/// What a transport tells.
#[derive(Clone, Debug)]
pub enum TransportEvent {
    /// A stream is up.
    Up {
        /// Our full JID.
        bound: FullJid,
        /// Whether an earlier stream goes on, with nothing lost (XEP-0198).
        resumed: bool,
        /// How it is secured and by which route, for diagnostics.
        security: String,
    },
    /// The stream is gone, or the hope to resume it.
    Down {
        /// Whether it may still be resumed.
        resumable: bool,
        /// What happens now; never [`LinkState::Online`].
        state: LinkState,
    },
    /// Something changed while no stream is up; never [`LinkState::Online`].
    State(LinkState),
    /// A stanza came.
    Stanza(Stanza),
    /// A stanza with a token got further.
    Report(SendReport),
}
