//! The journey, on real servers with the real device: in the real window, and on the command line.
//!
//! Sign in, see the device, see a value arrive, flip a switch and see it confirmed; the server is
//! killed and comes back; values and switch are right again.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test ends by saying what was not as expected"
)]

mod harness;

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use harness::{PATIENCE, Process, Window, binary};
use roost_testkit::{Options, RealServer, ServerKind};
use tempfile::TempDir;

const PASSWORD: &str = "wherefore-art-thou";
const SWITCH: &str = "xmpp.iot.actuator.power";
const TEMPERATURE: &str = "xmpp.iot.sensor.temp";

/// A server with juliet's account and a kettle that she controls.
struct Scene {
    server: RealServer,
    folder: TempDir,
    device: Option<Process>,
}

impl Scene {
    fn new(kind: ServerKind, options: &Options) -> Self {
        let server = RealServer::launch(kind, options).expect("the server starts");
        for user in ["juliet", "kettle"] {
            server.add_account(user, PASSWORD).expect("an account");
        }
        let folder = TempDir::with_prefix("roost-journey-").expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), server.ca_pem()).expect("the authority");
        Self {
            server,
            folder,
            device: None,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn port(&self) -> String {
        self.server.port().to_string()
    }

    fn start_device(&mut self, more: &[&str]) {
        let mut command = Command::new(binary("roost-device"));
        command
            .args([
                "--board",
                "kettle",
                "--jid",
                "kettle@localhost",
                "--host",
                "127.0.0.1",
            ])
            .args(["--port", &self.port(), "--ca", &self.path("ca.pem")])
            .args([
                "--controller",
                "juliet@localhost",
                "--state",
                &self.path("device"),
            ])
            .args(["--seed", "7", "--interval", "1"])
            .args(more)
            .env("ROOST_DEVICE_PASSWORD", PASSWORD)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.folder.path().join("device.log")).expect("a log"));
        self.device = Some(Process::start(&mut command));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("roost"));
        command
            .args(arguments)
            .env("ROOST_HOME", self.path("home"))
            .env("ROOST_PASSWORD", PASSWORD)
            .stdin(Stdio::null());
        command
    }

    fn roost(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("roost runs")
    }

    fn sign_in(&self) {
        let output = self.roost(&[
            "login",
            "juliet@localhost",
            "--host",
            "127.0.0.1",
            "--port",
            &self.port(),
            "--ca",
            &self.path("ca.pem"),
            "--no-remember",
        ]);
        assert!(output.status.success(), "{}", words(&output));
        let output = self.roost(&["add", "kettle@localhost"]);
        assert!(output.status.success(), "{}", words(&output));
    }
}

fn words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// What the command and the device said, for a failed journey.
fn story(scene: &Scene, output: &Output) -> String {
    let device = std::fs::read_to_string(scene.path("device.log")).unwrap_or_default();
    format!("{}\nThe device said:\n{device}", words(output))
}

async fn in_the_window(kind: ServerKind) {
    let mut scene = Scene::new(kind, &Options::default());
    scene.start_device(&[]);

    let window = Window::open(&["--home", &scene.path("home")], &[], (1100, 760)).await;
    window.fill("sign-in-jid", "juliet@localhost").await;
    window.fill("sign-in-password", PASSWORD).await;
    window.click("sign-in-more").await;
    window.fill("sign-in-host", "127.0.0.1").await;
    window.fill("sign-in-port", &scene.port()).await;
    window
        .paste("sign-in-authority", scene.server.ca_pem())
        .await;
    window.click("sign-in-submit").await;
    window
        .until_attr("connection", "data-state", |state| state == "online")
        .await;

    window.click("add-device").await;
    window.fill("add-jid", "kettle@localhost").await;
    window.click("add-submit").await;
    window.click("card-kettle@localhost").await;

    let switch = format!("switch-{SWITCH}");
    let value = format!("value-{TEMPERATURE}");
    let cold = window.until_text(&value, |text| text.contains("°C")).await;
    window
        .until_attr(&switch, "aria-checked", |on| on == "false")
        .await;

    window.click(&switch).await;
    window
        .until_attr(&switch, "data-state", |state| {
            matches!(state, "confirmed" | "shown")
        })
        .await;
    window
        .until_attr(&switch, "aria-checked", |on| on == "true")
        .await;
    let warm = window.until_text(&value, |text| text != cold).await;

    scene.server.kill();
    window
        .until_attr("connection", "data-state", |state| state != "online")
        .await;
    window
        .until_attr(&value, "data-stale", |stale| stale == "true")
        .await;
    scene.server.start().expect("the server starts again");
    window
        .until_attr("connection", "data-state", |state| state == "online")
        .await;
    window
        .until_attr(&value, "data-stale", |stale| stale == "false")
        .await;
    window.until_text(&value, |text| text != warm).await;
    window
        .until_attr(&switch, "aria-checked", |on| on == "true")
        .await;

    window.click(&switch).await;
    window
        .until_attr(&switch, "aria-checked", |on| on == "false")
        .await;
    window
        .until_attr(&switch, "data-state", |state| {
            matches!(state, "confirmed" | "shown")
        })
        .await;
    window.close().await;
}

