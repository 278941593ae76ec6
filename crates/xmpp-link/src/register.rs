//! Makes an account for a device, on a stream of its own on which nobody signs in.
//!
//! The stream is reached, secured and trusted like one that signs in: without verified TLS no
//! password leaves us. What is said on it is [`Registration`]'s. While a person thinks about a
//! question, the stream is read on, so that a server that loses patience is noticed at once.
//!
//! Limits: one account; deadlines as in [`Registration`], and the link's for the way there.
//! Dropping the future ends the stream without a word; whoever does so after the account was
//! asked for cannot know whether it was made.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use roost_forms::Edits;
use roost_model::Secret;
use roost_xmpp_proto::registration::{
    NewAccount, PREAUTH_FEATURE, Registration, RegistrationError, RegistrationEvent,
    RegistrationQuestion,
};
use roost_xmpp_proto::{Account, LinkFailure, Route, Trust};
use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout};
use tokio_rustls::client::TlsStream;
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stream_features::StreamFeatures;

use crate::LinkOptions;
use crate::attempt::{Attempt, Lobby};
use crate::clock::Clock;
use crate::stream::{Heard, Xml, hear, say};

/// How long the goodbye may take; it is a courtesy.
const GOODBYE: Duration = Duration::from_secs(2);

/// An account to be made, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccountAt {
    /// Its address and password.
    pub account: NewAccount,
    /// The token of an invite, if there is one.
    pub invite: Option<Secret>,
    /// Where the server is.
    pub route: Route,
    /// Whom to believe that it is the server.
    pub trust: Trust,
}

/// Why there is no account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterFailure {
    /// The server, or a person who was asked, said no.
    Refused(RegistrationError),
    /// The server was not reached, or is not to be trusted.
    NotReached(LinkFailure),
}

/// Makes an account. `ask` is called for each question of the server; `None` gives up.
///
/// # Errors
/// If there is no account; [`RegistrationError::may_have_made_it`] tells where that is not sure.
pub async fn register<A, F>(
    wanted: &NewAccountAt,
    options: &LinkOptions,
    mut ask: A,
) -> Result<(), RegisterFailure>
where
    A: FnMut(RegistrationQuestion) -> F,
    F: Future<Output = Option<Edits>>,
{
    let mut rng = ChaCha8Rng::seed_from_u64(options.jitter_seed);
    let id_seed = rng.random();
    let attempt = Attempt {
        account: Arc::new(account_of(wanted)),
        tls: None,
        floor: None,
        resume: None,
        deadline: options.attempt_deadline,
        name_server: options.name_server,
        rng,
    };
    let Lobby { features, mut xml } = attempt.knock().await.map_err(RegisterFailure::NotReached)?;
    if !features.in_band_registration && !takes_invites(&features) {
        say_goodbye(xml).await;
        return Err(RegisterFailure::Refused(RegistrationError::Disabled));
    }
    let clock = Clock::new();
    let mut registration = Registration::new(
        wanted.account.clone(),
        wanted.invite.clone(),
        takes_invites(&features),
        id_seed,
        clock.now().instant,
    );
    let result = talk(&mut registration, &mut xml, clock, &mut ask).await;
    say_goodbye(xml).await;
    match &result {
        Ok(()) => tracing::info!(account = %wanted.account.jid, "account made"),
        Err(error) => tracing::info!(account = %wanted.account.jid, ?error, "no account"),
    }
    result.map_err(RegisterFailure::Refused)
}

async fn talk<A, F>(
    registration: &mut Registration,
    xml: &mut Xml<TlsStream<TcpStream>>,
    clock: Clock,
    ask: &mut A,
) -> Result<(), RegistrationError>
where
    A: FnMut(RegistrationQuestion) -> F,
    F: Future<Output = Option<Edits>>,
{
    loop {
        while let Some(iq) = registration.poll_transmit() {
            if say(xml, &iq).await.is_err() {
                registration.handle_closed();
            }
        }
        match registration.poll_event() {
            Some(RegistrationEvent::Over(result)) => return result,
            Some(RegistrationEvent::Question(question)) => {
                let answer = ask(*question);
                tokio::pin!(answer);
                while registration.is_asking() {
                    let deadline = deadline_of(registration, clock);
                    tokio::select! {
                        answer = &mut answer => {
                            match answer {
                                Some(edits) => registration.answer(&edits, clock.now().instant),
                                None => registration.give_up(),
                            }
                            break;
                        }
                        iq = hear_iq(xml) => heard(registration, iq, clock),
                        () = sleep_until(deadline) => registration.handle_timeout(clock.now().instant),
                    }
                }
            }
            None => {
                let deadline = deadline_of(registration, clock);
                tokio::select! {
                    iq = hear_iq(xml) => heard(registration, iq, clock),
                    () = sleep_until(deadline) => registration.handle_timeout(clock.now().instant),
                }
            }
        }
    }
}

fn heard(registration: &mut Registration, iq: Option<Iq>, clock: Clock) {
    match iq {
        Some(iq) => registration.handle_iq(iq, clock.now().instant),
        None => registration.handle_closed(),
    }
}

fn deadline_of(registration: &Registration, clock: Clock) -> tokio::time::Instant {
    clock.moment(registration.poll_timeout().unwrap_or_default())
}

/// The next IQ; `None` at the end of the stream. Nothing else has a meaning here.
async fn hear_iq(xml: &mut Xml<TlsStream<TcpStream>>) -> Option<Iq> {
    loop {
        if let Heard::Element(element) = hear(xml).await.ok()?
            && let XmppStreamElement::Stanza(tokio_xmpp::Stanza::Iq(iq)) = *element
        {
            return Some(iq);
        }
    }
}

/// Whether the server takes invites (XEP-0445, section 5.1).
fn takes_invites(features: &StreamFeatures) -> bool {
    features
        .others
        .iter()
        .any(|feature| feature.is("register", PREAUTH_FEATURE))
}

async fn say_goodbye(mut xml: Xml<TlsStream<TcpStream>>) {
    use futures::SinkExt;
    let close = SinkExt::<&Iq>::close(&mut xml);
    if timeout(GOODBYE, close).await.is_err() {
        tracing::debug!("the server does not take leave");
    }
}

/// The account as those see it who reach and secure a stream; nobody signs in with it.
fn account_of(wanted: &NewAccountAt) -> Account {
    Account {
        jid: wanted.account.jid.clone(),
        password: wanted.account.password.clone(),
        route: wanted.route.clone(),
        trust: wanted.trust.clone(),
        resource: None,
        silence: Duration::MAX,
    }
}
