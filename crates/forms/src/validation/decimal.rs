//! Decimal numbers of any length (XML Schema part 2, `decimal`), compared without rounding.

use std::cmp::Ordering;

/// A number as it is written, without the zeros that say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// `-1`, `+2.50`, `.5`, `7.`; no exponent, no blanks.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Decimal {
            negative,
            whole,
            fraction,
        })
    }

    /// As [`Self::parse`], without a point.
    pub(crate) fn parse_integer(text: &'a str) -> Option<Self> {
        if text.contains('.') {
            None
        } else {
            Self::parse(text)
        }
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let whole = |number: &Self| (number.whole.len(), number.whole);
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (negative, _) => {
                let absolute = whole(self)
                    .cmp(&whole(other))
                    .then_with(|| self.fraction.cmp(other.fraction));
                if negative {
                    absolute.reverse()
                } else {
                    absolute
                }
            }
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_size_not_by_spelling() {
        let ordered = [
            "-100000000000000000000000000000",
            "-2",
            "-1.5",
            "-1.25",
            "0",
            "0.05",
            ".5",
            "1",
            "1.0000000000000000000000000001",
            "9",
            "10",
            "18446744073709551616",
        ];
        for (at, less) in ordered.iter().enumerate() {
            for more in &ordered[at + 1..] {
                assert!(
                    Decimal::parse(less) < Decimal::parse(more),
                    "{less} < {more}"
                );
            }
        }
        for (one, other) in [("1", "+01.00"), ("-0", "0"), ("7.", "7"), ("-.50", "-0.5")] {
            assert_eq!(
                Decimal::parse(one),
                Decimal::parse(other),
                "{one} = {other}"
            );
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "", ".", "-", "+", "1e3", "1,5", "1.2.3", " 1", "0x10", "--1", "٣", "NaN",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse_integer("1.0"), None);
    }
}
