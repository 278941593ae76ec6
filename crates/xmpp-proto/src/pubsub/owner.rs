//! What an owner asks of a node (XEP-0060, section 8).

use jid::{BareJid, Jid};
use minidom::Element;
use roost_forms::{Field, Form, FormKind};
use roost_model::{Failure, Node};

use crate::errors::nonsense;
use crate::xml::attr;
use crate::{AccessModel, Affiliation, Answer, NodeConfig, PublishModel, limits, ns, xml};

const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";

/// Creates a node with its configuration (section 8.1.3).
pub(crate) fn create(node: Node, config: &NodeConfig) -> Element {
    let create = xml::element("create", ns::PUBSUB, &[(attr::NODE, node.name())]);
    let configure = xml::wrapped("configure", ns::PUBSUB, config_form(config));
    Element::builder("pubsub", ns::PUBSUB)
        .append(create)
        .append(configure)
        .build()
}

/// Configures a node (section 8.2.4).
pub(crate) fn configure(node: Node, config: &NodeConfig) -> Element {
    about(node, "configure", [config_form(config)])
}

/// Asks for the configuration (section 8.2.1).
pub(crate) fn read_config(node: Node) -> Element {
    about(node, "configure", [])
}

/// Deletes a node (section 8.4).
pub(crate) fn delete(node: Node) -> Element {
    about(node, "delete", [])
}

/// Changes affiliations (section 8.9.2).
pub(crate) fn set_affiliations(node: Node, affiliations: &[(BareJid, Affiliation)]) -> Element {
    let changes = affiliations.iter().map(|(jid, affiliation)| {
        let attributes = [
            (attr::JID, jid.as_str()),
            (attr::AFFILIATION, affiliation_name(*affiliation)),
        ];
        xml::element("affiliation", ns::PUBSUB_OWNER, &attributes)
    });
    about(node, "affiliations", changes)
}

/// Asks for the affiliations (section 8.9.1).
pub(crate) fn read_affiliations(node: Node) -> Element {
    about(node, "affiliations", [])
}

/// Asks for the subscribers (section 8.8.1).
pub(crate) fn read_subscribers(node: Node) -> Element {
    about(node, "subscriptions", [])
}

/// Ends somebody's subscription (section 8.8.4).
pub(crate) fn end_subscription(node: Node, jid: &Jid) -> Element {
    let attributes = [(attr::JID, jid.as_str()), (attr::SUBSCRIPTION, "none")];
    about(
        node,
        "subscriptions",
        [xml::element("subscription", ns::PUBSUB_OWNER, &attributes)],
    )
}

/// Reads the answer to [`read_config`]: as far as the server tells what we know.
pub(crate) fn config(payload: Option<&Element>) -> Result<Answer, Failure> {
    let configure = part(payload, "configure")?;
    let (form, _) = configure
        .children()
        .find_map(Form::read)
        .ok_or_else(|| nonsense("configuration without form"))?;
    Ok(Answer::Config {
        access: form.value("pubsub#access_model").and_then(access_from_name),
        publish: form
            .value("pubsub#publish_model")
            .and_then(publish_from_name),
        max_items: form.value("pubsub#max_items").and_then(|text| match text {
            "max" => Some(u32::MAX),
            number => number.parse().ok(),
        }),
        persist: form
            .value("pubsub#persist_items")
            .and_then(|text| match text {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            }),
    })
}

/// Reads the answer to [`read_affiliations`], and whether it had to be cut.
pub(crate) fn affiliations(payload: Option<&Element>) -> Result<(Answer, bool), Failure> {
    let list = part(payload, "affiliations")?;
    let mut found = list
        .children()
        .filter(|child| child.is("affiliation", ns::PUBSUB_OWNER))
        .filter_map(|child| {
            let jid = Jid::new(child.attr("jid")?).ok()?.into_bare();
            Some((jid, affiliation_from_name(child.attr("affiliation")?)?))
        });
    let kept = found.by_ref().take(limits::NODE_MEMBERS).collect();
    Ok((Answer::Affiliations(kept), found.next().is_some()))
}

