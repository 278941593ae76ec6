//! Whether a device is there, and what it is to us.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Whether a device is reachable now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Availability {
    /// Nothing was heard yet in this session.
    #[default]
    Unknown,
    /// At least one resource is available.
    Online {
        /// What it says about itself.
        show: Show,
    },
    /// It said good-bye, or the server did for it, or it was gone before we came.
    Offline {
        /// When we heard of it; `None` if it was gone before we came.
        since: Option<Timestamp>,
    },
}

/// `<show/>` of RFC 6121, section 4.7.2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// Available.
    #[default]
    Available,
    /// `chat`, which a device has no use for; kept as available for a chat.
    Chat,
    /// Away: asleep, for a device.
    Away,
    /// Extended away.
    Xa,
    /// Do not disturb.
    Dnd,
}

/// Which of the two profiles a device speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Announces `urn:xmpp:roost:iot:1`: requests are items of their own.
    Roost,
    /// As the thesis' firmware: a controller overwrites the state item.
    Thesis,
}

/// What a JID may do with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees values.
    Reader,
    /// Sees and changes values.
    Controller,
    /// Also decides who else may.
    Owner,
}
