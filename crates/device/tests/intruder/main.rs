//! Those who may not, against a device, an app and servers as they are.
//!
//! A kettle runs; juliet may control it, romeo may look, tybalt is nobody. Romeo and tybalt try
//! every door of the kettle's nodes, talk to the kettle, and pretend to be others: to juliet the
//! kettle, to the kettle juliet. After each attempt the kettle must not have moved, juliet must
//! see what she saw, and what her client threw away must be counted.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by them"
)]

mod doors;
mod home;
mod lies;
mod raw;

use minidom::Element;
use roost_core::DropReason;
use roost_model::Node;
use roost_testkit::{Options, RealServer, ServerKind};
use roost_xmpp_proto::DiscardReason;

use doors::{DOORS, Role};
use home::{AT_REST, Home, Kettle, PASSWORD, RESOURCE};
use raw::{Raw, outcome};

#[tokio::test]
async fn real_prosody_keeps_intruders_out() {
    keeps_intruders_out(ServerKind::Prosody).await;
}

#[tokio::test]
async fn real_ejabberd_keeps_intruders_out() {
    keeps_intruders_out(ServerKind::Ejabberd).await;
}

async fn keeps_intruders_out(kind: ServerKind) {
    let options = Options {
        unthrottled: true,
        ..Options::default()
    };
    let server = RealServer::launch(kind, &options).unwrap();
    for user in ["kettle", "juliet", "romeo", "tybalt"] {
        server.add_account(user, PASSWORD).unwrap();
    }
    let kettle = Kettle::start(&server);
    let home = Home::move_in(&server).await;
    let mut tybalt = Raw::sign_in(&server, "tybalt", PASSWORD).await;
    let mut romeo = Raw::sign_in(&server, "romeo", PASSWORD).await;
    let mut scene = Scene {
        kind,
        kettle,
        home,
        truth: AT_REST,
        actuated: 0,
    };

    scene.tries_every_door(&mut tybalt, Role::Stranger).await;
    scene.tries_every_door(&mut romeo, Role::Reader).await;
    scene.talks_to_the_kettle(&mut tybalt, &mut romeo).await;
    scene.lies_to_juliet(&mut tybalt).await;
    scene.builds_twins(&mut tybalt).await;
    scene.holds_what_it_held(&mut romeo).await;
    scene.serves_tea(&mut tybalt, &mut romeo).await;
    scene.wears_a_mask(tybalt).await;
    scene.holds_what_it_held(&mut romeo).await;
}

struct Scene {
    kind: ServerKind,
    kettle: Kettle,
    home: Home,
    /// Power and target as juliet set them.
    truth: (bool, i64),
    /// How often she did.
    actuated: u32,
}

impl Scene {
    /// Nothing has moved, and juliet sees so.
    async fn is_unmoved(&mut self, after: &str) {
        self.home.catch_up().await;
        assert_eq!(self.home.sees(), Some(self.truth), "after: {after}");
        assert_eq!(self.home.devices(), ["kettle@localhost"], "after: {after}");
        assert_eq!(self.kettle.actuated(), self.actuated, "after: {after}");
        assert!(self.kettle.is_running(), "after: {after}");
    }

    async fn tries_every_door(&mut self, who: &mut Raw, role: Role) {
        let me = match role {
            Role::Stranger => "tybalt",
            Role::Reader => "romeo",
        };
        let mut surprises = Vec::new();
        for door in DOORS {
            for node in Node::ALL {
                let payload = fill_in(door.payload)
                    .replace("{node}", node.name())
                    .replace("{item}", an_item_of(node))
                    .replace("{me}", me);
                let answer = who.ask(door.kind, Some("kettle@localhost"), &payload).await;
                let (said, expected) = (outcome(&answer), door.answer(role, self.kind));
                if said != expected {
                    let (what, node) = (door.what, node.name());
                    surprises.push(format!("{me}, {what} of {node}: {said}, not {expected}"));
                }
                self.is_unmoved(door.what).await;
            }
        }
        assert!(surprises.is_empty(), "{:?}: {surprises:#?}", self.kind);
        if role == Role::Stranger {
            hears_nothing(who).await;
        }
    }

