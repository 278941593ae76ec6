//! Accounts for devices, on unchanged servers.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

mod common;

use std::future::ready;

use common::{Client, PASSWORD, account, options};
use jid::BareJid;
use roost_forms::Edits;
use roost_model::Secret;
use roost_testkit::{Accounts, Options, RealServer, ServerKind};
use roost_xmpp_link::{
    LinkOptions, NewAccountAt, RegisterFailure, Removal, register, remove_account,
};
use roost_xmpp_proto::registration::{
    Advice, Invite, NewAccount, RegistrationError, RegistrationQuestion, Strategy, Way,
    account_name, account_password,
};
use roost_xmpp_proto::{Account, Answer, LinkFailureCode, Request, Route, Trust};

use ServerKind::{Ejabberd, Prosody};

fn server(kind: ServerKind, accounts: Accounts) -> RealServer {
    let options = Options {
        accounts,
        ..Options::default()
    };
    let server = RealServer::launch(kind, &options).unwrap();
    server.add_account("juliet", PASSWORD).unwrap();
    server
}

/// The account of a device as the app would propose it.
fn lamp(server: &RealServer, n: u8) -> NewAccountAt {
    let name = account_name("Küche, Lampe", [n; 5]);
    wanted(server, &format!("{name}@{}", server.domain()), n)
}

fn wanted(server: &RealServer, jid: &str, n: u8) -> NewAccountAt {
    NewAccountAt {
        account: NewAccount {
            jid: BareJid::new(jid).unwrap(),
            password: account_password(&[n; 32]),
        },
        invite: None,
        route: Route::Fixed {
            host: "127.0.0.1".to_owned(),
            port: server.port(),
            direct_tls: false,
        },
        trust: Trust::Authorities(server.ca_pem().to_owned()),
    }
}

/// The same as somebody who signs in.
fn login(wanted: &NewAccountAt) -> Account {
    Account {
        jid: wanted.account.jid.clone(),
        password: wanted.account.password.clone(),
        route: wanted.route.clone(),
        trust: wanted.trust.clone(),
        resource: None,
        silence: std::time::Duration::from_secs(30),
    }
}

/// Nobody is there who could answer a question.
async fn alone(wanted: &NewAccountAt) -> Result<(), RegisterFailure> {
    register(wanted, &quick(), |_| ready(None)).await
}

fn quick() -> LinkOptions {
    options()
}

fn refused(error: RegistrationError) -> Result<(), RegisterFailure> {
    Err(RegisterFailure::Refused(error))
}

async fn can_sign_in(wanted: &NewAccountAt) -> bool {
    let mut client = Client::new(&wanted.account.jid);
    client.connect(&login(wanted)).await;
    let mut is_online = false;
    client
        .until("a verdict", |event| match event {
            roost_xmpp_proto::LinkEvent::State(roost_xmpp_proto::LinkState::Online { .. }) => {
                is_online = true;
                Some(())
            }
            roost_xmpp_proto::LinkEvent::State(roost_xmpp_proto::LinkState::Failed { cause }) => {
                assert_eq!(cause.code, LinkFailureCode::WrongPassword, "{cause:?}");
                Some(())
            }
            _ => None,
        })
        .await;
    is_online
}

/// Made, used, taken by nobody else, removed, and gone.
async fn a_life(kind: ServerKind) {
    let server = server(kind, Accounts::Open);
    for direct_tls in [false, true] {
        let mut lamp = lamp(&server, u8::from(direct_tls));
        if direct_tls {
            lamp.route = Route::Fixed {
                host: "127.0.0.1".to_owned(),
                port: server.direct_tls_port(),
                direct_tls,
            };
        }
        assert_eq!(alone(&lamp).await, Ok(()));
        assert!(can_sign_in(&lamp).await);
        let mut thief = lamp.clone();
        thief.account.password = Secret::new("another");
        assert_eq!(alone(&thief).await, refused(RegistrationError::NameTaken));
        let before = remove_account(&login(&thief), &quick()).await;
        assert_eq!(before, Ok(Removal::NoSuchLogin), "not with that password");
        assert!(can_sign_in(&lamp).await, "it is still there");

        let removed = remove_account(&login(&lamp), &quick()).await;
        assert_eq!(removed, Ok(Removal::Removed));
        assert!(!can_sign_in(&lamp).await);
        let again = remove_account(&login(&lamp), &quick()).await;
        assert_eq!(again, Ok(Removal::NoSuchLogin));
    }
    assert!(
        can_sign_in(&juliet(&server)).await,
        "nobody else was removed"
    );
}

