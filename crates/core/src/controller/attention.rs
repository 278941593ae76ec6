//! Whether a person is looking, and what the server is told of it (XEP-0352).
//!
//! A server that knows that nobody looks holds presence and values back, and may keep only the
//! newest of each node. So it is told late, after [`UNTIL_TOLD`], since windows are hidden for
//! moments, and told at once when somebody looks again. Then all devices are read again: what was
//! held back comes by itself, what was thrown away does not. Wishes that are under way meanwhile
//! are judged by what is read, not by what was heard.

use std::time::Duration;

use roost_model::{Instant, Now};
use roost_xmpp_proto::Request;

use super::Controller;
use crate::timers::Timer;

/// How long nobody must have been looking before the server is told.
const UNTIL_TOLD: Duration = Duration::from_secs(20);

/// Whether a person is looking.
#[derive(Debug, Default)]
pub(super) struct Attention {
    /// Since when nobody looks; `None` while somebody does.
    unwatched_since: Option<Instant>,
    /// Whether the session was told so.
    is_inactive: bool,
    /// Whether something may have been thrown away on a stream that is interrupted now.
    has_missed: bool,
}

impl Controller {
    pub(super) fn set_watched(&mut self, is_watched: bool, now: Now) {
        if !is_watched {
            if self.attention.unwatched_since.is_none() {
                self.attention.unwatched_since = Some(now.instant);
                self.timers.set(now.instant + UNTIL_TOLD, Timer::Unwatched);
            }
            return;
        }
        self.attention.unwatched_since = None;
        if std::mem::take(&mut self.attention.is_inactive) {
            self.ask(Request::SetActive(true));
            self.attention.has_missed = true;
            self.catch_up(now);
        }
    }

    pub(super) fn check_attention(&mut self, now: Now) {
        let is_long = |since| since + UNTIL_TOLD <= now.instant;
        if !self.attention.is_inactive && self.attention.unwatched_since.is_some_and(is_long) {
            self.attention.is_inactive = true;
            self.blind_intents();
            self.ask(Request::SetActive(false));
        }
    }

    /// Whether the server may hold values back.
    pub(super) fn is_inactive(&self) -> bool {
        self.attention.is_inactive
    }

    /// The link may have made a session that does not know yet.
    pub(super) fn tell_attention(&mut self) {
        if self.attention.is_inactive {
            self.ask(Request::SetActive(false));
        }
    }

    /// Reads what may have been missed, as soon as that can be done.
    pub(super) fn catch_up(&mut self, now: Now) {
        if self.link.is_up() && std::mem::take(&mut self.attention.has_missed) {
            self.want_all_read_again(now);
        }
    }

    /// A new stream: everything is read anyway.
    pub(super) fn miss_nothing(&mut self) {
        self.attention.has_missed = false;
    }
}
