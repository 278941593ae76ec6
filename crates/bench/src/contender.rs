//! How contenders are talked to: one order a line on standard input, one line of JSON as answer.
//!
//! `publish N` and `switch N` are answered with N times in microseconds. Before each measurement
//! every contender rests for [`REST`], in which it finishes what the one before left. `absorb N` is
//! answered with the processor time in microseconds until the app has the value N, the last of
//! many that somebody else publishes.

use std::io::{BufRead, Write};
use std::time::Duration;

use crate::Outcome;
use crate::process::Usage;

/// The order that many values come, and the last of them.
pub(crate) const ABSORB: &str = "absorb";
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

/// Who is measured.
pub(crate) trait Contender {
    /// One measurement.
    ///
    /// # Errors
    /// If what should happen does not.
    fn measure(&mut self, round: Round) -> Outcome<Duration>;

    /// Returns when the app has this value of the thermometer.
    ///
    /// # Errors
    /// If it does not come.
    fn absorb(&mut self, last: u32) -> Outcome<()>;
}

/// Serves orders until there are no more.
pub(crate) fn serve(contender: &mut impl Contender) -> Outcome<()> {
    say("\"ready\"")?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (order, number) = line.split_once(' ').ok_or("an order and a number")?;
        let mut times = Vec::new();
        if order == ABSORB {
            let before = Usage::now()?.cpu;
            contender.absorb(number.parse()?)?;
            times.push((Usage::now()?.cpu - before).as_secs_f64() * 1e6);
        } else {
            let round = Round::ALL.into_iter().find(|round| round.order() == order);
            let round = round.ok_or("an unknown order")?;
            for _ in 0..number.parse::<usize>()? {
                times.push(contender.measure(round)?.as_secs_f64() * 1e6);
            }
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
