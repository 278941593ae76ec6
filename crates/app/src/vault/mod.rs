//! Where passwords are kept: the keychain of the operating system, or, where a person asked for
//! it, a file sealed with a passphrase. Never anywhere in plain text.
//!
//! A sealed file that exists is used; it was made on purpose. Else the keychain is, if one
//! answers; else passwords are not remembered at all, and that is said ([`VaultView::Nowhere`]).
//!
//! One task owns the vault. While the sealed file is open, its passphrase and passwords are in
//! memory, in [`Secret`]s; they go with the task. A keychain may ask a person to unlock it, or
//! hang: it is spoken to on a thread of its own, with a deadline, and one call at a time.

mod keychain;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod real_keychain;
mod sealed;

use std::path::PathBuf;
use std::sync::Arc;

use roost_model::Secret;
use roost_model::jid::BareJid;
use tokio::sync::{mpsc, oneshot};

use crate::api::{ApiError, ErrorCode, VaultView};

pub(crate) use keychain::{Keychain, KeychainProblem, SystemKeychain};
pub(crate) use sealed::{Passwords, SealProblem, SealedFile, WORK_FACTOR};

/// How many questions may wait.
const WAITING: usize = 16;

/// Why the vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultProblem {
    #[error("no keychain answers, and there is no sealed file")]
    Nowhere,
    #[error("the sealed file is closed")]
    Closed,
    #[error("there is a sealed file already")]
    AlreadySealed,
    #[error(transparent)]
    Keychain(#[from] KeychainProblem),
    #[error(transparent)]
    Seal(#[from] SealProblem),
    #[error("the vault has ended")]
    Ended,
}

impl From<VaultProblem> for ApiError {
    fn from(problem: VaultProblem) -> Self {
        let code = match &problem {
            VaultProblem::Nowhere | VaultProblem::Keychain(KeychainProblem::Absent) => {
                ErrorCode::NoKeychain
            }
            VaultProblem::Closed | VaultProblem::Keychain(_) | VaultProblem::Ended => {
                ErrorCode::KeychainLocked
            }
            VaultProblem::Seal(SealProblem::WrongPassphrase) => ErrorCode::WrongPassphrase,
            VaultProblem::AlreadySealed | VaultProblem::Seal(_) => ErrorCode::Storage,
        };
        ApiError::with_detail(code, problem)
    }
}

/// The way to the task that owns the vault. It ends when all of these are dropped.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    asks: mpsc::Sender<VaultAsk>,
}

enum VaultAsk {
    Look(oneshot::Sender<VaultView>),
    Read(
        BareJid,
        oneshot::Sender<Result<Option<Secret>, VaultProblem>>,
    ),
    Keep(BareJid, Secret, oneshot::Sender<Result<(), VaultProblem>>),
    Forget(BareJid, oneshot::Sender<Result<(), VaultProblem>>),
    Create(Secret, oneshot::Sender<Result<(), VaultProblem>>),
    Unlock(Secret, oneshot::Sender<Result<(), VaultProblem>>),
}

impl Vault {
    /// Starts the task. `sealed` is where the sealed file is, or would be.
    pub(crate) fn start(sealed: PathBuf, work_factor: u8, keychain: Arc<dyn Keychain>) -> Self {
        let (asks, inbox) = mpsc::channel(WAITING);
        let owner = Owner {
            keychain,
            sealed: SealedFile::new(sealed, work_factor),
            open: None,
        };
        tokio::spawn(owner.run(inbox));
        Self { asks }
    }

    /// Where passwords are kept now.
    pub(crate) async fn look(&self) -> VaultView {
        let (reply, answer) = oneshot::channel();
        let _ = self.asks.send(VaultAsk::Look(reply)).await;
        answer.await.unwrap_or_default()
    }

    /// The password of an account, if it is remembered.
    pub(crate) async fn read(&self, account: BareJid) -> Result<Option<Secret>, VaultProblem> {
        self.ask(|reply| VaultAsk::Read(account, reply)).await
    }

