//! What comes down the one channel to a user interface: a snapshot, then changes.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::views::{
    AccountView, DeviceReadings, DeviceView, DiagnosticsView, IntentView, SettingsView, TroubleView,
};

/// One message of the channel. `rev` rises by one with each; a gap means: subscribe again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Event {
    /// Everything, first of all.
    Snapshot {
        /// Revision.
        rev: u32,
        /// The account and its connection.
        account: AccountView,
        /// The settings.
        settings: SettingsView,
        /// All devices, with their last values.
        devices: Vec<DeviceView>,
        /// Wishes under way, and those that ended lately.
        intents: Vec<IntentView>,
        /// What went wrong, oldest first.
        troubles: Vec<TroubleView>,
    },
    /// Something went wrong, or a person has seen it.
    Troubles {
        /// Revision.
        rev: u32,
        /// All that nobody has seen yet, oldest first; at most [`Event::TROUBLES`].
        troubles: Vec<TroubleView>,
    },
    /// The account or its connection changed.
    Account {
        /// Revision.
        rev: u32,
        /// All about it.
        account: AccountView,
    },
    /// The settings changed.
    Settings {
        /// Revision.
        rev: u32,
        /// All of them.
        settings: SettingsView,
    },
    /// Devices changed in structure or availability, came or went.
    Devices {
        /// Revision.
        rev: u32,
        /// New or changed ones, complete.
        upserts: Vec<DeviceView>,
        /// Ids of those that are gone.
        removed: Vec<String>,
    },
    /// Values changed; by far the most frequent message, at most 20 a second.
    Readings {
        /// Revision.
        rev: u32,
        /// Changed values by device.
        devices: Vec<DeviceReadings>,
    },
    /// Wishes changed.
    Intents {
        /// Revision.
        rev: u32,
        /// New or changed ones.
        upserts: Vec<IntentView>,
        /// Ids of those that are forgotten.
        removed: Vec<u32>,
    },
    /// Counters and link facts, at most once a second and only when they changed.
    Diagnostics {
        /// Revision.
        rev: u32,
        /// All of them.
        diagnostics: DiagnosticsView,
    },
}

impl Event {
    /// How many messages wait for a user interface before it counts as too slow and gets a new
    /// snapshot instead: about three seconds of the densest traffic.
    pub const WAITING: usize = 64;

    /// How many troubles are kept until a person has seen them; then the oldest go.
    pub const TROUBLES: usize = 8;

    /// The revision it brings its user interface to.
    pub fn rev(&self) -> u32 {
        match self {
            Event::Snapshot { rev, .. }
            | Event::Troubles { rev, .. }
            | Event::Account { rev, .. }
            | Event::Settings { rev, .. }
            | Event::Devices { rev, .. }
            | Event::Readings { rev, .. }
            | Event::Intents { rev, .. }
            | Event::Diagnostics { rev, .. } => *rev,
        }
    }
}
