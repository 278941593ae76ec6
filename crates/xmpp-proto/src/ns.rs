//! Namespaces.

pub(crate) const CAPS: &str = "http://jabber.org/protocol/caps";
pub(crate) const CARBONS: &str = "urn:xmpp:carbons:2";
pub(crate) const DELAY: &str = "urn:xmpp:delay";
pub(crate) const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
pub(crate) const MAM: &str = "urn:xmpp:mam:2";
pub(crate) const PING: &str = "urn:xmpp:ping";
pub(crate) const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
pub(crate) const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
pub(crate) const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
pub(crate) const REGISTER: &str = "jabber:iq:register";
pub(crate) const ROSTER: &str = "jabber:iq:roster";
pub(crate) const VAL: &str = "urn:xmpp:uwpx:iot";
