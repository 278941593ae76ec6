//! The keychain of the system, with a real Secret Service: gnome-keyring on a message bus of its
//! own, in a folder of its own.
//!
//! The bus is found by the environment, which belongs to the whole process. So each story is told
//! in a process of its own: this very test program, started again inside a new session, with the
//! one test of the story.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use roost_model::Secret;
use roost_model::jid::BareJid;

use super::{SystemKeychain, Vault};
use crate::api::{ApiError, ErrorCode, VaultView};

const INSIDE: &str = "inside a session of its own";
/// Opens the keyring, as a login does, and makes it the first time.
const UNLOCK: &str = "printf 'a rose' | gnome-keyring-daemon --unlock --components=secrets";
/// Starts the service and opens nothing, as after a login without a password.
const START: &str = "gnome-keyring-daemon --start --components=secrets";

fn juliet() -> BareJid {
    BareJid::new("juliet@home.example").unwrap()
}

fn vault(folder: &Path) -> Vault {
    Vault::start(folder.join("p.age"), 4, Arc::new(SystemKeychain))
}

/// Tells a story in a session whose home is this folder. The daemon ends with the bus.
fn session(home: &Path, before: &str, story: &str) {
    let program = std::env::current_exe().unwrap();
    let script = format!("{before} >/dev/null && exec \"$0\" --exact --ignored --nocapture \"$1\"");
    let name = format!("vault::real_keychain::{story}");
    let told = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(program)
        .arg(name)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", home)
        .output()
        .expect("dbus-run-session is there: apt install dbus gnome-keyring");
    assert_told(&told);
}

fn assert_told(told: &Output) {
    let out = String::from_utf8_lossy(&told.stdout);
    let errors = String::from_utf8_lossy(&told.stderr);
    let is_told = told.status.success() && out.contains("1 passed");
    assert!(is_told, "{out}\n{errors}");
}

#[test]
fn real_secret_service_keeps_a_password_over_a_restart_and_forgets_it() {
    let home = tempfile::tempdir().unwrap();
    session(home.path(), UNLOCK, "keeps");
    let kept = walk(home.path());
    assert!(!kept.is_empty(), "the keyring is on the disk");
    for file in kept {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let is_plain = bytes.windows(9).any(|it| it == b"wherefore");
        assert!(!is_plain, "{} holds it in plain text", file.display());
    }
    session(home.path(), UNLOCK, "still_has_it_and_forgets_it");
    session(home.path(), UNLOCK, "has_nothing");
}

#[test]
fn real_secret_service_that_is_locked_says_so() {
    let home = tempfile::tempdir().unwrap();
    session(home.path(), UNLOCK, "keeps");
    session(home.path(), START, "is_locked");
}

/// As on a server, or in a container.
#[test]
fn real_secret_service_that_is_not_there_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let told = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture"])
        .arg("vault::real_keychain::is_absent")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .unwrap();
    assert_told(&told);
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files.extend(walk(&entry.path())),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    files
}

#[tokio::test]
#[ignore = "inside a session of its own, started by the test beside it"]
async fn keeps() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    assert_eq!(vault.look().await, VaultView::Keychain, "{INSIDE}");
    assert_eq!(vault.read(juliet()).await.unwrap(), None);
    for password in ["a first one", "wherefore art thou"] {
        vault.keep(juliet(), Secret::new(password)).await.unwrap();
        let read = vault.read(juliet()).await.unwrap();
        assert_eq!(read, Some(Secret::new(password)));
    }
    let romeo = BareJid::new("romeo@home.example").unwrap();
    assert_eq!(vault.read(romeo).await.unwrap(), None);
}

#[tokio::test]
#[ignore = "inside a session of its own, started by the test beside it"]
async fn still_has_it_and_forgets_it() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    let read = vault.read(juliet()).await.unwrap();
    assert_eq!(read, Some(Secret::new("wherefore art thou")), "{INSIDE}");
    vault.forget(juliet()).await.unwrap();
    assert_eq!(vault.read(juliet()).await.unwrap(), None);
    vault.forget(juliet()).await.unwrap();
}

#[tokio::test]
#[ignore = "inside a session of its own, started by the test beside it"]
async fn has_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    assert_eq!(vault.look().await, VaultView::Keychain, "{INSIDE}");
    assert_eq!(vault.read(juliet()).await.unwrap(), None);
}

/// Nobody is there who could be asked to unlock it.
#[tokio::test]
#[ignore = "inside a session of its own, started by the test beside it"]
async fn is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    let refused = vault.read(juliet()).await.unwrap_err();
    assert_eq!(ApiError::from(refused).code, ErrorCode::KeychainLocked);
    let refused = vault.keep(juliet(), Secret::new("x")).await.unwrap_err();
    let refused = ApiError::from(refused);
    assert_eq!(refused.code, ErrorCode::KeychainLocked, "{refused}");
}

#[tokio::test]
#[ignore = "inside a session of its own, started by the test beside it"]
async fn is_absent() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(dir.path());
    assert_eq!(vault.look().await, VaultView::Nowhere, "{INSIDE}");
    let refused = vault.keep(juliet(), Secret::new("x")).await.unwrap_err();
    assert_eq!(ApiError::from(refused).code, ErrorCode::NoKeychain);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
