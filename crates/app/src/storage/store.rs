//! The open database.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_core::SavedDevice;
use roost_model::jid::BareJid;
use roost_model::{DeviceId, Timestamp};
use roost_xmpp_proto::{Route, Trust};
use rusqlite::backup::Backup;
use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};

use super::{AccountRecord, Settings};

/// The steps by which a database becomes the current one; `user_version` counts those taken.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];
/// How long another process may keep the database busy.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of a database is copied without letting others write.
const PAGES_AT_ONCE: i32 = 4096;
/// How soon copying is tried again when another process writes.
const RETRY: Duration = Duration::from_millis(5);

/// The open database.
#[derive(Debug)]
pub(crate) struct Store {
    db: Connection,
}

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreProblem {
    #[error("the settings were written by a newer Roost (format {0}); update this one")]
    Newer(usize),
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the damaged database could not be moved aside: {0}")]
    File(#[from] io::Error),
    #[error("a device could not be written: {0}")]
    Form(#[from] serde_json::Error),
    #[error("the storage has ended")]
    Ended,
}

impl Store {
    /// Opens the database at `path` for reading and writing, made or brought up to date as needed.
    /// If it was damaged, tells where it was put.
    pub(crate) fn open(
        path: &Path,
        now: Timestamp,
    ) -> Result<(Self, Option<PathBuf>), StoreProblem> {
        match Self::try_open(path) {
            Err(StoreProblem::Database(error)) if is_damage(&error) => {
                let aside = move_aside(path, now)?;
                Ok((Self::try_open(path)?, Some(aside)))
            }
            opened => Ok((opened?, None)),
        }
    }

    /// A copy of the database in memory, or an empty one if there is none. Another process may be
    /// writing the original.
    pub(crate) fn open_copy(path: &Path) -> Result<Self, StoreProblem> {
        let mut copy = Connection::open_in_memory()?;
        if path.exists() {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let original = Connection::open_with_flags(path, flags)?;
            original.busy_timeout(PATIENCE)?;
            Backup::new(&original, &mut copy)?.run_to_completion(PAGES_AT_ONCE, RETRY, None)?;
        }
        Self::prepare(copy)
    }

    fn try_open(path: &Path) -> Result<Self, StoreProblem> {
        let db = Connection::open(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
        db.busy_timeout(PATIENCE)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        // A power cut may cost the last seconds of readings, never the database.
        db.pragma_update(None, "synchronous", "NORMAL")?;
        Self::prepare(db)
    }

    /// Sees that the database is whole and of the current format.
    fn prepare(mut db: Connection) -> Result<Self, StoreProblem> {
        db.pragma_update(None, "foreign_keys", true)?;
        let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(damage, Some(verdict)).into());
        }
        migrate(&mut db)?;
        Ok(Self { db })
    }

    /// Reads the settings. One that makes no sense any more costs only itself.
    pub(crate) fn settings(&self) -> Result<Settings, StoreProblem> {
        let usual = Settings::default();
        let language = self.setting("language")?;
        let theme = self.setting("theme")?;
        let silence = self.setting("silence_seconds")?;
        let silence = silence.and_then(|seconds| seconds.parse().ok());
        let settings = Settings::new(
            language.filter(|it| Settings::new(Some(it.clone()), None, 30).is_ok()),
            theme.filter(|it| Settings::new(None, Some(it.clone()), 30).is_ok()),
            silence.unwrap_or_else(|| usual.silence_seconds()),
        );
        Ok(settings.unwrap_or(usual))
    }

    pub(crate) fn set_settings(&mut self, settings: &Settings) -> Result<(), StoreProblem> {
        let silence = settings.silence_seconds().to_string();
        let rows = [
            ("language", settings.language()),
            ("theme", settings.theme()),
            ("silence_seconds", Some(silence.as_str())),
        ];
        let work = self.db.transaction()?;
        for (name, value) in rows {
            work.execute("DELETE FROM setting WHERE name = ?1", [name])?;
            if let Some(value) = value {
                work.execute("INSERT INTO setting VALUES (?1, ?2)", [name, value])?;
            }
        }
        Ok(work.commit()?)
    }

    /// The account that was used last, if any.
    pub(crate) fn last_account(&self) -> Result<Option<AccountRecord>, StoreProblem> {
        let query = format!("{SELECT_ACCOUNT} ORDER BY used DESC LIMIT 1");
        Ok(self.db.query_row(&query, [], read_account).optional()?)
    }

    /// This account, if it is remembered.
    pub(crate) fn account(&self, jid: &BareJid) -> Result<Option<AccountRecord>, StoreProblem> {
        let query = format!("{SELECT_ACCOUNT} WHERE jid = ?1");
        let found = self.db.query_row(&query, [jid.as_str()], read_account);
        Ok(found.optional()?)
    }

    /// Remembers an account as the one used last.
    pub(crate) fn use_account(
        &mut self,
        account: &AccountRecord,
        now: Timestamp,
    ) -> Result<(), StoreProblem> {
        let (host, port, direct_tls) = match &account.route {
            Route::Dns => (None, None, false),
            Route::Fixed {
                host,
                port,
                direct_tls,
            } => (Some(host), Some(*port), *direct_tls),
        };
        let (authority, pin) = match &account.trust {
            Trust::System => (None, None),
            Trust::Authorities(pem) => (Some(pem), None),
            Trust::Pinned(digest) => (None, Some(digest.as_slice())),
        };
        self.db.execute(
            "INSERT INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (jid) DO UPDATE SET
             (host, port, direct_tls, authority, pin, remember, stay, used)
             = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                account.jid.as_str(),
                host,
                port,
                direct_tls,
                authority,
                pin,
                account.remember,
                account.stay,
                now.0
            ],
        )?;
        Ok(())
    }

    /// Remembers not to sign in at the next start.
    pub(crate) fn keep_signed_out(&mut self, jid: &BareJid) -> Result<(), StoreProblem> {
        let query = "UPDATE account SET stay = FALSE WHERE jid = ?1";
        self.db.execute(query, [jid.as_str()])?;
        Ok(())
    }

    /// Forgets an account and its devices.
    pub(crate) fn forget_account(&mut self, jid: &BareJid) -> Result<(), StoreProblem> {
        let query = "DELETE FROM account WHERE jid = ?1";
        self.db.execute(query, [jid.as_str()])?;
        Ok(())
    }

    /// The devices of an account. Those that cannot be read any more are left out.
    pub(crate) fn devices(&self, account: &BareJid) -> Result<Vec<SavedDevice>, StoreProblem> {
        let query = "SELECT saved FROM device WHERE account = ?1 ORDER BY jid";
        let mut query = self.db.prepare(query)?;
        let rows = query.query_map([account.as_str()], |row| row.get::<_, String>(0))?;
        let mut devices = Vec::new();
        for saved in rows {
            match serde_json::from_str(&saved?) {
                Ok(device) => devices.push(device),
                Err(error) => tracing::warn!(%error, "a saved device cannot be read"),
            }
        }
        Ok(devices)
    }

    /// Writes devices of an account as they are now, and removes others. Nothing happens if the
    /// account was forgotten meanwhile.
    pub(crate) fn update_devices(
        &mut self,
        account: &BareJid,
        now: &[SavedDevice],
        gone: &[DeviceId],
    ) -> Result<(), StoreProblem> {
        let work = self.db.transaction()?;
        {
            let mut put = work.prepare(
                "INSERT INTO device SELECT ?1, ?2, ?3 WHERE EXISTS
                 (SELECT 1 FROM account WHERE jid = ?1)
                 ON CONFLICT (account, jid) DO UPDATE SET saved = ?3",
            )?;
            for device in now {
                let saved = serde_json::to_string(device)?;
                put.execute([account.as_str(), device.id.jid().as_str(), &saved])?;
            }
            let mut remove = work.prepare("DELETE FROM device WHERE account = ?1 AND jid = ?2")?;
            for device in gone {
                remove.execute([account.as_str(), device.jid().as_str()])?;
            }
        }
        Ok(work.commit()?)
    }

    fn setting(&self, name: &str) -> Result<Option<String>, StoreProblem> {
        let query = "SELECT value FROM setting WHERE name = ?1";
        let value = self.db.query_row(query, [name], |row| row.get(0));
        Ok(value.optional()?)
    }
}