    /// The stranger gets no answer, the reader is told values and refused the rest.
    async fn talks_to_the_kettle(&mut self, tybalt: &mut Raw, romeo: &mut Raw) {
        let lines = [
            "help",
            "status",
            "power",
            "set power on",
            "target 70",
            roost_device::FIRST_WORDS,
        ];
        for line in lines {
            tybalt.send(&text(line)).await;
        }
        for lie in lies::TO_KETTLE {
            tybalt.send(&self.name(lie)).await;
            romeo.send(&self.name(lie)).await;
        }
        // Whoever knows the address of the kettle's client reaches it, and nothing by it.
        let order = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                     <publish node='xmpp.iot.actuators'><item id='xmpp.iot.actuator.power'>\
                     <val xmlns='urn:xmpp:uwpx:iot' type='boolean'>1</val>\
                     </item></publish></pubsub>";
        let client = self.name("{kettle}");
        let refused = tybalt.ask("set", Some(&client), order).await;
        assert_eq!(outcome(&refused), "cancel/service-unavailable");
        // The server has passed all of this on when it answers.
        hears_nothing(tybalt).await;
        romeo.heard().await;
        let answers = [
            ("set power on", "You may look, but not change."),
            ("target 70", "You may look, but not change."),
            ("power", "Power: off"),
        ];
        for (line, answer) in answers {
            romeo.send(&text(line)).await;
            let told = romeo.hears(answer, words_of_the_kettle).await;
            assert_eq!(told, answer, "{line}");
            romeo.heard().await;
            self.is_unmoved(line).await;
        }
        // The kettle answers in order: what it would have said to tybalt, it has said by now.
        hears_nothing(tybalt).await;
    }

    async fn lies_to_juliet(&mut self, tybalt: &mut Raw) {
        for lie in lies::TO_JULIET {
            let counted = (self.home.dropped(lie.counted), self.home.dropped_in_all());
            tybalt.send(&self.name(lie.stanza)).await;
            self.home
                .until(lie.what, |home| home.dropped(lie.counted) > counted.0)
                .await;
            self.is_unmoved(lie.what).await;
            let now = (self.home.dropped(lie.counted), self.home.dropped_in_all());
            assert_eq!(now, (counted.0 + 1, counted.1 + 1), "{}", lie.what);
        }
        hears_nothing(tybalt).await;
    }

    /// On his own account both servers let tybalt subscribe whom he likes; on a service of the
    /// domain only ejabberd does, since only it has one.
    async fn builds_twins(&mut self, tybalt: &mut Raw) {
        let foreign = DropReason::Session(DiscardReason::ForeignService);
        let twins = [
            ("tybalt@localhost", DropReason::Stranger),
            ("pubsub.localhost", foreign),
        ];
        for (host, reason) in twins {
            let is_possible = host.contains('@') || self.kind == ServerKind::Ejabberd;
            let expected = if is_possible {
                "ok"
            } else {
                "cancel/not-allowed"
            };
            for node in Node::ALL {
                let what = format!("{:?}, {} of {host}", self.kind, node.name());
                let before = self.home.dropped(reason);
                for step in lies::TWIN {
                    let step = fill_in(step).replace("{node}", node.name());
                    let answer = tybalt.ask("set", Some(host), &step).await;
                    assert_eq!(outcome(&answer), expected, "{what}: {step}");
                }
                if is_possible {
                    let told = before + lies::TWIN_TELLS;
                    self.home
                        .until(&what, |home| home.dropped(reason) >= told)
                        .await;
                }
                self.is_unmoved(&what).await;
            }
        }
        hears_nothing(tybalt).await;
    }

    /// The nodes themselves, as romeo may read them.
    async fn holds_what_it_held(&mut self, romeo: &mut Raw) {
        let mut held = Vec::new();
        for node in Node::ALL {
            let fetch = format!(
                "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{}'/></pubsub>",
                node.name()
            );
            let answer = romeo.ask("get", Some("kettle@localhost"), &fetch).await;
            held.extend(items(&answer));
        }
        held.sort();
        let (power, target) = self.truth;
        let power = format!("xmpp.iot.actuator.power={}", u8::from(power));
        let target = format!("xmpp.iot.actuator.target={target}");
        let expected = [
            "current",
            &power,
            &target,
            "xmpp.iot.sensor.level",
            "xmpp.iot.sensor.ready",
            "xmpp.iot.sensor.temp",
        ];
        assert_eq!(held, expected, "{:?}", self.kind);
    }

