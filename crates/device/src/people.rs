//! Who may do what with a device.

use std::collections::BTreeSet;

use roost_model::jid::BareJid;
use roost_model::{Node, Role};
use roost_xmpp_proto::Affiliation;
use serde::{Deserialize, Serialize};

/// The people of a device. Everybody else is a stranger and gets no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct People {
    /// Who brought the device home.
    pub owner: Option<BareJid>,
    /// Who sees and changes values.
    pub controllers: BTreeSet<BareJid>,
    /// Who sees values.
    pub readers: BTreeSet<BareJid>,
}

impl People {
    /// What this JID may do.
    pub fn role(&self, jid: &BareJid) -> Option<Role> {
        if self.owner.as_ref() == Some(jid) {
            Some(Role::Owner)
        } else if self.controllers.contains(jid) {
            Some(Role::Controller)
        } else if self.readers.contains(jid) {
            Some(Role::Reader)
        } else {
            None
        }
    }

    /// Whether this JID may change values.
    pub fn may_control(&self, jid: &BareJid) -> bool {
        self.role(jid) >= Some(Role::Controller)
    }

    /// Everybody, once.
    pub fn all(&self) -> BTreeSet<&BareJid> {
        self.owner
            .iter()
            .chain(&self.controllers)
            .chain(&self.readers)
            .collect()
    }

    /// What the server is to let this JID do on a node: whoever may control publishes requests,
    /// everybody else only reads.
    pub fn affiliation(&self, jid: &BareJid, node: Node) -> Option<Affiliation> {
        let role = self.role(jid)?;
        Some(if node == Node::Actuators && role >= Role::Controller {
            Affiliation::Publisher
        } else {
            Affiliation::Member
        })
    }

    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.all().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_what_follows_from_them() {
        let jid = |name: &str| BareJid::new(&format!("{name}@capulet.lit")).unwrap();
        let people = People {
            owner: Some(jid("juliet")),
            controllers: [jid("nurse")].into(),
            readers: [jid("peter"), jid("nurse")].into(),
        };
        use Affiliation::{Member, Publisher};
        let cases = [
            ("juliet", Some(Role::Owner), Some(Publisher), Some(Member)),
            (
                "nurse",
                Some(Role::Controller),
                Some(Publisher),
                Some(Member),
            ),
            ("peter", Some(Role::Reader), Some(Member), Some(Member)),
            ("tybalt", None, None, None),
        ];
        for (name, role, actuators, sensors) in cases {
            let jid = jid(name);
            assert_eq!(people.role(&jid), role, "{name}");
            assert_eq!(
                people.may_control(&jid),
                actuators == Some(Publisher),
                "{name}"
            );
            assert_eq!(
                people.affiliation(&jid, Node::Actuators),
                actuators,
                "{name}"
            );
            assert_eq!(people.affiliation(&jid, Node::Sensors), sensors, "{name}");
        }
        assert_eq!(people.all().len(), 3);
    }
}
