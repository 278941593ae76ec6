//! What is printed: for people, or as JSON.

use std::io::{ErrorKind, Write};

use roost_app::api::{
    AccessView, AvailabilityView, ControlView, DeviceView, FieldView, ProfileView, ReadingView,
};
use serde::Serialize;

use crate::exit::Failure;
use crate::text::{age, clean, cut, reading, table, wrap};

/// How many values of a device stand in the list of all devices.
const VALUES_IN_LIST: usize = 3;

/// How long a line of a device's own texts may be, in characters.
const LINE: usize = 76;
/// How much of a label is shown, in characters.
const LABEL: usize = 40;

/// Standard output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints a text, or what it is about as one line of JSON.
    pub(crate) fn print(
        self,
        document: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if !self.json {
            return Self::write(&text());
        }
        let json = serde_json::to_string(document)
            .map_err(|error| Failure::other(format!("This cannot be told as JSON: {error}.")))?;
        Self::write(&json)
    }

    /// Prints a line for people; nothing where JSON is wanted.
    pub(crate) fn say(self, text: &str) -> Result<(), Failure> {
        if self.json { Ok(()) } else { Self::write(text) }
    }

    fn write(text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::reader_left(),
            _ => Failure::other(format!("The output could not be written: {error}.")),
        })
    }
}

/// All devices, one line each.
pub(crate) fn devices<'a>(devices: impl Iterator<Item = &'a DeviceView>, now: f64) -> String {
    let head = ["NAME", "ROOM", "STATE", "VALUES", "ADDRESS"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(devices.map(|device| {
        vec![
            clean(&device.name),
            device.room.as_deref().map(clean).unwrap_or_default(),
            state(device, now),
            values(device),
            device.id.clone(),
        ]
    }));
    table(&rows)
}

/// A device with all its fields and values.
pub(crate) fn device(device: &DeviceView, now: f64) -> String {
    let mut facts = vec![
        vec!["Address".to_owned(), device.id.clone()],
        vec!["State".to_owned(), state(device, now)],
    ];
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push(vec![name.to_owned(), value]);
        }
    };
    fact("Room", device.room.as_deref().map(clean));
    fact("Profile", device.profile.map(|it| profile(it).to_owned()));
    let is_odd = device.dropped > 0;
    fact(
        "Dropped",
        is_odd.then(|| format!("{} messages that were not from it", device.dropped)),
    );
    let mut text = format!("{}\n\n{}", clean(&device.name), table(&facts));
    for line in &device.instructions {
        text.push_str(&format!("\n{}\n", wrap(&clean(line), LINE).join("\n")));
    }
    let head = ["FIELD", "VALUE", "AGE", "MAY BE SET TO", "VARIABLE"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(
        device
            .fields
            .iter()
            .flat_map(|field| rows_of(device, field, now)),
    );
    let is_unnamed = |it: &&ReadingView| device.fields.iter().all(|field| field.var != it.var);
    rows.extend(device.readings.iter().filter(is_unnamed).map(|it| {
        let var = clean(&it.var);
        let age = age(it.measured_at, now);
        vec![
            cut(var.clone(), LABEL),
            reading(it),
            age,
            String::new(),
            var,
        ]
    }));
    if rows.len() > 1 {
        text.push('\n');
        text.push_str(&table(&rows));
    }
    text
}

fn rows_of(device: &DeviceView, field: &FieldView, now: f64) -> Vec<Vec<String>> {
    let is_text = matches!(field.control, ControlView::Header | ControlView::Note);
    if is_text {
        let lines: Vec<_> = std::iter::once(&field.label).chain(&field.text).collect();
        let text = lines.iter().map(|line| clean(line)).collect::<Vec<_>>();
        let lines = wrap(&text.join(" "), LINE);
        return lines.into_iter().map(|line| vec![line]).collect();
    }
    let found = device.readings.iter().find(|it| it.var == field.var);
    vec![vec![
        cut(clean(&field.label), LABEL),
        found.map_or_else(|| "–".to_owned(), reading),
        found.map(|it| staleness(it, now)).unwrap_or_default(),
        if field.read_only {
            String::new()
        } else {
            allowed(&field.control)
        },
        clean(&field.var),
    ]]
}

fn staleness(reading: &ReadingView, now: f64) -> String {
    let age = age(reading.measured_at, now);
    if reading.stale {
        format!("{age}, old")
    } else {
        age
    }
}

/// What may be said to `roost set`.
fn allowed(control: &ControlView) -> String {
    let from_to = |min: Option<f64>, max: Option<f64>| match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "a number".to_owned(),
    };
    match control {
        ControlView::Switch => "on, off".to_owned(),
        ControlView::Button => "press".to_owned(),
        ControlView::Text => "text".to_owned(),
        ControlView::Number { min, max, .. } => from_to(*min, *max),
        ControlView::Slider { min, max, step } => format!("{min} to {max} by {step}"),
        ControlView::Choice { options, open } => {
            let mut all: Vec<_> = options.iter().map(|it| clean(&it.value)).collect();
            if *open {
                all.push("…".to_owned());
            }
            all.join(", ")
        }
        ControlView::Header | ControlView::Note => String::new(),
    }
}

fn values(device: &DeviceView) -> String {
    let in_form = device
        .fields
        .iter()
        .filter_map(|field| device.readings.iter().find(|it| it.var == field.var));
    let shown: Vec<_> = in_form.take(VALUES_IN_LIST).map(reading).collect();
    shown.join(" · ")
}

/// Whether it is there, and if we may not read it, why.
pub(crate) fn state(device: &DeviceView, now: f64) -> String {
    match &device.access {
        AccessView::WaitingForApproval => return "waits for approval".to_owned(),
        AccessView::Denied { .. } => return "may not be read".to_owned(),
        AccessView::NotADevice => return "no device".to_owned(),
        AccessView::Asking | AccessView::Granted => {}
    }
    match &device.availability {
        AvailabilityView::Unknown => "unknown".to_owned(),
        AvailabilityView::Online => "online".to_owned(),
        AvailabilityView::Asleep => "asleep".to_owned(),
        AvailabilityView::Offline { since: None } => "offline".to_owned(),
        AvailabilityView::Offline { since: Some(since) } => {
            format!("offline, {}", age(*since, now))
        }
    }
}

fn profile(profile: ProfileView) -> &'static str {
    match profile {
        ProfileView::Roost => "Roost",
        ProfileView::Thesis => "thesis",
    }
}
