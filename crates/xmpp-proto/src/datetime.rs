//! XEP-0082: moments on the wire, such as `2026-03-29T01:30:00.250Z`.

use roost_model::Timestamp;

/// Reads a DateTime with any offset; `None` if it is none, or beyond the years -9999 to 9999.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.trim().parse().ok()?;
    Some(Timestamp(moment.as_millisecond()))
}

/// Writes a DateTime in UTC with milliseconds; `None` beyond the years -9999 to 9999.
pub(crate) fn format(stamp: Timestamp) -> Option<String> {
    let moment = jiff::Timestamp::from_millisecond(stamp.0).ok()?;
    Some(format!("{moment:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-29T01:30:00.250Z", Some(1_774_747_800_250)),
            ("2026-03-29T03:30:00.25+02:00", Some(1_774_747_800_250)),
            (" 1969-12-31T23:59:59.999Z ", Some(-1)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_799_000)),
            ("2026-03-29T01:30:00", None),
            ("2026-02-30T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, millis) in cases {
            assert_eq!(parse(text), millis.map(Timestamp), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in [0, -1, 1_774_747_800_250, 253_402_207_199_999] {
            let text = format(Timestamp(millis)).unwrap();
            assert!(text.ends_with('Z'), "{text}");
            assert_eq!(parse(&text), Some(Timestamp(millis)), "{text}");
        }
        assert_eq!(format(Timestamp(i64::MAX)), None);
    }
}
