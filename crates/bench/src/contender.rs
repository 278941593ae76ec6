//! How contenders are talked to: one order a line on standard input, one line of JSON as answer.
//!
//! `publish N` and `switch N` are answered with N times in microseconds. Before each measurement
//! every contender rests for [`REST`], in which it finishes what the one before left.

use std::io::{BufRead, Write};
use std::time::Duration;

use crate::Outcome;

/// The pause before each measurement.
pub(crate) const REST: Duration = Duration::from_millis(4);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// A device publishes a value; the app has it, typed.
    Publish,
    /// The app asks for a switch; it has the device's own word that it was switched.
    Switch,
}

impl Round {
    pub(crate) const ALL: [Round; 2] = [Round::Publish, Round::Switch];

    pub(crate) fn order(self) -> &'static str {
        match self {
            Round::Publish => "publish",
            Round::Switch => "switch",
        }
    }
}

/// Serves orders until there are no more.
pub(crate) fn serve(mut measure: impl FnMut(Round) -> Outcome<Duration>) -> Outcome<()> {
    say("\"ready\"")?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (order, count) = line.split_once(' ').ok_or("an order and a count")?;
        let round = Round::ALL.into_iter().find(|round| round.order() == order);
        let round = round.ok_or("an unknown order")?;
        let mut times = Vec::new();
        for _ in 0..count.parse::<usize>()? {
            times.push(measure(round)?.as_secs_f64() * 1e6);
        }
        say(&serde_json::to_string(&times)?)?;
    }
    Ok(())
}

fn say(line: &str) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