const SELECT_ACCOUNT: &str =
    "SELECT jid, host, port, direct_tls, authority, pin, remember, stay FROM account";

fn read_account(row: &Row<'_>) -> rusqlite::Result<AccountRecord> {
    let jid: String = row.get(0)?;
    let host: Option<String> = row.get(1)?;
    let port: Option<u16> = row.get(2)?;
    let authority: Option<String> = row.get(4)?;
    let pin: Option<[u8; 32]> = row.get(5)?;
    Ok(AccountRecord {
        jid: BareJid::new(&jid).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into())
        })?,
        route: match host.zip(port) {
            Some((host, port)) => Route::Fixed {
                host,
                port,
                direct_tls: row.get(3)?,
            },
            None => Route::Dns,
        },
        trust: match (pin, authority) {
            (Some(digest), _) => Trust::Pinned(digest),
            (None, Some(pem)) => Trust::Authorities(pem),
            (None, None) => Trust::System,
        },
        remember: row.get(6)?,
        stay: row.get(7)?,
    })
}

fn version(db: &Connection) -> Result<usize, StoreProblem> {
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

fn migrate(db: &mut Connection) -> Result<(), StoreProblem> {
    let taken = version(db)?;
    if taken > MIGRATIONS.len() {
        return Err(StoreProblem::Newer(taken));
    }
    for (version, script) in (1_u32..).zip(MIGRATIONS).skip(taken) {
        let work = db.transaction()?;
        work.execute_batch(script)?;
        work.pragma_update(None, "user_version", version)?;
        work.commit()?;
    }
    Ok(())
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Moves the database away, with the files that SQLite keeps beside it.
fn move_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let beside = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = beside(path, &format!(".damaged-{}", now.0));
    fs::rename(path, &aside)?;
    for suffix in ["-wal", "-shm"] {
        match fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests;
