//! From what the brain knows to what a user interface draws.
//!
//! Pure functions, one direction. Nothing is decided here but how a thing is said: a view carries
//! everything its drawing needs, so that no user interface ever computes truth.

mod device;
mod field;
mod input;
mod link;

use roost_core::{Counters, IntentRecord};
use roost_model::{Failure, FailureCode, IntentStage, Timestamp, Value};

use crate::api::{
    DiagnosticsView, DiscardView, FailureCodeView, FailureView, IntentView, LogLine, SettingsView,
    StageView, ValueView,
};
use crate::storage::Settings;

pub(crate) use device::{device, readings};
pub(crate) use input::{refusal, value_of};
pub(crate) use link::{fingerprint, link};

/// Milliseconds since 1970. Exact for 285,000 years.
#[expect(
    clippy::cast_precision_loss,
    reason = "the UI counts milliseconds in doubles"
)]
pub(crate) fn time(at: Timestamp) -> f64 {
    at.0 as f64
}

/// A value. Whole numbers that a double cannot hold are told as text.
pub(crate) fn value(value: Value) -> ValueView {
    const EXACT: u64 = 1 << 53;
    let is_exact = match value {
        Value::Int(n) => n.unsigned_abs() <= EXACT,
        Value::Uint(n) => n <= EXACT,
        _ => true,
    };
    match (value.as_f64(), value) {
        (Some(number), _) if is_exact => ValueView::Number(number),
        (_, Value::Bool(on)) => ValueView::Bool(on),
        (_, value) => ValueView::Text(value.to_string()),
    }
}

/// A wish and how far it got.
pub(crate) fn intent(intent: &IntentRecord) -> IntentView {
    IntentView {
        id: intent.id().0,
        device: intent.device().to_string(),
        var: intent.item().to_string(),
        wanted: value(intent.wanted().clone()),
        stage: match intent.stage() {
            IntentStage::Accepted => StageView::Accepted,
            IntentStage::Sent => StageView::Sent,
            IntentStage::Acked => StageView::Acked,
            IntentStage::Delivered => StageView::Delivered,
            IntentStage::Confirmed => StageView::Confirmed,
            IntentStage::Failed => StageView::Failed,
            IntentStage::Unconfirmed => StageView::Unconfirmed,
        },
        since: time(intent.since()),
        failure: intent.failure().map(failure),
    }
}

fn failure(failure: &Failure) -> FailureView {
    FailureView {
        code: failure_code(failure.code),
        detail: failure.detail.clone(),
    }
}

/// Why something failed.
pub(crate) fn failure_code(code: FailureCode) -> FailureCodeView {
    match code {
        FailureCode::Forbidden => FailureCodeView::Forbidden,
        FailureCode::ServerForbidsOverwrite => FailureCodeView::ServerForbidsOverwrite,
        FailureCode::NotFound => FailureCodeView::NotFound,
        FailureCode::NotOffered => FailureCodeView::NotOffered,
        FailureCode::RefusedByDevice => FailureCodeView::RefusedByDevice,
        FailureCode::TimedOut => FailureCodeView::TimedOut,
        FailureCode::ConnectionLost => FailureCodeView::ConnectionLost,
        FailureCode::RateLimited => FailureCodeView::RateLimited,
        FailureCode::DeviceDoesNotReport => FailureCodeView::DeviceDoesNotReport,
        FailureCode::Superseded => FailureCodeView::Superseded,
        FailureCode::Protocol => FailureCodeView::Protocol,
    }
}

/// The settings.
pub(crate) fn settings(settings: &Settings) -> SettingsView {
    SettingsView {
        language: settings.language().map(str::to_owned),
        theme: settings.theme().map(str::to_owned),
        silence_seconds: settings.silence_seconds(),
    }
}

/// Counters and the link's log.
pub(crate) fn diagnostics(
    counters: &Counters,
    log: impl IntoIterator<Item = LogLine>,
) -> DiagnosticsView {
    DiagnosticsView {
        streams: counters.streams,
        resumptions: counters.resumptions,
        values: counters.values,
        discarded: counters
            .dropped
            .iter()
            .map(|(reason, dropped)| DiscardView {
                reason: reason.name().to_owned(),
                count: dropped.count,
                last_from: dropped.last_from.as_ref().map(ToString::to_string),
            })
            .collect(),
        log: log.into_iter().collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_double_cannot_hold_come_as_text() {
        let cases = [
            (Value::Bool(true), ValueView::Bool(true)),
            (Value::Int(-3), ValueView::Number(-3.0)),
            (Value::Float(22.43), ValueView::Number(22.43)),
            (Value::Int(i64::MIN), ValueView::Text(i64::MIN.to_string())),
            (
                Value::Uint(1 << 53),
                ValueView::Number(9_007_199_254_740_992.0),
            ),
            (Value::Uint(u64::MAX), ValueView::Text(u64::MAX.to_string())),
            (Value::Text("eco".into()), ValueView::Text("eco".into())),
        ];
        for (read, shown) in cases {
            assert_eq!(value(read.clone()), shown, "{read:?}");
        }
    }
}
