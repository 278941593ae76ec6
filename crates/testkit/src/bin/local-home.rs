//! A whole home on this machine, for trying Roost: a Prosody of its own on loopback, an account,
//! three simulated devices, and the window, or the command line where there is no display.
//!
//! Everything lives in one temporary folder and ends with this process: on Ctrl-C, when the window
//! is closed, or when something fails. The programs it starts lie beside it, or where the first
//! argument says.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use roost_testkit::{Options, RealServer};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

type Outcome<T> = Result<T, Box<dyn Error>>;

const OWNER: &str = "juliet";

/// Board, account and name of each device.
const DEVICES: &[(&str, &str)] = &[
    ("kettle", "kettle"),
    ("thermostat", "thermostat"),
    ("esp32", "esp32"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let programs = match env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => env::current_exe()?
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default(),
    };
    tokio::select! {
        outcome = live(&programs) => return outcome,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    say("Stopping everything.");
    Ok(())
}

/// Starts all and stays until the window is closed. When this future is dropped, every child is
/// killed and the server's folder removed.
async fn live(programs: &Path) -> Outcome<()> {
    let folder = TempDir::with_prefix("roost-home-")?;
    say("Starting Prosody on loopback, with a certificate authority of its own");
    let server = RealServer::prosody(Options::default())?;
    let home = Home::new(&server, programs, folder.path())?;
    server.add_account(OWNER, &home.password)?;

    say("Starting three devices: a kettle, a thermostat and an ESP32 board");
    let mut devices = Vec::new();
    for (board, user) in DEVICES {
        server.add_account(user, &home.password)?;
        devices.push(home.device(board, user)?);
    }

    say(&format!("Signing in as {OWNER}@localhost"));
    home.roost(
        &["login", &format!("{OWNER}@localhost"), "--no-remember"],
        &home.route(),
    )
    .await?;
    for (_, user) in DEVICES {
        home.roost(&["add", &format!("{user}@localhost")], &[])
            .await?;
    }

    if env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some() {
        say("Opening the window. Close it, or press Ctrl-C here, to stop everything.");
        let mut window = home.command("roost-window").kill_on_drop(true).spawn()?;
        let status = window.wait().await?;
        if !status.success() {
            return Err("the window ended with an error; its words are above".into());
        }
    } else {
        say("There is no display, so here is the same home on the command line.");
        home.roost(&["devices"], &[]).await?;
        for (_, user) in DEVICES {
            home.roost(&["show", &format!("{user}@localhost")], &[])
                .await?;
        }
        say("Every change from here on; Ctrl-C stops everything.");
        home.roost(&["watch"], &[]).await?;
    }
    Ok(())
}

/// Where things are and how they are called.
struct Home<'a> {
    server: &'a RealServer,
    programs: &'a Path,
    folder: &'a Path,
    password: String,
    authority: PathBuf,
}

impl<'a> Home<'a> {
    fn new(server: &'a RealServer, programs: &'a Path, folder: &'a Path) -> Outcome<Self> {
        let authority = folder.join("authority.pem");
        fs::write(&authority, server.ca_pem())?;
        // The kernel's random source, as text: these accounts live as long as this process.
        let password = fs::read_to_string("/proc/sys/kernel/random/uuid")?
            .trim()
            .to_owned();
        Ok(Self {
            server,
            programs,
            folder,
            password,
            authority,
        })
    }

    fn route(&self) -> Vec<String> {
        let port = self.server.port().to_string();
        let authority = self.authority.display().to_string();
        ["--host", "127.0.0.1", "--port", &port, "--ca", &authority]
            .map(str::to_owned)
            .to_vec()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .env("ROOST_HOME", self.folder.join("roost"))
            .env("ROOST_PASSWORD", &self.password)
            .stdin(Stdio::null());
        command
    }

    fn device(&self, board: &str, user: &str) -> Outcome<Child> {
        let mut command = self.command("roost-device");
        command
            .args(["--board", board, "--jid", &format!("{user}@localhost")])
            .args(["--controller", &format!("{OWNER}@localhost")])
            .args(self.route())
            .arg("--state")
            .arg(self.folder.join(user))
            .env("ROOST_DEVICE_PASSWORD", &self.password)
            .stderr(fs::File::create(self.folder.join(format!("{user}.log")))?)
            .kill_on_drop(true);
        Ok(command.spawn()?)
    }

    async fn roost(&self, arguments: &[&str], more: &[String]) -> Outcome<()> {
        let mut command = self.command("roost");
        command.args(arguments).args(more).kill_on_drop(true);
        let patience = if arguments == ["watch"] {
            Duration::MAX
        } else {
            Duration::from_secs(60)
        };
        let status = tokio::time::timeout(patience, command.status()).await??;
        if status.success() {
            Ok(())
        } else {
            Err(format!(
                "`roost {}` failed; its words are above",
                arguments.join(" ")
            )
            .into())
        }
    }
}

#[expect(clippy::print_stdout, reason = "this program talks to a person")]
fn say(text: &str) {
    println!("==> {text}");
}

#[expect(clippy::print_stderr, reason = "this program talks to a person")]
fn complain(error: &dyn Error) {
    eprintln!("\nThe home could not be started: {error}");
    eprintln!("Next: mend that and start it again; nothing was left behind.");
}
