//! The keychain of the operating system.

use std::sync::Arc;
use std::time::Duration;

use keyring::{Entry, Error};
use roost_model::Secret;
use roost_model::jid::BareJid;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Under which name passwords are found in the system's own tools.
const SERVICE: &str = "Roost";
/// How long a keychain may take to say that it is there.
const TO_ANSWER: Duration = Duration::from_secs(5);
/// How long it may take to do something: a person may have to unlock it.
const TO_ACT: Duration = Duration::from_secs(60);

/// Something that keeps passwords. Calls may block for long.
pub(crate) trait Keychain: Send + Sync + 'static {
    fn is_there(&self) -> bool;
    fn read(&self, account: &BareJid) -> Result<Option<Secret>, KeychainProblem>;
    fn write(&self, account: &BareJid, password: &Secret) -> Result<(), KeychainProblem>;
    fn delete(&self, account: &BareJid) -> Result<(), KeychainProblem>;
}

/// Why a keychain did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeychainProblem {
    #[error("no keychain answers")]
    Absent,
    #[error("the keychain is locked or refused us: {0}")]
    Refused(String),
    #[error("the keychain did not answer in time")]
    Late,
}

/// Whether a keychain answers, and in time.
pub(super) async fn answers(keychain: &Arc<dyn Keychain>) -> bool {
    let there = on_a_thread(keychain, |it| Ok(it.is_there()), TO_ANSWER).await;
    there.unwrap_or(false)
}

/// Asks a keychain something.
pub(super) async fn ask<T: Send + 'static>(
    keychain: &Arc<dyn Keychain>,
    question: impl FnOnce(&dyn Keychain) -> Result<T, KeychainProblem> + Send + 'static,
) -> Result<T, KeychainProblem> {
    on_a_thread(keychain, question, TO_ACT).await
}

/// On a plain thread, not one of the runtime's: those are waited for when the runtime ends, and a
/// keychain that hangs would keep the whole program.
async fn on_a_thread<T: Send + 'static>(
    keychain: &Arc<dyn Keychain>,
    question: impl FnOnce(&dyn Keychain) -> Result<T, KeychainProblem> + Send + 'static,
    patience: Duration,
) -> Result<T, KeychainProblem> {
    let (reply, answer) = oneshot::channel();
    let keychain = Arc::clone(keychain);
    std::thread::Builder::new()
        .name("roost-keychain".to_owned())
        .spawn(move || drop(reply.send(question(&*keychain))))
        .map_err(|error| KeychainProblem::Refused(error.to_string()))?;
    match timeout(patience, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(KeychainProblem::Absent),
        Err(_) => Err(KeychainProblem::Late),
    }
}

/// Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
#[derive(Debug)]
pub(crate) struct SystemKeychain;

impl Keychain for SystemKeychain {
    fn is_there(&self) -> bool {
        match Entry::store_status() {
            Ok(()) => true,
            Err(error) => {
                tracing::debug!(%error, "no keychain");
                false
            }
        }
    }

    fn read(&self, account: &BareJid) -> Result<Option<Secret>, KeychainProblem> {
        match entry(account)?.get_password() {
            Ok(password) => Ok(Some(Secret::new(password))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn write(&self, account: &BareJid, password: &Secret) -> Result<(), KeychainProblem> {
        let written = entry(account)?.set_password(password.expose());
        written.map_err(|error| refused(&error))
    }

    fn delete(&self, account: &BareJid) -> Result<(), KeychainProblem> {
        match entry(account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }
}

fn entry(account: &BareJid) -> Result<Entry, KeychainProblem> {
    Entry::new(SERVICE, account.as_str()).map_err(|error| match error {
        Error::NoDefaultStore => KeychainProblem::Absent,
        error => refused(&error),
    })
}

/// Only what is known to hold no password is told further.
fn refused(error: &Error) -> KeychainProblem {
    KeychainProblem::Refused(match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "its entry is no text".to_owned(),
        Error::Ambiguous(_) => "it has several entries for the account".to_owned(),
        error => error.to_string(),
    })
}

#[cfg(test)]
pub(crate) mod fake {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::{BareJid, Keychain, KeychainProblem, Secret};

    /// A keychain that works.
    #[derive(Default)]
    pub(crate) struct InMemory(Mutex<BTreeMap<BareJid, Secret>>);

    impl Keychain for InMemory {
        fn is_there(&self) -> bool {
            true
        }

        fn read(&self, account: &BareJid) -> Result<Option<Secret>, KeychainProblem> {
            Ok(self.0.lock().unwrap().get(account).cloned())
        }

        fn write(&self, account: &BareJid, password: &Secret) -> Result<(), KeychainProblem> {
            self.0
                .lock()
                .unwrap()
                .insert(account.clone(), password.clone());
            Ok(())
        }

        fn delete(&self, account: &BareJid) -> Result<(), KeychainProblem> {
            self.0.lock().unwrap().remove(account);
            Ok(())
        }
    }

    /// One that is not there.
    pub(crate) struct Broken;

    impl Keychain for Broken {
        fn is_there(&self) -> bool {
            false
        }

        fn read(&self, _: &BareJid) -> Result<Option<Secret>, KeychainProblem> {
            Err(KeychainProblem::Absent)
        }

        fn write(&self, _: &BareJid, _: &Secret) -> Result<(), KeychainProblem> {
            Err(KeychainProblem::Absent)
        }

        fn delete(&self, _: &BareJid) -> Result<(), KeychainProblem> {
            Err(KeychainProblem::Absent)
        }
    }
}
