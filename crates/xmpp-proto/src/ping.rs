//! XEP-0199: is anybody there? The link asks; a session only answers.

use minidom::Element;

use crate::ns;

/// Whether the payload of an IQ `get` is a ping.
pub(crate) fn is_ping(payload: &Element) -> bool {
    payload.is("ping", ns::PING)
}
