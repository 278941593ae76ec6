//! The datatypes of values (XEP-0122, section 3.1, and XEP-0331).

use std::cmp::Ordering;

use super::decimal::Decimal;
use super::moment::{Moment, parse_date, parse_date_time, parse_time};
use crate::FieldErrorCode;

/// What a value is, whatever the control. Datatypes that we do not know are text, as XEP-0122
/// asks (section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Datatype {
    /// `xs:string`, and all that is unknown.
    Text,
    /// `xs:boolean`.
    Boolean,
    /// `xs:decimal`: a decimal number of any length, without exponent.
    Decimal,
    /// `xs:double` and `xs:float`, with exponent, `INF` and `NaN`.
    Double,
    /// `xs:integer` and all its kinds, with the bounds of the kind.
    Integer {
        /// The least, if there is one.
        least: Option<i128>,
        /// The greatest, if there is one.
        greatest: Option<i128>,
    },
    /// `xs:date`.
    Date,
    /// `xs:time`.
    Time,
    /// `xs:dateTime`.
    DateTime,
    /// `xs:anyURI`: a reference, not necessarily absolute.
    Uri,
    /// `xs:language`.
    Language,
    /// `xdc:Color`: RRGGBB.
    Color,
    /// `xdc:ColorAlpha`: RRGGBBAA.
    ColorAlpha,
}

impl Datatype {
    /// The datatype of a name.
    pub fn from_name(name: &str) -> Datatype {
        let integer = |least, greatest| Datatype::Integer { least, greatest };
        let between = |least, greatest| integer(Some(least), Some(greatest));
        match name {
            "xs:boolean" => Datatype::Boolean,
            "xs:decimal" => Datatype::Decimal,
            "xs:double" | "xs:float" => Datatype::Double,
            "xs:integer" => integer(None, None),
            "xs:byte" => between(i8::MIN.into(), i8::MAX.into()),
            "xs:short" => between(i16::MIN.into(), i16::MAX.into()),
            "xs:int" => between(i32::MIN.into(), i32::MAX.into()),
            "xs:long" => between(i64::MIN.into(), i64::MAX.into()),
            "xs:unsignedByte" => between(0, u8::MAX.into()),
            "xs:unsignedShort" => between(0, u16::MAX.into()),
            "xs:unsignedInt" => between(0, u32::MAX.into()),
            "xs:unsignedLong" => between(0, u64::MAX.into()),
            "xs:nonNegativeInteger" => integer(Some(0), None),
            "xs:positiveInteger" => integer(Some(1), None),
            "xs:nonPositiveInteger" => integer(None, Some(0)),
            "xs:negativeInteger" => integer(None, Some(-1)),
            "xs:date" => Datatype::Date,
            "xs:time" => Datatype::Time,
            "xs:dateTime" => Datatype::DateTime,
            "xs:anyURI" => Datatype::Uri,
            "xs:language" => Datatype::Language,
            "xdc:Color" => Datatype::Color,
            "xdc:ColorAlpha" => Datatype::ColorAlpha,
            _ => Datatype::Text,
        }
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Decimal | Self::Double | Self::Integer { .. })
    }

    /// Whether its values have an order, so that a range means something (section 4.7).
    pub fn is_ordered(self) -> bool {
        self.is_number() || matches!(self, Self::Date | Self::Time | Self::DateTime)
    }

    /// What stands in the text, if it is of the datatype.
    pub(crate) fn read(self, text: &str) -> Result<Content<'_>, FieldErrorCode> {
        let content = match self {
            Self::Text => return Ok(Content::Unordered),
            Self::Decimal => Decimal::parse(text)
                .map(Content::Decimal)
                .ok_or(FieldErrorCode::NotANumber),
            Self::Double => read_double(text).ok_or(FieldErrorCode::NotANumber),
            Self::Integer { .. } => Decimal::parse_integer(text)
                .map(Content::Decimal)
                .ok_or(FieldErrorCode::NotWhole),
            Self::Date => parse_date(text)
                .map(Content::Moment)
                .ok_or(FieldErrorCode::NotADate),
            Self::Time => parse_time(text)
                .map(Content::Moment)
                .ok_or(FieldErrorCode::NotATime),
            Self::DateTime => parse_date_time(text)
                .map(Content::Moment)
                .ok_or(FieldErrorCode::NotADateTime),
            Self::Boolean => {
                let good = matches!(text, "true" | "false" | "1" | "0");
                good.then_some(Content::Unordered)
                    .ok_or(FieldErrorCode::NotABoolean)
            }
            Self::Uri => is_uri(text)
                .then_some(Content::Unordered)
                .ok_or(FieldErrorCode::NotAUri),
            Self::Language => is_language(text)
                .then_some(Content::Unordered)
                .ok_or(FieldErrorCode::NotALanguage),
            Self::Color => is_hex(text, 6),
            Self::ColorAlpha => is_hex(text, 8),
        }?;
        self.within_kind(content)
    }

    /// The bounds that lie in the datatype itself.
    fn within_kind(self, content: Content<'_>) -> Result<Content<'_>, FieldErrorCode> {
        let Self::Integer { least, greatest } = self else {
            return Ok(content);
        };
        let compare = |bound: Option<i128>| {
            let bound = bound?.to_string();
            Decimal::parse(&bound).and_then(|bound| content.compare(&Content::Decimal(bound)))
        };
        if compare(least) == Some(Ordering::Less) {
            Err(FieldErrorCode::TooSmall)
        } else if compare(greatest) == Some(Ordering::Greater) {
            Err(FieldErrorCode::TooGreat)
        } else {
            Ok(content)
        }
    }
}

