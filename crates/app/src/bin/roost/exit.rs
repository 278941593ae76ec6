//! How the program ends.

use roost_app::api::{ApiError, ErrorCode, LinkCause};

use crate::text::clean;
use crate::words;

/// Something else went wrong.
pub(crate) const OTHER: u8 = 1;
/// The server or the device refused.
pub(crate) const REFUSED: u8 = 3;
/// The device did not report the value in time.
pub(crate) const UNCONFIRMED: u8 = 4;
/// There is no connection, or the device is offline.
pub(crate) const NOT_CONNECTED: u8 = 5;
/// There is no such device or field, or the value is not valid.
pub(crate) const BAD_INPUT: u8 = 6;

/// Why the program did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    /// What happened, why, what to do next.
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn new(code: u8, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    pub(crate) fn other(text: impl Into<String>) -> Self {
        Self::new(OTHER, text)
    }

    /// Whoever reads the output has gone, as `head` does; that is no error of ours.
    pub(crate) fn reader_left() -> Self {
        Self::new(OTHER, "")
    }

    /// There is no connection, for this reason.
    pub(crate) fn link(cause: LinkCause, detail: Option<&str>) -> Self {
        let text = with_detail(words::link_cause(cause), detail, &format!("{cause:?}"));
        Self::new(NOT_CONNECTED, text)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let code = match error.code {
            ErrorCode::NotSignedIn
            | ErrorCode::NoPassword
            | ErrorCode::NoKeychain
            | ErrorCode::KeychainLocked
            | ErrorCode::WrongPassphrase
            | ErrorCode::Offline => NOT_CONNECTED,
            ErrorCode::NoSuchDevice
            | ErrorCode::NoSuchField
            | ErrorCode::ReadOnly
            | ErrorCode::BadValue
            | ErrorCode::NotAnOption
            | ErrorCode::OutOfRange
            | ErrorCode::BadJid
            | ErrorCode::AlreadyThere => BAD_INPUT,
            ErrorCode::BadHost
            | ErrorCode::BadAuthority
            | ErrorCode::Storage
            | ErrorCode::AlreadyRunning
            | ErrorCode::Busy => OTHER,
        };
        let name = format!("{:?}", error.code);
        let text = with_detail(words::error(error.code), error.detail.as_deref(), &name);
        Self::new(code, text)
    }
}

/// The sentence first, then what came with it and the code, for those who look further.
pub(crate) fn with_detail(sentence: &str, detail: Option<&str>, code: &str) -> String {
    match detail {
        Some(detail) => format!("{sentence}\n  {} [{code}]", clean(detail)),
        None => format!("{sentence} [{code}]"),
    }
}
