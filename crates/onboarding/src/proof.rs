//! What a device says about itself, and its proof that it holds the key of its code.
//!
//! The proof covers a challenge of the app, the nonce of the connection and the Device Information,
//! so none of them can be replaced. It shows that the holder of the key answers now; it does not
//! show that the holder is the connected peer, since a relay can pass it on. Nothing secret is sent
//! because of the proof alone, only sealed ([`crate::seal`]).

use ed25519_dalek::{Signature, Signer as _};
use sha2::{Digest as _, Sha256};

use crate::gatt::MAX_ATTRIBUTE_BYTES;
use crate::{DeviceKey, DeviceSecret, Nonce, Text};

const DOMAIN: &[u8; 18] = b"roost-ble-proof-v1";

/// 32 random bytes of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(pub [u8; 32]);

/// The five strings of Device Information, byte for byte as they were read; one that is missing or
/// unreadable is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceInformation {
    /// In the order of [`crate::gatt::INFORMATION_CHARACTERISTICS`]: language, hardware revision,
    /// software revision, serial number, manufacturer.
    pub strings: [Vec<u8>; 5],
}

impl DeviceInformation {
    /// What a device is to say, from texts.
    pub fn new(language: &str, hardware: &str, software: &str, serial: &str, maker: &str) -> Self {
        Self {
            strings: [language, hardware, software, serial, maker]
                .map(|text| text.as_bytes().to_vec()),
        }
    }

    /// The language of the device's texts, to show.
    pub fn language(&self) -> Text {
        self.shown(0)
    }

    /// The hardware revision, to show.
    pub fn hardware_revision(&self) -> Text {
        self.shown(1)
    }

    /// The software revision, to show.
    pub fn software_revision(&self) -> Text {
        self.shown(2)
    }

    /// The serial number, to show.
    pub fn serial_number(&self) -> Text {
        self.shown(3)
    }

    /// Who made it, to show.
    pub fn manufacturer(&self) -> Text {
        self.shown(4)
    }

    fn shown(&self, index: usize) -> Text {
        Text::from_bytes(&self.strings[index])
    }

    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for string in &self.strings {
            // An attribute has at most 512 bytes; longer ones do not come in (see `read`).
            let length = u16::try_from(string.len()).unwrap_or(u16::MAX);
            digest.update(length.to_be_bytes());
            digest.update(string);
        }
        digest.finalize().into()
    }

    /// Keeps what was read of string `index`; `false` if it is longer than an attribute can be.
    pub(crate) fn read(&mut self, index: usize, bytes: Vec<u8>) -> bool {
        let fits = bytes.len() <= MAX_ATTRIBUTE_BYTES;
        if let (true, Some(string)) = (fits, self.strings.get_mut(index)) {
            *string = bytes;
        }
        fits
    }
}

/// What is signed: 114 bytes.
pub fn message(challenge: &Challenge, nonce: &Nonce, information: &DeviceInformation) -> Vec<u8> {
    [&DOMAIN[..], &challenge.0, &nonce.0, &information.digest()].concat()
}

/// Signs (device role); 64 bytes, R ‖ S of RFC 8032.
pub fn sign(
    secret: &DeviceSecret,
    challenge: &Challenge,
    nonce: &Nonce,
    information: &DeviceInformation,
) -> [u8; 64] {
    secret
        .signing()
        .sign(&message(challenge, nonce, information))
        .to_bytes()
}

/// Checks a signature strictly (app role): `false` for whatever is not exactly it.
pub fn verify(
    key: &DeviceKey,
    challenge: &Challenge,
    nonce: &Nonce,
    information: &DeviceInformation,
    signature: &[u8],
) -> bool {
    let Ok(signature) = Signature::from_slice(signature) else {
        return false;
    };
    key.verifying()
        .verify_strict(&message(challenge, nonce, information), &signature)
        .is_ok()
}
