//! What is wrong with an answer, as a code per field; the user interface has the words.

use serde::{Deserialize, Serialize};

/// What is wrong with the values of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("field {var:?}: {code}")]
pub struct FieldError {
    /// Which field.
    pub var: String,
    /// What is wrong.
    pub code: FieldErrorCode,
    /// Which of several values or lines, counted from 0.
    pub value: Option<u32>,
}

/// Kinds of [`FieldError`]. Bounds and options that a sentence should name are in the field.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    thiserror::Error,
)]
#[serde(rename_all = "kebab-case")]
pub enum FieldErrorCode {
    /// The form has no such field.
    #[error("there is no such field")]
    NoSuchField,
    /// It cannot be changed: read-only, hidden, or only text.
    #[error("it cannot be changed")]
    ReadOnly,
    /// It must be answered.
    #[error("it must be answered")]
    Required,
    /// More than one value, or too many.
    #[error("it has too many values")]
    TooManyValues,
    /// More bytes than [`limits::MAX_VALUE_BYTES`](crate::limits::MAX_VALUE_BYTES), or than a
    /// pattern is tried on.
    #[error("it is too long")]
    TooLong,
    /// A character that XML cannot carry.
    #[error("it has a character that cannot be sent")]
    BadCharacter,
    /// A line break in a field of one line.
    #[error("it has more than one line")]
    LineBreak,
    /// Not one of the options.
    #[error("it is not one of the options")]
    NotAnOption,
    /// Fewer chosen than the least.
    #[error("too few are chosen")]
    TooFew,
    /// More chosen than the most.
    #[error("too many are chosen")]
    TooMany,
    /// Neither true nor false.
    #[error("it is neither true nor false")]
    NotABoolean,
    /// Not an address of XMPP.
    #[error("it is not a JID")]
    NotAJid,
    /// Not a number.
    #[error("it is not a number")]
    NotANumber,
    /// Not a whole number.
    #[error("it is not a whole number")]
    NotWhole,
    /// Not a date, `YYYY-MM-DD`.
    #[error("it is not a date")]
    NotADate,
    /// Not a time, `hh:mm:ss`.
    #[error("it is not a time")]
    NotATime,
    /// Not a date with a time.
    #[error("it is not a date with a time")]
    NotADateTime,
    /// Not a URI.
    #[error("it is not a URI")]
    NotAUri,
    /// Not a tag of a language.
    #[error("it is not a language tag")]
    NotALanguage,
    /// Not a colour.
    #[error("it is not a colour")]
    NotAColor,
    /// Before or below the least.
    #[error("it is too small")]
    TooSmall,
    /// After or above the greatest.
    #[error("it is too great")]
    TooGreat,
    /// Does not have the form that the pattern asks for.
    #[error("it does not match the pattern")]
    NoMatch,
}
