//! PubSub on accounts: what owners, readers, controllers and strangers may do, on both flavours.

use crate::stage::{ACCOUNTS, Stage};
use Flavour::{Ejabberd, Prosody};
use roost_memory_server::{Flavour, ServerConfig};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";

/// The form by which a device makes a node of its own.
const CLOSED: &str = "<x xmlns='jabber:x:data' type='submit'>
    <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#node_config</value></field>
    <field var='pubsub#access_model'><value>whitelist</value></field>
    <field var='pubsub#publish_model'><value>publishers</value></field>
    <field var='pubsub#persist_items'><value>1</value></field>
    <field var='pubsub#max_items'><value>3</value></field>
    <field var='pubsub#send_last_published_item'><value>never</value></field>
    <field var='pubsub#itemreply'><value>publisher</value></field></x>";

fn set(content: &str) -> String {
    iq("set", PUBSUB, content)
}

fn get(content: &str) -> String {
    iq("get", PUBSUB, content)
}

fn own(content: &str) -> String {
    iq("set", OWNER, content)
}

fn iq(kind: &str, namespace: &str, content: &str) -> String {
    format!(
        "<iq type='{kind}' id='q' to='kettle@home'><pubsub xmlns='{namespace}'>{content}</pubsub></iq>"
    )
}

fn create(node: &str, form: &str) -> String {
    set(&format!(
        "<create node='{node}'/><configure>{form}</configure>"
    ))
}

fn publish(item: &str, value: &str) -> String {
    set(&format!(
        "<publish node='n'><item id='{item}'><val xmlns='urn:xmpp:uwpx:iot'>{value}</val></item></publish>"
    ))
}

fn subscribe(jid: &str) -> String {
    set(&format!("<subscribe node='n' jid='{jid}'/>"))
}

fn affiliate(jid: &str, what: &str) -> String {
    own(&format!(
        "<affiliations node='n'><affiliation jid='{jid}' affiliation='{what}'/></affiliations>"
    ))
}

fn fetch() -> String {
    get("<items node='n'/>")
}

/// Juliet controls, Romeo reads, the stranger is one; all are there. The node is `n`.
fn home(flavour: Flavour) -> Stage {
    let mut stage = Stage::new(flavour);
    for client in ACCOUNTS {
        stage.connect(client);
        stage.say(client, "<presence/>");
    }
    for request in [
        create("n", CLOSED),
        affiliate("juliet@home", "publisher"),
        affiliate("romeo@home", "member"),
    ] {
        assert_eq!(stage.ask("kettle", &request), "result", "{request}");
    }
    stage.heard();
    stage
}

#[test]
fn who_may_do_what_on_a_closed_node() {
    let not_a_member = |flavour| match flavour {
        Prosody => "auth/forbidden",
        Ejabberd => "cancel/not-allowed closed-node",
    };
    for flavour in [Prosody, Ejabberd] {
        let closed = not_a_member(flavour);
        let missing = match flavour {
            Prosody => "auth/forbidden",
            Ejabberd => "cancel/item-not-found",
        };
        let cases: &[(&str, String, &str)] = &[
            ("kettle", publish("a", "1"), "result"),
            ("kettle", fetch(), "result"),
            ("juliet", publish("b", "1"), "result"),
            ("juliet", subscribe("juliet@home"), "result"),
            ("juliet", subscribe("juliet@home/app"), "result"),
            ("juliet", fetch(), "result"),
            ("romeo", publish("c", "1"), "auth/forbidden"),
            ("romeo", subscribe("romeo@home"), "result"),
            ("romeo", fetch(), "result"),
            (
                "romeo",
                set("<retract node='n' notify='1'><item id='a'/></retract>"),
                "auth/forbidden",
            ),
            ("stranger", publish("d", "1"), "auth/forbidden"),
            ("stranger", publish("a", "1"), "auth/forbidden"),
            ("stranger", subscribe("stranger@home"), closed),
            (
                "stranger",
                subscribe("romeo@home"),
                "modify/bad-request invalid-jid",
            ),
            ("stranger", fetch(), closed),
            (
                "stranger",
                set("<unsubscribe node='n' jid='romeo@home'/>"),
                "auth/forbidden",
            ),
            (
                "stranger",
                set("<publish node='mine'><item/></publish>"),
                missing,
            ),
            ("stranger", create("mine", CLOSED), "auth/forbidden"),
        ];
        let mut stage = home(flavour);
        for (who, request, expected) in cases {
            assert_eq!(
                stage.ask(who, request),
                *expected,
                "{flavour:?} {who} {request}"
            );
        }
        for who in ["juliet", "romeo", "stranger"] {
            for request in [
                own("<delete node='n'/>"),
                own("<purge node='n'/>"),
                own(&format!("<configure node='n'>{CLOSED}</configure>")),
                iq("get", OWNER, "<configure node='n'/>"),
                iq("get", OWNER, "<affiliations node='n'/>"),
                iq("get", OWNER, "<subscriptions node='n'/>"),
                affiliate("stranger@home", "owner"),
            ] {
                assert_eq!(
                    stage.ask(who, &request),
                    "auth/forbidden",
                    "{who} {request}"
                );
            }
        }
    }
}

