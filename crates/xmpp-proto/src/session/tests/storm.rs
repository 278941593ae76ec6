//! The machine searches for what the stories forgot.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::{BareJid, FullJid};
use minidom::Element;
use proptest::prelude::*;
use roost_model::{ItemId, Node, Now, Val};
use xmpp_parsers::iq::Iq;

use super::talk::{BALCONY, config, kettle, stanza};
use crate::{
    NodeConfig, Payload, Request, RequestId, SendReport, SendStage, SendToken, Session,
    SessionEvent, Stanza, limits,
};

/// What may happen to a session. Numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Step {
    Up {
        resumed: bool,
    },
    Suspended,
    Lost,
    Ask(u8),
    /// An answer to one of the questions sent so far, even if it was answered, is late, or is of
    /// an older stream.
    Answer {
        which: prop::sample::Index,
        answer: u8,
        from: u8,
    },
    Report {
        which: prop::sample::Index,
        is_acked: bool,
    },
    Time {
        millis: u32,
    },
    Hear(Element),
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<prop::sample::Index>;
    prop_oneof![
        2 => any::<bool>().prop_map(|resumed| Step::Up { resumed }),
        1 => Just(Step::Suspended),
        1 => Just(Step::Lost),
        20 => any::<u8>().prop_map(Step::Ask),
        20 => (which(), any::<u8>(), any::<u8>())
            .prop_map(|(which, answer, from)| Step::Answer { which, answer, from }),
        3 => (which(), any::<bool>()).prop_map(|(which, is_acked)| Step::Report { which, is_acked }),
        5 => (0..40_000u32).prop_map(|millis| Step::Time { millis }),
        5 => element().prop_map(Step::Hear),
    ]
}

/// Elements of the words that a session knows, put together without sense.
fn element() -> impl Strategy<Value = Element> {
    let name = prop::sample::select(vec![
        "query",
        "pubsub",
        "event",
        "items",
        "item",
        "retract",
        "purge",
        "delete",
        "val",
        "x",
        "field",
        "value",
        "c",
        "delay",
        "received",
        "result",
        "feature",
        "identity",
        "ping",
        "subscription",
        "subscriptions",
        "affiliation",
        "affiliations",
        "configure",
        "group",
    ]);
    let ns = prop::sample::select(vec![
        crate::ns::ROSTER,
        crate::ns::DISCO_INFO,
        crate::ns::CAPS,
        crate::ns::PUBSUB,
        crate::ns::PUBSUB_EVENT,
        crate::ns::PUBSUB_OWNER,
        crate::ns::VAL,
        crate::ns::DELAY,
        crate::ns::CARBONS,
        crate::ns::MAM,
        crate::ns::PING,
        "jabber:x:data",
        "",
    ]);
    let attribute = prop::sample::select(vec![
        ("node", "xmpp.iot.sensors"),
        ("node", "xmpp.iot.ui"),
        ("node", "other"),
        ("id", "a"),
        ("id", ""),
        ("jid", "kettle@home.lit"),
        ("jid", "@"),
        ("publisher", "kettle@home.lit/x"),
        ("publisher", "@"),
        ("subscription", "both"),
        ("subscription", "remove"),
        ("type", "float"),
        ("var", "FORM_TYPE"),
        ("var", "pubsub#access_model"),
        ("hash", "sha-1"),
        ("ver", "v"),
        ("stamp", "2026-03-29T01:30:00Z"),
        ("stamp", "?"),
        ("affiliation", "owner"),
    ]);
    let leaf = (
        name.clone(),
        ns.clone(),
        prop::collection::vec(attribute.clone(), 0..4),
        ".{0,8}",
    )
        .prop_map(|(name, ns, attributes, text)| build(name, ns, &attributes, Some(text), vec![]));
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let attributes = prop::collection::vec(attribute.clone(), 0..4);
        (
            name.clone(),
            ns.clone(),
            attributes,
            prop::collection::vec(inner, 0..4),
        )
            .prop_map(|(name, ns, attributes, children)| {
                build(name, ns, &attributes, None, children)
            })
    })
}

