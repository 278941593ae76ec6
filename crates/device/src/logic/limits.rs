//! How often somebody may want something.

use std::collections::BTreeMap;
use std::time::Duration;

use roost_model::jid::BareJid;
use roost_model::{Instant, Now};

/// A bucket of tokens per JID: full at first, refilled steadily. Only JIDs that are entitled to
/// something reach it, so their number is that of the device's people; beyond [`Self::MOST`]
/// everybody waits.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    size: u32,
    refill: Duration,
    spent: BTreeMap<BareJid, Spent>,
}

#[derive(Clone, Copy, Debug)]
struct Spent {
    tokens: u32,
    since: Instant,
}

impl Limits {
    const MOST: usize = 1_000;

    /// `size` at once, and one more after each `refill`.
    pub(super) fn new(size: u32, refill: Duration) -> Self {
        Self {
            size,
            refill,
            spent: BTreeMap::new(),
        }
    }

    /// Takes `tokens`, or says that there are not enough left.
    pub(super) fn take(&mut self, who: &BareJid, tokens: u32, now: Now) -> bool {
        if !self.spent.contains_key(who) {
            self.forget(now);
            if self.spent.len() >= Self::MOST {
                return false;
            }
        }
        let entry = self.spent.entry(who.clone()).or_insert(Spent {
            tokens: 0,
            since: now.instant,
        });
        entry.refill(self.refill, now);
        if entry.tokens + tokens > self.size {
            return false;
        }
        entry.tokens += tokens;
        true
    }

    /// Who has all tokens again need not be remembered.
    fn forget(&mut self, now: Now) {
        let refill = self.refill;
        self.spent.retain(|_, entry| {
            entry.refill(refill, now);
            entry.tokens > 0
        });
    }
}

impl Spent {
    fn refill(&mut self, refill: Duration, now: Now) {
        let step = refill.as_millis().max(1);
        let regained = now.instant.since(self.since).as_millis() / step;
        let regained = u32::try_from(regained).unwrap_or(u32::MAX);
        if regained >= self.tokens {
            self.tokens = 0;
            self.since = now.instant;
        } else {
            self.tokens -= regained;
            self.since = self.since + refill * regained;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_flow() {
        let juliet: BareJid = "juliet@capulet.lit".parse().unwrap();
        let romeo: BareJid = "romeo@montague.lit".parse().unwrap();
        let mut limits = Limits::new(3, Duration::from_secs(1));
        let mut taken = |who, seconds| {
            let now = Now::default() + Duration::from_secs(seconds);
            limits.take(who, 1, now)
        };
        let story = [
            (&juliet, 0, true),
            (&juliet, 0, true),
            (&juliet, 0, true),
            (&juliet, 0, false),
            (&romeo, 0, true),
            (&juliet, 1, true),
            (&juliet, 1, false),
            (&juliet, 60, true),
        ];
        for (who, seconds, expected) in story {
            assert_eq!(taken(who, seconds), expected, "{who} at {seconds} s");
        }
        assert!(!limits.take(&romeo, 4, Now::default()), "more than fits");
    }
}