#[test]
fn requests_that_make_no_sense() {
    let cases: &[(String, &str)] = &[
        (set(""), "modify/bad-request"),
        (set("<create/>"), "modify/bad-request nodeid-required"),
        (
            set("<subscribe node='n'/>"),
            "modify/bad-request jid-required",
        ),
        (
            set("<subscribe node='n' jid='@'/>"),
            "modify/bad-request invalid-jid",
        ),
        (
            set("<subscribe node='x' jid='kettle@home'/>"),
            "cancel/item-not-found",
        ),
        (
            set("<unsubscribe node='n' jid='kettle@home'/>"),
            "cancel/unexpected-request not-subscribed",
        ),
        (
            set("<publish node='n'/>"),
            "modify/bad-request item-required",
        ),
        (
            set("<publish node='n'><item><a xmlns='a'/><b xmlns='b'/></item></publish>"),
            "modify/bad-request invalid-payload",
        ),
        (
            set("<retract node='n'/>"),
            "modify/bad-request item-required",
        ),
        (
            set("<retract node='n'><item id='x'/></retract>"),
            "cancel/item-not-found",
        ),
        (set("<items node='n'/>"), "cancel/feature-not-implemented"),
        (get("<items node='x'/>"), "cancel/item-not-found"),
        (
            get("<subscriptions node='n'/>"),
            "cancel/feature-not-implemented",
        ),
        (create("n", CLOSED), "cancel/conflict"),
        (own("<delete node='x'/>"), "cancel/item-not-found"),
        (own("<configure node='n'/>"), "modify/bad-request"),
        (affiliate("", "member"), "modify/bad-request invalid-jid"),
        (affiliate("a@b", "king"), "modify/bad-request"),
        (affiliate("a@b", "owner"), "modify/not-acceptable"),
        (affiliate("kettle@home", "none"), "modify/not-acceptable"),
        (
            publish("a", &"x".repeat(300_000)),
            "modify/policy-violation",
        ),
        (publish(&"i".repeat(2_000), "1"), "modify/not-acceptable"),
    ];
    let mut stage = home(Prosody);
    for (request, expected) in cases {
        assert_eq!(stage.ask("kettle", request), *expected, "{request:.200}");
    }
    let deep = format!("{}{}", "<a xmlns='a'>".repeat(70), "</a>".repeat(70));
    let request = set(&format!("<publish node='n'><item>{deep}</item></publish>"));
    assert_eq!(stage.ask("kettle", &request), "modify/policy-violation");
}

#[test]
fn configurations_that_each_server_takes() {
    let form = |field: &str, value: &str| {
        format!(
            "<x xmlns='jabber:x:data' type='submit'><field var='pubsub#{field}'><value>{value}</value></field></x>"
        )
    };
    let cases = [
        ("access_model", "open", "result", "result"),
        ("access_model", "roster", "modify/not-acceptable", "result"),
        (
            "access_model",
            "authorize",
            "modify/not-acceptable",
            "modify/not-acceptable",
        ),
        (
            "publish_model",
            "sorcerers",
            "modify/not-acceptable",
            "modify/not-acceptable",
        ),
        ("max_items", "max", "result", "result"),
        ("max_items", "257", "modify/not-acceptable", "result"),
        (
            "max_items",
            "1001",
            "modify/not-acceptable",
            "modify/not-acceptable",
        ),
        (
            "max_items",
            "0",
            "modify/not-acceptable",
            "modify/not-acceptable",
        ),
        (
            "max_items",
            "many",
            "modify/bad-request",
            "modify/bad-request",
        ),
        (
            "persist_items",
            "maybe",
            "modify/bad-request",
            "modify/bad-request",
        ),
        ("notification_type", "headline", "result", "result"),
        ("colour", "red", "result", "modify/bad-request"),
    ];
    for (field, value, on_prosody, on_ejabberd) in cases {
        for (flavour, expected) in [(Prosody, on_prosody), (Ejabberd, on_ejabberd)] {
            let request = create("fresh", &form(field, value));
            let answer = home(flavour).ask("kettle", &request);
            assert_eq!(answer, expected, "{flavour:?} {field} {value}");
        }
    }
}

