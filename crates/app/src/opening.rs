//! Opening the app's folder: lock, log, database.

use std::path::PathBuf;
use std::sync::Arc;

use roost_core::SavedDevice;

use crate::api::{ApiError, ErrorCode};
use crate::clock::Clock;
use crate::folder::{Folder, Lock};
use crate::log;
use crate::storage::{AccountRecord, Keeper, Settings, Store, StoreProblem};
use crate::task::Beginning;
use crate::vault::{SystemKeychain, Vault, WORK_FACTOR};
use crate::{App, AppOptions};

/// The folder and what was in it.
pub(crate) struct Opened {
    folder: Folder,
    lock: Option<Lock>,
    store: Store,
    set_aside: Option<PathBuf>,
    settings: Settings,
    account: Option<AccountRecord>,
    devices: Vec<SavedDevice>,
}

impl Opened {
    pub(crate) fn open(options: AppOptions) -> Result<Self, ApiError> {
        let folder = Folder::open(options.home)?;
        let lock = options.exclusive.then(|| folder.lock()).transpose()?;
        let log = options.exclusive.then(|| folder.log());
        log::start(log.as_deref(), options.log_to_stderr);
        Self::read(folder, lock)
            .map_err(|problem| ApiError::with_detail(ErrorCode::Storage, problem))
    }

    fn read(folder: Folder, lock: Option<Lock>) -> Result<Self, StoreProblem> {
        let path = folder.database();
        let (store, set_aside) = match lock {
            Some(_) => Store::open(&path, Clock::new().now().wall)?,
            None => (Store::open_copy(&path)?, None),
        };
        let account = store.last_account()?;
        Ok(Self {
            settings: store.settings()?,
            devices: match &account {
                Some(account) => store.devices(&account.jid)?,
                None => Vec::new(),
            },
            account,
            folder,
            lock,
            store,
            set_aside,
        })
    }

    /// Starts what the task needs. Must be called inside a tokio runtime.
    pub(crate) fn beginning(self, resource_prefix: String) -> Result<Beginning, ApiError> {
        let sealed = self.folder.sealed_passwords();
        let keeper = Keeper::start(self.store)
            .map_err(|error| ApiError::with_detail(ErrorCode::Storage, error))?;
        Ok(Beginning {
            keeper,
            vault: Vault::start(sealed, WORK_FACTOR, Arc::new(SystemKeychain)),
            settings: self.settings,
            account: self.account,
            devices: self.devices,
            password: App::password_from_environment(),
            resource_prefix,
            remark: self
                .set_aside
                .map(|aside| format!("the database was damaged and is now {}", aside.display())),
            lock: self.lock,
        })
    }
}
