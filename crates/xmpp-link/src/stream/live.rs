//! An open stream: stanzas in, stanzas out, acknowledgements, pings, and how it ends.
//!
//! Polled, not awaited, so that reading and writing go on together in one task and nothing is lost
//! when a wait is given up. What is given with [`Live::send`] goes out with the next poll, all of
//! it in one write.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures::{Sink, Stream, StreamExt};
use jid::{BareJid, FullJid, Jid};
use roost_xmpp_proto::{LinkFailure, LinkFailureCode, SendReport, SendStage, Stanza, Transmit};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_xmpp::xmlstream::{
    FallibleStreamElement, ReadError, StreamElementError, XmppStreamElement,
};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping::Ping;
use xmpp_parsers::{csi, ns, sm};

use super::talk::{Socket, is_nonza};
use super::watchdog::{Signs, Verdict, Watchdog};
use super::{Management, Xml};
use crate::failure::{failure, of_io, of_read, of_stream};
use crate::transport::Wanted;

/// How much may wait to be sent before nothing more is read, since what is read makes answers.
const MAX_UNSENT: usize = 1024;
/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
const PING_ID: &str = "roost-alive-";

/// An open stream.
pub(crate) struct Live<S> {
    xml: Xml<S>,
    bound: FullJid,
    management: Option<Management>,
    unsent: VecDeque<Transmit>,
    /// Whether the server wants to know if a person is looking (XEP-0352).
    takes_client_state: bool,
    /// What the server is to be told of it, before all stanzas.
    client_state: Option<bool>,
    signals: VecDeque<Signal>,
    /// The server asked for an acknowledgement.
    owes_ack: bool,
    /// Something was written and not yet flushed.
    unflushed: bool,
    ended: bool,
    pings: u64,
    watchdog: Watchdog,
    alarm: Pin<Box<Sleep>>,
}

/// What a stream tells.
pub(crate) enum Signal {
    Stanza(Stanza),
    Report(SendReport),
    /// The last one.
    End(End),
}

/// Why and how a stream ended.
pub(crate) struct End {
    pub(crate) failure: LinkFailure,
    /// Whether the server may still know the stream when we come back.
    pub(crate) resumable: bool,
}

impl<S: Socket> Live<S> {
    pub(crate) fn new(
        xml: Xml<S>,
        bound: FullJid,
        management: Option<Management>,
        silence: Duration,
    ) -> Self {
        let now = Instant::now();
        Self {
            xml,
            bound,
            management,
            unsent: VecDeque::new(),
            takes_client_state: false,
            client_state: None,
            signals: VecDeque::new(),
            owes_ack: false,
            unflushed: false,
            ended: false,
            pings: 0,
            watchdog: Watchdog::new(silence, now.into_std(), SystemTime::now()),
            alarm: Box::pin(sleep_until(now)),
        }
    }

    /// What came before the stream was open.
    pub(crate) fn came_early(&mut self, stanzas: Vec<Stanza>) {
        self.signals.extend(stanzas.into_iter().map(Signal::Stanza));
    }

    /// Tells what was acknowledged on resumption.
    pub(crate) fn report(&mut self, reports: Vec<SendReport>) {
        self.signals.extend(reports.into_iter().map(Signal::Report));
    }

    pub(crate) fn send(&mut self, transmit: Transmit) {
        self.unsent.push_back(transmit);
    }

    pub(crate) fn takes_client_state(&mut self, takes: bool) {
        self.takes_client_state = takes;
    }

    pub(crate) fn send_client_state(&mut self, is_active: bool) {
        if self.takes_client_state {
            self.client_state = Some(is_active);
        }
    }

    /// Our full JID.
    pub(crate) fn bound(&self) -> &FullJid {
        &self.bound
    }

    /// How many stanzas wait to be sent.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// The stream may be silent for this long from now on.
    pub(crate) fn set_silence(&mut self, silence: Duration) {
        self.watchdog.set_silence(silence);
        self.alarm.as_mut().reset(Instant::now());
    }

    /// There is reason to believe that the stream is dead.
    pub(crate) fn doubt(&mut self) {
        self.watchdog.doubt();
        self.alarm.as_mut().reset(Instant::now());
    }

