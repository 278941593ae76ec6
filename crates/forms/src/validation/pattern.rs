//! POSIX extended regular expressions (XEP-0122, section 3.2.4), matched in bounded time.
//!
//! A pattern comes from a device and runs in the app at every keystroke, so it must not be able
//! to stop it. It is therefore translated for an engine without backtracking, and pattern,
//! compiled program and text are bounded. What POSIX leaves undefined is an error, and so are
//! back references; a field with such a rule is not checked against it.
//!
//! The whole value has to match, as if the pattern stood between `^` and `$`: a rule like
//! `[0-9]{3}` is meant to describe the value, not a part of it.

use regex::{Regex, RegexBuilder};

/// Bytes of a pattern.
const MAX_PATTERN_BYTES: usize = 1_024;
/// Bytes of a value that is matched.
pub(crate) const MAX_MATCHED_BYTES: usize = 4_096;
/// Bytes of the compiled program, and of the cache while it runs.
const MAX_PROGRAM_BYTES: usize = 256 * 1_024;
/// Groups inside groups.
const MAX_DEPTH: u32 = 32;
/// The largest number in `{m,n}`: `RE_DUP_MAX` of POSIX.
const MAX_REPEAT: u32 = 255;

/// A pattern that POSIX defines, translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// `None` if POSIX does not define it, or if it is too long or too deep.
    pub(crate) fn parse(posix: &str) -> Option<Pattern> {
        if posix.is_empty() || posix.len() > MAX_PATTERN_BYTES {
            return None;
        }
        let mut translation = Translation::new(posix);
        translation.run()?;
        Some(Pattern(format!("\\A(?:{})\\z", translation.out)))
    }

    /// Whether the whole text matches; `None` if the program would be too large.
    pub(crate) fn matches(&self, text: &str) -> Option<bool> {
        let program = self.compile()?;
        Some(text.len() <= MAX_MATCHED_BYTES && program.is_match(text))
    }

    fn compile(&self) -> Option<Regex> {
        RegexBuilder::new(&self.0)
            .size_limit(MAX_PROGRAM_BYTES)
            .dfa_size_limit(MAX_PROGRAM_BYTES)
            .nest_limit(4 * MAX_DEPTH)
            .dot_matches_new_line(true)
            .build()
            .ok()
    }
}

struct Translation<'a> {
    rest: &'a str,
    out: String,
    /// Where the groups that are open begin in `out`.
    open: Vec<usize>,
    /// What a repetition would repeat.
    last: Last,
}

/// What stands directly before.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing that could be repeated: the beginning, `(`, `|`, `^`.
    Nothing,
    /// Something that begins here in `out`.
    Atom(usize),
    /// Something that is repeated already and begins here in `out`.
    Repeated(usize),
}

impl<'a> Translation<'a> {
    fn new(posix: &'a str) -> Self {
        Translation {
            rest: posix,
            out: String::new(),
            open: Vec::new(),
            last: Last::Nothing,
        }
    }

