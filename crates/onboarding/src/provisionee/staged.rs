//! What was written on this connection and is not yet in force.

use roost_model::Secret;
use roost_model::jid::BareJid;
use uuid::Uuid;

use crate::gatt::{JID, JID_PASSWORD, JID_SENDER, SETUP_DONE, WIFI_PASSWORD, WIFI_SSID};
use crate::seal::MAX_PLAIN_BYTES;
use crate::{AttError, Configuration, Ssid, WifiPassword};

#[derive(Debug, Default)]
pub(super) struct Staged {
    ssid: Option<Ssid>,
    wifi_password: Option<WifiPassword>,
    jid: Option<BareJid>,
    jid_password: Option<Secret>,
    sender: Option<BareJid>,
}

impl Staged {
    /// Takes the plain value of a setting, or checks a done.
    pub(super) fn take(&mut self, characteristic: Uuid, plain: &[u8]) -> Result<(), AttError> {
        if characteristic == SETUP_DONE {
            return match (plain, self.configuration()) {
                ([1], Some(_)) => Ok(()),
                ([1], None) => Err(AttError::Incomplete),
                _ => Err(AttError::NotAcceptable),
            };
        }
        let text = std::str::from_utf8(plain).map_err(|_| AttError::NotAcceptable)?;
        if text.contains('\0') || text.len() > MAX_PLAIN_BYTES {
            return Err(AttError::NotAcceptable);
        }
        match characteristic {
            WIFI_SSID => self.ssid = Some(Ssid::new(text).map_err(|_| AttError::NotAcceptable)?),
            WIFI_PASSWORD => {
                let password = WifiPassword::new(Secret::new(text));
                self.wifi_password = Some(password.map_err(|_| AttError::NotAcceptable)?);
            }
            JID => self.jid = Some(address(text)?),
            JID_SENDER => self.sender = Some(address(text)?),
            JID_PASSWORD if text.is_empty() => return Err(AttError::NotAcceptable),
            JID_PASSWORD => self.jid_password = Some(Secret::new(text)),
            _ => return Err(AttError::AttributeNotFound),
        }
        Ok(())
    }

    /// All five, if they are there.
    pub(super) fn configuration(&self) -> Option<Configuration> {
        Some(Configuration {
            ssid: self.ssid.clone()?,
            wifi_password: self.wifi_password.clone()?,
            jid: self.jid.clone()?,
            jid_password: self.jid_password.clone()?,
            sender: self.sender.clone()?,
        })
    }
}

/// A bare JID with somebody in it: a server is nobody's account.
fn address(text: &str) -> Result<BareJid, AttError> {
    let jid = BareJid::new(text).map_err(|_| AttError::NotAcceptable)?;
    jid.node()
        .is_some()
        .then_some(jid)
        .ok_or(AttError::NotAcceptable)
}
