//! One attempt to get a stream: from an account to an open stream, within a deadline.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use xmpp_parsers::stream_features::StreamFeatures;

use crate::failure::failure;
use crate::reach::{Candidate, ascii_domain, candidates, dial};
use crate::secure::{Hash, tls_configuration};
use crate::stream::{Opened, Opening, Xml};

/// What an attempt starts from.
pub(crate) struct Attempt {
    pub(crate) account: Arc<Account>,
    /// The configuration of an earlier attempt.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// The hash by which we signed in before.
    pub(crate) floor: Option<Hash>,
    /// The stream to resume, and how much we handled of it.
    pub(crate) resume: Option<(String, u32)>,
    pub(crate) deadline: Duration,
    pub(crate) name_server: Option<SocketAddr>,
    pub(crate) rng: ChaCha8Rng,
}

/// What an attempt reached.
pub(crate) struct Reached {
    pub(crate) opened: Opened,
    pub(crate) tls: Arc<ClientConfig>,
    /// Where, for diagnostics.
    pub(crate) route: String,
}

/// A secured stream on which nobody signed in.
pub(crate) struct Lobby {
    pub(crate) features: StreamFeatures,
    pub(crate) xml: Xml<TlsStream<TcpStream>>,
}

impl Attempt {
    /// Tries all places where the account's server may be, one after the other.
    ///
    /// # Errors
    /// If none has a stream for us; then why the last did not, or why no other was tried.
    pub(crate) async fn run(self) -> Result<Reached, LinkFailure> {
        self.within_deadline(sign_in).await
    }

    /// The same for a stream on which nobody signs in.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) async fn knock(self) -> Result<Lobby, LinkFailure> {
        self.within_deadline(knock).await
    }

    async fn within_deadline<T>(
        self,
        try_one: impl AsyncFn(&Opening<'_>, &Candidate) -> Result<T, LinkFailure>,
    ) -> Result<T, LinkFailure> {
        match timeout(self.deadline, self.try_all(try_one)).await {
            Ok(result) => result,
            Err(_) => Err(timed_out()),
        }
    }

    async fn try_all<T>(
        mut self,
        try_one: impl AsyncFn(&Opening<'_>, &Candidate) -> Result<T, LinkFailure>,
    ) -> Result<T, LinkFailure> {
        let domain = ascii_domain(self.account.jid.domain().as_str())?;
        let route = &self.account.route;
        let places = candidates(route, &domain, self.name_server, &mut self.rng).await?;
        let tls = match self.tls.take() {
            Some(tls) => tls,
            None => Arc::new(load_trust(Arc::clone(&self.account)).await?),
        };
        let opening = Opening {
            account: &self.account,
            domain: &domain,
            tls,
            floor: self.floor,
            resume: self.resume,
        };
        // One place that hangs must not take the time of all others.
        let patience = self.deadline / 2;
        let mut result = Err(failure(LinkFailureCode::Unreachable, ""));
        for place in &places {
            result = match timeout(patience, try_one(&opening, place)).await {
                Ok(result) => result,
                Err(_) => Err(timed_out()),
            };
            if !result.as_ref().is_err_and(another_place_may_help) {
                break;
            }
        }
        result
    }
}

/// Reads files, so elsewhere than on the threads of the runtime.
async fn load_trust(account: Arc<Account>) -> Result<ClientConfig, LinkFailure> {
    tokio::task::spawn_blocking(move || tls_configuration(&account.trust))
        .await
        .map_err(|_| failure(LinkFailureCode::TlsFailed, "interrupted"))?
}

async fn sign_in(opening: &Opening<'_>, place: &Candidate) -> Result<Reached, LinkFailure> {
    let socket = dial(&place.host, place.port).await?;
    let opened = opening.open(socket, place.direct_tls).await?;
    Ok(Reached {
        opened,
        tls: Arc::clone(&opening.tls),
        route: format!("{}:{}", place.host, place.port),
    })
}

async fn knock(opening: &Opening<'_>, place: &Candidate) -> Result<Lobby, LinkFailure> {
    let socket = dial(&place.host, place.port).await?;
    let (features, xml) = opening.knock(socket, place.direct_tls).await?;
    Ok(Lobby { features, xml })
}

fn another_place_may_help(cause: &LinkFailure) -> bool {
    use LinkFailureCode as C;
    matches!(
        cause.code,
        C::NameNotFound | C::Unreachable | C::TlsFailed | C::Closed | C::Protocol
    )
}

fn timed_out() -> LinkFailure {
    failure(LinkFailureCode::Unreachable, "timed out")
}
