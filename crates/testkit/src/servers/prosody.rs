//! How to run Prosody.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::guardian::Order;
use super::{LaunchError, Options, RealServer, find_program};

const TEMPLATE: &str = include_str!("../../servers/prosody.cfg.lua");
const CONFIGURATION: &str = "prosody.cfg.lua";
const COMPONENT: &str = r#"
Component "pubsub.@DOMAIN@" "pubsub"
  modules_enabled = { "pubsub" }
  admins = { "@ADMIN@" }
  autocreate_on_publish = true
"#;

pub(super) fn find() -> Result<PathBuf, LaunchError> {
    find_program("prosody", "prosody")
}

pub(super) fn write_configuration(server: &RealServer, options: &Options) -> io::Result<()> {
    let kilobytes = if options.unthrottled { 100_000 } else { 100 };
    let text = server
        .ports
        .fill_in(TEMPLATE, server.folder(), &server.domain)
        .replace("@RATE@", &kilobytes.to_string())
        .replace("@REGISTRATION_MODULES@", options.accounts.prosody_modules())
        .replace("@REGISTRATION@", options.accounts.prosody_options());
    let component = options.component_of.as_ref().map(|user| {
        let domain = &server.domain;
        COMPONENT
            .replace("@DOMAIN@", domain)
            .replace("@ADMIN@", &format!("{user}@{domain}"))
    });
    let text = text + component.as_deref().unwrap_or_default();
    fs::write(server.path(CONFIGURATION), text)
}

pub(super) fn command(server: &RealServer) -> Result<Order, LaunchError> {
    Ok(Order {
        program: find()?,
        arguments: vec![
            "--config".into(),
            server.path(CONFIGURATION).into(),
            "-F".into(),
        ],
        environment: Vec::new(),
        folder: server.folder().to_owned(),
    })
}

pub(super) fn add_account(
    server: &RealServer,
    user: &str,
    password: &str,
) -> Result<(), LaunchError> {
    let mut command = Command::new(find_program("prosodyctl", "prosody")?);
    command
        .arg("--config")
        .arg(server.path(CONFIGURATION))
        .args(["register", user, server.domain(), password])
        .current_dir(server.folder())
        .stdin(Stdio::null());
    server.owner.apply(&mut command);
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(LaunchError::Account {
        user: user.to_owned(),
        answer: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    })
}
