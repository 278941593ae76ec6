//! Finding a server by the domain's SRV records, from a name server of the test's own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod common;

use std::net::SocketAddr;

use common::fake::Fake;
use common::{Client, account_at, options};
use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData, Record};
use roost_testkit::Authority;
use roost_xmpp_link::LinkOptions;
use roost_xmpp_proto::{LinkFailureCode, Route};
use tokio::net::{TcpListener, UdpSocket};

/// A record: service, priority, target, port.
type Entry = (&'static str, u16, &'static str, u16);

/// A name server that knows these records of `roost.test` and nothing else.
async fn name_server(entries: Vec<Entry>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let asked = question.queries[0].clone();
            let mut answer = Message::response(question.metadata.id, OpCode::Query);
            answer.add_query(asked.clone());
            for (service, priority, target, port) in &entries {
                let name = Name::from_ascii(format!("{service}._tcp.roost.test.")).unwrap();
                if name == *asked.name() {
                    let target = Name::from_ascii(target).unwrap();
                    let data = RData::SRV(SRV::new(*priority, 0, *port, target));
                    answer.add_answer(Record::from_rdata(name, 60, data));
                }
            }
            if answer.answers.is_empty() {
                answer.metadata.response_code = ResponseCode::NXDomain;
            }
            let bytes = answer.to_vec().unwrap();
            socket.send_to(&bytes, from).await.unwrap();
        }
    });
    address
}

/// A client that signs in to `roost.test` by those records.
async fn client(authority: &Authority, entries: Vec<Entry>) -> Client {
    let mut account = account_at("juliet@roost.test", 0, false, authority.pem());
    account.route = Route::Dns;
    let options = LinkOptions {
        name_server: Some(name_server(entries).await),
        ..options()
    };
    let client = Client::with_options(&account.jid, options);
    client.connect(&account).await;
    client
}

fn fake(authority: &Authority, direct_tls: bool) -> Fake {
    Fake {
        direct_tls,
        bound: "juliet@roost.test/balcony",
        // For the domain of the account, not for the host that DNS names.
        certificate: authority.issue(&["roost.test"]).unwrap(),
        ..Fake::new(authority)
    }
}

#[tokio::test]
async fn the_best_host_that_answers() {
    let authority = Authority::new().unwrap();
    let direct = fake(&authority, true).start().await;
    let plain = fake(&authority, false).start().await;
    // Nobody listens there, but nobody else can either.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = closed.local_addr().unwrap().port();
    drop(closed);

    let cases = [
        (
            vec![("_xmpp-client", 1, "localhost.", plain.port)],
            plain.port,
        ),
        (
            vec![("_xmpps-client", 1, "localhost.", direct.port)],
            direct.port,
        ),
        (
            vec![
                ("_xmpp-client", 5, "localhost.", plain.port),
                ("_xmpps-client", 1, "localhost.", direct.port),
            ],
            direct.port,
        ),
        (
            vec![
                ("_xmpps-client", 1, "localhost.", nobody),
                ("_xmpp-client", 2, "no-such-host.invalid.", 5222),
                ("_xmpp-client", 3, "localhost.", plain.port),
            ],
            plain.port,
        ),
        (
            vec![
                ("_xmpps-client", 0, ".", 0),
                ("_xmpp-client", 1, "localhost.", plain.port),
            ],
            plain.port,
        ),
    ];
    for (entries, port) in cases {
        let story = format!("{entries:?}");
        let mut client = client(&authority, entries).await;
        let (_, security) = client.expect_online().await;
        assert!(
            security.ends_with(&format!(":{port}")),
            "{story}: {security}"
        );
    }
}

#[tokio::test]
async fn a_domain_without_service() {
    let authority = Authority::new().unwrap();
    for entries in [vec![("_xmpp-client", 0, ".", 0)], vec![]] {
        let mut client = client(&authority, entries).await;
        let cause = client.expect_waiting().await;
        assert_eq!(cause.code, LinkFailureCode::NameNotFound, "{cause:?}");
    }
}
