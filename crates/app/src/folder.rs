//! Where the app keeps its things, and who may write there.
//!
//! One folder holds everything: database, sealed passwords, logs. It is readable by its owner
//! only, where the operating system knows such a thing. The lock is a file lock of the operating
//! system, so a crash leaves nothing locked.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};

use crate::api::{ApiError, ErrorCode};

/// The variable of the environment that moves the folder.
pub(crate) const VARIABLE: &str = "ROOST_HOME";

/// The folder of one app.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// Held while this app alone may write the folder.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Folder {
    /// `chosen`, else what the environment says, else where the system keeps data of apps; made
    /// if it is not there.
    pub(crate) fn open(chosen: Option<PathBuf>) -> Result<Self, ApiError> {
        let path = chosen
            .or_else(|| from_environment(std::env::var_os(VARIABLE)))
            .map_or_else(usual_place, Ok)?;
        make_private(&path).map_err(|error| {
            ApiError::with_detail(
                ErrorCode::Storage,
                format!("cannot make {}: {error}", path.display()),
            )
        })?;
        Ok(Self { path })
    }

    /// Takes the lock, or says that somebody else has it.
    pub(crate) fn lock(&self) -> Result<Lock, ApiError> {
        let path = self.path.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| {
                ApiError::with_detail(ErrorCode::Storage, format!("{}: {error}", path.display()))
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ApiError::with_detail(
                ErrorCode::AlreadyRunning,
                self.path.display(),
            )),
            Err(TryLockError::Error(error)) => {
                // File systems without locks exist (some network ones). Two apps at once are
                // rarer than those, so this is no reason not to run.
                tracing::warn!(%error, "the folder cannot be locked");
                Ok(Lock { _file: file })
            }
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("roost.db")
    }

    pub(crate) fn sealed_passwords(&self) -> PathBuf {
        self.path.join("passwords.age")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("roost.log")
    }
}

fn from_environment(value: Option<OsString>) -> Option<PathBuf> {
    value.filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn usual_place() -> Result<PathBuf, ApiError> {
    let names = AppStrategyArgs {
        top_level_domain: "im".to_owned(),
        author: "Roost".to_owned(),
        app_name: "Roost".to_owned(),
    };
    choose_native_strategy(names)
        .map(|places| places.data_dir())
        .map_err(|error| ApiError::with_detail(ErrorCode::Storage, error))
}

fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_app_at_a_time_and_a_private_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(Some(dir.path().join("a/b"))).unwrap();
        let lock = folder.lock().unwrap();
        assert_eq!(folder.lock().unwrap_err().code, ErrorCode::AlreadyRunning);
        drop(lock);
        folder.lock().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&folder.path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Folder::open(Some(file.join("below"))).unwrap_err();
        assert_eq!(error.code, ErrorCode::Storage);
    }
}
