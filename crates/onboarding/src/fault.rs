//! How an attempt can end badly: a closed list, each with a stable code and what to do about it.

use crate::{AdapterState, Progress};

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OnboardingFault {
    /// This computer has no Bluetooth adapter.
    #[error("there is no Bluetooth adapter")]
    AdapterMissing,
    /// It is switched off.
    #[error("Bluetooth is switched off")]
    AdapterOff,
    /// The app may not use it.
    #[error("the app may not use Bluetooth")]
    AdapterNotPermitted,
    /// This build has no Bluetooth.
    #[error("this build has no Bluetooth")]
    AdapterUnsupported,
    /// The system's Bluetooth did not answer.
    #[error("the system's Bluetooth does not answer")]
    RadioSilent,
    /// No fitting device was heard.
    #[error("the device was not heard")]
    NotFound,
    /// The device was heard, and a connection could not be made, twice.
    #[error("no connection to the device")]
    CannotConnect,
    /// The connection was lost too often, or where it cannot be taken up again.
    #[error("the connection was lost")]
    LinkLost,
    /// Whoever answered does not hold the key of the code.
    #[error("the device has not the key of the code")]
    WrongDevice,
    /// A nonce came twice or is all zero: somebody may be replaying.
    #[error("the device repeats itself where it must not")]
    NonceRepeated,
    /// The code promises sealed writes, the device does not offer them.
    #[error("the device does not offer the encryption that its code promises")]
    Downgrade,
    /// The device has no settings to write: it is set up already, or it is another kind of device.
    #[error("the device offers no set-up")]
    NotSettable,
    /// The person said that the devices found are others.
    #[error("only other devices were found")]
    NotMine,
    /// The device cannot read what this app seals (ATT 0x80).
    #[error("the device cannot read what this app seals")]
    DoesNotOpen,
    /// The device refuses a setting with this ATT error.
    #[error("the device refuses a setting (ATT error 0x{0:02X})")]
    Refused(u8),
    /// A setting could not be written, though the connection holds.
    #[error("a setting could not be written")]
    WriteFailed,
    /// A person was asked and did not answer.
    #[error("nobody answered")]
    NobodyAnswered,
    /// The account was not made.
    #[error("the account for the device was not made")]
    NoAccount,
    /// The device waits for something better than this, and nobody gave it.
    #[error("the device could not use its settings")]
    NotCorrected(Progress),
    /// The device works on it for too long.
    #[error("the device is stuck while joining")]
    Stuck,
    /// The settings are there, and the device did not speak over XMPP.
    #[error("the device did not speak over XMPP")]
    NoFirstWords,
}

/// What the person can do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Plug in an adapter, or use another computer.
    PlugInAdapter,
    /// Switch Bluetooth on.
    SwitchBluetoothOn,
    /// Allow the app to use Bluetooth.
    AllowBluetooth,
    /// Go nearer, and see that the device has power and is in set-up mode.
    GoNearer,
    /// Reset the device by hand, then try again.
    ResetDevice,
    /// Check that the code belongs to this device; do not use it otherwise.
    CheckCode,
    /// Try again.
    TryAgain,
    /// Check the network and its password.
    CheckWifi,
    /// Check the account and the server.
    CheckAccount,
    /// Ask whoever made the device.
    AskMaker,
}

impl OnboardingFault {
    /// A stable name, for catalogues of words and for scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::AdapterMissing => "adapter-missing",
            Self::AdapterOff => "adapter-off",
            Self::AdapterNotPermitted => "adapter-not-permitted",
            Self::AdapterUnsupported => "adapter-unsupported",
            Self::RadioSilent => "radio-silent",
            Self::NotFound => "not-found",
            Self::CannotConnect => "cannot-connect",
            Self::LinkLost => "link-lost",
            Self::WrongDevice => "wrong-device",
            Self::NonceRepeated => "nonce-repeated",
            Self::Downgrade => "downgrade",
            Self::NotSettable => "not-settable",
            Self::NotMine => "not-mine",
            Self::DoesNotOpen => "does-not-open",
            Self::Refused(_) => "refused",
            Self::WriteFailed => "write-failed",
            Self::NobodyAnswered => "nobody-answered",
            Self::NoAccount => "no-account",
            Self::NotCorrected(_) => "not-corrected",
            Self::Stuck => "stuck",
            Self::NoFirstWords => "no-first-words",
        }
    }

    /// Whether a new attempt with the same code may succeed.
    pub fn is_retryable(self) -> bool {
        !matches!(
            self,
            Self::AdapterUnsupported | Self::Downgrade | Self::DoesNotOpen | Self::NonceRepeated
        )
    }

    /// What the person can do.
    pub fn remedy(self) -> Remedy {
        match self {
            Self::AdapterMissing | Self::AdapterUnsupported => Remedy::PlugInAdapter,
            Self::AdapterOff => Remedy::SwitchBluetoothOn,
            Self::AdapterNotPermitted => Remedy::AllowBluetooth,
            Self::NotFound | Self::CannotConnect | Self::LinkLost => Remedy::GoNearer,
            Self::WrongDevice | Self::NotMine | Self::Downgrade => Remedy::CheckCode,
            Self::NotSettable | Self::Stuck => Remedy::ResetDevice,
            Self::DoesNotOpen | Self::Refused(_) | Self::NonceRepeated => Remedy::AskMaker,
            Self::RadioSilent | Self::WriteFailed | Self::NobodyAnswered => Remedy::TryAgain,
            Self::NoAccount => Remedy::CheckAccount,
            Self::NotCorrected(progress) if progress.is_about_wifi() => Remedy::CheckWifi,
            Self::NotCorrected(_) => Remedy::CheckAccount,
            Self::NoFirstWords => Remedy::CheckWifi,
        }
    }

    /// The fault of an adapter that stayed like this; `None` if it is ready.
    pub(crate) fn of_adapter(state: Option<AdapterState>) -> Option<Self> {
        match state {
            None => Some(Self::RadioSilent),
            Some(AdapterState::Ready) => None,
            Some(AdapterState::Missing) => Some(Self::AdapterMissing),
            Some(AdapterState::Off) => Some(Self::AdapterOff),
            Some(AdapterState::NotPermitted) => Some(Self::AdapterNotPermitted),
            Some(AdapterState::Unsupported) => Some(Self::AdapterUnsupported),
        }
    }
}