    /// The right person is obeyed, which the reader sees and the stranger does not.
    async fn serves_tea(&mut self, tybalt: &mut Raw, romeo: &mut Raw) {
        self.home.turn_on().await;
        (self.truth, self.actuated) = ((true, 100), 1);
        self.is_unmoved("tea").await;
        let power = |stanza: &Element| {
            let is_event = stanza.attr("from") == Some("kettle@localhost");
            let told = items(stanza);
            let is_on = told.iter().any(|item| item == "xmpp.iot.actuator.power=1");
            (is_event && is_on).then_some(())
        };
        romeo.hears("tea", power).await;
        hears_nothing(tybalt).await;
    }

    /// Prosody corrects a false sender, ejabberd shows such a client the door.
    async fn wears_a_mask(&mut self, mut tybalt: Raw) {
        let foreign = DropReason::Session(DiscardReason::ForeignService);
        let counted = self.home.dropped(foreign);
        for stanza in lies::UNDER_A_MASK {
            tybalt.send(&fill_in(stanza)).await;
        }
        match self.kind {
            ServerKind::Prosody => {
                self.home
                    .until("a mask", |home| home.dropped(foreign) > counted)
                    .await;
                hears_nothing(&mut tybalt).await;
            }
            ServerKind::Ejabberd => {
                let error = tybalt.next().await.expect("a stream error");
                let reason = error.children().next().map(Element::name);
                assert_eq!((error.name(), reason), ("error", Some("invalid-from")));
            }
        }
        self.is_unmoved("a mask").await;
    }

    fn name(&self, stanza: &str) -> String {
        fill_in(stanza)
            .replace("{juliet}", &self.home.bound().to_string())
            .replace("{kettle}", &format!("kettle@localhost/{RESOURCE}"))
    }
}

fn fill_in(stanza: &str) -> String {
    stanza.replace("{stamp}", &format!("{:.3}", jiff::Timestamp::now()))
}

fn an_item_of(node: Node) -> &'static str {
    match node {
        Node::Ui => "current",
        Node::Sensors => "xmpp.iot.sensor.temp",
        Node::Actuators => "xmpp.iot.actuator.power",
    }
}

fn text(body: &str) -> String {
    format!("<message to='kettle@localhost' type='chat'><body>{body}</body></message>")
}

fn words_of_the_kettle(stanza: &Element) -> Option<String> {
    let is_its = stanza.name() == "message" && stanza.attr("from")?.starts_with("kettle@");
    let body = stanza.children().find(|child| child.name() == "body")?;
    is_its.then(|| body.text())
}

/// Not a word of the kettle or juliet, nor of romeo, has come to a stranger.
async fn hears_nothing(stranger: &mut Raw) {
    for stanza in stranger.heard().await {
        let from = stanza.attr("from").unwrap_or_default();
        let is_own = from.starts_with("tybalt@") || !from.contains('@');
        assert!(is_own || is_receipt(&stanza), "{stanza:?}");
    }
}

/// Prosody confirms every wish to see somebody's presence in this way, whether they are there
/// or away.
fn is_receipt(stanza: &Element) -> bool {
    let from = stanza.attr("from").unwrap_or_default();
    let is_bare = !from.contains('/');
    stanza.name() == "presence" && stanza.attr("type") == Some("unavailable") && is_bare
}

/// The items in a stanza: their names, and of actuators the values as well.
fn items(stanza: &Element) -> Vec<String> {
    let inner = stanza.children().flat_map(Element::children);
    let items = inner.filter(|child| child.name() == "items");
    items
        .flat_map(Element::children)
        .map(|item| {
            let id = item.attr("id").unwrap_or_default();
            let value = item.children().find(|child| child.name() == "val");
            match value.filter(|_| id.contains("actuator")) {
                Some(value) => format!("{id}={}", value.text()),
                None => id.to_owned(),
            }
        })
        .collect()
}