fn build(
    name: &str,
    ns: &str,
    attributes: &[(&str, &str)],
    text: Option<String>,
    children: Vec<Element>,
) -> Element {
    let mut builder = Element::builder(name, ns);
    for (name, value) in attributes {
        builder = builder.attr((*name).try_into().unwrap(), *value);
    }
    if let Some(text) = text {
        builder = builder.append(minidom::Node::Text(text));
    }
    builder.append_all(children).build()
}

fn request(kind: u8) -> Request {
    let service = if kind & 0x40 == 0 {
        kettle()
    } else {
        config().account
    };
    let node = Node::ALL[usize::from(kind) % 3];
    let item = ItemId::new("a").unwrap();
    match kind % 16 {
        0 => Request::SetContact {
            jid: service,
            name: None,
            groups: BTreeSet::new(),
        },
        1 => Request::RemoveContact { jid: service },
        2 => Request::Discover {
            jid: service.into(),
        },
        3 => Request::Subscribe { service, node },
        4 => Request::Unsubscribe { service, node },
        5 | 6 => Request::Fetch { service, node },
        7 => Request::Publish {
            service,
            node,
            item,
            payload: Payload::Unreadable,
        },
        8 => Request::Retract {
            service,
            node,
            item,
        },
        9 => Request::CreateNode {
            node,
            config: NodeConfig::ROOST,
        },
        10 => Request::ReadNodeConfig { node },
        11 => Request::SetAffiliations {
            node,
            affiliations: vec![],
        },
        12 => Request::ReadAffiliations { node },
        13 => Request::ReadSubscribers { node },
        _ => Request::Publish {
            service,
            node,
            item,
            payload: Payload::Value(Val::from_wire("1", None, None, None)),
        },
    }
}

/// The model beside the session: who still waits for an answer.
struct Storm {
    session: Session,
    now: Now,
    waiting: BTreeSet<u64>,
    asked: u64,
    sent: Vec<Iq>,
    tokens: Vec<SendToken>,
}

impl Storm {
    fn new() -> Self {
        Self {
            session: Session::new(config()),
            now: Now::default(),
            waiting: BTreeSet::new(),
            asked: 0,
            sent: Vec::new(),
            tokens: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Up { resumed } => {
                self.session
                    .stream_up(FullJid::new(BALCONY).unwrap(), resumed, self.now);
            }
            Step::Suspended => self.session.stream_suspended(self.now),
            Step::Lost => self.session.stream_lost(self.now),
            Step::Ask(kind) => {
                self.asked += 1;
                self.waiting.insert(self.asked);
                self.session
                    .request(RequestId(self.asked), request(kind), self.now);
            }
            Step::Answer {
                which,
                answer,
                from,
            } => {
                if !self.sent.is_empty() {
                    let question = which.get(&self.sent).clone();
                    self.session
                        .handle_stanza(answer_to(&question, answer, from), self.now);
                }
            }
            Step::Report { which, is_acked } => {
                if !self.tokens.is_empty() {
                    let stage = if is_acked {
                        SendStage::Acked
                    } else {
                        SendStage::Sent
                    };
                    let report = SendReport {
                        token: *which.get(&self.tokens),
                        stage,
                    };
                    self.session.handle_report(report, self.now);
                }
            }
            Step::Time { millis } => {
                self.now = self.now + Duration::from_millis(millis.into());
                self.session.handle_timeout(self.now);
            }
            Step::Hear(element) => {
                for heard in carriers(&element) {
                    self.session.handle_stanza(heard, self.now);
                }
            }
        }
        self.listen();
    }

    /// Every answer must be to a question that waits; nothing is told of questions that do not.
    fn listen(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                SessionEvent::Answer { request, .. } => {
                    assert!(
                        self.waiting.remove(&request.0),
                        "answered twice: {}",
                        request.0
                    );
                }
                SessionEvent::Stage { request, .. } => {
                    assert!(self.waiting.contains(&request.0), "a stage after the end");
                }
                _ => {}
            }
        }
        while let Some(transmit) = self.session.poll_transmit() {
            self.tokens.extend(transmit.token);
            if let Stanza::Iq(iq) = transmit.stanza
                && matches!(*iq, Iq::Get { .. } | Iq::Set { .. })
            {
                self.sent.push(*iq);
            }
        }
    }
}

