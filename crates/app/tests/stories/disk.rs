//! What is on the disk, what must never be, and a disk that fails.

use std::time::Duration;

use roost_app::App;
use roost_app::api::{ErrorCode, Event, LinkView, SettingsView, SignIn};
use rusqlite::Connection;
use tokio::time::sleep;

use crate::window::{Window, options};

fn german() -> SettingsView {
    SettingsView {
        language: Some("de".into()),
        theme: None,
        silence_seconds: 45,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_app_owns_its_folder_and_settings_last() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let second = App::start(options(folder.path(), true)).await;
    assert_eq!(second.unwrap_err().code, ErrorCode::AlreadyRunning);
    let beside = App::start(options(folder.path(), false)).await.unwrap();

    let odd = SettingsView {
        silence_seconds: 1,
        ..german()
    };
    let refused = app.change_settings(odd).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("silenceSeconds"));
    app.change_settings(german()).await.unwrap();
    app.shutdown().await.unwrap();
    beside.shutdown().await.unwrap();

    let app = App::start(options(folder.path(), true)).await.unwrap();
    let snapshot = app.subscribe().await.recv().await;
    assert!(
        matches!(&snapshot, Some(Event::Snapshot { settings, .. }) if *settings == german()),
        "{snapshot:?}"
    );
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_nowhere_on_the_disk() {
    const PASSWORD: &str = "wherefore-art-thou-romeo";
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let mut window = Window::open(&app).await;
    app.sign_in(SignIn {
        jid: "juliet@localhost".into(),
        password: Some(PASSWORD.into()),
        host: Some("127.0.0.1".into()),
        port: Some(1),
        direct_tls: false,
        authority: None,
        pin: None,
        remember: true,
    })
    .await
    .unwrap();
    let has_failed = |it: &Window| matches!(it.account.link, LinkView::Waiting { .. });
    window.until("nobody answers there", has_failed).await;
    let told = format!("{:?}", app.diagnostics().await.unwrap());
    assert!(
        told.contains("Unreachable") && !told.contains(PASSWORD),
        "{told}"
    );
    app.shutdown().await.unwrap();
    sleep(Duration::from_millis(50)).await;

    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(
        files.iter().any(|path| path.ends_with("roost.db")),
        "{files:?}"
    );
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let has_it = bytes
            .windows(PASSWORD.len())
            .any(|it| it == PASSWORD.as_bytes());
        assert!(!has_it, "{path:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_set_aside_and_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("roost.db"), "x".repeat(10_000)).unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let log = app.diagnostics().await.unwrap().log;
    assert!(log[0].text.contains("damaged"), "{log:?}");
    app.change_settings(german()).await.unwrap();
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_nothing_is_said_and_the_app_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(options(folder.path(), true)).await.unwrap();
    let other = Connection::open(folder.path().join("roost.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = app.change_settings(german()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Storage);
    let snapshot = app.subscribe().await.recv().await;
    assert!(
        matches!(&snapshot, Some(Event::Snapshot { settings, .. }) if *settings == german()),
        "{snapshot:?}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    app.change_settings(german()).await.unwrap();
    app.shutdown().await.unwrap();
}