#[test]
fn a_server_may_override_a_configuration_and_say_so_only_when_asked() {
    let mut stage = Stage::with_config(ServerConfig {
        force_iot_nodes: true,
        ..ServerConfig::new("home".parse().unwrap(), Ejabberd)
    });
    stage.connect("kettle");
    let open = CLOSED.replace("whitelist", "open");
    assert_eq!(stage.ask("kettle", &create("xmpp.iot.ui", &open)), "result");
    stage.say(
        "kettle",
        &iq("get", OWNER, "<configure node='xmpp.iot.ui'/>"),
    );
    let (_, answer) = stage.heard().remove(0);
    let answer = String::from(&answer);
    assert!(answer.contains("<value>whitelist</value>"), "{answer}");
    assert!(!answer.contains("<value>open</value>"), "{answer}");
}

#[test]
fn a_request_and_its_answer_on_prosody() {
    let mut stage = home(Prosody);
    for who in ["kettle", "juliet"] {
        stage.ask(who, &subscribe(&format!("{who}@home")));
    }
    let ask = publish("set:power:1", "1");
    let state = publish("power", "1");
    let retract = set("<retract node='n' notify='1'><item id='set:power:1'/></retract>");
    let fetch = fetch();
    stage.play(&format!(
        "juliet > {ask}
         juliet < <message type='headline' id='*' from='kettle@home' to='juliet@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='set:power:1' publisher='juliet@home'>
             <val xmlns='urn:xmpp:uwpx:iot'>1</val></item></items></event></message>
         kettle < <message type='headline' id='*' from='kettle@home' to='kettle@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='set:power:1' publisher='juliet@home'>
             <val xmlns='urn:xmpp:uwpx:iot'>1</val></item></items></event></message>
         juliet < <iq type='result' id='q' from='kettle@home' to='juliet@home/app'>
             <pubsub xmlns='{PUBSUB}'><publish node='n'><item id='set:power:1'/></publish></pubsub></iq>
         kettle > {state}
         juliet < <message type='headline' id='*' from='kettle@home' to='juliet@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='power' publisher='kettle@home'>
             <val xmlns='urn:xmpp:uwpx:iot'>1</val></item></items></event></message>
         kettle < <message type='headline' id='*' from='kettle@home' to='kettle@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='power' publisher='kettle@home'>
             <val xmlns='urn:xmpp:uwpx:iot'>1</val></item></items></event></message>
         kettle < <iq type='result' id='q' from='kettle@home' to='kettle@home/app'>
             <pubsub xmlns='{PUBSUB}'><publish node='n'><item id='power'/></publish></pubsub></iq>
         kettle > {retract}
         juliet < <message type='headline' id='*' from='kettle@home' to='juliet@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><retract id='set:power:1'/></items></event></message>
         kettle < <message type='headline' id='*' from='kettle@home' to='kettle@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><retract id='set:power:1'/></items></event></message>
         kettle < <iq type='result' id='q' from='kettle@home' to='kettle@home/app'/>
         romeo > {fetch}
         romeo < <iq type='result' id='q' from='kettle@home' to='romeo@home/app'>
             <pubsub xmlns='{PUBSUB}'><items node='n'><item id='power'><val xmlns='urn:xmpp:uwpx:iot'>1</val></item></items></pubsub></iq>"
    ));
}

