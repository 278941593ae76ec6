//! What shells and `man` want to know.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Failure;

pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "roost", &mut script);
    to_stdout(&script)
}

/// Prints the page of the program, or writes one page for each command.
pub(crate) fn manual(dir: Option<&Path>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::other(format!("The manual could not be written: {error}."))
    };
    if let Some(dir) = dir {
        return clap_mangen::generate_to(Args::command(), dir).map_err(failed);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command())
        .render(&mut page)
        .map_err(failed)?;
    to_stdout(&page)
}

fn to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|_| Failure::reader_left())
}
