//! How much the server keeps for its clients.

/// Resources of one account that are connected at once.
pub(crate) const RESOURCES: usize = 16;

/// Contacts on one roster, with those who only ask to be on it.
pub(crate) const CONTACTS: usize = 20_000;

/// Groups of one contact.
pub(crate) const GROUPS: usize = 64;

/// Messages kept for an account whose clients are all away.
pub(crate) const OFFLINE_MESSAGES: usize = 100;

/// Addresses outside the roster that get a resource's presence.
pub(crate) const DIRECTED_PRESENCES: usize = 256;

/// Invites that nobody used yet; a new one takes the place of the oldest.
pub(crate) const INVITES: usize = 256;

/// PubSub nodes of one account.
pub(crate) const NODES: usize = 64;

/// Affiliations, and subscriptions, of one node.
pub(crate) const NODE_MEMBERS: usize = 1_024;

/// Items of one node, whatever its configuration counts.
pub(crate) const ITEMS: usize = 4_096;

/// Bytes of a name: of a node, an item, a contact or a group.
pub(crate) const NAME_BYTES: usize = 1_024;

/// Fields of a form, items of a request: whatever comes in a list.
pub(crate) const LIST: usize = 1_024;

/// Bytes of a stanza's content, markup not counted. Real servers close the stream at 256 KiB.
pub(crate) const CONTENT_BYTES: usize = 256 * 1024;

/// Levels of elements within a stanza.
pub(crate) const DEPTH: usize = 64;

/// Stanzas that wait to be carried away. More are thrown away and counted, as they would be on
/// a stream whose reader has died.
pub(crate) const OUTPUT: usize = 65_536;
