//! Wi-Fi: names, passwords, and the list of networks that a device sees.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use ciborium::Value;
use roost_model::Secret;

use crate::gatt::MAX_ATTRIBUTE_BYTES;

/// The name of a network: 1 to 32 bytes of UTF-8 without NUL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ssid(String);

/// The password of a network: empty for an open one, else 8 to 63 bytes of UTF-8 without NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WifiPassword(Secret);

/// Why a text is no [`Ssid`] or [`WifiPassword`]. Lengths are in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum WifiProblem {
    /// The name is empty.
    #[error("the name of the network is empty")]
    NameEmpty,
    /// The name is longer than 32 bytes.
    #[error("the name of the network has {0} bytes; at most 32 are possible")]
    NameTooLong(usize),
    /// The password has 1 to 7 bytes.
    #[error("the password has {0} bytes; a secured network has at least 8")]
    PasswordTooShort(usize),
    /// The password is longer than 63 bytes.
    #[error("the password has {0} bytes; at most 63 are possible")]
    PasswordTooLong(usize),
    /// There is a NUL in it.
    #[error("there is a NUL character in it")]
    Nul,
}

impl Ssid {
    /// Takes a name.
    ///
    /// # Errors
    /// If no network can have it.
    pub fn new(name: impl Into<String>) -> Result<Self, WifiProblem> {
        let name = name.into();
        match name.len() {
            0 => Err(WifiProblem::NameEmpty),
            1..=32 if name.contains('\0') => Err(WifiProblem::Nul),
            1..=32 => Ok(Self(name)),
            bytes => Err(WifiProblem::NameTooLong(bytes)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl WifiPassword {
    /// Takes a password.
    ///
    /// # Errors
    /// If no network can have it.
    pub fn new(password: Secret) -> Result<Self, WifiProblem> {
        let text = password.expose();
        match text.len() {
            0 => Ok(Self(password)),
            1..=7 => Err(WifiProblem::PasswordTooShort(text.len())),
            8..=63 if text.contains('\0') => Err(WifiProblem::Nul),
            8..=63 => Ok(Self(password)),
            bytes => Err(WifiProblem::PasswordTooLong(bytes)),
        }
    }

    /// The password of an open network.
    pub fn open() -> Self {
        Self(Secret::new(""))
    }

    /// The password itself.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// A network and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wifi {
    /// Its name.
    pub ssid: Ssid,
    /// Its password.
    pub password: WifiPassword,
}

/// A network that a device sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WifiNetwork {
    /// Its name.
    pub ssid: Ssid,
    /// Strength in dBm, negative.
    pub rssi: i16,
    /// Whether it wants a password.
    pub secured: bool,
}

/// What was read of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WifiList {
    /// The networks, strongest first, each name once.
    pub networks: Vec<WifiNetwork>,
    /// How many entries were left out because they made no sense.
    pub left_out: usize,
}

/// A list that cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list of networks is no CBOR array of at most 512 bytes")]
pub struct UnreadableList;

/// Writes the list of networks (device role): deterministic CBOR (RFC 8949, section 4.2), one entry
/// per name, strongest first, cut to whole entries within 512 bytes.
pub fn write_networks(networks: &[WifiNetwork]) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut size = 0;
    for network in ordered(networks.to_vec()) {
        let entry = encode(&network);
        // The head of an array of up to 23 entries is one byte, of up to 255 two.
        let head = if entries.len() < 23 { 1 } else { 2 };
        if head + size + entry.len() > MAX_ATTRIBUTE_BYTES {
            break;
        }
        size += entry.len();
        entries.push(entry);
    }
    let mut list = match u8::try_from(entries.len()) {
        Ok(few @ 0..=23) => vec![0x80 | few],
        Ok(many) => vec![0x98, many],
        Err(_) => vec![0x80],
    };
    list.extend(entries.into_iter().flatten());
    list
}

/// Reads a list of networks (app role): any order of keys, unknown keys ignored, entries that make
/// no sense left out and counted.
///
/// # Errors
/// If it is no CBOR array, or longer than an attribute can be.
pub fn read_networks(bytes: &[u8]) -> Result<WifiList, UnreadableList> {
    if bytes.len() > MAX_ATTRIBUTE_BYTES {
        return Err(UnreadableList);
    }
    let mut rest = bytes;
    let Ok(Value::Array(entries)) =
        ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, 8)
    else {
        return Err(UnreadableList);
    };
    if !rest.is_empty() {
        return Err(UnreadableList);
    }
    let all = entries.len();
    let readable: Vec<WifiNetwork> = entries.into_iter().filter_map(network_of).collect();
    let left_out = all - readable.len();
    Ok(WifiList {
        networks: ordered(readable),
        left_out,
    })
}

