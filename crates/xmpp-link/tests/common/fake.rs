//! A server that does what a test wants, right or wrong.
//!
//! It speaks just enough of XMPP to sign one client in at a time, by looking for words in what
//! comes. Everything it heard after TLS began is kept, so that a test can tell what was said.

use std::io;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::{hmac, pbkdf2};
use roost_testkit::{Authority, Issued};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::PASSWORD;

/// How the server behaves. The default is a good server.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) direct_tls: bool,
    /// What it says instead of a stream, before TLS.
    pub(crate) greeting: Option<&'static [u8]>,
    pub(crate) offers_starttls: bool,
    /// What somebody puts into the clear stream behind `<proceed/>`.
    pub(crate) injected: &'static str,
    pub(crate) certificate: Issued,
    pub(crate) mechanisms: Vec<&'static str>,
    /// Kinds of channel binding that it says it has (XEP-0440).
    pub(crate) bindings: Vec<&'static str>,
    pub(crate) rounds: u32,
    /// Whether it knows the password.
    pub(crate) honest: bool,
    /// Whether it manages streams (XEP-0198).
    pub(crate) manages: bool,
    /// Whom it says we are.
    pub(crate) bound: &'static str,
    /// Whether every byte goes alone.
    pub(crate) drips: bool,
    /// What it says once the stream is up.
    pub(crate) script: Vec<u8>,
    /// Whether it answers pings.
    pub(crate) alive: bool,
    /// Whether it closes after the script.
    pub(crate) closes: bool,
    /// Which connections, counted from zero, it refuses to sign in.
    pub(crate) refuses: Range<usize>,
}

impl Fake {
    pub(crate) fn new(authority: &Authority) -> Self {
        Self {
            direct_tls: false,
            greeting: None,
            offers_starttls: true,
            injected: "",
            certificate: authority.issue(&["localhost"]).unwrap(),
            mechanisms: vec!["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"],
            bindings: Vec::new(),
            rounds: 4096,
            honest: true,
            manages: true,
            bound: "juliet@localhost/balcony",
            drips: false,
            script: Vec::new(),
            alive: true,
            closes: false,
            refuses: 0..0,
        }
    }

