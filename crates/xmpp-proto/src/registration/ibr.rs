//! XEP-0077: In-Band Registration.

use minidom::Element;
use roost_forms::{Bits, Edits, Field, FieldError, FieldKind, Form, Media, Source};

use super::{NewAccount, RegistrationError};
use crate::xml::{cut, text_element, text_of};
use crate::{limits, ns};

const OOB: &str = "jabber:x:oob";
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
/// Legacy fields that are given back as they came (section 14.1).
const KEY: &str = "key";

/// Asks what has to be told (section 3.1).
pub(super) fn get() -> Element {
    Element::bare("query", ns::REGISTER)
}

/// Asks for an account by the two fields that servers without a form want (section 3.1).
pub(crate) fn set(account: &NewAccount) -> Element {
    query([
        text_element(USERNAME, ns::REGISTER, local_part(account)),
        text_element(PASSWORD, ns::REGISTER, account.password.expose()),
    ])
}

/// Removes the account that sends it, and no other: without a name there is none to mistake
/// (section 3.2).
pub fn removal() -> Element {
    query([Element::bare("remove", ns::REGISTER)])
}

/// What a server wants to know before it makes an account.
#[derive(Debug)]
pub(super) struct Sheet {
    form: Form,
    /// Whether it is answered by elements of their own instead of a form.
    is_legacy: bool,
    pictures: Vec<Bits>,
}

impl Sheet {
    /// Reads the answer to [`get`]: the form where there is a usable one, else the fields that
    /// are named by elements (section 4 says that the form goes before them).
    pub(super) fn read(query: &Element) -> Result<Self, RegistrationError> {
        if !query.is("query", ns::REGISTER) {
            return Err(RegistrationError::unexpected("no query"));
        }
        let form = query
            .children()
            .find_map(Form::read)
            .map(|(form, _)| form)
            .filter(has_a_place);
        let is_legacy = form.is_none();
        let form = form.unwrap_or_else(|| legacy_form(query));
        if !has_a_place(&form) {
            return Err(elsewhere(query));
        }
        let pictures = query
            .children()
            .filter_map(Bits::read)
            .take(limits::PICTURES)
            .collect();
        Ok(Self {
            form,
            is_legacy,
            pictures,
        })
    }

    /// Whether more is wanted than a name and a password.
    pub(super) fn asks_more(&self) -> bool {
        self.form.fields.iter().any(|field| {
            field.required && field.is_editable() && field.is_empty() && !is_ours(field)
        })
    }

    /// Whether a person has to read or hear something (XEP-0158, section 3).
    pub(super) fn is_captcha(&self) -> bool {
        let named = |var| self.form.field(var).is_some();
        named("challenge") || self.form.fields.iter().any(|field| !field.media.is_empty())
    }

    /// What a person is shown: all but name and password, which we fill in, and what is hidden.
    pub(super) fn for_a_person(&self) -> Form {
        let mut form = self.form.clone();
        form.fields
            .retain(|field| !is_ours(field) && field.kind != FieldKind::Hidden);
        form.pages.clear();
        form
    }

    /// The pictures and sounds that came along and are referred to.
    pub(super) fn pictures(&self) -> Vec<Bits> {
        let refers = |media: &Media, cid: &str| {
            let mut uris = media.uris.iter();
            uris.any(|(_, uri)| Source::of(uri) == Source::Along(cid))
        };
        let is_shown = |bits: &&Bits| {
            let mut media = self.form.fields.iter().flat_map(|field| &field.media);
            media.any(|media| refers(media, &bits.cid))
        };
        self.pictures.iter().filter(is_shown).cloned().collect()
    }

    /// The query that asks for the account, with what a person entered.
    ///
    /// # Errors
    /// What is wrong with what was entered, by field.
    pub(super) fn fill(
        &self,
        account: &NewAccount,
        edits: &Edits,
    ) -> Result<Element, Vec<FieldError>> {
        let mut edits = edits.clone();
        for (var, value) in [
            (USERNAME, local_part(account)),
            (PASSWORD, account.password.expose()),
        ] {
            edits.insert(var.to_owned(), vec![value.to_owned()]);
        }
        let submit = roost_forms::answer(&self.form, &edits)?;
        if !self.is_legacy {
            return Ok(query([submit.write()]));
        }
        Ok(query(submit.named().map(|(var, field)| {
            text_element(var, ns::REGISTER, field.value().unwrap_or_default())
        })))
    }
}

/// The elements of a query as a form. All of them have to be answered (section 3.1).
fn legacy_form(query: &Element) -> Form {
    let mut form = Form::default();
    let named = query.children().filter(|child| child.ns() == ns::REGISTER);
    for child in named.take(limits::REGISTRATION_FIELDS) {
        let name = child.name();
        if form.field(name).is_some() || name.len() > limits::FEATURE_BYTES {
            continue;
        }
        match name {
            "instructions" => {
                let text = text_of(child);
                form = form.with_instructions(cut(&text, limits::LINE_BYTES));
            }
            "registered" | "remove" => {}
            KEY => form = form.with(Field::hidden(KEY, cut(&text_of(child), limits::LINE_BYTES))),
            PASSWORD => form = form.with(Field::new(FieldKind::TextPrivate, name).required()),
            _ => form = form.with(Field::text(name).required()),
        }
    }
    form
}

