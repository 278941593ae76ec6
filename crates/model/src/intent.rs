//! What a person wants of a device, and how far it got.

use serde::{Deserialize, Serialize};

/// One wish, from the click to its end. Unique within one run of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub u32);

/// The ladder of an intent. It only climbs; the last three are ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntentStage {
    /// Valid by the device's current form, and ours to deliver.
    Accepted,
    /// Written to the stream.
    Sent,
    /// The server has it (XEP-0198).
    Acked,
    /// The PubSub service took it (result of the IQ).
    Delivered,
    /// The device itself reported the wanted value.
    Confirmed,
    /// Refused by the server or the device.
    Failed,
    /// Nobody said no, but the device did not report the value before the deadline.
    Unconfirmed,
}

impl IntentStage {
    /// Whether nothing more will happen.
    pub fn is_end(self) -> bool {
        self >= IntentStage::Confirmed
    }
}

/// Why something failed: a code for the UI, which holds the words, and a detail for the curious.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub code: FailureCode,
    /// The text that came with it, bounded, without secrets. Foreign text: show it as such.
    pub detail: Option<String>,
}

impl Failure {
    const MAX_DETAIL_CHARS: usize = 300;

    /// A failure without detail.
    pub fn new(code: FailureCode) -> Self {
        Self { code, detail: None }
    }

    /// A failure with a detail, cut to 300 characters.
    pub fn with_detail(code: FailureCode, detail: &str) -> Self {
        let detail: String = detail
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::MAX_DETAIL_CHARS)
            .collect();
        Self {
            code,
            detail: (!detail.is_empty()).then_some(detail),
        }
    }
}

/// Codes of failures of intents and requests. The UI has a sentence for each, in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// The server says that we may not (`forbidden`, `not-authorized`).
    Forbidden,
    /// We cannot change values of this thesis-profile device on this server: only the creator of
    /// an item may overwrite it there (ejabberd).
    ServerForbidsOverwrite,
    /// There is no such node or item, or it was deleted.
    NotFound,
    /// The server does not offer what is needed (`feature-not-implemented`, `service-unavailable`).
    NotOffered,
    /// The device reported another value than the wanted one.
    RefusedByDevice,
    /// The server took it, but the device is of a kind that never reports what it did (the thesis'
    /// firmware publishes its sensors only).
    DeviceDoesNotReport,
    /// No answer before the deadline.
    TimedOut,
    /// The connection was lost and the answer with it.
    ConnectionLost,
    /// The server is limiting us (`policy-violation`, `resource-constraint`).
    RateLimited,
    /// A newer wish for the same value took its place.
    Superseded,
    /// Something the other side answered made no sense.
    Protocol,
}