    pub(crate) async fn start(self) -> FakeServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let task = tokio::spawn({
            let heard = heard.clone();
            async move {
                for number in 0.. {
                    let (socket, _) = listener.accept().await.unwrap();
                    socket.set_nodelay(true).unwrap();
                    let refused = self.refuses.contains(&number);
                    let (fake, heard) = (self.clone(), heard.clone());
                    tokio::spawn(async move {
                        // The client may leave when it likes.
                        let _ = fake.serve(socket, heard, refused).await;
                    });
                }
            }
        });
        FakeServer { port, heard, task }
    }

    async fn serve(self, socket: TcpStream, heard: Heard, refused: bool) -> io::Result<()> {
        let mut socket = socket;
        if let Some(greeting) = self.greeting {
            socket.write_all(greeting).await?;
            socket.read_to_end(&mut Vec::new()).await?;
            return Ok(());
        }
        if !self.direct_tls {
            let mut clear = Talk::new(socket, false, Heard::default());
            clear.expect("version").await?;
            let starttls = if self.offers_starttls {
                "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
            } else {
                ""
            };
            clear.features(starttls).await?;
            clear.expect("<starttls").await?;
            let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
            clear.say(&format!("{proceed}{}", self.injected)).await?;
            socket = clear.socket;
        }
        let tls = self.acceptor().accept(socket).await?;
        let exporter = exporter(&tls);
        let mut talk = Talk::new(tls, self.drips, heard);
        self.sign_in(&mut talk, &exporter, refused).await?;
        self.seat(&mut talk).await?;
        self.live(&mut talk).await
    }

    fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = vec![CertificateDer::from(
            self.certificate.certificate_der.clone(),
        )];
        let key = PrivateKeyDer::try_from(self.certificate.key_der.clone()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    async fn sign_in<S: Socket>(
        &self,
        talk: &mut Talk<S>,
        exporter: &[u8],
        refused: bool,
    ) -> io::Result<()> {
        talk.expect("version").await?;
        let names: String = self
            .mechanisms
            .iter()
            .map(|name| format!("<mechanism>{name}</mechanism>"))
            .collect();
        let mut features =
            format!("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{names}</mechanisms>");
        if !self.bindings.is_empty() {
            let kinds: String = self
                .bindings
                .iter()
                .map(|kind| format!("<channel-binding type='{kind}'/>"))
                .collect();
            features += &format!(
                "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{kinds}</sasl-channel-binding>"
            );
        }
        talk.features(&features).await?;

        let auth = talk.expect("</auth>").await?;
        if refused {
            let namespace = "urn:ietf:params:xml:ns:xmpp-sasl";
            let refusal = format!("<failure xmlns='{namespace}'><not-authorized/></failure>");
            talk.say(&refusal).await?;
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let sha1 = auth.contains("SCRAM-SHA-1'") || auth.contains("SCRAM-SHA-1-PLUS");
        let first = text_of(&auth);
        let (gs2, bare) = first.split_at(first.find("n=").unwrap());
        let nonce = format!("{}server", bare.split_once("r=").unwrap().1);
        let salt = BASE64.encode(b"salt");
        let challenge = format!("r={nonce},s={salt},i={}", self.rounds);
        talk.sasl("challenge", &challenge).await?;

        let response = text_of(&talk.expect("</response>").await?);
        let (unproven, _) = response.rsplit_once(",p=").unwrap();
        let mut bound = gs2.as_bytes().to_vec();
        if gs2.starts_with("p=") {
            bound.extend_from_slice(exporter);
        }
        let expected = format!("c={},", BASE64.encode(bound));
        assert!(unproven.starts_with(&expected), "bound to another channel");
        let password = if self.honest { PASSWORD } else { "unknown" };
        let message = format!("{bare},{challenge},{unproven}");
        let signature = signature(sha1, password, self.rounds, &message);
        talk.sasl("success", &format!("v={}", BASE64.encode(signature)))
            .await
    }

    /// Binds, as a server that forgot every stream it had.
    async fn seat<S: Socket>(&self, talk: &mut Talk<S>) -> io::Result<()> {
        talk.expect("version").await?;
        let sm = if self.manages {
            "<sm xmlns='urn:xmpp:sm:3'/>"
        } else {
            ""
        };
        let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
        talk.features(&format!("{bind}{sm}")).await?;
        if talk.expect_either("<resume", "</iq>").await? == 0 {
            talk.say("<failed xmlns='urn:xmpp:sm:3'/>").await?;
            talk.expect("</iq>").await?;
        }
        talk.say(&format!(
            "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <jid>{}</jid></bind></iq>",
            self.bound
        ))
        .await?;
        if self.manages {
            talk.expect("<enable").await?;
            talk.say("<enabled xmlns='urn:xmpp:sm:3' id='some-id' resume='true'/>")
                .await?;
        }
        Ok(())
    }

    async fn live<S: Socket>(&self, talk: &mut Talk<S>) -> io::Result<()> {
        talk.drips = false;
        for part in self.script.chunks(16 * 1024) {
            talk.socket.write_all(part).await?;
            talk.socket.flush().await?;
        }
        if self.closes {
            talk.expect("jabber:iq:roster").await?;
            talk.socket.shutdown().await?;
            return talk.expect("nothing more").await.map(|_| ());
        }
        loop {
            if talk
                .expect_either("</stream:stream>", "urn:xmpp:ping")
                .await?
                == 0
            {
                return talk.say("</stream:stream>").await;
            }
            let ping = talk.expect("urn:xmpp:ping").await?;
            let id = ping.rsplit_once("id='").unwrap().1;
            let id = id.split('\'').next().unwrap();
            if self.alive {
                talk.say(&format!("<iq type='result' id='{id}'/>")).await?;
            }
        }
    }
}

/// A server that runs until it is dropped.
pub(crate) struct FakeServer {
    pub(crate) port: u16,
    heard: Heard,
    task: JoinHandle<()>,
}

impl FakeServer {
    /// Everything that clients said since TLS began.
    pub(crate) fn heard(&self) -> String {
        self.heard.0.lock().unwrap().clone()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Socket for S {}

struct Talk<S> {
    socket: S,
    drips: bool,
    heard: Heard,
    /// What came and was not expected yet.
    pending: String,
}

impl<S: Socket> Talk<S> {
    fn new(socket: S, drips: bool, heard: Heard) -> Self {
        Self {
            socket,
            drips,
            heard,
            pending: String::new(),
        }
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        if self.drips {
            for byte in text.bytes() {
                self.socket.write_all(&[byte]).await?;
                self.socket.flush().await?;
            }
            return Ok(());
        }
        self.socket.write_all(text.as_bytes()).await?;
        self.socket.flush().await
    }

    async fn features(&mut self, features: &str) -> io::Result<()> {
        self.say(&format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='1' \
             xmlns:stream='http://etherx.jabber.org/streams' from='localhost'>\
             <stream:features>{features}</stream:features>"
        ))
        .await
    }

    async fn sasl(&mut self, name: &str, data: &str) -> io::Result<()> {
        let data = BASE64.encode(data);
        let namespace = "urn:ietf:params:xml:ns:xmpp-sasl";
        self.say(&format!("<{name} xmlns='{namespace}'>{data}</{name}>"))
            .await
    }

    /// Waits for a word; gives everything up to it.
    async fn expect(&mut self, word: &str) -> io::Result<String> {
        self.expect_either(word, word).await?;
        let end = self.pending.find(word).unwrap() + word.len();
        Ok(self.pending.drain(..end).collect())
    }

    /// Waits for one of two words, and takes nothing.
    async fn expect_either(&mut self, first: &str, second: &str) -> io::Result<usize> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            if self.pending.contains(first) {
                return Ok(0);
            }
            if self.pending.contains(second) {
                return Ok(1);
            }
            let length = self.socket.read(&mut buffer).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = String::from_utf8_lossy(&buffer[..length]);
            self.heard.0.lock().unwrap().push_str(&text);
            self.pending.push_str(&text);
        }
    }
}

/// The decoded text of the last element.
fn text_of(element: &str) -> String {
    let end = element.rfind("</").unwrap();
    let start = element[..end].rfind('>').unwrap() + 1;
    String::from_utf8(BASE64.decode(&element[start..end]).unwrap()).unwrap()
}

fn exporter(tls: &TlsStream<TcpStream>) -> Vec<u8> {
    tls.get_ref()
        .1
        .export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", None)
        .unwrap()
}

fn signature(sha1: bool, password: &str, rounds: u32, message: &str) -> Vec<u8> {
    let (derivation, algorithm, length) = if sha1 {
        let hmac = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
        (pbkdf2::PBKDF2_HMAC_SHA1, hmac, 20)
    } else {
        (pbkdf2::PBKDF2_HMAC_SHA256, hmac::HMAC_SHA256, 32)
    };
    let mut salted = vec![0; length];
    let rounds = NonZeroU32::new(rounds).unwrap();
    pbkdf2::derive(
        derivation,
        rounds,
        b"salt",
        password.as_bytes(),
        &mut salted,
    );
    let server_key = hmac::sign(&hmac::Key::new(algorithm, &salted), b"Server Key");
    let key = hmac::Key::new(algorithm, server_key.as_ref());
    hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
}
