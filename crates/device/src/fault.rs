//! Faults on purpose, to see what others make of them.

use std::str::FromStr;
use std::time::Duration;

/// What is wrong with a device. The first three last until it is healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Requests are dealt with only after this time.
    AnswerLate(Duration),
    /// Every request is refused.
    Refuse,
    /// Values are published that make no sense.
    Garbage,
    /// The link is closed, and opened again some seconds later.
    DropLink,
    /// Power goes off and on: the board forgets what it does not remember, the link starts anew.
    Reboot,
}

impl Fault {
    /// Whether it passes by itself.
    pub fn passes(self) -> bool {
        matches!(self, Fault::DropLink | Fault::Reboot)
    }
}

/// Why a text names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault is one of late=SECONDS, refuse, garbage, drop-link, reboot")]
pub struct UnknownFault;

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        match text {
            "refuse" => Ok(Fault::Refuse),
            "garbage" => Ok(Fault::Garbage),
            "drop-link" => Ok(Fault::DropLink),
            "reboot" => Ok(Fault::Reboot),
            _ => {
                let seconds = text.strip_prefix("late=").ok_or(UnknownFault)?;
                let seconds: f64 = seconds.parse().map_err(|_| UnknownFault)?;
                let delay = Duration::try_from_secs_f64(seconds).map_err(|_| UnknownFault)?;
                Ok(Fault::AnswerLate(delay))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("refuse", Ok(Fault::Refuse)),
            (
                "late=1.5",
                Ok(Fault::AnswerLate(Duration::from_millis(1_500))),
            ),
            ("late=-1", Err(UnknownFault)),
            ("late=NaN", Err(UnknownFault)),
            ("late", Err(UnknownFault)),
            ("", Err(UnknownFault)),
        ];
        for (text, fault) in cases {
            assert_eq!(text.parse(), fault, "{text}");
        }
    }
}
