//! Text from outside, made harmless.

use std::fmt;

/// Longest [`Text`], in bytes of UTF-8. A Bluetooth name has at most 248.
pub const MAX_TEXT_BYTES: usize = 256;

/// A text that came from a peer or the operating system and is only ever shown: at most
/// [`MAX_TEXT_BYTES`] bytes, without control characters and without the invisible characters that
/// turn the direction of the text around it. What is taken out is replaced by U+FFFD; what is too
/// long is cut at a character.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Takes `text`, cleaned.
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut clean = String::new();
        for letter in text.as_ref().chars() {
            let letter = if is_harmful(letter) {
                '\u{fffd}'
            } else {
                letter
            };
            if clean.len() + letter.len_utf8() > MAX_TEXT_BYTES {
                break;
            }
            clean.push(letter);
        }
        Self(clean)
    }

    /// Reads bytes as UTF-8; what is none becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(MAX_TEXT_BYTES)];
        Self::new(String::from_utf8_lossy(bytes))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Controls, and the directional formatting characters of UAX #9.
fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_bounded_and_cannot_turn_the_text_around() {
        assert_eq!(Text::new("a\u{202e}b\nc").as_str(), "a\u{fffd}b\u{fffd}c");
        let long = Text::new("é".repeat(1000));
        assert_eq!(long.as_str().len(), MAX_TEXT_BYTES);
        assert!(Text::from_bytes(&[0xff; 1000]).as_str().len() <= MAX_TEXT_BYTES);
        assert!(Text::from_bytes(b"").is_empty());
    }
}
