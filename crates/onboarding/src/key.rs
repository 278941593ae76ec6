//! The key of a device: an Ed25519 key that signs the proof and, converted to X25519, opens what is
//! sealed to the device.

use std::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

pub(crate) type Hpke = X25519HkdfSha256;

/// The public key of a device, known to be a canonical point of the curve and not of low order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceKey(VerifyingKey);

/// Why 32 bytes are no [`DeviceKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum KeyFault {
    /// They are no point of the curve.
    #[error("the key is no point of Curve25519")]
    NotOnCurve,
    /// They name a point in a way that RFC 8032, section 5.1.3, does not allow.
    #[error("the key is not in its canonical form")]
    NotCanonical,
    /// The point has a small order: anyone could sign for it, and what is sealed to it is open.
    #[error("the key is of low order")]
    LowOrder,
}

impl DeviceKey {
    /// Takes the 32 bytes of RFC 8032.
    ///
    /// # Errors
    /// If nobody should trust them, see [`KeyFault`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyFault> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyFault::NotOnCurve)?;
        if key.is_weak() {
            return Err(KeyFault::LowOrder);
        }
        if key.to_edwards().compress().to_bytes() != *bytes {
            return Err(KeyFault::NotCanonical);
        }
        Ok(Self(key))
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// What the device advertises to be recognised: the first 8 bytes of SHA-256 of the key.
    pub fn fingerprint(&self) -> [u8; 8] {
        let digest = Sha256::digest(self.0.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        first
    }

    /// The key as X25519, the recipient of the sealing (RFC 7748, section 4.1).
    pub fn to_x25519(&self) -> [u8; 32] {
        self.0.to_montgomery().to_bytes()
    }

    pub(crate) fn verifying(&self) -> &VerifyingKey {
        &self.0
    }

    pub(crate) fn recipient(&self) -> Option<<Hpke as Kem>::PublicKey> {
        <Hpke as Kem>::PublicKey::from_bytes(&self.to_x25519()).ok()
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(")?;
        for byte in self.fingerprint() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// The secret key of a device. Prints as its fingerprint and is wiped when dropped.
#[derive(Clone)]
pub struct DeviceSecret(SigningKey);

impl DeviceSecret {
    /// The key that belongs to these 32 random bytes (the seed of RFC 8032, section 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> DeviceKey {
        DeviceKey(self.0.verifying_key())
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.0
    }

    pub(crate) fn receiver(&self) -> Option<<Hpke as Kem>::PrivateKey> {
        let scalar = Zeroizing::new(self.0.to_scalar_bytes());
        <Hpke as Kem>::PrivateKey::from_bytes(scalar.as_ref()).ok()
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceSecret(of {:?})", self.public())
    }
}

/// 32 bytes of the system's random generator, from which one attempt draws its challenges and
/// encapsulations. Never to be used for two attempts.
pub struct Seed([u8; 32]);

impl Seed {
    /// Takes the bytes into keeping.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn into_rng(self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.0)
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Seed {}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_nobody_should_trust() {
        let mut two = [0; 32];
        two[0] = 2;
        assert_eq!(
            DeviceKey::from_bytes(&two).err(),
            Some(KeyFault::NotOnCurve)
        );
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(
            DeviceKey::from_bytes(&identity).err(),
            Some(KeyFault::LowOrder)
        );
        assert_eq!(
            DeviceKey::from_bytes(&[0; 32]).err(),
            Some(KeyFault::LowOrder)
        );
        // y + p for small y: the same point as y, in a second spelling.
        let refused = (0..19_u8).filter(|small| {
            let mut bytes = [0xff; 32];
            bytes[0] = 0xed + small;
            bytes[31] = 0x7f;
            let fault = DeviceKey::from_bytes(&bytes);
            assert!(fault.is_err(), "y = p + {small}");
            fault.err() == Some(KeyFault::NotCanonical)
        });
        assert!(refused.count() > 0, "some of them are points of the curve");
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let secret = DeviceSecret::from_seed(&[7; 32]);
        assert!(!format!("{secret:?}").contains("07"), "{secret:?}");
        assert_eq!(format!("{:?}", Seed::new([7; 32])), "Seed([secret])");
    }
}
