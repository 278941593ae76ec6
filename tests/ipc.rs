//! The commands of the window through the real handler, with the capabilities it ships with.
//!
//! No window and no display: Tauri's mock runtime stands in for both, the access control is the
//! real one, and behind it is the real app on an empty folder.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by saying what was not as expected"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use roost_app::{App, AppOptions};
use serde_json::{Value, json};
use tauri::Manager;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::{InvokeRequest, WebviewWindow, WebviewWindowBuilder};
use tempfile::TempDir;

/// Where the page of the window comes from.
const OURS: &str = if cfg!(windows) {
    "http://tauri.localhost"
} else {
    "tauri://localhost"
};

struct House {
    app: tauri::App<MockRuntime>,
    folder: TempDir,
}

impl House {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let contract = roost_lib::contract::<MockRuntime>();
        let app = mock_builder()
            .invoke_handler(contract.invoke_handler())
            .build(tauri::generate_context!(test = true))
            .unwrap();
        let options = AppOptions {
            home: Some(folder.path().to_owned()),
            log_to_stderr: false,
            exclusive: true,
            resource_prefix: "test".to_owned(),
        };
        let opened = tauri::async_runtime::block_on(App::open(options));
        app.manage(opened.unwrap());
        Self { app, folder }
    }

    fn window(&self, label: &str) -> WebviewWindow<MockRuntime> {
        WebviewWindowBuilder::new(&self.app, label, tauri::WebviewUrl::default())
            .build()
            .unwrap()
    }

    fn close(self) {
        let app = self.app.state::<App>();
        tauri::async_runtime::block_on(app.shutdown()).unwrap();
        drop(self.folder);
    }
}

/// What a page from `origin` in a window gets for a call.
fn call_from(
    origin: &str,
    window: &WebviewWindow<MockRuntime>,
    command: &str,
    arguments: Value,
) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: origin.parse().unwrap(),
        body: InvokeBody::Json(arguments),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().unwrap())
}

fn call(
    window: &WebviewWindow<MockRuntime>,
    command: &str,
    arguments: Value,
) -> Result<Value, Value> {
    call_from(OURS, window, command, arguments)
}

/// Every command with arguments, and the code of its refusal in an app where nobody is signed in;
/// none where it is done. In this order.
fn every_command() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let kettle = "kettle@home.example";
    let lamp_on = json!({"type": "bool", "value": true});
    let stranger = json!({
        "jid": "nobody", "password": "wherefore", "host": null, "port": null,
        "directTls": false, "authority": null, "pin": null, "remember": false,
    });
    let hasty = json!({"language": null, "theme": null, "silenceSeconds": 1});
    let offline = Some("notSignedIn");
    vec![
        ("subscribe", json!({"channel": "__CHANNEL__:7"}), None),
        ("diagnostics", json!({}), None),
        ("sign_in", json!({"signIn": stranger}), Some("badJid")),
        ("retry_now", json!({}), offline),
        (
            "set_value",
            json!({"device": kettle, "field": "power", "value": lamp_on}),
            offline,
        ),
        ("add_device", json!({"jid": kettle}), offline),
        ("remove_device", json!({"id": kettle}), offline),
        ("rename_device", json!({"id": kettle, "name": "K"}), offline),
        ("set_room", json!({"id": kettle, "room": null}), offline),
        ("refresh", json!({"id": null}), offline),
        ("set_watched", json!({"watched": false}), None),
        (
            "demo_fault",
            json!({"device": null, "fault": "garbage"}),
            offline,
        ),
        ("start_demo", json!({}), None),
        ("stop_demo", json!({}), None),
        (
            "change_settings",
            json!({"settings": hasty}),
            Some("badValue"),
        ),
        (
            "create_vault",
            json!({"passphrase": ""}),
            Some("noPassword"),
        ),
        (
            "unlock_vault",
            json!({"passphrase": "a rose"}),
            Some("noKeychain"),
        ),
        (
            "trust_certificate",
            json!({"fingerprint": "AB:CD"}),
            Some("badAuthority"),
        ),
        ("dismiss_trouble", json!({"id": 1}), None),
        ("sign_out", json!({"forget": true}), None),
    ]
}

