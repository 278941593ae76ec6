//! XEP-0352: telling the server whether a person is looking.

use minidom::Element;

use crate::ns;

/// `<active/>` or `<inactive/>`, which are no stanzas: they belong directly into the stream.
pub(crate) fn state(active: bool) -> Element {
    Element::bare(if active { "active" } else { "inactive" }, ns::CSI)
}
