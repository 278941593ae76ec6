//! The home as the app tells it: a mirror that events keep up to date.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roost_app::api::{
    AccessView, AccountView, AvailabilityView, DeviceView, ErrorCode, Event, IntentView, LinkView,
    TroubleView,
};
use roost_app::{App, AppOptions};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::args::Args;
use crate::exit::{Failure, NOT_CONNECTED};
use crate::{find, secrets, words};

/// How long a connection may take to come about.
const TO_CONNECT: Duration = Duration::from_secs(45);
/// How long reading the home may take before what is known is shown.
const TO_READ: Duration = Duration::from_secs(10);
/// After how much quiet the home counts as read.
const QUIET: Duration = Duration::from_millis(400);

/// The running app and what it told.
pub(crate) struct Home {
    pub(crate) app: App,
    pub(crate) account: AccountView,
    pub(crate) devices: BTreeMap<String, DeviceView>,
    pub(crate) intents: BTreeMap<u32, IntentView>,
    pub(crate) troubles: Vec<TroubleView>,
    events: mpsc::Receiver<Event>,
    last_news: Instant,
}

impl Home {
    /// Opens the app without signing in.
    pub(crate) async fn open(args: &Args, exclusive: bool) -> Result<Self, Failure> {
        let app = App::open(AppOptions {
            home: args.home.clone(),
            log_to_stderr: args.log,
            exclusive,
            resource_prefix: "roost-cli".to_owned(),
        })
        .await?;
        let events = app.subscribe().await;
        let mut home = Self {
            app,
            account: AccountView::default(),
            devices: BTreeMap::new(),
            intents: BTreeMap::new(),
            troubles: Vec::new(),
            events,
            last_news: Instant::now(),
        };
        home.next().await?;
        Ok(home)
    }

    /// Opens the app and signs in with what is remembered, or enters the demo home.
    pub(crate) async fn sign_in(args: &Args) -> Result<Self, Failure> {
        let home = Self::open(args, false).await?;
        if args.demo {
            home.app.start_demo().await?;
            return Ok(home);
        }
        let password = App::password_from_environment();
        let resumed = home.app.resume(args.account.clone(), password).await;
        let Err(refused) = resumed else {
            return Ok(home);
        };
        if refused.code != ErrorCode::KeychainLocked {
            return Err(refused.into());
        }
        let Some(passphrase) = secrets::passphrase() else {
            return Err(refused.into());
        };
        home.app.unlock_vault(passphrase?).await?;
        home.app.resume(args.account.clone(), None).await?;
        Ok(home)
    }

    /// Hears everything anew, a snapshot first.
    pub(crate) async fn begin_anew(&mut self) {
        self.events = self.app.subscribe().await;
    }

    /// The next thing that the app tells, after taking it over.
    pub(crate) async fn next(&mut self) -> Result<Event, Failure> {
        let ended = || Failure::other("Roost ended unexpectedly.");
        let event = self.events.recv().await.ok_or_else(ended)?;
        self.take_over(&event);
        Ok(event)
    }

    /// Waits until there is a connection.
    ///
    /// # Errors
    /// As soon as one attempt has failed: whoever types a command wants to know at once.
    pub(crate) async fn connected(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + TO_CONNECT;
        loop {
            match &self.account.link {
                LinkView::Online { .. } => return Ok(()),
                LinkView::Failed { cause, detail } => {
                    return Err(Failure::link(*cause, detail.as_deref()));
                }
                LinkView::Waiting { cause, detail, .. } if !self.account.demo => {
                    return Err(Failure::link(*cause, detail.as_deref()));
                }
                _ => {}
            }
            match timeout_at(deadline, self.next()).await {
                Ok(event) => drop(event?),
                Err(_) => return Err(Failure::new(NOT_CONNECTED, words::NO_ANSWER)),
            }
        }
    }

    /// Waits until the home has been read, as far as it answers.
    pub(crate) async fn read(&mut self) -> Result<(), Failure> {
        self.connected().await?;
        self.until(|_| false).await
    }

    /// Waits until a device that was typed is there to be talked to, or the home has been read.
    pub(crate) async fn find(&mut self, typed: &str) -> Result<DeviceView, Failure> {
        self.connected().await?;
        self.until(|home| {
            find::device(home.devices.values(), typed).is_ok_and(|device| {
                !device.fields.is_empty()
                    && device.access == AccessView::Granted
                    && device.availability == AvailabilityView::Online
                    && device.readings.iter().all(|reading| !reading.stale)
            })
        })
        .await?;
        if self.devices.is_empty() {
            return Err(Failure::new(crate::exit::BAD_INPUT, words::NO_DEVICES));
        }
        find::device(self.devices.values(), typed).cloned()
    }

    async fn until(&mut self, enough: impl Fn(&Self) -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + TO_READ;
        loop {
            // The devices of the demo home have only just started and make their nodes now.
            let is_new = |it: &DeviceView| self.account.demo && it.fields.is_empty();
            let is_open = |it: &DeviceView| it.access == AccessView::Asking || is_new(it);
            let is_read = !self.devices.values().any(is_open);
            let quiet_at = if is_read {
                self.last_news + QUIET
            } else {
                deadline
            };
            if enough(self) || quiet_at.min(deadline) <= Instant::now() {
                return Ok(());
            }
            tokio::select! {
                event = self.next() => drop(event?),
                () = sleep_until(quiet_at.min(deadline)) => {}
            }
        }
    }

    fn take_over(&mut self, event: &Event) {
        match event.clone() {
            Event::Snapshot {
                account,
                devices,
                intents,
                troubles,
                ..
            } => {
                self.troubles = troubles;
                self.account = account;
                self.devices = by_id(devices);
                self.intents = intents.into_iter().map(|it| (it.id, it)).collect();
            }
            Event::Account { account, .. } => self.account = account,
            Event::Devices {
                upserts, removed, ..
            } => {
                self.devices.retain(|id, _| !removed.contains(id));
                self.devices.extend(by_id(upserts));
            }
            Event::Readings { devices, .. } => {
                for news in devices {
                    let Some(device) = self.devices.get_mut(&news.id) else {
                        continue;
                    };
                    let is_kept = |var: &String| {
                        !news.removed.contains(var) && news.readings.iter().all(|it| it.var != *var)
                    };
                    device.readings.retain(|reading| is_kept(&reading.var));
                    device.readings.extend(news.readings);
                }
            }
            Event::Intents {
                upserts, removed, ..
            } => {
                self.intents.retain(|id, _| !removed.contains(id));
                self.intents
                    .extend(upserts.into_iter().map(|it| (it.id, it)));
            }
            Event::Troubles { troubles, .. } => self.troubles = troubles,
            Event::Settings { .. } | Event::Diagnostics { .. } => return,
        }
        self.last_news = Instant::now();
    }
}

fn by_id(devices: Vec<DeviceView>) -> BTreeMap<String, DeviceView> {
    devices.into_iter().map(|it| (it.id.clone(), it)).collect()
}

/// The wall clock, as the app's views count it: milliseconds since 1970.
pub(crate) fn wall_clock() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64() * 1000.0
}
