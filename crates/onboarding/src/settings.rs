//! What a device is given.

use roost_model::Secret;
use roost_model::jid::BareJid;

use crate::seal::MAX_PLAIN_BYTES;
use crate::{Ssid, Wifi, WifiPassword};

/// The account of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    jid: BareJid,
    password: Secret,
}

/// Why an account cannot be handed to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AccountProblem {
    /// The address is longer than a sealed write holds.
    #[error("the address has {0} bytes; at most 464 can be handed over")]
    AddressTooLong(usize),
    /// There is no password.
    #[error("the password is empty")]
    PasswordEmpty,
    /// The password is longer than a sealed write holds.
    #[error("the password has {0} bytes; at most 464 can be handed over")]
    PasswordTooLong(usize),
    /// There is a NUL in the password.
    #[error("there is a NUL character in the password")]
    Nul,
}

impl Account {
    /// Takes an address and its password.
    ///
    /// # Errors
    /// If they cannot be written to a device.
    pub fn new(jid: BareJid, password: Secret) -> Result<Self, AccountProblem> {
        let text = password.expose();
        if jid.as_str().len() > MAX_PLAIN_BYTES {
            return Err(AccountProblem::AddressTooLong(jid.as_str().len()));
        }
        match text.len() {
            0 => Err(AccountProblem::PasswordEmpty),
            1..=MAX_PLAIN_BYTES if text.contains('\0') => Err(AccountProblem::Nul),
            1..=MAX_PLAIN_BYTES => Ok(Self { jid, password }),
            bytes => Err(AccountProblem::PasswordTooLong(bytes)),
        }
    }

    /// The address.
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// The password.
    pub fn password(&self) -> &Secret {
        &self.password
    }
}

/// All that a device has been given when its set-up is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The name of its network.
    pub ssid: Ssid,
    /// The password of its network.
    pub wifi_password: WifiPassword,
    /// Its own address.
    pub jid: BareJid,
    /// The password of its account.
    pub jid_password: Secret,
    /// Who sets it up.
    pub sender: BareJid,
}

impl Configuration {
    /// The network and its password together.
    pub fn wifi(&self) -> Wifi {
        Wifi {
            ssid: self.ssid.clone(),
            password: self.wifi_password.clone(),
        }
    }
}
