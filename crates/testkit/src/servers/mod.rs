//! Real servers, started for a test and gone with it.
//!
//! A [`RealServer`] lives in a temporary folder that holds configuration, certificate, data and
//! log. It can be stopped, killed, frozen and started again on the same ports with the same data,
//! as happens to servers. Dropping it kills the process and removes the folder; if the test itself
//! is killed, a guardian kills the server.

mod accounts;
mod ejabberd;
mod guardian;
mod prosody;

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use rcgen::Error as CertificateError;

use crate::certificates::Authority;
pub use accounts::Accounts;
use guardian::{Guardian, Owner};

/// Which server software.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// Prosody, tried with 0.12.
    Prosody,
    /// ejabberd, tried with 23.01.
    Ejabberd,
}

/// How a server is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Lets devices of the thesis profile make their own, open nodes.
    pub thesis: bool,
    /// Lifts the limits on traffic, for benchmarks.
    pub unthrottled: bool,
    /// Who gets an account.
    pub accounts: Accounts,
    /// The domain it serves.
    pub domain: String,
    /// Whose account may make nodes at a component `pubsub.<domain>`, by publishing to them, as
    /// early thesis installations had it. Only Prosody does it.
    pub component_of: Option<String>,
    /// More names in its certificate.
    pub more_names: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            thesis: false,
            unthrottled: false,
            accounts: Accounts::Usual,
            domain: "localhost".to_owned(),
            component_of: None,
            more_names: Vec::new(),
        }
    }
}

/// Why a server could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// A program is not installed.
    #[error("{program} is not installed; on Debian and Ubuntu: apt install {package}")]
    Missing {
        /// What was looked for.
        program: &'static str,
        /// What brings it.
        package: &'static str,
    },
    /// It does not answer.
    #[error("{program} does not answer on port {port}; the end of its log:\n{log}")]
    Silent {
        /// Which server.
        program: &'static str,
        /// Where it should answer.
        port: u16,
        /// The end of its log.
        log: String,
    },
    /// An account could not be made.
    #[error("the account {user} could not be made: {answer}")]
    Account {
        /// Whose.
        user: String,
        /// What the server said.
        answer: String,
    },
    /// A certificate could not be made.
    #[error("no certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// A file or process could not be handled.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A server that runs, or ran.
#[derive(Debug)]
pub struct RealServer {
    kind: ServerKind,
    domain: String,
    ports: Ports,
    ca_pem: String,
    owner: Owner,
    guardian: Option<Guardian>,
    folder: TempDir,
}

/// Where a server listens, on 127.0.0.1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    c2s: u16,
    tls: u16,
    /// For the launcher itself; only ejabberd has one.
    http: u16,
}

impl RealServer {
    /// Starts Prosody.
    ///
    /// # Errors
    /// If it is not installed or does not come up.
    pub fn prosody(options: Options) -> Result<Self, LaunchError> {
        Self::launch(ServerKind::Prosody, &options)
    }

    /// Starts ejabberd.
    ///
    /// # Errors
    /// If it is not installed or does not come up.
    pub fn ejabberd(options: Options) -> Result<Self, LaunchError> {
        Self::launch(ServerKind::Ejabberd, &options)
    }

