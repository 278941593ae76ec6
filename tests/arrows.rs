//! The arrows between the crates, said as absences and read from `cargo metadata`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test ends by saying what was not as expected"
)]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Direct dependencies of every package of the workspace, without those of tests and builds.
fn direct() -> Graph {
    let metadata = MetadataCommand::new()
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let normal = |package: &cargo_metadata::Package| {
        package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
            .map(|dependency| dependency.name.clone())
            .collect()
    };
    metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), normal(package)))
        .collect()
}

/// Our own crates that `of` reaches over any number of arrows.
fn reach(graph: &Graph, of: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut todo = vec![of.to_owned()];
    while let Some(name) = todo.pop() {
        for next in graph.get(&name).into_iter().flatten() {
            if graph.contains_key(next) && seen.insert(next.clone()) {
                todo.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn pure_crates_touch_nothing() {
    const IMPURE: &[&str] = &[
        "tokio",
        "tokio-xmpp",
        "tokio-rustls",
        "rustls",
        "hickory-resolver",
        "rusqlite",
        "keyring",
        "age",
        "getrandom",
        "rpassword",
        "etcetera",
        "tracing-subscriber",
        "tauri",
        "specta",
        "clap",
    ];
    let graph = direct();
    for pure in [
        "model",
        "forms",
        "onboarding",
        "xmpp-proto",
        "core",
        "memory-server",
    ] {
        let name = format!("roost-{pure}");
        let mut all = reach(&graph, &name);
        all.insert(name.clone());
        for krate in &all {
            for impure in IMPURE {
                assert!(
                    !graph[krate].contains(*impure),
                    "{name} reaches {impure} by {krate}"
                );
            }
        }
    }
}

#[test]
fn one_room_for_each_library() {
    let rooms: &[(&str, &[&str])] = &[
        ("tauri", &["roost-window"]),
        ("tauri-specta", &["roost-window"]),
        ("specta", &["roost-app", "roost-window"]),
        ("tokio-xmpp", &["roost-xmpp-link"]),
        ("tokio-rustls", &["roost-xmpp-link"]),
        ("rusqlite", &["roost-app"]),
        ("keyring", &["roost-app"]),
    ];
    for (krate, dependencies) in direct() {
        for (library, allowed) in rooms {
            let names_it = dependencies.contains(*library);
            assert!(
                !names_it || allowed.contains(&krate.as_str()),
                "{krate} names {library}"
            );
        }
    }
}

#[test]
fn arrows_run_one_way() {
    let graph = direct();
    let absences: &[(&str, &[&str])] = &[
        ("roost-model", &["roost-forms", "roost-xmpp-proto"]),
        ("roost-forms", &["roost-xmpp-proto", "roost-core"]),
        ("roost-onboarding", &["roost-forms", "roost-xmpp-proto"]),
        ("roost-xmpp-proto", &["roost-core", "roost-xmpp-link"]),
        (
            "roost-core",
            &["roost-xmpp-link", "roost-app", "roost-device"],
        ),
        (
            "roost-xmpp-link",
            &["roost-core", "roost-app", "roost-device"],
        ),
        (
            "roost-memory-server",
            &["roost-core", "roost-xmpp-link", "roost-device", "roost-app"],
        ),
        (
            "roost-device",
            &[
                "roost-core",
                "roost-app",
                "roost-demo",
                "roost-memory-server",
            ],
        ),
        ("roost-demo", &["roost-core", "roost-app"]),
        ("roost-app", &["roost-window"]),
    ];
    for (krate, forbidden) in absences {
        let all = reach(&graph, krate);
        for other in *forbidden {
            assert!(!all.contains(*other), "{krate} reaches {other}");
        }
    }
    // What measures is no part of the product: it may need the testkit, and nothing needs it.
    for (krate, dependencies) in &graph {
        assert!(
            !dependencies.contains("roost-testkit") || krate == "roost-bench",
            "{krate} needs the testkit outside tests"
        );
        assert!(
            !dependencies.contains("roost-bench"),
            "{krate} needs what measures"
        );
    }
}