/// Reads the answer to [`read_subscribers`], and whether it had to be cut.
pub(crate) fn subscribers(payload: Option<&Element>) -> Result<(Answer, bool), Failure> {
    let list = part(payload, "subscriptions")?;
    let mut found = list
        .children()
        .filter(|child| child.is("subscription", ns::PUBSUB_OWNER))
        .filter(|child| child.attr("subscription") != Some("none"))
        .filter_map(|child| Jid::new(child.attr("jid")?).ok());
    let kept = found.by_ref().take(limits::NODE_MEMBERS).collect();
    Ok((Answer::Subscribers(kept), found.next().is_some()))
}

fn about(node: Node, what: &str, children: impl IntoIterator<Item = Element>) -> Element {
    let mut element = xml::element(what, ns::PUBSUB_OWNER, &[(attr::NODE, node.name())]);
    for child in children {
        element.append_child(child);
    }
    xml::wrapped("pubsub", ns::PUBSUB_OWNER, element)
}

fn part<'a>(payload: Option<&'a Element>, name: &str) -> Result<&'a Element, Failure> {
    payload
        .filter(|payload| payload.is("pubsub", ns::PUBSUB_OWNER))
        .and_then(|pubsub| pubsub.get_child(name, ns::PUBSUB_OWNER))
        .ok_or_else(|| nonsense("answer without its part"))
}

/// Says everything that matters, since the defaults of servers differ: `max_items` is 1 in
/// ejabberd, and last items are pushed at every sign-in unless forbidden.
fn config_form(config: &NodeConfig) -> Element {
    let max_items = config.max_items.to_string();
    let options = [
        ("pubsub#access_model", access_name(config.access)),
        ("pubsub#publish_model", publish_name(config.publish)),
        (
            "pubsub#persist_items",
            if config.persist { "1" } else { "0" },
        ),
        ("pubsub#max_items", &max_items),
        ("pubsub#send_last_published_item", "never"),
        ("pubsub#deliver_payloads", "1"),
        ("pubsub#notify_retract", "1"),
        ("pubsub#notify_delete", "1"),
        ("pubsub#notification_type", "headline"),
        ("pubsub#itemreply", "publisher"),
        ("pubsub#presence_based_delivery", "0"),
    ];
    let mut form = Form::new(FormKind::Submit).with_form_type(NODE_CONFIG);
    for (var, value) in options {
        form = form.with(Field::text(var).with_value(value));
    }
    form.write()
}

fn affiliation_name(affiliation: Affiliation) -> &'static str {
    match affiliation {
        Affiliation::Owner => "owner",
        Affiliation::Publisher => "publisher",
        Affiliation::PublishOnly => "publish-only",
        Affiliation::Member => "member",
        Affiliation::None => "none",
        Affiliation::Outcast => "outcast",
    }
}

fn affiliation_from_name(name: &str) -> Option<Affiliation> {
    use Affiliation::{Member, None, Outcast, Owner, PublishOnly, Publisher};
    [Owner, Publisher, PublishOnly, Member, None, Outcast]
        .into_iter()
        .find(|affiliation| affiliation_name(*affiliation) == name)
}

fn access_name(access: AccessModel) -> &'static str {
    match access {
        AccessModel::Open => "open",
        AccessModel::Presence => "presence",
        AccessModel::Roster => "roster",
        AccessModel::Whitelist => "whitelist",
    }
}

fn access_from_name(name: &str) -> Option<AccessModel> {
    use AccessModel::{Open, Presence, Roster, Whitelist};
    [Open, Presence, Roster, Whitelist]
        .into_iter()
        .find(|access| access_name(*access) == name)
}

fn publish_name(publish: PublishModel) -> &'static str {
    match publish {
        PublishModel::Publishers => "publishers",
        PublishModel::Subscribers => "subscribers",
        PublishModel::Open => "open",
    }
}

