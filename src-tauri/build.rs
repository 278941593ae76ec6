//! Tells Tauri where the capabilities are, since this package lies in the root of the repository.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Without this line an edited capability file would be ignored until something else changes.
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    Ok(tauri_build::try_build(attributes)?)
}

/// Every command; each needs a permission of its own in a capability to be called.
const COMMANDS: &[&str] = &[
    "subscribe",
    "sign_in",
    "sign_out",
    "retry_now",
    "set_value",
    "add_device",
    "remove_device",
    "rename_device",
    "set_room",
    "refresh",
    "set_watched",
    "start_demo",
    "stop_demo",
    "demo_fault",
    "change_settings",
    "create_vault",
    "unlock_vault",
    "trust_certificate",
    "dismiss_trouble",
    "diagnostics",
];