#[test]
fn ejabberd_names_publishers_in_full_echoes_to_the_owner_and_lets_only_one_write() {
    let mut stage = home(Ejabberd);
    let state = publish("power", "0");
    let ask = publish("power", "1");
    let fetch = fetch();
    let event = "<message type='headline' id='*' from='kettle@home' to='kettle@home'>
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item id='power' publisher='kettle@home/app'>
             <val xmlns='urn:xmpp:uwpx:iot'>0</val></item></items></event></message>";
    stage.play(&format!(
        "kettle > {state}
         kettle < {event}
         kettle < <iq type='result' id='q' from='kettle@home' to='kettle@home/app'>
             <pubsub xmlns='{PUBSUB}'><publish node='n'><item id='power'/></publish></pubsub></iq>
         juliet > {ask}
         juliet < <iq type='error' id='q' from='kettle@home' to='juliet@home/app'><error type='auth'>
             <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         romeo > {fetch}
         romeo < <iq type='result' id='q' from='kettle@home' to='romeo@home/app'>
             <pubsub xmlns='{PUBSUB}'><items node='n'><item id='power' publisher='kettle@home/app'>
             <val xmlns='urn:xmpp:uwpx:iot'>0</val></item></items></pubsub></iq>"
    ));
    assert_eq!(
        home(Prosody).ask("juliet", &publish("power", "1")),
        "result"
    );
}

#[test]
fn a_subscription_outlives_the_right_to_read_until_the_owner_ends_it() {
    let end = |jid: &str| {
        own(&format!(
            "<subscriptions node='n'><subscription jid='{jid}' subscription='none'/></subscriptions>"
        ))
    };
    for flavour in [Prosody, Ejabberd] {
        let mut stage = home(flavour);
        let hears = |stage: &mut Stage| {
            stage.say("kettle", &publish("a", "1"));
            stage.heard().iter().any(|(who, _)| who == "romeo")
        };
        assert_eq!(stage.ask("romeo", &subscribe("romeo@home/app")), "result");
        assert_eq!(
            stage.ask("kettle", &affiliate("romeo@home", "none")),
            "result"
        );
        assert!(hears(&mut stage), "{flavour:?}");
        match flavour {
            Prosody => {
                assert_eq!(stage.ask("romeo", &fetch()), "auth/forbidden");
                let not = "cancel/unexpected-request not-subscribed";
                assert_eq!(stage.ask("kettle", &end("romeo@home")), not);
                assert!(hears(&mut stage));
                assert_eq!(stage.ask("kettle", &end("romeo@home/app")), "result");
            }
            Ejabberd => {
                assert_eq!(stage.ask("romeo", &fetch()), "result");
                let not = "modify/bad-request not-subscribed";
                assert_eq!(stage.ask("kettle", &end("romeo@home")), not);
                let list = iq("get", OWNER, "<subscriptions node='n'/>");
                let not = "cancel/feature-not-implemented unsupported";
                assert_eq!(stage.ask("kettle", &list), not);
                // Who does not know the resource makes the node anew.
                assert_eq!(stage.ask("kettle", &own("<delete node='n'/>")), "result");
                assert_eq!(stage.ask("kettle", &create("n", CLOSED)), "result");
            }
        }
        assert!(!hears(&mut stage), "{flavour:?}");
    }
}

#[test]
fn open_nodes_take_from_everybody_and_presence_nodes_tell_those_who_see_the_owner() {
    for flavour in [Prosody, Ejabberd] {
        let mut stage = home(flavour);
        let open = CLOSED
            .replace("whitelist", "presence")
            .replace("publishers", "open");
        assert_eq!(
            stage.ask(
                "kettle",
                &own(&format!("<configure node='n'>{open}</configure>"))
            ),
            "result"
        );
        stage.ask("kettle", &affiliate("stranger@home", "outcast"));
        assert_eq!(stage.ask("stranger", &publish("s", "1")), "result");
        assert_eq!(stage.ask("stranger", &fetch()), "auth/forbidden");

        stage.ask("kettle", &affiliate("stranger@home", "none"));
        let refused = match flavour {
            Prosody => "auth/forbidden",
            Ejabberd => "auth/not-authorized presence-subscription-required",
        };
        assert_eq!(stage.ask("stranger", &fetch()), refused);
        stage.say("stranger", "<presence type='subscribe' to='kettle@home'/>");
        stage.say("kettle", "<presence type='subscribed' to='stranger@home'/>");
        assert_eq!(stage.ask("stranger", &fetch()), "result");
    }
}

