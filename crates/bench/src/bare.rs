//! The least that can be done: rendered stanzas over blocking TLS sockets, and a search for the
//! bytes of the answer. No parser, no types, no acknowledgements, nothing checked; a bound from
//! below, not a client.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::os::linux::net::TcpStreamExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roost_model::jid::BareJid;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Outcome;
use crate::contender::{self, Contender, REST, Round};
use crate::place::{PASSWORD, Place};

/// How long an answer may take before the run has failed.
const PATIENCE: Duration = Duration::from_secs(30);
const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const SENSORS: &str = "xmpp.iot.sensors";
const ACTUATORS: &str = "xmpp.iot.actuators";
const UI: &str = "xmpp.iot.ui";
const STAMP: &str = "2026-01-01T00:00:00.000Z";

/// A signed-in stream.
pub(crate) struct Wire {
    tls: StreamOwned<ClientConnection, TcpStream>,
    unread: Vec<u8>,
    asked: u64,
}

impl Wire {
    /// As [`Wire::bind`], and becomes available.
    pub(crate) fn sign_in(place: &Place, jid: &BareJid) -> Outcome<Self> {
        let mut wire = Self::bind(place, jid)?;
        wire.send("<presence/>")?;
        Ok(wire)
    }

    /// Signs in by PLAIN over verified TLS, and binds.
    pub(crate) fn bind(place: &Place, jid: &BareJid) -> Outcome<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(place.ca_pem.as_bytes()) {
            roots.add(certificate?)?;
        }
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let domain = jid.domain().as_str().to_owned();
        let client =
            ClientConnection::new(Arc::new(config), ServerName::try_from(domain.clone())?)?;
        let socket = TcpStream::connect(("127.0.0.1", place.direct_tls_port))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut wire = Self {
            tls: StreamOwned::new(client, socket),
            unread: Vec::new(),
            asked: 0,
        };
        let header = format!(
            "<stream:stream to='{domain}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        );
        let user = jid.node().ok_or("an account has a user part")?;
        let plain = STANDARD.encode(format!("\0{user}\0{PASSWORD}"));
        wire.send(&header)?;
        wire.read_past("</stream:features>")?;
        wire.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"
        ))?;
        wire.read_past("<success")?;
        wire.send(&header)?;
        wire.read_past("</stream:features>")?;
        wire.ask("", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")?;
        Ok(wire)
    }

    pub(crate) fn send(&mut self, stanza: &str) -> Outcome<()> {
        self.tls.write_all(stanza.as_bytes())?;
        Ok(self.tls.flush()?)
    }

    /// Asks for something, and waits until that was done.
    pub(crate) fn ask(&mut self, to: &str, question: &str) -> Outcome<()> {
        self.asked += 1;
        let id = format!("ask-{}-", self.asked);
        self.send(&iq(to, &id, question))?;
        self.await_answer(&id)
    }

    fn await_answer(&mut self, id: &str) -> Outcome<()> {
        self.read_past(&format!("id='{id}'"))
    }

    /// Reads until these bytes came, and forgets everything up to them.
    pub(crate) fn read_past(&mut self, wanted: &str) -> Outcome<()> {
        let wanted = wanted.as_bytes();
        let mut searched = 0;
        loop {
            let found = self.unread[searched..]
                .windows(wanted.len())
                .position(|window| window == wanted);
            if let Some(at) = found {
                self.unread.drain(..searched + at + wanted.len());
                return Ok(());
            }
            searched = self.unread.len().saturating_sub(wanted.len());
            let mut buffer = [0; 4096];
            // Said anew before each read, since the kernel falls back by itself: without it the
            // server's second small packet waits 40 ms for the acknowledgement of the first.
            self.tls.sock.set_quickack(true)?;
            let length = self.tls.read(&mut buffer)?;
            if length == 0 {
                return Err("the server closed the stream".into());
            }
            self.unread.extend_from_slice(&buffer[..length]);
        }
    }
}

/// The pair of streams that is measured.
pub(crate) struct Bare {
    device: Wire,
    app: Wire,
    /// The device's JID.
    home: String,
    turn: u64,
}

impl Bare {
    pub(crate) fn new(place: &Place) -> Outcome<Self> {
        Ok(Self {
            device: Wire::sign_in(place, &place.device)?,
            app: Wire::sign_in(place, &place.app)?,
            home: place.device.to_string(),
            turn: 0,
        })
    }

    fn publish(&mut self) -> Outcome<Duration> {
        let (id, value) = (
            format!("publish-{}-", self.turn),
            format!("{}.5", self.turn),
        );
        let stanza = temperature(&self.home, &id, &value);
        let begun = Instant::now();
        self.device.send(&stanza)?;
        self.app.read_past(&format!(">{value}</val>"))?;
        let took = begun.elapsed();
        self.device.await_answer(&id)?;
        Ok(took)
    }

