//! The roster of a device: exactly its people, seen and seeing.
//!
//! Everybody with a role is on the roster and asked for presence; whoever has none is taken off,
//! which ends both subscriptions. Approval is given to people with a role and to nobody else.
//! Subscription stanzas leave at a pace that servers with a limit accept.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use roost_model::jid::BareJid;
use roost_model::{Instant, Now};
use roost_xmpp_proto::{Contact, Request, SubscriptionStep};

use crate::People;

/// What is on the roster, and what is still to be said about it.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    is_known: bool,
    roster: BTreeMap<BareJid, Contact>,
    waiting: VecDeque<Request>,
    sent: VecDeque<Instant>,
}

impl Contacts {
    /// ejabberd lets five subscription stanzas a minute through by default (Debian).
    const AT_ONCE: usize = 4;
    const PERIOD: Duration = Duration::from_secs(60);
    const MOST_WAITING: usize = 1_000;

    /// The whole roster, at the beginning of a stream.
    pub(super) fn roster(&mut self, contacts: Vec<Contact>) {
        self.waiting.clear();
        self.is_known = true;
        self.roster = contacts
            .into_iter()
            .map(|contact| (contact.jid.clone(), contact))
            .collect();
    }

    /// Brings the roster in line with the people, once it is known. Returns what to change at
    /// once.
    pub(super) fn align(&mut self, account: &BareJid, people: &People) -> Vec<Request> {
        let mut now = Vec::new();
        if !self.is_known {
            return now;
        }
        for jid in people.all() {
            if jid == account {
                continue;
            }
            if !self.roster.contains_key(jid) {
                now.push(Request::SetContact {
                    jid: jid.clone(),
                    name: None,
                    groups: BTreeSet::new(),
                });
            }
            if !self.sees(jid) {
                self.later(jid, SubscriptionStep::Ask);
            }
        }
        let strangers = self.roster.keys().filter(|jid| people.role(jid).is_none());
        now.extend(strangers.map(|jid| Request::RemoveContact { jid: jid.clone() }));
        now
    }

    /// One contact is new or different.
    pub(super) fn changed(&mut self, contact: Contact) {
        self.roster.insert(contact.jid.clone(), contact);
    }

    /// One contact is gone.
    pub(super) fn removed(&mut self, jid: &BareJid) {
        self.roster.remove(jid);
    }

    /// Somebody of our people asks to see our presence.
    pub(super) fn approve(&mut self, jid: &BareJid) {
        self.later(jid, SubscriptionStep::Approve);
        if !self.sees(jid) {
            self.later(jid, SubscriptionStep::Ask);
        }
    }

    fn sees(&self, jid: &BareJid) -> bool {
        let contact = self.roster.get(jid);
        contact.is_some_and(|contact| contact.we_see_them || contact.asked)
    }

    fn later(&mut self, jid: &BareJid, step: SubscriptionStep) {
        let request = Request::Subscription {
            to: jid.clone(),
            step,
        };
        if self.waiting.len() < Self::MOST_WAITING && !self.waiting.contains(&request) {
            self.waiting.push_back(request);
        }
    }

    /// What may be said now.
    pub(super) fn next(&mut self, now: Now) -> Option<Request> {
        let due = self.due()?;
        if now.instant < due {
            return None;
        }
        if self.sent.len() >= Self::AT_ONCE {
            self.sent.pop_front();
        }
        self.sent.push_back(now.instant);
        self.waiting.pop_front()
    }

    /// When something may be said, if anything waits.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.front()?;
        match self.sent.front() {
            Some(oldest) if self.sent.len() >= Self::AT_ONCE => Some(*oldest + Self::PERIOD),
            _ => Some(Instant::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(name: &str) -> BareJid {
        format!("{name}@capulet.lit").parse().unwrap()
    }

    fn contact(name: &str, we_see_them: bool) -> Contact {
        Contact {
            jid: jid(name),
            name: None,
            groups: BTreeSet::new(),
            we_see_them,
            they_see_us: true,
            asked: false,
        }
    }

    #[test]
    fn the_roster_becomes_the_people() {
        let people = People {
            owner: Some(jid("juliet")),
            readers: ["a", "b", "c", "d", "e", "nurse"].map(jid).into(),
            ..People::default()
        };
        let mut contacts = Contacts::default();
        let roster = vec![contact("nurse", true), contact("tybalt", true)];
        assert_eq!(contacts.align(&jid("kettle"), &people), [], "not known yet");
        contacts.roster(roster);
        let now = contacts.align(&jid("kettle"), &people);
        let added = |request: &Request| matches!(request, Request::SetContact { .. });
        assert_eq!(now.iter().filter(|request| added(request)).count(), 6);
        assert!(now.contains(&Request::RemoveContact { jid: jid("tybalt") }));

        let at = |seconds| Now::default() + Duration::from_secs(seconds);
        let mut asked_by = |seconds| {
            let said: Vec<_> = std::iter::from_fn(|| contacts.next(at(seconds))).collect();
            said.len()
        };
        assert_eq!(
            (asked_by(1), asked_by(30), asked_by(61), asked_by(200)),
            (4, 0, 2, 0)
        );
    }

    #[test]
    fn approval_asks_back_once() {
        let mut contacts = Contacts::default();
        contacts.changed(contact("nurse", true));
        for name in ["nurse", "juliet", "juliet"] {
            contacts.approve(&jid(name));
        }
        let said: Vec<_> = std::iter::from_fn(|| contacts.next(Now::default())).collect();
        let step = |name, step| Request::Subscription {
            to: jid(name),
            step,
        };
        use SubscriptionStep::{Approve, Ask};
        assert_eq!(
            said,
            [
                step("nurse", Approve),
                step("juliet", Approve),
                step("juliet", Ask)
            ]
        );
    }
}