    /// Remembers the password of an account.
    pub(crate) async fn keep(
        &self,
        account: BareJid,
        password: Secret,
    ) -> Result<(), VaultProblem> {
        self.ask(|reply| VaultAsk::Keep(account, password, reply))
            .await
    }

    /// Forgets the password of an account, if it is remembered.
    pub(crate) async fn forget(&self, account: BareJid) -> Result<(), VaultProblem> {
        self.ask(|reply| VaultAsk::Forget(account, reply)).await
    }

    /// Makes the sealed file, empty and open.
    pub(crate) async fn create(&self, passphrase: Secret) -> Result<(), VaultProblem> {
        self.ask(|reply| VaultAsk::Create(passphrase, reply)).await
    }

    /// Opens the sealed file.
    pub(crate) async fn unlock(&self, passphrase: Secret) -> Result<(), VaultProblem> {
        self.ask(|reply| VaultAsk::Unlock(passphrase, reply)).await
    }

    async fn ask<T>(
        &self,
        ask: impl FnOnce(oneshot::Sender<Result<T, VaultProblem>>) -> VaultAsk,
    ) -> Result<T, VaultProblem> {
        let (reply, answer) = oneshot::channel();
        let sent = self.asks.send(ask(reply)).await;
        sent.map_err(|_| VaultProblem::Ended)?;
        answer.await.map_err(|_| VaultProblem::Ended)?
    }
}

/// What the task owns.
struct Owner {
    keychain: Arc<dyn Keychain>,
    sealed: SealedFile,
    open: Option<OpenFile>,
}

/// The sealed file while it is open.
struct OpenFile {
    passphrase: Secret,
    passwords: Passwords,
}

impl Owner {
    /// Whoever asked may have gone before the answer; that is no concern here.
    async fn run(mut self, mut asks: mpsc::Receiver<VaultAsk>) {
        while let Some(ask) = asks.recv().await {
            match ask {
                VaultAsk::Look(reply) => drop(reply.send(self.look().await)),
                VaultAsk::Read(account, reply) => drop(reply.send(self.read(account).await)),
                VaultAsk::Keep(account, password, reply) => {
                    drop(reply.send(self.keep(account, password).await));
                }
                VaultAsk::Forget(account, reply) => drop(reply.send(self.forget(account).await)),
                VaultAsk::Create(passphrase, reply) => {
                    drop(reply.send(self.create(passphrase).await));
                }
                VaultAsk::Unlock(passphrase, reply) => {
                    drop(reply.send(self.unlock(passphrase).await));
                }
            }
        }
    }

    async fn look(&self) -> VaultView {
        if self.open.is_some() {
            VaultView::FileOpen
        } else if self.sealed.exists() {
            VaultView::FileLocked
        } else if keychain::answers(&self.keychain).await {
            VaultView::Keychain
        } else {
            VaultView::Nowhere
        }
    }

    async fn read(&self, account: BareJid) -> Result<Option<Secret>, VaultProblem> {
        match (self.look().await, &self.open) {
            (_, Some(open)) => Ok(open.passwords.get(&account).cloned()),
            (VaultView::Keychain, None) => {
                Ok(keychain::ask(&self.keychain, move |it| it.read(&account)).await?)
            }
            (VaultView::FileLocked, None) => Err(VaultProblem::Closed),
            _ => Err(VaultProblem::Nowhere),
        }
    }

    async fn keep(&mut self, account: BareJid, password: Secret) -> Result<(), VaultProblem> {
        match self.look().await {
            VaultView::FileOpen => self.change(|it| it.insert(account, password)).await,
            VaultView::FileLocked => Err(VaultProblem::Closed),
            VaultView::Keychain => {
                Ok(keychain::ask(&self.keychain, move |it| it.write(&account, &password)).await?)
            }
            VaultView::Nowhere | VaultView::Unknown => Err(VaultProblem::Nowhere),
        }
    }

    async fn forget(&mut self, account: BareJid) -> Result<(), VaultProblem> {
        match self.look().await {
            VaultView::FileOpen => self.change(|it| it.remove(&account)).await,
            VaultView::FileLocked => Err(VaultProblem::Closed),
            VaultView::Keychain => {
                Ok(keychain::ask(&self.keychain, move |it| it.delete(&account)).await?)
            }
            VaultView::Nowhere | VaultView::Unknown => Ok(()),
        }
    }