    /// Starts a server of this kind.
    ///
    /// # Errors
    /// If it is not installed or does not come up.
    pub fn launch(kind: ServerKind, options: &Options) -> Result<Self, LaunchError> {
        const TRIES: usize = 3;
        let mut tried = 0;
        loop {
            tried += 1;
            let mut server = Self::prepare(kind, options)?;
            match server.start() {
                Ok(()) => return Ok(server),
                // Somebody else took a port between our look and the server's.
                Err(LaunchError::Silent { log, .. })
                    if tried < TRIES && log.to_lowercase().contains("in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn prepare(kind: ServerKind, options: &Options) -> Result<Self, LaunchError> {
        kind.find()?;
        let folder = TempDir::with_prefix("roost-server-")?;
        let owner = Owner::for_folder(folder.path())?;
        let authority = Authority::new()?;
        let mut names = vec![options.domain.as_str()];
        names.extend(options.more_names.iter().map(String::as_str));
        let issued = authority.issue(&names)?;
        let ports = Ports::find()?;
        let server = Self {
            kind,
            domain: options.domain.clone(),
            ports,
            ca_pem: authority.pem().to_owned(),
            owner,
            guardian: None,
            folder,
        };
        fs::create_dir(server.path("data"))?;
        fs::write(server.path("server.crt"), &issued.certificate_pem)?;
        fs::write(server.path("server.key"), &issued.key_pem)?;
        let both = format!("{}{}", issued.certificate_pem, issued.key_pem);
        fs::write(server.path("server.pem"), both)?;
        kind.write_configuration(&server, options)?;
        server.owner.give(server.folder.path())?;
        Ok(server)
    }

    /// Which software it is.
    pub fn kind(&self) -> ServerKind {
        self.kind
    }

    /// The port for STARTTLS, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.ports.c2s
    }

    /// The port for direct TLS (XEP-0368), on 127.0.0.1.
    pub fn direct_tls_port(&self) -> u16 {
        self.ports.tls
    }

    /// The certificate of the authority that vouches for it.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Its domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Makes an account, as the server's administrator would.
    ///
    /// # Errors
    /// If the server refuses, for instance because the account exists.
    pub fn add_account(&self, user: &str, password: &str) -> Result<(), LaunchError> {
        match self.kind {
            ServerKind::Prosody => prosody::add_account(self, user, password),
            ServerKind::Ejabberd => ejabberd::add_account(self, user, password),
        }
    }

    /// What is written on the last picture that it drew ([`Accounts::Captcha`]).
    ///
    /// # Errors
    /// If it drew none yet.
    pub fn captcha_text(&self) -> io::Result<String> {
        fs::read_to_string(self.path(accounts::CAPTCHA_TEXT))
    }

    /// Starts it (again), on the same ports and with the same data, and waits until it answers.
    ///
    /// # Errors
    /// If it does not come up within 90 seconds.
    pub fn start(&mut self) -> Result<(), LaunchError> {
        const PATIENCE: Duration = Duration::from_secs(90);
        if self.guardian.is_some() {
            return Ok(());
        }
        let command = self.kind.command(self)?;
        self.guardian = Some(Guardian::start(command, &self.owner)?);
        let begun = Instant::now();
        while !answers(self.ports.c2s, &self.domain) {
            let refused = self.log().contains("in use");
            if refused || begun.elapsed() > PATIENCE {
                self.guardian = None;
                return Err(LaunchError::Silent {
                    program: self.kind.program(),
                    port: self.ports.c2s,
                    log: self.log_tail(),
                });
            }
            thread::sleep(Duration::from_millis(30));
        }
        Ok(())
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) {
        if let Some(guardian) = self.guardian.take() {
            guardian.stop();
        }
    }

    /// Kills it, without giving it the time to say goodbye.
    pub fn kill(&mut self) {
        self.guardian = None;
    }

    /// Kills it and starts it again.
    ///
    /// # Errors
    /// If it does not come up again.
    pub fn restart(&mut self) -> Result<(), LaunchError> {
        self.kill();
        self.start()
    }

    /// Halts it as it is: connections stay open, and nothing answers.
    pub fn freeze(&mut self) {
        if let Some(guardian) = &mut self.guardian {
            guardian.signal("STOP");
        }
    }

    /// Lets a frozen server go on.
    pub fn thaw(&mut self) {
        if let Some(guardian) = &mut self.guardian {
            guardian.signal("CONT");
        }
    }

    /// The end of its log, for the texts of errors.
    pub fn log_tail(&self) -> String {
        const LINES: usize = 30;
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    fn log(&self) -> String {
        let read = |name| fs::read(self.path(name)).unwrap_or_default();
        let bytes = [read("server.log"), read(guardian::OUTPUT)].concat();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Ports {
    /// Three ports that are free now. All are held until all are found, so they differ.
    fn find() -> io::Result<Self> {
        let listeners = [free_port()?, free_port()?, free_port()?];
        let port = |index: usize| listeners[index].local_addr().map(|address| address.port());
        Ok(Self {
            c2s: port(0)?,
            tls: port(1)?,
            http: port(2)?,
        })
    }

    fn fill_in(self, template: &str, folder: &Path, domain: &str) -> String {
        template
            .replace("@FOLDER@", &folder.to_string_lossy())
            .replace("@DOMAIN@", domain)
            .replace("@C2S@", &self.c2s.to_string())
            .replace("@TLS@", &self.tls.to_string())
            .replace("@HTTP@", &self.http.to_string())
    }
}

fn free_port() -> io::Result<TcpListener> {
    TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))
}

/// Whether a server for this domain is ready: it goes on to TLS, for which it needs its
/// certificate, and that is what ejabberd loads last.
fn answers(port: u16, domain: &str) -> bool {
    const PATIENCE: Duration = Duration::from_secs(2);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let header = format!(
            "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        );
        stream.write_all(header.as_bytes())?;
        let features = read_until(&mut stream, "</stream:features>")?;
        stream.write_all(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")?;
        Ok(features && read_until(&mut stream, "<proceed")?)
    };
    ask().unwrap_or(false)
}

/// Reads until something came; `false` if the other end closed before, or refused.
fn read_until(stream: &mut TcpStream, wanted: &str) -> io::Result<bool> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(wanted) {
        let length = stream.read(&mut buffer)?;
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        if length == 0 || text.contains("<failure") {
            return Ok(false);
        }
    }
    Ok(true)
}

impl ServerKind {
    fn program(self) -> &'static str {
        match self {
            ServerKind::Prosody => "prosody",
            ServerKind::Ejabberd => "ejabberd",
        }
    }

    fn find(self) -> Result<PathBuf, LaunchError> {
        match self {
            ServerKind::Prosody => prosody::find(),
            ServerKind::Ejabberd => ejabberd::find(),
        }
    }

    fn command(self, server: &RealServer) -> Result<guardian::Order, LaunchError> {
        match self {
            ServerKind::Prosody => prosody::command(server),
            ServerKind::Ejabberd => ejabberd::command(server),
        }
    }

    fn write_configuration(self, server: &RealServer, options: &Options) -> io::Result<()> {
        match self {
            ServerKind::Prosody => prosody::write_configuration(server, options),
            ServerKind::Ejabberd => ejabberd::write_configuration(server, options),
        }
    }
}

/// Looks for a program where shells look, and where systems keep those of administrators.
fn find_program(program: &'static str, package: &'static str) -> Result<PathBuf, LaunchError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or(LaunchError::Missing { program, package })
}

impl Owner {
    /// Servers refuse to run as root, or should; then they run as nobody.
    fn for_folder(folder: &Path) -> io::Result<Self> {
        const ROOT: u32 = 0;
        const NOBODY: u32 = 65_534;
        let us = fs::metadata(folder)?.uid();
        Ok(Self {
            other: (us == ROOT).then_some(NOBODY),
        })
    }

    /// Makes a folder and all in it the owner's.
    fn give(&self, path: &Path) -> io::Result<()> {
        let Some(id) = self.other else {
            return Ok(());
        };
        chown(path, Some(id), Some(id))?;
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                self.give(&entry?.path())?;
            }
        }
        Ok(())
    }
}
