//! The other direction: what a user interface sends, and why it is refused.

use roost_core::Refusal;
use roost_model::Value;

use crate::api::{ApiError, ErrorCode, ValueView};

/// The value that a user interface wishes. The brain reads it as the field asks.
///
/// # Errors
/// If it is a number that is none.
pub(crate) fn value_of(view: ValueView) -> Result<Value, ApiError> {
    match view {
        ValueView::Bool(on) => Ok(Value::Bool(on)),
        ValueView::Number(number) if number.is_finite() => Ok(Value::Float(number)),
        ValueView::Number(_) => Err(ApiError::new(ErrorCode::BadValue).about("value")),
        ValueView::Text(text) => Ok(Value::Text(text)),
    }
}

/// Why a command was not taken on.
pub(crate) fn refusal(refusal: Refusal) -> ApiError {
    let plain = |code| ApiError::new(code);
    let detailed = |code| ApiError::with_detail(code, &refusal);
    match &refusal {
        Refusal::NotSignedIn => plain(ErrorCode::NotSignedIn),
        Refusal::NotConnected => plain(ErrorCode::Offline),
        Refusal::DeviceOffline => detailed(ErrorCode::Offline).about("device"),
        Refusal::NoSuchDevice => plain(ErrorCode::NoSuchDevice).about("device"),
        Refusal::NoSuchField => plain(ErrorCode::NoSuchField).about("var"),
        Refusal::ReadOnly => plain(ErrorCode::ReadOnly).about("var"),
        Refusal::BadValue(why) => ApiError::with_detail(ErrorCode::BadValue, why).about("value"),
        Refusal::NotAnOption => plain(ErrorCode::NotAnOption).about("value"),
        Refusal::OutOfRange => plain(ErrorCode::OutOfRange).about("value"),
        Refusal::AlreadyThere => plain(ErrorCode::AlreadyThere).about("jid"),
        Refusal::BadAddress => detailed(ErrorCode::BadJid).about("jid"),
        Refusal::BadName => detailed(ErrorCode::BadValue).about("name"),
        Refusal::Busy => plain(ErrorCode::Busy),
    }
}
