//! Phones: no arguments, one view, files where the system says.

use std::process::ExitCode;

use roost_app::App;
use tauri::{Manager, WebviewUrl, WebviewWindowBuilder};

pub(crate) fn run() -> ExitCode {
    let contract = crate::contract::<tauri::Wry>();
    let outcome = tauri::Builder::default()
        .invoke_handler(contract.invoke_handler())
        .setup(move |handle| {
            contract.mount_events(handle);
            let home = handle.path().app_data_dir()?;
            let options = super::options(Some(home));
            let app = tauri::async_runtime::block_on(App::start(options))?;
            handle.manage(app);
            WebviewWindowBuilder::new(handle, "main", WebviewUrl::default()).build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    if outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
