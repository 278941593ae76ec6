//! XEP-0445: Pre-Authenticated In-Band Registration.

use minidom::Element;
use minidom::rxml::{NcNameStr, xml_ncname};
use roost_model::Secret;

use crate::xml;

/// The namespace of the stream feature `<register/>` by which a server says that it takes
/// invites (section 5.1).
pub const STREAM_FEATURE: &str = "urn:xmpp:ibr-token:0";

const NS: &str = "urn:xmpp:pars:0";
const TOKEN: &NcNameStr = xml_ncname!("token");

/// Shows an invite, before the account is asked for (section 5.2).
pub(super) fn preauth(token: &Secret) -> Element {
    xml::element("preauth", NS, &[(TOKEN, token.expose())])
}
