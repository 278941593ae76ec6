//! What this process has used, as Linux tells it.

use std::fs;
use std::time::Duration;

use crate::Outcome;

/// Clock ticks a second in `/proc`, as Linux has it on every architecture we know.
const TICKS: u64 = 100;
/// Bytes of a page of memory, as `/proc/self/statm` counts on x86-64.
const PAGE: u64 = 4096;

/// Processor time so far, and memory now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// User and system time of all threads, in steps of 10 ms.
    pub(crate) cpu: Duration,
    /// Resident memory in bytes.
    pub(crate) rss: u64,
}

impl Usage {
    pub(crate) fn now() -> Outcome<Self> {
        let stat = fs::read_to_string("/proc/self/stat")?;
        // The name in parentheses may hold anything; user and system time are fields 14 and 15.
        let (_, after_name) = stat.rsplit_once(')').ok_or("a stat without a name")?;
        let mut fields = after_name.split_whitespace().skip(11);
        let mut ticks = || -> Outcome<u64> { Ok(fields.next().ok_or("a short stat")?.parse()?) };
        let cpu = Duration::from_millis((ticks()? + ticks()?) * 1_000 / TICKS);
        let statm = fs::read_to_string("/proc/self/statm")?;
        let pages: u64 = statm
            .split_whitespace()
            .nth(1)
            .ok_or("a short statm")?
            .parse()?;
        Ok(Self {
            cpu,
            rss: pages * PAGE,
        })
    }
}
