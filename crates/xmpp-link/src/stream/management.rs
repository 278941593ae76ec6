//! Stream management (XEP-0198): who has received what, and how to go on after a cut.
//!
//! Counts stanzas both ways, keeps those sent until the server acknowledges them, and after a cut
//! tells which must be sent again. At most one request for an acknowledgement is under way: it is
//! sent when somebody waits for one or when [`ASK_AFTER`] stanzas were sent without.

use std::collections::VecDeque;

use roost_xmpp_proto::{SendReport, SendStage, Transmit};

/// How many stanzas may be sent before their acknowledgement is asked for.
const ASK_AFTER: usize = 16;
/// How many stanzas may be unacknowledged before no more are sent.
const MAX_UNACKED: usize = 500;

#[derive(Debug)]
pub(crate) struct Management {
    /// By this name the server knows the stream, if it may be resumed.
    id: Option<String>,
    /// How many stanzas of the server we handled, modulo 2³².
    handled: u32,
    /// How many stanzas of ours the server acknowledged, modulo 2³².
    acked: u32,
    unacked: VecDeque<Transmit>,
    /// How many of `unacked` were sent before the request under way; `None` if none is.
    asked: Option<usize>,
}

/// The server acknowledged what we never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server acknowledged {claimed} stanzas of {sent}")]
pub(crate) struct FalseAck {
    claimed: u32,
    sent: u32,
}

impl Management {
    /// Enabled on a new stream. `id` is there if it may be resumed (section 5).
    pub(crate) fn enabled(id: Option<String>) -> Self {
        Self {
            id,
            handled: 0,
            acked: 0,
            unacked: VecDeque::new(),
            asked: None,
        }
    }

    /// What the server must be told to resume: the stream's name and what we handled.
    pub(crate) fn resumption(&self) -> Option<(String, u32)> {
        self.id.clone().map(|id| (id, self.handled))
    }

    /// A stanza came.
    pub(crate) fn received(&mut self) {
        self.handled = self.handled.wrapping_add(1);
    }

    /// How many stanzas came, for an acknowledgement.
    pub(crate) fn handled(&self) -> u32 {
        self.handled
    }

    /// Whether another stanza may be sent now.
    pub(crate) fn has_room(&self) -> bool {
        self.unacked.len() < MAX_UNACKED
    }

    /// A stanza was sent.
    pub(crate) fn sent(&mut self, transmit: Transmit) {
        self.unacked.push_back(transmit);
    }

    /// Whether to request an acknowledgement now; the caller then does.
    pub(crate) fn asks(&mut self) -> bool {
        let somebody_waits = || self.unacked.iter().any(|sent| sent.token.is_some());
        let asks = self.asked.is_none()
            && !self.unacked.is_empty()
            && (self.unacked.len() >= ASK_AFTER || somebody_waits());
        if asks {
            self.asked = Some(self.unacked.len());
        }
        asks
    }

    /// The server handled `h` stanzas in all. Tells which tokens are acknowledged.
    ///
    /// # Errors
    /// If that cannot be.
    pub(crate) fn acknowledged(&mut self, h: u32) -> Result<Vec<SendReport>, FalseAck> {
        let newly = h.wrapping_sub(self.acked);
        let count = usize::try_from(newly).unwrap_or(usize::MAX);
        if count > self.unacked.len() {
            let unacked = u32::try_from(self.unacked.len()).unwrap_or(u32::MAX);
            return Err(FalseAck {
                claimed: h,
                sent: self.acked.wrapping_add(unacked),
            });
        }
        self.acked = h;
        self.asked = self
            .asked
            .and_then(|asked| asked.checked_sub(count))
            .filter(|&still| still > 0);
        let reports = self
            .unacked
            .drain(..count)
            .filter_map(|transmit| transmit.token)
            .map(|token| SendReport {
                token,
                stage: SendStage::Acked,
            })
            .collect();
        Ok(reports)
    }

