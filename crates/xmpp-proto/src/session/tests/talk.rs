//! A conversation that reads like one. Nothing that a session says may remain unread.

use std::collections::BTreeMap;
use std::time::Duration;

use jid::{BareJid, FullJid};
use minidom::Element;
use roost_model::{Now, Timestamp};

use crate::{
    Answer, Identity, Payload, Request, RequestId, SendReport, SendStage, SendToken, Session,
    SessionConfig, SessionEvent, Stanza,
};

pub(super) const JULIET: &str = "juliet@capulet.lit";
pub(super) const BALCONY: &str = "juliet@capulet.lit/balcony";
pub(super) const KETTLE: &str = "kettle@home.lit";

/// A roster with one contact, the kettle.
pub(super) const ROSTER: &str = "<iq type='result' id='#1'><query xmlns='jabber:iq:roster'>\
    <item jid='kettle@home.lit' name='Kettle' subscription='both'/></query></iq>";

/// A session, and what it said but nobody read yet.
pub(super) struct Talk {
    pub(super) session: Session,
    pub(super) now: Now,
    /// `#1` in a story is the first id that the session gave, and so on.
    ids: BTreeMap<String, String>,
    tokens: Vec<SendToken>,
}

impl Talk {
    pub(super) fn new() -> Self {
        Self::of(config())
    }

    pub(super) fn of(config: SessionConfig) -> Self {
        Self {
            session: Session::new(config),
            now: Now::default() + Duration::from_secs(1_000_000),
            ids: BTreeMap::new(),
            tokens: Vec::new(),
        }
    }

    /// Signed in, with the kettle on the roster, and everything read.
    pub(super) fn signed_in() -> Self {
        let mut talk = Self::new();
        talk.up()
            .says(1)
            .tells(&["online juliet@capulet.lit/balcony"])
            .hears(ROSTER)
            .says(1)
            .tells(&["roster kettle@home.lit"]);
        talk
    }

    pub(super) fn up(&mut self) -> &mut Self {
        self.quiet();
        self.session
            .stream_up(FullJid::new(BALCONY).unwrap(), false, self.now);
        self
    }

    pub(super) fn resumed(&mut self) -> &mut Self {
        self.quiet();
        self.session
            .stream_up(FullJid::new(BALCONY).unwrap(), true, self.now);
        self
    }

    pub(super) fn suspended(&mut self) -> &mut Self {
        self.quiet();
        self.session.stream_suspended(self.now);
        self
    }

    pub(super) fn lost(&mut self) -> &mut Self {
        self.quiet();
        self.session.stream_lost(self.now);
        self
    }

    pub(super) fn asks(&mut self, id: u64, request: Request) -> &mut Self {
        self.session.request(RequestId(id), request, self.now);
        self
    }

    /// Time passes; the session is woken whenever it wants to be.
    pub(super) fn waits(&mut self, seconds: u64) -> &mut Self {
        self.quiet();
        let until = self.now + Duration::from_secs(seconds);
        while let Some(wake) = self
            .session
            .poll_timeout()
            .filter(|wake| *wake <= until.instant)
        {
            self.now = self.now + wake.since(self.now.instant);
            self.session.handle_timeout(self.now);
        }
        self.now = until;
        self
    }

    pub(super) fn hears(&mut self, xml: &str) -> &mut Self {
        self.quiet();
        let mut xml = xml.to_owned();
        for (name, id) in &self.ids {
            xml = xml.replace(&format!("'{name}'"), &format!("'{id}'"));
        }
        self.session.handle_stanza(stanza(&xml), self.now);
        self
    }

    /// The carrier reports on the n-th stanza that had a token.
    pub(super) fn reported(&mut self, n: usize, stage: SendStage) -> &mut Self {
        let report = SendReport {
            token: self.tokens[n],
            stage,
        };
        self.session.handle_report(report, self.now);
        self
    }

    /// The session sends exactly this now.
    pub(super) fn sends(&mut self, expected: &[&str]) -> &mut Self {
        for xml in expected {
            let Some(sent) = self.next_sent() else {
                panic!("nothing sent, expected {xml}");
            };
            let mut xml = (*xml).to_owned();
            if let Some(given) = sent.attr("id").map(str::to_owned) {
                let known = self.ids.iter().find(|(_, id)| **id == given);
                if let Some((name, _)) = known {
                    xml = xml.replace(&format!("'{name}'"), &format!("'{given}'"));
                }
            }
            let expected = Element::from(stanza(&xml));
            assert_eq!(String::from(&sent), String::from(&expected));
        }
        if let Some(more) = self.next_sent() {
            panic!("also sent {}", String::from(&more));
        }
        self
    }

    /// The session sends this many stanzas now, whatever they are.
    pub(super) fn says(&mut self, count: usize) -> &mut Self {
        let sent: Vec<_> = std::iter::from_fn(|| self.next_sent())
            .map(|sent| String::from(&sent))
            .collect();
        assert_eq!(sent.len(), count, "{sent:#?}");
        self
    }