    fn run(&mut self) -> Option<()> {
        while let Some(c) = self.next() {
            match c {
                '(' => {
                    if self.open.len() >= MAX_DEPTH as usize {
                        return None;
                    }
                    self.open.push(self.out.len());
                    self.out.push_str("(?:");
                    self.last = Last::Nothing;
                }
                ')' => {
                    let start = self.open.pop()?;
                    self.out.push(')');
                    self.last = Last::Atom(start);
                }
                '|' | '^' => {
                    self.out.push(c);
                    self.last = Last::Nothing;
                }
                '*' | '+' | '?' => self.repeat(&c.to_string())?,
                '{' if self.rest.starts_with(|c: char| c.is_ascii_digit()) => {
                    let interval = self.interval()?;
                    self.repeat(&interval)?;
                }
                '.' | '$' => {
                    self.atom();
                    self.out.push(c);
                }
                '[' => {
                    self.atom();
                    self.bracket()?;
                }
                '\\' => {
                    self.atom();
                    self.escape()?;
                }
                c => {
                    self.atom();
                    self.literal(c);
                }
            }
        }
        self.open.is_empty().then_some(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn atom(&mut self) {
        self.last = Last::Atom(self.out.len());
    }

    /// Every character that could mean something to the engine goes by number.
    fn literal(&mut self, c: char) {
        if c.is_alphanumeric() {
            self.out.push(c);
        } else {
            self.out.push_str(&format!("\\x{{{:X}}}", u32::from(c)));
        }
    }

    /// A second repetition repeats the first, and is not the engine's "as few as possible".
    fn repeat(&mut self, operator: &str) -> Option<()> {
        let start = match self.last {
            Last::Nothing => return None,
            Last::Atom(start) => start,
            Last::Repeated(start) => {
                self.out.insert_str(start, "(?:");
                self.out.push(')');
                start
            }
        };
        self.out.push_str(operator);
        self.last = Last::Repeated(start);
        Some(())
    }

    /// `m}`, `m,}` or `m,n}`, after the brace.
    fn interval(&mut self) -> Option<String> {
        let (inside, rest) = self.rest.split_once('}')?;
        self.rest = rest;
        let number = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>()
                .ok()
                .filter(|number| plain && *number <= MAX_REPEAT)
        };
        let (min, max) = match inside.split_once(',') {
            None => (number(inside)?, Some(number(inside)?)),
            Some((min, "")) => (number(min)?, None),
            Some((min, max)) => (number(min)?, Some(number(max)?)),
        };
        match max {
            Some(max) if min > max => None,
            Some(max) => Some(format!("{{{min},{max}}}")),
            None => Some(format!("{{{min},}}")),
        }
    }

    /// After a backslash outside brackets: itself, or one of the classes that every
    /// implementation adds. POSIX leaves other letters and digits undefined.
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            class @ ('s' | 'S' | 'w' | 'W') => {
                self.out.push('\\');
                self.out.push(class);
            }
            c if c.is_ascii_alphanumeric() => return None,
            c => self.literal(c),
        }
        Some(())
    }

    /// After `[`. A backslash means itself in here.
    fn bracket(&mut self) -> Option<()> {
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.take("]") {
            first = false;
            if self.take("[:") {
                let name = self.until(":]")?;
                self.out.push_str(class(name)?);
                continue;
            }
            let from = self.bracket_char()?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            self.literal(from);
            if is_range {
                self.next();
                let to = self.bracket_char()?;
                if from > to {
                    return None;
                }
                self.out.push('-');
                self.literal(to);
            }
        }
        self.out.push(']');
        Some(())
    }

    /// A character, also written as `[.x.]` or `[=x=]`.
    fn bracket_char(&mut self) -> Option<char> {
        let named = if self.take("[.") {
            self.until(".]")?
        } else if self.take("[=") {
            self.until("=]")?
        } else {
            return self.next();
        };
        let mut chars = named.chars();
        chars.next().filter(|_| chars.next().is_none())
    }

    fn until(&mut self, end: &str) -> Option<&'a str> {
        let (inside, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(inside)
    }
}

