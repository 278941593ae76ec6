//! Bringing a device home: from the code on its sticker to an account and a network of its own.
//!
//! Pure: no socket, no clock, no file, no radio. Time comes in with every call, randomness at the
//! start; a radio is driven with the words of [`radio`] (the app's side) or [`peripheral`] (the
//! device's side).
//!
//! ```text
//!  code ─▶ invite ─▶ Provisioner ◀─RadioCommand / RadioEvent─▶ radio
//!                         ⇡  sealed writes, proof, status       ⇡ air
//!                    Provisionee ◀─PeripheralEvent / Command─▶ radio
//! ```
//!
//! - [`invite`] reads any text that a person holds up and says what it is; it writes one form.
//! - [`proof`] and [`seal`] are the two pieces of cryptography, held to `vectors/`.
//! - [`provisioner`] is the app role, [`provisionee`] the device role: state machines in which every
//!   state has a deadline and every end a name.
//!
//! Two profiles: *Roost*, where the device proves its key and what is written is sealed to it, and
//! *thesis*, where neither exists and the person is warned.
//!
//! ```
//! use roost_model::Now;
//! use roost_onboarding::{Code, Input, Plan, Provisioner, Seed, invite};
//!
//! let text = "xmpp:iot-register?mac=A4:CF:12:25:76:98&algo=ed25519\
//!             &key=AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4&v=1";
//! let Code::Invite(invite) = invite::read(text).code else { panic!("a good code") };
//! let plan = Plan {
//!     invite: *invite,
//!     sender: "alice@example.org".parse().unwrap(),
//!     wifi: None,
//!     account: None,
//!     seen_nonces: Vec::new(),
//! };
//! let seed = Seed::new([7; 32]); // from the system's random generator
//! let mut attempt = Provisioner::new(plan, seed, Now::default());
//! while let Some(command) = attempt.poll_command() {
//!     // hand `command` to the radio
//! }
//! // … and come back with what the radio tells, or at `attempt.poll_timeout()`:
//! let later = Now::default() + std::time::Duration::from_secs(10);
//! attempt.handle(Input::Timeout, later).unwrap();
//! assert_eq!(attempt.state().stage.code(), "failed"); // radio-silent: nobody answered
//! ```

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
