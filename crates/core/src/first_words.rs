//! The first words with a device that was just given its account: the app's side.
//!
//! ```text
//!            ask for presence
//!                  │
//!   Waiting ── it speaks ─▶ Mirrored ── it speaks again, or shows its form ─▶ Done
//!      │                       │
//!      └────── deadline ───────┴──▶ Failed, and what was missing
//! ```
//!
//! A device greets whom it was given as its sender, until its words come back byte for byte
//! (thesis *Smart Building Control with XMPP for IoT*, chapter 5). It is a stranger then, so what
//! it says counts only if it comes from exactly the JID that was provisioned. Beside that goes the
//! presence subscription: two seconds after it was granted, the device is read, as long as it does
//! not show its form again and again. It is asked nothing else: thesis firmware resets itself on
//! questions that reach it.
//!
//! Both profiles end here, in different order: a Roost device makes its nodes and then says that
//! it is done; thesis firmware says so first and remakes its nodes afterwards.
//!
//! Limits: sans-IO; one device, one deadline, [`MAX_MIRRORS`] mirrored greetings. An empty body is
//! never sent, it crashes thesis firmware.

use std::collections::VecDeque;
use std::time::Duration;

use jid::{BareJid, Jid};
use roost_model::{Instant, Node, Now};
use roost_xmpp_proto::{Request, SessionEvent, SubscriptionStep};

/// How many greetings are mirrored at most; a device greets again when the mirror was lost.
pub const MAX_MIRRORS: u32 = 32;
/// How long after the device let us see it, it is read.
const BEFORE_READING: Duration = Duration::from_secs(2);
/// How long to wait before it is read again, while it shows no form.
const BETWEEN_READINGS: Duration = Duration::from_secs(5);

/// What the app is to do for the device.
#[derive(Clone, Debug, PartialEq)]
pub enum FirstStep {
    /// Ask the session.
    Send(Request),
    /// Subscribe to the device's nodes and fetch them, as for every device. What comes of it is
    /// told by [`FirstWords::form_came`].
    Read,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FirstWordsEnd {
    /// The device is there.
    Done,
    /// It never spoke: it has no network, cannot reach the server, or has another account.
    NeverSpoke,
    /// It spoke, and fell silent after its words came back.
    FellSilent,
    /// It fell silent, and it never let us see its presence, so its nodes may be closed to us.
    NeverApproved,
}

/// The first words with one device.
#[derive(Debug)]
pub struct FirstWords {
    device: BareJid,
    deadline: Instant,
    /// What it said first.
    greeting: Option<String>,
    mirrors: u32,
    /// Whether we may see it.
    is_seen: bool,
    read_at: Option<Instant>,
    end: Option<FirstWordsEnd>,
    steps: VecDeque<FirstStep>,
}

impl FirstWords {
    /// Begins with a device that was just given this account. `is_seen` tells whether we see its
    /// presence already, as on a server that makes contacts of those who invite and are invited.
    pub fn new(device: BareJid, is_seen: bool, patience: Duration, now: Now) -> Self {
        let mut words = Self {
            deadline: now.instant + patience,
            greeting: None,
            mirrors: 0,
            is_seen: false,
            read_at: None,
            end: None,
            steps: VecDeque::new(),
            device,
        };
        if is_seen {
            words.approved(now);
        } else {
            words.send(Request::Subscription {
                to: words.device.clone(),
                step: SubscriptionStep::Ask,
            });
        }
        words
    }

    /// With whom.
    pub fn device(&self) -> &BareJid {
        &self.device
    }

    /// Whether the device spoke.
    pub fn has_spoken(&self) -> bool {
        self.greeting.is_some()
    }

    /// Something happened in the session. What is not from this device is ignored.
    pub fn handle(&mut self, event: &SessionEvent, now: Now) {
        if self.end.is_some() {
            return;
        }
        match event {
            SessionEvent::Text { from, body, .. } if from.to_bare() == self.device => {
                self.hear(from, body);
            }
            SessionEvent::SubscriptionStep {
                from,
                step: SubscriptionStep::Approve,
            } if *from == self.device => self.approved(now),
            SessionEvent::ContactChanged(contact)
                if contact.jid == self.device && contact.we_see_them =>
            {
                self.approved(now);
            }
            SessionEvent::Published {
                service,
                node: Node::Ui,
                items,
            } if *service == self.device && !items.is_empty() => self.form_came(),
            _ => {}
        }
    }

