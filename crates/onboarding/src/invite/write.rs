//! The strict writer.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use roost_model::Profile;

use super::Invite;
use crate::DeviceKey;

impl Invite {
    /// The code as a device prints it. Extra parameters are not written.
    pub fn code(&self) -> String {
        let mut code = format!(
            "xmpp:iot-register?mac={mac}&algo=ed25519&key={key}",
            mac = self.mac,
            key = ssh_key(&self.key),
        );
        if let Some(name) = &self.name {
            code.push_str("&name=");
            percent_encode(name.as_str(), &mut code);
        }
        if self.profile == Profile::Roost {
            code.push_str("&v=1");
        }
        code
    }
}

/// The SSH wire form of RFC 8709, section 4: 51 bytes, 68 characters of base64 without padding.
fn ssh_key(key: &DeviceKey) -> String {
    let mut blob = Vec::with_capacity(51);
    blob.extend_from_slice(&[0, 0, 0, 11]);
    blob.extend_from_slice(b"ssh-ed25519");
    blob.extend_from_slice(&[0, 0, 0, 32]);
    blob.extend_from_slice(&key.to_bytes());
    STANDARD_NO_PAD.encode(blob)
}

/// Everything but the unreserved characters of RFC 3986, section 2.3.
fn percent_encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}
