//! What a link is told, and what it tells.

use std::time::Duration;

use jid::{BareJid, FullJid};
use roost_model::{Secret, Timestamp};

use super::{Request, RequestId, SessionEvent};

/// What the link as a whole is doing. The latest counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Not wanted.
    Off,
    /// Trying; `attempt` counts from 1.
    Connecting {
        /// How often we tried since the last stream.
        attempt: u32,
    },
    /// A stream is up.
    Online {
        /// Our full JID.
        bound: FullJid,
        /// Whether TLS is channel-bound, how we authenticated, by which route: for diagnostics.
        security: String,
    },
    /// Lost; trying again at `retry_at` (wall clock), or at once on request.
    Waiting {
        /// Why.
        cause: LinkFailure,
        /// When the next attempt starts.
        retry_at: Timestamp,
        /// How often we tried since the last stream.
        attempt: u32,
    },
    /// Given up: nothing but a person can help.
    Failed {
        /// Why.
        cause: LinkFailure,
    },
}

/// Why there is no stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFailure {
    /// What went wrong.
    pub code: LinkFailureCode,
    /// The text that came with it, bounded, without secrets.
    pub detail: Option<String>,
}

/// Codes of [`LinkFailure`]; the UI has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkFailureCode {
    /// The name of the server is not known to DNS.
    NameNotFound,
    /// Nobody answers at the address (refused, unreachable, timed out).
    Unreachable,
    /// The server offers no TLS. Fatal: we never go on without.
    NoTls,
    /// The certificate is not trusted; `detail` is its SHA-256 fingerprint. Fatal until trusted.
    CertificateUntrusted,
    /// The certificate is for another name or out of date; `detail` says which. Fatal.
    CertificateInvalid,
    /// The pinned certificate changed; `detail` is the new fingerprint. Fatal until trusted anew.
    CertificateChanged,
    /// TLS failed in another way.
    TlsFailed,
    /// Wrong user name or password. Fatal.
    WrongPassword,
    /// The account is disabled, or the server refuses us. Fatal.
    AccountRefused,
    /// The server offers no way to sign in that is safe. Fatal.
    NoSafeMechanism,
    /// Another client took our resource, or we are signed in too often. Fatal for this run.
    Conflict,
    /// The stream was silent for too long (XEP-0199).
    Silent,
    /// The server closed the stream, or it broke.
    Closed,
    /// The server closed the stream because something in it was not acceptable.
    StreamError,
    /// What came was not XMPP.
    Protocol,
}

impl LinkFailureCode {
    /// Whether trying again cannot help.
    pub fn is_fatal(self) -> bool {
        use LinkFailureCode as C;
        matches!(
            self,
            C::NoTls
                | C::CertificateUntrusted
                | C::CertificateInvalid
                | C::CertificateChanged
                | C::WrongPassword
                | C::AccountRefused
                | C::NoSafeMechanism
                | C::Conflict
        )
    }
}

/// How to reach and trust an account's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who signs in.
    pub jid: BareJid,
    /// The password.
    pub password: Secret,
    /// Where the server is.
    pub route: Route,
    /// Whom to believe that it is the server.
    pub trust: Trust,
    /// The resource to ask for; the server chooses where there is none.
    pub resource: Option<String>,
    /// How long the stream may be silent before it counts as lost (XEP-0199 asks first).
    pub silence: Duration,
}

/// Where a server is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// By the domain's SRV records, `_xmpps-client` (XEP-0368) and `_xmpp-client` by priority,
    /// else the domain itself on port 5222.
    #[default]
    Dns,
    /// At this host and port.
    Fixed {
        /// Name or address.
        host: String,
        /// Port.
        port: u16,
        /// Whether TLS starts at once (XEP-0368) or by STARTTLS.
        direct_tls: bool,
    },
}

/// Whom to believe that a server is the server. The name is always checked, but for a pin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The authorities of the operating system.
    #[default]
    System,
    /// These authorities as well: certificates in PEM.
    Authorities(String),
    /// Exactly this certificate: SHA-256 of its DER.
    Pinned([u8; 32]),
}

/// What a link is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkCommand {
    /// Sign in, and stay signed in.
    Connect(Box<Account>),
    /// Sign out and stop.
    Disconnect,
    /// From now on the stream may be silent for this long; as [`Account::silence`].
    SetSilence(Duration),
    /// Do not wait for the next attempt.
    RetryNow,
    /// Ask the session.
    Request(RequestId, Box<Request>),
}

/// What a link tells.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkEvent {
    /// What it is doing.
    State(LinkState),
    /// What the session told.
    Session(Box<SessionEvent>),
}
