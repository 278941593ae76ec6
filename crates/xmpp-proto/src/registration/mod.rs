//! An account for a device: made, named, and taken back.
//!
//! A server gives accounts away on a stream on which nobody signed in yet. [`Registration`] is
//! the conversation on that stream, without the stream:
//!
//! ```text
//!  invite? ─▶ preauth ─▶ get ─▶ question? ─▶ set ─▶ Over(Ok)
//!                │        │        │          │
//!                └────────┴────────┴──────────┴──▶ Over(Err(RegistrationError))
//! ```
//!
//! A *question* is whatever the server wants to know beside name and password: mostly a picture
//! that a person reads (XEP-0158). A wrong answer brings a new picture, three times.
//!
//! Limits: one conversation makes one account; each step has a deadline of [`STEP_DEADLINE`], a
//! person's answer one of [`ANSWER_DEADLINE`] (servers are often less patient and close the
//! stream; ejabberd forgets a picture after two minutes). Nothing that a server says in an error
//! is kept but the name of its condition: some echo the password there.
//!
//! Where the server gives accounts away only to those it knows, [`Strategy`] says what to try
//! next, and keeps why each way before did not serve. [`account_name`] and [`account_password`]
//! propose what to register.
//!
//! | file | specification |
//! |---|---|
//! | `ibr` | XEP-0077 In-Band Registration |
//! | `question` | XEP-0158 CAPTCHA Forms, with XEP-0221 and XEP-0231 for its pictures |
//! | `preauth` | XEP-0445 Pre-Authenticated In-Band Registration |
//! | `invite` | XEP-0401 Ad-hoc Account Invitation Generation |

mod account;
mod error;
mod ibr;
mod invite;
mod machine;
mod preauth;
mod question;
mod strategy;

pub use account::{NewAccount, account_name, account_password};
pub use error::RegistrationError;
pub use invite::Invite;
pub use machine::{ANSWER_DEADLINE, Registration, RegistrationEvent, STEP_DEADLINE};
pub use preauth::STREAM_FEATURE as PREAUTH_FEATURE;
pub use question::RegistrationQuestion;
pub use strategy::{Advice, Strategy, Tried, Way};

pub use ibr::removal;
pub(crate) use ibr::set as set_account;
pub(crate) use invite::{command as invite_command, read_command as read_invite};