/// A class in brackets, by the recommendations of UTS 18, annex C; digits stay those of ASCII,
/// since nothing behind a form understands others.
fn class(name: &str) -> Option<&'static str> {
    Some(match name {
        "alpha" => r"\p{Alphabetic}",
        "digit" => "0-9",
        "alnum" => r"\p{Alphabetic}0-9",
        "upper" => r"\p{Uppercase}",
        "lower" => r"\p{Lowercase}",
        "space" => r"\s",
        "blank" => r"\t\p{Zs}",
        "punct" => r"\p{P}[:punct:]",
        "cntrl" => r"\p{Cc}",
        "xdigit" => "0-9A-Fa-f",
        "graph" => r"[^\s\p{Cc}\p{Cn}]",
        "print" => r"\p{Zs}[^\s\p{Cc}\p{Cn}]",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posix_patterns_match_whole_values() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            (
                "([0-9]{3})-([0-9]{2})",
                &["123-45"],
                &["123-4", "x123-45", "123-45\n"],
            ),
            (
                "^[0-9a-fA-F]{6}$",
                &["9400D3", "abcdef"],
                &["9400D", "9400D3C0", "94 0D3"],
            ),
            ("a|b*", &["a", "", "bbb"], &["ab"]),
            ("a{2,}", &["aa", "aaaa"], &["a"]),
            ("a{,2}", &["a{,2}"], &["aa"]),
            ("a+?", &["", "aa"], &["b"]),
            ("x{0}", &[""], &["x"]),
            ("[]a]+", &["]a"], &["b"]),
            ("[^]a]", &["b"], &["]", "a"]),
            (r"[\.]+", &[".", r"\"], &["a"]),
            (r"\.\*\(", &[".*("], &["a*("]),
            ("[a-c-]", &["-", "b"], &["d"]),
            ("[--/]", &["-", ".", "/"], &["0"]),
            ("[a&&b~~c]+", &["a&b~c"], &["d"]),
            ("[[:alpha:]_][[:alnum:]_]*", &["Tür_1", "_"], &["1a", ""]),
            ("[[:upper:][:digit:]]+", &["Ä9"], &["ä"]),
            ("[[.-.]a]", &["-"], &["b"]),
            ("[[=e=]]", &["e"], &["é"]),
            ("[[:punct:]]+", &["$!…"], &["a"]),
            (r"\w+@\d", &["ab@1"], &["@1"]),
            (".", &["ü", "\n"], &["", "ab"]),
            ("#( )x", &["# x"], &["#x"]),
        ];
        for (posix, good, bad) in cases {
            let pattern = Pattern::parse(posix).unwrap_or_else(|| panic!("{posix}"));
            for text in *good {
                assert_eq!(pattern.matches(text), Some(true), "{posix} on {text:?}");
            }
            for text in *bad {
                assert_eq!(pattern.matches(text), Some(false), "{posix} on {text:?}");
            }
        }
    }

    #[test]
    fn what_posix_does_not_define_is_no_rule() {
        let cases = [
            "",
            "*a",
            "+",
            "(",
            "a)",
            "(*a)",
            "a|*",
            "[a",
            "[",
            "[b-a]",
            "[[:nope:]]",
            "[[.ab.]]",
            "a{2,1}",
            "a{256}",
            "a{1",
            r"\1",
            r"(a)\1",
            r"\b",
            "\\",
            "(?i)a",
            "(?<n>a)",
        ];
        for posix in cases {
            assert_eq!(Pattern::parse(posix), None, "{posix}");
        }
        assert_eq!(Pattern::parse(&"a".repeat(MAX_PATTERN_BYTES + 1)), None);
        assert_eq!(Pattern::parse(&"(".repeat(200)), None);
    }

    #[test]
    fn hostile_patterns_end_soon() {
        let text = "a".repeat(MAX_MATCHED_BYTES);
        let cases = [
            "(((a{1,255}){1,255}){1,255}){1,255}".to_owned(),
            "((a*)*)*b".to_owned(),
            "(a?){255}a{255}".to_owned(),
            "(a|a|a|a)*(a|a|a)*c".to_owned(),
            format!("a{}", "*".repeat(1_000)),
            format!("{}b", "[[:alpha:]]*".repeat(80)),
            ".{0,255}.{0,255}.{0,255}x".to_owned(),
        ];
        for posix in cases {
            let start = std::time::Instant::now();
            if let Some(pattern) = Pattern::parse(&posix) {
                pattern.matches(&text);
            }
            assert!(
                start.elapsed() < std::time::Duration::from_secs(2),
                "{posix}"
            );
        }
    }
}
