//! The desktop: arguments, one instance, one window.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use roost_app::{App, LargeHome};
use tauri::{Manager, WebviewUrl, WebviewWindowBuilder};

/// How many values each device of a large demo home has.
const VALUES_EACH: usize = 10;

/// Roost: bring IoT devices home and control them over XMPP.
///
/// Opens the window. The same on a command line: roost.
#[derive(Parser)]
#[command(name = "roost-window", version)]
struct Arguments {
    /// Open the demo home: no account, no network
    #[arg(long)]
    demo: bool,
    /// Open a demo home of so many devices (at most 5,000) of ten values each: for measuring
    #[arg(long, value_name = "COUNT")]
    demo_devices: Option<usize>,
    /// How many values change a second in that home, at most 20,000
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 0,
        requires = "demo_devices"
    )]
    demo_updates: u32,
    /// Keep settings and last values in this folder
    #[arg(long, value_name = "DIR", env = "ROOST_HOME")]
    home: Option<PathBuf>,
}

pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let contract = crate::contract::<tauri::Wry>();
    let builder = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| show(app)))
        .invoke_handler(contract.invoke_handler())
        .setup(move |handle| {
            contract.mount_events(handle);
            let options = super::options(arguments.home.clone());
            let app = tauri::async_runtime::block_on(async {
                let large = arguments.demo_devices.map(|devices| LargeHome {
                    devices,
                    values_each: VALUES_EACH,
                    updates_per_second: arguments.demo_updates,
                });
                if !arguments.demo && large.is_none() {
                    return App::start(options).await;
                }
                let app = App::open(options).await?;
                match large {
                    Some(large) => app.start_large_demo(large).await?,
                    None => app.start_demo().await?,
                }
                Ok(app)
            })?;
            handle.manage(app);
            WebviewWindowBuilder::new(handle, "main", WebviewUrl::default())
                .title("Roost")
                .inner_size(1100.0, 760.0)
                .min_inner_size(360.0, 480.0)
                .build()?;
            Ok(())
        });
    let context = tauri::generate_context!();
    match builder.build(context) {
        Ok(window) => {
            window.run(|handle, event| {
                if matches!(event, tauri::RunEvent::Exit) {
                    let app = handle.state::<App>();
                    if let Err(error) = tauri::async_runtime::block_on(app.shutdown()) {
                        complain(&format!("Roost could not save what it knew: {error}"));
                    }
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("Roost could not open its window: {error}"));
            complain("Without a display, use the command line instead: roost --help");
            ExitCode::FAILURE
        }
    }
}

/// Brings the window of this instance to the front, when somebody starts a second one.
fn show(app: &tauri::AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // Neither matters if it fails: the window is there either way.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

#[expect(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(text: &str) {
    eprintln!("{text}");
}
