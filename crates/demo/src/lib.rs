//! A home to try: real devices at a server in memory, with faults to play with.
//!
//! [`DemoHome`] holds a whole world in one process: a [`roost_memory_server::Server`], the
//! account of the person who lives there, and a household of devices that run the very code of
//! the reference device, each over its own link. The app signs in through
//! [`DemoHome::transport`] instead of the network; everything above the transport is what runs at
//! a real home. There is no network and no file.
//!
//! # Life cycle
//! [`DemoHome::start`] spawns one task, which owns the server and all devices. Dropping the handle
//! ends that task, and with it everything else; transports that are still in use then say that
//! the server is gone. Days pass in minutes, and each device has its own pace so that a person
//! can watch what it does.
//!
//! # Faults
//! [`DemoHome::fault`] makes something go wrong, at one device or at all. What does not pass by
//! itself is healed after [`FAULT_LASTS`].
//!
//! # A large home
//! [`DemoHome::large`] makes as many devices as wanted for benchmarks: a
//! session each, driven inside the server's own loop, without tasks, links or boards. Their
//! values move at the wanted rate as long as everybody who listens keeps up; a listener who falls
//! behind slows them down, as the flow control of a network would.

mod boards;
mod clock;
mod furniture;
mod home;
mod household;
mod hub;
mod large;
mod resident;
mod transport;

pub use home::{DemoHome, FAULT_LASTS, Fault, FaultProblem};
pub use large::LargeHome;
pub use transport::DemoTransport;
