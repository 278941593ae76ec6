//! Makes [`LinkFailure`]s out of what goes wrong below.

use std::io;

use roost_xmpp_proto::{LinkFailure, LinkFailureCode};
use tokio_xmpp::xmlstream::{ReadError, RecvFeaturesError, StreamElementError};
use xmpp_parsers::sasl;
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use crate::secure::Refusal;
use crate::stream::Excess;

/// A failure whose detail is bounded and harmless to print.
pub(crate) fn failure(code: LinkFailureCode, detail: impl AsRef<str>) -> LinkFailure {
    const MAX_CHARS: usize = 300;
    let detail: String = detail
        .as_ref()
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_CHARS)
        .collect();
    LinkFailure {
        code,
        detail: (!detail.is_empty()).then_some(detail),
    }
}

/// What an error of a socket means. TLS and our own watch over the bytes hide in such errors too.
pub(crate) fn of_io(error: &io::Error) -> LinkFailure {
    if let Some(inner) = error.get_ref() {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return of_tls(tls);
        }
        if let Some(excess) = inner.downcast_ref::<Excess>() {
            return failure(LinkFailureCode::Protocol, excess.to_string());
        }
    }
    let code = match error.kind() {
        io::ErrorKind::InvalidData => LinkFailureCode::Protocol,
        io::ErrorKind::TimedOut => LinkFailureCode::Silent,
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => LinkFailureCode::Unreachable,
        _ => LinkFailureCode::Closed,
    };
    failure(code, error.to_string())
}

fn of_tls(error: &rustls::Error) -> LinkFailure {
    if let rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) = error
        && let Some(refusal) = other.0.downcast_ref::<Refusal>()
    {
        return failure(refusal.code, &refusal.detail);
    }
    failure(LinkFailureCode::TlsFailed, error.to_string())
}

pub(crate) fn of_read(error: ReadError) -> LinkFailure {
    match error {
        ReadError::HardError(error) => of_io(&error),
        ReadError::ParseError(error) => failure(LinkFailureCode::Protocol, error.to_string()),
        ReadError::SoftTimeout => failure(LinkFailureCode::Silent, ""),
        ReadError::StreamFooterReceived => failure(LinkFailureCode::Closed, ""),
    }
}

pub(crate) fn of_element(error: &StreamElementError) -> LinkFailure {
    failure(LinkFailureCode::Protocol, error.to_string())
}

pub(crate) fn of_features(error: RecvFeaturesError) -> LinkFailure {
    match error {
        RecvFeaturesError::Io(error) => of_io(&error),
        RecvFeaturesError::StreamError(error) => of_stream(&error.0),
    }
}

/// What a stream error means (RFC 6120, section 4.9.3).
pub(crate) fn of_stream(error: &StreamError) -> LinkFailure {
    use DefinedCondition as C;
    let code = match error.condition {
        C::Conflict => LinkFailureCode::Conflict,
        C::NotAuthorized | C::HostUnknown | C::HostGone => LinkFailureCode::AccountRefused,
        C::SystemShutdown | C::Reset | C::ConnectionTimeout => LinkFailureCode::Closed,
        _ => LinkFailureCode::StreamError,
    };
    let text = error
        .get_best_text(vec!["en"])
        .map(|(_, text)| text.as_str());
    match text {
        Some(text) => failure(code, format!("{}: {text}", error.condition)),
        None => failure(code, error.condition.to_string()),
    }
}

/// What a refused sign-in means (RFC 6120, section 6.5).
pub(crate) fn of_sasl(refused: &sasl::Failure) -> LinkFailure {
    use sasl::DefinedCondition as C;
    let code = match refused.defined_condition {
        C::NotAuthorized | C::InvalidAuthzid => LinkFailureCode::WrongPassword,
        C::AccountDisabled | C::CredentialsExpired => LinkFailureCode::AccountRefused,
        C::MechanismTooWeak | C::InvalidMechanism | C::EncryptionRequired => {
            LinkFailureCode::NoSafeMechanism
        }
        C::TemporaryAuthFailure => LinkFailureCode::Closed,
        C::Aborted | C::IncorrectEncoding | C::MalformedRequest => LinkFailureCode::Protocol,
    };
    let text = refused.texts.values().next();
    failure(code, text.map_or("", String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_bounded_and_harmless() {
        let made = failure(LinkFailureCode::Closed, "a\n\u{1b}[31m".repeat(1000));
        let detail = made.detail.unwrap();
        assert_eq!(detail.chars().count(), 300);
        assert!(!detail.chars().any(char::is_control));
        assert_eq!(failure(LinkFailureCode::Closed, "").detail, None);
    }

    #[test]
    fn stream_errors() {
        for (condition, code) in [
            (DefinedCondition::Conflict, LinkFailureCode::Conflict),
            (DefinedCondition::SystemShutdown, LinkFailureCode::Closed),
            (
                DefinedCondition::HostUnknown,
                LinkFailureCode::AccountRefused,
            ),
            (
                DefinedCondition::PolicyViolation,
                LinkFailureCode::StreamError,
            ),
        ] {
            let error = StreamError::new(condition, "en", "because");
            assert_eq!(of_stream(&error).code, code);
        }
    }
}
