//! Dynamic forms (XEP-0336): the flags of a field, and the wrappers around a form.
//!
//! What a form does between being asked for and being answered is in [`Draft`](crate::Draft).

use minidom::Element;
use minidom::rxml::Namespace;

use crate::limits::{MAX_LABEL_BYTES, MAX_TEXT_BYTES, MAX_VAR_BYTES};
use crate::xml::{Reader, element, is, set, set_lang, text_element};
use crate::{Dynamic, Form, Warning, ns};

/// A form on its way while it is being filled in.
///
/// The answer to a [`Submit`](Self::Submit) is not wrapped: the new form stands directly in the
/// result, or there is an error; `item-not-found` means that the other side knows no such form
/// any more (section 3.7).
#[derive(Clone, Debug, PartialEq)]
pub enum Wrapper {
    /// Posted back, in an IQ of type set (section 3.2). Not the final answer.
    Submit {
        /// The state of the form, with all its hidden fields.
        form: Form,
        /// The language of the person (RFC 5646).
        lang: Option<String>,
    },
    /// Closed without an answer, in an IQ of type set (section 3.6).
    Cancel {
        /// The state of the form, with all its hidden fields.
        form: Form,
    },
    /// Changed by the side that asks, in a message (section 3.9).
    Updated {
        /// The `var` of the field whose value tells which forms are meant.
        session_variable: String,
        /// The form as it is now.
        form: Form,
        /// The language of the form (RFC 5646).
        lang: Option<String>,
    },
}

impl Wrapper {
    /// Reads a wrapper; `None` if it is none, if no form is in it, or if an update does not say
    /// which forms it is for.
    pub fn read(wrapper: &Element) -> Option<(Wrapper, Vec<Warning>)> {
        if !wrapper.has_ns(ns::DYNAMIC) {
            return None;
        }
        let (form, warnings) = wrapper.children().find_map(Form::read)?;
        let lang = wrapper.attr_ns(&Namespace::XML, "lang");
        let lang = lang
            .filter(|lang| lang.len() <= MAX_LABEL_BYTES)
            .map(str::to_owned);
        let wrapper = match wrapper.name() {
            "submit" => Wrapper::Submit { form, lang },
            "cancel" => Wrapper::Cancel { form },
            "updated" => {
                let var = wrapper.attr("sessionVariable")?;
                let session_variable = (var.len() <= MAX_VAR_BYTES).then(|| var.to_owned())?;
                Wrapper::Updated {
                    session_variable,
                    form,
                    lang,
                }
            }
            _ => return None,
        };
        Some((wrapper, warnings))
    }

    /// The element to send.
    pub fn write(&self) -> Element {
        let (name, form, lang) = match self {
            Wrapper::Submit { form, lang } => ("submit", form, lang.as_deref()),
            Wrapper::Cancel { form } => ("cancel", form, None),
            Wrapper::Updated { form, lang, .. } => ("updated", form, lang.as_deref()),
        };
        let mut wrapper = element(name, ns::DYNAMIC);
        if let Wrapper::Updated {
            session_variable, ..
        } = self
        {
            set(&mut wrapper, "sessionVariable", session_variable);
        }
        if let Some(lang) = lang {
            set_lang(&mut wrapper, lang);
        }
        wrapper.append_child(form.write());
        wrapper
    }

    /// The form inside.
    pub fn form(&self) -> &Form {
        match self {
            Wrapper::Submit { form, .. }
            | Wrapper::Cancel { form }
            | Wrapper::Updated { form, .. } => form,
        }
    }
}

impl Dynamic {
    /// Takes up a flag, if `child` is one.
    pub(crate) fn read_flag(&mut self, child: &Element, reader: &mut Reader, var: Option<&str>) {
        if is(child, "postBack", ns::DYNAMIC) {
            self.post_back = true;
        } else if is(child, "readOnly", ns::DYNAMIC) {
            self.read_only = true;
        } else if is(child, "notSame", ns::DYNAMIC) {
            self.not_same = true;
        } else if is(child, "error", ns::DYNAMIC) {
            let text = reader.shown_in(child, MAX_TEXT_BYTES, var);
            self.error = self.error.take().or(text);
        }
    }

    pub(crate) fn write_flags(&self, field: &mut Element) {
        let flags = [
            (self.post_back, "postBack"),
            (self.read_only, "readOnly"),
            (self.not_same, "notSame"),
        ];
        for (_, name) in flags.into_iter().filter(|(set, _)| *set) {
            field.append_child(element(name, ns::DYNAMIC));
        }
        if let Some(error) = &self.error {
            field.append_child(text_element("error", ns::DYNAMIC, error));
        }
    }
}