#[test]
fn a_node_keeps_the_newest_items_and_those_that_persist() {
    let ids = |stage: &mut Stage, request: &str| {
        stage.say("kettle", request);
        let (_, answer) = stage.heard().pop().unwrap();
        let items = answer.children().next().unwrap().children().next().unwrap();
        let ids: Vec<_> = items
            .children()
            .filter_map(|item| item.attr("id"))
            .collect();
        ids.join(" ")
    };
    let mut stage = home(Prosody);
    for item in ["a", "b", "c", "a", "d"] {
        assert_eq!(stage.ask("kettle", &publish(item, "1")), "result");
    }
    assert_eq!(ids(&mut stage, &fetch()), "c a d");
    assert_eq!(
        ids(&mut stage, &get("<items node='n' max_items='2'/>")),
        "a d"
    );
    assert_eq!(
        ids(
            &mut stage,
            &get("<items node='n'><item id='c'/><item id='b'/></items>")
        ),
        "c"
    );

    stage.ask(
        "kettle",
        &create(
            "fleeting",
            &CLOSED.replace("persist_items'><value>1", "persist_items'><value>0"),
        ),
    );
    stage.ask(
        "kettle",
        &set("<publish node='fleeting'><item id='x'/></publish>"),
    );
    stage.server.restart();
    stage.connect("kettle");
    assert_eq!(ids(&mut stage, &fetch()), "c a d");
    assert_eq!(ids(&mut stage, &get("<items node='fleeting'/>")), "");
    assert_eq!(stage.ask("kettle", &own("<purge node='n'/>")), "result");
    assert_eq!(ids(&mut stage, &fetch()), "");
}

#[test]
fn the_storage_of_prosody_takes_the_stamp_of_a_payload_for_its_own() {
    for (flavour, is_there) in [(Prosody, false), (Ejabberd, true)] {
        let mut stage = home(flavour);
        let item = "<item id='a'><val xmlns='urn:xmpp:uwpx:iot' stamp='2026-01-01T00:00:00Z' unit='K'>1</val></item>";
        stage.ask(
            "kettle",
            &set(&format!("<publish node='n'>{item}</publish>")),
        );
        stage.say("kettle", &fetch());
        let (_, answer) = stage.heard().pop().unwrap();
        let answer = String::from(&answer);
        assert!(answer.contains("unit='K'"), "{answer}");
        assert_eq!(answer.contains("stamp="), is_there, "{answer}");
    }
}

#[test]
fn conditions_of_publishing() {
    let conditional = |field: &str, value: &str| {
        set(&format!(
            "<publish node='n'><item id='a'/></publish><publish-options><x xmlns='jabber:x:data' type='submit'>
             <field var='pubsub#{field}'><value>{value}</value></field></x></publish-options>"
        ))
    };
    let failed = "cancel/conflict precondition-not-met";
    let cases = [
        ("access_model", "whitelist", "result", "result"),
        ("access_model", "open", failed, failed),
        ("max_items", "3", "result", failed),
        ("access_model", "roster", "modify/not-acceptable", failed),
    ];
    for (field, value, on_prosody, on_ejabberd) in cases {
        for (flavour, expected) in [(Prosody, on_prosody), (Ejabberd, on_ejabberd)] {
            let answer = home(flavour).ask("kettle", &conditional(field, value));
            assert_eq!(answer, expected, "{flavour:?} {field} {value}");
        }
    }
}

#[test]
fn the_last_item_comes_unasked_where_the_node_wants_so() {
    let mut stage = home(Ejabberd);
    let eager = CLOSED.replace("never", "on_sub_and_presence");
    stage.ask(
        "kettle",
        &own(&format!("<configure node='n'>{eager}</configure>")),
    );
    stage.ask("kettle", &publish("a", "1"));
    stage.say("juliet", "<presence type='subscribe' to='kettle@home'/>");
    stage.say("kettle", "<presence type='subscribed' to='juliet@home'/>");
    stage.heard();
    let senders = |stage: &mut Stage| {
        let heard = stage.heard();
        let events = heard.iter().filter(|(_, xml)| xml.name() == "message");
        let senders: Vec<_> = events.filter_map(|(_, xml)| xml.attr("from")).collect();
        senders.join(" ")
    };
    stage.say("juliet", &subscribe("juliet@home"));
    assert_eq!(senders(&mut stage), "kettle@home");
    stage.disconnect("juliet");
    stage.connect("juliet");
    stage.say("juliet", "<presence/>");
    assert_eq!(senders(&mut stage), "pubsub.home");
}