/// The user, as if she were to be registered.
fn juliet(server: &RealServer) -> NewAccountAt {
    let mut juliet = wanted(server, &format!("juliet@{}", server.domain()), 0);
    juliet.account.password = Secret::new(PASSWORD);
    juliet
}

async fn nobody_believes_another_certificate(kind: ServerKind) {
    let server = server(kind, Accounts::Open);
    let mut lamp = lamp(&server, 3);
    lamp.trust = Trust::Pinned([7; 32]);
    match alone(&lamp).await {
        Err(RegisterFailure::NotReached(cause)) => {
            assert_eq!(cause.code, LinkFailureCode::CertificateChanged);
        }
        other => panic!("{other:?}"),
    }
    lamp.trust = Trust::Authorities(server.ca_pem().to_owned());
    assert!(!can_sign_in(&lamp).await, "nothing was said");
}

/// An address without a name is not asked for.
async fn a_name_is_needed(kind: ServerKind) {
    let server = server(kind, Accounts::Open);
    let nameless = wanted(&server, server.domain(), 4);
    assert_eq!(alone(&nameless).await, refused(RegistrationError::BadName));
}

async fn refuses(kind: ServerKind, accounts: Accounts, error: RegistrationError) {
    let server = server(kind, accounts);
    let lamp = lamp(&server, 5);
    assert_eq!(alone(&lamp).await, refused(error));
    assert!(!can_sign_in(&lamp).await);
}

async fn throttles(kind: ServerKind) {
    let server = server(kind, Accounts::Throttled);
    assert_eq!(alone(&lamp(&server, 6)).await, Ok(()));
    let second = alone(&lamp(&server, 7)).await;
    assert_eq!(second, refused(RegistrationError::TooFast { wait: None }));
}

