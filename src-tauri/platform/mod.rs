//! What differs between desktop and mobile.

use std::path::PathBuf;

use roost_app::AppOptions;

#[cfg(not(any(target_os = "android", target_os = "ios")))]
mod desktop;
#[cfg(any(target_os = "android", target_os = "ios"))]
mod mobile;

#[cfg(not(any(target_os = "android", target_os = "ios")))]
pub(crate) use desktop::run;
#[cfg(any(target_os = "android", target_os = "ios"))]
pub(crate) use mobile::run;

/// How a window starts the app: as the one owner of its folder.
fn options(home: Option<PathBuf>) -> AppOptions {
    AppOptions {
        home,
        log_to_stderr: false,
        exclusive: true,
        resource_prefix: "window".to_owned(),
    }
}
