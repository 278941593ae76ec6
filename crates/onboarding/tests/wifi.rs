//! Names and passwords of networks, and the list of them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by saying what was not as expected"
)]

use ciborium::Value;
use proptest::prelude::*;
use roost_model::Secret;
use roost_onboarding::wifi::{read_networks, write_networks};
use roost_onboarding::{Ssid, WifiNetwork, WifiPassword, WifiProblem};

#[test]
fn names_at_their_limits() {
    for (name, fault) in [
        ("", Some(WifiProblem::NameEmpty)),
        ("a", None),
        (&"x".repeat(32), None),
        (&"x".repeat(33), Some(WifiProblem::NameTooLong(33))),
        ("🏠🏠🏠🏠🏠🏠🏠🏠", None),
        ("🏠🏠🏠🏠🏠🏠🏠🏠x", Some(WifiProblem::NameTooLong(33))),
        ("Home: 2.4 GHz; \"upstairs\"\\", None),
        (" ", None),
        ("a\0b", Some(WifiProblem::Nul)),
    ] {
        assert_eq!(Ssid::new(name).err(), fault, "{name:?}");
    }
}

#[test]
fn passwords_at_their_limits() {
    for (length, fault) in [
        (0, None),
        (1, Some(WifiProblem::PasswordTooShort(1))),
        (7, Some(WifiProblem::PasswordTooShort(7))),
        (8, None),
        (63, None),
        (64, Some(WifiProblem::PasswordTooLong(64))),
    ] {
        let password = WifiPassword::new(Secret::new("p".repeat(length)));
        assert_eq!(password.err(), fault, "{length}");
    }
    assert_eq!(
        WifiPassword::new(Secret::new("eight\0by")).err(),
        Some(WifiProblem::Nul)
    );
    assert!(WifiPassword::open().secret().is_empty(), "an open network");
}

fn entry(pairs: &[(&str, Value)]) -> Value {
    Value::Map(
        pairs
            .iter()
            .map(|(key, value)| (Value::from(*key), value.clone()))
            .collect(),
    )
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn lists_are_read_leniently() {
    let full = |name: &str, rssi: i32| {
        entry(&[
            ("secured", true.into()),
            ("ssid", name.into()),
            ("channel", 6.into()),
            ("rssi", rssi.into()),
        ])
    };
    let list = Value::Array(vec![
        full("Far", -90),
        full("Near", -40),
        full("Near", -80),
        full("", -50),
        full(&"x".repeat(33), -50),
        full("Loud", 3),
        full("Deep", -40_000),
        entry(&[("ssid", "Half".into())]),
        entry(&[
            ("ssid", "Twice".into()),
            ("ssid", "Again".into()),
            ("rssi", (-1).into()),
            ("secured", true.into()),
        ]),
        Value::from(7),
    ]);
    let read = read_networks(&cbor(&list)).unwrap();
    let names: Vec<_> = read
        .networks
        .iter()
        .map(|network| (network.ssid.as_str(), network.rssi))
        .collect();
    assert_eq!(names, [("Near", -40), ("Far", -90)]);
    assert_eq!(read.left_out, 7);
}

#[test]
fn what_is_no_list_is_refused() {
    for bytes in [
        &b""[..],
        b"\xa0",
        b"\x80\x80",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x81",
        &[0x81; 400],
        &[0x80; 513],
        b"\x9f",
        b"\xff",
    ] {
        assert!(read_networks(bytes).is_err(), "{bytes:02x?}");
    }
}

fn networks() -> impl Strategy<Value = Vec<WifiNetwork>> {
    let network =
        ("[^\\x00]{1,8}", -120_i16..0, any::<bool>()).prop_map(|(name, rssi, secured)| {
            WifiNetwork {
                ssid: Ssid::new(name).unwrap(),
                rssi,
                secured,
            }
        });
    proptest::collection::vec(network, 0..60)
}

proptest! {
    #[test]
    fn anything_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(list) = read_networks(&bytes) {
            prop_assert!(bytes.len() <= 512 && list.networks.len() <= 512);
        }
    }

    #[test]
    fn a_spoilt_list_is_read(networks in networks(), at in 0_usize..512, byte: u8) {
        let mut bytes = write_networks(&networks);
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read_networks(&bytes);
    }

    #[test]
    fn what_is_written_is_read(networks in networks()) {
        let bytes = write_networks(&networks);
        prop_assert!(bytes.len() <= 512);
        let read = read_networks(&bytes).unwrap();
        prop_assert_eq!(read.left_out, 0);
        // The strongest of each name are there, as many as fit, and in order.
        prop_assert!(read.networks.windows(2).all(|pair| pair[0].rssi >= pair[1].rssi));
        let strongest = networks.iter().map(|network| network.rssi).max();
        prop_assert_eq!(read.networks.first().map(|network| network.rssi), strongest);
        prop_assert_eq!(write_networks(&read.networks), bytes);
    }

    #[test]
    fn the_writing_is_deterministic_cbor(networks in networks()) {
        let bytes = write_networks(&networks);
        let value: Value = ciborium::from_reader(&bytes[..]).unwrap();
        prop_assert_eq!(cbor(&value), bytes, "shortest forms, definite lengths");
    }
}
