//! Bringing a device home: from the code on its sticker to an account and a network of its own.
//!
//! Pure: no socket, no clock, no file, no radio. Time comes in with every call, randomness at the
//! start; a radio is driven with the words of [`radio`] (the app's side) or [`peripheral`] (the
//! device's side).

pub mod gatt;
pub mod invite;
pub mod peripheral;
pub mod proof;
pub mod provisionee;
pub mod provisioner;
pub mod radio;
pub mod seal;
pub mod status;
pub mod wifi;

mod fault;
mod key;
mod mac;
mod payload;
mod report;
mod settings;
mod text;

pub use fault::{OnboardingFault, Remedy};
pub use invite::{Code, ForeignCode, Invite, InviteFault, InviteWarning};
pub use key::{DeviceKey, DeviceSecret, KeyFault, Seed};
pub use mac::MacAddress;
pub use payload::Payload;
pub use peripheral::{
    Advertisement, AttError, Nonce, PeripheralAnswer, PeripheralCommand, PeripheralEvent,
};
pub use proof::{Challenge, DeviceInformation};
pub use provisionee::{DeviceEvent, JoinReport, Provision, Provisionee};
pub use provisioner::{Change, Input, NextAction, NotNow, Plan, Provisioner, Stage, State, Wish};
pub use radio::{
    AdapterState, ConnectFault, GattError, MAX_PEER_ID_BYTES, PeerId, RadioCommand, RadioEvent,
    RequestId, Sighting,
};
pub use report::{MAX_LINES, Report};
pub use settings::{Account, AccountProblem, Configuration};
pub use status::{Progress, Status};
pub use text::{MAX_TEXT_BYTES, Text};
pub use wifi::{Ssid, Wifi, WifiList, WifiNetwork, WifiPassword, WifiProblem};
