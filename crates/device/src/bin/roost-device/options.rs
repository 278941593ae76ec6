//! What can be said on the command line. A password cannot: other users see command lines.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use roost_device::{BoardKind, Fault, Pace, People};
use roost_model::jid::BareJid;
use roost_model::{Profile, Secret};
use roost_xmpp_proto::{Account, Route, Trust};

use crate::problem::Problem;

const PASSWORD_VARIABLE: &str = "ROOST_DEVICE_PASSWORD";

/// A device that publishes what it measures over XMPP and lets its people control it.
///
/// The password comes from the file of --password-file or from the environment variable
/// ROOST_DEVICE_PASSWORD. The log goes to standard error; ROOST_DEVICE_LOG sets how much
/// (error, warn, info, debug). Ctrl-C signs out and ends.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub(crate) struct Options {
    /// What the device is
    #[arg(long, value_enum)]
    pub(crate) board: Option<BoardKind>,

    /// The device's account
    #[arg(long, required_unless_present_any = ["list_boards", "print_form"])]
    jid: Option<BareJid>,

    /// A file that holds the password of the account and nothing else
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,

    /// Where the server is, instead of asking DNS
    #[arg(long)]
    host: Option<String>,

    /// The server's port [default: 5222, or 5223 with --direct-tls]
    #[arg(long)]
    port: Option<u16>,

    /// TLS starts at once instead of by STARTTLS (needs --host)
    #[arg(long, requires = "host")]
    direct_tls: bool,

    /// Certificates to trust beside those of the system, in PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// Who owns the device
    #[arg(long, value_name = "JID")]
    owner: Option<BareJid>,

    /// Who may see and change values; may be given several times
    #[arg(long = "controller", value_name = "JID")]
    controllers: Vec<BareJid>,

    /// Who may see values; may be given several times
    #[arg(long = "reader", value_name = "JID")]
    readers: Vec<BareJid>,

    /// Who is greeted first and must mirror the greeting before nodes are made
    #[arg(long, value_name = "JID")]
    pub(crate) sender: Option<BareJid>,

    /// Where the device remembers across restarts; without it, it does not
    #[arg(long, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,

    /// Equal seeds make equal simulations
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// How the device behaves
    #[arg(long, value_enum, default_value_t = ProfileName::Roost)]
    profile: ProfileName,

    /// What is wrong: late=SECONDS, refuse or garbage for good; drop-link or reboot every 30 s
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Option<Fault>,

    /// The least time between two reports of one sensor, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    interval: Duration,

    /// The longest time without a report of a point, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    heartbeat: Duration,

    /// How much faster than the clock simulated time passes
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub(crate) time_scale: f64,

    /// Print the form of the board as XML, and end
    #[arg(long)]
    pub(crate) print_form: bool,

    /// List the boards, and end
    #[arg(long)]
    pub(crate) list_boards: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0   told to stop
  2   the command line makes no sense
  3   the password, certificate or state file cannot be used
  4   wrong password, or the account is refused
  5   the server's certificate is not to be trusted, or there is no safe way to sign in
  6   another client took the place of this one
  1   anything else";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfileName {
    /// Safe and portable
    Roost,
    /// As the firmware of the thesis: open to everybody; for tests
    Thesis,
}

impl Options {
    pub(crate) fn profile(&self) -> Profile {
        match self.profile {
            ProfileName::Roost => Profile::Roost,
            ProfileName::Thesis => Profile::Thesis,
        }
    }

    pub(crate) fn people(&self) -> People {
        People {
            owner: self.owner.clone(),
            controllers: self.controllers.iter().cloned().collect(),
            readers: self.readers.iter().cloned().collect(),
        }
    }

    pub(crate) fn pace(&self) -> Pace {
        Pace {
            least_interval: self.interval,
            heartbeat: self.heartbeat,
        }
    }

    /// How to sign in.
    pub(crate) fn account(&self) -> Result<Account, Problem> {
        Ok(Account {
            jid: self.jid.clone().ok_or(Problem::NoAccount)?,
            password: self.password()?,
            route: self.route(),
            trust: match &self.ca {
                Some(file) => Trust::Authorities(read(file)?),
                None => Trust::System,
            },
            resource: None,
            silence: Duration::from_secs(30),
        })
    }

    fn route(&self) -> Route {
        let domain = self.jid.as_ref().map(|jid| jid.domain().to_string());
        let host = match (&self.host, self.port) {
            (Some(host), _) => Some(host.clone()),
            (None, Some(_)) => domain,
            (None, None) => None,
        };
        let usual = if self.direct_tls { 5223 } else { 5222 };
        host.map_or(Route::Dns, |host| Route::Fixed {
            host,
            port: self.port.unwrap_or(usual),
            direct_tls: self.direct_tls,
        })
    }

    fn password(&self) -> Result<Secret, Problem> {
        let text = match &self.password_file {
            Some(file) => read(file)?,
            None => std::env::var(PASSWORD_VARIABLE).map_err(|_| Problem::NoPassword)?,
        };
        let password = Secret::new(text.trim_end_matches(['\r', '\n']));
        if password.is_empty() {
            Err(Problem::NoPassword)
        } else {
            Ok(password)
        }
    }
}

fn read(file: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(file).map_err(|cause| Problem::File {
        path: file.to_owned(),
        cause,
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 && factor <= 100_000.0 => Ok(factor),
        _ => Err("not a number from just above 0 to 100000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from(["roost-device"].into_iter().chain(arguments.split(' ')))
    }

    #[test]
    fn routes() {
        let fixed = |host: &str, port, direct_tls| Route::Fixed {
            host: host.to_owned(),
            port,
            direct_tls,
        };
        let cases = [
            ("--jid a@b.lit", Route::Dns),
            ("--jid a@b.lit --host c.lit", fixed("c.lit", 5222, false)),
            (
                "--jid a@b.lit --host c.lit --direct-tls",
                fixed("c.lit", 5223, true),
            ),
            ("--jid a@b.lit --port 15222", fixed("b.lit", 15222, false)),
        ];
        for (arguments, route) in cases {
            assert_eq!(options(arguments).unwrap().route(), route, "{arguments}");
        }
    }

    #[test]
    fn what_makes_no_sense() {
        let cases = [
            "--board kettle",
            "--board toaster --jid a@b.lit",
            "--jid a@b.lit/resource",
            "--jid a@b.lit --password secret",
            "--jid a@b.lit --direct-tls",
            "--jid a@b.lit --fault fire",
            "--jid a@b.lit --interval -1",
            "--jid a@b.lit --time-scale 0",
        ];
        for arguments in cases {
            assert!(options(arguments).is_err(), "{arguments}");
        }
    }
}
