//! The loop between a device's logic and its link.
//!
//! One task for each device. It owns the logic, the store and its end of the link; orders from
//! outside come through a bounded channel, and the end of that channel is the order to stop. The
//! loop never waits for the link to take a request while events of the link wait for it, so the
//! two cannot block each other.
//!
//! Time of the board is the clock's time multiplied by [`Device::time_scale`]; deadlines, stamps
//! and intervals are always the clock's.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roost_model::{Instant, Now, Profile, Timestamp, Value};
use roost_xmpp_link::Link;
use roost_xmpp_proto::{
    Account, Identity, LinkCommand, LinkEvent, LinkFailure, LinkState, ROOST_FEATURE, SessionConfig,
};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};
use tracing::{debug, info, warn};

use crate::{
    Board, DeviceConfig, DeviceLogic, DeviceState, Fault, Logic, People, StateStore, ThesisLogic,
};

/// A device, ready to run.
pub struct Device {
    /// How to sign in.
    pub account: Account,
    /// What it does.
    pub logic: Box<dyn Logic>,
    /// Its way to the server.
    pub link: Link,
    /// Where it remembers.
    pub store: Box<dyn StateStore>,
    /// How much faster than the clock the board's time passes; 1 for real hardware.
    pub time_scale: f64,
}

/// What a running device is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// This goes wrong from now on; see [`Fault`] for what passes by itself.
    Fault(Fault),
    /// What went wrong and lasts ends.
    Heal,
    /// From now on these are the people.
    People(People),
    /// Somebody touches the device itself.
    Touch {
        /// The point.
        point: String,
        /// What they do to it.
        value: Value,
    },
    /// Sign out and end.
    Stop,
}

/// Why a device stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunProblem {
    /// Nothing but a person can help.
    #[error("cannot sign in: {:?}", .0.code)]
    Link(LinkFailure),
    /// The link's task ended.
    #[error("the link ended unexpectedly")]
    LinkGone,
}

/// Where a device reads the time.
pub trait Clock: Send {
    /// What the clocks show.
    fn now(&self) -> Now;
}

/// The clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: tokio::time::Instant,
}

impl SystemClock {
    /// Counts from now.
    pub fn start() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        let wall = i64::try_from(wall.unwrap_or_default().as_millis());
        Now {
            instant: Instant::default() + self.start.elapsed(),
            wall: Timestamp(wall.unwrap_or(i64::MAX)),
        }
    }
}

/// What a device's session says about itself. `seed` makes stanza ids hard to guess.
pub fn session_config(
    config: &DeviceConfig,
    profile: Profile,
    name: &str,
    seed: u64,
) -> SessionConfig {
    let identity = Identity {
        category: "client".to_owned(),
        kind: "bot".to_owned(),
        name: name.to_owned(),
    };
    let caps_node = match profile {
        Profile::Roost => "https://github.com/roost-iot/roost#device",
        Profile::Thesis => "",
    };
    let mut session = SessionConfig::new(config.account.clone(), identity, caps_node, seed);
    if profile == Profile::Roost {
        session.features.insert(ROOST_FEATURE.to_owned());
        session.holds_presence = true;
    }
    session
}

/// The logic of this profile.
pub fn logic(
    profile: Profile,
    config: DeviceConfig,
    board: Box<dyn Board>,
    state: DeviceState,
) -> Box<dyn Logic> {
    match profile {
        Profile::Roost => Box::new(DeviceLogic::new(config, board, state)),
        Profile::Thesis => Box::new(ThesisLogic::new(config, board, state)),
    }
}

/// Signs in and runs until told to stop, by an order or by the end of `orders`.
///
/// # Errors
/// If signing in fails in a way that trying again cannot mend.
pub async fn run(
    device: Device,
    mut orders: mpsc::Receiver<Order>,
    clock: impl Clock,
) -> Result<(), RunProblem> {
    let mut running = Running::new(device, clock);
    loop {
        running.settle();
        match running.wait(&mut orders).await {
            Wake::Event(event) => running.hear(event)?,
            Wake::Order(Order::Stop) => break,
            Wake::Order(order) => running.obey(order),
            Wake::Tick => running.step(),
            Wake::Timeout => running.device.logic.handle_timeout(running.clock.now()),
            Wake::Return => running.come_back(),
            Wake::Sent => {}
            Wake::LinkGone => return Err(RunProblem::LinkGone),
        }
    }
    running.sign_out().await;
    Ok(())
}

/// What ends a wait of the loop.
enum Wake {
    Event(LinkEvent),
    Order(Order),
    Tick,
    Timeout,
    Return,
    Sent,
    LinkGone,
}

struct Running<C> {
    device: Device,
    clock: C,
    commands: VecDeque<LinkCommand>,
    ticks: Interval,
    last_step: Instant,
    /// When a link that was dropped on purpose is to be opened again.
    away_until: Option<Instant>,
}

impl<C: Clock> Running<C> {
    const OUTAGE: Duration = Duration::from_secs(5);
    const BOOT: Duration = Duration::from_secs(3);
    const GOOD_BYE: Duration = Duration::from_secs(3);