fn on_the_command_line(kind: ServerKind) {
    let mut scene = Scene::new(kind, &Options::default());
    scene.start_device(&[]);
    scene.sign_in();

    let shown = scene.roost(&["show", "kettle", "--json"]);
    assert!(shown.status.success(), "{}", words(&shown));
    assert!(words(&shown).contains(TEMPERATURE), "{}", words(&shown));

    let set = scene.roost(&["set", "kettle", "power", "on", "--wait", "20"]);
    assert_eq!(set.status.code(), Some(0), "{}", story(&scene, &set));

    scene.server.restart().expect("the server starts again");
    let shown = until(|| {
        let shown = scene.roost(&["show", "kettle"]);
        shown.status.success().then(|| words(&shown))
    });
    assert!(shown.contains("°C"), "{shown}");
    let set = scene.roost(&["set", "kettle", "power", "off", "--wait", "30"]);
    assert_eq!(set.status.code(), Some(0), "{}", story(&scene, &set));

    let refused = scene.roost(&["set", "kettle", "temp", "5"]);
    assert_eq!(refused.status.code(), Some(6), "{}", words(&refused));

    scene.device = None;
    let unconfirmed = scene.roost(&["set", "kettle", "power", "on", "--wait", "3"]);
    assert_eq!(
        unconfirmed.status.code(),
        Some(4),
        "{}",
        words(&unconfirmed)
    );
}

fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = std::time::Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "it did not happen in {PATIENCE:?}"
        );
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_in_the_window() {
    in_the_window(ServerKind::Prosody).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_in_the_window() {
    in_the_window(ServerKind::Ejabberd).await;
}

#[test]
fn real_prosody_on_the_command_line() {
    on_the_command_line(ServerKind::Prosody);
}

#[test]
fn real_ejabberd_on_the_command_line() {
    on_the_command_line(ServerKind::Ejabberd);
}

/// The thesis' firmware: in full on Prosody, explained where ejabberd forbids it.
#[test]
fn real_prosody_with_a_thesis_device() {
    let mut scene = Scene::new(
        ServerKind::Prosody,
        &Options {
            thesis: true,
            ..Options::default()
        },
    );
    scene.start_device(&["--profile", "thesis"]);
    scene.sign_in();
    let set = scene.roost(&["set", "kettle", "power", "on", "--wait", "20"]);
    // The firmware does as it is told, but never reports it; nobody pretends that it did.
    assert_eq!(set.status.code(), Some(4), "{}", story(&scene, &set));
    assert!(
        story(&scene, &set).contains("does not report"),
        "{}",
        story(&scene, &set)
    );
    assert!(
        story(&scene, &set).contains("set power to"),
        "{}",
        story(&scene, &set)
    );
    // Its nodes keep one item only, so the values come as they are published, every three seconds.
    let mut watch = scene.command(&["watch", "kettle", "--json"]);
    let mut watch = Process::start(watch.stdout(Stdio::piped()));
    let lines = BufReader::new(watch.0.stdout.take().expect("a pipe")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("°C")));
}

#[test]
fn real_ejabberd_forbids_a_thesis_device() {
    let mut scene = Scene::new(
        ServerKind::Ejabberd,
        &Options {
            thesis: true,
            ..Options::default()
        },
    );
    scene.start_device(&["--profile", "thesis"]);
    scene.sign_in();
    // ejabberd keeps one item on such a node, the one that the device published last, and lets
    // nobody but the device overwrite it.
    let set = scene.roost(&["set", "kettle", "target", "80", "--wait", "20"]);
    assert_eq!(set.status.code(), Some(3), "{}", story(&scene, &set));
    assert!(words(&set).contains("overwrite"), "{}", story(&scene, &set));
}
