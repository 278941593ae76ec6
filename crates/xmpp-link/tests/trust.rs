//! Whom the link believes, and how it signs in: good and bad servers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod common;

use common::fake::Fake;
use common::{Client, PASSWORD, account_at};
use roost_testkit::{Authority, Issued};
use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode, LinkState, Trust};

const JULIET: &str = "juliet@localhost";

fn fingerprint(issued: &Issued) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, &issued.certificate_der);
    digest.as_ref().try_into().unwrap()
}

fn in_words(fingerprint: [u8; 32]) -> String {
    fingerprint.map(|byte| format!("{byte:02X}")).join(":")
}

/// Signs in once; tells how the stream is secured, or why there is none.
async fn try_once(account: &Account) -> Result<String, LinkFailure> {
    let mut client = Client::new(&account.jid);
    client.connect(account).await;
    let state = client
        .state("an end", |state| {
            !matches!(state, LinkState::Connecting { .. })
        })
        .await;
    match state {
        LinkState::Online { security, .. } => Ok(security),
        LinkState::Waiting { cause, .. } | LinkState::Failed { cause } => Err(cause),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn certificates() {
    let ours = Authority::new().unwrap();
    let theirs = Authority::new().unwrap();
    let good = ours.issue(&["localhost"]).unwrap();
    let wrong_name = ours.issue(&["verona.example"]).unwrap();
    let foreign = theirs.issue(&["verona.example"]).unwrap();
    let expired = ours.issue_expired(&["localhost"]).unwrap();
    let authorities = Trust::Authorities(ours.pem().to_owned());
    let pinned = |issued: &Issued| Trust::Pinned(fingerprint(issued));
    let words = |issued: &Issued| in_words(fingerprint(issued));

    use LinkFailureCode as C;
    let cases = [
        (&good, authorities.clone(), None),
        (&good, pinned(&good), None),
        (&foreign, pinned(&foreign), None),
        (&expired, pinned(&expired), None),
        (
            &good,
            Trust::System,
            Some((C::CertificateUntrusted, words(&good))),
        ),
        (
            &foreign,
            authorities.clone(),
            Some((C::CertificateUntrusted, words(&foreign))),
        ),
        (
            &good,
            pinned(&foreign),
            Some((C::CertificateChanged, words(&good))),
        ),
        (
            &wrong_name,
            authorities.clone(),
            Some((C::CertificateInvalid, "verona.example".to_owned())),
        ),
        (
            &expired,
            authorities,
            Some((C::CertificateInvalid, "ran out".to_owned())),
        ),
    ];
    for (number, (certificate, trust, refused)) in cases.into_iter().enumerate() {
        for direct_tls in [false, true] {
            let server = Fake {
                certificate: certificate.clone(),
                direct_tls,
                ..Fake::new(&ours)
            }
            .start()
            .await;
            let mut account = account_at(JULIET, server.port, direct_tls, "");
            account.trust = trust.clone();
            let result = try_once(&account).await;
            match (&refused, result) {
                (None, Ok(_)) => {}
                (Some((code, detail)), Err(cause)) => {
                    assert_eq!(cause.code, *code, "case {number}");
                    let told = cause.detail.unwrap_or_default();
                    assert!(told.contains(detail), "case {number}: {told}");
                }
                (_, result) => panic!("case {number}: {result:?}"),
            }
        }
    }
}

/// A server that differs from a good one in one point, and what comes of it.
async fn check(change: impl FnOnce(&mut Fake), expected: Result<&str, LinkFailureCode>) -> String {
    let authority = Authority::new().unwrap();
    let mut fake = Fake::new(&authority);
    change(&mut fake);
    let direct_tls = fake.direct_tls;
    let server = fake.start().await;
    let account = account_at(JULIET, server.port, direct_tls, authority.pem());
    let result = try_once(&account).await;
    match (&result, &expected) {
        (Ok(security), Ok(words)) => assert!(security.contains(words), "{security}"),
        (Err(cause), Err(code)) => assert_eq!(cause.code, *code, "{cause:?}"),
        _ => panic!("{result:?} instead of {expected:?}"),
    }
    let heard = server.heard();
    assert!(!heard.contains(PASSWORD));
    assert!(!format!("{result:?}").contains(PASSWORD));
    heard
}

#[tokio::test]
async fn mechanisms() {
    use LinkFailureCode as C;
    check(|_| {}, Ok("SCRAM-SHA-256")).await;
    check(
        |fake| fake.mechanisms = vec!["PLAIN", "SCRAM-SHA-1"],
        Ok("SCRAM-SHA-1"),
    )
    .await;
    let heard = check(
        |fake| fake.mechanisms = vec!["PLAIN"],
        Err(C::NoSafeMechanism),
    )
    .await;
    assert!(!heard.contains("<auth"), "{heard}");
    check(
        |fake| fake.mechanisms = vec!["X-OAUTH2"],
        Err(C::NoSafeMechanism),
    )
    .await;
    check(|fake| fake.honest = false, Err(C::NoSafeMechanism)).await;
    check(|fake| fake.rounds = 1, Err(C::NoSafeMechanism)).await;
    check(|fake| fake.rounds = 4_000_000_000, Err(C::NoSafeMechanism)).await;
}

#[tokio::test]
async fn channel_binding() {
    fn plus(fake: &mut Fake) {
        fake.mechanisms = vec!["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
    }
    let first = |heard: String| {
        let auth = heard.split_once("<auth").unwrap().1;
        let data = auth.split_once('>').unwrap().1.split_once('<').unwrap().0;
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data);
        String::from_utf8(bytes.unwrap()).unwrap()
    };
    let bound = |fake: &mut Fake| {
        plus(fake);
        fake.bindings = vec!["tls-server-end-point", "tls-exporter"];
    };
    let heard = check(bound, Ok("SCRAM-SHA-256-PLUS")).await;
    assert!(first(heard).starts_with("p=tls-exporter,,"));

    // Nobody offers it: if somebody took the offer out, the server will notice by the `y`.
    let heard = check(|_| {}, Ok("SCRAM-SHA-256")).await;
    assert!(first(heard).starts_with("y,,"));

    // Offered, but not in a way that we have.
    let other = |fake: &mut Fake| {
        plus(fake);
        fake.bindings = vec!["tls-unique"];
    };
    let heard = check(other, Ok("SCRAM-SHA-256,")).await;
    assert!(first(heard).starts_with("n,,"));
    let heard = check(plus, Ok("SCRAM-SHA-256,")).await;
    assert!(first(heard).starts_with("n,,"));

    let only_plus = |fake: &mut Fake| fake.mechanisms = vec!["SCRAM-SHA-256-PLUS"];
    check(only_plus, Err(LinkFailureCode::NoSafeMechanism)).await;
}

#[tokio::test]
async fn the_way_to_tls() {
    use LinkFailureCode as C;
    check(|fake| fake.offers_starttls = false, Err(C::NoTls)).await;
    check(
        |fake| fake.injected = "<stream:features><mechanisms/></stream:features>",
        Err(C::Protocol),
    )
    .await;
    check(
        |fake| fake.greeting = Some(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        Err(C::Protocol),
    )
    .await;
    check(
        |fake| {
            fake.direct_tls = true;
            fake.greeting = Some(b"220 mail.example ESMTP\r\n");
        },
        Err(C::TlsFailed),
    )
    .await;
    check(|fake| fake.bound = "romeo@localhost/x", Err(C::Protocol)).await;
    check(|fake| fake.drips = true, Ok("SCRAM-SHA-256")).await;
}

#[tokio::test]
async fn a_weaker_hash_than_before_is_refused() {
    let authority = Authority::new().unwrap();
    let good = Fake::new(&authority).start().await;
    let account = account_at(JULIET, good.port, false, authority.pem());
    let mut client = Client::online(&account).await;
    drop(good);

    let weak = Fake {
        mechanisms: vec!["SCRAM-SHA-1"],
        ..Fake::new(&authority)
    }
    .start()
    .await;
    let account = account_at(JULIET, weak.port, false, authority.pem());
    client.connect(&account).await;
    let cause = client.expect_failed().await;
    assert_eq!(cause.code, LinkFailureCode::NoSafeMechanism);
    assert!(!weak.heard().contains("<auth"));
}

/// Accounts that were never online are refused at once, others may meet a server that starts.
#[tokio::test]
async fn a_refusal_is_believed_at_the_third_time_if_all_was_well_before() {
    let authority = Authority::new().unwrap();
    let server = |refuses| Fake {
        closes: true,
        refuses,
        ..Fake::new(&authority)
    };
    let starting = server(1..3).start().await;
    let account = account_at(JULIET, starting.port, false, authority.pem());
    let mut client = Client::online(&account).await;
    let mut causes = Vec::new();
    for _ in 0..3 {
        causes.push(client.expect_waiting().await.code);
    }
    let refused = LinkFailureCode::WrongPassword;
    assert_eq!(causes, [LinkFailureCode::Closed, refused, refused]);
    client.expect_online().await;

    let changed = server(1..usize::MAX).start().await;
    let account = account_at(JULIET, changed.port, false, authority.pem());
    let mut client = Client::online(&account).await;
    assert_eq!(client.expect_failed().await.code, refused);
}
