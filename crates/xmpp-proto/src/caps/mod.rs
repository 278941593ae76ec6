//! Entity capabilities (XEP-0115): what a resource can do, told by a hash in its presence.
//!
//! A thousand devices of one firmware announce one hash, so one of them is asked and the answer
//! counts for all, if it really has that hash. While a lookup is under way the others wait; when
//! the one that was asked does not answer, or lies, the next is asked. A liar's answer counts for
//! itself alone (section 5.4).
//!
//! Only somebody who announced capabilities is ever asked: thesis firmware does not, and a
//! question to its full JID makes it reset itself.

mod book;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use roost_forms::Form;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::disco::Info;
use crate::xml::attr;
use crate::{limits, ns, xml};

pub(crate) use book::{CapsBook, Heard, Lookup};

/// What `<c/>` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caps {
    /// Names the software; only used to ask.
    pub(crate) node: String,
    /// By which the answer is remembered.
    pub(crate) key: Key,
}

/// Algorithm and hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    hash: String,
    ver: String,
}

impl Key {
    /// The key of what we know ourselves.
    fn of(info: &Info) -> Self {
        Self {
            hash: "sha-1".to_owned(),
            ver: version(info),
        }
    }

    /// Whether this is the hash of what was answered. An algorithm that we do not know fits
    /// nothing, so that its announcers are asked one by one.
    fn is_of(&self, info: &Info) -> bool {
        if info.is_cut || is_ambiguous(info) {
            return false;
        }
        let text = verification_text(info);
        let digest = match self.hash.as_str() {
            "sha-1" => BASE64.encode(Sha1::digest(text)),
            "sha-256" => BASE64.encode(Sha256::digest(text)),
            _ => return false,
        };
        self.ver == digest
    }
}

/// Reads the `<c/>` of a presence, if there is one that makes sense.
pub(crate) fn read(payloads: &[Element]) -> Option<Caps> {
    let c = payloads.iter().find(|payload| payload.is("c", ns::CAPS))?;
    let part = |value: Option<&str>| {
        let fits = |text: &&str| !text.is_empty() && text.len() <= limits::FEATURE_BYTES;
        value.filter(fits).map(str::to_owned)
    };
    Some(Caps {
        node: part(c.attr("node"))?,
        key: Key {
            hash: part(c.attr("hash")).unwrap_or_default(),
            ver: part(c.attr("ver"))?,
        },
    })
}

/// Our own `<c/>`.
pub(crate) fn write(node: &str, own: &Info) -> Element {
    let ver = version(own);
    let attributes = [
        (attr::HASH, "sha-1"),
        (attr::NODE, node),
        (attr::VER, ver.as_str()),
    ];
    xml::element("c", ns::CAPS, &attributes)
}

/// The verification string (section 5.1) with SHA-1, which every peer must know.
pub(crate) fn version(info: &Info) -> String {
    BASE64.encode(Sha1::digest(verification_text(info)))
}

/// Whether another answer has the same verification string: one feature `a<b` hashes like the two
/// features `a` and `b`, so a liar could take features from everybody who announces that hash.
fn is_ambiguous(info: &Info) -> bool {
    let in_forms = |form: &Form| {
        form.fields.iter().any(|field| {
            let var = field.var.as_ref();
            var.into_iter()
                .chain(&field.values)
                .any(|text| text.contains('<'))
        })
    };
    info.features.iter().any(|feature| feature.contains('<'))
        || info
            .identities
            .iter()
            .any(|identity| identity.name.contains('<'))
        || info.identities.iter().any(|identity| {
            let parts = [&identity.category, &identity.kind, &identity.lang];
            parts.into_iter().any(|part| part.contains(['<', '/']))
        })
        || info.forms.iter().any(in_forms)
}

fn verification_text(info: &Info) -> String {
    let mut text = String::new();
    let mut put = |part: &str| {
        text.push_str(part);
        text.push('<');
    };
    let mut identities: Vec<_> = info.identities.iter().collect();
    identities.sort_unstable();
    for identity in identities {
        let (category, kind) = (&identity.category, &identity.kind);
        put(&format!(
            "{category}/{kind}/{}/{}",
            identity.lang, identity.name
        ));
    }
    for feature in &info.features {
        put(feature);
    }
    let mut forms: Vec<(&str, &Form)> = info
        .forms
        .iter()
        .filter_map(|form| Some((form.form_type()?, form)))
        .collect();
    forms.sort_unstable_by_key(|(form_type, _)| *form_type);
    for (form_type, form) in forms {
        put(form_type);
        let mut fields: Vec<_> = form
            .fields
            .iter()
            .filter_map(|field| Some((field.var.as_deref()?, &field.values)))
            .filter(|(var, _)| *var != "FORM_TYPE")
            .collect();
        fields.sort_unstable();
        for (var, values) in fields {
            put(var);
            let mut values: Vec<_> = values.iter().map(String::as_str).collect();
            values.sort_unstable();
            values.into_iter().for_each(&mut put);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disco;

    /// The two examples of XEP-0115, sections 5.2 and 5.3, from their published data.
    #[test]
    fn published_verification_strings() {
        let info = |extra: &str| {
            let xml = format!(
                "<query xmlns='http://jabber.org/protocol/disco#info'>
                    <feature var='http://jabber.org/protocol/muc'/>
                    <feature var='http://jabber.org/protocol/disco#items'/>
                    <feature var='http://jabber.org/protocol/caps'/>
                    <feature var='http://jabber.org/protocol/disco#info'/>{extra}</query>"
            );
            disco::read(&xml.parse().unwrap()).unwrap()
        };
        let simple = info("<identity category='client' type='pc' name='Exodus 0.9.1'/>");
        assert_eq!(version(&simple), "QgayPKawpkPSDYmwT/WM94uAlu0=");
        let complex = info(
            "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
             <identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>
             <x xmlns='jabber:x:data' type='result'>
               <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
               <field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>
               <field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>
               <field var='software'><value>Psi</value></field><field var='software_version'><value>0.11</value></field>
             </x>",
        );
        assert_eq!(version(&complex), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
    }

    #[test]
    fn two_answers_never_share_a_hash() {
        let info = |features: &[&str]| Info {
            features: features
                .iter()
                .map(|feature| (*feature).to_owned())
                .collect(),
            ..Info::default()
        };
        let true_one = info(&["a", crate::ROOST_FEATURE]);
        let forged = info(&[&format!("a<{}", crate::ROOST_FEATURE)]);
        assert_eq!(version(&true_one), version(&forged));
        let key = Key::of(&true_one);
        assert!(key.is_of(&true_one));
        assert!(!key.is_of(&forged));
    }

    #[test]
    fn hostile_announcements() {
        let long = "x".repeat(limits::FEATURE_BYTES + 1);
        let cases = [
            (
                "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>"
                    .to_owned(),
                true,
            ),
            (
                "<c xmlns='http://jabber.org/protocol/caps' node='n' ver='v'/>".to_owned(),
                true,
            ),
            (
                "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' ver='v'/>".to_owned(),
                false,
            ),
            (
                "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='' ver='v'/>"
                    .to_owned(),
                false,
            ),
            (
                format!("<c xmlns='http://jabber.org/protocol/caps' node='n' ver='{long}'/>"),
                false,
            ),
            (
                "<c xmlns='urn:example' hash='sha-1' node='n' ver='v'/>".to_owned(),
                false,
            ),
        ];
        for (xml, is_read) in cases {
            assert_eq!(
                read(&[xml.parse().unwrap()]).is_some(),
                is_read,
                "{xml:.90}"
            );
        }
    }
}
