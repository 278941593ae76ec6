//! Dates and times of XML Schema part 2 (`date`, `time`, `dateTime`), compared as instants.
//!
//! A value without a time zone is taken as UTC, so that all values have an order. Fractions of a
//! second count up to nanoseconds.

/// Seconds since the beginning of 1970 (of the day, for a time) and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    seconds: i64,
    nanoseconds: u32,
}

/// `2026-02-28`, `-0044-03-15Z`, `2026-02-28+13:00`.
pub(crate) fn parse_date(text: &str) -> Option<Moment> {
    let (date, offset) = split_zone(text)?;
    let seconds = parse_days(date)? * SECONDS_OF_DAY - offset;
    Some(Moment {
        seconds,
        nanoseconds: 0,
    })
}

/// `23:59:59.5`, `06:30:00Z`, `24:00:00`.
pub(crate) fn parse_time(text: &str) -> Option<Moment> {
    let (time, offset) = split_zone(text)?;
    let moment = parse_clock(time)?;
    Some(Moment {
        seconds: moment.seconds - offset,
        ..moment
    })
}

/// `2026-02-28T23:59:59.5+01:00`.
pub(crate) fn parse_date_time(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once('T')?;
    let (time, offset) = split_zone(time)?;
    let clock = parse_clock(time)?;
    let seconds = parse_days(date)? * SECONDS_OF_DAY + clock.seconds - offset;
    Some(Moment { seconds, ..clock })
}

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// The text before the time zone, and the zone's offset in seconds east.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(text) = text.strip_suffix('Z') {
        return Some((text, 0));
    }
    let Some((local, zone)) = text
        .len()
        .checked_sub(6)
        .and_then(|at| text.split_at_checked(at))
    else {
        return Some((text, 0));
    };
    let sign = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' if zone.contains(':') => -1,
        _ => return Some((text, 0)),
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let sound = minutes < 60 && (hours < 14 || (hours == 14 && minutes == 0));
    sound.then_some((local, sign * (hours * 60 + minutes) * 60))
}

/// Days since the beginning of 1970, in the Gregorian calendar.
fn parse_days(text: &str) -> Option<i64> {
    let (before_christ, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let mut parts = digits.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let padded = year.len() == 4 || (year.len() > 4 && year.len() <= 9 && !year.starts_with('0'));
    if parts.next().is_some() || !padded || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year: i64 = year.parse().ok()?;
    let year = if before_christ { -year } else { year };
    let (month, day) = (two_digits(month)?, two_digits(day)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    // Counted from March, the leap day is the last of the year, and the months before it have
    // lengths that a straight line describes.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_of_months = (153 * month + 2) / 5;
    Some(365 * year + leap_days + days_of_months + day - 1 - DAYS_BEFORE_1970)
}

/// From 1 March of the year 0 to 1 January 1970.
const DAYS_BEFORE_1970: i64 = 719_468;

fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn parse_clock(text: &str) -> Option<Moment> {
    let (clock, fraction) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some((clock, fraction)) => (clock, fraction),
        None => (text, "0"),
    };
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes, seconds) = (
        two_digits(hours)?,
        two_digits(minutes)?,
        two_digits(seconds)?,
    );
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = fraction.len().min(9);
    let nanoseconds = format!("{:0<9}", &fraction[..kept]).parse().ok()?;
    let midnight = hours == 24 && minutes == 0 && seconds == 0 && nanoseconds == 0;
    let sound = minutes < 60 && seconds < 60 && (hours < 24 || midnight);
    sound.then_some(Moment {
        seconds: (hours * 60 + minutes) * 60 + seconds,
        nanoseconds,
    })
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        let cases = [
            ("1970-01-01", Some(0)),
            ("1969-12-31Z", Some(-1)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-21", Some(20_778)),
            ("0001-01-01", Some(-719_162)),
            ("-0004-02-29", Some(-720_930)),
            ("1900-02-29", None),
            ("2026-04-31", None),
            ("2026-13-01", None),
            ("26-01-01", None),
            ("2026-1-1", None),
            ("02026-01-01", None),
            ("2026-01-01-", None),
            ("2026-01-01T", None),
            ("", None),
            ("-", None),
            ("９999-01-01", None),
        ];
        for (text, days) in cases {
            let seconds = parse_date(text).map(|moment| moment.seconds);
            assert_eq!(seconds, days.map(|days| days * SECONDS_OF_DAY), "{text}");
        }
    }

    #[test]
    fn times_are_instants() {
        let same = [
            ("2026-11-21T12:00:00Z", "2026-11-21T13:00:00+01:00"),
            ("2026-11-21T24:00:00", "2026-11-22T00:00:00.000"),
            ("2026-11-21T00:30:00+14:00", "2026-11-20T10:30:00Z"),
        ];
        for (one, other) in same {
            assert!(parse_date_time(one).is_some());
            assert_eq!(
                parse_date_time(one),
                parse_date_time(other),
                "{one} = {other}"
            );
        }
        let ordered = [
            "00:00:00",
            "00:00:00.1",
            "06:30:00",
            "06:30:00-01:00",
            "24:00:00",
        ];
        for pair in ordered.windows(2) {
            assert!(parse_time(pair[0]) < parse_time(pair[1]), "{pair:?}");
        }
        let bad = [
            "24:00:01",
            "12:60:00",
            "12:00:60",
            "12:00",
            "1:00:00",
            "12:00:00.",
            "12:00:00.x",
            "12:00:00+15:00",
            "12:00:00+1:00",
            "12:00:00 Z",
            "ü12:00",
            "",
            "Z",
            "+01:00",
        ];
        for text in bad {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
