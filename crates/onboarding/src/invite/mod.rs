//! Codes: what a person holds up to the camera, pastes, or opens as a link.
//!
//! [`read`] takes any text and says what it is: an [`Invite`], a broken one with the exact fault, or
//! the code of another standard by its name. It reads leniently and reports what it had to mend; it
//! never guesses. [`Invite::code`] writes exactly one form:
//!
//! ```text
//! xmpp:iot-register?mac=A4:CF:12:25:76:98&algo=ed25519&key=AAAAC3Nz…&name=Lamp&v=1
//! ```
//!
//! The key is in the SSH wire form (RFC 4253, section 6.6; RFC 8709), in base64. `name` and `v` come
//! after it, which older readers tolerate. A code without `v` is that of a thesis device.
//!
//! Limits: [`MAX_CODE_BYTES`], [`MAX_PARAMETERS`].

mod foreign;
mod read;
mod write;

pub use foreign::ForeignCode;
pub use read::read;

use roost_model::Profile;

use crate::{DeviceKey, KeyFault, MacAddress, Text};

/// Longest text that is looked at, in bytes. The longest QR code holds 2,953.
pub const MAX_CODE_BYTES: usize = 3000;
/// Most parameters of a code.
pub const MAX_PARAMETERS: usize = 24;

/// The code of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The address that is printed on the device.
    pub mac: MacAddress,
    /// The key of the device.
    pub key: DeviceKey,
    /// Which profile the code announces.
    pub profile: Profile,
    /// How the device is called.
    pub name: Option<Text>,
    /// Other parameters, as they came: shown, and not understood.
    pub extra: Vec<(Text, Text)>,
}

/// What a text was read as, and what had to be mended to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it is.
    pub code: Code,
    /// What was unusual about it, each once.
    pub warnings: Vec<InviteWarning>,
}

/// Everything that a code may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// A device that can be set up.
    Invite(Box<Invite>),
    /// Meant as one, with a fault.
    Broken(InviteFault),
    /// A code of another standard.
    Foreign(ForeignCode),
    /// Anything else.
    Unknown,
}

/// The parameters that a code must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// `mac`
    Mac,
    /// `algo`
    Algorithm,
    /// `key`
    Key,
    /// `name`
    Name,
    /// `v`
    Version,
}

impl Parameter {
    /// How it is called in a code.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mac => "mac",
            Self::Algorithm => "algo",
            Self::Key => "key",
            Self::Name => "name",
            Self::Version => "v",
        }
    }
}

/// Why a code cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InviteFault {
    /// There is nothing.
    #[error("the code is empty")]
    Empty,
    /// It is longer than [`MAX_CODE_BYTES`].
    #[error("the code has {0} bytes, more than any code has")]
    TooLong(usize),
    /// It has more than [`MAX_PARAMETERS`].
    #[error("the code has too many parameters")]
    TooManyParameters,
    /// A `%` without two hexadecimal digits, or bytes that are no UTF-8.
    #[error("the percent-encoding is damaged")]
    BadPercentEncoding,
    /// A parameter is not there, or empty.
    #[error("the parameter {name} is missing", name = .0.name())]
    Missing(Parameter),
    /// A parameter is there twice.
    #[error("the parameter {name} is there twice", name = .0.name())]
    Duplicate(Parameter),
    /// The address is no address.
    #[error("the address is damaged")]
    BadMac,
    /// The algorithm is not Ed25519.
    #[error("the algorithm {0} is not known")]
    UnknownAlgorithm(Text),
    /// The version is not one that is known.
    #[error("the version {0} is not known")]
    UnknownVersion(Text),
    /// The key is neither base64 nor hexadecimal.
    #[error("the key is not readable")]
    KeyNotReadable,
    /// The key is not as long as one is.
    #[error("the key has {0} bytes; 51 are expected")]
    KeyLength(usize),
    /// The key says that it is of another kind.
    #[error("the key is of the kind {0}, not ssh-ed25519")]
    KeyKind(Text),
    /// The 32 bytes are no key to trust.
    #[error(transparent)]
    Key(#[from] KeyFault),
}

impl InviteFault {
    /// A stable name, for catalogues of words and for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "invite-empty",
            Self::TooLong(_) => "invite-too-long",
            Self::TooManyParameters => "invite-too-many-parameters",
            Self::BadPercentEncoding => "invite-bad-percent-encoding",
            Self::Missing(_) => "invite-missing-parameter",
            Self::Duplicate(_) => "invite-duplicate-parameter",
            Self::BadMac => "invite-bad-mac",
            Self::UnknownAlgorithm(_) => "invite-unknown-algorithm",
            Self::UnknownVersion(_) => "invite-unknown-version",
            Self::KeyNotReadable => "invite-key-not-readable",
            Self::KeyLength(_) => "invite-key-length",
            Self::KeyKind(_) => "invite-key-kind",
            Self::Key(KeyFault::NotOnCurve) => "invite-key-not-on-curve",
            Self::Key(KeyFault::NotCanonical) => "invite-key-not-canonical",
            Self::Key(KeyFault::LowOrder) => "invite-key-low-order",
        }
    }
}

/// What was mended while reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InviteWarning {
    /// White space was taken out, as of wrapped text.
    WhiteSpace,
    /// A space was read as the `+` that it had been.
    SpaceForPlus,
    /// Upper and lower case are not as they are written.
    Case,
    /// `;` between parameters, or empty parameters.
    Separators,
    /// `//` after the scheme.
    Slashes,
    /// Something was percent-encoded that need not be.
    PercentEncoding,
    /// The parameters are not in their order.
    Order,
    /// The address is written with `-` or bare.
    MacNotation,
    /// The key is in base64url, or has padding where none is needed.
    Base64Variant,
    /// The key is 32 bytes without their SSH frame.
    RawKey,
    /// The name had characters that cannot be shown, or was cut.
    NameMended,
    /// There are parameters that are not understood.
    Extra,
}
