//! Text that is fit for a terminal.

use std::time::Duration;

use roost_app::api::{ReadingView, ValueView};

use crate::words;

/// Foreign text without anything that a terminal would obey or that turns the line around.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !is_treacherous(*c))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect()
}

fn is_treacherous(c: char) -> bool {
    let turns_around = matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || turns_around
}

/// A value with its unit, or what is wrong with it.
pub(crate) fn reading(reading: &ReadingView) -> String {
    if let Some(problem) = reading.problem {
        let raw = reading.raw.as_deref().unwrap_or_default();
        return format!("({}: {:?})", words::problem(problem), clean(raw));
    }
    let Some(value) = &reading.value else {
        return "–".to_owned();
    };
    match &reading.unit {
        Some(unit) => format!("{} {}", self::value(value), clean(unit)),
        None => self::value(value),
    }
}

/// A value without a unit.
pub(crate) fn value(value: &ValueView) -> String {
    match value {
        ValueView::Bool(true) => "on".to_owned(),
        ValueView::Bool(false) => "off".to_owned(),
        ValueView::Number(number) => number.to_string(),
        ValueView::Text(text) => clean(text),
    }
}

/// How long ago something was.
pub(crate) fn age(then: f64, now: f64) -> String {
    let seconds = Duration::try_from_secs_f64(((now - then) / 1000.0).max(0.0));
    let seconds = seconds.unwrap_or(Duration::MAX).as_secs();
    match seconds {
        0..=1 => "now".to_owned(),
        2..=59 => format!("{seconds} s ago"),
        60..=3_599 => format!("{} min ago", seconds / 60),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// A text in lines of at most so many characters, broken between words where that is possible.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if length > 0 && length + 1 + long > most {
            lines.push(String::new());
            length = 0;
        }
        for c in (length > 0).then_some(' ').into_iter().chain(word.chars()) {
            if length == most {
                lines.push(String::new());
                length = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
                length += 1;
            }
        }
    }
    lines
}

/// The beginning of a text, with a mark where something is left out.
pub(crate) fn cut(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// Rows with aligned columns; the last one is not padded. A row of one cell goes across all
/// columns.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let aligned = rows.iter().filter(|row| row.len() > 1);
        let cells = aligned.filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use roost_app::api::ProblemCode;

    #[test]
    fn a_hostile_label_cannot_speak_to_the_terminal() {
        assert_eq!(clean("Lamp\u{1b}[2J\u{202e}\u{7}\nx"), "Lamp[2J x");
        assert_eq!(clean("Küche 日本"), "Küche 日本");
    }

    #[test]
    fn readings() {
        let shown = |value: Option<ValueView>, unit: Option<&str>, problem, raw: Option<&str>| {
            reading(&ReadingView {
                var: "x".to_owned(),
                value,
                unit: unit.map(str::to_owned),
                quantity: None,
                measured_at: 0.0,
                publisher: None,
                stale: false,
                problem,
                raw: raw.map(str::to_owned),
            })
        };
        let number = Some(ValueView::Number(22.5));
        assert_eq!(shown(number, Some("°C"), None, None), "22.5 °C");
        assert_eq!(shown(Some(ValueView::Bool(true)), None, None, None), "on");
        let broken = shown(None, None, Some(ProblemCode::NotNumber), Some("22,4\u{1b}"));
        assert_eq!(broken, "(not a number: \"22,4\")");
    }

    #[test]
    fn ages() {
        let cases = [
            (500.0, "now"),
            (-9_000.0, "now"),
            (45_000.0, "45 s ago"),
            (7_200_000.0, "2 h ago"),
            (f64::INFINITY, "213503982334601 d ago"),
        ];
        for (elapsed, said) in cases {
            assert_eq!(age(0.0, elapsed), said, "{elapsed}");
        }
    }

    #[test]
    fn tables() {
        let rows = [["a", "bb"], ["ccc", "d"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "a    bb\nccc  d\n");
        let across = vec!["a text that goes across".to_owned()];
        let rows = [rows[0].clone(), across, rows[1].clone()];
        assert_eq!(table(&rows), "a    bb\na text that goes across\nccc  d\n");
    }

    #[test]
    fn long_texts() {
        let cases = [
            ("", 5, vec![""]),
            ("one two three", 7, vec!["one two", "three"]),
            ("  one\ttwo ", 20, vec!["one two"]),
            ("abcdefgh ij", 3, vec!["abc", "def", "gh", "ij"]),
            ("日本 日本", 2, vec!["日本", "日本"]),
        ];
        for (text, most, lines) in cases {
            assert_eq!(wrap(text, most), lines, "{text}");
        }
        assert_eq!(cut("Lamp".to_owned(), 4), "Lamp");
        assert_eq!(cut("Lamp in the hall".to_owned(), 6), "Lamp…");
    }
}
