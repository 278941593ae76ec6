//! A user interface in a test: keeps a mirror, and sees that no message is missing.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use roost_app::api::{
    AccountView, DeviceView, Event, IntentView, LinkCause, LinkView, ReadingView, StageView,
    TroubleView, ValueView,
};
use roost_app::{App, AppOptions};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

pub(crate) const POWER: &str = "xmpp.iot.actuator.power";
const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) fn options(home: &Path, exclusive: bool) -> AppOptions {
    AppOptions {
        home: Some(home.to_owned()),
        log_to_stderr: false,
        exclusive,
        resource_prefix: "test".to_owned(),
    }
}

pub(crate) struct Window {
    events: Receiver<Event>,
    pub(crate) rev: Option<u32>,
    pub(crate) snapshots: u32,
    pub(crate) account: AccountView,
    pub(crate) devices: BTreeMap<String, DeviceView>,
    pub(crate) intents: BTreeMap<u32, IntentView>,
    pub(crate) stages: Vec<StageView>,
    pub(crate) troubles: Vec<TroubleView>,
}

impl Window {
    /// A window that has heard its snapshot.
    pub(crate) async fn open(app: &App) -> Self {
        let mut window = Self {
            events: app.subscribe().await,
            rev: None,
            snapshots: 0,
            account: AccountView::default(),
            devices: BTreeMap::new(),
            intents: BTreeMap::new(),
            stages: Vec::new(),
            troubles: Vec::new(),
        };
        window.until("the snapshot", |it| it.snapshots > 0).await;
        window
    }

    pub(crate) async fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let waited = timeout(PATIENCE, async {
            while !is_so(self) {
                let event = self.events.recv().await.expect("the app runs");
                self.take_over(event);
            }
        });
        let is_so = waited.await.is_ok();
        let (account, devices) = (&self.account, &self.devices);
        assert!(
            is_so,
            "{what}: not within {PATIENCE:?}; {account:#?} {devices:#?}"
        );
    }

    /// Hears what was told until now.
    pub(crate) async fn catch_up(&mut self) {
        while let Ok(Some(event)) = timeout(Duration::from_millis(300), self.events.recv()).await {
            self.take_over(event);
        }
    }

    fn take_over(&mut self, event: Event) {
        let is_snapshot = matches!(event, Event::Snapshot { .. });
        if let (Some(rev), false) = (self.rev, is_snapshot) {
            assert_eq!(
                event.rev(),
                rev + 1,
                "a message is missing before {event:?}"
            );
        }
        self.rev = Some(event.rev());
        match event {
            Event::Snapshot {
                account,
                devices,
                intents,
                ..
            } => {
                self.snapshots += 1;
                self.account = account;
                self.devices = devices.into_iter().map(|it| (it.id.clone(), it)).collect();
                self.intents = intents.into_iter().map(|it| (it.id, it)).collect();
            }
            Event::Account { account, .. } => self.account = account,
            Event::Devices {
                upserts, removed, ..
            } => {
                self.devices.retain(|id, _| !removed.contains(id));
                self.devices
                    .extend(upserts.into_iter().map(|it| (it.id.clone(), it)));
            }
            Event::Readings { devices, .. } => {
                for news in devices {
                    let device = self.devices.get_mut(&news.id).expect("a known device");
                    for reading in news.readings {
                        device.readings.retain(|it| it.var != reading.var);
                        device.readings.push(reading);
                    }
                }
            }
            Event::Intents { upserts, .. } => {
                for intent in upserts {
                    self.stages.push(intent.stage);
                    self.intents.insert(intent.id, intent);
                }
            }
            Event::Troubles { troubles, .. } => self.troubles = troubles,
            Event::Settings { .. } | Event::Diagnostics { .. } => {}
        }
    }

    pub(crate) fn reading(&self, device: &str, var: &str) -> Option<&ReadingView> {
        let device = self.devices.get(device)?;
        device.readings.iter().find(|it| it.var == var)
    }

    /// Whether this is the value now.
    pub(crate) fn shows(&self, device: &str, var: &str, value: &ValueView) -> bool {
        self.reading(device, var)
            .is_some_and(|it| it.value.as_ref() == Some(value) && !it.stale)
    }

    /// Whether a device can be turned on and off.
    pub(crate) fn has_switch(&self, device: &str) -> bool {
        self.reading(device, POWER).is_some_and(|it| !it.stale)
            && self.devices[device].fields.iter().any(|it| it.var == POWER)
    }

    /// The opposite of what the switch of a device shows.
    pub(crate) fn opposite(&self, device: &str) -> ValueView {
        ValueView::Bool(!self.shows(device, POWER, &ValueView::Bool(true)))
    }

    /// How a wish ended, if it did.
    pub(crate) fn ended(&self, id: u32) -> Option<StageView> {
        let stage = self.intents.get(&id)?.stage;
        let is_end = matches!(
            stage,
            StageView::Confirmed | StageView::Failed | StageView::Unconfirmed
        );
        is_end.then_some(stage)
    }

    pub(crate) fn is_online(&self) -> bool {
        matches!(self.account.link, LinkView::Online { .. })
    }

    /// Why the link has given up, if it has.
    pub(crate) fn gave_up(&self) -> Option<LinkCause> {
        match self.account.link {
            LinkView::Failed { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
