//! A file of passwords, sealed with a passphrase (age, scrypt recipient).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;
use age::{DecryptError, EncryptError};
use roost_model::Secret;
use roost_model::jid::BareJid;
use zeroize::Zeroizing;

/// Work of scrypt as a power of two: 128 MiB of memory and some tenths of a second per guess.
pub(crate) const WORK_FACTOR: u8 = 17;
/// The most work that a file may ask of us.
const MAX_WORK_FACTOR: u8 = 20;
/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Why the file could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealProblem {
    #[error("the passphrase does not open the sealed file")]
    WrongPassphrase,
    #[error("the sealed file is damaged: {0}")]
    Damaged(String),
    #[error("the sealed file: {0}")]
    File(#[from] io::Error),
    #[error("sealing failed: {0}")]
    Seal(#[from] EncryptError),
}

/// Passwords by account.
#[derive(Clone, Default)]
pub(crate) struct Passwords(BTreeMap<BareJid, Secret>);

impl Passwords {
    pub(crate) fn get(&self, account: &BareJid) -> Option<&Secret> {
        self.0.get(account)
    }

    pub(crate) fn insert(&mut self, account: BareJid, password: Secret) {
        self.0.insert(account, password);
    }

    pub(crate) fn remove(&mut self, account: &BareJid) {
        self.0.remove(account);
    }
}

/// The file, wherever it is.
#[derive(Clone, Debug)]
pub(crate) struct SealedFile {
    path: PathBuf,
    work_factor: u8,
}

impl SealedFile {
    /// `work_factor` is what new files cost to open: [`WORK_FACTOR`].
    pub(crate) fn new(path: PathBuf, work_factor: u8) -> Self {
        Self { path, work_factor }
    }

    pub(crate) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Opens the file and reads all of it.
    pub(crate) async fn read(&self, passphrase: &Secret) -> Result<Passwords, SealProblem> {
        let (this, passphrase) = (self.clone(), passphrase.clone());
        off_the_loop(move || unseal(&read_bounded(&this.path)?, &passphrase)).await
    }

    /// Replaces the file as a whole.
    pub(crate) async fn write(
        &self,
        passphrase: &Secret,
        passwords: &Passwords,
    ) -> Result<(), SealProblem> {
        let (this, passphrase, passwords) = (self.clone(), passphrase.clone(), passwords.clone());
        off_the_loop(move || {
            let sealed = seal(&passwords, &passphrase, this.work_factor)?;
            Ok(replace(&this.path, &sealed)?)
        })
        .await
    }
}

/// Sealing costs much on purpose, so it must not stop the tasks.
async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SealProblem> + Send + 'static,
) -> Result<T, SealProblem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| SealProblem::File(io::Error::other(error)))?
}

fn seal(passwords: &Passwords, passphrase: &Secret, work: u8) -> Result<Vec<u8>, SealProblem> {
    let exposed: BTreeMap<&str, &str> = passwords
        .0
        .iter()
        .map(|(account, password)| (account.as_str(), password.expose()))
        .collect();
    let text = serde_json::to_vec(&exposed).map_err(|error| SealProblem::File(error.into()))?;
    let mut recipient = Recipient::new(SecretString::from(passphrase.expose()));
    recipient.set_work_factor(work);
    Ok(age::encrypt(&recipient, &Zeroizing::new(text))?)
}

fn unseal(sealed: &[u8], passphrase: &Secret) -> Result<Passwords, SealProblem> {
    let mut identity = Identity::new(SecretString::from(passphrase.expose()));
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let text = age::decrypt(&identity, sealed).map_err(|error| match error {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => SealProblem::WrongPassphrase,
        error => SealProblem::Damaged(error.to_string()),
    })?;
    let read: BTreeMap<BareJid, String> = serde_json::from_slice(&Zeroizing::new(text))
        .map_err(|_| SealProblem::Damaged("it does not hold passwords".to_owned()))?;
    let keep = |(account, password)| (account, Secret::new(password));
    Ok(Passwords(read.into_iter().map(keep).collect()))
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, SealProblem> {
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(SealProblem::Damaged("it is too long".to_owned()));
    }
    Ok(fs::read(path)?)
}

/// Writes beside the file first, so that a crash or a full disk leaves the old one.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)
}
