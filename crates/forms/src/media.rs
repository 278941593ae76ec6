//! Pictures and sounds beside a field (XEP-0221), and those that come along with the form
//! (XEP-0231), as the pictures of a registration do.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;

use crate::limits::{MAX_BITS_BYTES, MAX_LABEL_BYTES, MAX_MEDIA, MAX_TEXT_BYTES};
use crate::read::push_bounded;
use crate::xml::{Reader, is, set, text_element, text_of};
use crate::{Media, ns};

/// Where a medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// In the same stanza or at its sender, by content id (XEP-0231): see [`Bits`].
    Along(&'a str),
    /// Somewhere in the web. Fetching it tells the sender of the form where the person is, so
    /// the person is asked first.
    Remote(&'a str),
    /// Behind a scheme that is not for pictures: not to be opened.
    Unusable,
}

impl<'a> Source<'a> {
    /// What a URI of a medium points to.
    pub fn of(uri: &'a str) -> Self {
        match uri.split_once(':') {
            Some((scheme, cid)) if scheme.eq_ignore_ascii_case("cid") => Source::Along(cid),
            Some((scheme, _))
                if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") =>
            {
                Source::Remote(uri)
            }
            _ => Source::Unusable,
        }
    }
}

/// `<data xmlns='urn:xmpp:bob'/>` (XEP-0231): what a `cid:` URI stands for.
///
/// It counts only for the form in the same stanza. The content id is taken as a name: it is not
/// checked against the data, so it must not serve as the key of a store that others fill too.
#[derive(Clone, PartialEq, Eq)]
pub struct Bits {
    /// Its content id, without `cid:`.
    pub cid: String,
    /// Its media type, as claimed.
    pub media_type: String,
    /// The data, at most [`MAX_BITS_BYTES`].
    pub data: Vec<u8>,
}

impl Bits {
    /// Reads the element; `None` if it is another, or too large, or not base64.
    pub fn read(data: &Element) -> Option<Bits> {
        if !data.is("data", ns::BITS) {
            return None;
        }
        let short = |name| data.attr(name).filter(|text| text.len() <= MAX_LABEL_BYTES);
        let (cid, media_type) = (short("cid")?, short("type")?);
        let longest = MAX_BITS_BYTES.div_ceil(3) * 4;
        let text = text_of(data);
        let mut digits = Vec::with_capacity(text.len().min(longest));
        for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
            if digits.len() == longest {
                return None;
            }
            digits.push(byte);
        }
        let bytes = STANDARD.decode(digits).ok()?;
        let (cid, media_type) = (cid.to_owned(), media_type.to_owned());
        (bytes.len() <= MAX_BITS_BYTES).then_some(Bits {
            cid,
            media_type,
            data: bytes,
        })
    }
}

impl fmt::Debug for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Bits({}, {}, {} bytes)",
            self.cid,
            self.media_type,
            self.data.len()
        )
    }
}

impl Media {
    pub(crate) fn read(element: &Element, reader: &mut Reader, var: Option<&str>) -> Media {
        let pixels = |name| element.attr(name).and_then(|text| text.trim().parse().ok());
        let mut media = Media {
            width: pixels("width"),
            height: pixels("height"),
            uris: Vec::new(),
        };
        for uri in element
            .children()
            .filter(|child| is(child, "uri", ns::MEDIA))
        {
            let media_type = reader.shown_attr(uri, "type", MAX_LABEL_BYTES, var);
            let address = reader.whole(uri.text().trim(), MAX_TEXT_BYTES, var);
            if let (Some(media_type), Some(address)) = (media_type, address)
                && !address.is_empty()
            {
                push_bounded(
                    &mut media.uris,
                    (media_type, address),
                    MAX_MEDIA,
                    var,
                    reader,
                );
            }
        }
        media
    }

    pub(crate) fn write(&self) -> Element {
        let mut media = crate::xml::element("media", ns::MEDIA);
        if let Some(width) = self.width {
            set(&mut media, "width", &width.to_string());
        }
        if let Some(height) = self.height {
            set(&mut media, "height", &height.to_string());
        }
        for (media_type, address) in &self.uris {
            let mut uri = text_element("uri", ns::MEDIA, address);
            set(&mut uri, "type", media_type);
            media.append_child(uri);
        }
        media
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_and_the_stanza_have_pictures() {
        let cases = [
            (
                "cid:sha1+00@bob.xmpp.org",
                Source::Along("sha1+00@bob.xmpp.org"),
            ),
            ("CID:x", Source::Along("x")),
            (
                "https://example.org/a.png",
                Source::Remote("https://example.org/a.png"),
            ),
            ("javascript:alert(1)", Source::Unusable),
            ("file:///etc/passwd", Source::Unusable),
            ("data:image/svg+xml,<svg/>", Source::Unusable),
            ("a.png", Source::Unusable),
        ];
        for (uri, source) in cases {
            assert_eq!(Source::of(uri), source, "{uri}");
        }
    }

    #[test]
    fn bits_come_along_in_bounds() {
        let read = |attributes: &str, text: &str| {
            let xml = format!("<data xmlns='urn:xmpp:bob' {attributes}>{text}</data>");
            Bits::read(&xml.parse().unwrap())
        };
        let named = "cid='x@bob.xmpp.org' type='image/png' max-age='0'";
        let bits = read(named, "\n  aGVs\n  bG8=\n").unwrap();
        assert_eq!(
            (bits.cid.as_str(), bits.data.as_slice()),
            ("x@bob.xmpp.org", &b"hello"[..])
        );
        assert_eq!(
            read("type='image/png'", "aGVsbG8="),
            None,
            "nobody could refer to it"
        );
        assert_eq!(read(named, "aGVsbG8"), None);
        assert_eq!(read(named, "<script/>%%"), None);
        let most = "A".repeat(MAX_BITS_BYTES.div_ceil(3) * 4);
        assert_eq!(read(named, &format!("{most}AAAA")), None);
    }
}
