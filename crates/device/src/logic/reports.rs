//! When a point's value is worth publishing.
//!
//! At most one report of a point is under way. A report is due when it is owed (first words of a
//! stream, an answer to a wish), when the value moved by more than the point's deadband, or when
//! nothing was said for a whole heartbeat. Sensors keep a least interval between two reports,
//! actuators answer at once. After a failure a point rests for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use roost_model::{Instant, ItemId, Now, Value};

use crate::{Pace, Point};

#[derive(Debug, Default)]
pub(super) struct Reports {
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    published: Option<(Value, Instant)>,
    under_way: bool,
    owed: bool,
    resting_until: Option<Instant>,
    /// Requests that the next complete report answers.
    answers: Vec<ItemId>,
    /// Those that the report under way answers.
    answering: Vec<ItemId>,
}

impl Reports {
    const REST: Duration = Duration::from_secs(5);

    /// Forgets what was published: all is owed. Requests that were not answered yet are forgotten
    /// as well; whoever prepares the node finds and retracts them.
    pub(super) fn start_over(&mut self) {
        self.entries.clear();
    }

    /// The truth about this point is to be published, whatever was published before; `request` is
    /// retracted once that is done.
    pub(super) fn owe(&mut self, point: &str, request: Option<ItemId>) {
        let entry = self.entries.entry(point.to_owned()).or_default();
        entry.owed = true;
        entry.answers.extend(request);
    }

    /// Whether to publish `value` now.
    pub(super) fn is_due(&self, point: &Point, value: &Value, pace: &Pace, now: Now) -> bool {
        let Some(entry) = self.entries.get(&point.name) else {
            return true;
        };
        if entry.under_way || entry.resting_until.is_some_and(|until| now.instant < until) {
            return false;
        }
        let Some((published, at)) = &entry.published else {
            return true;
        };
        let silent_for = now.instant.since(*at);
        let moved = point.differs(published, value);
        entry.owed
            || silent_for >= pace.heartbeat
            || moved && (point.is_writable() || silent_for >= pace.least_interval)
    }

    /// A report of `value` leaves.
    pub(super) fn sent(&mut self, point: &str, value: Value, now: Now) {
        let entry = self.entries.entry(point.to_owned()).or_default();
        entry.published = Some((value, now.instant));
        entry.under_way = true;
        entry.owed = false;
        entry.answering = std::mem::take(&mut entry.answers);
    }

    /// The report arrived, or not. Returns the requests that are answered by it.
    pub(super) fn done(&mut self, point: &str, arrived: bool, now: Now) -> Vec<ItemId> {
        let Some(entry) = self.entries.get_mut(point) else {
            return Vec::new();
        };
        entry.under_way = false;
        if arrived {
            return std::mem::take(&mut entry.answering);
        }
        entry.owed = true;
        entry.resting_until = Some(now.instant + Self::REST);
        let unanswered = std::mem::take(&mut entry.answering);
        entry.answers.extend(unanswered);
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use roost_model::ValueKind;

    use super::*;
    use crate::Control;

    const PACE: Pace = Pace {
        least_interval: Duration::from_secs(5),
        heartbeat: Duration::from_secs(60),
    };

    fn at(seconds: u64) -> Now {
        Now::default() + Duration::from_secs(seconds)
    }

    #[test]
    fn a_thermometer_through_a_minute() {
        let temp = Point::sensor("temp", "Temperature", ValueKind::Float).deadband(0.1);
        let mut reports = Reports::default();
        let story = [
            (0, 20.0, true, "the first value"),
            (1, 20.5, false, "too soon"),
            (5, 20.5, true, "moved"),
            (10, 20.55, false, "hardly moved"),
            (64, 20.5, false, "nearly a minute of silence"),
            (65, 20.5, true, "a minute of silence"),
        ];
        for (seconds, value, due, why) in story {
            let value = Value::Float(value);
            assert_eq!(
                reports.is_due(&temp, &value, &PACE, at(seconds)),
                due,
                "{why}"
            );
            if due {
                reports.sent("temp", value, at(seconds));
                reports.done("temp", true, at(seconds));
            }
        }
    }

    #[test]
    fn a_switch_answers_at_once_but_one_report_at_a_time() {
        let led = Point::actuator("led", "LED", ValueKind::Bool, Control::Switch);
        let request = ItemId::new("set:xmpp.iot.actuator.led:1").unwrap();
        let (off, on) = (Value::Bool(false), Value::Bool(true));
        let mut reports = Reports::default();
        reports.sent("led", off, at(0));
        reports.owe("led", Some(request.clone()));
        assert!(!reports.is_due(&led, &on, &PACE, at(0)), "one is under way");
        assert_eq!(reports.done("led", true, at(0)), [], "not the answer yet");
        assert!(reports.is_due(&led, &on, &PACE, at(0)));
        reports.sent("led", on.clone(), at(0));
        assert_eq!(reports.done("led", false, at(0)), [], "failed");
        assert!(!reports.is_due(&led, &on, &PACE, at(1)), "rests");
        assert!(reports.is_due(&led, &on, &PACE, at(5)));
        reports.sent("led", on.clone(), at(5));
        assert_eq!(reports.done("led", true, at(5)), [request]);
        assert!(!reports.is_due(&led, &on, &PACE, at(6)), "nothing new");
    }
}