#[test]
fn every_command_of_the_contract_answers_the_window_and_no_other() {
    let house = House::open();
    let (window, other) = (house.window("main"), house.window("other"));
    for (command, arguments, refusal) in every_command() {
        let elsewhere = call_from("https://roost.example", &window, command, arguments.clone());
        assert_forbidden(command, elsewhere);
        assert_forbidden(command, call(&other, command, arguments.clone()));

        let answer = call(&window, command, arguments);
        let code = answer.as_ref().err().map(|error| error["code"].clone());
        assert_eq!(code, refusal.map(Value::from), "{command}: {answer:?}");
    }
    house.close();
}

#[test]
fn the_capability_allows_the_contract_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("src-tauri/capabilities/main.json")).unwrap();
    let capability: Value = serde_json::from_str(&text).unwrap();
    let allowed: BTreeSet<String> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            it.as_str()
                .unwrap()
                .trim_start_matches("allow-")
                .replace('-', "_")
        })
        .collect();
    let called: BTreeSet<String> = every_command().iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(allowed, called);
    let bindings = fs::read_to_string(root.join("ui/src/lib/bindings.ts")).unwrap();
    for command in &called {
        let invoked = format!("(\"{command}\"");
        assert!(bindings.contains(&invoked), "{command} is in no binding");
    }
}

#[test]
fn nothing_of_the_system_answers() {
    let house = House::open();
    let window = house.window("main");
    for command in [
        "plugin:event|emit",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:path|resolve_directory",
        "plugin:app|version",
        "plugin:resources|close",
        "no_such_command",
    ] {
        assert_forbidden(command, call(&window, command, json!({})));
    }
    house.close();
}

#[test]
fn arguments_that_make_no_sense_reach_nobody() {
    let house = House::open();
    let window = house.window("main");
    for (command, arguments, told) in [
        ("set_watched", json!({}), "`watched`"),
        ("set_watched", json!({"watched": "yes"}), "`watched`"),
        ("set_room", json!({"id": 7, "room": null}), "`id`"),
        (
            "demo_fault",
            json!({"device": null, "fault": "burn"}),
            "fault",
        ),
        (
            "set_value",
            json!({"device": "a@b", "field": "x", "value": {"type": "form", "value": 1}}),
            "`value`",
        ),
        ("subscribe", json!({"channel": "7"}), "channel value"),
    ] {
        let answer = call(&window, command, arguments);
        let error = answer.expect_err(command);
        let words = error.as_str().unwrap_or_default();
        assert!(words.contains(told), "{command}: {error}");
    }
    // Of the right type, and no sense in it: told with a code, and what it is about.
    let long = "x".repeat(5_000);
    for (command, arguments, code, field) in [
        (
            "set_value",
            json!({"device": long, "field": "x", "value": {"type": "number", "value": 1}}),
            "noSuchDevice",
            "device",
        ),
        (
            "set_value",
            json!({"device": "a@b", "field": long, "value": {"type": "number", "value": 1}}),
            "noSuchField",
            "var",
        ),
        ("add_device", json!({"jid": "a@b@c"}), "badJid", "jid"),
    ] {
        let error = call(&window, command, arguments).expect_err(command);
        assert_eq!(error["code"], code, "{command}: {error}");
        assert_eq!(error["field"], field, "{command}: {error}");
    }
    house.close();
}

fn assert_forbidden(command: &str, answer: Result<Value, Value>) {
    let words = match &answer {
        Err(Value::String(words)) => words.as_str(),
        _ => panic!("{command} was not stopped: {answer:?}"),
    };
    let is_stopped = words.contains("not allowed") || words.contains("not found");
    assert!(is_stopped, "{command}: {words}");
}
