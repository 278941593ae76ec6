//! Roost measured: latency on a real server, and a large home.
//!
//! It prints Markdown tables; `docs/benchmarks.md` holds those of one run, and says how
//! they were made and what they do not say. Not a part of the product; nothing depends on it, and
//! none of its figures is a test.

use std::error::Error;
use std::process::ExitCode;

use roost_testkit::ServerKind;

mod bare;
mod contender;
mod figures;
mod home;
mod latency;
mod ours;
mod place;
mod process;

use place::Place;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["latency", python] => latency::run(ServerKind::Prosody, python),
        ["latency", python, "--server", "ejabberd"] => latency::run(ServerKind::Ejabberd, python),
        ["home1000", ..] => home::run(),
        ["contender", "Roost", ..] => ours::contend(&Place::from_arguments(&arguments[2..])?),
        ["contender", _, ..] => bare::contend(&Place::from_arguments(&arguments[2..])?),
        _ => Err(
            "latency PYTHON [--server ejabberd], or home1000; scripts/bench knows the rest".into(),
        ),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the tables are what this program is for"
)]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "this program talks to a person")]
fn complain(error: &(dyn Error + Send + Sync)) {
    eprintln!("Nothing was measured: {error}");
}
