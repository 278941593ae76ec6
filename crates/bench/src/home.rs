//! A large home in the headless app: everything a user interface would be told, counted.
//!
//! The home is the demo home: its server and devices run in this process too, so that its
//! processor time and memory hold both sides. What the app alone spends on a value is measured by
//! [`crate::latency`] at a real server.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use roost_app::api::{AvailabilityView, DeviceView, Event, LinkView, StageView, ValueView};
use roost_app::{App, AppOptions, LargeHome};
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until, timeout};

use crate::Outcome;
use crate::figures::{Figures, head, row};
use crate::process::Usage;
use crate::say;

const DEVICES: usize = 1_000;
const VALUES_EACH: usize = 10;
const UPDATES_PER_SECOND: u32 = 5_000;
const BUSY: Duration = Duration::from_secs(60);
/// How often a person presses a switch while the home is busy.
const PRESS_EVERY: Duration = Duration::from_millis(250);
const SIGN_INS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(120);
const SWITCH: &str = "xmpp.iot.actuator.switch";

pub(crate) fn run() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        sign_ins().await?;
        busy_minute().await
    })
}

/// What a user interface of the app knows.
struct Screen {
    app: App,
    events: mpsc::Receiver<Event>,
    devices: HashMap<String, DeviceView>,
    complete: usize,
    online: bool,
    messages: u64,
    values: u64,
    snapshots: u64,
    /// Wishes that ended, and how.
    ended: HashMap<u32, StageView>,
}

impl Screen {
    async fn open(folder: &Path) -> Outcome<Self> {
        let app = App::open(AppOptions {
            home: Some(folder.to_owned()),
            log_to_stderr: false,
            exclusive: true,
            resource_prefix: "bench".to_owned(),
        })
        .await
        .map_err(|error| format!("{error:?}"))?;
        let events = app.subscribe().await;
        Ok(Self {
            app,
            events,
            devices: HashMap::new(),
            complete: 0,
            online: false,
            messages: 0,
            values: 0,
            snapshots: 0,
            ended: HashMap::new(),
        })
    }

    async fn enter(&self, updates_per_second: u32) -> Outcome<()> {
        let home = LargeHome {
            devices: DEVICES,
            values_each: VALUES_EACH,
            updates_per_second,
        };
        let entered = self.app.start_large_demo(home).await;
        entered.map_err(|error| format!("{error:?}").into())
    }

    /// Takes the next message over, as a store does.
    async fn hear(&mut self) -> Outcome<()> {
        let event = timeout(PATIENCE, self.events.recv()).await?;
        let event = event.ok_or("the app ended")?;
        self.messages += 1;
        match event {
            Event::Snapshot {
                account, devices, ..
            } => {
                self.snapshots += 1;
                self.online = matches!(account.link, LinkView::Online { .. });
                self.devices = devices.into_iter().map(|it| (it.id.clone(), it)).collect();
            }
            Event::Account { account, .. } => {
                self.online = matches!(account.link, LinkView::Online { .. });
            }
            Event::Devices {
                upserts, removed, ..
            } => {
                let upserts = upserts.into_iter().map(|it| (it.id.clone(), it));
                self.devices.extend(upserts);
                removed.iter().for_each(|id| drop(self.devices.remove(id)));
            }
            Event::Readings { devices, .. } => {
                for changed in devices {
                    let Some(device) = self.devices.get_mut(&changed.id) else {
                        continue;
                    };
                    for reading in changed.readings {
                        self.values += 1;
                        let known = device.readings.iter_mut().find(|it| it.var == reading.var);
                        match known {
                            Some(known) => *known = reading,
                            None => device.readings.push(reading),
                        }
                    }
                }
            }
            Event::Intents { upserts, .. } => {
                let ended = upserts.into_iter().filter(|it| is_end(it.stage));
                self.ended.extend(ended.map(|it| (it.id, it.stage)));
            }
            // What else is told is not shown in this measurement.
            _ => {}
        }
        Ok(())
    }

    /// Whether every device is shown with its form and all of its values.
    fn is_complete(&mut self) -> bool {
        let complete = |it: &&DeviceView| {
            it.fields.len() >= VALUES_EACH
                && it.readings.len() >= VALUES_EACH
                && it.readings.iter().all(|it| it.value.is_some())
                && it.availability == AvailabilityView::Online
        };
        self.complete = self.devices.values().filter(complete).count();
        self.complete == DEVICES
    }

    async fn close(self) -> Outcome<()> {
        let closed = self.app.shutdown().await;
        closed.map_err(|error| format!("{error:?}").into())
    }
}

fn is_end(stage: StageView) -> bool {
    !matches!(
        stage,
        StageView::Accepted | StageView::Sent | StageView::Acked | StageView::Delivered
    )
}

