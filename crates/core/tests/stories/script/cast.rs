//! Who and what appears in the stories.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::{BareJid, FullJid, Jid};
use roost_forms::{Field, FieldKind, Form, FormKind};
use roost_model::{DeviceId, ItemId, Node, Secret, Show, Timestamp};
use roost_xmpp_proto::{
    Account, Contact, LinkFailure, LinkFailureCode, LinkState, Route, SessionEvent, Trust,
};

/// What a device of the stories looks like.
pub(crate) fn form() -> Form {
    Form::new(FormKind::Form)
        .with(Field::new(FieldKind::TextSingle, "temp").read_only())
        .with(Field::boolean("power"))
        .with(Field::slider("level", 0.0, 10.0, 0.5))
        .with(Field::button("ring"))
}

pub(super) fn account(name: &str) -> Account {
    Account {
        jid: bare(name),
        password: Secret::new("wherefore"),
        route: Route::Dns,
        trust: Trust::System,
        resource: None,
        silence: Duration::from_secs(30),
    }
}

/// `component` is the one of the domain.
pub(crate) fn bare(name: &str) -> BareJid {
    if name == "component" {
        return "pubsub.home".parse().unwrap();
    }
    format!("{name}@home").parse().unwrap()
}

pub(crate) fn device(name: &str) -> DeviceId {
    DeviceId::new(bare(name))
}

pub(crate) fn item_id(item: &str) -> ItemId {
    ItemId::new(item).unwrap()
}

pub(super) fn full(name: &str) -> FullJid {
    match jid(name) {
        jid if jid.is_full() => jid.try_into_full().unwrap(),
        other => panic!("{other} has no resource"),
    }
}

pub(super) fn jid(name: &str) -> Jid {
    match name.split_once('/') {
        Some((name, resource)) => format!("{name}@home/{resource}").parse().unwrap(),
        None => format!("{name}@home").parse().unwrap(),
    }
}

pub(super) fn our_jid() -> FullJid {
    full("juliet/app")
}

pub(super) fn short(jid: &BareJid) -> String {
    let node = jid.node().map(|node| node.to_string());
    node.unwrap_or_else(|| "component".to_owned())
}

pub(super) fn word(node: Node) -> &'static str {
    node.name().rsplit_once('.').unwrap().1
}

pub(super) fn node_of(word: &str) -> Node {
    Node::from_name(&format!("xmpp.iot.{word}")).unwrap()
}

/// `name:seen`, `name:unseen` or `name:asked`.
pub(super) fn contact(text: &str) -> Contact {
    let (name, how) = text.split_once(':').unwrap();
    Contact {
        jid: bare(name),
        name: None,
        groups: BTreeSet::new(),
        we_see_them: how == "seen",
        they_see_us: false,
        asked: how == "asked",
    }
}

pub(super) fn presence(who: &str, show: Option<Show>) -> SessionEvent {
    SessionEvent::Presence {
        from: jid(who),
        show,
        status: None,
    }
}

pub(super) fn link_state(state: &str) -> LinkState {
    let cause = LinkFailure {
        code: LinkFailureCode::Closed,
        detail: None,
    };
    match state {
        "off" => LinkState::Off,
        "connecting" => LinkState::Connecting { attempt: 1 },
        "waiting" => LinkState::Waiting {
            cause,
            retry_at: Timestamp(2_000_000),
            attempt: 1,
        },
        "failed" => LinkState::Failed { cause },
        "online" => LinkState::Online {
            bound: our_jid(),
            security: "TLS 1.3".into(),
        },
        _ => panic!("no state {state}"),
    }
}
