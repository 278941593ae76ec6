//! Watches the bytes of an XML stream for what must not be, before any parser builds it.
//!
//! A parser that builds elements uses many times the memory of their text, and the depth of
//! elements becomes depth of calls. So bytes, depth and number of elements of one stanza are
//! bounded here, and what RFC 6120, section 11.1 forbids (comments, processing instructions,
//! document types, and entities declared there) or does not belong between stanzas ends the stream
//! at its first byte. The scanner knows just enough of XML for that; whether the rest is well-formed, the parser finds out.

/// Bytes of one stanza. Servers refuse stanzas above 256 KiB or so.
const MAX_BYTES: usize = 1024 * 1024;
/// Depth of elements; a form in a carbon copy of an event reaches 12.
const MAX_DEPTH: usize = 64;
/// Elements of one stanza: a roster of thousands of contacts fits.
const MAX_ELEMENTS: usize = 16 * 1024;

/// Why a stream must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Excess {
    #[error("a stanza of more than {MAX_BYTES} bytes")]
    Bytes,
    #[error("elements nested more than {MAX_DEPTH} deep")]
    Depth,
    #[error("a stanza of more than {MAX_ELEMENTS} elements")]
    Elements,
    #[error("a comment, document type or processing instruction")]
    Forbidden,
    #[error("text where only stanzas belong")]
    Text,
}

/// Where in the syntax the next byte is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Between tags.
    #[default]
    Text,
    /// After `<`.
    TagStart,
    /// In a start tag.
    StartTag,
    /// After `/` in a start tag.
    StartTagSlash,
    /// In an attribute's value, until this quote.
    Quoted(u8),
    /// In an end tag.
    EndTag,
    /// After `<!`; only `[CDATA[` may follow.
    Marked,
    /// In a CDATA section, after this many `]`.
    Cdata(u8),
    /// In the XML declaration, whether after `?`.
    Declaration(bool),
}

/// Counts as bytes pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scanner {
    place: Place,
    depth: usize,
    bytes: usize,
    elements: usize,
}

