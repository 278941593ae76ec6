//! The devices that run in the people's home, and what is wrong with them.

use std::collections::BTreeMap;
use std::time::Duration;

use jid::BareJid;
use roost_device::{
    Device, DeviceConfig, MemoryStore, Order, Pace, People, SystemClock, run, session_config,
};
use roost_memory_server::{ConnectError, Server};
use roost_model::{Node, Now, Secret, Value};
use roost_xmpp_link::spawn_over;
use roost_xmpp_proto::{Account, Route, Trust};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::furniture::{Furniture, OFFLINE, RUNNING, values};
use crate::home::{FAULT_LASTS, Fault, FaultProblem};
use crate::hub::Entrance;
use crate::resident::Resident;
use crate::transport::DemoTransport;

/// How many orders may wait for one device.
const ORDERS: usize = 8;
/// How late a device answers that answers late.
const LATE: Duration = Duration::from_secs(4);
/// How long ago the device that is offline was seen last.
const LAST_SEEN: Duration = Duration::from_secs(3 * 3_600);
/// How often devices report: faster than real ones, whose time passes no faster than ours.
const PACE: Pace = Pace {
    least_interval: Duration::from_secs(1),
    heartbeat: Duration::from_secs(60),
};

/// The devices that run. They end when this is dropped.
pub(crate) struct Household {
    devices: BTreeMap<BareJid, Running>,
    _tasks: JoinSet<()>,
}

struct Running {
    orders: mpsc::Sender<Order>,
    /// When what is wrong with it passes.
    heal_at: Option<Instant>,
}

impl Household {
    /// Lets the devices move in and starts them. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// If the server has no room for them.
    pub(crate) fn move_in(
        server: &mut Server,
        owner: &BareJid,
        entrance: &Entrance,
        now: Now,
    ) -> Result<Self, ConnectError> {
        leave_behind(&OFFLINE, server, owner, now)?;
        let mut devices = BTreeMap::new();
        let mut tasks = JoinSet::new();
        for (seed, furniture) in (1..).zip(&RUNNING) {
            let jid = furniture.move_in(server, owner)?;
            let (orders, order_queue) = mpsc::channel(ORDERS);
            let device = start(furniture, jid.clone(), owner, entrance, seed);
            tasks.spawn(async move {
                if let Err(problem) = run(device, order_queue, SystemClock::start()).await {
                    tracing::warn!(%problem, "a device of the demo home stopped");
                }
            });
            let running = Running {
                orders,
                heal_at: None,
            };
            if let Some(point) = furniture.touched {
                running.tell(Order::Touch {
                    point: point.to_owned(),
                    value: Value::Bool(true),
                });
            }
            devices.insert(jid, running);
        }
        Ok(Self {
            devices,
            _tasks: tasks,
        })
    }

    /// Whether all devices are there, and have said what they are.
    pub(crate) fn is_settled(&self, server: &Server) -> bool {
        let has_form = |jid| server.items(jid, Node::Ui.name()) > 0;
        self.devices
            .keys()
            .all(|jid| server.is_available(jid) && has_form(jid))
    }

    /// Makes something go wrong with one device, or with all.
    pub(crate) fn fault(
        &mut self,
        device: Option<&BareJid>,
        fault: Fault,
    ) -> Result<(), FaultProblem> {
        if device.is_some_and(|jid| !self.devices.contains_key(jid)) {
            return Err(FaultProblem::NoSuchDevice);
        }
        let (fault, lasts) = match fault {
            Fault::DropLink => (roost_device::Fault::DropLink, false),
            Fault::AnswerLate => (roost_device::Fault::AnswerLate(LATE), true),
            Fault::Refuse => (roost_device::Fault::Refuse, true),
            Fault::Garbage => (roost_device::Fault::Garbage, true),
            Fault::Reboot => (roost_device::Fault::Reboot, false),
            // The server's own; it does not come here.
            Fault::ServerRestart => return Ok(()),
        };
        for (jid, running) in &mut self.devices {
            if device.is_none_or(|wanted| wanted == jid) {
                running.tell(Order::Fault(fault));
                if lasts {
                    running.heal_at = Some(Instant::now() + FAULT_LASTS);
                }
            }
        }
        Ok(())
    }

    /// Ends what has lasted long enough.
    pub(crate) fn heal(&mut self) {
        let now = Instant::now();
        for running in self.devices.values_mut() {
            if running.heal_at.is_some_and(|at| at <= now) {
                running.heal_at = None;
                running.tell(Order::Heal);
            }
        }
    }
}

impl Running {
    fn tell(&self, order: Order) {
        if let Err(error) = self.orders.try_send(order) {
            tracing::warn!(%error, "a device of the demo home does not take orders");
        }
    }
}

fn start(
    furniture: &Furniture,
    jid: BareJid,
    owner: &BareJid,
    entrance: &Entrance,
    seed: u64,
) -> Device {
    let config = DeviceConfig {
        account: jid.clone(),
        people: People {
            owner: Some(owner.clone()),
            ..People::default()
        },
        sender: None,
        pace: PACE,
    };
    let profile = furniture.profile;
    let board = furniture.board(seed);
    let state = furniture.state(&*board);
    let session = session_config(&config, profile, furniture.name, seed);
    Device {
        account: account(jid),
        logic: roost_device::logic(profile, config, board, state),
        link: spawn_over(DemoTransport::new(entrance.clone()), session),
        store: Box::new(MemoryStore::default()),
        time_scale: furniture.time_scale,
    }
}

/// How somebody signs in at a server that asks for no password.
pub(crate) fn account(jid: BareJid) -> Account {
    Account {
        jid,
        password: Secret::new(String::new()),
        route: Route::Dns,
        trust: Trust::System,
        resource: None,
        silence: Duration::from_secs(30),
    }
}

/// Leaves what a device published when it was there.
fn leave_behind(
    furniture: &Furniture,
    server: &mut Server,
    owner: &BareJid,
    now: Now,
) -> Result<(), ConnectError> {
    let jid = furniture.move_in(server, owner)?;
    let board = furniture.board(0);
    let then = Now {
        wall: now.wall - LAST_SEEN,
        ..now
    };
    Resident::move_in(
        server,
        jid,
        owner.clone(),
        board.description(),
        values(&*board),
        then,
    )?;
    Ok(())
}
