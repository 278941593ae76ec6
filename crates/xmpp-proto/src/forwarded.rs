//! Forwarded copies: message carbons (XEP-0280) and archive results (XEP-0313).
//!
//! We ask for neither, so there is nothing to read in them. But a copy must be recognised: taken
//! for an ordinary message, or believed from anybody but our own account, it would let a stranger
//! speak in a friend's name (CVE-2017-5589 and its family).

use minidom::Element;

use crate::ns;

/// Whether one of the payloads wraps the copy of another message.
pub(crate) fn is_copy(payloads: &[Element]) -> bool {
    payloads.iter().any(|payload| {
        payload.is("received", ns::CARBONS)
            || payload.is("sent", ns::CARBONS)
            || payload.is("result", ns::MAM)
    })
}
