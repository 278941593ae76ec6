//! A client that says whatever it is told to say, over verified TLS. Nobody else's client can be
//! trusted to misbehave.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minidom::Element;
use roost_testkit::RealServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const PATIENCE: Duration = Duration::from_secs(15);

/// Somebody who is signed in and available.
pub(crate) struct Raw {
    stream: TlsStream<TcpStream>,
    unread: Vec<u8>,
    heard: Vec<Element>,
    asked: u32,
}

impl Raw {
    pub(crate) async fn sign_in(server: &RealServer, user: &str, password: &str) -> Self {
        let mut raw = Self {
            stream: connect(server).await,
            unread: Vec::new(),
            heard: Vec::new(),
            asked: 0,
        };
        raw.open(server.domain()).await;
        let plain = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
        let sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
        raw.send(&format!(
            "<auth xmlns='{sasl}' mechanism='PLAIN'>{plain}</auth>"
        ))
        .await;
        let said = raw.next().await.expect("the server's decision");
        assert_eq!(said.name(), "success", "{said:?}");
        raw.open(server.domain()).await;
        let bind = format!(
            "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{user}</resource></bind>"
        );
        let bound = raw.ask("set", None, &bind).await;
        assert_eq!(outcome(&bound), "ok");
        raw.send("<presence/>").await;
        raw
    }

    async fn open(&mut self, domain: &str) {
        self.unread.clear();
        self.send(&format!(
            "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' \
             xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
        ))
        .await;
        let features = self.next().await.expect("features");
        assert_eq!(features.name(), "features", "{features:?}");
    }

    /// Asks, and gives the answer, whatever it is.
    pub(crate) async fn ask(&mut self, kind: &str, to: Option<&str>, payload: &str) -> Element {
        self.asked += 1;
        let id = format!("raw{}", self.asked);
        let to = to.map_or(String::new(), |to| format!(" to='{to}'"));
        self.send(&format!("<iq type='{kind}' id='{id}'{to}>{payload}</iq>"))
            .await;
        loop {
            let stanza = self.next().await.expect("an answer");
            let answers = matches!(stanza.attr("type"), Some("result" | "error"));
            if stanza.name() == "iq" && answers && stanza.attr("id") == Some(&id) {
                return stanza;
            }
            self.heard.push(stanza);
        }
    }

    pub(crate) async fn send(&mut self, xml: &str) {
        self.stream.write_all(xml.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// What came so far without being the answer to a question. Whatever the server sent before
    /// is in it, since the server is asked something first.
    pub(crate) async fn heard(&mut self) -> Vec<Element> {
        self.ask("get", None, "<query xmlns='jabber:iq:roster'/>")
            .await;
        std::mem::take(&mut self.heard)
    }

    /// Waits for a stanza that is as described.
    pub(crate) async fn hears<T>(
        &mut self,
        what: &str,
        is_it: impl Fn(&Element) -> Option<T>,
    ) -> T {
        loop {
            if let Some(it) = self.heard.iter().find_map(&is_it) {
                return it;
            }
            let next = self.next().await;
            let stanza = next.unwrap_or_else(|| panic!("the stream ended, without {what}"));
            self.heard.push(stanza);
        }
    }

    /// The next stanza; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Element> {
        loop {
            if let Some((end, is_header)) = first_stanza(&self.unread) {
                let bytes: Vec<u8> = self.unread.drain(..end).collect();
                if is_header {
                    continue;
                }
                let text = String::from_utf8(bytes).unwrap();
                let in_stream = format!(
                    "<stream xmlns='jabber:client' \
                     xmlns:stream='http://etherx.jabber.org/streams'>{text}</stream>"
                );
                let stream: Element = in_stream.parse().unwrap();
                return stream.children().next().cloned();
            }
            let read = timeout(PATIENCE, self.stream.read_buf(&mut self.unread)).await;
            match read.unwrap_or_else(|_| panic!("nothing comes after {:#?}", self.heard)) {
                Ok(length) if length > 0 => {}
                _ => return None,
            }
        }
    }
}

async fn connect(server: &RealServer) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(server.ca_pem().as_bytes()).unwrap();
    roots.add(authority).unwrap();
    let config = ClientConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(("127.0.0.1", server.direct_tls_port()));
    let name = ServerName::try_from(server.domain().to_owned()).unwrap();
    let connector = TlsConnector::from(std::sync::Arc::new(config));
    connector
        .connect(name, socket.await.unwrap())
        .await
        .unwrap()
}

/// How a question was answered: `ok`, or the error's type and condition, and the special
/// condition of PubSub if there is one.
pub(crate) fn outcome(answer: &Element) -> String {
    if answer.attr("type") == Some("result") {
        return "ok".to_owned();
    }
    let Some(error) = answer.children().find(|child| child.name() == "error") else {
        return "an error without a word".to_owned();
    };
    let kind = error.attr("type").unwrap_or_default();
    let conditions = error.children().filter(|child| child.name() != "text");
    conditions.fold(kind.to_owned(), |told, condition| {
        format!("{told}/{}", condition.name())
    })
}

/// Where the first whole stanza, or the stream's header, ends; and whether it is the header.
/// Servers write no comments and no CDATA.
fn first_stanza(xml: &[u8]) -> Option<(usize, bool)> {
    let mut depth = 0;
    let mut at = 0;
    loop {
        let begin = at + xml[at..].iter().position(|&byte| byte == b'<')?;
        let end = end_of_tag(xml, begin)?;
        let tag = &xml[begin..end];
        let is_header = tag.starts_with(b"<?") || tag.starts_with(b"<stream:stream");
        if depth == 0 && (is_header || tag.starts_with(b"</")) {
            return Some((end, true));
        }
        match tag {
            [b'<', b'/', ..] => depth -= 1,
            [.., b'/', b'>'] => {}
            _ => depth += 1,
        }
        if depth == 0 {
            return Some((end, false));
        }
        at = end;
    }
}

fn end_of_tag(xml: &[u8], begin: usize) -> Option<usize> {
    let mut quote = None;
    for (offset, &byte) in xml[begin..].iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(begin + offset + 1),
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}
