//! Names of devices and of the places where their values live.

use std::fmt;

use jid::BareJid;
use serde::{Deserialize, Serialize};

/// A device, named by the bare JID of the account that owns its nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(BareJid);

impl DeviceId {
    /// The device whose account is `jid`.
    pub fn new(jid: BareJid) -> Self {
        Self(jid)
    }

    /// The account of the device, which is also the service that hosts its nodes (XEP-0163).
    pub fn jid(&self) -> &BareJid {
        &self.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The three PubSub nodes of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Node {
    /// `xmpp.iot.sensors`: what the device measures.
    Sensors,
    /// `xmpp.iot.actuators`: what can be asked of the device, and requests for it.
    Actuators,
    /// `xmpp.iot.ui`: the form that describes the device, in the one item `current`.
    Ui,
}

impl Node {
    /// All nodes, in the order in which a device creates them.
    pub const ALL: [Node; 3] = [Node::Sensors, Node::Actuators, Node::Ui];

    /// The node's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Node::Sensors => "xmpp.iot.sensors",
            Node::Actuators => "xmpp.iot.actuators",
            Node::Ui => "xmpp.iot.ui",
        }
    }

    /// The node with this name on the wire, if it is one of ours.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|node| node.name() == name)
    }
}

/// The id of a PubSub item: 1 to 256 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemId(String);

/// Why a text is not an item id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an item id has 1 to 256 bytes and no control characters")]
pub struct ItemIdProblem;

impl ItemId {
    const MAX_BYTES: usize = 256;
    const REQUEST_PREFIX: &'static str = "set:";

    /// Checks and keeps an id.
    ///
    /// # Errors
    /// If it is empty, longer than 256 bytes, or has control characters.
    pub fn new(id: impl Into<String>) -> Result<Self, ItemIdProblem> {
        let id = id.into();
        let fits =
            !id.is_empty() && id.len() <= Self::MAX_BYTES && !id.chars().any(char::is_control);
        if fits {
            Ok(Self(id))
        } else {
            Err(ItemIdProblem)
        }
    }

    /// The item of a sensor: `xmpp.iot.sensor.<name>`. What is not a letter, a digit, `-`, `_` or
    /// `.` of ASCII becomes `_`; at most 64 characters count.
    pub fn sensor(name: &str) -> Self {
        Self::named("xmpp.iot.sensor.", name)
    }

    /// The item of an actuator: `xmpp.iot.actuator.<name>`, with the rules of [`ItemId::sensor`].
    pub fn actuator(name: &str) -> Self {
        Self::named("xmpp.iot.actuator.", name)
    }

    fn named(prefix: &str, name: &str) -> Self {
        let name = name.chars().take(64).map(|c| match c {
            '-' | '_' | '.' => c,
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        });
        Self(prefix.chars().chain(name).collect())
    }

    /// The one item of [`Node::Ui`].
    pub fn current() -> Self {
        Self("current".to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of a request to change this item: `set:<item>:<token>` (Roost profile).
    ///
    /// # Errors
    /// If the result would be too long.
    pub fn request(&self, token: &str) -> Result<Self, ItemIdProblem> {
        Self::new(format!("{}{}:{token}", Self::REQUEST_PREFIX, self.0))
    }

    /// Whether the id is of the kind that requests have. Such an item is never a value, even if
    /// what it is about cannot be told.
    pub fn is_request(&self) -> bool {
        self.0.starts_with(Self::REQUEST_PREFIX)
    }

    /// The item that a request is about, if this id names a request.
    pub fn requested_item(&self) -> Option<ItemId> {
        let (item, token) = self
            .0
            .strip_prefix(Self::REQUEST_PREFIX)?
            .rsplit_once(':')?;
        if token.is_empty() {
            None
        } else {
            Self::new(item).ok()
        }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ItemId {
    type Error = ItemIdProblem;
    fn try_from(id: String) -> Result<Self, ItemIdProblem> {
        Self::new(id)
    }
}

impl From<ItemId> for String {
    fn from(id: ItemId) -> Self {
        id.0
    }
}

/// The place of one value on a device: node and item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PointId {
    /// The node that holds the item.
    pub node: Node,
    /// The item.
    pub item: ItemId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_and_their_names() {
        for node in Node::ALL {
            assert_eq!(Node::from_name(node.name()), Some(node));
        }
        assert_eq!(Node::from_name("XMPP.IOT.UI"), None);
    }

    #[test]
    fn a_request_names_its_item() {
        let item = ItemId::new("xmpp.iot.actuator.power").unwrap();
        let request = item.request("k3j2").unwrap();
        assert_eq!(request.as_str(), "set:xmpp.iot.actuator.power:k3j2");
        assert_eq!(request.requested_item(), Some(item.clone()));
        assert_eq!(item.requested_item(), None);
        for broken in ["set:", "set:x", "set:x:", "set::t"] {
            let broken = ItemId::new(broken).unwrap();
            assert_eq!(broken.requested_item(), None, "{broken}");
            assert!(broken.is_request(), "{broken}");
        }
    }

    #[test]
    fn names_of_points_become_item_ids() {
        let cases = [
            ("temp", "xmpp.iot.sensor.temp"),
            ("cpu 0/°C\n", "xmpp.iot.sensor.cpu_0__C_"),
            ("", "xmpp.iot.sensor."),
        ];
        for (name, id) in cases {
            assert_eq!(ItemId::sensor(name), ItemId::new(id).unwrap(), "{name:?}");
        }
        assert_eq!(
            ItemId::actuator(&"x".repeat(999)).as_str().len(),
            "xmpp.iot.actuator.".len() + 64
        );
    }

    #[test]
    fn bad_item_ids() {
        for bad in ["", "a\nb", "\u{0}", &"x".repeat(257)] {
            assert_eq!(ItemId::new(bad), Err(ItemIdProblem), "{bad:?}");
        }
    }
}