    /// The form of the device was fetched.
    pub fn form_came(&mut self) {
        if self.end.is_none() {
            self.finish();
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.end.is_some() {
            return;
        }
        if self.deadline <= now.instant {
            self.end = Some(match (&self.greeting, self.is_seen) {
                (None, _) => FirstWordsEnd::NeverSpoke,
                (Some(_), true) => FirstWordsEnd::FellSilent,
                (Some(_), false) => FirstWordsEnd::NeverApproved,
            });
            self.steps.clear();
        } else if self.read_at.is_some_and(|at| at <= now.instant) {
            self.read_at = Some(now.instant + BETWEEN_READINGS);
            self.steps.push_back(FirstStep::Read);
        }
    }

    /// The next thing to do.
    pub fn poll_step(&mut self) -> Option<FirstStep> {
        self.steps.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called; `None` when it is over.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.end {
            Some(_) => None,
            None => self.read_at.into_iter().chain([self.deadline]).min(),
        }
    }

    /// How it ended, if it did.
    pub fn end(&self) -> Option<FirstWordsEnd> {
        self.end
    }

    fn hear(&mut self, from: &Jid, body: &str) {
        if body.trim().is_empty() {
            return;
        }
        match &self.greeting {
            Some(greeting) if greeting != body => self.finish(),
            _ => {
                self.greeting.get_or_insert_with(|| body.to_owned());
                if self.mirrors < MAX_MIRRORS {
                    self.mirrors += 1;
                    self.send(Request::SendText {
                        to: from.clone(),
                        body: body.to_owned(),
                    });
                }
            }
        }
    }

    fn approved(&mut self, now: Now) {
        if !self.is_seen {
            self.is_seen = true;
            self.read_at = Some(now.instant + BEFORE_READING);
        }
    }

    /// It is there. It is read once more: thesis firmware makes its nodes anew now, and a Roost
    /// device may have opened them since the last time.
    fn finish(&mut self) {
        self.end = Some(FirstWordsEnd::Done);
        self.steps.push_back(FirstStep::Read);
    }

    fn send(&mut self, request: Request) {
        self.steps.push_back(FirstStep::Send(request));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use roost_model::ItemId;
    use roost_xmpp_proto::{Contact, ItemReport, Payload};

    use super::*;

    const LAMP: &str = "lamp@home.lit";
    const HI: &str = "Hi from the ESP32. Please mirror this message!";

    struct Talk {
        words: FirstWords,
        now: Now,
    }

    impl Talk {
        fn new() -> Self {
            let now = Now::default();
            let patience = Duration::from_secs(120);
            let words = FirstWords::new(LAMP.parse().unwrap(), false, patience, now);
            let mut talk = Self { words, now };
            assert_eq!(talk.steps(), ["ask lamp@home.lit"]);
            talk
        }

        fn steps(&mut self) -> Vec<String> {
            std::iter::from_fn(|| self.words.poll_step())
                .map(|step| match step {
                    FirstStep::Read => "read".to_owned(),
                    FirstStep::Send(Request::SendText { to, body }) => format!("{to}: {body}"),
                    FirstStep::Send(Request::Subscription {
                        to,
                        step: SubscriptionStep::Ask,
                    }) => format!("ask {to}"),
                    FirstStep::Send(other) => format!("{other:?}"),
                })
                .collect()
        }

        fn hears(&mut self, from: &str, body: &str) -> Vec<String> {
            let event = SessionEvent::Text {
                from: from.parse().unwrap(),
                body: body.to_owned(),
                delayed: None,
            };
            self.words.handle(&event, self.now);
            self.steps()
        }

        fn is_approved_by(&mut self, from: &str) {
            let event = SessionEvent::SubscriptionStep {
                from: from.parse().unwrap(),
                step: SubscriptionStep::Approve,
            };
            self.words.handle(&event, self.now);
        }

        fn sees_form_of(&mut self, service: &str, node: Node) {
            let event = SessionEvent::Published {
                service: service.parse().unwrap(),
                node,
                items: vec![ItemReport {
                    item: ItemId::new("current").unwrap(),
                    publisher: None,
                    payload: Payload::Unreadable,
                }],
            };
            self.words.handle(&event, self.now);
        }

        fn passes(&mut self, seconds: u64) -> Vec<String> {
            self.now = self.now + Duration::from_secs(seconds);
            self.words.handle_timeout(self.now);
            self.steps()
        }
    }

    #[test]
    fn a_device_is_mirrored_byte_for_byte() {
        let mut talk = Talk::new();
        let odd = " Hi\u{a0}there \n";
        for _ in 0..2 {
            let said = talk.hears("lamp@home.lit/x", odd);
            assert_eq!(said, [format!("lamp@home.lit/x: {odd}")]);
        }
        assert_eq!(talk.words.end(), None);
        assert_eq!(talk.hears("lamp@home.lit/x", "Setup done!"), ["read"]);
        assert_eq!(talk.words.end(), Some(FirstWordsEnd::Done));
        assert_eq!(talk.words.poll_timeout(), None);
        assert_eq!(talk.hears("lamp@home.lit/x", odd), [""; 0], "it is over");
    }

    #[test]
    fn nobody_else_is_mirrored() {
        let mut talk = Talk::new();
        for stranger in ["tybalt@home.lit/x", "lamp@other.lit/x", "home.lit"] {
            assert_eq!(talk.hears(stranger, HI), [""; 0], "{stranger}");
            talk.sees_form_of("tybalt@home.lit", Node::Ui);
        }
        talk.is_approved_by("tybalt@home.lit");
        assert_eq!(talk.passes(3), [""; 0]);
        assert!(!talk.words.has_spoken() && talk.words.end().is_none());
    }

    #[test]
    fn empty_words_are_never_returned() {
        let mut talk = Talk::new();
        for body in ["", " ", "\n\t"] {
            assert_eq!(talk.hears("lamp@home.lit/x", body), [""; 0]);
        }
        assert!(!talk.words.has_spoken());
    }

    #[test]
    fn a_chatterbox_is_not_mirrored_for_ever() {
        let mut talk = Talk::new();
        let said = (0..100).map(|_| talk.hears("lamp@home.lit/x", HI).len());
        let said: usize = said.sum();
        assert_eq!(said, usize::try_from(MAX_MIRRORS).unwrap());
    }

    #[test]
    fn it_is_read_two_seconds_after_it_let_us() {
        let mut talk = Talk::new();
        talk.is_approved_by(LAMP);
        talk.is_approved_by(LAMP);
        assert_eq!(talk.passes(1), [""; 0]);
        assert_eq!(talk.passes(1), ["read"]);
        assert_eq!(talk.passes(4), [""; 0]);
        assert_eq!(talk.passes(1), ["read"], "there was nothing to read yet");
        talk.sees_form_of(LAMP, Node::Sensors);
        assert_eq!(
            talk.words.end(),
            None,
            "thesis firmware reports from its first breath"
        );
        talk.sees_form_of(LAMP, Node::Ui);
        assert_eq!(talk.words.end(), Some(FirstWordsEnd::Done));
    }

    #[test]
    fn a_contact_of_the_invite_need_not_be_asked() {
        let patience = Duration::from_secs(120);
        let now = Now::default();
        let words = FirstWords::new(LAMP.parse().unwrap(), true, patience, now);
        let mut talk = Talk { words, now };
        assert_eq!(talk.steps(), [""; 0]);
        assert_eq!(talk.passes(2), ["read"]);

        let mut talk = Talk::new();
        let contact = Contact {
            jid: LAMP.parse().unwrap(),
            name: None,
            groups: BTreeSet::new(),
            we_see_them: true,
            they_see_us: true,
            asked: false,
        };
        talk.words
            .handle(&SessionEvent::ContactChanged(contact), talk.now);
        assert_eq!(talk.passes(2), ["read"]);
    }

    #[test]
    fn what_was_missing_at_the_end() {
        type Before = fn(&mut Talk);
        let silent: Before = |_| {};
        let spoke: Before = |talk| {
            talk.hears("lamp@home.lit/x", HI);
        };
        let seen: Before = |talk| {
            talk.hears("lamp@home.lit/x", HI);
            talk.is_approved_by(LAMP);
        };
        for (before, end) in [
            (silent, FirstWordsEnd::NeverSpoke),
            (spoke, FirstWordsEnd::NeverApproved),
            (seen, FirstWordsEnd::FellSilent),
        ] {
            let mut talk = Talk::new();
            before(&mut talk);
            talk.passes(119);
            assert_eq!(talk.words.end(), None);
            assert_eq!(talk.passes(1), [""; 0]);
            assert_eq!(talk.words.end(), Some(end));
        }
    }
}
