//! Printing changes as they happen.

use std::collections::{BTreeMap, BTreeSet};

use roost_app::api::{DeviceReadings, DeviceView, Event, LinkView, ReadingView};

use crate::args::Args;
use crate::exit::Failure;
use crate::home::{Home, wall_clock};
use crate::output::{self, Output};
use crate::text::{clean, reading};
use crate::words;

pub(crate) async fn watch(args: &Args, typed: Option<&str>, output: Output) -> Result<(), Failure> {
    let mut home = Home::sign_in(args).await?;
    let only = match typed {
        Some(typed) => Some(home.find(typed).await?.id),
        None => None,
    };
    home.begin_anew().await;
    let mut watching = Watching {
        output,
        only,
        states: BTreeMap::new(),
        values: BTreeMap::new(),
        link: LinkView::Off,
        troubles: BTreeSet::new(),
    };
    loop {
        let event = tokio::select! {
            event = home.next() => event?,
            _ = tokio::signal::ctrl_c() => break,
        };
        if let Some(event) = watching.keep(event) {
            watching.tell(&event, &home)?;
        }
        if let LinkView::Failed { cause, detail } = &home.account.link {
            return Err(Failure::link(*cause, detail.as_deref()));
        }
    }
    Ok(home.app.shutdown().await?)
}

struct Watching {
    output: Output,
    /// Only this device is watched.
    only: Option<String>,
    /// What was printed last of each device.
    states: BTreeMap<String, String>,
    /// What was printed last of each value, by device and variable.
    values: BTreeMap<(String, String), String>,
    link: LinkView,
    /// What went wrong and was printed.
    troubles: BTreeSet<u32>,
}

impl Watching {
    /// What of an event is about what is watched.
    fn keep(&self, event: Event) -> Option<Event> {
        let Some(only) = &self.only else {
            return Some(event);
        };
        Some(match event {
            Event::Snapshot {
                rev,
                account,
                settings,
                mut devices,
                mut intents,
                troubles,
            } => {
                devices.retain(|device| device.id == *only);
                intents.retain(|intent| intent.device == *only);
                Event::Snapshot {
                    rev,
                    account,
                    settings,
                    devices,
                    intents,
                    troubles,
                }
            }
            Event::Devices {
                rev,
                mut upserts,
                mut removed,
            } => {
                upserts.retain(|device| device.id == *only);
                removed.retain(|id| id == only);
                let is_about = !upserts.is_empty() || !removed.is_empty();
                return is_about.then_some(Event::Devices {
                    rev,
                    upserts,
                    removed,
                });
            }
            Event::Readings { rev, mut devices } => {
                devices.retain(|device| device.id == *only);
                return (!devices.is_empty()).then_some(Event::Readings { rev, devices });
            }
            Event::Intents {
                rev,
                mut upserts,
                removed,
            } => {
                upserts.retain(|intent| intent.device == *only);
                return (!upserts.is_empty()).then_some(Event::Intents {
                    rev,
                    upserts,
                    removed,
                });
            }
            event @ (Event::Troubles { .. }
            | Event::Account { .. }
            | Event::Settings { .. }
            | Event::Diagnostics { .. }) => event,
        })
    }

    fn tell(&mut self, event: &Event, home: &Home) -> Result<(), Failure> {
        if self.output.json {
            return self.output.print(event, String::new);
        }
        match event {
            Event::Snapshot { devices, .. } => {
                self.link(&home.account.link)?;
                self.devices(devices)
            }
            Event::Account { account, .. } => self.link(&account.link),
            Event::Devices {
                upserts, removed, ..
            } => {
                for id in removed {
                    self.states.remove(id);
                    self.line(id, "is gone")?;
                }
                self.devices(upserts)
            }
            Event::Readings { devices, .. } => devices.iter().try_for_each(|news| {
                let device = home.devices.get(&news.id);
                device.map_or(Ok(()), |device| self.readings(device, news))
            }),
            Event::Troubles { troubles, .. } => troubles.iter().try_for_each(|trouble| {
                if self.troubles.insert(trouble.id) {
                    self.output.say(&words::trouble(trouble))
                } else {
                    Ok(())
                }
            }),
            Event::Intents { .. } | Event::Settings { .. } | Event::Diagnostics { .. } => Ok(()),
        }
    }

    fn link(&mut self, link: &LinkView) -> Result<(), Failure> {
        if *link == self.link {
            return Ok(());
        }
        self.link = link.clone();
        match link {
            LinkView::Online { .. } => self.line("Connection", "up"),
            LinkView::Waiting { cause, .. } => self.line("Connection", words::link_cause(*cause)),
            LinkView::Off | LinkView::Connecting { .. } | LinkView::Failed { .. } => Ok(()),
        }
    }

    fn devices(&mut self, devices: &[DeviceView]) -> Result<(), Failure> {
        for device in devices {
            let state = output::state(device, wall_clock());
            if self.states.insert(device.id.clone(), state.clone()) != Some(state.clone()) {
                self.line(&device.name, &state)?;
            }
            let all = DeviceReadings {
                id: device.id.clone(),
                readings: device.readings.clone(),
                removed: Vec::new(),
            };
            self.readings(device, &all)?;
        }
        Ok(())
    }

    fn readings(&mut self, device: &DeviceView, news: &DeviceReadings) -> Result<(), Failure> {
        for var in &news.removed {
            self.values.remove(&(device.id.clone(), var.clone()));
        }
        for reading in &news.readings {
            let value = value(reading);
            let place = (device.id.clone(), reading.var.clone());
            if self.values.insert(place, value.clone()) != Some(value.clone()) {
                let field = device.fields.iter().find(|field| field.var == reading.var);
                let label = field.map_or(&reading.var, |field| &field.label);
                self.line(&device.name, &format!("{}: {value}", clean(label)))?;
            }
        }
        Ok(())
    }

    fn line(&self, who: &str, what: &str) -> Result<(), Failure> {
        let time = jiff::Zoned::now().strftime("%H:%M:%S");
        self.output.say(&format!("{time}  {}  {what}", clean(who)))
    }
}

fn value(view: &ReadingView) -> String {
    let value = reading(view);
    if view.stale {
        format!("{value} (old)")
    } else {
        value
    }
}