    /// What is left for a resumption: the counts, and what was never sent.
    pub(crate) fn into_remains(self) -> (FullJid, Option<Management>, VecDeque<Transmit>) {
        (self.bound, self.management, self.unsent)
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>, wanted: Wanted) -> Poll<Signal> {
        loop {
            if self.ended {
                return Poll::Pending;
            }
            let reading = wanted == Wanted::Everything && self.unsent.len() < MAX_UNSENT;
            let holds_back = |signal: &Signal| {
                wanted == Wanted::NoStanzas && matches!(signal, Signal::Stanza(_))
            };
            if !self.signals.front().is_some_and(holds_back)
                && let Some(signal) = self.signals.pop_front()
            {
                self.ended = matches!(signal, Signal::End(_));
                return Poll::Ready(signal);
            }
            if let Err(error) = self.poll_write(cx) {
                self.end(of_io(&error), error.kind() != io::ErrorKind::InvalidInput);
                continue;
            }
            if !self.signals.is_empty() && wanted == Wanted::Everything {
                continue;
            }
            if reading && let Poll::Ready(item) = Pin::new(&mut self.xml).poll_next(cx) {
                self.take(item);
                continue;
            }
            if self.poll_watchdog(cx, reading).is_ready() {
                continue;
            }
            return Poll::Pending;
        }
    }