fn publish_from_name(name: &str) -> Option<PublishModel> {
    use PublishModel::{Open, Publishers, Subscribers};
    [Publishers, Subscribers, Open]
        .into_iter()
        .find(|publish| publish_name(*publish) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(inside: &str) -> Element {
        format!("<pubsub xmlns='{}'>{inside}</pubsub>", ns::PUBSUB_OWNER)
            .parse()
            .unwrap()
    }

    #[test]
    fn questions() {
        let juliet = BareJid::new("juliet@capulet.lit").unwrap();
        let cases = [
            (read_config(Node::Ui), "<configure node='xmpp.iot.ui'/>"),
            (delete(Node::Ui), "<delete node='xmpp.iot.ui'/>"),
            (
                read_affiliations(Node::Ui),
                "<affiliations node='xmpp.iot.ui'/>",
            ),
            (
                read_subscribers(Node::Ui),
                "<subscriptions node='xmpp.iot.ui'/>",
            ),
            (
                set_affiliations(Node::Actuators, &[(juliet.clone(), Affiliation::Publisher)]),
                "<affiliations node='xmpp.iot.actuators'><affiliation jid='juliet@capulet.lit' affiliation='publisher'/></affiliations>",
            ),
            (
                end_subscription(
                    Node::Sensors,
                    &juliet.with_resource_str("x").unwrap().into(),
                ),
                "<subscriptions node='xmpp.iot.sensors'><subscription jid='juliet@capulet.lit/x' subscription='none'/></subscriptions>",
            ),
        ];
        for (written, expected) in cases {
            assert_eq!(written, owner(expected), "{expected}");
        }
    }

    #[test]
    fn a_configuration_is_what_it_says() {
        let written = configure(Node::Ui, &NodeConfig::ROOST);
        let expected = Answer::Config {
            access: Some(AccessModel::Whitelist),
            publish: Some(PublishModel::Publishers),
            max_items: Some(100),
            persist: Some(true),
        };
        assert_eq!(config(Some(&written)), Ok(expected));
        let (form, warnings) = written
            .get_child("configure", ns::PUBSUB_OWNER)
            .and_then(|configure| Form::read(configure.children().next()?))
            .unwrap();
        assert_eq!(
            (form.kind, form.form_type()),
            (FormKind::Submit, Some(NODE_CONFIG))
        );
        assert_eq!(warnings, []);
        assert_eq!(form.fields.len(), 12);
    }

    #[test]
    fn a_server_tells_what_it_likes() {
        let cases = [
            (
                "<field var='pubsub#access_model' type='list-single'><value>open</value><option><value>open</value></option></field>
                 <field var='pubsub#max_items'><value>max</value></field>",
                (Some(AccessModel::Open), None, Some(u32::MAX), None),
            ),
            (
                "<field var='pubsub#access_model'><value>authorize</value></field>
                 <field var='pubsub#publish_model'><value>open</value></field>
                 <field var='pubsub#persist_items' type='boolean'><value>false</value></field>
                 <field var='pubsub#max_items'><value>many</value></field>",
                (None, Some(PublishModel::Open), None, Some(false)),
            ),
        ];
        for (fields, (access, publish, max_items, persist)) in cases {
            let answer = owner(&format!(
                "<configure node='xmpp.iot.ui'><x xmlns='jabber:x:data' type='form'>{fields}</x></configure>"
            ));
            let expected = Answer::Config {
                access,
                publish,
                max_items,
                persist,
            };
            assert_eq!(config(Some(&answer)), Ok(expected), "{fields}");
        }
        for broken in ["", "<configure/>", "<default/>"] {
            assert!(config(Some(&owner(broken))).is_err(), "{broken}");
        }
        assert!(config(None).is_err());
    }

    #[test]
    fn members_of_a_node() {
        let list = owner(
            "<affiliations node='n'><affiliation jid='kettle@home.lit' affiliation='owner'/>
             <affiliation jid='juliet@capulet.lit/x' affiliation='publish-only'/>
             <affiliation jid='@' affiliation='owner'/><affiliation jid='a@b' affiliation='king'/></affiliations>",
        );
        let expected = vec![
            (BareJid::new("kettle@home.lit").unwrap(), Affiliation::Owner),
            (
                BareJid::new("juliet@capulet.lit").unwrap(),
                Affiliation::PublishOnly,
            ),
        ];
        assert_eq!(
            affiliations(Some(&list)),
            Ok((Answer::Affiliations(expected), false))
        );

        let list = owner(
            "<subscriptions node='n'><subscription jid='juliet@capulet.lit/x' subscription='subscribed'/>
             <subscription jid='romeo@montague.lit' subscription='none'/></subscriptions>",
        );
        let expected = vec![Jid::new("juliet@capulet.lit/x").unwrap()];
        assert_eq!(
            subscribers(Some(&list)),
            Ok((Answer::Subscribers(expected), false))
        );
        let many =
            "<subscription jid='a@b' subscription='subscribed'/>".repeat(limits::NODE_MEMBERS + 1);
        let many = owner(&format!("<subscriptions node='n'>{many}</subscriptions>"));
        let (_, is_cut) = subscribers(Some(&many)).unwrap();
        assert!(is_cut);
    }
}
