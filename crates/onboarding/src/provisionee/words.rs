//! What a device is told about its joining, and what it tells.

use roost_model::Profile;

use crate::{Configuration, DeviceInformation, DeviceSecret, Progress};

/// How it goes with what the device was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinReport {
    /// It joins the network.
    JoiningWifi,
    /// The network refuses the password.
    WifiWrongPassword,
    /// It does not see the network.
    WifiNotFound,
    /// The network gives it no address.
    WifiNoAddress,
    /// It connects to the XMPP server.
    ConnectingXmpp,
    /// The server refuses its account or password.
    XmppAuthFailed,
    /// It does not reach the server.
    XmppUnreachable,
    /// It does not trust the server's certificate.
    TlsRefused,
    /// Its XMPP stream is bound.
    Online,
}

impl JoinReport {
    pub(super) fn progress(self) -> Progress {
        match self {
            Self::JoiningWifi => Progress::JoiningWifi,
            Self::WifiWrongPassword => Progress::WifiWrongPassword,
            Self::WifiNotFound => Progress::WifiNotFound,
            Self::WifiNoAddress => Progress::WifiNoAddress,
            Self::ConnectingXmpp => Progress::ConnectingXmpp,
            Self::XmppAuthFailed => Progress::XmppAuthFailed,
            Self::XmppUnreachable => Progress::XmppUnreachable,
            Self::TlsRefused => Progress::TlsRefused,
            Self::Online => Progress::Done,
        }
    }
}

/// What the owner of a [`Provisionee`] is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// Try this, and tell how it goes. A later one replaces it.
    Configured(Box<Configuration>),
    /// It works: store what was given last, in place of what was stored.
    Keep(Box<Configuration>),
}

/// What a device is.
#[derive(Clone, Debug)]
pub struct Provision {
    /// Its key.
    pub secret: DeviceSecret,
    /// Which profile it speaks.
    pub profile: Profile,
    /// What it says about itself.
    pub information: DeviceInformation,
    /// How it calls itself in advertisements; cut to [`MAX_LOCAL_NAME_BYTES`].
    pub local_name: String,
}
