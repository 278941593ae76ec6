//! The handle by which user interfaces talk to the app.

use std::path::PathBuf;

use roost_demo::LargeHome;
use roost_model::Secret;
use tokio::sync::{mpsc, oneshot};

use crate::api::{
    ApiError, DemoFault, DiagnosticsView, ErrorCode, Event, SettingsView, SignIn, ValueView,
};
use crate::ask::{Ask, Reply};
use crate::opening::Opened;
use crate::task::Task;

/// How many commands may wait for the app task.
const WAITING_ASKS: usize = 64;

/// How the app is started.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// The folder of settings, database, logs and sealed passwords; absent: `ROOST_HOME`, else
    /// where the operating system keeps such things.
    pub home: Option<PathBuf>,
    /// Whether the log goes to standard error as well.
    pub log_to_stderr: bool,
    /// Whether this app owns the folder, which only one can. Another one works on a copy in memory:
    /// what it changes of settings, accounts and devices is not written.
    pub exclusive: bool,
    /// How our resource begins; random characters follow.
    pub resource_prefix: String,
}

/// The running app. Clones are handles to the same one; it ends with [`App::shutdown`], or when
/// the last handle is dropped.
#[derive(Clone, Debug)]
pub struct App {
    asks: mpsc::Sender<Ask>,
}

impl App {
    /// As [`App::open`], and signs in to the account that was used last, unless somebody signed
    /// out of it: with the password of [`App::password_from_environment`], else the remembered
    /// one.
    ///
    /// # Errors
    /// As [`App::open`]. That the password is not known is no error: a person may give it.
    pub async fn start(options: AppOptions) -> Result<App, ApiError> {
        Self::open_and(options, true).await
    }

    /// Opens the folder and restores what was known, without any connection. Must be called
    /// inside a tokio runtime.
    ///
    /// # Errors
    /// [`ErrorCode::AlreadyRunning`] if another app owns the folder, [`ErrorCode::Storage`] if it
    /// cannot be opened at all.
    pub async fn open(options: AppOptions) -> Result<App, ApiError> {
        Self::open_and(options, false).await
    }

    /// The password in `ROOST_PASSWORD`, for whoever starts Roost from a script.
    pub fn password_from_environment() -> Option<Secret> {
        let password = std::env::var("ROOST_PASSWORD").ok()?;
        (!password.is_empty()).then(|| Secret::new(password))
    }

    async fn open_and(options: AppOptions, sign_in: bool) -> Result<App, ApiError> {
        let opening = options.clone();
        let opened = tokio::task::spawn_blocking(move || Opened::open(opening)).await;
        let opened = opened.map_err(|error| ApiError::with_detail(ErrorCode::Storage, error))??;
        let task = Task::new(opened.beginning(options.resource_prefix)?, sign_in);
        let (asks, inbox) = mpsc::channel(WAITING_ASKS);
        tokio::spawn(task.run(inbox));
        Ok(App { asks })
    }

    /// Everything that a user interface draws: a snapshot first, then changes. One that does not
    /// keep up gets a new snapshot instead of what it missed.
    pub async fn subscribe(&self) -> mpsc::Receiver<Event> {
        self.subscribe_named(None).await
    }

    /// As [`App::subscribe`], for one that has a name: a later subscription of the same name ends
    /// this one, so that a page that was loaded again does not leave its old one behind.
    pub async fn subscribe_as(&self, name: &str) -> mpsc::Receiver<Event> {
        self.subscribe_named(Some(name.to_owned())).await
    }

    async fn subscribe_named(&self, name: Option<String>) -> mpsc::Receiver<Event> {
        let (events, inbox) = mpsc::channel(Event::WAITING);
        // If the app has ended, the channel is closed at once, which says so.
        let _ = self.asks.send(Ask::Subscribe { name, events }).await;
        inbox
    }

