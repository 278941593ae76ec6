//! Sealing: what the app writes is readable by the device alone (HPKE, RFC 9180, base mode).
//!
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305; one encapsulation per write. Bound
//! to the connection by its nonce and to the characteristic by its UUID, so a recorded write opens
//! nowhere else. Base mode does not say who sealed: whoever has the code can set the device up.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use rand::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::key::Hpke;
use crate::{DeviceKey, DeviceSecret, Nonce, Payload};

const DOMAIN: &[u8; 12] = b"roost-ble-v1";

/// Length of the encapsulated key at the beginning of a sealed value, in bytes.
pub const ENCAPSULATED_KEY_BYTES: usize = 32;
/// How much longer a sealed value is than what is in it, in bytes: key and tag.
pub const OVERHEAD_BYTES: usize = ENCAPSULATED_KEY_BYTES + 16;
/// Longest plain text of a sealed value, in bytes.
pub const MAX_PLAIN_BYTES: usize = crate::gatt::MAX_ATTRIBUTE_BYTES - OVERHEAD_BYTES;

/// A value could not be sealed: the key or the length is not one that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value cannot be sealed")]
pub struct CannotSeal;

/// A value does not open: not sealed to this device, connection and characteristic, or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value does not open")]
pub struct DoesNotOpen;

/// Seals `plain` (app role): encapsulated key ‖ ciphertext with its tag.
///
/// # Errors
/// If `plain` is longer than [`MAX_PLAIN_BYTES`].
pub fn seal(
    key: &DeviceKey,
    nonce: &Nonce,
    characteristic: Uuid,
    plain: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Payload, CannotSeal> {
    if plain.len() > MAX_PLAIN_BYTES {
        return Err(CannotSeal);
    }
    let recipient = key.recipient().ok_or(CannotSeal)?;
    let (encapsulated, sealed) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Hpke>(
            &OpModeS::Base,
            &recipient,
            &info(nonce),
            plain,
            characteristic.as_bytes(),
            rng,
        )
        .map_err(|_| CannotSeal)?;
    Ok(Payload::new(
        [&encapsulated.to_bytes()[..], &sealed].concat(),
    ))
}

/// Opens a sealed value (device role).
///
/// # Errors
/// If it is not what [`seal`] made for exactly this key, nonce and characteristic.
pub fn open(
    secret: &DeviceSecret,
    nonce: &Nonce,
    characteristic: Uuid,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DoesNotOpen> {
    if sealed.len() < OVERHEAD_BYTES {
        return Err(DoesNotOpen);
    }
    let (encapsulated, sealed) = sealed.split_at(ENCAPSULATED_KEY_BYTES);
    let encapsulated =
        <Hpke as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| DoesNotOpen)?;
    let receiver = secret.receiver().ok_or(DoesNotOpen)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Hpke>(
        &OpModeR::Base,
        &receiver,
        &encapsulated,
        &info(nonce),
        sealed,
        characteristic.as_bytes(),
    )
    .map(Zeroizing::new)
    .map_err(|_| DoesNotOpen)
}

fn info(nonce: &Nonce) -> Vec<u8> {
    [&DOMAIN[..], &nonce.0].concat()
}
