//! The words between the device role and the radio of the device (a GATT server).
//!
//! Rules, for whoever drives a radio with them:
//!
//! - At most one central is connected. `CentralConnected` comes before its requests,
//!   `CentralDisconnected` after them. A platform that does not tell of connections makes the
//!   former from the first request of a central, the latter when its link is gone.
//! - Every request is answered by exactly one [`PeripheralAnswer`] with its id, in order.
//! - A long write is either `Prepare`s and one `Execute`, as on the air, or, where the system puts
//!   the parts together (BlueZ does), one `Write` of the whole value with offset 0.
//! - A read has an offset; a long read sees the value that its read of offset 0 saw.

use std::fmt;

use uuid::Uuid;

use crate::{Payload, RequestId};

/// 32 bytes of the system's random generator, new for every connection. Public, not secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce(pub [u8; 32]);

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// What happens at the device's radio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeripheralEvent {
    /// A central connected.
    CentralConnected {
        /// Drawn for this connection by the caller from the system's random generator.
        nonce: Nonce,
    },
    /// It is gone; whatever it had staged is forgotten.
    CentralDisconnected,
    /// The MTU was agreed upon, in bytes; 23 until told.
    Mtu(u16),
    /// Read a characteristic from `offset`.
    ReadRequest {
        /// Names the request.
        request: RequestId,
        /// Which one.
        characteristic: Uuid,
        /// Where to begin, in bytes.
        offset: u16,
    },
    /// Write a characteristic: a whole value, or, with an offset, what follows the value that was
    /// written before.
    WriteRequest {
        /// Names the request.
        request: RequestId,
        /// Which one.
        characteristic: Uuid,
        /// Where to begin, in bytes.
        offset: u16,
        /// The value.
        value: Payload,
    },
    /// One part of a long write.
    Prepare {
        /// Names the request.
        request: RequestId,
        /// Which one.
        characteristic: Uuid,
        /// Where the part belongs, in bytes.
        offset: u16,
        /// The part.
        value: Payload,
    },
    /// The end of a long write.
    Execute {
        /// Names the request.
        request: RequestId,
        /// Whether the parts count; otherwise they are forgotten.
        commit: bool,
    },
    /// The central wants (or no longer wants) notifications.
    Subscription {
        /// Of which characteristic.
        characteristic: Uuid,
        /// Whether it wants them.
        wanted: bool,
    },
}

/// What the device's radio is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeripheralCommand {
    /// Answer a request.
    Answer(PeripheralAnswer),
    /// Notify the subscribed central.
    Notify {
        /// Of which characteristic.
        characteristic: Uuid,
        /// At most ATT_MTU − 3 bytes.
        value: Vec<u8>,
    },
    /// Offer the Settings service and advertise.
    Advertise(Advertisement),
    /// Withdraw both. A connection that exists goes on until its central leaves.
    Withdraw,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeripheralAnswer {
    /// Which request.
    pub request: RequestId,
    /// For a read the value from its offset on (the system cuts it to the MTU), for a write
    /// nothing; or the error.
    pub result: Result<Vec<u8>, AttError>,
}

/// The two packets of a legacy advertisement, ready for a controller, and what is in them for
/// systems that build the packets themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertisement {
    /// AdvData, at most 31 bytes.
    pub packet: Vec<u8>,
    /// ScanRspData, at most 31 bytes.
    pub scan_response: Vec<u8>,
    /// The local name, at most 11 bytes of UTF-8.
    pub local_name: String,
    /// The service data of [`SETTINGS_SERVICE`](crate::gatt::SETTINGS_SERVICE): the first 8 bytes
    /// of SHA-256 of the public key. A thesis device has none.
    pub service_data: Option<[u8; 8]>,
}

/// The ATT errors of a device (Core Specification, Vol 3, Part F, 3.4.1.1; from 0x80 on ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[repr(u8)]
pub enum AttError {
    /// It cannot be read.
    #[error("read not permitted")]
    ReadNotPermitted = 0x02,
    /// It cannot be written.
    #[error("write not permitted")]
    WriteNotPermitted = 0x03,
    /// The offset is past the end.
    #[error("invalid offset")]
    InvalidOffset = 0x07,
    /// Too many parts of a long write.
    #[error("prepare queue full")]
    PrepareQueueFull = 0x09,
    /// There is no such attribute.
    #[error("attribute not found")]
    AttributeNotFound = 0x0a,
    /// A length that this attribute cannot have.
    #[error("invalid attribute value length")]
    InvalidLength = 0x0d,
    /// No connection is known on which this could be answered.
    #[error("unlikely error")]
    Unlikely = 0x0e,
    /// The sealed value does not open.
    #[error("does not open")]
    DoesNotOpen = 0x80,
    /// The proof was read before a challenge was written on this connection.
    #[error("no challenge on this connection")]
    NoChallenge = 0x81,
    /// The encapsulated key was used before on this connection.
    #[error("encapsulated key already used")]
    KeyReused = 0x82,
    /// It opened, and what was in it cannot be accepted.
    #[error("not acceptable")]
    NotAcceptable = 0x83,
    /// Done before all five settings were written on this connection.
    #[error("settings are missing")]
    Incomplete = 0x84,
}

impl AttError {
    /// The code on the air.
    pub fn code(self) -> u8 {
        self as u8
    }
}
