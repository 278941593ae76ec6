//! Every test vector of `vectors/vectors.json`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    unreachable_pub,
    reason = "a test ends by saying what was not as expected"
)]

use std::convert::Infallible;

use rand::{TryCryptoRng, TryRng};
use roost_onboarding::wifi::{read_networks, write_networks};
use roost_onboarding::{
    Challenge, Code, DeviceInformation, DeviceKey, DeviceSecret, Nonce, Progress, Ssid, Status,
    WifiNetwork, gatt, invite, proof, seal,
};
use serde_json::Value;
use uuid_of::uuid;

mod uuid_of {
    use roost_onboarding::gatt;

    pub fn uuid(printed: &str) -> uuid::Uuid {
        let all = gatt::THESIS_CHARACTERISTICS;
        *all.iter()
            .find(|uuid| uuid.to_string() == printed)
            .expect("one of the six")
    }
}

/// Gives the bytes that the vector prescribes instead of random ones, once.
struct Prescribed(Vec<u8>);

impl TryRng for Prescribed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("only bytes are drawn")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("only bytes are drawn")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0.drain(..bytes.len()).collect::<Vec<_>>());
        Ok(())
    }
}

impl TryCryptoRng for Prescribed {}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/vectors.json")).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

fn secret() -> DeviceSecret {
    DeviceSecret::from_seed(&array(&vectors()["device"]["ed25519_seed"]))
}

fn information(case: &Value) -> DeviceInformation {
    let strings = case["strings_hex"].as_array().unwrap();
    DeviceInformation {
        strings: std::array::from_fn(|i| hex(&strings[i])),
    }
}

#[test]
fn keys_and_code() {
    let device = &vectors()["device"];
    let key = secret().public();
    assert_eq!(key.to_bytes(), array(&device["ed25519_public"]));
    assert_eq!(key.to_x25519(), array(&device["x25519_public"]));
    assert_eq!(key.fingerprint(), array(&device["fingerprint8"]));
    let code = device["qr"].as_str().unwrap();
    let reading = invite::read(code);
    assert_eq!(reading.warnings, []);
    let Code::Invite(invite) = reading.code else {
        panic!("{reading:?}")
    };
    assert_eq!(invite.key, key);
    assert_eq!(invite.code(), code);
}

#[test]
fn proofs() {
    let all = vectors();
    for case in all["proof"].as_array().unwrap() {
        let (challenge, nonce) = (
            Challenge(array(&case["challenge"])),
            Nonce(array(&case["nonce"])),
        );
        let information = information(case);
        assert_eq!(
            proof::message(&challenge, &nonce, &information),
            hex(&case["message"])
        );
        let signature = proof::sign(&secret(), &challenge, &nonce, &information);
        assert_eq!(
            signature.to_vec(),
            hex(&case["signature"]),
            "{}",
            case["name"]
        );
        assert!(proof::verify(
            &secret().public(),
            &challenge,
            &nonce,
            &information,
            &signature
        ));
    }
    let failing = all["proof_must_fail"].as_array().unwrap();
    assert_eq!(failing.len(), 8);
    for case in failing {
        let (challenge, nonce) = (
            Challenge(array(&case["challenge"])),
            Nonce(array(&case["nonce"])),
        );
        let refused = match DeviceKey::from_bytes(&array(&case["key"])) {
            Err(_) => true,
            Ok(key) => !proof::verify(
                &key,
                &challenge,
                &nonce,
                &information(case),
                &hex(&case["signature"]),
            ),
        };
        assert!(refused, "{}", case["name"]);
    }
}

#[test]
fn sealing() {
    let all = vectors();
    let cases = all["sealing"].as_array().unwrap();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let nonce = Nonce(array(&case["nonce"]));
        let (uuid, plain) = (
            uuid(case["uuid"].as_str().unwrap()),
            hex(&case["plaintext"]),
        );
        let mut ikm = Prescribed(hex(&case["ikmE"]));
        let sealed = seal::seal(&secret().public(), &nonce, uuid, &plain, &mut ikm).unwrap();
        assert_eq!(sealed.expose(), hex(&case["payload"]), "{}", case["name"]);
        let opened = seal::open(&secret(), &nonce, uuid, sealed.expose()).unwrap();
        assert_eq!(*opened, plain);
    }
    for case in all["sealing_must_fail"].as_array().unwrap() {
        // One has an `aad` that is no UUID at all, which cannot even be asked for here.
        let aad = hex(&case["aad"]);
        let nonce = Nonce(array(&case["nonce"]));
        let payload = hex(&case["payload"]);
        let meant = gatt::THESIS_CHARACTERISTICS
            .iter()
            .find(|uuid| uuid.as_bytes()[..] == aad);
        if let Some(uuid) = meant {
            let opened = seal::open(&secret(), &nonce, *uuid, &payload);
            assert!(opened.is_err(), "{}", case["name"]);
        } else if let Ok(odd) = uuid::Uuid::from_slice(&aad) {
            let opened = seal::open(&secret(), &nonce, odd, &payload);
            assert!(opened.is_err(), "{}", case["name"]);
        }
    }
    let too_long = [b'x'; seal::MAX_PLAIN_BYTES + 1];
    let mut ikm = Prescribed(vec![7; 32]);
    assert!(
        seal::seal(
            &secret().public(),
            &Nonce([1; 32]),
            gatt::JID,
            &too_long,
            &mut ikm
        )
        .is_err()
    );
}

#[test]
fn networks_and_status() {
    let all = vectors();
    for case in all["wifi"].as_array().unwrap() {
        let networks: Vec<WifiNetwork> = case["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| WifiNetwork {
                ssid: Ssid::new(entry["ssid"].as_str().unwrap()).unwrap(),
                rssi: entry["rssi"].as_i64().unwrap() as i16,
                secured: entry["secured"].as_bool().unwrap(),
            })
            .collect();
        assert_eq!(write_networks(&networks), hex(&case["cbor"]));
        assert_eq!(
            read_networks(&hex(&case["cbor"])).unwrap().networks,
            networks
        );
    }
    for case in all["status"].as_array().unwrap() {
        let value = hex(&case["value"]);
        let status = Status::read(&value).unwrap();
        assert_eq!(
            u64::from(status.progress.number()),
            case["state"].as_u64().unwrap()
        );
        assert_eq!(status.progress, Progress::of(value[0]));
        assert_eq!(status.write(512), value);
    }
}
