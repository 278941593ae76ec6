//! The log: a file in the app's folder that does not grow for ever, and standard error if asked.
//!
//! Two files of at most [`MAX_BYTES`] are kept, the current and the one before. The level is that
//! of `ROOST_LOG` (`error` to `trace`, `info` where absent) for Roost's own crates; libraries are
//! never heard below `warn`, since XMPP and TLS libraries print stanzas, and with them passwords,
//! at the levels below.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable of the environment that sets the level.
const VARIABLE: &str = "ROOST_LOG";
/// When a file is full.
const MAX_BYTES: u64 = 1024 * 1024;

/// Starts the log of this process. A process has one log: the first call counts. A log that
/// cannot be written is no reason not to run; what is left then is standard error, if asked.
pub(crate) fn start(file: Option<&Path>, to_stderr: bool) {
    let file = file.and_then(|path| RotatingFile::open(path, MAX_BYTES).ok());
    let to_file = file.map(|file| fmt::layer().with_ansi(false).with_writer(Mutex::new(file)));
    let to_stderr = to_stderr.then(|| fmt::layer().with_writer(io::stderr));
    // Fails only if there is a log already.
    let _ = tracing_subscriber::registry()
        .with(filter(std::env::var(VARIABLE).ok().as_deref()))
        .with(to_file)
        .with(to_stderr)
        .try_init();
}

fn filter(level: Option<&str>) -> Targets {
    let ours = level
        .and_then(|level| level.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::INFO);
    Targets::new()
        .with_default(LevelFilter::WARN.min(ours))
        .with_target("roost", ours)
}

/// A file that is set aside when it is full.
struct RotatingFile {
    path: PathBuf,
    file: File,
    written: u64,
    limit: u64,
}

impl RotatingFile {
    fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let mut options = File::options();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        Ok(Self {
            path: path.to_owned(),
            written: file.metadata()?.len(),
            file,
            limit,
        })
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.written >= self.limit {
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
            *self = Self::open(&self.path, self.limit)?;
        }
        let written = self.file.write(line)?;
        self.written = self.written.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn a_full_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("roost.log");
        let mut log = RotatingFile::open(&path, 10).unwrap();
        for line in ["first line\n", "second line\n", "third\n", "fourth\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("roost.log.1"), "second line\n");
        assert_eq!(read("roost.log"), "third\nfourth\n");
        let reopened = RotatingFile::open(&path, 10).unwrap();
        assert_eq!(reopened.written, 13);
    }

    #[test]
    fn libraries_are_never_heard_in_detail() {
        for asked in [
            None,
            Some("trace"),
            Some("tokio_xmpp=trace"),
            Some("nonsense"),
        ] {
            let filter = filter(asked);
            assert!(
                !filter.would_enable("tokio_xmpp::xmlstream", &Level::INFO),
                "{asked:?}"
            );
            assert!(filter.would_enable("tokio_xmpp", &Level::WARN), "{asked:?}");
            assert!(
                filter.would_enable("roost_app::home", &Level::INFO),
                "{asked:?}"
            );
        }
        assert!(filter(Some("debug")).would_enable("roost_core", &Level::DEBUG));
        assert!(!filter(Some("error")).would_enable("tokio_xmpp", &Level::WARN));
    }
}
