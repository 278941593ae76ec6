//! Stanza errors (RFC 6120, section 8.3) as failures with a code, and the errors we answer.

use jid::Jid;
use roost_model::{Failure, FailureCode};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

/// What a stanza error means to us. The detail begins with the name of the condition, so that
/// diagnostics tell more than the code: `unexpected-request (not-subscribed): …`.
pub(crate) fn failure(error: &StanzaError) -> Failure {
    let (code, name) = meaning(&error.defined_condition);
    let mut detail = name.to_owned();
    if let Some(specific) = &error.other {
        detail.push_str(&format!(" ({})", specific.name()));
    }
    let text = error
        .texts
        .get("en")
        .or_else(|| error.texts.values().next());
    if let Some(text) = text.map(|text| text.trim()).filter(|text| !text.is_empty()) {
        detail.push_str(": ");
        detail.push_str(text);
    }
    Failure::with_detail(code, &detail)
}

/// The failure with nothing but the name of the condition.
pub(crate) fn without_text(failure: Failure) -> Failure {
    match &failure.detail {
        Some(detail) => {
            let end = detail.find([':', ' ']).unwrap_or(detail.len());
            Failure::with_detail(failure.code, &detail[..end])
        }
        None => failure,
    }
}

/// A failure of something that was answered, but not with what the specification says.
pub(crate) fn nonsense(what: &str) -> Failure {
    Failure::with_detail(FailureCode::Protocol, what)
}

/// The answer to an IQ that we do not serve (RFC 6120, section 8.4).
pub(crate) fn refusal(to: Option<Jid>, id: String, condition: DefinedCondition) -> Iq {
    let type_ = match condition {
        DefinedCondition::BadRequest => ErrorType::Modify,
        _ => ErrorType::Cancel,
    };
    Iq::Error {
        from: None,
        to,
        id,
        error: StanzaError {
            type_,
            by: None,
            defined_condition: condition,
            texts: Default::default(),
            other: None,
        },
        payload: None,
    }
}

fn meaning(condition: &DefinedCondition) -> (FailureCode, &'static str) {
    use DefinedCondition as D;
    use FailureCode as F;
    match condition {
        D::Forbidden => (F::Forbidden, "forbidden"),
        D::NotAllowed => (F::Forbidden, "not-allowed"),
        D::NotAuthorized => (F::Forbidden, "not-authorized"),
        D::RegistrationRequired => (F::Forbidden, "registration-required"),
        D::SubscriptionRequired => (F::Forbidden, "subscription-required"),
        D::Gone { .. } => (F::NotFound, "gone"),
        D::ItemNotFound => (F::NotFound, "item-not-found"),
        D::RemoteServerNotFound => (F::NotFound, "remote-server-not-found"),
        D::FeatureNotImplemented => (F::NotOffered, "feature-not-implemented"),
        D::RecipientUnavailable => (F::NotOffered, "recipient-unavailable"),
        D::ServiceUnavailable => (F::NotOffered, "service-unavailable"),
        D::RemoteServerTimeout => (F::TimedOut, "remote-server-timeout"),
        D::PolicyViolation => (F::RateLimited, "policy-violation"),
        D::ResourceConstraint => (F::RateLimited, "resource-constraint"),
        D::BadRequest => (F::Protocol, "bad-request"),
        D::Conflict => (F::Protocol, "conflict"),
        D::InternalServerError => (F::Protocol, "internal-server-error"),
        D::JidMalformed => (F::Protocol, "jid-malformed"),
        D::NotAcceptable => (F::Protocol, "not-acceptable"),
        D::Redirect { .. } => (F::Protocol, "redirect"),
        D::UndefinedCondition => (F::Protocol, "undefined-condition"),
        D::UnexpectedRequest => (F::Protocol, "unexpected-request"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minidom::Element;

    #[test]
    fn nothing_is_left_of_the_text() {
        let cases = [
            (Some("conflict: wherefore art thou"), Some("conflict")),
            (Some("bad-request (x): wherefore"), Some("bad-request")),
            (Some("conflict"), Some("conflict")),
            (None, None),
        ];
        for (detail, left) in cases {
            let failure = Failure {
                code: FailureCode::Protocol,
                detail: detail.map(str::to_owned),
            };
            assert_eq!(without_text(failure).detail.as_deref(), left);
        }
    }

    #[test]
    fn errors_of_real_servers() {
        use FailureCode as F;
        let stanzas = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
        let cases = [
            (
                "auth",
                format!("<forbidden {stanzas}/>"),
                F::Forbidden,
                "forbidden",
            ),
            (
                "cancel",
                format!("<item-not-found {stanzas}/><text {stanzas}> No node </text>"),
                F::NotFound,
                "item-not-found: No node",
            ),
            (
                "cancel",
                format!(
                    "<unexpected-request {stanzas}/>\
                     <not-subscribed xmlns='http://jabber.org/protocol/pubsub#errors'/>"
                ),
                F::Protocol,
                "unexpected-request (not-subscribed)",
            ),
            (
                "wait",
                format!(
                    "<resource-constraint {stanzas}/><text {stanzas}>{}</text>",
                    "x".repeat(999)
                ),
                F::RateLimited,
                "resource-constraint: ",
            ),
        ];
        for (type_, children, code, detail) in cases {
            let xml = format!("<error xmlns='jabber:client' type='{type_}'>{children}</error>");
            let element: Element = xml.parse().unwrap();
            let failure = failure(&StanzaError::try_from(element).unwrap());
            assert_eq!(failure.code, code, "{xml}");
            let told = failure.detail.unwrap();
            assert!(told.starts_with(detail) && told.len() <= 300, "{told}");
        }
    }
}
