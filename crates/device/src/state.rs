//! What a device remembers when its power is off.
//!
//! One small JSON file, readable by its owner only, written beside and then renamed over the old
//! one: a crash leaves the old state or the new one, never half of either. A file that cannot be
//! understood is set aside and the device starts fresh, since a lamp that does not start because
//! of its memory is worse than a lamp that forgot. Nothing secret is in it.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use roost_model::Value;
use serde::{Deserialize, Serialize};

use crate::People;

/// What a device remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceState {
    /// Whether the first words have been exchanged.
    pub setup_done: bool,
    /// Who may do what.
    pub people: People,
    /// The values of actuators that are to be as they were, by the name of the point.
    pub values: BTreeMap<String, Value>,
}

/// Where a device remembers.
pub trait StateStore: Send {
    /// What was saved last, if anything.
    ///
    /// # Errors
    /// If there is something that cannot be read.
    fn load(&mut self) -> Result<Option<DeviceState>, StoreProblem>;

    /// Replaces what was saved.
    ///
    /// # Errors
    /// If it cannot be written; the old state is then still there.
    fn save(&mut self, state: &DeviceState) -> Result<(), StoreProblem>;
}

/// Why a state was not loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum StoreProblem {
    /// The file or its folder cannot be used.
    #[error("cannot use {path}: {cause}", path = .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file made no sense and was set aside.
    #[error("the saved state made no sense and was set aside as {aside}", aside = .aside.display())]
    Unreadable {
        /// Where it is now.
        aside: PathBuf,
    },
}

/// Remembers while the process lives.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Option<DeviceState>,
}

impl StateStore for MemoryStore {
    fn load(&mut self) -> Result<Option<DeviceState>, StoreProblem> {
        Ok(self.state.clone())
    }

    fn save(&mut self, state: &DeviceState) -> Result<(), StoreProblem> {
        self.state = Some(state.clone());
        Ok(())
    }
}

/// Remembers in a file.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    const MAX_BYTES: u64 = 64 * 1024;

    /// The file `state.json` in this folder, which is made if need be.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn in_folder(folder: &Path) -> Result<Self, StoreProblem> {
        let path = folder.join("state.json");
        fs::create_dir_all(folder).map_err(|cause| StoreProblem::Io {
            path: folder.to_owned(),
            cause,
        })?;
        Ok(Self { path })
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.path.with_extension(ending)
    }

    fn io(&self, cause: io::Error) -> StoreProblem {
        StoreProblem::Io {
            path: self.path.clone(),
            cause,
        }
    }

    fn read(&self) -> io::Result<Option<String>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(Self::MAX_BYTES).read_to_end(&mut bytes)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let fresh = self.beside("json.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)
    }
}

impl StateStore for FileStore {
    fn load(&mut self) -> Result<Option<DeviceState>, StoreProblem> {
        let Some(text) = self.read().map_err(|error| self.io(error))? else {
            return Ok(None);
        };
        if let Ok(state) = serde_json::from_str(&text) {
            return Ok(Some(state));
        }
        let aside = self.beside("json.broken");
        fs::rename(&self.path, &aside).map_err(|error| self.io(error))?;
        Err(StoreProblem::Unreadable { aside })
    }

    fn save(&mut self, state: &DeviceState) -> Result<(), StoreProblem> {
        serde_json::to_string_pretty(state)
            .map_err(io::Error::from)
            .and_then(|text| self.write(&text))
            .map_err(|error| self.io(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_state() -> DeviceState {
        DeviceState {
            setup_done: true,
            people: People {
                owner: "juliet@capulet.lit".parse().ok(),
                ..People::default()
            },
            values: [("led".to_owned(), Value::Bool(true))].into(),
        }
    }

    #[test]
    fn what_is_saved_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kettle");
        assert_eq!(FileStore::in_folder(&path).unwrap().load().unwrap(), None);
        let mut store = FileStore::in_folder(&path).unwrap();
        store.save(&some_state()).unwrap();
        store.save(&some_state()).unwrap();
        let mut restarted = FileStore::in_folder(&path).unwrap();
        assert_eq!(restarted.load().unwrap(), Some(some_state()));
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1, "no leftovers");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(path.join("state.json")).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn nonsense_is_set_aside() {
        for nonsense in ["", "{", "[1]", "{\"values\": 3}", "\u{0}"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("state.json"), nonsense).unwrap();
            let mut store = FileStore::in_folder(folder.path()).unwrap();
            let problem = store.load();
            assert!(
                matches!(problem, Err(StoreProblem::Unreadable { .. })),
                "{nonsense:?}: {problem:?}"
            );
            assert_eq!(store.load().unwrap(), None, "{nonsense:?}");
            assert!(folder.path().join("state.json.broken").exists());
        }
    }
}
