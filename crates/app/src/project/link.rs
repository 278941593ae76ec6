//! What the connection is doing.

use roost_core::LinkStatus;
use roost_xmpp_proto::{LinkFailureCode, LinkState};

use super::time;
use crate::api::{LinkCause, LinkView};

/// What the connection is doing.
pub(crate) fn link(status: &LinkStatus) -> LinkView {
    match status.state() {
        LinkState::Off => LinkView::Off,
        LinkState::Connecting { attempt } => LinkView::Connecting {
            attempt: *attempt,
            since: time(status.since()),
        },
        // The session follows a moment later; until then nothing can be asked.
        LinkState::Online { .. } if !status.is_up() => LinkView::Connecting {
            attempt: 1,
            since: time(status.since()),
        },
        LinkState::Online { security, .. } => LinkView::Online {
            since: time(status.since()),
            security: security.clone(),
        },
        LinkState::Waiting {
            cause: why,
            retry_at,
            attempt,
        } => LinkView::Waiting {
            cause: cause(why.code),
            detail: why.detail.clone(),
            retry_at: time(*retry_at),
            attempt: *attempt,
        },
        LinkState::Failed { cause: why } => LinkView::Failed {
            cause: cause(why.code),
            detail: why.detail.clone(),
        },
    }
}

/// Why there is no connection.
fn cause(code: LinkFailureCode) -> LinkCause {
    match code {
        LinkFailureCode::NameNotFound => LinkCause::NameNotFound,
        LinkFailureCode::Unreachable => LinkCause::Unreachable,
        LinkFailureCode::NoTls => LinkCause::NoTls,
        LinkFailureCode::CertificateUntrusted => LinkCause::CertificateUntrusted,
        LinkFailureCode::CertificateInvalid => LinkCause::CertificateInvalid,
        LinkFailureCode::CertificateChanged => LinkCause::CertificateChanged,
        LinkFailureCode::TlsFailed => LinkCause::TlsFailed,
        LinkFailureCode::WrongPassword => LinkCause::WrongPassword,
        LinkFailureCode::AccountRefused => LinkCause::AccountRefused,
        LinkFailureCode::NoSafeMechanism => LinkCause::NoSafeMechanism,
        LinkFailureCode::Conflict => LinkCause::Conflict,
        LinkFailureCode::Silent => LinkCause::Silent,
        LinkFailureCode::Closed => LinkCause::Closed,
        LinkFailureCode::StreamError => LinkCause::StreamError,
        LinkFailureCode::Protocol => LinkCause::Protocol,
    }
}

/// Reads a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons and spaces.
pub(crate) fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints() {
        let colons = ["AB"; 32].join(":");
        assert_eq!(fingerprint(&colons), Some([0xAB; 32]));
        assert_eq!(fingerprint(&"0f".repeat(32)), Some([0x0F; 32]));
        for bad in [
            "",
            "AB:CD",
            &"g".repeat(64),
            &"a".repeat(65),
            &"ab".repeat(33),
        ] {
            assert_eq!(fingerprint(bad), None, "{bad}");
        }
    }
}
