//! Everything that can be asked of the app task, each with the way back for its answer.

use roost_demo::LargeHome;
use roost_model::Secret;
use tokio::sync::{mpsc, oneshot};

use crate::api::{ApiError, DemoFault, DiagnosticsView, Event, SettingsView, SignIn, ValueView};

/// Where the answer goes. The asker may have gone; that is no concern of the task.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, ApiError>>;

/// A command of a user interface; the meaning is said at the method of [`crate::App`].
pub(crate) enum Ask {
    Subscribe {
        /// Whom it is for; a later one of the same name takes its place.
        name: Option<String>,
        events: mpsc::Sender<Event>,
    },
    SignIn(Box<SignIn>, Reply<()>),
    Resume {
        account: Option<String>,
        password: Option<Secret>,
        reply: Reply<()>,
    },
    SignOut {
        forget: bool,
        reply: Reply<()>,
    },
    RetryNow(Reply<()>),
    SetValue {
        device: String,
        var: String,
        value: ValueView,
        reply: Reply<u32>,
    },
    AddDevice {
        jid: String,
        reply: Reply<()>,
    },
    RemoveDevice {
        id: String,
        reply: Reply<()>,
    },
    RenameDevice {
        id: String,
        name: String,
        reply: Reply<()>,
    },
    SetRoom {
        id: String,
        room: Option<String>,
        reply: Reply<()>,
    },
    Refresh {
        id: Option<String>,
        reply: Reply<()>,
    },
    SetWatched(bool, Reply<()>),
    StartDemo(Reply<()>),
    StartLargeDemo(LargeHome, Reply<()>),
    StopDemo(Reply<()>),
    DemoFault {
        device: Option<String>,
        fault: DemoFault,
        reply: Reply<()>,
    },
    ChangeSettings {
        settings: SettingsView,
        reply: Reply<()>,
    },
    CreateVault {
        passphrase: Secret,
        reply: Reply<()>,
    },
    UnlockVault {
        passphrase: Secret,
        reply: Reply<()>,
    },
    Diagnostics(Reply<DiagnosticsView>),
    TrustCertificate {
        fingerprint: String,
        reply: Reply<()>,
    },
    DismissTrouble {
        id: u32,
        reply: Reply<()>,
    },
    Shutdown(Reply<()>),
}
