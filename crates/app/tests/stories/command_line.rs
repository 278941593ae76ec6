//! `roost` as a person or a script uses it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use roost_testkit::{Options, RealServer, ServerKind};
use serde_json::Value;
use tempfile::TempDir;

const PASSWORD: &str = "wherefore-art-thou";
const PASSPHRASE: &str = "a rose by any other name";

/// A folder, and the program on it.
struct Roost {
    folder: TempDir,
}

impl Roost {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command
            .args(arguments)
            .env("ROOST_HOME", self.folder.path())
            .env_remove("ROOST_PASSWORD")
            .env_remove("ROOST_PASSPHRASE")
            // No keychain of this machine is to be touched by a test.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    fn run_with(&self, arguments: &[&str], variable: &str, value: &str) -> Ran {
        let output = self.command(arguments).env(variable, value).output();
        Ran::of(&output.unwrap())
    }
}

/// What came of it.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Ends the program when the test ends, whatever comes of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn exit_codes_and_words_of_the_demo_home() {
    let roost = Roost::new();
    let cases: [(&[&str], i32, &str); 9] = [
        (&["set", "kettle", "power", "on"], 0, "Kettle: Power is on"),
        (
            &["set", "kettle", "heat to", "80", "--json"],
            0,
            "\"confirmed\"",
        ),
        (&["set", "kettle", "water", "60"], 6, "[ReadOnly]"),
        (&["set", "kettle", "power", "maybe"], 6, "on or off"),
        (&["set", "kettle", "lid", "on"], 6, "no such field"),
        (
            &["set", "kitchen heating", "setpoint", "60"],
            6,
            "[OutOfRange]",
        ),
        (&["set", "heating", "setpoint", "20"], 6, "say which"),
        (&["show", "toaster"], 6, "no such device"),
        (&["show", "kettle"], 0, "MAY BE SET TO"),
    ];
    for (arguments, code, words) in cases {
        let ran = roost.run(&[&["--demo"], arguments].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains(words), "{arguments:?}: {ran:?}");
    }
    let devices = roost.run(&["--demo", "--json", "devices"]).json();
    let names: Vec<_> = devices
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert!(names.contains(&&Value::from("Kettle")), "{names:?}");

    let nobody = roost.run(&["devices"]);
    assert_eq!(nobody.code, 5);
    assert!(nobody.err.contains("roost login"), "{nobody:?}");
}

#[test]
fn watching_one_device_tells_nothing_of_others() {
    let roost = Roost::new();
    let mut command = roost.command(&["--demo", "--json", "watch", "kettle"]);
    let mut running = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let mut kinds = Vec::new();
    for line in lines {
        let line = line.unwrap();
        assert!(
            !line.contains("thermostat") && !line.contains("heating"),
            "{line}"
        );
        let event: Value = serde_json::from_str(&line).unwrap();
        kinds.push(event["type"].as_str().unwrap().to_owned());
        if kinds.iter().any(|kind| kind == "readings") {
            break;
        }
    }
    assert_eq!(
        kinds.first().map(String::as_str),
        Some("snapshot"),
        "{kinds:?}"
    );
}

#[test]
fn shells_and_man_know_it() {
    let roost = Roost::new();
    let completions = roost.run(&["completions", "bash"]);
    assert!(completions.out.contains("_roost"), "{completions:?}");
    let page = roost.run(&["man"]);
    assert!(page.out.contains("Exit codes"), "{page:?}");
    let pages = roost.folder.path().join("man");
    std::fs::create_dir(&pages).unwrap();
    assert_eq!(roost.run(&["man", pages.to_str().unwrap()]).code, 0);
    assert!(pages.join("roost-set.1").exists());
}

#[test]
fn real_prosody_passwords_come_from_where_they_should() {
    let server = RealServer::launch(ServerKind::Prosody, &Options::default()).unwrap();
    server.add_account("juliet", PASSWORD).unwrap();
    let roost = Roost::new();
    let authority = roost.folder.path().join("ca.pem");
    std::fs::write(&authority, server.ca_pem()).unwrap();
    let port = server.port().to_string();
    let route = [
        "login",
        "juliet@localhost",
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--ca",
    ];
    let login = [&route[..], &[authority.to_str().unwrap()]].concat();

    let wrong = roost.run_with(&login, "ROOST_PASSWORD", "what's in a name");
    assert_eq!(wrong.code, 5, "{wrong:?}");
    assert!(wrong.err.contains("[WrongPassword]"), "{wrong:?}");
    let nobody_to_ask = roost.run_with(&login, "ROOST_PASSWORD", "");
    assert_eq!(nobody_to_ask.code, 1, "{nobody_to_ask:?}");
    let not_kept = roost.run_with(&login, "ROOST_PASSWORD", PASSWORD);
    assert_eq!(not_kept.code, 0, "{not_kept:?}");
    assert!(not_kept.out.contains("No keychain answers"), "{not_kept:?}");
    assert_eq!(roost.run(&["devices"]).code, 5);
    assert_eq!(
        roost
            .run_with(&["devices"], "ROOST_PASSWORD", PASSWORD)
            .code,
        0
    );
    let by_name = ["--account", "juliet@localhost", "devices"];
    assert_eq!(roost.run_with(&by_name, "ROOST_PASSWORD", PASSWORD).code, 0);

    let mut command = roost.command(&login);
    command
        .args(["--seal", "--password-stdin"])
        .env("ROOST_PASSPHRASE", PASSPHRASE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut input = running.stdin.take().unwrap();
    writeln!(input, "{PASSWORD}").unwrap();
    drop(input);
    let kept = Ran::of(&running.wait_with_output().unwrap());
    assert!(kept.out.contains("in the sealed file"), "{kept:?}");

    let locked = roost.run(&["devices"]);
    assert_eq!(locked.code, 5, "{locked:?}");
    assert!(locked.err.contains("ROOST_PASSPHRASE"), "{locked:?}");
    let opened = roost.run_with(&["devices"], "ROOST_PASSPHRASE", PASSPHRASE);
    assert_eq!(opened.code, 0, "{opened:?}");
    assert!(opened.out.contains("roost add"), "{opened:?}");
    let wrong = roost.run_with(&["devices"], "ROOST_PASSPHRASE", "a rose");
    assert!(wrong.err.contains("[WrongPassphrase]"), "{wrong:?}");

    assert_eq!(roost.run(&["logout"]).code, 0);
    assert_nowhere(roost.folder.path(), PASSWORD);
    assert_nowhere(roost.folder.path(), PASSPHRASE);
}

fn assert_nowhere(folder: &Path, secret: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let has_it = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!has_it, "{path:?}");
        }
    }
}
