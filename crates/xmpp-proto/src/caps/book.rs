//! What is known about capabilities, and which lookups are under way.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jid::{BareJid, FullJid};

use super::{Caps, Key};
use crate::disco::Info;
use crate::{Features, limits};

/// A resource to ask, and the node to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    pub(crate) whom: FullJid,
    pub(crate) caps: Caps,
}

impl Lookup {
    /// The node of the question (section 6.2).
    pub(crate) fn node(&self) -> String {
        format!("{}#{}", self.caps.node, self.caps.key.ver)
    }
}

/// What follows from something that was heard.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Heard {
    /// Whose capabilities are known now.
    pub(crate) known: Vec<(FullJid, Features)>,
    /// Whom to ask now.
    pub(crate) ask: Option<Lookup>,
}

/// What is known about capabilities, and which lookups are under way.
#[derive(Debug, Default)]
pub(crate) struct CapsBook {
    known: HashMap<Key, Features>,
    oldest_first: VecDeque<Key>,
    /// Who waits for the lookup of a key, with the node by which to ask.
    waiting: HashMap<Key, BTreeMap<FullJid, String>>,
    contacts: HashMap<BareJid, Contact>,
}

/// Bounds are per contact, so that one who floods us crowds out nobody else.
#[derive(Debug, Default)]
struct Contact {
    announced: HashMap<FullJid, Key>,
    being_asked: usize,
}

impl CapsBook {
    /// A book that knows one entry from the beginning: our own.
    pub(crate) fn knowing(own: &Info) -> Self {
        let mut book = Self::default();
        book.remember(Key::of(own), own.clone().into_features());
        book
    }

    /// A resource of a contact announced capabilities.
    pub(crate) fn announced(&mut self, whom: FullJid, caps: Caps) -> Heard {
        let contact = self.contacts.entry(whom.to_bare()).or_default();
        let is_full = contact.announced.len() >= limits::RESOURCES;
        if is_full && !contact.announced.contains_key(&whom) {
            return Heard::default();
        }
        contact.announced.insert(whom.clone(), caps.key.clone());
        if let Some(features) = self.known.get(&caps.key) {
            return Heard {
                known: vec![(whom, features.clone())],
                ask: None,
            };
        }
        if let Some(others) = self.waiting.get_mut(&caps.key) {
            others.insert(whom, caps.node);
            return Heard::default();
        }
        if contact.being_asked >= limits::RESOURCES {
            return Heard::default();
        }
        contact.being_asked += 1;
        self.waiting.insert(caps.key.clone(), BTreeMap::new());
        Heard {
            known: Vec::new(),
            ask: Some(Lookup { whom, caps }),
        }
    }

    /// A resource left, or announces nothing any more.
    pub(crate) fn left(&mut self, whom: &FullJid) {
        if let Some(contact) = self.contacts.get_mut(&whom.to_bare()) {
            contact.announced.remove(whom);
        }
    }

    /// The stream is gone, and with it everybody's presence and every lookup. What is known by
    /// its hash stays known.
    pub(crate) fn everybody_left(&mut self) {
        self.waiting.clear();
        self.contacts.clear();
    }

    /// A lookup ended, with an answer or without.
    pub(crate) fn answered(&mut self, lookup: Lookup, info: Option<Info>) -> Heard {
        let Lookup { whom, caps } = lookup;
        if let Some(contact) = self.contacts.get_mut(&whom.to_bare()) {
            contact.being_asked = contact.being_asked.saturating_sub(1);
        }
        let mut others = self.waiting.remove(&caps.key).unwrap_or_default();
        others.retain(|other, _| self.still_announces(other, &caps.key));
        let is_true = info.as_ref().is_some_and(|info| caps.key.is_of(info));
        let features = info.map(Info::into_features);

        let mut heard = Heard::default();
        if let Some(features) = &features
            && self.still_announces(&whom, &caps.key)
        {
            heard.known.push((whom.clone(), features.clone()));
        }
        others.remove(&whom);
        match features {
            Some(features) if is_true => {
                let told = others.into_keys().map(|other| (other, features.clone()));
                heard.known.extend(told);
                self.remember(caps.key, features);
            }
            _ => heard.ask = self.next_to_ask(caps.key, others),
        }
        heard
    }

    fn next_to_ask(&mut self, key: Key, mut others: BTreeMap<FullJid, String>) -> Option<Lookup> {
        let (whom, node) = others.pop_first()?;
        self.contacts.entry(whom.to_bare()).or_default().being_asked += 1;
        self.waiting.insert(key.clone(), others);
        let caps = Caps { node, key };
        Some(Lookup { whom, caps })
    }

