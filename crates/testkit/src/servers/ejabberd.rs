//! How to run ejabberd: its Erlang machine directly, not its control script, which insists on a
//! certain user, on a name in the network and on a daemon that stays behind.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use super::guardian::Order;
use super::{LaunchError, Options, RealServer, find_program};

const TEMPLATE: &str = include_str!("../../servers/ejabberd.yml");
const CONFIGURATION: &str = "ejabberd.yml";

/// What a server that is meant for Roost devices only enforces.
const FORCED: &str = r#"    force_node_config:
      "xmpp.iot.*": { access_model: whitelist, publish_model: publishers, persist_items: true }"#;

pub(super) fn find() -> Result<PathBuf, LaunchError> {
    find_program("ejabberdctl", "ejabberd")?;
    find_program("erl", "erlang-base")
}

pub(super) fn write_configuration(server: &RealServer, options: &Options) -> io::Result<()> {
    let rate = if options.unthrottled {
        100_000_000
    } else {
        100_000
    };
    let forced = if options.thesis { "" } else { FORCED };
    let text = server
        .ports
        .fill_in(TEMPLATE, server.folder(), &server.domain)
        .replace("@RATE@", &rate.to_string())
        .replace("@BURST@", &(2 * rate).to_string())
        .replace("@FORCED@", forced)
        .replace(
            "@REGISTRATION_TIMEOUT@",
            options.accounts.ejabberd_timeout(),
        )
        .replace(
            "@REGISTRATION@",
            &options.accounts.ejabberd_module(server.folder()),
        );
    options.accounts.write_captcha(server.folder())?;
    fs::write(server.path(CONFIGURATION), text)
}

pub(super) fn command(server: &RealServer) -> Result<Order, LaunchError> {
    let mut mnesia = OsString::from("\"");
    mnesia.push(server.path("data"));
    mnesia.push("\"");
    let mut arguments: Vec<OsString> = ["-noinput", "-mnesia", "dir"].map(OsString::from).into();
    arguments.push(mnesia);
    arguments.extend(["-s", "ejabberd"].map(OsString::from));
    Ok(Order {
        program: find()?,
        arguments,
        environment: vec![
            ("ERL_LIBS", libraries()?.into()),
            ("ERL_CRASH_DUMP_BYTES", "0".into()),
            ("EJABBERD_CONFIG_PATH", server.path(CONFIGURATION).into()),
            ("EJABBERD_LOG_PATH", server.path("server.log").into()),
            ("HOME", server.folder().into()),
        ],
        folder: server.folder().to_owned(),
    })
}

/// The folder that holds `ejabberd-<version>`.
fn libraries() -> Result<PathBuf, LaunchError> {
    let machine = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    [machine.as_str(), "/usr/lib", "/usr/lib/erlang/lib"]
        .into_iter()
        .map(Path::new)
        .find(|folder| holds_ejabberd(folder))
        .map(Path::to_owned)
        .ok_or(LaunchError::Missing {
            program: "ejabberd's library",
            package: "ejabberd",
        })
}

fn holds_ejabberd(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry.file_name().to_string_lossy().starts_with("ejabberd-")
                && entry.path().join("ebin").is_dir()
        })
    })
}

/// By its HTTP interface, which listens on loopback and can do nothing else.
pub(super) fn add_account(
    server: &RealServer,
    user: &str,
    password: &str,
) -> Result<(), LaunchError> {
    let body = format!(
        r#"{{"user":{},"host":{},"password":{}}}"#,
        json_text(user),
        json_text(server.domain()),
        json_text(password)
    );
    let request = format!(
        "POST /api/register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", server.ports.http))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    let said = answer.split("\r\n\r\n").nth(1).unwrap_or(&answer);
    Err(LaunchError::Account {
        user: user.to_owned(),
        answer: said.to_owned(),
    })
}

fn json_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|c| match c {
            '"' | '\\' => vec!['\\', c],
            c => vec![c],
        })
        .collect();
    format!("\"{escaped}\"")
}
