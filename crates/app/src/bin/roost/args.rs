//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::words::AFTER_HELP;

/// Sees and controls the devices on your XMPP roster.
#[derive(Debug, Parser)]
#[command(name = "roost", version, after_help = AFTER_HELP, propagate_version = true)]
pub(crate) struct Args {
    /// Folder of settings and passwords
    #[arg(long, global = true, value_name = "DIR", env = "ROOST_HOME", value_hint = ValueHint::DirPath)]
    pub(crate) home: Option<PathBuf>,
    /// Print JSON: one document, or one line for each event of 'watch'
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Use the demo home: no account, no network
    #[arg(long, global = true, conflicts_with = "account")]
    pub(crate) demo: bool,
    /// Use this account instead of the one used last
    #[arg(long, global = true, value_name = "JID")]
    pub(crate) account: Option<String>,
    /// Print the log to standard error
    #[arg(long, global = true)]
    pub(crate) log: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in, and remember the account
    Login(Login),
    /// Sign out
    Logout {
        /// Also forget the account, its password and the last values
        #[arg(long)]
        forget: bool,
    },
    /// List the devices
    Devices,
    /// Show a device with all its fields and values
    Show {
        /// Name or JID
        device: String,
    },
    /// Print changes as they happen, until interrupted
    Watch {
        /// Name or JID; all devices where absent
        device: Option<String>,
    },
    /// Change a value of a device
    Set(Set),
    /// Put a device on the roster and ask to see it
    Add {
        /// Address of the device
        jid: String,
    },
    /// Take a device off the roster
    Remove {
        /// Name or JID
        device: String,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write those of all commands into a folder
    Man {
        /// Folder for the pages
        #[arg(value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

/// How to sign in.
#[derive(Debug, ClapArgs)]
pub(crate) struct Login {
    /// Your address: name@server
    pub(crate) jid: String,
    /// Name or address of the server, if not where DNS says
    #[arg(long, value_hint = ValueHint::Hostname)]
    pub(crate) host: Option<String>,
    /// Port of the server: 5222, or 5223 with --direct-tls
    #[arg(long, requires = "host", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// TLS at once instead of STARTTLS
    #[arg(long, requires = "host")]
    pub(crate) direct_tls: bool,
    /// Certificates (PEM) of an authority to trust as well
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "pin")]
    pub(crate) ca: Option<PathBuf>,
    /// Fingerprint (SHA-256) of the one certificate to trust
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) pin: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Do not remember the password
    #[arg(long, conflicts_with = "seal")]
    pub(crate) no_remember: bool,
    /// Where no keychain answers, keep the password in a file sealed with a passphrase
    #[arg(long)]
    pub(crate) seal: bool,
}

/// What to change.
#[derive(Debug, ClapArgs)]
pub(crate) struct Set {
    /// Name or JID
    pub(crate) device: String,
    /// Label or variable of the field, or the last part of the variable
    pub(crate) field: String,
    /// on or off, a number, one of the options, or text
    #[arg(allow_hyphen_values = true)]
    pub(crate) value: String,
    /// How long to wait for the device's own report, in seconds; 0 does not wait for it
    #[arg(long, value_name = "SECONDS", default_value_t = 15, num_args = 0..=1, default_missing_value = "15",
          value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) wait: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn negative_numbers_are_values() {
        let args = Args::try_parse_from(["roost", "set", "Freezer", "setpoint", "-18"]).unwrap();
        assert!(matches!(args.command, Command::Set(set) if set.value == "-18" && set.wait == 15));
    }
}