    /// Signs in and stays signed in. Returns as soon as the input is accepted; what comes of it
    /// is told by [`Event::Account`].
    ///
    /// # Errors
    /// If a part of the input makes no sense, or no password is given or remembered.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<(), ApiError> {
        self.ask(|reply| Ask::SignIn(Box::new(sign_in), reply))
            .await
    }

    /// Signs in as before: to the account that was used last or to this one, by the same route and
    /// trust, with this password or the remembered one.
    ///
    /// # Errors
    /// [`ErrorCode::NotSignedIn`] if no account was used yet, and those of the vault.
    pub async fn resume(
        &self,
        account: Option<String>,
        password: Option<Secret>,
    ) -> Result<(), ApiError> {
        self.ask(|reply| Ask::Resume {
            account,
            password,
            reply,
        })
        .await
    }

    /// Signs out. With `forget`, the account, its password and its devices are forgotten too.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`] if they cannot be removed from the disk.
    pub async fn sign_out(&self, forget: bool) -> Result<(), ApiError> {
        self.ask(|reply| Ask::SignOut { forget, reply }).await
    }

    /// Tries to connect now instead of later.
    ///
    /// # Errors
    /// [`ErrorCode::NotSignedIn`].
    pub async fn retry_now(&self) -> Result<(), ApiError> {
        self.ask(Ask::RetryNow).await
    }

    /// Wishes a value of a device. Returns the id of the wish; how far it gets is told by
    /// [`Event::Intents`].
    ///
    /// # Errors
    /// If the device's current form does not allow it.
    pub async fn set_value(
        &self,
        device: String,
        var: String,
        value: ValueView,
    ) -> Result<u32, ApiError> {
        self.ask(|reply| Ask::SetValue {
            device,
            var,
            value,
            reply,
        })
        .await
    }

    /// Puts a device on the roster and asks to see it.
    ///
    /// # Errors
    /// If it is not a JID, or on the list already.
    pub async fn add_device(&self, jid: String) -> Result<(), ApiError> {
        self.ask(|reply| Ask::AddDevice { jid, reply }).await
    }

    /// Takes a device off the roster, with both subscriptions.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchDevice`].
    pub async fn remove_device(&self, id: String) -> Result<(), ApiError> {
        self.ask(|reply| Ask::RemoveDevice { id, reply }).await
    }

    /// Changes our name for a device; an empty one takes it back.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchDevice`].
    pub async fn rename_device(&self, id: String, name: String) -> Result<(), ApiError> {
        self.ask(|reply| Ask::RenameDevice { id, name, reply })
            .await
    }

    /// Puts a device into a room, or out of all.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchDevice`].
    pub async fn set_room(&self, id: String, room: Option<String>) -> Result<(), ApiError> {
        self.ask(|reply| Ask::SetRoom { id, room, reply }).await
    }

    /// Reads one device, or all, again.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchDevice`], [`ErrorCode::Offline`].
    pub async fn refresh(&self, id: Option<String>) -> Result<(), ApiError> {
        self.ask(|reply| Ask::Refresh { id, reply }).await
    }

    /// Tells whether a person is looking; at first one is. While nobody does for more than 20 s,
    /// the server may hold values back (XEP-0352); everything is read again afterwards. One that
    /// cannot know, such as a command line, need not say it.
    ///
    /// # Errors
    /// None but the end of the app.
    pub async fn set_watched(&self, watched: bool) -> Result<(), ApiError> {
        self.ask(|reply| Ask::SetWatched(watched, reply)).await
    }

    /// Leaves the account, if any, and enters the demo home.
    ///
    /// # Errors
    /// None at present.
    pub async fn start_demo(&self) -> Result<(), ApiError> {
        self.ask(Ask::StartDemo).await
    }

    /// As [`App::start_demo`], with as many devices as wanted: for measuring.
    ///
    /// # Errors
    /// None at present.
    pub async fn start_large_demo(&self, size: LargeHome) -> Result<(), ApiError> {
        self.ask(|reply| Ask::StartLargeDemo(size, reply)).await
    }

    /// Leaves the demo home, back to the account.
    ///
    /// # Errors
    /// None at present.
    pub async fn stop_demo(&self) -> Result<(), ApiError> {
        self.ask(Ask::StopDemo).await
    }

    /// Makes something go wrong in the demo home: with one device, or with all.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchDevice`]; [`ErrorCode::NotSignedIn`] outside the demo home.
    pub async fn demo_fault(
        &self,
        device: Option<String>,
        fault: DemoFault,
    ) -> Result<(), ApiError> {
        self.ask(|reply| Ask::DemoFault {
            device,
            fault,
            reply,
        })
        .await
    }

    /// Changes the settings. They hold from now on even where they cannot be written.
    ///
    /// # Errors
    /// [`ErrorCode::BadValue`], [`ErrorCode::Storage`].
    pub async fn change_settings(&self, settings: SettingsView) -> Result<(), ApiError> {
        self.ask(|reply| Ask::ChangeSettings { settings, reply })
            .await
    }

    /// Makes the file of passwords that is sealed with this passphrase, and keeps the password of
    /// the account in it if it is to be remembered.
    ///
    /// # Errors
    /// [`ErrorCode::NoPassword`] if it is empty, [`ErrorCode::Storage`].
    pub async fn create_vault(&self, passphrase: Secret) -> Result<(), ApiError> {
        self.ask(|reply| Ask::CreateVault { passphrase, reply })
            .await
    }

    /// Opens the sealed file, and signs in if its password was all that was missing.
    ///
    /// # Errors
    /// [`ErrorCode::WrongPassphrase`], [`ErrorCode::Storage`].
    pub async fn unlock_vault(&self, passphrase: Secret) -> Result<(), ApiError> {
        self.ask(|reply| Ask::UnlockVault { passphrase, reply })
            .await
    }

    /// Counters and facts for the curious.
    ///
    /// # Errors
    /// None but the end of the app.
    pub async fn diagnostics(&self) -> Result<DiagnosticsView, ApiError> {
        self.ask(Ask::Diagnostics).await
    }

    /// Trusts the certificate on which the connection failed, and nothing else, from now on.
    ///
    /// # Errors
    /// [`ErrorCode::BadAuthority`] if that is not the certificate the connection failed on.
    pub async fn trust_certificate(&self, fingerprint: String) -> Result<(), ApiError> {
        self.ask(|reply| Ask::TrustCertificate { fingerprint, reply })
            .await
    }

    /// A person has seen what went wrong; one that is gone already is no matter.
    ///
    /// # Errors
    /// None but the end of the app.
    pub async fn dismiss_trouble(&self, id: u32) -> Result<(), ApiError> {
        self.ask(|reply| Ask::DismissTrouble { id, reply }).await
    }

    /// Signs off, writes what is to be kept, and ends the app.
    ///
    /// # Errors
    /// [`ErrorCode::Storage`] if the last values could not be written.
    pub async fn shutdown(&self) -> Result<(), ApiError> {
        self.ask(Ask::Shutdown).await
    }

    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, ApiError> {
        let (reply, answer) = oneshot::channel();
        let ended = || ApiError::with_detail(ErrorCode::Busy, "Roost is closing");
        self.asks.send(ask(reply)).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}
