//! Every door of a node, and what each server says to those who try it.

use roost_testkit::ServerKind;

/// Who knocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Somebody whom the kettle does not know.
    Stranger,
    /// Somebody who may look.
    Reader,
}

/// One way to ask the kettle's account for something.
pub(crate) struct Door {
    pub(crate) what: &'static str,
    /// `get` or `set`.
    pub(crate) kind: &'static str,
    /// `{node}`, `{item}` (one that is there), `{me}` and `{stamp}` are filled in.
    pub(crate) payload: &'static str,
    stranger: Said,
    reader: Said,
}

/// What the servers say.
enum Said {
    Both(&'static str),
    Each {
        prosody: &'static str,
        ejabberd: &'static str,
    },
}

impl Door {
    pub(crate) fn answer(&self, role: Role, kind: ServerKind) -> &'static str {
        let said = match role {
            Role::Stranger => &self.stranger,
            Role::Reader => &self.reader,
        };
        match (said, kind) {
            (Said::Both(both), _) => both,
            (Said::Each { prosody, .. }, ServerKind::Prosody) => prosody,
            (Said::Each { ejabberd, .. }, ServerKind::Ejabberd) => ejabberd,
        }
    }
}

const OK: Said = Said::Both("ok");
const FORBIDDEN: Said = Said::Both("auth/forbidden");
const CLOSED: Said = forbidden_or("cancel/closed-node/not-allowed");
const NOT_YOURSELF: Said = forbidden_or("modify/invalid-jid/bad-request");
/// ejabberd looks at the options before it looks at who asks.
const OTHERWISE: Said = forbidden_or("cancel/precondition-not-met/conflict");
/// ejabberd tells nobody, not even an owner.
const UNTOLD: Said = forbidden_or("cancel/unsupported/feature-not-implemented");

const fn forbidden_or(ejabberd: &'static str) -> Said {
    Said::Each {
        prosody: "auth/forbidden",
        ejabberd,
    }
}

macro_rules! pubsub {
    ($inside:literal) => {
        concat!(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>",
            $inside,
            "</pubsub>"
        )
    };
}

macro_rules! owner {
    ($inside:literal) => {
        concat!(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>",
            $inside,
            "</pubsub>"
        )
    };
}

/// In the order in which they are tried.
pub(crate) const DOORS: &[Door] = &[
    Door {
        what: "read all items",
        kind: "get",
        payload: pubsub!("<items node='{node}'/>"),
        stranger: CLOSED,
        reader: OK,
    },
    Door {
        what: "read one item",
        kind: "get",
        payload: pubsub!("<items node='{node}'><item id='{item}'/></items>"),
        stranger: CLOSED,
        reader: OK,
    },
    Door {
        what: "subscribe with the bare JID",
        kind: "set",
        payload: pubsub!("<subscribe node='{node}' jid='{me}@localhost'/>"),
        stranger: CLOSED,
        reader: OK,
    },
    Door {
        what: "subscribe with the full JID",
        kind: "set",
        payload: pubsub!("<subscribe node='{node}' jid='{me}@localhost/{me}'/>"),
        stranger: CLOSED,
        reader: OK,
    },
    Door {
        what: "subscribe in juliet's name",
        kind: "set",
        payload: pubsub!("<subscribe node='{node}' jid='juliet@localhost'/>"),
        stranger: NOT_YOURSELF,
        reader: NOT_YOURSELF,
    },
    Door {
        what: "end juliet's subscription",
        kind: "set",
        payload: pubsub!("<unsubscribe node='{node}' jid='juliet@localhost'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "overwrite a value",
        kind: "set",
        payload: pubsub!(
            "<publish node='{node}'><item id='{item}'>\
             <val xmlns='urn:xmpp:uwpx:iot' type='boolean' stamp='{stamp}'>1</val>\
             </item></publish>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "publish a request",
        kind: "set",
        payload: pubsub!(
            "<publish node='{node}'><item id='set:xmpp.iot.actuator.power:{me}'>\
             <val xmlns='urn:xmpp:uwpx:iot' type='boolean' stamp='{stamp}'>1</val>\
             </item></publish>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "publish a request in juliet's name",
        kind: "set",
        payload: pubsub!(
            "<publish node='{node}'><item id='set:xmpp.iot.actuator.power:{me}' \
             publisher='juliet@localhost'>\
             <val xmlns='urn:xmpp:uwpx:iot' type='boolean' stamp='{stamp}'>1</val>\
             </item></publish>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "publish and open the node by the way",
        kind: "set",
        payload: pubsub!(
            "<publish node='{node}'><item id='mine'/></publish>\
             <publish-options><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'>\
             <value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
             <field var='pubsub#access_model'><value>open</value></field>\
             </x></publish-options>"
        ),
        stranger: OTHERWISE,
        reader: OTHERWISE,
    },
    Door {
        what: "retract a value",
        kind: "set",
        payload: pubsub!("<retract node='{node}' notify='1'><item id='{item}'/></retract>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "create the node again",
        kind: "set",
        payload: pubsub!("<create node='{node}'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "create another node",
        kind: "set",
        payload: pubsub!("<create node='{node}.{me}'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "read the configuration",
        kind: "get",
        payload: owner!("<configure node='{node}'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "let everybody publish",
        kind: "set",
        payload: owner!(
            "<configure node='{node}'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'>\
             <value>http://jabber.org/protocol/pubsub#node_config</value></field>\
             <field var='pubsub#access_model'><value>open</value></field>\
             <field var='pubsub#publish_model'><value>open</value></field>\
             </x></configure>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "read who may do what",
        kind: "get",
        payload: owner!("<affiliations node='{node}'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "become an owner",
        kind: "set",
        payload: owner!(
            "<affiliations node='{node}'>\
             <affiliation jid='{me}@localhost' affiliation='owner'/></affiliations>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "shut juliet out",
        kind: "set",
        payload: owner!(
            "<affiliations node='{node}'>\
             <affiliation jid='juliet@localhost' affiliation='outcast'/></affiliations>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "read who listens",
        kind: "get",
        payload: owner!("<subscriptions node='{node}'/>"),
        stranger: UNTOLD,
        reader: UNTOLD,
    },
    Door {
        what: "be subscribed by force",
        kind: "set",
        payload: owner!(
            "<subscriptions node='{node}'>\
             <subscription jid='{me}@localhost' subscription='subscribed'/></subscriptions>"
        ),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "empty the node",
        kind: "set",
        payload: owner!("<purge node='{node}'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
    Door {
        what: "delete the node",
        kind: "set",
        payload: owner!("<delete node='{node}'/>"),
        stranger: FORBIDDEN,
        reader: FORBIDDEN,
    },
];
