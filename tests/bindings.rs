//! The TypeScript bindings are generated from the commands, committed, and current.
//!
//! To renew them: `ROOST_UPDATE=1 cargo test --test bindings`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test ends by saying what was not as expected"
)]

use std::path::Path;

use specta_typescript::Typescript;

#[test]
fn bindings_are_current() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/bindings.ts");
    let fresh = std::env::temp_dir().join(format!("roost-bindings-{}.ts", std::process::id()));
    let exporter = Typescript::default().header("// Generated and checked by tests/bindings.rs.");
    roost_lib::contract::<tauri::Wry>()
        .export(exporter, &fresh)
        .expect("the bindings export");
    let text = std::fs::read_to_string(&fresh).expect("the export was written");
    std::fs::remove_file(&fresh).expect("the export can be removed");
    if std::env::var_os("ROOST_UPDATE").is_some() {
        std::fs::write(&committed, text).expect("the bindings can be written");
    } else {
        let old = std::fs::read_to_string(&committed).unwrap_or_default();
        assert!(
            old == text,
            "ui/src/lib/bindings.ts is not current: see the head of this test"
        );
    }
}
