//! Random clients that say anything: nothing panics, nobody gets what is not theirs, and what is
//! kept stays bounded.

use crate::stage::{ACCOUNTS, Stage, parse, try_stanza};
use minidom::Element;
use proptest::prelude::*;
use roost_memory_server::Flavour;

const NAMES: [&str; 24] = [
    "iq",
    "message",
    "presence",
    "query",
    "item",
    "group",
    "pubsub",
    "create",
    "configure",
    "publish",
    "retract",
    "items",
    "subscribe",
    "unsubscribe",
    "affiliations",
    "affiliation",
    "subscriptions",
    "subscription",
    "delete",
    "purge",
    "publish-options",
    "x",
    "field",
    "value",
];
const NAMESPACES: [&str; 6] = [
    "jabber:client",
    "jabber:iq:roster",
    "http://jabber.org/protocol/pubsub",
    "http://jabber.org/protocol/pubsub#owner",
    "http://jabber.org/protocol/disco#info",
    "jabber:x:data",
];
const ATTRIBUTES: [&str; 12] = [
    "type",
    "to",
    "from",
    "id",
    "node",
    "jid",
    "affiliation",
    "subscription",
    "var",
    "notify",
    "max_items",
    "name",
];
const VALUES: [&str; 26] = [
    "get",
    "set",
    "result",
    "error",
    "subscribe",
    "subscribed",
    "unsubscribe",
    "unsubscribed",
    "unavailable",
    "probe",
    "kettle@home",
    "juliet@home",
    "stranger@home/app",
    "home",
    "pubsub.home",
    "n",
    "owner",
    "publisher",
    "none",
    "remove",
    "open",
    "pubsub#access_model",
    "pubsub#max_items",
    "1",
    "@",
    "",
];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    proptest::sample::select(from)
}

/// Any tree of the words that the server knows.
fn tree() -> impl Strategy<Value = String> {
    let attributes = proptest::collection::btree_map(pick(&ATTRIBUTES), pick(&VALUES), 0..4)
        .prop_map(|all| {
            all.iter()
                .map(|(name, value)| format!(" {name}='{value}'"))
                .collect::<String>()
        });
    let open = (pick(&NAMES), pick(&NAMESPACES), attributes);
    let leaf = (open.clone(), pick(&VALUES)).prop_map(|((name, ns, attributes), text)| {
        format!("<{name} xmlns='{ns}'{attributes}>{text}</{name}>")
    });
    leaf.prop_recursive(4, 24, 3, move |inner| {
        (open.clone(), proptest::collection::vec(inner, 0..3)).prop_map(
            |((name, ns, attributes), children)| {
                format!(
                    "<{name} xmlns='{ns}'{attributes}>{}</{name}>",
                    children.concat()
                )
            },
        )
    })
}

/// A stanza around such a tree, so that most of them get past the door.
fn sayable() -> impl Strategy<Value = String> {
    let iq = (pick(&["get", "set", "result"]), pick(&VALUES), tree())
        .prop_map(|(kind, to, tree)| format!("<iq type='{kind}' id='q' to='{to}'>{tree}</iq>"));
    let action = (
        pick(&NAMES),
        pick(&["kettle@home", "juliet@home", "stranger@home/app"]),
        pick(&VALUES),
        tree(),
        proptest::bool::ANY,
    )
        .prop_map(|(action, jid, word, tree, own)| {
            let ns = if own { NAMESPACES[3] } else { NAMESPACES[2] };
            format!(
                "<iq type='set' id='q' to='kettle@home'><pubsub xmlns='{ns}'>
                 <{action} node='n' jid='{jid}'><item id='{word}'>{tree}</item>
                 <affiliation jid='{jid}' affiliation='{word}'/></{action}>{tree}</pubsub></iq>"
            )
        });
    let presence = (pick(&VALUES), pick(&VALUES)).prop_map(|(kind, to)| match kind {
        "" => "<presence/>".to_owned(),
        kind => format!("<presence type='{kind}' to='{to}'/>"),
    });
    prop_oneof![2 => iq, 4 => action, 2 => presence, 1 => tree()]
}

fn carries_secret(element: &Element) -> bool {
    element.text() == "secret" || element.children().any(carries_secret)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_may_be_said(
        ejabberd: bool,
        story in proptest::collection::vec((0..ACCOUNTS.len(), sayable()), 1..60),
    ) {
        let flavour = if ejabberd { Flavour::Ejabberd } else { Flavour::Prosody };
        let mut stage = Stage::new(flavour);
        for client in ACCOUNTS {
            stage.connect(client);
        }
        for (who, xml) in story {
            if try_stanza(&parse(&xml)).is_none() {
                continue;
            }
            stage.say(ACCOUNTS[who], &xml);
            let heard = stage.heard();
            prop_assert!(heard.len() < 200, "one stanza made {}", heard.len());
        }
        prop_assert_eq!(stage.server.overflow(), 0);
    }

    /// Juliet's node holds a secret for Romeo alone. Whatever the stranger and the kettle say,
    /// they never hear it.
    #[test]
    fn a_secret_stays_with_those_it_is_for(
        ejabberd: bool,
        story in proptest::collection::vec((proptest::bool::ANY, sayable()), 1..60),
    ) {
        let flavour = if ejabberd { Flavour::Ejabberd } else { Flavour::Prosody };
        let mut stage = Stage::new(flavour);
        for client in ACCOUNTS {
            stage.connect(client);
            stage.say(client, "<presence/>");
        }
        let ask = |content: &str, ns: &str| format!(
            "<iq type='set' id='q'><pubsub xmlns='http://jabber.org/protocol/pubsub{ns}'>{content}</pubsub></iq>"
        );
        let form = "<x xmlns='jabber:x:data'><field var='pubsub#access_model'><value>whitelist</value></field></x>";
        for request in [
            ask(&format!("<create node='n'/><configure>{form}</configure>"), ""),
            ask("<affiliations node='n'><affiliation jid='romeo@home' affiliation='member'/></affiliations>", "#owner"),
            ask("<publish node='n'><item id='a'><val xmlns='v'>secret</val></item></publish>", ""),
        ] {
            prop_assert_eq!(stage.ask("juliet", &request), "result");
        }
        for (is_stranger, xml) in story {
            let who = if is_stranger { "stranger" } else { "kettle" };
            let xml = xml.replace("kettle@home", "juliet@home");
            if try_stanza(&parse(&xml)).is_none() {
                continue;
            }
            stage.say(who, &xml);
            stage.say("juliet", &ask("<publish node='n'><item id='a'><val xmlns='v'>secret</val></item></publish>", ""));
            for (hearer, heard) in stage.heard() {
                let meant = matches!(hearer.as_str(), "juliet" | "romeo");
                prop_assert!(meant || !carries_secret(&heard), "{} heard it after {}", hearer, xml);
            }
        }
    }
}