fn answer_to(question: &Iq, answer: u8, from: u8) -> Stanza {
    let from = match from % 8 {
        0 => " from='stranger@evil.lit'".to_owned(),
        1 => String::new(),
        _ => match question.to() {
            Some(asked) => format!(" from='{asked}'"),
            None => " from='juliet@capulet.lit'".to_owned(),
        },
    };
    let id = question.id();
    let payload = match answer % 6 {
        0 => {
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='xmpp.iot.ui'/></pubsub>"
        }
        1 => "<query xmlns='jabber:iq:roster'><item jid='kettle@home.lit'/></query>",
        2 => "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='a'/></query>",
        3 => "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><affiliations/></pubsub>",
        4 => "",
        _ => {
            return stanza(&format!(
                "<iq type='error' id='{id}'{from}><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ));
        }
    };
    stanza(&format!("<iq type='result' id='{id}'{from}>{payload}</iq>"))
}

/// The element as everything it may arrive as, from friend, own account, server and nobody.
fn carriers(element: &Element) -> Vec<Stanza> {
    let mut carriers = Vec::new();
    for from in [
        " from='kettle@home.lit'",
        " from='juliet@capulet.lit'",
        " from='home.lit'",
        "",
    ] {
        for empty in [
            format!("<message{from}/>"),
            format!("<presence{from}/>"),
            format!("<iq type='get' id='i'{from}><ping xmlns='urn:xmpp:ping'/></iq>"),
            format!("<iq type='set' id='i'{from}><ping xmlns='urn:xmpp:ping'/></iq>"),
            format!("<iq type='result' id='i'{from}/>"),
        ] {
            let mut carrier = stanza(&empty);
            match &mut carrier {
                Stanza::Message(message) => message.payloads.push(element.clone()),
                Stanza::Presence(presence) => presence.payloads.push(element.clone()),
                Stanza::Iq(iq) => match &mut **iq {
                    Iq::Get { payload, .. } | Iq::Set { payload, .. } => *payload = element.clone(),
                    Iq::Result { payload, .. } => *payload = Some(element.clone()),
                    Iq::Error { .. } => {}
                },
            }
            carriers.push(carrier);
        }
    }
    carriers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_question_has_exactly_one_answer(steps in prop::collection::vec(step(), 1..200)) {
        let mut storm = Storm::new();
        for step in steps {
            storm.take(step);
        }
        storm.take(Step::Lost);
        prop_assert_eq!(storm.waiting, BTreeSet::new());
    }

    #[test]
    fn silence_answers_everything_in_time(kinds in prop::collection::vec(any::<u8>(), 1..300)) {
        let mut storm = Storm::new();
        storm.take(Step::Up { resumed: false });
        for kind in kinds {
            storm.take(Step::Ask(kind));
            prop_assert!(storm.sent.len() <= limits::IN_FLIGHT);
        }
        let deadline = config().deadline;
        let patience = storm.now + deadline * 62;
        while let Some(wake) = storm.session.poll_timeout()
            && !storm.waiting.is_empty()
        {
            prop_assert!(wake <= patience.instant, "somebody waits too long");
            let millis = u32::try_from(wake.since(storm.now.instant).as_millis()).unwrap();
            storm.take(Step::Time { millis });
        }
        prop_assert_eq!(storm.waiting, BTreeSet::new());
    }

    #[test]
    fn no_element_is_too_strange(element in element()) {
        let mut session = Session::new(config());
        session.stream_up(FullJid::new(BALCONY).unwrap(), false, Now::default());
        while session.poll_transmit().is_some() || session.poll_event().is_some() {}
        for heard in carriers(&element) {
            let is_question = matches!(&heard, Stanza::Iq(iq) if matches!(**iq, Iq::Get { .. } | Iq::Set { .. }));
            let is_push = element.is("query", crate::ns::ROSTER);
            session.handle_stanza(heard, Now::default());
            let sent = std::iter::from_fn(|| session.poll_transmit()).count();
            if is_question && !is_push {
                prop_assert_eq!(sent, 1, "every question has one answer");
            }
            for event in std::iter::from_fn(|| session.poll_event()) {
                if let SessionEvent::Published { service, .. } = event {
                    prop_assert!(service == kettle() || service == BareJid::new(super::talk::JULIET).unwrap());
                }
            }
        }
    }
}
