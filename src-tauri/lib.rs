//! The window: starts the app, hands it to the web view, and closes it when the window closes.
//!
//! Everything that decides lives below: in `roost-app` and the crates under it. This package
//! alone knows Tauri. [`contract`] is both the command handler and the source of the TypeScript
//! bindings, so the two cannot drift apart.

use std::process::ExitCode;

use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

mod commands;
mod platform;

/// The commands and types that the web view sees.
pub fn contract<R: tauri::Runtime>() -> Builder<R> {
    Builder::new()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
        .commands(collect_commands![
            commands::subscribe,
            commands::sign_in,
            commands::sign_out,
            commands::retry_now,
            commands::set_value,
            commands::add_device,
            commands::remove_device,
            commands::rename_device,
            commands::set_room,
            commands::refresh,
            commands::set_watched,
            commands::start_demo,
            commands::stop_demo,
            commands::demo_fault,
            commands::change_settings,
            commands::create_vault,
            commands::unlock_vault,
            commands::trust_certificate,
            commands::dismiss_trouble,
            commands::diagnostics,
        ])
        .typ::<roost_app::api::Event>()
        .typ::<roost_app::api::ApiError>()
}

/// Runs the app until its window is closed.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn run() -> ExitCode {
    platform::run()
}