    /// Sends what there is to send, as far as the socket takes it.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while let Poll::Ready(ready) = Sink::<&Iq>::poll_ready(Pin::new(&mut self.xml), cx) {
            ready?;
            if !self.write_one()? {
                break;
            }
            self.unflushed = true;
        }
        if self.unflushed
            && let Poll::Ready(flushed) = Sink::<&Iq>::poll_flush(Pin::new(&mut self.xml), cx)
        {
            flushed?;
            self.unflushed = false;
        }
        Ok(())
    }

    /// Writes the next thing; `false` if there is none.
    fn write_one(&mut self) -> io::Result<bool> {
        let xml = Pin::new(&mut self.xml);
        if let Some(management) = self.management.as_ref().filter(|_| self.owes_ack) {
            self.owes_ack = false;
            xml.start_send(&sm::A::new(management.handled()))?;
            return Ok(true);
        }
        // No stanza, so not counted (XEP-0198, section 4).
        if let Some(is_active) = self.client_state.take() {
            if is_active {
                xml.start_send(&csi::Active)?;
            } else {
                xml.start_send(&csi::Inactive)?;
            }
            return Ok(true);
        }
        if self.management.as_ref().is_none_or(Management::has_room)
            && let Some(transmit) = self.unsent.pop_front()
        {
            match &transmit.stanza {
                Stanza::Iq(iq) => xml.start_send(&**iq)?,
                Stanza::Message(message) => xml.start_send(&**message)?,
                Stanza::Presence(presence) => xml.start_send(&**presence)?,
            }
            if let Some(token) = transmit.token {
                self.signals.push_back(Signal::Report(SendReport {
                    token,
                    stage: SendStage::Sent,
                }));
            }
            if let Some(management) = &mut self.management {
                management.sent(transmit);
            }
            return Ok(true);
        }
        if self.management.as_mut().is_some_and(Management::asks) {
            xml.start_send(&sm::R)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Takes what came from the server.
    fn take(&mut self, item: Option<Result<FallibleStreamElement, ReadError>>) {
        match item {
            Some(Ok(FallibleStreamElement::Ok(element))) => self.take_element(element),
            Some(Ok(FallibleStreamElement::Err(error))) => self.take_unreadable(&error),
            Some(Err(ReadError::SoftTimeout)) => {}
            Some(Err(error)) => {
                // An orderly goodbye ends the session; what is not XMPP would only come again.
                let cut = matches!(&error, ReadError::HardError(error)
                    if error.kind() != io::ErrorKind::InvalidData);
                let failure = match self.xml.get_stream().excess() {
                    Some(excess) => failure(LinkFailureCode::Protocol, excess.to_string()),
                    None => of_read(error),
                };
                self.end(failure, cut);
            }
            None => self.end(failure(LinkFailureCode::Closed, ""), true),
        }
    }

    fn take_element(&mut self, element: XmppStreamElement) {
        match element {
            XmppStreamElement::Stanza(stanza) => {
                if let Some(management) = &mut self.management {
                    management.received();
                }
                let stanza = from_library(stanza);
                if !is_pong(&stanza) {
                    self.signals.push_back(Signal::Stanza(stanza));
                }
            }
            XmppStreamElement::SM(sm::Nonza::Req(_)) => self.owes_ack = true,
            XmppStreamElement::SM(sm::Nonza::Ack(ack)) => {
                let Some(management) = &mut self.management else {
                    return;
                };
                match management.acknowledged(ack.h) {
                    Ok(reports) => self.report(reports),
                    Err(error) => {
                        self.end(failure(LinkFailureCode::Protocol, error.to_string()), false);
                    }
                }
            }
            XmppStreamElement::StreamError(error) => self.end(of_stream(&error.0), false),
            XmppStreamElement::SM(_)
            | XmppStreamElement::Sasl(_)
            | XmppStreamElement::Starttls(_)
            | XmppStreamElement::ComponentHandshake(_) => {
                tracing::debug!("something came that does not belong here");
            }
        }
    }

    fn take_unreadable(&mut self, error: &StreamElementError) {
        tracing::debug!(%error, "unreadable");
        match error {
            StreamElementError::InvalidStanza { .. } => {
                if let Some(management) = &mut self.management {
                    management.received();
                }
            }
            StreamElementError::InvalidNonza { .. } => {
                if is_nonza(error, ns::STREAM, "error") {
                    self.end(failure(LinkFailureCode::StreamError, ""), false);
                }
            }
        }
    }

    fn poll_watchdog(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<()> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let wire = self.xml.get_stream();
            let signs = Signs {
                heard_at: wire.heard_at(),
                stalled: self.unflushed,
                reading,
            };
            match self.watchdog.look(signs, now.into_std(), SystemTime::now()) {
                Verdict::Alive(wake) => {
                    let wake = Instant::from_std(wake).max(now + Duration::from_millis(1));
                    self.alarm.as_mut().reset(wake);
                    continue;
                }
                Verdict::Ask => self.ping(),
                Verdict::Dead => self.end(failure(LinkFailureCode::Silent, ""), true),
            }
            self.alarm.as_mut().reset(now + Duration::from_millis(1));
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Asks the server for a sign of life, before everything that waits.
    fn ping(&mut self) {
        self.pings += 1;
        let id = format!("{PING_ID}{}", self.pings);
        let ping = Iq::from_get(id, Ping).with_to(self.server());
        self.unsent.push_front(Transmit {
            stanza: Stanza::Iq(Box::new(ping)),
            token: None,
        });
    }

    fn server(&self) -> Jid {
        Jid::from(BareJid::from_parts(None, self.bound.domain()))
    }

    fn end(&mut self, failure: LinkFailure, resumable: bool) {
        self.signals
            .push_back(Signal::End(End { failure, resumable }));
    }

    /// Sends what waits, says goodbye, and waits for the server's goodbye: the server then knows
    /// at once that we are gone, and nothing is lost.
    pub(crate) async fn close(mut self) {
        let goodbye = async {
            std::future::poll_fn(|cx| match self.poll_write(cx) {
                Ok(()) if self.unsent.is_empty() && !self.unflushed => Poll::Ready(()),
                Ok(()) => Poll::Pending,
                Err(_) => Poll::Ready(()),
            })
            .await;
            if self.xml.shutdown().await.is_ok() {
                while let Some(Ok(_)) = self.xml.next().await {}
            }
        };
        if timeout(GOODBYE, goodbye).await.is_err() {
            tracing::debug!("the server did not say goodbye");
        }
    }
}

fn is_pong(stanza: &Stanza) -> bool {
    let Stanza::Iq(iq) = stanza else {
        return false;
    };
    matches!(**iq, Iq::Result { .. } | Iq::Error { .. }) && iq.id().starts_with(PING_ID)
}

pub(super) fn from_library(stanza: tokio_xmpp::Stanza) -> Stanza {
    match stanza {
        tokio_xmpp::Stanza::Iq(iq) => Stanza::Iq(Box::new(iq)),
        tokio_xmpp::Stanza::Message(message) => Stanza::Message(Box::new(message)),
        tokio_xmpp::Stanza::Presence(presence) => Stanza::Presence(Box::new(presence)),
    }
}