    fn still_announces(&self, whom: &FullJid, key: &Key) -> bool {
        let contact = self.contacts.get(&whom.to_bare());
        contact.and_then(|contact| contact.announced.get(whom)) == Some(key)
    }

    fn remember(&mut self, key: Key, features: Features) {
        if self.known.insert(key.clone(), features).is_none() {
            self.oldest_first.push_back(key);
        }
        if self.oldest_first.len() > limits::KNOWN_CAPS
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(n: u32) -> FullJid {
        FullJid::new(&format!("d{n}@home.lit/x")).unwrap()
    }

    fn device_info() -> Info {
        Info {
            features: [crate::ROOST_FEATURE.to_owned()].into(),
            ..Info::default()
        }
    }

    fn caps() -> Caps {
        Caps {
            node: "https://example.org/kettle".into(),
            key: Key::of(&device_info()),
        }
    }

    #[test]
    fn one_is_asked_for_all() {
        let mut book = CapsBook::default();
        let lookup = book.announced(jid(0), caps()).ask.unwrap();
        for n in 1..1000 {
            assert_eq!(book.announced(jid(n), caps()), Heard::default());
        }
        assert_eq!(
            book.announced(jid(1), caps()),
            Heard::default(),
            "waits already"
        );
        book.left(&jid(2));
        let heard = book.answered(lookup, Some(device_info()));
        assert_eq!(heard.ask, None);
        assert_eq!(heard.known.len(), 999, "all but the one that left");
        assert!(heard.known.iter().all(|(_, features)| features.is_roost()));
        assert_eq!(
            book.announced(jid(5000), caps()).known.len(),
            1,
            "known by now"
        );
    }

    #[test]
    fn one_contact_cannot_keep_us_busy() {
        let mut book = CapsBook::default();
        let mut asked = 0;
        for n in 0..1000 {
            let whom = FullJid::new(&format!("romeo@montague.lit/{n}")).unwrap();
            let mut caps = caps();
            caps.key.ver = n.to_string();
            asked += usize::from(book.announced(whom, caps).ask.is_some());
        }
        assert_eq!(asked, limits::RESOURCES);
        let whom = FullJid::new("romeo@montague.lit/0").unwrap();
        for n in 1000..2000 {
            let mut caps = caps();
            caps.key.ver = n.to_string();
            assert_eq!(book.announced(whom.clone(), caps).ask, None);
        }
        assert!(
            book.announced(jid(0), caps()).ask.is_some(),
            "others are heard"
        );
    }

    #[test]
    fn a_liar_speaks_for_itself_and_the_silent_for_nobody() {
        let mut book = CapsBook::default();
        let lookup = book.announced(jid(0), caps()).ask.unwrap();
        book.announced(jid(1), caps());
        book.announced(jid(2), caps());
        let lie = Info {
            features: ["urn:lie".to_owned()].into(),
            ..Info::default()
        };
        let heard = book.answered(lookup, Some(lie));
        assert_eq!(heard.known.len(), 1);
        assert_eq!(heard.known[0].0, jid(0));
        let second = heard.ask.unwrap();
        assert_eq!(second.whom, jid(1));
        let heard = book.answered(second, None);
        assert_eq!(heard.known, []);
        let third = heard.ask.unwrap();
        let heard = book.answered(third, Some(device_info()));
        assert_eq!(heard.known.len(), 1);
        assert_eq!(heard.known[0].0, jid(2));
    }

    #[test]
    fn what_was_announced_later_counts() {
        let mut book = CapsBook::default();
        let old = book.announced(jid(0), caps()).ask.unwrap();
        let mut newer = caps();
        newer.key.ver = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
        book.announced(jid(0), newer);
        assert_eq!(book.answered(old, Some(device_info())).known, []);
    }

    #[test]
    fn only_so_many_hashes_are_remembered() {
        let mut book = CapsBook::default();
        for n in 0..=u32::try_from(limits::KNOWN_CAPS).unwrap() {
            let info = Info {
                features: [format!("f{n}")].into(),
                ..Info::default()
            };
            let key = Key::of(&info);
            let lookup = book
                .announced(
                    jid(n),
                    Caps {
                        node: "n".into(),
                        key,
                    },
                )
                .ask
                .unwrap();
            assert_eq!(book.answered(lookup, Some(info)).known.len(), 1);
        }
        assert_eq!(book.known.len(), limits::KNOWN_CAPS);
        assert!(book.waiting.is_empty());
    }
}