impl Scanner {
    /// Looks at the next bytes of the stream.
    ///
    /// # Errors
    /// If the stream must not go on.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> Result<(), Excess> {
        for &byte in bytes {
            self.step(byte)?;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), Excess> {
        self.bytes += 1;
        if self.bytes > MAX_BYTES {
            return Err(Excess::Bytes);
        }
        self.place = match (self.place, byte) {
            (Place::Text, b'<') => Place::TagStart,
            (Place::Text, _) if self.depth > 1 || byte.is_ascii_whitespace() => Place::Text,
            (Place::Text, _) => return Err(Excess::Text),

            (Place::TagStart, b'/') => Place::EndTag,
            (Place::TagStart, b'!') => Place::Marked,
            (Place::TagStart, b'?') if self.depth == 0 => Place::Declaration(false),
            (Place::TagStart, b'?') => return Err(Excess::Forbidden),
            (Place::TagStart, _) => {
                self.open()?;
                Place::StartTag
            }

            (Place::StartTagSlash, b'>') => self.close(),
            (Place::StartTag, b'>') => Place::Text,
            (Place::StartTag | Place::StartTagSlash, b'/') => Place::StartTagSlash,
            (Place::StartTag | Place::StartTagSlash, b'"' | b'\'') => Place::Quoted(byte),
            (Place::StartTag | Place::StartTagSlash, _) => Place::StartTag,

            (Place::Quoted(quote), _) if byte == quote => Place::StartTag,
            (Place::Quoted(quote), _) => Place::Quoted(quote),

            (Place::EndTag, b'>') => self.close(),
            (Place::EndTag, _) => Place::EndTag,

            (Place::Marked, b'[') => Place::Cdata(0),
            (Place::Marked, _) => return Err(Excess::Forbidden),
            (Place::Cdata(2..), b'>') => Place::Text,
            (Place::Cdata(n), b']') => Place::Cdata((n + 1).min(2)),
            (Place::Cdata(_), _) => Place::Cdata(0),

            (Place::Declaration(true), b'>') => Place::Text,
            (Place::Declaration(_), _) => Place::Declaration(byte == b'?'),
        };
        let between_stanzas = self.depth <= 1 && self.place == Place::Text;
        if between_stanzas {
            self.bytes = 0;
            self.elements = 0;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Excess> {
        self.depth += 1;
        self.elements += 1;
        if self.depth > MAX_DEPTH {
            Err(Excess::Depth)
        } else if self.elements > MAX_ELEMENTS {
            Err(Excess::Elements)
        } else {
            Ok(())
        }
    }

    fn close(&mut self) -> Place {
        self.depth = self.depth.saturating_sub(1);
        Place::Text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "<?xml version='1.0'?><stream:stream to='a>b' xmlns='jabber:client'>";

    fn scan(stream: &str) -> Result<Scanner, Excess> {
        let mut scanner = Scanner::default();
        scanner.scan(HEADER.as_bytes())?;
        scanner.scan(stream.as_bytes())?;
        Ok(scanner)
    }

    #[test]
    fn what_may_pass() {
        let mut long_life = String::new();
        for _ in 0..100 {
            long_life.push_str("<iq><a b='/>' c=\"'\"/><![CDATA[ <x> ]]]]> ]]></iq> \n");
        }
        for stream in [
            long_life.as_str(),
            "<a/><b></b>",
            "<a/ ><b x = '<'/></a>",
            &format!("<a>{}</a>", "x".repeat(MAX_BYTES - 100)),
            &" ".repeat(2 * MAX_BYTES),
            &format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS - 1)),
        ] {
            let after = scan(stream).unwrap();
            assert_eq!((after.depth, after.bytes), (1, 0), "{stream:.60}");
        }
    }

    #[test]
    fn what_ends_the_stream() {
        for (stream, excess) in [
            ("<a><!-- --></a>", Excess::Forbidden),
            ("<!DOCTYPE x>", Excess::Forbidden),
            ("<?php ?>", Excess::Forbidden),
            ("<a><?xml version='1.0'?></a>", Excess::Forbidden),
            ("<a/>hello", Excess::Text),
            (&"<a>".repeat(MAX_DEPTH), Excess::Depth),
            (&format!("<a>{}", "x".repeat(MAX_BYTES)), Excess::Bytes),
            (&format!("<a b='{}", "<".repeat(MAX_BYTES)), Excess::Bytes),
            (
                &format!("<a>{}", "<b/>".repeat(MAX_ELEMENTS)),
                Excess::Elements,
            ),
        ] {
            assert_eq!(scan(stream).unwrap_err(), excess, "{stream:.60}");
        }
    }

    #[test]
    fn what_is_no_stream_at_all() {
        for greeting in ["HTTP/1.1 400 Bad Request", "220 mail.example ESMTP", "\0\0"] {
            let mut scanner = Scanner::default();
            assert_eq!(scanner.scan(greeting.as_bytes()), Err(Excess::Text));
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_bytes_are_split(
            parts in prop::collection::vec(
                prop::sample::select(&[
                    "<", ">", "/", "!", "?", "[CDATA[", "]", "\"", "'", "=", "a", " ", "&lt;",
                ][..]),
                0..60,
            ),
            length in 1_usize..9,
        ) {
            let stream = format!("{HEADER}{}", parts.concat());
            let mut whole = Scanner::default();
            let mut split = Scanner::default();
            let at_once = whole.scan(stream.as_bytes());
            let in_parts = stream
                .as_bytes()
                .chunks(length)
                .try_for_each(|part| split.scan(part));
            prop_assert_eq!(at_once, in_parts);
            prop_assert_eq!((whole.place, whole.depth), (split.place, split.depth));
        }
    }
}
