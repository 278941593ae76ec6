//! The handle of a demo home.

use std::time::Duration;

use jid::BareJid;
use roost_memory_server::{ConnectError, Flavour, Server, ServerConfig};
use roost_xmpp_proto::Account;
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::household::{Household, account};
use crate::hub::{Entrance, Hub, INPUTS, Inhabitants};
use crate::large::{LargeHome, Population};
use crate::transport::DemoTransport;

/// How long faults last that do not pass by themselves.
pub const FAULT_LASTS: Duration = Duration::from_secs(30);

/// How many orders may wait.
const ORDERS: usize = 16;
const OWNER: &str = "you@demo.home";

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The device loses its connection, and comes back after a while.
    DropLink,
    /// The device does what it is asked only after some seconds. Passes after [`FAULT_LASTS`].
    AnswerLate,
    /// The device refuses what it is asked. Passes after [`FAULT_LASTS`].
    Refuse,
    /// The device publishes values that make no sense. Passes after [`FAULT_LASTS`].
    Garbage,
    /// The device restarts.
    Reboot,
    /// The server goes away and comes back some seconds later, whatever device is named.
    ServerRestart,
}

/// Why nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultProblem {
    /// No such device runs in this home.
    #[error("there is no such device in the demo home")]
    NoSuchDevice,
    /// The home has ended.
    #[error("the demo home has ended")]
    Ended,
}

/// A running demo home. It ends when this is dropped.
#[derive(Debug)]
pub struct DemoHome {
    orders: mpsc::Sender<Order>,
    entrance: Entrance,
    owner: BareJid,
}

/// What the handle asks of the task.
#[derive(Debug)]
pub(crate) enum Order {
    Fault {
        device: Option<BareJid>,
        fault: Fault,
        reply: oneshot::Sender<Result<(), FaultProblem>>,
    },
    Published(oneshot::Sender<u64>),
}

impl DemoHome {
    /// Starts a believable home. Must be called inside a tokio runtime.
    pub fn start() -> Self {
        Self::open(|server, owner, entrance, clock| {
            let household = Household::move_in(server, owner, entrance, clock.now())?;
            Ok(Inhabitants::Household(household))
        })
    }

    /// Starts a home of many devices. Must be called inside a tokio runtime.
    pub fn large(home: LargeHome) -> Self {
        Self::open(move |server, owner, _, clock| {
            let population = Population::move_in(home, server, owner, clock.now())?;
            Ok(Inhabitants::Population(population))
        })
    }

    /// The account of the person who lives here: whom to sign in as. Any password will do.
    pub fn account(&self) -> Account {
        account(self.owner.clone())
    }

    /// A way into this home, for [`roost_xmpp_link::spawn_over`]. Several may be used at once.
    pub fn transport(&self) -> DemoTransport {
        DemoTransport::new(self.entrance.clone())
    }

    /// Makes something go wrong with one device, or with all.
    ///
    /// # Errors
    /// If the named device does not run in this home, or the home has ended. Devices of a large
    /// home have no faults of their own.
    pub async fn fault(&self, device: Option<BareJid>, fault: Fault) -> Result<(), FaultProblem> {
        let order = |reply| Order::Fault {
            device,
            fault,
            reply,
        };
        self.order(order).await.unwrap_or(Err(FaultProblem::Ended))
    }

    /// How many values a large home has published; zero in others.
    pub async fn published(&self) -> u64 {
        self.order(Order::Published).await.unwrap_or_default()
    }

    async fn order<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(order(reply)).await.ok()?;
        answer.await.ok()
    }

    /// Furnishing takes a moment, for which clients wait; the owner waits until the devices are
    /// there as well.
    fn open(
        furnish: impl FnOnce(
            &mut Server,
            &BareJid,
            &Entrance,
            Clock,
        ) -> Result<Inhabitants, ConnectError>
        + Send
        + 'static,
    ) -> Self {
        let (orders, order_queue) = mpsc::channel(ORDERS);
        let (entrance, input_queue) = mpsc::channel(INPUTS);
        let owner = owner();
        let home = Self {
            orders,
            entrance: entrance.clone(),
            owner: owner.clone(),
        };
        tokio::spawn(async move {
            let clock = Clock::new();
            let built = tokio::task::spawn_blocking(move || {
                let config = ServerConfig::new(owner.domain().to_owned(), Flavour::Prosody);
                let mut server = Server::new(config);
                server.add_account(owner.clone())?;
                let inhabitants = furnish(&mut server, &owner, &entrance, clock)?;
                Ok::<_, ConnectError>(Hub::new(server, owner, inhabitants, clock))
            });
            match built.await {
                Ok(Ok(hub)) => hub.run(input_queue, order_queue).await,
                Ok(Err(error)) => tracing::error!(%error, "the demo home could not be furnished"),
                Err(error) => tracing::error!(%error, "the demo home was not furnished"),
            }
        });
        home
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant that every test of the home parses"
)]
fn owner() -> BareJid {
    OWNER.parse().expect("the owner is a JID")
}
