//! Where a contender finds the server, and as whom it signs in there.

use std::fs;
use std::path::PathBuf;

use roost_model::Secret;
use roost_model::jid::BareJid;
use roost_xmpp_proto::{Account, Route, Trust};

use crate::Outcome;

/// The password of all accounts of a run; the server lives no longer than it.
pub(crate) const PASSWORD: &str = "measured, not guessed";

/// A server on this machine, and the two accounts of a contender.
pub(crate) struct Place {
    pub(crate) direct_tls_port: u16,
    pub(crate) ca_pem: String,
    pub(crate) device: BareJid,
    pub(crate) app: BareJid,
}

impl Place {
    /// From the command line: port of direct TLS, port of STARTTLS, file of the authority,
    /// JIDs of device and app.
    pub(crate) fn from_arguments(arguments: &[String]) -> Outcome<Self> {
        let [tls, _, authority, device, app] = arguments else {
            return Err("a contender wants: TLS-PORT PORT AUTHORITY DEVICE APP".into());
        };
        Ok(Self {
            direct_tls_port: tls.parse()?,
            ca_pem: fs::read_to_string(PathBuf::from(authority))?,
            device: device.parse()?,
            app: app.parse()?,
        })
    }

    pub(crate) fn account(&self, jid: &BareJid) -> Account {
        Account {
            jid: jid.clone(),
            password: Secret::new(PASSWORD),
            route: Route::Fixed {
                host: "127.0.0.1".to_owned(),
                port: self.direct_tls_port,
                direct_tls: true,
            },
            trust: Trust::Authorities(self.ca_pem.clone()),
            resource: None,
            silence: std::time::Duration::from_secs(60),
        }
    }
}