    fn new(device: Device, clock: C) -> Self {
        let connect = LinkCommand::Connect(Box::new(device.account.clone()));
        // Simulations that run fast are looked at more often, so that they still move smoothly.
        let period = if device.time_scale > 1.0 { 250 } else { 1_000 };
        let mut ticks = interval(Duration::from_millis(period));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            ticks,
            last_step: clock.now().instant,
            device,
            clock,
            commands: [connect].into(),
            away_until: None,
        }
    }

    /// Takes everything out of the logic that it has to say.
    fn settle(&mut self) {
        let logic = &mut self.device.logic;
        while let Some((id, request)) = logic.poll_request() {
            self.commands
                .push_back(LinkCommand::Request(id, Box::new(request)));
        }
        let account = &self.device.account.jid;
        while let Some(notice) = logic.poll_notice() {
            if notice.is_problem() {
                warn!(%account, "{notice}");
            } else if notice.is_chatter() {
                debug!(%account, "{notice}");
            } else {
                info!(%account, "{notice}");
            }
        }
        if let Some(state) = logic.poll_state()
            && let Err(problem) = self.device.store.save(&state)
        {
            warn!(%account, "will be forgotten at a restart: {problem}");
        }
    }

    async fn wait(&mut self, orders: &mut mpsc::Receiver<Order>) -> Wake {
        let now = self.clock.now().instant;
        let timeout = self.device.logic.poll_timeout().map(|due| due.since(now));
        let back = self.away_until.map(|due| due.since(now));
        let Link { commands, events } = &mut self.device.link;
        tokio::select! {
            event = events.recv() => event.map_or(Wake::LinkGone, Wake::Event),
            permit = commands.reserve(), if !self.commands.is_empty() => {
                let Ok(permit) = permit else {
                    return Wake::LinkGone;
                };
                if let Some(command) = self.commands.pop_front() {
                    permit.send(command);
                }
                Wake::Sent
            }
            order = orders.recv() => Wake::Order(order.unwrap_or(Order::Stop)),
            _ = self.ticks.tick() => Wake::Tick,
            () = sleep(timeout.unwrap_or_default()), if timeout.is_some() => Wake::Timeout,
            () = sleep(back.unwrap_or_default()), if back.is_some() => Wake::Return,
        }
    }

    fn hear(&mut self, event: LinkEvent) -> Result<(), RunProblem> {
        match event {
            LinkEvent::Session(event) => {
                self.device.logic.handle(*event, self.clock.now());
                Ok(())
            }
            LinkEvent::State(state) => self.link_changed(state),
        }
    }

    fn link_changed(&mut self, state: LinkState) -> Result<(), RunProblem> {
        let account = &self.device.account.jid;
        match &state {
            LinkState::Online { bound, security } => {
                info!(%account, "online as {bound}, {security}")
            }
            LinkState::Waiting { cause, attempt, .. } => {
                let detail = cause.detail.as_deref().unwrap_or("no details");
                warn!(%account, attempt, "no link ({:?}: {detail}), trying again", cause.code);
            }
            LinkState::Off | LinkState::Connecting { .. } | LinkState::Failed { .. } => {}
        }
        if !matches!(state, LinkState::Online { .. }) {
            self.device.logic.link_down();
        }
        match state {
            LinkState::Failed { cause } => Err(RunProblem::Link(cause)),
            _ => Ok(()),
        }
    }

    fn obey(&mut self, order: Order) {
        let now = self.clock.now();
        let logic = &mut self.device.logic;
        match order {
            Order::Fault(Fault::DropLink) => self.go_away(Self::OUTAGE),
            Order::Fault(Fault::Reboot) => {
                logic.power_cycle();
                self.go_away(Self::BOOT);
            }
            Order::Fault(fault) => logic.set_fault(Some(fault)),
            Order::Heal => logic.set_fault(None),
            Order::People(people) => logic.set_people(people, now),
            Order::Touch { point, value } => logic.touch(&point, &value, now),
            // Ends the loop before it gets here.
            Order::Stop => {}
        }
    }

    fn go_away(&mut self, time: Duration) {
        self.device.logic.link_down();
        self.commands.clear();
        self.commands.push_back(LinkCommand::Disconnect);
        self.away_until = Some(self.clock.now().instant + time);
    }

    fn come_back(&mut self) {
        self.away_until = None;
        let account = Box::new(self.device.account.clone());
        self.commands.push_back(LinkCommand::Connect(account));
    }

    fn step(&mut self) {
        let now = self.clock.now();
        let elapsed = now.instant.since(self.last_step);
        self.last_step = now.instant;
        let scaled = elapsed.as_secs_f64() * self.device.time_scale;
        let elapsed = Duration::try_from_secs_f64(scaled).unwrap_or(elapsed);
        self.device.logic.step(elapsed, now);
    }

    /// Says good-bye, so that others see at once that the device is gone.
    async fn sign_out(mut self) {
        let Link { commands, events } = &mut self.device.link;
        let good_bye = async {
            if commands.send(LinkCommand::Disconnect).await.is_err() {
                return;
            }
            while let Some(event) = events.recv().await {
                if matches!(
                    event,
                    LinkEvent::State(LinkState::Off | LinkState::Failed { .. })
                ) {
                    return;
                }
            }
        };
        if timeout(Self::GOOD_BYE, good_bye).await.is_err() {
            warn!(account = %self.device.account.jid, "the server did not take leave in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use roost_model::Secret;
    use roost_xmpp_proto::{Answer, LinkFailureCode, Request, Route, SessionEvent, Trust};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::{BoardKind, MemoryStore, Pace};

    /// A device whose link is in the hands of the test.
    struct Stage {
        commands: mpsc::Receiver<LinkCommand>,
        events: mpsc::Sender<LinkEvent>,
        orders: mpsc::Sender<Order>,
        device: JoinHandle<Result<(), RunProblem>>,
    }

    impl Stage {
        fn new() -> Self {
            let jid = "kettle@capulet.lit".parse().unwrap();
            let account = Account {
                jid,
                password: Secret::new("wherefore"),
                route: Route::Dns,
                trust: Trust::System,
                resource: None,
                silence: Duration::from_secs(30),
            };
            let config = DeviceConfig {
                account: account.jid.clone(),
                people: People::default(),
                sender: None,
                pace: Pace::default(),
            };
            let board = BoardKind::Kettle.build(Profile::Roost, 7, Path::new("/nonexistent"));
            let (command_sender, commands) = mpsc::channel(1);
            let (events, event_receiver) = mpsc::channel(16);
            let (orders, inbox) = mpsc::channel(16);
            let device = Device {
                account,
                logic: logic(Profile::Roost, config, board, DeviceState::default()),
                link: Link {
                    commands: command_sender,
                    events: event_receiver,
                },
                store: Box::new(MemoryStore::default()),
                time_scale: 60.0,
            };
            Self {
                commands,
                events,
                orders,
                device: tokio::spawn(run(device, inbox, SystemClock::start())),
            }
        }

        async fn online(&mut self) {
            assert!(matches!(self.command().await, LinkCommand::Connect(_)));
            self.session(SessionEvent::Online {
                bound: "kettle@capulet.lit/1".parse().unwrap(),
                resumed: false,
            })
            .await;
        }

        async fn command(&mut self) -> LinkCommand {
            let patience = Duration::from_secs(60);
            let command = timeout(patience, self.commands.recv()).await;
            command.expect("a command in time").expect("a command")
        }

        async fn session(&self, event: SessionEvent) {
            let event = LinkEvent::Session(Box::new(event));
            self.events.send(event).await.unwrap();
        }

        async fn state(&self, state: LinkState) {
            self.events.send(LinkEvent::State(state)).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn signs_in_works_and_signs_out() {
        let mut stage = Stage::new();
        stage.online().await;
        let LinkCommand::Request(id, request) = stage.command().await else {
            panic!("nothing asked");
        };
        assert!(
            matches!(*request, Request::CreateNode { .. }),
            "{request:?}"
        );
        stage
            .session(SessionEvent::Answer {
                request: id,
                result: Ok(Answer::Done),
            })
            .await;
        let next = stage.command().await;
        assert!(matches!(next, LinkCommand::Request(..)), "{next:?}");
        stage.orders.send(Order::Stop).await.unwrap();
        assert_eq!(stage.command().await, LinkCommand::Disconnect);
        stage.state(LinkState::Off).await;
        assert!(stage.device.await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn comes_back_from_faults_on_purpose() {
        for fault in [Fault::DropLink, Fault::Reboot] {
            let mut stage = Stage::new();
            stage.online().await;
            stage.command().await;
            stage.orders.send(Order::Fault(fault)).await.unwrap();
            assert_eq!(stage.command().await, LinkCommand::Disconnect, "{fault:?}");
            stage.state(LinkState::Off).await;
            let gone = tokio::time::Instant::now();
            stage.online().await;
            assert!(gone.elapsed() >= Duration::from_secs(2), "{fault:?}");
            let prepared = stage.command().await;
            assert!(matches!(prepared, LinkCommand::Request(..)), "{fault:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ends_when_nobody_gives_orders_or_nothing_helps() {
        let mut stage = Stage::new();
        stage.online().await;
        drop(stage.orders);
        assert!(
            stage.device.await.unwrap().is_ok(),
            "without a goodbye, in the end"
        );

        let mut stage = Stage::new();
        stage.online().await;
        let cause = LinkFailure {
            code: LinkFailureCode::WrongPassword,
            detail: None,
        };
        stage
            .state(LinkState::Failed {
                cause: cause.clone(),
            })
            .await;
        match stage.device.await.unwrap() {
            Err(RunProblem::Link(told)) => assert_eq!(told, cause),
            other => panic!("{other:?}"),
        }

        let mut stage = Stage::new();
        stage.online().await;
        drop(stage.events);
        let ended = stage.device.await.unwrap();
        assert!(matches!(ended, Err(RunProblem::LinkGone)), "{ended:?}");
    }
}
