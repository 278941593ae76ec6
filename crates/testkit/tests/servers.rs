//! The launchers themselves: up, an account, killed, up again, gone.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::net::TcpStream;

use roost_testkit::{LaunchError, Options, RealServer, ServerKind};

fn life_of(kind: ServerKind) {
    let mut server = RealServer::launch(kind, &Options::default()).unwrap();

    server.add_account("juliet", "wherefore \"art\"").unwrap();
    let again = server.add_account("juliet", "another");
    if kind == ServerKind::Ejabberd {
        assert!(
            matches!(again, Err(LaunchError::Account { .. })),
            "{again:?}"
        );
    }

    let port = server.port();
    assert!(TcpStream::connect(("127.0.0.1", server.direct_tls_port())).is_ok());
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.start().unwrap();
    assert_eq!(server.port(), port);
    server.stop();
    server.start().unwrap();
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn prosody() {
    life_of(ServerKind::Prosody);
}

#[test]
fn ejabberd() {
    life_of(ServerKind::Ejabberd);
}