fn query(children: impl IntoIterator<Item = Element>) -> Element {
    Element::builder("query", ns::REGISTER)
        .append_all(children)
        .build()
}

fn local_part(account: &NewAccount) -> &str {
    account.jid.node().map_or("", |name| name.as_str())
}

fn is_ours(field: &Field) -> bool {
    matches!(field.var.as_deref(), Some(USERNAME | PASSWORD))
}

fn has_a_place(form: &Form) -> bool {
    [USERNAME, PASSWORD]
        .iter()
        .all(|var| form.field(var).is_some_and(Field::is_editable))
}

/// A form without a place for an account: perhaps it names a page instead (section 5).
fn elsewhere(query: &Element) -> RegistrationError {
    let Some(oob) = query.get_child("x", OOB) else {
        return RegistrationError::FormUnknown;
    };
    let url = oob
        .get_child("url", OOB)
        .map(|url| text_of(url).trim().to_owned())
        .filter(|url| url.len() <= limits::LINE_BYTES)
        .filter(|url| matches!(Source::of(url), Source::Remote(_)));
    RegistrationError::Elsewhere { url }
}

#[cfg(test)]
mod tests {
    use jid::BareJid;
    use roost_model::Secret;

    use super::*;

    fn account() -> NewAccount {
        NewAccount {
            jid: BareJid::new("bill@shakespeare.lit").unwrap(),
            password: Secret::new("Call&Me<Bill>"),
        }
    }

    fn sheet(content: &str) -> Result<Sheet, RegistrationError> {
        let xml = format!("<query xmlns='jabber:iq:register'>{content}</query>");
        Sheet::read(&xml.parse().unwrap())
    }

    #[test]
    fn fields_by_name() {
        let sheet = sheet(
            "<instructions>Choose.</instructions><username/><password/><email/><key>k1</key>",
        )
        .unwrap();
        assert!(sheet.asks_more() && !sheet.is_captcha());
        let shown = sheet.for_a_person();
        let names: Vec<_> = shown.named().map(|(var, _)| var).collect();
        assert_eq!(names, ["email"]);
        assert_eq!(shown.instructions, ["Choose."]);
        assert!(
            sheet.fill(&account(), &Edits::new()).is_err(),
            "an email is missing"
        );
        let edits = Edits::from([("email".to_owned(), vec!["b@s.lit".to_owned()])]);
        let filled = String::from(&sheet.fill(&account(), &edits).unwrap());
        assert_eq!(
            filled,
            "<query xmlns='jabber:iq:register'><username>bill</username>\
             <password>Call&amp;Me&lt;Bill&gt;</password><email>b@s.lit</email><key>k1</key></query>"
        );
    }

    #[test]
    fn the_form_goes_before_the_names() {
        let sheet = sheet(
            "<username/><password/><x xmlns='jabber:x:data' type='form'>\
             <field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>\
             <field type='text-single' var='username'><required/></field>\
             <field type='text-private' var='password'><required/></field>\
             <field type='text-single' var='nick'/></x>",
        )
        .unwrap();
        assert!(!sheet.asks_more(), "a nickname may be left out");
        let filled = sheet.fill(&account(), &Edits::new()).unwrap();
        let (form, _) = filled.children().find_map(Form::read).unwrap();
        assert_eq!(form.value("username"), Some("bill"));
        assert_eq!(form.value("password"), Some("Call&Me<Bill>"));
        assert_eq!(form.form_type(), Some("jabber:iq:register"));
        assert_eq!(filled.children().count(), 1);
    }

    #[test]
    fn forms_without_a_place() {
        let url = |url: &str| {
            format!(
                "<instructions>Go there.</instructions><x xmlns='jabber:x:oob'><url>{url}</url></x>"
            )
        };
        let page = "https://shakespeare.lit/register";
        let elsewhere = |url: Option<&str>| RegistrationError::Elsewhere {
            url: url.map(str::to_owned),
        };
        let cases = [
            (String::new(), RegistrationError::FormUnknown),
            ("<username/>".to_owned(), RegistrationError::FormUnknown),
            (url(page), elsewhere(Some(page))),
            (url("file:///etc/passwd"), elsewhere(None)),
        ];
        for (content, expected) in cases {
            assert_eq!(sheet(&content).unwrap_err(), expected, "{content}");
        }
    }

    #[test]
    fn removal_names_nobody() {
        let expected = "<query xmlns='jabber:iq:register'><remove/></query>";
        assert_eq!(String::from(&removal()), expected);
    }
}
