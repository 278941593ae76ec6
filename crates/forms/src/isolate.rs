//! Foreign text in a line of our own.

use std::borrow::Cow;

/// Text from a device as a part of a line that is printed where nothing else keeps it apart, as
/// on a terminal. A window isolates by its markup instead.
///
/// - Control characters, which move the cursor or change colours, and line ends become blanks.
/// - Directional overrides and embeddings, which make text look like other text, are taken out
///   (UAX 9, section 2).
/// - The rest is isolated, so that a right-to-left label does not turn what stands beside it.
///   Plain ASCII stays as it is.
pub fn isolate(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 6);
    out.push(FIRST_STRONG_ISOLATE);
    let mut open = 0_usize;
    for c in text.chars() {
        match c {
            '\u{202A}'..='\u{202E}' => continue,
            '\u{2066}'..='\u{2068}' => open += 1,
            POP_ISOLATE if open == 0 => continue,
            POP_ISOLATE => open -= 1,
            _ => {}
        }
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        out.push(if breaks { ' ' } else { c });
    }
    out.extend(std::iter::repeat_n(POP_ISOLATE, open + 1));
    Cow::Owned(out)
}

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_labels_stay_in_their_place() {
        let cases = [
            ("Lamp (left)", "Lamp (left)"),
            ("Küche", "\u{2068}Küche\u{2069}"),
            ("مصباح", "\u{2068}مصباح\u{2069}"),
            (
                "\u{1B}[31mred\nnew line\u{9B}2J",
                "\u{2068} [31mred new line 2J\u{2069}",
            ),
            ("\u{202E}gnp.exe", "\u{2068}gnp.exe\u{2069}"),
            ("\u{2067}open", "\u{2068}\u{2067}open\u{2069}\u{2069}"),
            ("out\u{2069} of it", "\u{2068}out of it\u{2069}"),
        ];
        for (text, expected) in cases {
            assert_eq!(isolate(text), expected, "{text:?}");
        }
    }
}
