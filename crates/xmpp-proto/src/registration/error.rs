//! Why there is no account.

use std::time::Duration;

use roost_model::{Failure, FailureCode};
use xmpp_parsers::stanza_error::{DefinedCondition, StanzaError};

/// Why there is no account. What was said is reduced to what it means: errors echo what was sent,
/// the password too, so nothing of their content is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationError {
    /// The server does not register accounts in this way.
    Disabled,
    /// It registers only those who bring an invite.
    InviteOnly,
    /// It does not let this account invite others, or knows no invites.
    NoInvites,
    /// The invite is wrong, used up or expired.
    InviteRefused,
    /// It does not register from this address, or not for this account.
    ForbiddenHere,
    /// Somebody has an account of this name.
    NameTaken,
    /// The server does not take this name.
    BadName,
    /// Too many accounts in too short a time, for the server's taste.
    TooFast {
        /// How long to wait, if the server told. ejabberd does not, and means 600 s by default.
        wait: Option<Duration>,
    },
    /// The picture was read wrongly, too often.
    CaptchaWrong,
    /// Nobody answered the server's question, or not in time.
    NotAnswered,
    /// The server's form has no place for name and password.
    FormUnknown,
    /// The server registers elsewhere.
    Elsewhere {
        /// A page of the web, as the server names it. Hostile text: ask before opening it.
        url: Option<String>,
    },
    /// The server closed the stream.
    ServerDied {
        /// Whether the account may have been made nevertheless.
        perhaps_made: bool,
    },
    /// The server did not answer in time.
    TimedOut {
        /// Whether the account may have been made nevertheless.
        perhaps_made: bool,
    },
    /// The server said something that does not fit.
    Unexpected {
        /// The name of the condition (RFC 6120, section 8.3.3), or what was missing.
        condition: &'static str,
    },
}

/// What was under way when an error came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Preauth,
    Get,
    Set {
        /// Whether the form had a picture to be read.
        captcha: bool,
        /// Whether the server takes invites and got none.
        uninvited: bool,
    },
}

impl RegistrationError {
    /// Whether the account may exist although this happened. Whoever must not leave one behind
    /// then removes it.
    pub fn may_have_made_it(&self) -> bool {
        matches!(
            self,
            Self::ServerDied { perhaps_made: true } | Self::TimedOut { perhaps_made: true }
        )
    }

    /// What the failure of a [`Request::Register`](crate::Request::Register) means.
    pub fn of_register(failure: &Failure) -> Self {
        match condition(failure) {
            "conflict" => Self::NameTaken,
            "jid-malformed" => Self::BadName,
            // Prosody takes it for a change of the user's own password, under a wrong name.
            "bad-request" => Self::Disabled,
            "policy-violation" | "resource-constraint" => Self::TooFast { wait: None },
            _ => Self::of_code(failure.code, true),
        }
    }

    /// What the failure of a [`Request::Invite`](crate::Request::Invite) means.
    pub fn of_invite(failure: &Failure) -> Self {
        match Self::of_code(failure.code, false) {
            Self::Disabled | Self::ForbiddenHere => Self::NoInvites,
            other => other,
        }
    }

    fn of_code(code: FailureCode, perhaps_made: bool) -> Self {
        match code {
            FailureCode::Forbidden => Self::ForbiddenHere,
            FailureCode::NotOffered | FailureCode::NotFound => Self::Disabled,
            FailureCode::RateLimited => Self::TooFast { wait: None },
            FailureCode::TimedOut => Self::TimedOut { perhaps_made },
            FailureCode::ConnectionLost => Self::ServerDied { perhaps_made },
            FailureCode::ServerForbidsOverwrite
            | FailureCode::RefusedByDevice
            | FailureCode::DeviceDoesNotReport
            | FailureCode::Superseded
            | FailureCode::Protocol => Self::Unexpected {
                condition: "protocol",
            },
        }
    }

    /// What a stanza error means while a registration is at this stage.
    pub(super) fn of_stanza(error: &StanzaError, stage: Stage) -> Self {
        use DefinedCondition as D;
        match (&error.defined_condition, stage) {
            (D::FeatureNotImplemented | D::ServiceUnavailable, Stage::Preauth) => Self::NoInvites,
            (
                D::Forbidden
                | D::ItemNotFound
                | D::NotAcceptable
                | D::NotAuthorized
                | D::Gone { .. },
                Stage::Preauth,
            ) => Self::InviteRefused,
            (D::Conflict, _) => Self::NameTaken,
            (D::JidMalformed, _) => Self::BadName,
            (D::PolicyViolation | D::ResourceConstraint, _) => Self::TooFast {
                wait: told_wait(error),
            },
            (D::NotAllowed | D::NotAcceptable, Stage::Set { captcha: true, .. }) => {
                Self::CaptchaWrong
            }
            // Prosody has one condition for both; a name that cannot be is not asked for at all.
            (
                D::NotAcceptable,
                Stage::Set {
                    uninvited: true, ..
                },
            ) => Self::InviteOnly,
            (D::NotAcceptable, Stage::Set { .. }) => Self::BadName,
            (D::Forbidden | D::NotAuthorized, _) => Self::ForbiddenHere,
            (D::NotAllowed | D::ServiceUnavailable | D::FeatureNotImplemented, _) => Self::Disabled,
            (D::Redirect { .. } | D::Gone { .. }, _) => Self::Elsewhere { url: None },
            (D::RegistrationRequired, _) => Self::InviteOnly,
            (D::BadRequest, _) => Self::unexpected("bad-request"),
            (D::InternalServerError, _) => Self::unexpected("internal-server-error"),
            (D::ItemNotFound, _) => Self::unexpected("item-not-found"),
            (D::NotAcceptable, _) => Self::unexpected("not-acceptable"),
            (D::UnexpectedRequest, _) => Self::unexpected("unexpected-request"),
            (
                D::RecipientUnavailable
                | D::RemoteServerNotFound
                | D::RemoteServerTimeout
                | D::SubscriptionRequired
                | D::UndefinedCondition,
                _,
            ) => Self::unexpected("undefined-condition"),
        }
    }

