//! How a node is configured, and the form for it (XEP-0060, section 16.4.4).

use minidom::Element;
use roost_xmpp_proto::{AccessModel, PublishModel};

use crate::flavour::Flavour;
use crate::refusal::Refusal;
use crate::xml::{With, attr, children, element, ns};

/// Names of fields with their values, as a client sent them.
pub(crate) type Fields = Vec<(String, Vec<String>)>;

const FORM_TYPE: &str = "http://jabber.org/protocol/pubsub#node_config";
const PREFIX: &str = "pubsub#";

/// Fields that are known and have no effect here.
const WITHOUT_EFFECT: [&str; 17] = [
    "body_xslt",
    "contact",
    "dataform_xslt",
    "description",
    "item_expire",
    "language",
    "max_payload_size",
    "node_type",
    "notification_type",
    "notify_config",
    "notify_sub",
    "presence_based_delivery",
    "purge_offline",
    "roster_groups_allowed",
    "subscribe",
    "title",
    "type",
];

/// The configuration of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) access: AccessModel,
    pub(crate) publish: PublishModel,
    pub(crate) max_items: u32,
    pub(crate) persist: bool,
    pub(crate) delivers_payloads: bool,
    pub(crate) notifies_retract: bool,
    pub(crate) notifies_delete: bool,
    /// Whether events name the publisher of an item (`itemreply`).
    pub(crate) names_publisher: bool,
    /// Whether newcomers get the last item without asking (`send_last_published_item`).
    pub(crate) sends_last_item: bool,
}

impl Config {
    /// What a personal node is unless somebody configures it (XEP-0163, section 3).
    pub(crate) fn usual(flavour: Flavour) -> Self {
        Self {
            access: AccessModel::Presence,
            publish: PublishModel::Publishers,
            max_items: 1,
            persist: true,
            delivers_payloads: true,
            notifies_retract: true,
            notifies_delete: flavour.announces_deletion_by_default(),
            names_publisher: false,
            sends_last_item: true,
        }
    }

    /// This configuration with some fields changed.
    pub(crate) fn with(self, fields: &Fields, flavour: Flavour) -> Result<Self, Refusal> {
        let mut config = self;
        for (name, values) in fields {
            let value = values.first().map_or("", String::as_str);
            match name.strip_prefix(PREFIX).unwrap_or_default() {
                "access_model" => config.access = access_model(value, flavour)?,
                "publish_model" => config.publish = publish_model(value)?,
                "max_items" => config.max_items = max_items(value, flavour)?,
                "persist_items" => config.persist = flag(value)?,
                "deliver_payloads" => config.delivers_payloads = flag(value)?,
                "notify_retract" => config.notifies_retract = flag(value)?,
                "notify_delete" => config.notifies_delete = flag(value)?,
                "itemreply" => config.names_publisher = value == "publisher",
                "send_last_published_item" => config.sends_last_item = value != "never",
                known if WITHOUT_EFFECT.contains(&known) => {}
                _ if name == "FORM_TYPE" || flavour.ignores_unknown_fields() => {}
                _ => return Err(Refusal::BAD_REQUEST),
            }
        }
        Ok(config)
    }

    /// What remains of a configuration on a server that shuts all nodes of devices.
    pub(crate) fn forced(self) -> Self {
        Self {
            access: AccessModel::Whitelist,
            publish: PublishModel::Publishers,
            persist: true,
            ..self
        }
    }

    /// Whether the conditions of publishing hold (XEP-0060, section 7.1.5).
    pub(crate) fn meets(&self, options: &Fields, flavour: Flavour) -> Result<(), Refusal> {
        if self.with(options, flavour)? == *self {
            Ok(())
        } else {
            Err(Refusal::PRECONDITION)
        }
    }

