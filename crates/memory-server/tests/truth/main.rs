//! Whether the server in memory does what real servers do.
//!
//! A script of requests by four people is played at the server in memory and at the real one that
//! it resembles. Every answer, and everything that anybody hears because of it, must be the same.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod memory;
mod real;
mod script;
mod words;

use roost_memory_server::Flavour;
use roost_testkit::ServerKind;
use script::Script;

async fn compare(kind: ServerKind, script: Script) {
    let flavour = match kind {
        ServerKind::Prosody => Flavour::Prosody,
        ServerKind::Ejabberd => Flavour::Ejabberd,
    };
    let real = real::play(kind, &script).await;
    let memory = memory::play(flavour, &script);
    let differences: Vec<String> = (1..)
        .zip(real.iter().zip(&memory))
        .filter(|(_, (real, memory))| real != memory)
        .map(|(step, (real, memory))| format!("step {step}, really:\n{real}\nin memory:\n{memory}"))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    assert_eq!(real.len(), script.steps.len());
}

#[tokio::test]
async fn a_device_and_its_people_on_prosody() {
    compare(ServerKind::Prosody, script::device()).await;
}

#[tokio::test]
async fn a_device_and_its_people_on_ejabberd() {
    compare(ServerKind::Ejabberd, script::device()).await;
}

#[tokio::test]
async fn open_nodes_on_prosody() {
    compare(ServerKind::Prosody, script::open_nodes()).await;
}

#[tokio::test]
async fn open_nodes_on_ejabberd() {
    compare(ServerKind::Ejabberd, script::open_nodes()).await;
}
