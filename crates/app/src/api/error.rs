//! What is said when a command is refused.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A refusal: a code for the words, and what is needed to fill them in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code:?}: {}", detail.as_deref().unwrap_or(""))]
pub struct ApiError {
    /// Which sentence to show.
    pub code: ErrorCode,
    /// For the details: foreign or technical text, bounded, without secrets.
    pub detail: Option<String>,
    /// The field of the input it is about (`jid`, `host`, `value`, …).
    pub field: Option<String>,
}

impl ApiError {
    const MAX_DETAIL_CHARS: usize = 300;

    /// A refusal without details.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            detail: None,
            field: None,
        }
    }

    /// A refusal with a detail, cut to 300 characters.
    pub fn with_detail(code: ErrorCode, detail: impl std::fmt::Display) -> Self {
        let detail = detail.to_string();
        Self {
            detail: Some(detail.chars().take(Self::MAX_DETAIL_CHARS).collect()),
            ..Self::new(code)
        }
    }

    /// Names the field of the input that it is about.
    #[must_use]
    pub fn about(self, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..self
        }
    }
}

/// Codes of refusals. The UI has a sentence for each: what happened, why, what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// The address of the account is not a JID with a user part.
    BadJid,
    /// The host is not a name or an address, or the port is not 1 to 65535.
    BadHost,
    /// The certificate authority is not a PEM certificate.
    BadAuthority,
    /// The password is empty.
    NoPassword,
    /// Nobody is signed in.
    NotSignedIn,
    /// There is no such device.
    NoSuchDevice,
    /// The device's form has no such field now.
    NoSuchField,
    /// The field cannot be changed.
    ReadOnly,
    /// The value is not valid for the field: not of its type.
    BadValue,
    /// The value is not one of the options.
    NotAnOption,
    /// The value is out of the range that the field allows.
    OutOfRange,
    /// There is no connection, so nothing can be asked of the device now.
    Offline,
    /// The device is on the list already.
    AlreadyThere,
    /// No keychain answers, and no passphrase was given for the sealed file.
    NoKeychain,
    /// The keychain is locked, or refused us.
    KeychainLocked,
    /// The passphrase does not open the sealed file.
    WrongPassphrase,
    /// The settings could not be read or written (disk full, no permission).
    Storage,
    /// Another Roost is using these settings.
    AlreadyRunning,
    /// Too much at once; try again in a moment.
    Busy,
}