/// One entry per name, the strongest; strongest first, then by the bytes of the name.
fn ordered(networks: Vec<WifiNetwork>) -> Vec<WifiNetwork> {
    let mut strongest: BTreeMap<Ssid, WifiNetwork> = BTreeMap::new();
    for network in networks {
        let known = strongest.get(&network.ssid).map(|known| known.rssi);
        if known.is_none_or(|known| network.rssi > known) {
            strongest.insert(network.ssid.clone(), network);
        }
    }
    let mut networks: Vec<WifiNetwork> = strongest.into_values().collect();
    networks.sort_by_key(|network| Reverse(network.rssi));
    networks
}

/// Written by hand, since three fixed keys in a fixed order are shorter than a tree of values.
fn encode(network: &WifiNetwork) -> Vec<u8> {
    let mut entry = vec![0xa3, 0x64];
    entry.extend_from_slice(b"rssi");
    // Negative integers are −1 − n (RFC 8949, section 3.1); what is not negative is none of ours.
    let n = u16::try_from(-1 - i32::from(network.rssi.min(-1))).unwrap_or(0);
    match u8::try_from(n) {
        Ok(few @ 0..=23) => entry.push(0x20 | few),
        Ok(byte) => entry.extend_from_slice(&[0x38, byte]),
        Err(_) => {
            entry.push(0x39);
            entry.extend_from_slice(&n.to_be_bytes());
        }
    }
    entry.push(0x64);
    entry.extend_from_slice(b"ssid");
    let name = network.ssid.0.as_bytes();
    match u8::try_from(name.len()) {
        Ok(few @ 0..=23) => entry.push(0x60 | few),
        Ok(byte) => entry.extend_from_slice(&[0x78, byte]),
        Err(_) => {}
    }
    entry.extend_from_slice(name);
    entry.push(0x67);
    entry.extend_from_slice(b"secured");
    entry.push(if network.secured { 0xf5 } else { 0xf4 });
    entry
}

fn network_of(entry: Value) -> Option<WifiNetwork> {
    let Value::Map(pairs) = entry else {
        return None;
    };
    let (mut ssid, mut rssi, mut secured) = (None, None, None);
    for (key, value) in pairs {
        let Value::Text(key) = key else {
            continue;
        };
        // A key that comes twice makes the entry ambiguous (RFC 8949, section 5.6).
        match (key.as_str(), value) {
            ("ssid", Value::Text(text)) if ssid.is_none() => ssid = Some(Ssid::new(text).ok()?),
            ("rssi", Value::Integer(dbm)) if rssi.is_none() => {
                rssi = Some(i16::try_from(i128::from(dbm)).ok().filter(|dbm| *dbm < 0)?);
            }
            ("secured", Value::Bool(yes)) if secured.is_none() => secured = Some(yes),
            ("ssid" | "rssi" | "secured", _) => return None,
            _ => {}
        }
    }
    Some(WifiNetwork {
        ssid: ssid?,
        rssi: rssi?,
        secured: secured?,
    })
}
