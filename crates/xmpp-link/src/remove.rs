//! Removes an account: as the account itself, and not without looking afterwards.
//!
//! A `<remove/>` without a name, sent by the account that is to go, is the one form of which all
//! servers think alike: with a name in it, some remove the named account and some the sender's.
//! Whether the answer comes before the server closes the stream is a matter of luck, so the answer
//! does not count; what counts is that nobody can sign in any more.

use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use roost_xmpp_proto::registration::removal;
use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode};
use tokio::time::{sleep, timeout};
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::iq::Iq;

use crate::LinkOptions;
use crate::attempt::{Attempt, Reached};
use crate::stream::{Heard, hear, say};

/// How long the server may take to remove an account.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often is looked whether it is gone, and how long to wait in between.
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// What became of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It was there and is gone: nobody can sign in.
    Removed,
    /// Nobody could sign in with this name and password in the first place. If the password is
    /// the right one, there was no such account.
    NoSuchLogin,
}

/// Why an account is still there, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemovalFailure {
    /// The server does not remove accounts when they ask: it can still be signed in to.
    StillThere,
    /// The server was not reached, before or afterwards; nobody knows.
    NotReached(LinkFailure),
}

/// Signs in as the account, removes it, and looks that it is gone.
///
/// # Errors
/// If it is not gone, or nobody could look.
pub async fn remove_account(
    account: &Account,
    options: &LinkOptions,
) -> Result<Removal, RemovalFailure> {
    let account = Arc::new(account.clone());
    let mut rng = ChaCha8Rng::seed_from_u64(options.jitter_seed);
    let mut sign_in = || {
        let attempt = Attempt {
            account: Arc::clone(&account),
            tls: None,
            floor: None,
            resume: None,
            deadline: options.attempt_deadline,
            name_server: options.name_server,
            rng: ChaCha8Rng::seed_from_u64(rng.random()),
        };
        attempt.run()
    };
    match sign_in().await {
        Ok(reached) => {
            if timeout(PATIENCE, ask(reached)).await.is_err() {
                tracing::info!(account = %account.jid, "no answer to the removal");
            }
        }
        Err(cause) if is_no_login(&cause) => return Ok(Removal::NoSuchLogin),
        Err(cause) => return Err(RemovalFailure::NotReached(cause)),
    }
    for look in 0..LOOKS {
        if look > 0 {
            sleep(BETWEEN_LOOKS).await;
        }
        match sign_in().await {
            Err(cause) if is_no_login(&cause) => {
                tracing::info!(account = %account.jid, "account removed");
                return Ok(Removal::Removed);
            }
            Err(cause) => return Err(RemovalFailure::NotReached(cause)),
            Ok(_) => {}
        }
    }
    Err(RemovalFailure::StillThere)
}

/// Asks, and waits until there is an answer or the end of the stream.
async fn ask(reached: Reached) {
    const ID: &str = "remove";
    let mut xml = reached.opened.xml;
    let remove = Iq::Set {
        from: None,
        to: None,
        id: ID.to_owned(),
        payload: removal(),
    };
    if say(&mut xml, &remove).await.is_err() {
        return;
    }
    while let Ok(heard) = hear(&mut xml).await {
        if let Heard::Element(element) = heard
            && let XmppStreamElement::Stanza(tokio_xmpp::Stanza::Iq(iq)) = *element
            && iq.id() == ID
        {
            return;
        }
    }
}

fn is_no_login(cause: &LinkFailure) -> bool {
    cause.code == LinkFailureCode::WrongPassword
}