    /// The stream goes on, on another connection. Tells what the server had handled, and gives
    /// back what must be sent again, in order.
    ///
    /// # Errors
    /// If the server claims what cannot be.
    pub(crate) fn resumed(
        &mut self,
        h: u32,
    ) -> Result<(Vec<SendReport>, VecDeque<Transmit>), FalseAck> {
        let reports = self.acknowledged(h)?;
        self.asked = None;
        Ok((reports, std::mem::take(&mut self.unacked)))
    }
}

#[cfg(test)]
mod tests {
    use roost_xmpp_proto::{SendToken, Stanza};
    use xmpp_parsers::presence::Presence;

    use super::*;

    fn stanza(token: Option<u64>) -> Transmit {
        Transmit {
            stanza: Stanza::Presence(Box::new(Presence::available())),
            token: token.map(SendToken),
        }
    }

    fn acked(tokens: &[u64]) -> Vec<SendReport> {
        tokens
            .iter()
            .map(|&token| SendReport {
                token: SendToken(token),
                stage: SendStage::Acked,
            })
            .collect()
    }

    #[test]
    fn only_tokens_are_reported_and_nothing_twice() {
        let mut sm = Management::enabled(None);
        for token in [Some(1), None, Some(2)] {
            sm.sent(stanza(token));
        }
        assert_eq!(sm.acknowledged(2), Ok(acked(&[1])));
        assert_eq!(sm.acknowledged(2), Ok(vec![]));
        assert_eq!(sm.acknowledged(3), Ok(acked(&[2])));
    }

    #[test]
    fn asks_when_somebody_waits_and_only_once_at_a_time() {
        let mut sm = Management::enabled(None);
        sm.sent(stanza(None));
        assert!(!sm.asks());
        sm.sent(stanza(Some(1)));
        assert!(sm.asks());
        sm.sent(stanza(Some(2)));
        assert!(!sm.asks(), "one request is under way");
        sm.acknowledged(2).unwrap();
        assert!(sm.asks(), "for the second");
        sm.acknowledged(3).unwrap();
        for _ in 0..ASK_AFTER {
            assert!(!sm.asks());
            sm.sent(stanza(None));
        }
        assert!(sm.asks(), "for the sake of memory");
    }

    #[test]
    fn a_server_cannot_acknowledge_what_was_not_sent() {
        let mut sm = Management::enabled(None);
        sm.sent(stanza(None));
        assert!(sm.acknowledged(2).is_err());
        sm.acknowledged(1).unwrap();
        assert!(sm.acknowledged(0).is_err(), "nor take it back");
    }

    #[test]
    fn counters_wrap() {
        let mut sm = Management::enabled(None);
        sm.acked = u32::MAX;
        sm.handled = u32::MAX;
        sm.sent(stanza(Some(7)));
        sm.sent(stanza(None));
        sm.received();
        assert_eq!(sm.handled(), 0);
        assert_eq!(sm.acknowledged(1), Ok(acked(&[7])));
    }

    #[test]
    fn after_a_cut_only_what_was_lost_is_sent_again() {
        let mut sm = Management::enabled(Some("some-id".to_owned()));
        sm.received();
        assert_eq!(sm.resumption(), Some(("some-id".to_owned(), 1)));
        for token in 1..=3 {
            sm.sent(stanza(Some(token)));
        }
        assert!(sm.asks());
        let (reports, again) = sm.resumed(1).unwrap();
        assert_eq!(reports, acked(&[1]));
        let tokens: Vec<_> = again.iter().filter_map(|transmit| transmit.token).collect();
        assert_eq!(tokens, [SendToken(2), SendToken(3)]);
        for transmit in again {
            sm.sent(transmit);
        }
        assert!(sm.asks());
        assert_eq!(sm.acknowledged(3), Ok(acked(&[2, 3])));
    }

    #[test]
    fn a_server_that_never_acknowledges_gets_no_more() {
        let mut sm = Management::enabled(None);
        for _ in 0..MAX_UNACKED {
            assert!(sm.has_room());
            sm.sent(stanza(None));
        }
        assert!(!sm.has_room());
    }
}
