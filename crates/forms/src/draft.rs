//! A form while a person fills it in, and while the other side changes it (XEP-0336).
//!
//! ```text
//!            edit ──────────────┐
//!              │                ▼
//! Form ──▶ [ Draft ] ──▶ post_back ──▶ the other side ──▶ a new Form ──▶ merge
//!              │                                              ▲
//!              │                          updated (pushed) ───┘
//!              ├──▶ answer      the submit form, checked
//!              └──▶ cancel      required when a dynamic form is closed without an answer
//! ```
//!
//! The form is what the other side last said; the edits are what the person typed and nobody
//! else may touch. Typed text survives every update, except where the field itself went away or
//! can no longer be changed. The other side forgets a dynamic form after about fifteen minutes:
//! `item-not-found` as the answer to a post-back means that it has to be asked for again, and the
//! new form can be merged into the draft like any update.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::{
    Edits, Field, FieldError, FieldErrorCode, FieldKind, Form, FormKind, Wrapper, answer, validate,
};

/// A form with what was entered so far.
#[derive(Clone, PartialEq)]
pub struct Draft {
    form: Form,
    edits: Edits,
}

/// What an update changed, for a person who is looking at the form. Hidden fields are not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// Fields that are new.
    pub added: Vec<String>,
    /// Fields that are gone, with what was entered there.
    pub removed: Vec<String>,
    /// Fields whose value the other side changed, also where the person's own edit is still
    /// shown instead.
    pub changed: Vec<String>,
    /// Fields whose edit was dropped because they can no longer be changed.
    pub dropped: Vec<String>,
}

impl Draft {
    /// Nothing entered yet.
    pub fn new(form: Form) -> Self {
        Draft {
            form,
            edits: Edits::new(),
        }
    }

    /// The form as the other side last sent it, without the errors of fields edited since.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What was entered, as it was typed.
    pub fn edits(&self) -> &Edits {
        &self.edits
    }

    /// The form to show: with what was entered in it, and with `notSame` only where nothing was.
    pub fn shown(&self) -> Form {
        let mut form = self.form.clone();
        for field in &mut form.fields {
            if let Some(values) = field.var.as_deref().and_then(|var| self.edits.get(var)) {
                field.values = values.clone();
                field.dynamic.not_same = false;
            }
        }
        form
    }

    /// Whether this field holds something that was entered.
    pub fn is_edited(&self, var: &str) -> bool {
        self.edits.contains_key(var)
    }

    /// Takes what was entered, and says whether it is valid. It is kept either way, since nothing
    /// that was typed may be lost. Entering what was there before counts as not edited, unless
    /// what was there is not the same for all.
    ///
    /// # Errors
    ///
    /// What is wrong with the values; or that the field does not exist or cannot be changed, and
    /// only then nothing is kept.
    pub fn edit(&mut self, var: &str, values: Vec<String>) -> Result<(), FieldError> {
        let Some(field) = self.form.field_mut(var) else {
            let code = FieldErrorCode::NoSuchField;
            return Err(FieldError {
                var: var.to_owned(),
                code,
                value: None,
            });
        };
        if !field.is_editable() {
            return Err(field.error(FieldErrorCode::ReadOnly));
        }
        field.dynamic.error = None;
        let verdict = validate(field, &field.normal(&values));
        if field.says_already(&values) {
            self.edits.remove(var);
        } else {
            self.edits.insert(var.to_owned(), values);
        }
        verdict
    }

    /// Takes an edit back.
    pub fn revert(&mut self, var: &str) {
        self.edits.remove(var);
    }

    /// The submit form, see [`answer()`].
    ///
    /// # Errors
    ///
    /// An error for each field that is wrong.
    pub fn answer(&self) -> Result<Form, Vec<FieldError>> {
        answer(&self.form, &self.edits)
    }

    /// Whether leaving this field means a post-back: it was edited and asks for one. Lists and
    /// Booleans are left as soon as they are edited.
    pub fn wants_post_back(&self, var: &str) -> bool {
        self.is_edited(var)
            && self
                .form
                .field(var)
                .is_some_and(|field| field.dynamic.post_back)
    }

    /// What to send when [`Self::wants_post_back`]: the state of the form, valid or not, since
    /// the other side is asked what it thinks of it. `lang` is the language of the person.
    pub fn post_back(&self, lang: Option<String>) -> Wrapper {
        Wrapper::Submit {
            form: self.state(),
            lang,
        }
    }

    /// What to send when the form is closed without an answer; `None` where the other side keeps
    /// nothing for it. A command that is cancelled cancels its form by itself.
    pub fn cancel(&self) -> Option<Wrapper> {
        self.form
            .is_dynamic()
            .then(|| Wrapper::Cancel { form: self.state() })
    }

    /// Whether a pushed update is meant for this form: the session variable it names has the same
    /// value in both.
    pub fn concerns(&self, session_variable: &str, updated: &Form) -> bool {
        let values = |form: &Form| {
            form.field(session_variable)
                .map(|field| field.values.clone())
        };
        values(&self.form).is_some_and(|session| {
            session.iter().any(|value| !value.is_empty()) && values(updated) == Some(session)
        })
    }

    /// Takes the form that the other side has now, as the result of a post-back or as an update
    /// that [concerns](Self::concerns) this one. Its fields, their order and their properties
    /// count; values that were entered stay.
    pub fn merge(&mut self, updated: Form) -> Merge {
        let mut merge = Merge::default();
        let before = std::mem::replace(&mut self.form, updated);
        let mut old: HashMap<&str, &Field> = before.named().collect();
        for (var, field) in self.form.named() {
            let known = old.remove(var);
            let shown = field.kind != FieldKind::Hidden;
            if let Some(edit) = self.edits.get(var) {
                if !field.is_editable() {
                    self.edits.remove(var);
                    merge.dropped.push(var.to_owned());
                } else if field.says_already(edit) {
                    self.edits.remove(var);
                    continue;
                }
            }
            match known {
                None if shown => merge.added.push(var.to_owned()),
                Some(known)
                    if shown && known.normal(&known.values) != field.normal(&field.values) =>
                {
                    merge.changed.push(var.to_owned());
                }
                _ => {}
            }
        }
        let gone: HashSet<&str> = old.into_keys().collect();
        for (var, field) in before.named().filter(|(var, _)| gone.contains(var)) {
            self.edits.remove(var);
            if field.kind != FieldKind::Hidden {
                merge.removed.push(var.to_owned());
            }
        }
        merge
    }

    /// All that would be sent, unchecked.
    fn state(&self) -> Form {
        let mut state = Form::new(FormKind::Submit);
        for (var, field) in self.form.named() {
            let edit = self.edits.get(var).filter(|_| field.is_editable());
            let values = match edit {
                Some(values) => field.normal(values),
                None if field.kind == FieldKind::Hidden => field.values.clone(),
                None if field.is_withheld() || field.is_unanswered(&field.values) => continue,
                None => field.normal(&field.values),
            };
            state.fields.push(field.answered(values));
        }
        state
    }
}

/// Values may be passwords, so they are not printed.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("form", &self.form)
            .field("edited", &self.edits.keys())
            .finish()
    }
}

impl Field {
    /// Whether these values, entered, would change nothing.
    fn says_already(&self, values: &[String]) -> bool {
        let certain = !self.dynamic.not_same && !self.incomplete && self.kind != FieldKind::Button;
        certain && self.normal(values) == self.normal(&self.values)
    }
}
