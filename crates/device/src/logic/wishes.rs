//! Who wants what: judging the items that appear at `xmpp.iot.actuators`.
//!
//! A controller asks with an item of its own, `set:<item>:<token>` with a stamp (Roost profile),
//! or overwrites the state item (thesis profile). Nothing is believed but the publisher that the
//! server stamped. Everything that is not exactly right is refused, and the truth published again.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use roost_model::jid::{BareJid, Jid};
use roost_model::{Instant, ItemId, Now, Timestamp, Val, Value, ValueProblem};
use roost_xmpp_proto::{ItemReport, Payload};

use crate::{Description, People, Point, Refused};

/// How far the stamp of a request may be from the device's clock, either way.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(60);

/// What an item turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Our own report, or a request that was dealt with already.
    Known,
    /// Nothing that belongs there.
    Litter,
    /// Something to do.
    Wish {
        /// Whose.
        by: BareJid,
        /// What is to change.
        point: String,
        /// To which value; checked.
        value: Value,
    },
    /// Something not to do.
    Refused(Refusal),
}

/// Why a wish is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The server names no publisher, or one who has no rights here.
    #[error("not from somebody who may ask")]
    Stranger,
    /// The publisher may only read.
    #[error("who asked may only read")]
    MayOnlyRead,
    /// It does not say when it was asked.
    #[error("it has no stamp")]
    NoStamp,
    /// It was asked too long ago.
    #[error("it is too old")]
    Stale,
    /// It was asked in the future, by our clock.
    #[error("its stamp is in the future: check the clocks")]
    FromTheFuture,
    /// It is about something that this board does not have.
    #[error("there is no such point")]
    UnknownPoint,
    /// It holds no value.
    #[error("it holds no value")]
    NoValue,
    /// The value cannot be read.
    #[error("{0}")]
    BadValue(#[from] ValueProblem),
    /// The board does not take the value.
    #[error("{0}")]
    Board(#[from] Refused),
    /// The same person asked too often.
    #[error("too many wishes at once")]
    TooMany,
    /// A fault on purpose.
    #[error("the device is told to refuse everything")]
    Faulty,
}

/// Judges an item by everything but how often its publisher asks.
pub(super) fn judge(
    report: &ItemReport,
    account: &BareJid,
    people: &People,
    board: &Description,
    now: Timestamp,
) -> Verdict {
    let target = report.item.requested_item();
    let publisher = report.publisher.as_ref().map(Jid::to_bare);
    let by_us = publisher.as_ref() == Some(account);
    match &target {
        // The device itself asks nothing of itself: an item of ours is a report.
        None if by_us => return Verdict::Known,
        None if board.find_item(&report.item).is_none() => return Verdict::Litter,
        _ => {}
    }
    let item = target.as_ref().unwrap_or(&report.item);
    let wish = entitled(publisher, people).and_then(|by| {
        let val = match &report.payload {
            Payload::Value(val) => val,
            _ => return Err(Refusal::NoValue),
        };
        check_stamp(val, target.is_some(), now)?;
        let point = board.find_item(item).ok_or(Refusal::UnknownPoint)?;
        let value = read(val, point)?;
        Ok((by, point.name.clone(), value))
    });
    match wish {
        Ok((by, point, value)) => Verdict::Wish { by, point, value },
        Err(refusal) => Verdict::Refused(refusal),
    }
}

fn entitled(publisher: Option<BareJid>, people: &People) -> Result<BareJid, Refusal> {
    let by = publisher.ok_or(Refusal::Stranger)?;
    match people.role(&by) {
        Some(_) if people.may_control(&by) => Ok(by),
        Some(_) => Err(Refusal::MayOnlyRead),
        None => Err(Refusal::Stranger),
    }
}

/// A request must say when it was made; an overwritten item need not, since thesis clients do not.
fn check_stamp(val: &Val, required: bool, now: Timestamp) -> Result<(), Refusal> {
    match val.stamp() {
        None if required => Err(Refusal::NoStamp),
        None => Ok(()),
        Some(stamp) if now.since(stamp) > MAX_AGE => Err(Refusal::Stale),
        Some(stamp) if stamp.since(now) > MAX_AGE => Err(Refusal::FromTheFuture),
        Some(_) => Ok(()),
    }
}

fn read(val: &Val, point: &Point) -> Result<Value, Refusal> {
    Ok(point.check(&val.read(Some(point.kind))?)?)
}

/// The requests that were dealt with, so that none is fulfilled twice. An entry may be forgotten
/// once the request's stamp is too old anyway.
#[derive(Debug, Default)]
pub(super) struct Seen {
    order: VecDeque<(Instant, ItemId)>,
    items: BTreeSet<ItemId>,
}

impl Seen {
    const MOST: usize = 4_096;

    /// Whether this request is new; it is known from now on. `None` if there are too many to
    /// tell.
    pub(super) fn is_new(&mut self, item: &ItemId, now: Now) -> Option<bool> {
        let keep = MAX_AGE * 2;
        while let Some((at, _)) = self.order.front()
            && now.instant.since(*at) > keep
        {
            if let Some((_, old)) = self.order.pop_front() {
                self.items.remove(&old);
            }
        }
        if self.items.contains(item) {
            return Some(false);
        }
        if self.order.len() >= Self::MOST {
            return None;
        }
        self.order.push_back((now.instant, item.clone()));
        self.items.insert(item.clone());
        Some(true)
    }
}

#[cfg(test)]
mod tests {
    use roost_model::{Profile, ValueKind};

    use super::*;
    use crate::boards::BoardKind;

    const NOON: Timestamp = Timestamp(1_800_000_000_000);
    const POWER: &str = "xmpp.iot.actuator.power";

    /// An item: id, publisher, type, text, age of the stamp in seconds.
    type Item<'a> = (&'a str, &'a str, &'a str, &'a str, Option<i64>);

    fn verdict((id, publisher, kind, text, age): Item) -> Verdict {
        let val = Val::from_wire(
            text,
            (!kind.is_empty()).then_some(kind),
            None,
            age.map(|age| Timestamp(NOON.0 - age * 1000)),
        );
        let report = ItemReport {
            item: ItemId::new(id).unwrap(),
            publisher: publisher.parse().ok(),
            payload: Payload::Value(val),
        };
        judge_report(&report)
    }

    fn judge_report(report: &ItemReport) -> Verdict {
        let jid = |text: &str| text.parse::<BareJid>().unwrap();
        let people = People {
            owner: Some(jid("juliet@capulet.lit")),
            controllers: [jid("nurse@capulet.lit")].into(),
            readers: [jid("peter@capulet.lit")].into(),
        };
        let board =
            BoardKind::Kettle.build(Profile::Roost, 7, std::path::Path::new("/nonexistent"));
        let account = jid("kettle@capulet.lit");
        judge(report, &account, &people, board.description(), NOON)
    }

    fn wish(by: &str, point: &str, value: Value) -> Verdict {
        Verdict::Wish {
            by: by.parse().unwrap(),
            point: point.to_owned(),
            value,
        }
    }

    #[test]
    fn wishes_that_are_fulfilled() {
        let on = Value::Bool(true);
        let request = "set:xmpp.iot.actuator.power:x1";
        let target = "set:xmpp.iot.actuator.target:x1";
        let juliet = "juliet@capulet.lit";
        let cases: [(Item, Verdict); 7] = [
            (
                (request, juliet, "boolean", "1", Some(0)),
                wish(juliet, "power", on.clone()),
            ),
            (
                (
                    request,
                    "juliet@capulet.lit/balcony",
                    "BOOL",
                    " true ",
                    Some(60),
                ),
                wish(juliet, "power", on.clone()),
            ),
            (
                (request, "nurse@capulet.lit", "", "1", Some(-60)),
                wish("nurse@capulet.lit", "power", on.clone()),
            ),
            (
                (target, juliet, "float", "80", Some(1)),
                wish(juliet, "target", Value::Int(80)),
            ),
            (
                (POWER, juliet, "boolean", "1", None),
                wish(juliet, "power", on.clone()),
            ),
            (
                (POWER, "nurse@capulet.lit/x", "boolean", "0", Some(5)),
                wish("nurse@capulet.lit", "power", Value::Bool(false)),
            ),
            (
                (POWER, "kettle@capulet.lit/k", "boolean", "1", None),
                Verdict::Known,
            ),
        ];
        for (item, expected) in cases {
            assert_eq!(verdict(item), expected, "{item:?}");
        }
    }

    #[test]
    fn wishes_that_are_refused() {
        use Refusal as R;
        let request = "set:xmpp.iot.actuator.power:x1";
        let target = "set:xmpp.iot.actuator.target:x1";
        let juliet = "juliet@capulet.lit";
        let long = "9".repeat(5_000);
        let wrong_kind = || R::Board(Refused::WrongKind);
        let not_offered = || {
            let known = ["70", "80", "90", "100"].map(str::to_owned);
            R::Board(Refused::NotAnOption(known.to_vec()))
        };
        let cases: Vec<(Item, Refusal)> = vec![
            (
                (request, "tybalt@capulet.lit", "boolean", "1", Some(0)),
                R::Stranger,
            ),
            (
                (request, "juliet@capulet.example", "boolean", "1", Some(0)),
                R::Stranger,
            ),
            (
                (request, "capulet.lit", "boolean", "1", Some(0)),
                R::Stranger,
            ),
            ((request, "", "boolean", "1", Some(0)), R::Stranger),
            (
                (request, "kettle@capulet.lit", "boolean", "1", Some(0)),
                R::Stranger,
            ),
            (
                (request, "peter@capulet.lit", "boolean", "1", Some(0)),
                R::MayOnlyRead,
            ),
            ((request, juliet, "boolean", "1", None), R::NoStamp),
            ((request, juliet, "boolean", "1", Some(61)), R::Stale),
            (
                (request, juliet, "boolean", "1", Some(86_400 * 365 * 60)),
                R::Stale,
            ),
            (
                (request, juliet, "boolean", "1", Some(-61)),
                R::FromTheFuture,
            ),
            (
                (request, juliet, "boolean", "on", Some(0)),
                R::BadValue(ValueProblem::NotBool),
            ),
            (
                (request, juliet, "boolean", "", Some(0)),
                R::BadValue(ValueProblem::Empty),
            ),
            (
                (request, juliet, "quaternion", "1", Some(0)),
                R::BadValue(ValueProblem::UnknownType),
            ),
            ((request, juliet, "float", "1", Some(0)), wrong_kind()),
            ((request, juliet, "string", "1", Some(0)), wrong_kind()),
            (
                (target, juliet, "int", &long, Some(0)),
                R::BadValue(ValueProblem::TooLong),
            ),
            (
                (target, juliet, "float", "NaN", Some(0)),
                R::BadValue(ValueProblem::OutOfRange),
            ),
            (
                (target, juliet, "float", "1e400", Some(0)),
                R::BadValue(ValueProblem::OutOfRange),
            ),
            (
                (target, juliet, "float", "80,5", Some(0)),
                R::BadValue(ValueProblem::NotNumber),
            ),
            ((target, juliet, "int", "500", Some(0)), not_offered()),
            ((target, juliet, "int", "-80", Some(0)), not_offered()),
            (
                ("set:xmpp.iot.sensor.temp:x1", juliet, "float", "1", Some(0)),
                R::Board(Refused::ReadOnly),
            ),
            (
                (
                    "set:xmpp.iot.actuator.moon:x1",
                    juliet,
                    "boolean",
                    "1",
                    Some(0),
                ),
                R::UnknownPoint,
            ),
            (
                (POWER, "peter@capulet.lit", "boolean", "1", None),
                R::MayOnlyRead,
            ),
            (
                (POWER, "tybalt@capulet.lit", "boolean", "1", None),
                R::Stranger,
            ),
            ((POWER, juliet, "boolean", "1", Some(61)), R::Stale),
            (
                (POWER, juliet, "boolean", "x", None),
                R::BadValue(ValueProblem::NotBool),
            ),
        ];
        for (item, refusal) in cases {
            let expected = Verdict::Refused(refusal);
            assert_eq!(verdict(item), expected, "{:.120}", format!("{item:?}"));
        }
        let empty = ItemReport {
            item: ItemId::new(request).unwrap(),
            publisher: juliet.parse().ok(),
            payload: Payload::Unreadable,
        };
        assert_eq!(judge_report(&empty), Verdict::Refused(R::NoValue));
    }

    #[test]
    fn what_belongs_to_nobody_is_litter() {
        for id in [
            "hello",
            "set:",
            "set:x",
            "xmpp.iot.actuator.moon",
            "current",
        ] {
            let item = (id, "juliet@capulet.lit", "boolean", "1", Some(0));
            assert_eq!(verdict(item), Verdict::Litter, "{id}");
        }
    }

    #[test]
    fn no_request_counts_twice() {
        let item = ItemId::new("set:xmpp.iot.actuator.power:x1").unwrap();
        let mut seen = Seen::default();
        let at = |seconds| Now::default() + Duration::from_secs(seconds);
        assert_eq!(seen.is_new(&item, at(0)), Some(true));
        assert_eq!(seen.is_new(&item, at(119)), Some(false));
        assert_eq!(
            seen.is_new(&item, at(121)),
            Some(true),
            "its stamp is too old by now"
        );
        let flood = (0..=Seen::MOST).map(|n| ItemId::new(format!("set:x:{n}")).unwrap());
        let told: Vec<_> = flood.map(|item| seen.is_new(&item, at(122))).collect();
        assert_eq!(told.last(), Some(&None));
        assert_eq!(seen.is_new(&item, at(400)), Some(true), "room again");
    }

    proptest::proptest! {
        #[test]
        fn strangers_never_get_their_wish(id in "(set:)?xmpp\\.iot\\.actuator\\.(power|target)(:[a-z]{0,4})?",
            who in "[a-z]{1,6}@[a-z]{1,6}\\.lit(/[a-z]{0,3})?", text in ".{0,8}", age in -100_i64..100) {
            let kind = ValueKind::Bool.name();
            let told = verdict((&id, &who, kind, &text, Some(age)));
            let is_wish = matches!(told, Verdict::Wish { .. });
            proptest::prop_assert!(!is_wish, "{told:?}");
        }
    }
}
