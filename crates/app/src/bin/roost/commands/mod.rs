//! One function per command.

mod account;
mod devices;
mod set;
mod shell;
mod watch;

use crate::args::{Args, Command};
use crate::exit::Failure;
use crate::output::Output;

/// Does what was asked.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let output = Output { json: args.json };
    match &args.command {
        Command::Login(login) => account::login(&args, login, output).await,
        Command::Logout { forget } => account::logout(&args, *forget, output).await,
        Command::Devices => devices::list(&args, output).await,
        Command::Show { device } => devices::show(&args, device, output).await,
        Command::Add { jid } => devices::add(&args, jid, output).await,
        Command::Remove { device } => devices::remove(&args, device, output).await,
        Command::Watch { device } => watch::watch(&args, device.as_deref(), output).await,
        Command::Set(set) => set::set(&args, set, output).await,
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { dir } => shell::manual(dir.as_deref()),
    }
}
