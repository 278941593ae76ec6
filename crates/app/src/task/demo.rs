//! Entering and leaving the demo home.
//!
//! The demo home takes the place of the account's: its brain and link are let go, and made anew
//! from disk when the person comes back. Nothing of the demo home is written to disk.

use std::sync::Arc;

use roost_core::Command;
use roost_demo::{DemoHome, Fault, FaultProblem};
use roost_model::Now;
use roost_model::jid::BareJid;

use super::account::answer;
use super::home::Home;
use super::{Done, Task};
use crate::api::{ApiError, DemoFault, ErrorCode};
use crate::ask::Reply;
use crate::project;

impl Task {
    pub(super) fn start_demo(
        &mut self,
        demo: impl FnOnce() -> DemoHome,
        now: Now,
    ) -> Result<(), ApiError> {
        if self.home.demo().is_some() {
            return Ok(());
        }
        while !self.unsaved.is_empty() {
            self.save(now);
        }
        let demo = demo();
        let mut account = demo.account();
        account.resource = Some(self.resource.clone());
        self.home = Home::demo_home(Arc::new(demo));
        let signed_in = self
            .home
            .brain
            .command(Command::SignIn(Box::new(account)), now);
        self.begin_anew(now);
        signed_in.map(drop).map_err(project::refusal)
    }

    /// Goes back to the account, signed in if it was.
    pub(super) fn stop_demo(&mut self, now: Now) -> Result<(), ApiError> {
        if self.leave_demo(now) {
            self.sign_in_again(now);
        }
        Ok(())
    }

    /// Makes the account's home anew. Whether there was a demo home to leave.
    pub(super) fn leave_demo(&mut self, now: Now) -> bool {
        if self.home.demo().is_none() {
            return false;
        }
        self.home = Home::over_the_network();
        if let Some(account) = &self.account {
            self.read_devices(account.record.jid.clone());
        }
        self.begin_anew(now);
        true
    }

    /// Everybody sees another home from now on, or nobody does.
    fn begin_anew(&mut self, now: Now) {
        // A brain always takes that on.
        let watched = Command::SetWatched(self.is_watched);
        let _ = self.home.brain.command(watched, now);
        self.subscribers.begin_anew();
        self.log.clear();
        self.touch(now);
    }

    pub(super) fn demo_fault(&mut self, device: Option<&str>, fault: DemoFault, reply: Reply<()>) {
        let Some(demo) = self.home.demo() else {
            return answer(reply, Err(ApiError::new(ErrorCode::NotSignedIn)));
        };
        let no_such = || ApiError::new(ErrorCode::NoSuchDevice).about("device");
        let Ok(device) = device.map(BareJid::new).transpose() else {
            return answer(reply, Err(no_such()));
        };
        let demo = Arc::clone(demo);
        self.work.spawn(async move {
            let done = demo.fault(device, of_demo(fault)).await;
            answer(
                reply,
                done.map_err(|problem| match problem {
                    FaultProblem::NoSuchDevice => no_such(),
                    FaultProblem::Ended => ApiError::with_detail(ErrorCode::Busy, problem),
                }),
            );
            Done::Nothing
        });
    }
}

fn of_demo(fault: DemoFault) -> Fault {
    match fault {
        DemoFault::DropLink => Fault::DropLink,
        DemoFault::AnswerLate => Fault::AnswerLate,
        DemoFault::Refuse => Fault::Refuse,
        DemoFault::Garbage => Fault::Garbage,
        DemoFault::Reboot => Fault::Reboot,
        DemoFault::ServerRestart => Fault::ServerRestart,
    }
}
