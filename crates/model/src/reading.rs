//! A value with its time and its source.

use jid::Jid;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, Val};

/// What a device last reported at one [`crate::PointId`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What it said.
    pub val: Val,
    /// When we received it, by our clock. A fetched item without a stamp may be older.
    pub received: Timestamp,
    /// Who published it, as stamped by the server; `None` where the server names nobody (items
    /// that were fetched from Prosody).
    pub publisher: Option<Jid>,
    /// Whether it still counts.
    pub freshness: Freshness,
}

impl Reading {
    /// When it was measured: the sender's stamp if there is one and it is not in the future,
    /// else the time of reception.
    pub fn measured(&self) -> Timestamp {
        self.val
            .stamp()
            .filter(|stamp| *stamp <= self.received)
            .unwrap_or(self.received)
    }
}

/// Whether a reading is the present or the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// Reported in this session by a device that is there.
    Live,
    /// The device went away, the connection is down, or it was loaded from disk.
    Stale,
}
