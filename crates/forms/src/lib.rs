//! Data forms: XEP-0004 and its family, read leniently, laid out, validated, answered strictly.
//!
//! A form is how an XMPP service or device asks a person for something, or shows something,
//! without the client knowing it beforehand. This crate holds all of that which is not a screen
//! and not a socket, for both roles: the side that fills in and the side that asks.
//!
//! ```text
//!                     Form::read                     layout()
//! <x/> from outside ──────────────▶ Form + Warnings ───────────▶ pages to draw
//!                                     │
//!                                     ▼             edit(), merge() of updates
//!                                   Draft ◀──────────────────────────────────────
//!                                     │ answer()
//!                                     ▼             Form::write
//!                                   Form (submit) ──────────────▶ <x/> to send
//!
//! on the side that asks:   Form (submit) ── accept() ──▶ values to apply, or errors by field
//! ```
//!
//! | what | where | specification |
//! |---|---|---|
//! | fields, options, reports, cancelling | [`Form`] | XEP-0004, XEP-0068 |
//! | rules for values | [`Validation`], [`validate`], [`Datatype`] | XEP-0122, XEP-0331 |
//! | pages and sections | [`Form::layout`] | XEP-0141 |
//! | pictures and sounds | [`Media`], [`Bits`] | XEP-0221, XEP-0231 |
//! | forms that change while they are filled in | [`Draft`], [`Wrapper`], [`posted_back`] | XEP-0336 |
//! | buttons, headers and sliders | [`FieldKind`] | the thesis *Smart Building Control with XMPP for IoT* |
//!
//! # What it promises
//!
//! - **Reading does not fail.** Whatever is inside `<x xmlns='jabber:x:data'/>` becomes a form
//!   and a list of [`Warning`]s that say what had to be assumed.
//! - **Everything is bounded**, by [`limits`]: a hostile form costs a bounded amount of memory,
//!   a hostile pattern a bounded amount of time.
//! - **Writing is strict.** A form is written as the specification wants it for its kind, and
//!   text that XML cannot carry cannot end the stream.
//! - **An answer is valid or says why not**, with a code for each field; the words belong to the
//!   user interface. What [`answer()`] lets pass, [`accept`] takes on the other side.
//! - Texts that are marked as hostile come from outside and are kept as they came. Show them as
//!   text, apart from their surroundings: by markup in a window, with [`isolate()`] in a terminal.
//! - The crate opens no socket, reads no clock and no file, and knows no other crate of Roost.
//!
//! # Example
//!
//! A device asks, an app answers, the device takes it:
//!
//! ```
//! use roost_forms::{Draft, Field, Form, FormKind, accept};
//!
//! let asked = Form::new(FormKind::Form)
//!     .with_title("Kettle")
//!     .with(Field::number("target", Some(40.0), Some(100.0)).with_label("Target in °C").required())
//!     .with(Field::boolean("keep").with_label("Keep warm").with_value("0"));
//!
//! // In the app, after a trip over the network:
//! let (form, warnings) = Form::read(&asked.write()).expect("it is a form");
//! assert!(warnings.is_empty());
//! let mut draft = Draft::new(form);
//! assert!(draft.edit("target", vec!["120".to_owned()]).is_err(), "too hot");
//! assert!(draft.edit("target", vec!["85".to_owned()]).is_ok());
//! let answer = draft.answer().expect("all is well now");
//!
//! // In the device, after the way back:
//! let (answer, _) = Form::read(&answer.write()).expect("it is a form");
//! let values = accept(&asked, &answer).expect("what the app lets pass is fine");
//! assert_eq!(values["target"], ["85"]);
//! ```

mod answer;
mod build;
mod draft;
mod dynamic;
mod error;
mod form;
mod isolate;
mod kinds;
mod layout;
pub mod limits;
mod media;
pub mod ns;
mod read;
mod report;
mod validation;
mod values;
mod write;
mod xml;

pub use answer::{Edits, accept, answer, posted_back};
pub use draft::{Draft, Merge};
pub use dynamic::Wrapper;
pub use error::{FieldError, FieldErrorCode};
pub use form::*;
pub use isolate::isolate;
pub use kinds::FORM_TYPE;
pub use layout::{Block, BlockPart};
pub use media::{Bits, Source};
pub use validation::Datatype;
pub use validation::check::validate;
