//! `roost`: the app on a command line.
//!
//! The same app as behind the window, without a window: commands ask [`roost_app::App`] and draw
//! the events it tells. Only `login` and `logout` own the app's folder; everything else works on
//! a copy in memory and so beside a window that is open.

#![expect(
    clippy::print_stderr,
    reason = "this is a program for a terminal, and its errors belong there"
)]

mod args;
mod commands;
mod exit;
mod find;
mod home;
mod output;
mod secrets;
mod text;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(commands::run(args));
            // Nothing that still hangs, such as a name server, may keep the terminal.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(exit::Failure::other(format!(
            "The program could not start: {error}."
        ))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.text.is_empty() {
                eprintln!("{}", failure.text);
            }
            ExitCode::from(failure.code)
        }
    }
}
