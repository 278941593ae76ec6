//! A device and its values.

use roost_core::{Access, DeviceNow, ReadProblem, ReadingNow};
use roost_forms::{Warning, WarningKind};
use roost_model::{
    Availability, DeviceId, Freshness, ItemId, Profile, Quantity, Reading, Show, ValueProblem,
};

use super::{field, time, value};
use crate::api::{
    AccessView, AvailabilityView, DeviceReadings, DeviceView, ProblemCode, ProfileView,
    PublisherView, ReadingView, WarningCode, WarningView,
};

/// Warnings that are told of one form; more help nobody.
const MAX_WARNINGS: usize = 50;
/// How much of a text that is no value is told, in characters.
const MAX_RAW_CHARS: usize = 200;

/// A device, complete.
pub(crate) fn device(device: DeviceNow<'_>) -> DeviceView {
    let form = device.form();
    DeviceView {
        id: device.id().to_string(),
        name: device.name().to_owned(),
        room: device.room().map(str::to_owned),
        availability: match device.availability() {
            Availability::Unknown => AvailabilityView::Unknown,
            Availability::Online {
                show: Show::Away | Show::Xa,
            } => AvailabilityView::Asleep,
            Availability::Online { .. } => AvailabilityView::Online,
            Availability::Offline { since } => AvailabilityView::Offline {
                since: since.map(time),
            },
        },
        profile: device.profile().map(|profile| match profile {
            Profile::Roost => ProfileView::Roost,
            Profile::Thesis => ProfileView::Thesis,
        }),
        access: match device.access() {
            Access::Asking => AccessView::Asking,
            Access::WaitingForApproval => AccessView::WaitingForApproval,
            Access::Denied { detail } => AccessView::Denied {
                detail: detail.clone(),
            },
            Access::Granted => AccessView::Granted,
            Access::NotADevice => AccessView::NotADevice,
        },
        title: device.title().map(str::to_owned),
        instructions: form.map_or_else(Vec::new, |form| form.instructions.clone()),
        fields: form.map_or_else(Vec::new, |form| field::fields(form, device.warnings())),
        readings: device
            .readings()
            .map(|now| reading(device.id(), now))
            .collect(),
        warnings: device
            .warnings()
            .iter()
            .take(MAX_WARNINGS)
            .map(warning)
            .collect(),
        dropped: device.dropped(),
    }
}

/// The readings of these items; those that are no more are named as removed.
pub(crate) fn readings(device: DeviceNow<'_>, items: &[ItemId]) -> DeviceReadings {
    let mut told = DeviceReadings {
        id: device.id().to_string(),
        readings: Vec::with_capacity(items.len()),
        removed: Vec::new(),
    };
    for item in items {
        match device.reading(item) {
            Some(now) => told.readings.push(reading(device.id(), now)),
            None => told.removed.push(item.to_string()),
        }
    }
    told
}

fn reading(device: &DeviceId, now: ReadingNow<'_>) -> ReadingView {
    let Reading { val, publisher, .. } = now.reported();
    let read = now.value();
    let problem = read.as_ref().err().map(|problem| match problem {
        ReadProblem::Unreadable => ProblemCode::Unreadable,
        ReadProblem::Value(ValueProblem::Empty) => ProblemCode::Empty,
        ReadProblem::Value(ValueProblem::TooLong) => ProblemCode::TooLong,
        ReadProblem::Value(ValueProblem::UnknownType) => ProblemCode::UnknownType,
        ReadProblem::Value(ValueProblem::NotBool) => ProblemCode::NotBool,
        ReadProblem::Value(ValueProblem::NotNumber) => ProblemCode::NotNumber,
        ReadProblem::Value(ValueProblem::OutOfRange) => ProblemCode::OutOfRange,
    });
    ReadingView {
        var: now.item().to_string(),
        value: read.ok().map(value),
        unit: val.unit().map(|unit| unit.symbol().to_owned()),
        quantity: val.unit().map(|unit| quantity(unit.quantity()).to_owned()),
        measured_at: time(now.measured()),
        publisher: publisher.as_ref().map(|it| match it.to_bare() {
            account if account == *device.jid() => PublisherView::Device,
            account => PublisherView::Other {
                jid: account.to_string(),
            },
        }),
        stale: now.freshness() == Freshness::Stale,
        problem,
        raw: problem
            .is_some()
            .then(|| val.text().chars().take(MAX_RAW_CHARS).collect()),
    }
}

fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Temperature => "temperature",
        Quantity::Pressure => "pressure",
        Quantity::Humidity => "humidity",
        Quantity::Illuminance => "illuminance",
        Quantity::Power => "power",
        Quantity::Energy => "energy",
        Quantity::Voltage => "voltage",
        Quantity::Current => "current",
        Quantity::Frequency => "frequency",
        Quantity::Duration => "duration",
        Quantity::Data => "data",
        Quantity::Percent => "percent",
        Quantity::Other => "other",
    }
}

fn warning(warning: &Warning) -> WarningView {
    WarningView {
        var: warning.var.clone(),
        code: warning_code(warning.kind),
    }
}

pub(super) fn warning_code(kind: WarningKind) -> WarningCode {
    match kind {
        WarningKind::FormType => WarningCode::FormType,
        WarningKind::FieldType => WarningCode::FieldType,
        WarningKind::NoVar => WarningCode::NoVar,
        WarningKind::DuplicateVar => WarningCode::DuplicateVar,
        WarningKind::TooManyValues => WarningCode::TooManyValues,
        WarningKind::NoOptions => WarningCode::NoOptions,
        WarningKind::RequiredReadOnly => WarningCode::RequiredReadOnly,
        WarningKind::BadRange => WarningCode::BadRange,
        WarningKind::BadValidation => WarningCode::BadValidation,
        WarningKind::BadReference => WarningCode::BadReference,
        WarningKind::TooLarge => WarningCode::TooLarge,
    }
}
