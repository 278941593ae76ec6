//! The words between the app role and the radio of this computer (a GATT central).
//!
//! Rules, for whoever drives a radio with them:
//!
//! - [`RadioCommand::StartScan`] is answered by an [`RadioEvent::Adapter`], and whenever the state
//!   of the adapter changes another one follows. While it scans, every advertisement heard *in
//!   this scan* is a [`RadioEvent::Seen`]; what the system remembers from before is not told.
//! - `Connect`, `Read`, `Write` and `Subscribe` carry a [`RequestId`] and are answered by exactly
//!   one event with the same id. At most one of them is under way: the machine waits for the
//!   answer. It may give up by its own deadline and send `Disconnect`; an answer that comes after
//!   that is dropped by its id.
//! - A connection is named by the id of its `Connect`. `Connected` comes when the services are
//!   resolved, never before. However a connection ends, by the peer, by the radio or by
//!   `Disconnect`, there is one [`RadioEvent::Disconnected`]; requests under way then need no
//!   answer. `Disconnect` also gives up a connection that is only being made.
//! - Writes are with response, and go long (Prepare/Execute) where the value does not fit.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::{MacAddress, Payload, Text};

/// Longest [`PeerId`], in bytes.
pub const MAX_PEER_ID_BYTES: usize = 256;

/// How the operating system calls a peer: opaque, and different on each platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(String);

impl PeerId {
    /// Takes the name; `None` if it is empty or longer than [`MAX_PEER_ID_BYTES`].
    pub fn new(id: impl Into<String>) -> Option<Self> {
        let id = id.into();
        (1..=MAX_PEER_ID_BYTES)
            .contains(&id.len())
            .then_some(Self(id))
    }

    /// The name, to hand it back to the operating system.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names a request and its answer. Never used twice by one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the app role asks of the radio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RadioCommand {
    /// Tell the state of the adapter and, if it is ready, begin to look for advertisements.
    StartScan,
    /// Stop looking.
    StopScan,
    /// Connect to a peer that was seen, and resolve its services.
    Connect {
        /// Names the request, and then the connection.
        request: RequestId,
        /// To whom.
        peer: PeerId,
    },
    /// Read a characteristic, in whatever service it is.
    Read {
        /// Names the request.
        request: RequestId,
        /// Which one.
        characteristic: Uuid,
    },
    /// Write a characteristic, with response.
    Write {
        /// Names the request.
        request: RequestId,
        /// Which one.
        characteristic: Uuid,
        /// At most [`MAX_ATTRIBUTE_BYTES`](crate::gatt::MAX_ATTRIBUTE_BYTES).
        value: Payload,
    },
    /// Ask for notifications of a characteristic.
    Subscribe {
        /// Names the request.
        request: RequestId,
        /// Which one.
        characteristic: Uuid,
    },
    /// End the connection, or give up the one that is being made.
    Disconnect,
}

/// What the radio tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RadioEvent {
    /// What the adapter is able to do now.
    Adapter(AdapterState),
    /// An advertisement was heard in this scan.
    Seen(Sighting),
    /// Answers `Connect`.
    Connected {
        /// Which `Connect`; from now on the name of the connection.
        request: RequestId,
        /// The characteristics of all services together.
        characteristics: Vec<Uuid>,
        /// The ATT_MTU in bytes, where the platform tells it.
        mtu: Option<u16>,
    },
    /// Answers `Connect`.
    ConnectFailed {
        /// Which `Connect`.
        request: RequestId,
        /// Why.
        cause: ConnectFault,
    },
    /// Answers `Read`.
    ReadDone {
        /// Which `Read`.
        request: RequestId,
        /// What was read.
        characteristic: Uuid,
        /// The whole value (a long read is one read), or why not.
        result: Result<Vec<u8>, GattError>,
    },
    /// Answers `Write`.
    Written {
        /// Which `Write`.
        request: RequestId,
        /// What was written.
        characteristic: Uuid,
        /// Whether the peer took it.
        result: Result<(), GattError>,
    },
    /// Answers `Subscribe`.
    Subscribed {
        /// Which `Subscribe`.
        request: RequestId,
        /// What was subscribed to.
        characteristic: Uuid,
        /// Whether notifications will come.
        result: Result<(), GattError>,
    },
    /// The peer notified.
    Notified {
        /// On which connection.
        connection: RequestId,
        /// Which characteristic.
        characteristic: Uuid,
        /// The value, possibly cut to ATT_MTU − 3.
        value: Vec<u8>,
    },
    /// The connection ended.
    Disconnected {
        /// Which one.
        connection: RequestId,
        /// What the system says about it.
        cause: Option<Text>,
    },
}

/// What the Bluetooth adapter of this computer is able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdapterState {
    /// It can scan and connect.
    Ready,
    /// There is none, or the system's Bluetooth service does not run.
    Missing,
    /// It is switched off.
    Off,
    /// The system, or the person, does not let this app use it.
    NotPermitted,
    /// The platform has Bluetooth, this build has none.
    Unsupported,
}

/// One advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// To connect to it.
    pub peer: PeerId,
    /// The address on the air; Apple's platforms do not tell it.
    pub address: Option<MacAddress>,
    /// The local name, as far as known.
    pub name: Option<Text>,
    /// Services that it says it has.
    pub services: Vec<Uuid>,
    /// Service data by service.
    pub service_data: BTreeMap<Uuid, Vec<u8>>,
    /// Manufacturer data by company identifier.
    pub manufacturer_data: BTreeMap<u16, Vec<u8>>,
    /// Strength in dBm.
    pub rssi: Option<i16>,
}

impl Sighting {
    /// A peer of which nothing else is known.
    pub fn of(peer: PeerId) -> Self {
        Self {
            peer,
            address: None,
            name: None,
            services: Vec::new(),
            service_data: BTreeMap::new(),
            manufacturer_data: BTreeMap::new(),
            rssi: None,
        }
    }
}

/// Why a connection was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFault {
    /// The system no longer knows the peer.
    #[error("the peer is gone")]
    Gone,
    /// No answer within the driver's own deadline.
    #[error("no answer in time")]
    Timeout,
    /// The link was made and lost before the services were resolved.
    #[error("the link was lost while services were read")]
    Lost,
    /// The adapter stopped working.
    #[error("the adapter is not ready")]
    Adapter,
    /// Anything else, as the system says it.
    #[error("{0}")]
    Other(Text),
}

/// Why an attribute was not read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GattError {
    /// The peer answered with this ATT error code (Core Specification, Vol 3, Part F, 3.4.1.1).
    #[error("ATT error 0x{0:02X}")]
    Att(u8),
    /// The peer has no such characteristic.
    #[error("no such characteristic")]
    NotFound,
    /// There is no connection (any more).
    #[error("not connected")]
    NotConnected,
    /// No answer within the driver's own deadline.
    #[error("no answer in time")]
    Timeout,
    /// The system refused it, such as for want of pairing.
    #[error("not permitted")]
    NotPermitted,
    /// Anything else, as the system says it.
    #[error("{0}")]
    Other(Text),
}

impl GattError {
    /// The ATT code, where the platform tells it.
    pub fn code(&self) -> Option<u8> {
        match self {
            Self::Att(code) => Some(*code),
            _ => None,
        }
    }
}
