//! What an account is called, and its password.

use jid::BareJid;
use roost_model::Secret;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// An account to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its address; the part before the `@` is the name to register.
    pub jid: BareJid,
    /// Its password.
    pub password: Secret,
}

/// The longest beginning of a device's name that is part of its account's name, in bytes.
const BASE_BYTES: usize = 20;

/// A name for a device's account: `Küche, Fenster links` becomes `kuche-fenster-links-7xk3q`.
///
/// Only lower-case ASCII letters, digits and single hyphens, which every server takes in the
/// local part (RFC 7622, section 3.3) and everybody can type; at most 26 bytes. The suffix of five
/// characters is made of `random`, which comes from a source of randomness, so that the names of
/// two devices of the same kind differ: there are 17 million of them.
pub fn account_name(device_name: &str, random: [u8; 5]) -> String {
    /// Without vowels and without what looks alike, so that no words come about.
    const SUFFIX: &[u8; 28] = b"23456789bcdfghjkmnpqrstvwxyz";
    let mut name = String::new();
    for c in device_name.nfkd().filter(|c| !is_combining_mark(*c)) {
        let folded = match c {
            'ß' | 'ẞ' => "ss",
            'æ' | 'Æ' => "ae",
            'œ' | 'Œ' => "oe",
            'ø' | 'Ø' => "o",
            'ł' | 'Ł' => "l",
            'đ' | 'Đ' => "d",
            _ => "",
        };
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !folded.is_empty() {
            name.push_str(folded);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
        if name.len() >= BASE_BYTES {
            break;
        }
    }
    name.truncate(BASE_BYTES);
    let base = name.trim_end_matches('-');
    let base = if base.is_empty() { "device" } else { base };
    let suffix: String = random
        .iter()
        .map(|byte| char::from(SUFFIX[usize::from(*byte) % SUFFIX.len()]))
        .collect();
    format!("{base}-{suffix}")
}

/// A password of 32 characters: 192 bits of `random`, which comes from a source of randomness.
///
/// The characters are those of base64url, so a password survives XML, SASLprep, a shell and a
/// person who types it.
pub fn account_password(random: &[u8; 32]) -> Secret {
    const CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut password = String::with_capacity(random.len());
    password.extend(
        random
            .iter()
            .map(|byte| char::from(CHARS[usize::from(byte & 63)])),
    );
    Secret::new(password)
}

#[cfg(test)]
mod tests {
    use jid::NodePart;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_can_be_read_and_typed() {
        let cases = [
            ("Kettle", "kettle"),
            ("Küche, Fenster links", "kuche-fenster-links"),
            ("  Straße №5 ", "strasse-no5"),
            ("Ångström/Łódź", "angstrom-lodz"),
            (
                "a very long name of a very small device",
                "a-very-long-name-of",
            ),
            ("温度計", "device"),
            ("💡", "device"),
            ("--", "device"),
            ("", "device"),
            ("ＬＡＭＰ", "lamp"),
        ];
        for (device, base) in cases {
            assert_eq!(account_name(device, [0; 5]), format!("{base}-22222"));
        }
        assert_eq!(account_name("Lamp", [1, 8, 27, 28, 29]), "lamp-3bz23");
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let mut random = [0; 32];
        for (value, byte) in (0_u8..).zip(&mut random) {
            *byte = value.wrapping_mul(7);
        }
        let password = account_password(&random);
        assert_eq!(password.expose().len(), 32);
        assert_ne!(password, account_password(&[0; 32]));
        let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        assert!(password.expose().chars().all(harmless));
    }

    proptest! {
        #[test]
        fn every_name_is_a_local_part_as_it_is(device in ".{0,60}", random: [u8; 5]) {
            let name = account_name(&device, random);
            prop_assert!(name.len() <= 26, "{name}");
            let part = NodePart::new(&name).unwrap();
            prop_assert_eq!(part.as_str(), &name);
            prop_assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }
}