async fn invite(juliet: &mut Client) -> Result<Invite, RegistrationError> {
    match juliet.request(Request::Invite).await {
        Ok(Answer::Invite(invite)) => Ok(invite),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(RegistrationError::of_invite(&failure)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_open() {
    a_life(Prosody).await;
    a_name_is_needed(Prosody).await;
    nobody_believes_another_certificate(Prosody).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_open() {
    a_life(Ejabberd).await;
    a_name_is_needed(Ejabberd).await;
    nobody_believes_another_certificate(Ejabberd).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_closed_in_every_way() {
    use RegistrationError as R;
    refuses(Prosody, Accounts::Closed, R::Disabled).await;
    refuses(Prosody, Accounts::Elsewhere, R::ForbiddenHere).await;
    refuses(Prosody, Accounts::Invited, R::InviteOnly).await;
    throttles(Prosody).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_closed_in_every_way() {
    use RegistrationError as R;
    refuses(Ejabberd, Accounts::Closed, R::Disabled).await;
    refuses(Ejabberd, Accounts::Elsewhere, R::ForbiddenHere).await;
    refuses(Ejabberd, Accounts::Captcha, R::NotAnswered).await;
    throttles(Ejabberd).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_invites() {
    let server = server(Prosody, Accounts::Invited);
    let mut juliet = Client::online(&account(&server, "juliet", false)).await;
    let mut strategy = Strategy::new(true);
    let mut lamp = lamp(&server, 8);
    assert_eq!(strategy.way(), Way::Open);
    let Err(RegisterFailure::Refused(why)) = alone(&lamp).await else {
        panic!("it is closed");
    };
    assert_eq!(strategy.failed(why), Advice::Try(Way::Invite));

    let invited = invite(&mut juliet).await.unwrap();
    assert!(invited.gives_account && invited.expires.is_some());
    assert_eq!(invited.by, juliet.jid);
    lamp.invite = Some(Secret::new("wrong"));
    assert_eq!(
        alone(&lamp).await,
        refused(RegistrationError::InviteRefused)
    );
    lamp.invite = Some(invited.token.clone());
    assert_eq!(alone(&lamp).await, Ok(()));
    assert!(can_sign_in(&lamp).await);

    let mut second = self::lamp(&server, 9);
    second.invite = Some(invited.token);
    assert_eq!(
        alone(&second).await,
        refused(RegistrationError::InviteRefused),
        "an invite is good for one account"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prosody_lets_not_everybody_invite() {
    let server = server(Prosody, Accounts::Usual);
    let mut juliet = Client::online(&account(&server, "juliet", false)).await;
    // It gives one even so, but not one that makes accounts.
    let invited = invite(&mut juliet).await.unwrap();
    assert!(!invited.gives_account);
    let new = lamp(&server, 10).account;
    let failure = juliet.request(Request::Register(new)).await.unwrap_err();
    let printed = format!("{failure:?}");
    assert_eq!(
        RegistrationError::of_register(&failure),
        RegistrationError::Disabled,
        "{printed}"
    );
}

/// The way for a server that lets nobody in but by its users.
#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_own_session() {
    let server = server(Ejabberd, Accounts::Throttled);
    assert_eq!(alone(&lamp(&server, 11)).await, Ok(()));
    let lamp = lamp(&server, 12);
    let mut strategy = Strategy::new(true);
    let Err(RegisterFailure::Refused(why)) = alone(&lamp).await else {
        panic!("it is too soon");
    };
    assert_eq!(strategy.failed(why), Advice::Try(Way::Invite));
    let mut juliet = Client::online(&account(&server, "juliet", false)).await;
    let why = invite(&mut juliet).await.unwrap_err();
    assert_eq!(why, RegistrationError::NoInvites);
    assert_eq!(strategy.failed(why), Advice::Try(Way::OwnSession));
    let made = juliet
        .request(Request::Register(lamp.account.clone()))
        .await;
    assert_eq!(made, Ok(Answer::Done));
    assert!(can_sign_in(&lamp).await);

    // Whoever has the name, and who has no such right, is told so; no password is echoed.
    let failure = juliet
        .request(Request::Register(lamp.account.clone()))
        .await
        .unwrap_err();
    let errors = [
        RegistrationError::NameTaken,
        RegistrationError::TooFast { wait: None },
    ];
    let error = RegistrationError::of_register(&failure);
    assert!(errors.contains(&error), "{failure:?}");
    server.add_account("tybalt", PASSWORD).unwrap();
    let mut tybalt = Client::online(&account(&server, "tybalt", false)).await;
    let another = self::lamp(&server, 13).account;
    let failure = tybalt
        .request(Request::Register(another.clone()))
        .await
        .unwrap_err();
    assert!(!format!("{failure:?}").contains(another.password.expose()));
    let error = RegistrationError::of_register(&failure);
    assert_eq!(error, RegistrationError::ForbiddenHere, "{failure:?}");

    // Nobody's own password is changed by mistake.
    let mut own = another;
    own.jid = tybalt.jid.clone();
    assert!(tybalt.request(Request::Register(own)).await.is_err());
    let mut login = self::juliet(&server);
    login.account.jid = tybalt.jid.clone();
    assert!(can_sign_in(&login).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_ejabberd_captcha() {
    let server = server(Ejabberd, Accounts::Captcha);
    let lamp = lamp(&server, 14);
    let mut seen = Vec::new();
    let answers = |question: RegistrationQuestion| {
        assert!(question.is_captcha);
        assert_eq!(question.pictures.len(), 1, "{question:?}");
        assert!(question.pictures[0].data.starts_with(b"\x89PNG"));
        let wrong_before = question.wrong_before;
        seen.push(wrong_before);
        let text = if wrong_before == 0 {
            "000000".to_owned()
        } else {
            server.captcha_text().unwrap()
        };
        ready(Some(Edits::from([("ocr".to_owned(), vec![text])])))
    };
    assert_eq!(register(&lamp, &quick(), answers).await, Ok(()));
    assert_eq!(seen, [0, 1], "read wrongly once");
    assert!(can_sign_in(&lamp).await);

    let another = self::lamp(&server, 15);
    let wrong = |_| {
        ready(Some(Edits::from([(
            "ocr".to_owned(),
            vec!["000000".to_owned()],
        )])))
    };
    let refusal = register(&another, &quick(), wrong).await;
    assert_eq!(refusal, refused(RegistrationError::CaptchaWrong));
    assert!(!can_sign_in(&another).await);
}
