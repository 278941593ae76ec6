//! What is kept of a device between two runs.

use roost_forms::{Form, Warning};
use roost_model::{DeviceId, PointId, Profile, Reading};
use serde::{Deserialize, Serialize};

/// A device as it was last known. Restored ones are shown at once, with stale readings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedDevice {
    /// Which.
    pub id: DeviceId,
    /// Our name for it.
    pub name: Option<String>,
    /// Its rooms: the groups of the roster.
    pub groups: Vec<String>,
    /// Which profile it spoke.
    pub profile: Option<Profile>,
    /// Its form.
    pub form: Option<Form>,
    /// What was odd about its form.
    pub warnings: Vec<Warning>,
    /// Its values.
    pub readings: Vec<SavedReading>,
}

/// A value as it was last known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedReading {
    /// Where it lives.
    pub point: PointId,
    /// What it said.
    pub reading: Reading,
    /// Whether it was a value at all.
    pub readable: bool,
}
