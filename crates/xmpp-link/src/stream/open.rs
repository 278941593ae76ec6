//! Opens a stream on a connected socket: TLS, sign-in, and a seat.
//!
//! What is never done here: going on without TLS, believing a certificate that the account does
//! not trust, sending a password, or signing in by a weaker hash than before. Deadlines are the
//! caller's.

use std::io;
use std::sync::Arc;

use roost_xmpp_proto::{Account, LinkFailure, LinkFailureCode, Stanza};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::stream_features::StreamFeatures;
use xmpp_parsers::{ns, starttls};

use super::Xml;
use super::seat::{Seat, take_seat};
use super::sign_in::Way;
use super::talk::{Heard, begin, hear, say};
use super::wire::Wire;
use crate::failure::{failure, of_io};
use crate::secure::Hash;

/// What is needed to open a stream.
pub(crate) struct Opening<'a> {
    pub(crate) account: &'a Account,
    /// The account's domain as certificates write it.
    pub(crate) domain: &'a str,
    pub(crate) tls: Arc<ClientConfig>,
    /// The hash by which we signed in before.
    pub(crate) floor: Option<Hash>,
    /// The stream to resume, and how much we handled of it.
    pub(crate) resume: Option<(String, u32)>,
}

/// An open stream.
pub(crate) struct Opened {
    pub(crate) xml: Xml<TlsStream<TcpStream>>,
    pub(crate) seat: Seat,
    /// What came before the seat was taken.
    pub(crate) early: Vec<Stanza>,
    /// Whether the server wants to know if a person is looking (XEP-0352, section 4.1).
    pub(crate) takes_client_state: bool,
    pub(crate) hash: Hash,
    /// How it is secured, for diagnostics.
    pub(crate) security: String,
}

impl Opening<'_> {
    /// Opens a stream.
    ///
    /// # Errors
    /// If TLS, the sign-in or the server's answers are not as they must be.
    pub(crate) async fn open(
        &self,
        socket: TcpStream,
        direct_tls: bool,
    ) -> Result<Opened, LinkFailure> {
        let to = self.account.jid.domain().as_str();
        let tls = self.secure(socket, direct_tls).await?;
        let (version, exporter) = describe(&tls);

        let (features, mut xml) = begin(Wire::new(tls), to).await?;
        let way = Way::choose(&features, exporter, self.floor)?;
        let (hash, mechanism) = (way.hash, way.name());
        way.go(&mut xml, self.account).await?;

        let mut wire = xml.into_inner();
        wire.restart();
        let (features, mut xml) = begin(wire, to).await?;
        let resume = self.resume.clone();
        let (seat, early) = take_seat(&mut xml, &features, self.account, resume).await?;
        let start = if direct_tls { "direct" } else { "STARTTLS" };
        Ok(Opened {
            xml,
            seat,
            early,
            takes_client_state: offers_client_state(&features),
            hash,
            security: format!("{version} ({start}), {mechanism}"),
        })
    }

    /// Opens a stream on which nobody signs in, with what the server offers there.
    ///
    /// # Errors
    /// If TLS or the server's answers are not as they must be.
    pub(crate) async fn knock(
        &self,
        socket: TcpStream,
        direct_tls: bool,
    ) -> Result<(StreamFeatures, Xml<TlsStream<TcpStream>>), LinkFailure> {
        let to = self.account.jid.domain().as_str();
        begin(Wire::new(self.secure(socket, direct_tls).await?), to).await
    }

    async fn secure(
        &self,
        socket: TcpStream,
        direct_tls: bool,
    ) -> Result<TlsStream<TcpStream>, LinkFailure> {
        let socket = if direct_tls {
            socket
        } else {
            start_tls(socket, self.account.jid.domain().as_str()).await?
        };
        self.encrypt(socket, direct_tls).await
    }

    async fn encrypt(
        &self,
        socket: TcpStream,
        direct_tls: bool,
    ) -> Result<TlsStream<TcpStream>, LinkFailure> {
        let name = ServerName::try_from(self.domain.to_owned())
            .map_err(|error| failure(LinkFailureCode::NameNotFound, error.to_string()))?;
        // XEP-0368: only direct TLS names the protocol.
        let protocols = if direct_tls {
            vec![b"xmpp-client".to_vec()]
        } else {
            Vec::new()
        };
        TlsConnector::from(Arc::clone(&self.tls))
            .with_alpn(protocols)
            .connect(name, socket)
            .await
            .map_err(|error| of_handshake(&error))
    }
}

/// Asks for TLS (RFC 6120, section 5).
async fn start_tls(socket: TcpStream, to: &str) -> Result<TcpStream, LinkFailure> {
    let (features, mut xml) = begin(Wire::new(socket), to).await?;
    if !features.can_starttls() {
        return Err(failure(LinkFailureCode::NoTls, ""));
    }
    say(&mut xml, &starttls::Nonza::Request(starttls::Request)).await?;
    match hear(&mut xml).await? {
        Heard::Element(element)
            if matches!(
                *element,
                XmppStreamElement::Starttls(starttls::Nonza::Proceed(_))
            ) => {}
        // It has TLS, just not now: ejabberd says so while it starts.
        _ => return Err(failure(LinkFailureCode::TlsFailed, "STARTTLS refused")),
    }
    xml.into_inner()
        .into_socket()
        .map_err(|error| of_io(&error))
}

fn offers_client_state(features: &StreamFeatures) -> bool {
    features.others.iter().any(|it| it.is("csi", ns::CSI))
}

/// A handshake that ends without a word of TLS was cut, or is not TLS at all.
fn of_handshake(error: &io::Error) -> LinkFailure {
    match of_io(error) {
        LinkFailure {
            code: LinkFailureCode::Closed | LinkFailureCode::Protocol,
            detail,
        } => failure(LinkFailureCode::TlsFailed, detail.unwrap_or_default()),
        other => other,
    }
}

/// The version of a TLS connection, and what its two ends know and nobody else (RFC 9266), which
/// only TLS 1.3 has without conditions.
fn describe(tls: &TlsStream<TcpStream>) -> (&'static str, Option<Vec<u8>>) {
    let connection = tls.get_ref().1;
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return ("TLS 1.2", None);
    }
    let exporter =
        connection.export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", None);
    ("TLS 1.3", exporter.ok())
}
