//! How much of what comes from outside is kept, and how much of our own may be under way.
//!
//! A stanza is at most 256 KiB on the servers we know; these bounds hold whatever a server lets
//! through.

/// Contacts of a roster.
pub(crate) const CONTACTS: usize = 20_000;
/// Groups of a contact.
pub(crate) const GROUPS: usize = 32;
/// Bytes of a contact's name, of a group, of a line of status.
pub(crate) const LINE_BYTES: usize = 1024;
/// Items of one event or one fetch.
pub(crate) const ITEMS: usize = 1000;
/// Affiliations or subscribers of a node.
pub(crate) const NODE_MEMBERS: usize = 1000;
/// Features of an entity.
pub(crate) const FEATURES: usize = 500;
/// Identities of an entity.
pub(crate) const IDENTITIES: usize = 32;
/// Bytes of a feature, of an identity's parts, of a capabilities' node and hash.
pub(crate) const FEATURE_BYTES: usize = 256;
/// Bytes of a chat message.
pub(crate) const TEXT_BYTES: usize = 8 * 1024;
/// Capabilities remembered by their hash.
pub(crate) const KNOWN_CAPS: usize = 100;
/// Resources of one contact whose capabilities are of interest.
pub(crate) const RESOURCES: usize = 16;

/// Elements of a registration that ask for something, and pictures that come along with it.
pub(crate) const REGISTRATION_FIELDS: usize = 64;
pub(crate) const PICTURES: usize = 8;

/// Questions in flight of which the server has not answered any.
pub(crate) const IN_FLIGHT: usize = 64;
/// The part of [`IN_FLIGHT`] that is kept free for what a person waits for.
pub(crate) const IN_FLIGHT_RESERVE: usize = 8;
/// Questions waiting for their turn. A home of 1,000 devices asks 6,000 at sign-in.
pub(crate) const WAITING: usize = 32_768;
/// Stanzas without answer (texts, presence) that an interrupted stream may owe the server.
pub(crate) const OWED: usize = 1024;

/// Publish-subscribe components whose events are heeded.
pub(crate) const COMPONENTS: usize = 16;
