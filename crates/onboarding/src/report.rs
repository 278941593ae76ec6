//! What happened, to copy into a question for help: stages with their times, and faults. It is
//! made of fixed words and numbers alone, so nothing typed and nothing that a device said is in it.

use std::fmt;

use roost_model::Instant;

/// Most lines of a report; after that only the last line changes.
pub const MAX_LINES: usize = 256;

/// The lines of one attempt.
#[derive(Clone, Debug)]
pub struct Report {
    begun: Instant,
    lines: Vec<(u64, String)>,
}

impl Report {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            begun: now,
            lines: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, now: Instant, words: impl Into<String>) {
        let elapsed = u64::try_from(now.since(self.begun).as_millis()).unwrap_or(u64::MAX);
        if self.lines.len() >= MAX_LINES {
            self.lines.pop();
        }
        self.lines.push((elapsed, words.into()));
    }

    /// The lines: milliseconds since the beginning, and what happened then.
    pub fn lines(&self) -> &[(u64, String)] {
        &self.lines
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (elapsed, words) in &self.lines {
            writeln!(f, "{elapsed:>8} ms  {words}")?;
        }
        Ok(())
    }
}
