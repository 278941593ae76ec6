//! The commands of the window. Each hands its arguments to the app and gives back what it says;
//! nothing is decided here.

use roost_app::App;
use roost_app::api::{
    ApiError, DemoFault, DiagnosticsView, Event, SettingsView, SignIn, ValueView,
};
use roost_model::Secret;
use specta::Types;
use specta::datatype::DataType;
use specta::function::FunctionArg;
use tauri::ipc::{Channel, CommandArg, CommandItem, InvokeError};
use tauri::{Runtime, State};

/// Sends a snapshot and then every change down `channel`, until the same window subscribes again
/// or is gone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn subscribe(
    app: State<'_, App>,
    caller: Caller,
    channel: Channel<Event>,
) -> Result<(), ApiError> {
    let mut events = app.subscribe_as(&caller.0).await;
    tauri::async_runtime::spawn(async move {
        while let Some(event) = events.recv().await {
            if channel.send(event).is_err() {
                break;
            }
        }
    });
    Ok(())
}

/// The label of the window that calls. The page does not say it and cannot choose it.
pub(crate) struct Caller(String);

impl<'de, R: Runtime> CommandArg<'de, R> for Caller {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        Ok(Self(command.message.webview_ref().label().to_owned()))
    }
}

impl FunctionArg for Caller {
    fn to_datatype(_: &mut Types) -> Option<DataType> {
        None
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            $(#[$doc])*
            #[tauri::command]
            #[specta::specta]
            pub(crate) async fn $name(app: State<'_, App>, $($arg: $type),*) -> Result<$result, ApiError> {
                app.$name($($arg),*).await
            }
        )*
    };
}

commands! {
    /// Signs in, and remembers the account.
    sign_in(sign_in: SignIn) -> ();
    /// Signs out; `forget` also removes account, password and last values from this computer.
    sign_out(forget: bool) -> ();
    /// Tries to connect now instead of waiting.
    retry_now() -> ();
    /// Asks a device to change a value. Returns the id of the wish, or why it was refused.
    set_value(device: String, field: String, value: ValueView) -> u32;
    /// Puts a device on the roster by its JID.
    add_device(jid: String) -> ();
    /// Takes a device off the roster.
    remove_device(id: String) -> ();
    /// Renames a device; an empty name means its own.
    rename_device(id: String, name: String) -> ();
    /// Puts a device into a room.
    set_room(id: String, room: Option<String>) -> ();
    /// Reads all values of a device, or of all, again.
    refresh(id: Option<String>) -> ();
    /// Tells whether the page is visible; the server may hold values back while it is not.
    set_watched(watched: bool) -> ();
    /// Opens the demo home.
    start_demo() -> ();
    /// Leaves the demo home.
    stop_demo() -> ();
    /// Makes something go wrong in the demo home.
    demo_fault(device: Option<String>, fault: DemoFault) -> ();
    /// Changes the settings.
    change_settings(settings: SettingsView) -> ();
    /// Believes the server with exactly this certificate, by its SHA-256 fingerprint.
    trust_certificate(fingerprint: String) -> ();
    /// Puts away what went wrong, once a person has seen it.
    dismiss_trouble(id: u32) -> ();
    /// Counters and facts, now.
    diagnostics() -> DiagnosticsView;
}

/// Makes a file, sealed with a passphrase, for secrets where no keychain answers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_vault(app: State<'_, App>, passphrase: String) -> Result<(), ApiError> {
    app.create_vault(Secret::new(passphrase)).await
}

/// Opens that file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_vault(app: State<'_, App>, passphrase: String) -> Result<(), ApiError> {
    app.unlock_vault(Secret::new(passphrase)).await
}