async fn sign_ins() -> Outcome<()> {
    let mut connected = Vec::new();
    let mut shown = Vec::new();
    let mut spent = Vec::new();
    for _ in 0..SIGN_INS {
        let folder = tempfile::tempdir()?;
        let mut screen = Screen::open(folder.path()).await?;
        let begun = Instant::now();
        screen.enter(0).await?;
        while !screen.online {
            screen.hear().await?;
        }
        connected.push(begun.elapsed().as_secs_f64() * 1e3);
        let (online, before) = (Instant::now(), Usage::now()?);
        while !screen.is_complete() {
            screen.hear().await?;
        }
        shown.push(online.elapsed().as_secs_f64() * 1e3);
        spent.push((Usage::now()?.cpu - before.cpu).as_secs_f64() * 1e3);
        screen.close().await?;
    }
    say(&head(&[
        "sign-in of a large home, ms",
        "least",
        "median",
        "most",
    ]));
    let rows = [
        ("building the home, until the stream is open", connected),
        ("stream open until all is shown", shown),
        ("processor time of that, both sides", spent),
    ];
    for (what, times) in rows {
        let times = Figures::new(times);
        let of = |it: f64| format!("{it:.0}");
        say(&row(&[
            what.to_owned(),
            of(times.least()),
            of(times.median()),
            of(times.most()),
        ]));
    }
    say("");
    Ok(())
}

async fn busy_minute() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut screen = Screen::open(folder.path()).await?;
    let empty = Usage::now()?;
    screen.enter(UPDATES_PER_SECOND).await?;
    while !screen.is_complete() {
        screen.hear().await?;
    }
    // What a sign-in leaves to do is over after this.
    let settled = Instant::now() + Duration::from_secs(5);
    while Instant::now() < settled {
        screen.hear().await?;
    }
    (screen.messages, screen.values, screen.snapshots) = (0, 0, 0);
    let (begun, before) = (Instant::now(), Usage::now()?);
    let mut presses = Presses::default();
    let mut next = begun;
    while begun.elapsed() < BUSY {
        tokio::select! {
            heard = screen.hear() => {
                heard?;
                presses.take_ended(&mut screen);
            }
            () = sleep_until(next.into()) => {
                next += PRESS_EVERY;
                presses.press(&screen).await?;
            }
        }
    }
    let (took, after) = (begun.elapsed().as_secs_f64(), Usage::now()?);
    // Those that were pressed last get their chance.
    let late = Instant::now() + Duration::from_secs(2);
    while !presses.waiting.is_empty() && Instant::now() < late {
        screen.hear().await?;
        presses.take_ended(&mut screen);
    }
    let confirmed = Figures::new(presses.confirmed);
    let cpu = (after.cpu - before.cpu).as_secs_f64() / took * 100.0;
    say(&head(&["a busy minute", ""]));
    let rows = [
        (
            "values shown a second",
            format!("{:.0}", count(screen.values) / took),
        ),
        (
            "messages to the user interface a second",
            format!("{:.1}", count(screen.messages) / took),
        ),
        (
            "snapshots, for want of keeping up",
            screen.snapshots.to_string(),
        ),
        ("processor, both sides, of one core", format!("{cpu:.0} %")),
        ("switches pressed", presses.pressed.to_string()),
        ("of them confirmed", confirmed.count().to_string()),
        (
            "pressed until confirmed, p50 / p95 / p99 ms",
            format!(
                "{:.0} / {:.0} / {:.0}",
                confirmed.median(),
                confirmed.percentile(95),
                confirmed.percentile(99)
            ),
        ),
        ("memory (RSS) before the home, MiB", mib(empty.rss)),
        ("at the begin of the minute", mib(before.rss)),
        ("at its end", mib(after.rss)),
    ];
    for (what, figure) in rows {
        say(&row(&[what.to_owned(), figure]));
    }
    sleep(Duration::from_millis(100)).await;
    screen.close().await
}

/// Switches that are pressed, one device after another.
#[derive(Default)]
struct Presses {
    pressed: u32,
    waiting: HashMap<u32, Instant>,
    confirmed: Vec<f64>,
}

impl Presses {
    async fn press(&mut self, screen: &Screen) -> Outcome<()> {
        let device = usize::try_from(self.pressed)? % DEVICES + 1;
        let device = format!("device-{device}@demo.home");
        self.pressed += 1;
        let begun = Instant::now();
        let asked = screen
            .app
            .set_value(device, SWITCH.to_owned(), ValueView::Bool(true))
            .await;
        self.waiting
            .insert(asked.map_err(|it| format!("{it:?}"))?, begun);
        Ok(())
    }

    fn take_ended(&mut self, screen: &mut Screen) {
        for (id, stage) in screen.ended.drain() {
            if let Some(begun) = self.waiting.remove(&id)
                && stage == StageView::Confirmed
            {
                self.confirmed.push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
}

fn mib(bytes: u64) -> String {
    format!("{:.0}", count(bytes) / 1024.0 / 1024.0)
}

/// A count or bytes of a minute, far below 2^53.
fn count(of: u64) -> f64 {
    of as f64
}
