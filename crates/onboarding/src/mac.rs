//! Addresses of radios.

use std::fmt;

/// A 48-bit address, most significant byte first, as it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// Reads twelve hexadecimal digits of any case, bare or in pairs with `:` or `-` between them.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let pairs: Vec<&str> = match text.len() {
            12 if text.is_ascii() => (0..6).map(|i| &text[2 * i..2 * i + 2]).collect(),
            17 if text.contains(':') => text.split(':').collect(),
            17 => text.split('-').collect(),
            _ => return None,
        };
        let mut address = [0; 6];
        if pairs.len() != address.len() {
            return None;
        }
        for (byte, pair) in address.iter_mut().zip(pairs) {
            if pair.len() != 2 || !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(address))
    }

    /// The Bluetooth address of a chip whose base address is this one: two is added to the last
    /// byte alone, modulo 256.
    #[must_use]
    pub fn plus_two(self) -> Self {
        let mut address = self.0;
        address[5] = address[5].wrapping_add(2);
        Self(address)
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{g:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_of_printing() {
        let address = MacAddress([0xa4, 0xcf, 0x12, 0x25, 0x76, 0x98]);
        for text in [
            "A4:CF:12:25:76:98",
            "a4-cf-12-25-76-98",
            "A4cf12257698",
            " A4CF12257698 ",
        ] {
            assert_eq!(MacAddress::read(text), Some(address), "{text}");
        }
        for text in [
            "",
            "A4:CF:12:25:76",
            "A4:CF:12:25:76:9G",
            "A4:CF-12:25:76:98",
            "A4CF1225769",
            "A4:CF:12:25:76:98:00",
            "+4:CF:12:25:76:98",
            "A4CF122576é",
            "A4:CF:12:25:7:698",
        ] {
            assert_eq!(MacAddress::read(text), None, "{text}");
        }
        assert_eq!(address.to_string(), "A4:CF:12:25:76:98");
    }

    #[test]
    fn plus_two_leaves_the_other_bytes_alone() {
        let address = MacAddress([1, 2, 3, 4, 5, 0xff]);
        assert_eq!(address.plus_two(), MacAddress([1, 2, 3, 4, 5, 1]));
    }
}