    /// The session tells exactly this now.
    pub(super) fn tells(&mut self, expected: &[&str]) -> &mut Self {
        let told: Vec<_> = std::iter::from_fn(|| self.session.poll_event())
            .map(|event| describe(&event))
            .collect();
        assert_eq!(told, expected);
        self
    }

    fn next_sent(&mut self) -> Option<Element> {
        let transmit = self.session.poll_transmit()?;
        self.tokens.extend(transmit.token);
        let is_question = matches!(&transmit.stanza, Stanza::Iq(iq) if is_question(iq));
        let element = Element::from(transmit.stanza);
        if is_question && let Some(id) = element.attr("id") {
            self.ids
                .insert(format!("#{}", self.ids.len() + 1), id.to_owned());
        }
        Some(element)
    }

    fn quiet(&mut self) {
        self.sends(&[]).tells(&[]);
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.quiet();
        }
    }
}

pub(super) fn config() -> SessionConfig {
    let identity = Identity {
        category: "client".into(),
        kind: "pc".into(),
        name: "Roost".into(),
    };
    SessionConfig::new(
        BareJid::new(JULIET).unwrap(),
        identity,
        "https://example.org/roost",
        7,
    )
}

pub(super) fn kettle() -> BareJid {
    BareJid::new(KETTLE).unwrap()
}

/// Reads a stanza; the namespace of its root may be left out.
pub(super) fn stanza(xml: &str) -> Stanza {
    let name_end = xml.find([' ', '>', '/']).unwrap();
    let xml = format!(
        "{} xmlns='jabber:client'{}",
        &xml[..name_end],
        &xml[name_end..]
    );
    let element: Element = xml.parse().unwrap_or_else(|error| panic!("{error}: {xml}"));
    match element.name() {
        "iq" => Stanza::Iq(Box::new(element.try_into().unwrap())),
        "message" => Stanza::Message(Box::new(element.try_into().unwrap())),
        _ => Stanza::Presence(Box::new(element.try_into().unwrap())),
    }
}

fn is_question(iq: &xmpp_parsers::iq::Iq) -> bool {
    use xmpp_parsers::iq::Iq;
    matches!(iq, Iq::Get { .. } | Iq::Set { .. })
}

fn describe(event: &SessionEvent) -> String {
    use SessionEvent as E;
    match event {
        E::Online {
            bound,
            resumed: false,
        } => format!("online {bound}"),
        E::Online { resumed: true, .. } => "resumed".to_owned(),
        E::Suspended => "suspended".to_owned(),
        E::Roster(contacts) => {
            let jids: Vec<_> = contacts
                .iter()
                .map(|contact| contact.jid.as_str())
                .collect();
            format!("roster {}", jids.join(" "))
        }
        E::ContactChanged(contact) => format!("contact {}", contact.jid),
        E::ContactRemoved(jid) => format!("removed {jid}"),
        E::Presence {
            from,
            show: Some(show),
            ..
        } => format!("here {from} {show:?}"),
        E::Presence {
            from, show: None, ..
        } => format!("gone {from}"),
        E::SubscriptionStep { from, step } => format!("{step:?} {from}"),
        E::Features { from, features } => format!("features {from} {}", features.features.len()),
        E::Published {
            service,
            node,
            items,
        } => {
            let items: Vec<_> = items
                .iter()
                .map(|report| format!("{}={}", report.item, content(&report.payload)))
                .collect();
            format!("published {service} {node:?} {}", items.join(" "))
        }
        E::Retracted {
            service,
            node,
            items,
        } => {
            let items: Vec<_> = items.iter().map(ToString::to_string).collect();
            format!("retracted {service} {node:?} {}", items.join(" "))
        }
        E::NodeGone {
            service,
            node,
            deleted: false,
        } => format!("purged {service} {node:?}"),
        E::NodeGone {
            service,
            node,
            deleted: true,
        } => format!("deleted {service} {node:?}"),
        E::Text {
            from,
            body,
            delayed,
        } => {
            let when = delayed.map(|Timestamp(millis)| format!(" at {millis}"));
            format!("text {from}{}: {body}", when.unwrap_or_default())
        }
        E::Queried { from } => format!("queried by {from}"),
        E::Stage { request, stage } => format!("{} {stage:?}", request.0),
        E::Answer {
            request,
            result: Ok(Answer::Items(items)),
        } => {
            format!("{} items {}", request.0, items.len())
        }
        E::Answer {
            request,
            result: Ok(answer),
        } => format!("{} {answer:?}", request.0),
        E::Answer {
            request,
            result: Err(failure),
        } => format!("{} {:?}", request.0, failure.code),
        E::Discarded(discarded) => {
            let from = discarded
                .from
                .as_ref()
                .map_or("nobody", |from| from.as_str());
            format!("discarded {from} {:?}", discarded.reason)
        }
    }
}

fn content(payload: &Payload) -> &str {
    match payload {
        Payload::Value(val) => val.text(),
        Payload::Form(..) => "form",
        Payload::Unreadable => "?",
    }
}
