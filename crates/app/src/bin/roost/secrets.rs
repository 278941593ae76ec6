//! Where passwords come from. Never from the arguments, which every process can read.

use std::io::{BufRead, IsTerminal, stdin};

use roost_app::App;
use roost_model::Secret;

use crate::exit::Failure;
use crate::words;

/// The longest password, in bytes (RFC 7613 leaves it to us).
const MAX_BYTES: usize = 4096;

/// The password for a sign-in: standard input if asked, the environment, or the person.
pub(crate) fn password(account: &str, from_stdin: bool) -> Result<Secret, Failure> {
    if from_stdin {
        return first_line();
    }
    if let Some(password) = App::password_from_environment() {
        return Ok(password);
    }
    ask(&format!("Password of {account}: "))
        .unwrap_or_else(|| Err(Failure::other(words::NO_TERMINAL)))
}

/// The passphrase of the sealed file: the environment, or the person; `None` if nobody can be
/// asked.
pub(crate) fn passphrase() -> Option<Result<Secret, Failure>> {
    match std::env::var("ROOST_PASSPHRASE") {
        Ok(passphrase) if !passphrase.is_empty() => Some(Ok(Secret::new(passphrase))),
        _ => ask("Passphrase of the sealed file: "),
    }
}

fn ask(prompt: &str) -> Option<Result<Secret, Failure>> {
    stdin().is_terminal().then(|| {
        rpassword::prompt_password(prompt)
            .map(Secret::new)
            .map_err(|error| Failure::other(format!("The password could not be read: {error}.")))
    })
}

fn first_line() -> Result<Secret, Failure> {
    let mut line = String::new();
    let mut input = std::io::Read::take(stdin().lock(), MAX_BYTES as u64);
    input
        .read_line(&mut line)
        .map_err(|error| Failure::other(format!("The password could not be read: {error}.")))?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}