/// What stands in a text, as far as its order goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Content<'a> {
    Decimal(Decimal<'a>),
    Double(f64),
    Moment(Moment),
    Unordered,
}

impl Content<'_> {
    pub(crate) fn compare(&self, other: &Content<'_>) -> Option<Ordering> {
        match (self, other) {
            (Content::Decimal(one), Content::Decimal(other)) => Some(one.cmp(other)),
            (Content::Double(one), Content::Double(other)) => one.partial_cmp(other),
            (Content::Moment(one), Content::Moment(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

fn read_double(text: &str) -> Option<Content<'_>> {
    let special = match text {
        "INF" | "+INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => None,
    };
    if let Some(special) = special {
        return Some(Content::Double(special));
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let number: f64 = text.parse().ok().filter(|_| text.chars().all(plain))?;
    // A number too great for the datatype is not infinite, it is wrong.
    number.is_finite().then_some(Content::Double(number))
}

/// No more than the characters and escapes of a URI reference (RFC 3987, section 2.2).
fn is_uri(text: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c);
    let escapes_are_whole = text
        .split('%')
        .skip(1)
        .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()));
    !text.contains(forbidden) && escapes_are_whole
}

/// Subtags of one to eight letters, digits too after the first.
fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(at, tag)| {
        let allowed = |byte: u8| byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit());
        (1..=8).contains(&tag.len()) && tag.bytes().all(allowed)
    })
}

fn is_hex(text: &str, digits: usize) -> Result<Content<'_>, FieldErrorCode> {
    let good = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then_some(Content::Unordered)
        .ok_or(FieldErrorCode::NotAColor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use FieldErrorCode::{
        NotABoolean, NotAColor, NotADate, NotADateTime, NotALanguage, NotANumber, NotATime,
        NotAUri, NotWhole, TooGreat, TooSmall,
    };

    #[test]
    fn values_are_of_their_datatype_or_not() {
        type Case<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, FieldErrorCode)]);
        let cases: &[Case<'_>] = &[
            ("xs:string", &["", "anything \u{202E}at all"], &[]),
            ("x:mine", &["anything"], &[]),
            (
                "xs:boolean",
                &["true", "0"],
                &[("yes", NotABoolean), ("TRUE", NotABoolean)],
            ),
            (
                "xs:byte",
                &["-128", "+127", "007"],
                &[("128", TooGreat), ("-129", TooSmall)],
            ),
            (
                "xs:short",
                &["32767"],
                &[("32768", TooGreat), ("1.0", NotWhole)],
            ),
            (
                "xs:int",
                &["-2147483648"],
                &[("2147483648", TooGreat), ("1e3", NotWhole)],
            ),
            (
                "xs:long",
                &["9223372036854775807"],
                &[("9223372036854775808", TooGreat)],
            ),
            (
                "xs:integer",
                &["123456789012345678901234567890"],
                &[("", NotWhole)],
            ),
            (
                "xs:unsignedLong",
                &["18446744073709551615"],
                &[("-1", TooSmall)],
            ),
            ("xs:positiveInteger", &["1"], &[("0", TooSmall)]),
            (
                "xs:decimal",
                &["1.50", "-.5"],
                &[("22,43", NotANumber), ("1e3", NotANumber)],
            ),
            (
                "xs:double",
                &["1e3", "-INF", "NaN", ".5E-2"],
                &[
                    ("inf", NotANumber),
                    ("1e400", NotANumber),
                    ("0x1p3", NotANumber),
                ],
            ),
            (
                "xs:date",
                &["2026-02-28"],
                &[("2026-02-30", NotADate), ("28.2.2026", NotADate)],
            ),
            ("xs:time", &["06:30:00"], &[("6:30", NotATime)]),
            (
                "xs:dateTime",
                &["2026-02-28T06:30:00Z"],
                &[("2026-02-28", NotADateTime)],
            ),
            (
                "xs:anyURI",
                &["https://example.org/ü?a=%20", "a/relative#one"],
                &[
                    ("a b", NotAUri),
                    ("%zz", NotAUri),
                    ("%2", NotAUri),
                    ("<a>", NotAUri),
                ],
            ),
            (
                "xs:language",
                &["de", "zh-Hant-TW"],
                &[("d3", NotALanguage), ("de-", NotALanguage)],
            ),
            (
                "xdc:Color",
                &["9400D3", "ffffff"],
                &[("#9400D3", NotAColor), ("red", NotAColor)],
            ),
            ("xdc:ColorAlpha", &["9400D3C0"], &[("9400D3", NotAColor)]),
        ];
        for (name, good, bad) in cases {
            let datatype = Datatype::from_name(name);
            for text in *good {
                assert!(datatype.read(text).is_ok(), "{name}: {text}");
            }
            for (text, code) in *bad {
                assert_eq!(
                    datatype.read(text).map(|_| ()),
                    Err(*code),
                    "{name}: {text}"
                );
            }
        }
    }
}
