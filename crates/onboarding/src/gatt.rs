//! The attributes of a device that is being set up: UUIDs and limits.
//!
//! A client looks for a characteristic by its UUID in any service: the thesis' firmware has
//! [`SETUP_DONE`] in a second service, a Roost device has all of them in [`SETTINGS_SERVICE`].

use uuid::Uuid;

const fn assigned(number: u128) -> Uuid {
    // The base UUID of the Bluetooth Core Specification (Vol 3, Part B, 2.5.1).
    Uuid::from_u128((number << 96) | 0x0000_1000_8000_0080_5f9b_34fb)
}

const fn setting(number: u128) -> Uuid {
    Uuid::from_u128((number << 96) | 2)
}

/// Device Information, a service of the Bluetooth SIG.
pub const DEVICE_INFORMATION_SERVICE: Uuid = assigned(0x180a);
/// Language of the device's texts, such as `en`.
pub const LANGUAGE: Uuid = assigned(0x2aa2);
/// Hardware Revision String.
pub const HARDWARE_REVISION: Uuid = assigned(0x2a27);
/// Software Revision String.
pub const SOFTWARE_REVISION: Uuid = assigned(0x2a28);
/// Serial Number String.
pub const SERIAL_NUMBER: Uuid = assigned(0x2a25);
/// Manufacturer Name String.
pub const MANUFACTURER: Uuid = assigned(0x2a29);

/// The Settings service; also the UUID of the service data in the advertisement.
pub const SETTINGS_SERVICE: Uuid = Uuid::from_u128((1 << 96) | 1);
/// Where the thesis' firmware has [`SETUP_DONE`].
pub const THESIS_DONE_SERVICE: Uuid = Uuid::from_u128((2 << 96) | 1);

/// Name of the Wi-Fi network. WRITE.
pub const WIFI_SSID: Uuid = setting(0x01);
/// Its password, empty for an open network. WRITE.
pub const WIFI_PASSWORD: Uuid = setting(0x02);
/// The device's own bare JID. WRITE.
pub const JID: Uuid = setting(0x03);
/// The password of that account. WRITE.
pub const JID_PASSWORD: Uuid = setting(0x04);
/// The bare JID of who sets the device up. WRITE.
pub const JID_SENDER: Uuid = setting(0x05);
/// All is written: begin. WRITE.
pub const SETUP_DONE: Uuid = setting(0x06);
/// 32 random bytes, new on every connection. READ.
pub const NONCE: Uuid = setting(0x10);
/// 32 random bytes of the app. WRITE.
pub const CHALLENGE: Uuid = setting(0x11);
/// The signature of the device. READ.
pub const PROOF: Uuid = setting(0x12);
/// The networks that the device sees. READ, NOTIFY.
pub const WIFI_NETWORKS: Uuid = setting(0x13);
/// How far the device is. READ, NOTIFY.
pub const STATUS: Uuid = setting(0x14);

/// What every device has that can be set up.
pub const THESIS_CHARACTERISTICS: [Uuid; 6] = [
    JID,
    JID_PASSWORD,
    JID_SENDER,
    WIFI_SSID,
    WIFI_PASSWORD,
    SETUP_DONE,
];
/// What makes a device one of the Roost profile; [`WIFI_NETWORKS`] and [`STATUS`] may be missing.
pub const PROOF_CHARACTERISTICS: [Uuid; 3] = [NONCE, CHALLENGE, PROOF];
/// The strings that the proof covers, in the order in which it does.
pub const INFORMATION_CHARACTERISTICS: [Uuid; 5] = [
    LANGUAGE,
    HARDWARE_REVISION,
    SOFTWARE_REVISION,
    SERIAL_NUMBER,
    MANUFACTURER,
];

/// Longest value of an attribute, in bytes (Core Specification, Vol 3, Part F, 3.2.9).
pub const MAX_ATTRIBUTE_BYTES: usize = 512;
/// Smallest ATT_MTU of an LE link, in bytes (Vol 3, Part G, 5.2.1).
pub const MIN_MTU: u16 = 23;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_those_on_the_air() {
        assert_eq!(
            DEVICE_INFORMATION_SERVICE.to_string(),
            "0000180a-0000-1000-8000-00805f9b34fb"
        );
        assert_eq!(LANGUAGE.to_string(), "00002aa2-0000-1000-8000-00805f9b34fb");
        assert_eq!(
            SETTINGS_SERVICE.to_string(),
            "00000001-0000-0000-0000-000000000001"
        );
        assert_eq!(
            WIFI_SSID.to_string(),
            "00000001-0000-0000-0000-000000000002"
        );
        assert_eq!(STATUS.to_string(), "00000014-0000-0000-0000-000000000002");
    }
}
