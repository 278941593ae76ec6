//! The namespaces of data forms.

/// XEP-0004: the form itself.
pub const DATA: &str = "jabber:x:data";
/// XEP-0122: validation.
pub const VALIDATE: &str = "http://jabber.org/protocol/xdata-validate";
/// XEP-0141: layout.
pub const LAYOUT: &str = "http://jabber.org/protocol/xdata-layout";
/// XEP-0221: media.
pub const MEDIA: &str = "urn:xmpp:media-element";
/// XEP-0231: bits of binary.
pub const BITS: &str = "urn:xmpp:bob";
/// XEP-0331: colours.
pub const COLOR: &str = "urn:xmpp:xdata:color";
/// XEP-0336: dynamic forms.
pub const DYNAMIC: &str = "urn:xmpp:xdata:dynamic";
