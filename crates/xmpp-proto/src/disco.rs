//! disco#info (XEP-0030, section 3): what an entity is and can do.

use std::collections::BTreeSet;

use minidom::Element;
use roost_forms::Form;

use crate::xml::{attr, cut};
use crate::{Features, limits, ns, xml};

/// A disco#info answer as its verification string needs it (XEP-0115, section 5).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Info {
    pub(crate) identities: Vec<WireIdentity>,
    pub(crate) features: BTreeSet<String>,
    pub(crate) forms: Vec<Form>,
    /// Whether there was more than is kept.
    pub(crate) is_cut: bool,
}

/// One `<identity/>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WireIdentity {
    pub(crate) category: String,
    pub(crate) kind: String,
    pub(crate) lang: String,
    pub(crate) name: String,
}

impl Info {
    /// The part that a [`crate::SessionEvent`] tells.
    pub(crate) fn into_features(self) -> Features {
        let identities = self.identities.into_iter().map(|identity| {
            let name = (!identity.name.is_empty()).then_some(identity.name);
            (format!("{}/{}", identity.category, identity.kind), name)
        });
        Features {
            identities: identities.collect(),
            features: self.features,
        }
    }
}

/// Asks what an entity can do; `node` names its capabilities (XEP-0115, section 6.2).
pub(crate) fn get(node: Option<&str>) -> Element {
    match node {
        Some(node) => xml::element("query", ns::DISCO_INFO, &[(attr::NODE, node)]),
        None => Element::bare("query", ns::DISCO_INFO),
    }
}

/// Whether the payload of an IQ `get` asks what we can do.
pub(crate) fn is_question(payload: &Element) -> bool {
    payload.is("query", ns::DISCO_INFO)
}

/// Reads an answer; `None` if it is none.
pub(crate) fn read(query: &Element) -> Option<Info> {
    if !query.is("query", ns::DISCO_INFO) {
        return None;
    }
    let mut info = Info::default();
    for child in query.children() {
        if child.is("identity", ns::DISCO_INFO) {
            let fits = info.identities.len() < limits::IDENTITIES;
            info.is_cut |= !fits;
            info.identities.extend(fits.then(|| identity(child)));
        } else if child.is("feature", ns::DISCO_INFO) {
            let Some(var) = child.attr("var") else {
                continue;
            };
            let fits = info.features.len() < limits::FEATURES && var.len() <= limits::FEATURE_BYTES;
            info.is_cut |= !fits;
            info.features.extend(fits.then(|| var.to_owned()));
        } else if let Some((form, _)) = Form::read(child) {
            let fits = info.forms.len() < limits::IDENTITIES;
            info.is_cut |= !fits;
            info.forms.extend(fits.then_some(form));
        }
    }
    Some(info)
}

/// Writes an answer.
pub(crate) fn write(info: &Info, node: Option<&str>) -> Element {
    let mut query = get(node);
    for identity in &info.identities {
        let attributes = [
            (attr::CATEGORY, identity.category.as_str()),
            (attr::TYPE, identity.kind.as_str()),
            (attr::NAME, identity.name.as_str()),
        ];
        query.append_child(xml::element("identity", ns::DISCO_INFO, &attributes));
    }
    for feature in &info.features {
        query.append_child(xml::element(
            "feature",
            ns::DISCO_INFO,
            &[(attr::VAR, feature)],
        ));
    }
    query
}

fn identity(element: &Element) -> WireIdentity {
    let part = |value: Option<&str>| cut(value.unwrap_or(""), limits::FEATURE_BYTES).to_owned();
    WireIdentity {
        category: part(element.attr("category")),
        kind: part(element.attr("type")),
        lang: part(element.attr_ns("http://www.w3.org/XML/1998/namespace", "lang")),
        name: part(element.attr("name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_and_written() {
        let xml = "<query xmlns='http://jabber.org/protocol/disco#info' node='https://example.org#abc'>
            <identity category='device' type='kettle' name='Kettle'/>
            <identity category='account' type='registered'/>
            <feature var='urn:xmpp:roost:iot:1'/><feature/><feature var='jabber:x:data'/>
            <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field></x>
            <surprise xmlns='urn:example'/>
        </query>";
        let info = read(&xml.parse().unwrap()).unwrap();
        assert_eq!(info.forms.len(), 1);
        assert!(!info.is_cut);
        let features = info.clone().into_features();
        assert!(features.is_roost());
        assert_eq!(
            features.identities,
            [
                ("device/kettle".to_owned(), Some("Kettle".to_owned())),
                ("account/registered".to_owned(), None)
            ]
        );
        let again = read(&write(&info, Some("https://example.org#abc"))).unwrap();
        assert_eq!(
            (again.identities, again.features),
            (info.identities, info.features)
        );
    }

    #[test]
    fn an_answer_without_end() {
        let features = (0..9999)
            .map(|n| format!("<feature var='f{n}'/>"))
            .collect::<String>();
        let xml = format!("<query xmlns='{}'>{features}</query>", ns::DISCO_INFO);
        let info = read(&xml.parse().unwrap()).unwrap();
        assert!(info.is_cut);
        assert_eq!(info.features.len(), limits::FEATURES);
        assert_eq!(read(&"<query xmlns='urn:example'/>".parse().unwrap()), None);
    }
}
