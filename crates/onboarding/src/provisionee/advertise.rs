//! The advertisement of a device that can be set up: legacy, connectable, undirected.

use roost_model::Profile;

use super::Provision;
use crate::Advertisement;
use crate::gatt::SETTINGS_SERVICE;

/// Longest local name, in bytes of UTF-8: what is left of 31 bytes beside the service list.
pub const MAX_LOCAL_NAME_BYTES: usize = 11;

// Assigned Numbers, 2.3: the types of advertising data.
const FLAGS: u8 = 0x01;
const COMPLETE_LIST_OF_128_BIT_SERVICES: u8 = 0x07;
const COMPLETE_LOCAL_NAME: u8 = 0x09;
const SERVICE_DATA_128_BIT: u8 = 0x21;
/// LE General Discoverable, BR/EDR not supported.
const GENERAL_NO_BREDR: u8 = 0x06;

/// The packets of a device.
pub fn advertisement(device: &Provision) -> Advertisement {
    let end = device.local_name.floor_char_boundary(MAX_LOCAL_NAME_BYTES);
    let local_name = device.local_name[..end].to_owned();
    let mut uuid = *SETTINGS_SERVICE.as_bytes();
    uuid.reverse(); // little-endian on the air
    let services = field(COMPLETE_LIST_OF_128_BIT_SERVICES, &uuid);
    let name = field(COMPLETE_LOCAL_NAME, local_name.as_bytes());
    let flags = field(FLAGS, &[GENERAL_NO_BREDR]);
    let (packet, scan_response, service_data) = match device.profile {
        Profile::Roost => {
            let fingerprint = device.secret.public().fingerprint();
            let data = field(SERVICE_DATA_128_BIT, &[&uuid[..], &fingerprint].concat());
            (
                [flags, data].concat(),
                [services, name].concat(),
                Some(fingerprint),
            )
        }
        Profile::Thesis => ([flags, services].concat(), name, None),
    };
    Advertisement {
        packet,
        scan_response,
        local_name,
        service_data,
    }
}

fn field(kind: u8, data: &[u8]) -> Vec<u8> {
    if data.is_empty() {
        return Vec::new();
    }
    // At most 16 + 8 bytes of data.
    let length = u8::try_from(data.len() + 1).unwrap_or(u8::MAX);
    [&[length, kind], data].concat()
}
