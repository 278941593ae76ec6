//! What is asked, and by whom.

use jid::{BareJid, Jid};
use roost_model::{ItemId, Node, Timestamp, Val, Value};
use roost_xmpp_proto::{
    AccessModel, Affiliation, NodeConfig, Payload, PublishModel, Request, SubscriptionStep,
};

/// The domain of both servers.
pub(crate) const DOMAIN: &str = "localhost";
/// Everybody, in the order in which they sign in.
pub(crate) const PEOPLE: [&str; 4] = ["kettle", "juliet", "romeo", "stranger"];

pub(crate) struct Script {
    /// Whether devices may make nodes that are open.
    pub(crate) thesis: bool,
    pub(crate) steps: Vec<(&'static str, Request)>,
}

pub(crate) fn jid(user: &str) -> BareJid {
    format!("{user}@{DOMAIN}").parse().unwrap()
}

/// A device of the Roost profile, one who controls it, one who reads, and a stranger.
pub(crate) fn device() -> Script {
    use Affiliation::{Member, None, Outcast, Publisher};
    let state = || ItemId::actuator("power");
    let request = || state().request("t1").unwrap();
    let steps = vec![
        ("stranger", fetch()),
        ("kettle", delete()),
        ("kettle", create(NodeConfig::ROOST)),
        ("kettle", create(NodeConfig::ROOST)),
        ("kettle", configure(NodeConfig::ROOST)),
        ("kettle", Request::ReadNodeConfig { node: NODE }),
        (
            "kettle",
            affiliate(&[("juliet", Publisher), ("romeo", Member)]),
        ),
        ("kettle", Request::ReadAffiliations { node: NODE }),
        ("kettle", subscribe()),
        ("juliet", subscribe()),
        ("juliet", subscribe()),
        ("romeo", subscribe()),
        ("stranger", subscribe()),
        ("stranger", fetch()),
        ("stranger", publish(state(), true)),
        ("stranger", retract(state())),
        ("romeo", publish(state(), true)),
        ("kettle", publish(state(), false)),
        ("juliet", publish(request(), true)),
        ("kettle", publish(state(), true)),
        ("kettle", retract(request())),
        ("kettle", retract(request())),
        ("romeo", retract(state())),
        ("juliet", publish(state(), false)),
        ("kettle", publish(state(), true)),
        ("juliet", fetch()),
        ("kettle", fetch()),
        ("juliet", retract(state())),
        ("kettle", publish(state(), true)),
        ("juliet", affiliate(&[("stranger", Publisher)])),
        ("juliet", Request::ReadNodeConfig { node: NODE }),
        ("juliet", subscribe_to(Node::Ui)),
        ("stranger", unsubscribe()),
        ("kettle", Request::ReadSubscribers { node: NODE }),
        ("kettle", affiliate(&[("romeo", None)])),
        ("romeo", fetch()),
        ("kettle", publish(state(), false)),
        ("kettle", end_subscription("romeo")),
        ("kettle", end_subscription("romeo")),
        ("kettle", publish(state(), true)),
        ("kettle", affiliate(&[("romeo", Outcast)])),
        ("romeo", fetch()),
        ("romeo", subscribe()),
        ("juliet", unsubscribe()),
        ("juliet", unsubscribe()),
        ("juliet", fetch()),
        ("juliet", subscribe()),
        ("kettle", delete()),
        ("juliet", fetch()),
        ("juliet", unsubscribe()),
        ("juliet", publish(state(), true)),
        ("juliet", retract(state())),
        ("stranger", discover("kettle")),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("kettle", step("juliet", SubscriptionStep::Approve)),
        ("kettle", step("juliet", SubscriptionStep::Ask)),
        ("juliet", step("kettle", SubscriptionStep::Approve)),
        ("stranger", step("kettle", SubscriptionStep::Approve)),
        ("juliet", say("kettle", "help")),
        ("stranger", say("kettle", "hi")),
        ("juliet", step("kettle", SubscriptionStep::Leave)),
        ("kettle", remove("juliet")),
        ("kettle", remove("juliet")),
        ("kettle", step("stranger", SubscriptionStep::Ask)),
        ("juliet", name("kettle", "Kettle", "Kitchen")),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("kettle", step("juliet", SubscriptionStep::Approve)),
        ("kettle", step("juliet", SubscriptionStep::Approve)),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("kettle", step("juliet", SubscriptionStep::Deny)),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("kettle", step("juliet", SubscriptionStep::Deny)),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("juliet", step("kettle", SubscriptionStep::Leave)),
        ("juliet", remove("kettle")),
    ];
    Script {
        thesis: false,
        steps,
    }
}

/// Nodes that a device of the thesis profile makes.
pub(crate) fn open_nodes() -> Script {
    let open = NodeConfig {
        access: AccessModel::Open,
        publish: PublishModel::Open,
        max_items: 1,
        persist: true,
    };
    let presence = NodeConfig {
        access: AccessModel::Presence,
        publish: PublishModel::Publishers,
        ..NodeConfig::ROOST
    };
    let roster = NodeConfig {
        access: AccessModel::Roster,
        ..NodeConfig::ROOST
    };
    let led = || ItemId::actuator("led");
    let steps = vec![
        ("kettle", create(open)),
        ("stranger", subscribe()),
        ("kettle", publish(led(), false)),
        ("stranger", publish(led(), true)),
        ("stranger", publish(ItemId::actuator("own"), true)),
        ("stranger", fetch()),
        ("kettle", affiliate(&[("romeo", Affiliation::Outcast)])),
        ("romeo", publish(ItemId::actuator("outcast"), true)),
        ("romeo", fetch()),
        ("romeo", subscribe()),
        ("kettle", configure(presence)),
        ("juliet", fetch()),
        ("juliet", subscribe()),
        ("juliet", step("kettle", SubscriptionStep::Ask)),
        ("kettle", step("juliet", SubscriptionStep::Approve)),
        ("juliet", fetch()),
        ("juliet", subscribe()),
        ("juliet", publish(led(), true)),
        ("kettle", Request::ReadNodeConfig { node: NODE }),
        ("juliet", publish(led(), true)),
        ("juliet", remove("kettle")),
        ("kettle", publish(led(), true)),
        ("juliet", unsubscribe()),
        ("kettle", configure(roster)),
        ("kettle", delete()),
    ];
    Script {
        thesis: true,
        steps,
    }
}

const NODE: Node = Node::Actuators;

fn kettle() -> BareJid {
    jid("kettle")
}

fn create(config: NodeConfig) -> Request {
    Request::CreateNode { node: NODE, config }
}

fn configure(config: NodeConfig) -> Request {
    Request::ConfigureNode { node: NODE, config }
}

fn delete() -> Request {
    Request::DeleteNode { node: NODE }
}

fn affiliate(changes: &[(&str, Affiliation)]) -> Request {
    let affiliations = changes.iter().map(|(user, is)| (jid(user), *is)).collect();
    Request::SetAffiliations {
        node: NODE,
        affiliations,
    }
}

fn subscribe() -> Request {
    subscribe_to(NODE)
}

fn subscribe_to(node: Node) -> Request {
    let service = kettle();
    Request::Subscribe { service, node }
}

fn unsubscribe() -> Request {
    let service = kettle();
    Request::Unsubscribe {
        service,
        node: NODE,
    }
}

fn fetch() -> Request {
    let service = kettle();
    Request::Fetch {
        service,
        node: NODE,
    }
}

fn publish(item: ItemId, on: bool) -> Request {
    let stamp = Some(Timestamp(1_700_000_000_000));
    Request::Publish {
        service: kettle(),
        node: NODE,
        item,
        payload: Payload::Value(Val::from_value(&Value::Bool(on), None, stamp)),
    }
}

fn retract(item: ItemId) -> Request {
    Request::Retract {
        service: kettle(),
        node: NODE,
        item,
    }
}

fn end_subscription(user: &str) -> Request {
    Request::EndSubscription {
        node: NODE,
        jid: Jid::from(jid(user)),
    }
}

fn discover(user: &str) -> Request {
    Request::Discover {
        jid: Jid::from(jid(user)),
    }
}

fn step(user: &str, step: SubscriptionStep) -> Request {
    Request::Subscription {
        to: jid(user),
        step,
    }
}

fn remove(user: &str) -> Request {
    Request::RemoveContact { jid: jid(user) }
}

fn name(user: &str, name: &str, group: &str) -> Request {
    Request::SetContact {
        jid: jid(user),
        name: Some(name.to_owned()),
        groups: [group.to_owned()].into(),
    }
}

fn say(user: &str, body: &str) -> Request {
    Request::SendText {
        to: Jid::from(jid(user)),
        body: body.to_owned(),
    }
}
