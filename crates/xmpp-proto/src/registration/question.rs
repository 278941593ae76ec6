//! XEP-0158: what a server asks of a person before it makes an account, mostly to read a picture.

use roost_forms::{Bits, FieldError, Form};

use super::ibr::Sheet;

/// What a server wants to know beside name and password.
#[derive(Clone, Debug, PartialEq)]
pub struct RegistrationQuestion {
    /// The form to fill in, without name and password. Hostile texts.
    pub form: Form,
    /// The pictures and sounds that the form's media refer to by content id (XEP-0221, XEP-0231).
    /// Hostile data of a claimed type.
    pub pictures: Vec<Bits>,
    /// Whether it is there to tell people from programs.
    pub is_captcha: bool,
    /// How often it was answered wrongly before; each time another picture came.
    pub wrong_before: u32,
    /// What was wrong with the last answer, if it was not even sent.
    pub errors: Vec<FieldError>,
}

impl RegistrationQuestion {
    pub(super) fn of(sheet: &Sheet, wrong_before: u32, errors: Vec<FieldError>) -> Self {
        Self {
            form: sheet.for_a_person(),
            pictures: sheet.pictures(),
            is_captcha: sheet.is_captcha(),
            wrong_before,
            errors,
        }
    }
}