    pub(super) fn unexpected(condition: &'static str) -> Self {
        Self::Unexpected { condition }
    }
}

/// The name of the condition with which the detail of a session's failure begins.
fn condition(failure: &Failure) -> &str {
    let detail = failure.detail.as_deref().unwrap_or_default();
    let end = detail.find([':', ' ']).unwrap_or(detail.len());
    &detail[..end]
}

/// How long to wait, where the text names a number of seconds or minutes. There is no element for
/// it in RFC 6120.
fn told_wait(error: &StanzaError) -> Option<Duration> {
    const MOST: Duration = Duration::from_secs(24 * 3600);
    let text = error
        .texts
        .get("en")
        .or_else(|| error.texts.values().next())?;
    let mut words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let Ok(count) = word.parse::<u32>() else {
            continue;
        };
        let unit = match words.next().map(str::to_ascii_lowercase).as_deref() {
            Some("s" | "sec" | "second" | "seconds") => 1,
            Some("min" | "minute" | "minutes") => 60,
            _ => continue,
        };
        let wait = Duration::from_secs(u64::from(count) * unit);
        return (wait <= MOST).then_some(wait);
    }
    None
}

#[cfg(test)]
mod tests {
    use minidom::Element;

    use super::*;

    const SET: Stage = Stage::Set {
        captcha: false,
        uninvited: false,
    };
    const PICTURE: Stage = Stage::Set {
        captcha: true,
        uninvited: false,
    };
    const UNINVITED: Stage = Stage::Set {
        captcha: false,
        uninvited: true,
    };

    fn error(kind: &str, condition: &str, text: &str) -> StanzaError {
        let ns = "urn:ietf:params:xml:ns:xmpp-stanzas";
        let xml = format!(
            "<error xmlns='jabber:client' type='{kind}'><{condition} xmlns='{ns}'/>\
             <text xmlns='{ns}' xml:lang='en'>{text}</text></error>"
        );
        StanzaError::try_from(xml.parse::<Element>().unwrap()).unwrap()
    }

    #[test]
    fn what_real_servers_mean() {
        use RegistrationError as R;
        let cases = [
            ("cancel", "service-unavailable", Stage::Get, R::Disabled),
            ("cancel", "not-allowed", SET, R::Disabled),
            ("cancel", "not-allowed", PICTURE, R::CaptchaWrong),
            ("cancel", "conflict", SET, R::NameTaken),
            ("cancel", "conflict", PICTURE, R::NameTaken),
            ("modify", "not-acceptable", SET, R::BadName),
            ("modify", "not-acceptable", UNINVITED, R::InviteOnly),
            ("modify", "jid-malformed", PICTURE, R::BadName),
            ("auth", "forbidden", SET, R::ForbiddenHere),
            ("cancel", "forbidden", Stage::Preauth, R::InviteRefused),
            ("cancel", "item-not-found", Stage::Preauth, R::InviteRefused),
            (
                "cancel",
                "service-unavailable",
                Stage::Preauth,
                R::NoInvites,
            ),
            ("wait", "policy-violation", SET, R::TooFast { wait: None }),
            (
                "wait",
                "resource-constraint",
                SET,
                R::TooFast { wait: None },
            ),
        ];
        for (kind, condition, stage, expected) in cases {
            let said = error(kind, condition, "no reason");
            assert_eq!(
                R::of_stanza(&said, stage),
                expected,
                "{condition} {stage:?}"
            );
        }
    }

    #[test]
    fn a_wait_counts_where_it_is_told() {
        let seconds = |n| Some(Duration::from_secs(n));
        let cases = [
            (
                "Users are not allowed to register accounts so quickly",
                None,
            ),
            ("Try again in 600 seconds.", seconds(600)),
            ("wait 90s", None),
            ("2 accounts were made; wait 5 minutes", seconds(300)),
            ("wait 99999999 seconds", None),
            ("wait 99999999999999999999 seconds", None),
        ];
        for (text, wait) in cases {
            let said = error("wait", "resource-constraint", text);
            let read = RegistrationError::of_stanza(&said, SET);
            assert_eq!(read, RegistrationError::TooFast { wait }, "{text}");
        }
    }

    #[test]
    fn what_a_session_failed_by() {
        use RegistrationError as R;
        let failure = |code, detail| Failure::with_detail(code, detail);
        let cases = [
            (failure(FailureCode::Protocol, "conflict"), R::NameTaken),
            (failure(FailureCode::Protocol, "jid-malformed"), R::BadName),
            (failure(FailureCode::Protocol, "bad-request"), R::Disabled),
            (
                failure(FailureCode::Forbidden, "not-allowed"),
                R::ForbiddenHere,
            ),
            (
                failure(FailureCode::NotOffered, "service-unavailable"),
                R::Disabled,
            ),
            (
                Failure::new(FailureCode::ConnectionLost),
                R::ServerDied { perhaps_made: true },
            ),
        ];
        for (failure, expected) in cases {
            assert_eq!(R::of_register(&failure), expected, "{failure:?}");
        }
        let refused = Failure::with_detail(FailureCode::Forbidden, "forbidden");
        assert_eq!(R::of_invite(&refused), R::NoInvites);
        let lost = R::of_invite(&Failure::new(FailureCode::ConnectionLost));
        assert!(!lost.may_have_made_it(), "nobody asked for an account");
    }
}
