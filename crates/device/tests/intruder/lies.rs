//! Stanzas that look like somebody else's.

use roost_core::DropReason;
use roost_xmpp_proto::DiscardReason;

/// A stanza that juliet's client must throw away. `{juliet}` is her full JID, `{stamp}` the time.
pub(crate) struct Lie {
    pub(crate) what: &'static str,
    pub(crate) stanza: &'static str,
    /// Under which reason it is counted.
    pub(crate) counted: DropReason,
}

/// Items as a kettle publishes them that was set by somebody else, and as juliet asks for them.
macro_rules! event {
    () => {
        "<event xmlns='http://jabber.org/protocol/pubsub#event'>\
         <items node='xmpp.iot.actuators'>\
         <item id='xmpp.iot.actuator.power' publisher='kettle@localhost'>\
         <val xmlns='urn:xmpp:uwpx:iot' type='boolean' stamp='{stamp}'>1</val></item>\
         <item id='xmpp.iot.actuator.target' publisher='kettle@localhost'>\
         <val xmlns='urn:xmpp:uwpx:iot' type='int' stamp='{stamp}'>70</val></item>\
         <item id='set:xmpp.iot.actuator.target:k9' publisher='juliet@localhost'>\
         <val xmlns='urn:xmpp:uwpx:iot' type='int' stamp='{stamp}'>70</val></item>\
         </items></event>"
    };
}

/// A carbon copy, as our own server makes them of messages to our other clients.
macro_rules! carbon {
    ($from:literal, $to:literal, $inside:expr) => {
        concat!(
            "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' type='chat' from='",
            $from,
            "' to='",
            $to,
            "'>",
            $inside,
            "</message></forwarded></received>"
        )
    };
}

pub(crate) const TO_JULIET: &[Lie] = &[
    Lie {
        what: "an event of the kettle, to the account",
        stanza: concat!(
            "<message to='juliet@localhost' type='headline'>",
            event!(),
            "</message>"
        ),
        counted: DropReason::Session(DiscardReason::ForeignService),
    },
    Lie {
        what: "an event of the kettle, straight to the client",
        stanza: concat!("<message to='{juliet}'>", event!(), "</message>"),
        counted: DropReason::Session(DiscardReason::ForeignService),
    },
    Lie {
        what: "the news that the kettle's node is gone",
        stanza: "<message to='{juliet}'>\
                 <event xmlns='http://jabber.org/protocol/pubsub#event'>\
                 <delete node='xmpp.iot.actuators'/></event></message>",
        counted: DropReason::Session(DiscardReason::ForeignService),
    },
    Lie {
        what: "a carbon copy of an event",
        stanza: concat!(
            "<message to='{juliet}'>",
            carbon!("kettle@localhost", "juliet@localhost", event!()),
            "</message>"
        ),
        counted: DropReason::Session(DiscardReason::ForgedCopy),
    },
    Lie {
        what: "an event from the archive",
        stanza: concat!(
            "<message to='{juliet}'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>\
             <forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='kettle@localhost' to='juliet@localhost'>",
            event!(),
            "</message></forwarded></result></message>"
        ),
        counted: DropReason::Session(DiscardReason::ForgedCopy),
    },
    Lie {
        what: "a roster with tybalt on it",
        stanza: "<iq type='set' id='lie1' to='{juliet}'><query xmlns='jabber:iq:roster'>\
                 <item jid='tybalt@localhost' subscription='both'/></query></iq>",
        counted: DropReason::Session(DiscardReason::ForgedCopy),
    },
    Lie {
        what: "a roster without the kettle",
        stanza: "<iq type='set' id='lie2' to='{juliet}'><query xmlns='jabber:iq:roster'>\
                 <item jid='kettle@localhost' subscription='remove'/></query></iq>",
        counted: DropReason::Session(DiscardReason::ForgedCopy),
    },
    Lie {
        what: "an answer that nobody asked for",
        stanza: "<iq type='result' id='lie3' to='{juliet}'>\
                 <pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <items node='xmpp.iot.actuators'><item id='xmpp.iot.actuator.target'>\
                 <val xmlns='urn:xmpp:uwpx:iot' type='int'>70</val></item></items></pubsub></iq>",
        counted: DropReason::Session(DiscardReason::UnaskedAnswer),
    },
    Lie {
        what: "an error that nobody asked for",
        stanza: "<iq type='error' id='lie4' to='{juliet}'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        counted: DropReason::Session(DiscardReason::UnaskedAnswer),
    },
    Lie {
        what: "the wish to see juliet's presence",
        stanza: "<presence to='juliet@localhost' type='subscribe'/>",
        counted: DropReason::UnaskedSubscription,
    },
];

/// What the kettle must not even answer. None of it comes from whom it must be.
pub(crate) const TO_KETTLE: &[&str] = &[
    "<presence to='kettle@localhost' type='subscribe'/>",
    concat!(
        "<message to='kettle@localhost' type='headline'>",
        event!(),
        "</message>"
    ),
    concat!("<message to='{kettle}'>", event!(), "</message>"),
    concat!(
        "<message to='{kettle}'>",
        carbon!(
            "juliet@localhost",
            "kettle@localhost",
            "<body>set target 70</body>"
        ),
        "</message>"
    ),
    "<iq type='set' id='lie5' to='{kettle}'><query xmlns='jabber:iq:roster'>\
     <item jid='tybalt@localhost' subscription='both'/></query></iq>",
];

/// The kettle's own event and juliet's own words, by a client that says that it is theirs.
pub(crate) const UNDER_A_MASK: &[&str] = &[
    concat!(
        "<message from='kettle@localhost' to='juliet@localhost'>",
        event!(),
        "</message>"
    ),
    "<message from='juliet@localhost' to='kettle@localhost' type='chat'>\
     <body>set target 70</body></message>",
];

/// One kettle too many: a node of the same name elsewhere, with juliet and the kettle as unasked
/// subscribers, who are told [`TWIN_TELLS`] things. In the order in which it is made.
pub(crate) const TWIN: &[&str] = &[
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='{node}'/>\
     <configure><x xmlns='jabber:x:data' type='submit'>\
     <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field>\
     <field var='pubsub#access_model'><value>open</value></field>\
     <field var='pubsub#max_items'><value>10</value></field>\
     <field var='pubsub#notify_retract'><value>1</value></field>\
     </x></configure></pubsub>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>\
     <subscriptions node='{node}'>\
     <subscription jid='juliet@localhost' subscription='subscribed'/>\
     <subscription jid='kettle@localhost' subscription='subscribed'/></subscriptions></pubsub>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'>\
     <item id='xmpp.iot.actuator.target' publisher='kettle@localhost'>\
     <val xmlns='urn:xmpp:uwpx:iot' type='int' stamp='{stamp}'>70</val></item>\
     </publish></pubsub>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'>\
     <item id='set:xmpp.iot.actuator.target:k9' publisher='juliet@localhost'>\
     <val xmlns='urn:xmpp:uwpx:iot' type='int' stamp='{stamp}'>70</val></item>\
     </publish></pubsub>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'>\
     <retract node='{node}' notify='1'>\
     <item id='xmpp.iot.actuator.target'/></retract></pubsub>",
];
pub(crate) const TWIN_TELLS: u32 = 3;