    fn switch(&mut self) -> Outcome<Duration> {
        const STATE: &str = "xmpp.iot.actuator.led";
        let turn = self.turn;
        let payload = val(
            &format!("type='boolean' stamp='{STAMP}'"),
            &(turn % 2).to_string(),
        );
        let request = format!("set:{STATE}:{turn:016x}");
        let id = format!("state-{turn}-");
        let wish = iq(
            &self.home,
            &format!("wish-{turn}-"),
            &publish(ACTUATORS, &request, &payload),
        );
        let state = iq(&self.home, &id, &publish(ACTUATORS, STATE, &payload));
        let retraction = iq(
            &self.home,
            &format!("gone-{turn}-"),
            &format!(
                "<pubsub xmlns='{PUBSUB}'><retract node='{ACTUATORS}' notify='true'>\
                 <item id='{request}'/></retract></pubsub>"
            ),
        );
        let begun = Instant::now();
        self.app.send(&wish)?;
        self.device.read_past(&request)?;
        self.device.read_past("</val>")?;
        self.device.send(&state)?;
        self.app.read_past(&format!("'{STATE}'"))?;
        self.app.read_past("</val>")?;
        let took = begun.elapsed();
        self.device.await_answer(&id)?;
        self.device.send(&retraction)?;
        self.app.read_past("<retract")?;
        Ok(took)
    }
}

impl Contender for Bare {
    fn measure(&mut self, round: Round) -> Outcome<Duration> {
        std::thread::sleep(REST);
        self.turn += 1;
        match round {
            Round::Publish => self.publish(),
            Round::Switch => self.switch(),
        }
    }

    fn absorb(&mut self, last: u32) -> Outcome<()> {
        self.app.read_past(&format!(">{last}</val>"))
    }
}

/// Publishes whole temperatures as a device, a few at a time, until the server took all.
pub(crate) fn flood(device: &mut Wire, home: &str, values: Range<u32>) -> Outcome<()> {
    const AT_ONCE: u32 = 32;
    let mut taken = values.start;
    for value in values.clone() {
        let id = format!("flood-{value}-");
        device.send(&temperature(home, &id, &value.to_string()))?;
        if value - taken == AT_ONCE {
            device.await_answer(&format!("flood-{taken}-"))?;
            taken += 1;
        }
    }
    device.await_answer(&format!("flood-{}-", values.end - 1))
}

fn temperature(home: &str, id: &str, value: &str) -> String {
    let kind = format!("type='float' unit='celsius' stamp='{STAMP}'");
    let payload = val(&kind, value);
    iq(
        home,
        id,
        &publish(SENSORS, "xmpp.iot.sensor.temp", &payload),
    )
}

fn iq(to: &str, id: &str, question: &str) -> String {
    let to = if to.is_empty() {
        String::new()
    } else {
        format!(" to='{to}'")
    };
    format!("<iq type='set' id='{id}'{to}>{question}</iq>")
}

fn publish(node: &str, item: &str, payload: &str) -> String {
    format!(
        "<pubsub xmlns='{PUBSUB}'><publish node='{node}'><item id='{item}'>{payload}</item>\
         </publish></pubsub>"
    )
}

fn val(kind: &str, value: &str) -> String {
    format!("<val xmlns='urn:xmpp:uwpx:iot' {kind}>{value}</val>")
}

/// Makes the nodes of a contender's device as a Roost device does, and subscribes both sides.
pub(crate) fn prepare(place: &Place) -> Outcome<()> {
    let mut device = Wire::sign_in(place, &place.device)?;
    let mut app = Wire::sign_in(place, &place.app)?;
    make_nodes(&mut device, place)?;
    let home = place.device.to_string();
    let subscription = |jid: &BareJid, node: &str| {
        format!("<pubsub xmlns='{PUBSUB}'><subscribe node='{node}' jid='{jid}'/></pubsub>")
    };
    app.ask(&home, &subscription(&place.app, SENSORS))?;
    app.ask(&home, &subscription(&place.app, ACTUATORS))?;
    device.ask(&home, &subscription(&place.device, ACTUATORS))
}

/// The three nodes of a device, readable for the app.
fn make_nodes(device: &mut Wire, place: &Place) -> Outcome<()> {
    const CONFIGURATION: &[(&str, &str)] = &[
        ("access_model", "whitelist"),
        ("publish_model", "publishers"),
        ("persist_items", "1"),
        ("max_items", "100"),
        ("send_last_published_item", "never"),
        ("deliver_payloads", "1"),
        ("notify_retract", "1"),
        ("notify_delete", "1"),
        ("notification_type", "headline"),
        ("itemreply", "publisher"),
        ("presence_based_delivery", "0"),
    ];
    let fields: String = CONFIGURATION
        .iter()
        .map(|(name, value)| format!("<field var='pubsub#{name}'><value>{value}</value></field>"))
        .collect();
    let home = place.device.to_string();
    let affiliations = [
        (SENSORS, "member"),
        (ACTUATORS, "publisher"),
        (UI, "member"),
    ];
    for (node, affiliation) in affiliations {
        device.ask(
            &home,
            &format!(
                "<pubsub xmlns='{PUBSUB}'><create node='{node}'/><configure>\
                 <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
                 <value>{PUBSUB}#node_config</value></field>{fields}</x></configure></pubsub>"
            ),
        )?;
        device.ask(
            &home,
            &format!(
                "<pubsub xmlns='{PUBSUB}#owner'><affiliations node='{node}'>\
                 <affiliation jid='{}' affiliation='{affiliation}'/></affiliations></pubsub>",
                place.app
            ),
        )?;
    }
    Ok(())
}

pub(crate) fn contend(place: &Place) -> Outcome<()> {
    contender::serve(&mut Bare::new(place)?)
}