    pub(crate) fn to_form(self) -> Element {
        let flag = |on: bool| if on { "1" } else { "0" };
        let last = if self.sends_last_item {
            "on_sub_and_presence"
        } else {
            "never"
        };
        let reply = if self.names_publisher {
            "publisher"
        } else {
            "owner"
        };
        let max_items = self.max_items.to_string();
        let fields = [
            ("access_model", access_name(self.access)),
            ("publish_model", publish_name(self.publish)),
            ("max_items", max_items.as_str()),
            ("persist_items", flag(self.persist)),
            ("deliver_payloads", flag(self.delivers_payloads)),
            ("notify_retract", flag(self.notifies_retract)),
            ("notify_delete", flag(self.notifies_delete)),
            ("itemreply", reply),
            ("send_last_published_item", last),
            ("notification_type", "headline"),
            ("presence_based_delivery", "0"),
        ];
        element("x", ns::DATA_FORM)
            .with(attr::TYPE, "form")
            .append(field("FORM_TYPE", Some("hidden"), FORM_TYPE))
            .append_all(
                fields
                    .into_iter()
                    .map(|(name, value)| field(&format!("{PREFIX}{name}"), None, value)),
            )
            .build()
    }
}

/// Whether a server of this flavour takes these conditions at all.
pub(crate) fn check_options(options: &Fields, flavour: Flavour) -> Result<(), Refusal> {
    let is_basic = |name: &str| {
        matches!(
            name,
            "FORM_TYPE" | "pubsub#access_model" | "pubsub#persist_items"
        )
    };
    if flavour.checks_any_publish_option() || options.iter().all(|(name, _)| is_basic(name)) {
        Ok(())
    } else {
        Err(Refusal::PRECONDITION)
    }
}

/// Reads the form within `parent`; nothing if there is none.
pub(crate) fn read_fields(parent: &Element) -> Option<Fields> {
    let form = parent.get_child("x", ns::DATA_FORM)?;
    let values = |field| children(field, "value").map(Element::text).collect();
    let fields = children(form, "field")
        .filter_map(|field| Some((field.attr("var")?.to_owned(), values(field))))
        .collect();
    Some(fields)
}

fn field(name: &str, kind: Option<&str>, value: &str) -> Element {
    element("field", ns::DATA_FORM)
        .with(attr::VAR, name)
        .with(attr::TYPE, kind)
        .append(element("value", ns::DATA_FORM).append(value).build())
        .build()
}

fn flag(value: &str) -> Result<bool, Refusal> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Refusal::BAD_REQUEST),
    }
}

fn max_items(value: &str, flavour: Flavour) -> Result<u32, Refusal> {
    let most = flavour.max_items();
    match value {
        "max" => Ok(most),
        number => match number.parse() {
            Ok(count) if (1..=most).contains(&count) => Ok(count),
            Ok(_) => Err(Refusal::NOT_ACCEPTABLE),
            Err(_) => Err(Refusal::BAD_REQUEST),
        },
    }
}

fn access_model(value: &str, flavour: Flavour) -> Result<AccessModel, Refusal> {
    let model = match value {
        "open" => AccessModel::Open,
        "presence" => AccessModel::Presence,
        "roster" => AccessModel::Roster,
        "whitelist" => AccessModel::Whitelist,
        _ => return Err(Refusal::NOT_ACCEPTABLE),
    };
    if flavour.knows_access_model(model) {
        Ok(model)
    } else {
        Err(Refusal::NOT_ACCEPTABLE)
    }
}

fn access_name(model: AccessModel) -> &'static str {
    match model {
        AccessModel::Open => "open",
        AccessModel::Presence => "presence",
        AccessModel::Roster => "roster",
        AccessModel::Whitelist => "whitelist",
    }
}

fn publish_model(value: &str) -> Result<PublishModel, Refusal> {
    match value {
        "publishers" => Ok(PublishModel::Publishers),
        "subscribers" => Ok(PublishModel::Subscribers),
        "open" => Ok(PublishModel::Open),
        _ => Err(Refusal::NOT_ACCEPTABLE),
    }
}

fn publish_name(model: PublishModel) -> &'static str {
    match model {
        PublishModel::Publishers => "publishers",
        PublishModel::Subscribers => "subscribers",
        PublishModel::Open => "open",
    }
}
