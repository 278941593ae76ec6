//! Bringing a device home: from the code on its sticker to an account and a network of its own.
//!
//! Pure: no socket, no clock, no file, no radio. Time comes in with every call, randomness at the
//! start; a radio is driven with the words of [`radio`] (the app's side) or [`peripheral`] (the
//! device's side).

pub mod gatt;
pub mod peripheral;
pub mod radio;

mod mac;
mod payload;
mod text;

pub use mac::MacAddress;
pub use payload::Payload;
pub use peripheral::{
    Advertisement, AttError, Nonce, PeripheralAnswer, PeripheralCommand, PeripheralEvent,
};
pub use radio::{
    AdapterState, ConnectFault, GattError, MAX_PEER_ID_BYTES, PeerId, RadioCommand, RadioEvent,
    RequestId, Sighting,
};
pub use text::{MAX_TEXT_BYTES, Text};