    async fn create(&mut self, passphrase: Secret) -> Result<(), VaultProblem> {
        if self.sealed.exists() {
            return Err(VaultProblem::AlreadySealed);
        }
        let passwords = Passwords::default();
        self.sealed.write(&passphrase, &passwords).await?;
        self.open = Some(OpenFile {
            passphrase,
            passwords,
        });
        Ok(())
    }

    async fn unlock(&mut self, passphrase: Secret) -> Result<(), VaultProblem> {
        if !self.sealed.exists() {
            return Err(VaultProblem::Nowhere);
        }
        let passwords = self.sealed.read(&passphrase).await?;
        self.open = Some(OpenFile {
            passphrase,
            passwords,
        });
        Ok(())
    }

    /// Changes the passwords in the open file, on the disk first.
    async fn change(&mut self, change: impl FnOnce(&mut Passwords)) -> Result<(), VaultProblem> {
        let open = self.open.as_mut().ok_or(VaultProblem::Closed)?;
        let mut passwords = open.passwords.clone();
        change(&mut passwords);
        self.sealed.write(&open.passphrase, &passwords).await?;
        open.passwords = passwords;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::keychain::fake::{Broken, InMemory};
    use super::*;

    const QUICK: u8 = 4;

    fn juliet() -> BareJid {
        BareJid::new("juliet@home.example").unwrap()
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[tokio::test]
    async fn where_a_keychain_answers_it_is_used() {
        let dir = tempfile::tempdir().unwrap();
        let keychain = Arc::new(InMemory::default());
        let vault = Vault::start(dir.path().join("p.age"), QUICK, keychain);
        assert_eq!(vault.look().await, VaultView::Keychain);
        assert_eq!(vault.read(juliet()).await.unwrap(), None);
        vault.keep(juliet(), secret("wherefore")).await.unwrap();
        let read = vault.read(juliet()).await.unwrap();
        assert_eq!(read, Some(secret("wherefore")));
        vault.forget(juliet()).await.unwrap();
        assert_eq!(vault.read(juliet()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn without_a_keychain_nothing_is_kept_until_a_person_seals_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.age");
        let vault = Vault::start(path.clone(), QUICK, Arc::new(Broken));
        assert_eq!(vault.look().await, VaultView::Nowhere);
        let refused = vault.keep(juliet(), secret("wherefore")).await.unwrap_err();
        assert_eq!(ApiError::from(refused).code, ErrorCode::NoKeychain);
        assert!(!path.exists());

        vault.create(secret("a long sentence")).await.unwrap();
        vault.keep(juliet(), secret("wherefore")).await.unwrap();
        assert_eq!(vault.look().await, VaultView::FileOpen);
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(9).any(|w| w == b"wherefore"));
        assert!(!bytes.windows(6).any(|w| w == b"juliet"));
        let again = vault.create(secret("another")).await.unwrap_err();
        assert!(matches!(again, VaultProblem::AlreadySealed));

        let reopened = Vault::start(path, QUICK, Arc::new(Broken));
        assert_eq!(reopened.look().await, VaultView::FileLocked);
        let closed = reopened.read(juliet()).await.unwrap_err();
        assert_eq!(ApiError::from(closed).code, ErrorCode::KeychainLocked);
        let wrong = reopened.unlock(secret("a short one")).await.unwrap_err();
        assert_eq!(ApiError::from(wrong).code, ErrorCode::WrongPassphrase);
        reopened.unlock(secret("a long sentence")).await.unwrap();
        let read = reopened.read(juliet()).await.unwrap();
        assert_eq!(read, Some(secret("wherefore")));
    }

    #[tokio::test]
    async fn a_damaged_file_is_said_to_be_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.age");
        std::fs::write(&path, "not sealed at all").unwrap();
        let vault = Vault::start(path, QUICK, Arc::new(Broken));
        let problem = vault.unlock(secret("x")).await.unwrap_err();
        assert_eq!(ApiError::from(problem).code, ErrorCode::Storage);
    }
}
