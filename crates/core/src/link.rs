//! What the link is doing, as far as it concerns the home.

use jid::FullJid;
use roost_model::Timestamp;
use roost_xmpp_proto::LinkState;

/// The link's state and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    state: LinkState,
    since: Timestamp,
    bound: Option<FullJid>,
}

impl LinkStatus {
    pub(crate) fn off() -> Self {
        Self {
            state: LinkState::Off,
            since: Timestamp::default(),
            bound: None,
        }
    }

    /// What it is doing.
    pub fn state(&self) -> &LinkState {
        &self.state
    }

    /// Since when. Attempts are counted in the state; each begins anew.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Our full JID while a stream is up; `None` while there is none or it is interrupted.
    pub fn bound(&self) -> Option<&FullJid> {
        self.bound.as_ref()
    }

    /// Whether a stream is up.
    pub fn is_up(&self) -> bool {
        self.bound.is_some()
    }

    /// Whether a stream is up or will be tried for without a person's help.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_up() || !matches!(self.state, LinkState::Off | LinkState::Failed { .. })
    }

    /// Takes over a new state; whether anything changed.
    pub(crate) fn set_state(&mut self, state: LinkState, now: Timestamp) -> bool {
        if self.state == state {
            return false;
        }
        if !matches!(state, LinkState::Online { .. }) {
            self.bound = None;
        }
        self.state = state;
        self.since = now;
        true
    }

    pub(crate) fn stream_up(&mut self, bound: FullJid) {
        self.bound = Some(bound);
    }

    pub(crate) fn stream_interrupted(&mut self) {
        self.bound = None;
    }
}
