//! The real window on a display of its own, driven by WebDriver.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// How long anything on the page may take before a journey has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Ends the process that it started, by pid, and waits for it.
pub struct Process(pub Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| {
            panic!("{program} does not start ({error}); scripts/check installs what is needed")
        }))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A binary of this workspace, built beside the test.
pub fn binary(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_roost-window")).with_file_name(name);
    assert!(
        path.exists(),
        "{name} is not built: cargo build --workspace --bins --features custom-protocol"
    );
    path
}

/// A window under Xvfb.
pub struct Window {
    pub page: Client,
    pid: Option<u32>,
    _driver: Process,
    _display: Process,
}

impl Window {
    /// Opens the window with these arguments and environment, at a size in pixels.
    pub async fn open(args: &[&str], env: &[(&str, &str)], size: (u32, u32)) -> Self {
        let (display, number) = display();
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        driver
            .arg(format!("--port={port}"))
            .env("DISPLAY", format!(":{number}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("LANG", "en_US.UTF-8")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .envs(env.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let driver = Process::start(&mut driver);
        wait_for_port(port);

        let capabilities = json!({
            "webkitgtk:browserOptions": { "binary": binary("roost-window"), "args": args }
        });
        let serde_json::Value::Object(capabilities) = capabilities else {
            unreachable!()
        };
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the window opens");
        page.set_window_size(size.0, size.1)
            .await
            .expect("the window takes a size");
        let pid = child_of(driver.0.id());
        Self {
            page,
            pid,
            _driver: driver,
            _display: display,
        }
    }

    /// The element with this `data-testid`, as soon as it is there.
    pub async fn find(&self, id: &str) -> fantoccini::elements::Element {
        let selector = format!("[data-testid=\"{id}\"]");
        let found = self
            .page
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&selector))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!(
                "no {id} on the page ({error}); it shows:\n{}",
                self.text().await
            ),
        }
    }

    /// Clicks it.
    pub async fn click(&self, id: &str) {
        self.find(id)
            .await
            .click()
            .await
            .unwrap_or_else(|error| panic!("click {id}: {error}"));
    }

    /// Types into it.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.find(id).await;
        let outcome = match field.clear().await {
            Ok(()) => field.send_keys(text).await,
            refused => refused,
        };
        if let Err(error) = outcome {
            panic!(
                "{id} takes no text ({error}); the page shows:\n{}",
                self.text().await
            );
        }
    }

    /// Puts a long text into it, as from the clipboard.
    pub async fn paste(&self, id: &str, text: &str) {
        let script = "const [id, text] = arguments; \
            const field = document.querySelector(`[data-testid=\"${id}\"]`); \
            field.value = text; field.dispatchEvent(new Event('input', { bubbles: true }));";
        self.find(id).await;
        let pasted = self
            .page
            .execute(script, vec![json!(id), json!(text)])
            .await;
        pasted.unwrap_or_else(|error| panic!("paste into {id}: {error}"));
    }

    /// Waits until an attribute of the element satisfies `wanted`.
    pub async fn until_attr(&self, id: &str, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let value = self
                .find(id)
                .await
                .attr(name)
                .await
                .ok()
                .flatten()
                .unwrap_or_default();
            if wanted(&value) {
                return value;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{id} stays at {name}={value:?}; the page shows:\n{}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the text of the element satisfies `wanted`.
    pub async fn until_text(&self, id: &str, wanted: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let text = self.find(id).await.text().await.unwrap_or_default();
            if wanted(&text) {
                return text;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{id} stays at {text:?}; the page shows:\n{}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// All text of the page, for messages of failed journeys.
    pub async fn text(&self) -> String {
        match self.page.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    /// Closes the window, and makes sure that the app is gone.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.page.clone().close()).await;
        self.end_app();
    }

    fn end_app(&mut self) {
        // The app survives its session once in a while; end it by its pid.
        if let Some(pid) = self.pid.take() {
            let started = Instant::now();
            while Path::new(&format!("/proc/{pid}")).exists() {
                if started.elapsed() > Duration::from_secs(3) {
                    let _ = Command::new("kill").arg("-9").arg(pid.to_string()).status();
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some(pid) = self.pid {
            let _ = Command::new("kill").arg(pid.to_string()).status();
        }
        self.end_app();
    }
}

/// A free display, told by the server itself.
fn display() -> (Process, u32) {
    let mut command = Command::new("Xvfb");
    command
        .args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1600x1200x24",
            "-nolisten",
            "tcp",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = Process::start(&mut command);
    let output = process.0.stdout.take().expect("Xvfb tells its display");
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .expect("Xvfb tells its display");
    let number = line.trim().parse().expect("a display is a number");
    (process, number)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn wait_for_port(port: u16) {
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            started.elapsed() < PATIENCE,
            "nobody answers at port {port}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The app that the driver started.
fn child_of(parent: u32) -> Option<u32> {
    let children =
        std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .find(|pid| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            name.starts_with("roost")
        })
}
