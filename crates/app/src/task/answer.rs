//! What user interfaces ask for.

use roost_core::{Accepted, Command};
use roost_demo::DemoHome;
use roost_model::jid::BareJid;
use roost_model::{DeviceId, ItemId, Now};

use super::Task;
use super::account::answer;
use crate::api::{ApiError, ErrorCode, SettingsView, ValueView};
use crate::ask::{Ask, Reply};
use crate::project;
use crate::storage::Settings;

impl Task {
    pub(super) fn answer(&mut self, ask: Ask) {
        let now = self.clock.now();
        match ask {
            Ask::Subscribe { name, events } => {
                self.subscribers.add(name, events);
                self.catch_up(now);
            }
            Ask::SignIn(sign_in, reply) => self.sign_in(*sign_in, reply, now),
            Ask::Resume {
                account,
                password,
                reply,
            } => self.resume(account.as_deref(), password, reply, now),
            Ask::SignOut { forget, reply } => self.sign_out(forget, reply, now),
            Ask::RetryNow(reply) => answer(reply, self.retry_now(now)),
            Ask::SetValue {
                device,
                var,
                value,
                reply,
            } => answer(reply, self.set_value(&device, var, value, now)),
            Ask::AddDevice { jid, reply } => answer(reply, self.add_device(&jid, now)),
            Ask::RemoveDevice { id, reply } => {
                let command = device(&id).map(Command::RemoveDevice);
                answer(reply, self.command(command, now));
            }
            Ask::RenameDevice { id, name, reply } => {
                let command = device(&id).map(|device| Command::RenameDevice { device, name });
                answer(reply, self.command(command, now));
            }
            Ask::SetRoom { id, room, reply } => {
                let command = device(&id).map(|device| Command::SetRoom { device, room });
                answer(reply, self.command(command, now));
            }
            Ask::Refresh { id, reply } => {
                let device = id.as_deref().map(device).transpose();
                answer(reply, self.command(device.map(Command::Refresh), now));
            }
            Ask::SetWatched(is_watched, reply) => {
                self.is_watched = is_watched;
                answer(
                    reply,
                    self.command(Ok(Command::SetWatched(is_watched)), now),
                );
            }
            Ask::StartDemo(reply) => answer(reply, self.start_demo(DemoHome::start, now)),
            Ask::StartLargeDemo(size, reply) => {
                answer(reply, self.start_demo(|| DemoHome::large(size), now));
            }
            Ask::StopDemo(reply) => answer(reply, self.stop_demo(now)),
            Ask::DemoFault {
                device,
                fault,
                reply,
            } => self.demo_fault(device.as_deref(), fault, reply),
            Ask::ChangeSettings { settings, reply } => self.change_settings(settings, reply, now),
            Ask::CreateVault { passphrase, reply } => self.create_vault(passphrase, reply),
            Ask::UnlockVault { passphrase, reply } => self.unlock_vault(passphrase, reply),
            Ask::Diagnostics(reply) => answer(reply, Ok(self.diagnostics_view())),
            Ask::TrustCertificate { fingerprint, reply } => {
                answer(reply, self.trust_certificate(&fingerprint, now));
            }
            Ask::DismissTrouble { id, reply } => {
                self.dismiss_trouble(id);
                answer(reply, Ok(()));
            }
            // Taken by the loop itself.
            Ask::Shutdown(reply) => answer(reply, Ok(())),
        }
    }

    fn set_value(
        &mut self,
        id: &str,
        var: String,
        value: ValueView,
        now: Now,
    ) -> Result<u32, ApiError> {
        let command = Command::SetValue {
            device: device(id)?,
            item: ItemId::new(var)
                .map_err(|_| ApiError::new(ErrorCode::NoSuchField).about("var"))?,
            value: project::value_of(value)?,
        };
        match self.accept(command, now)? {
            Accepted::Intent(intent) => Ok(intent.0),
            Accepted::Done => Err(ApiError::new(ErrorCode::Busy)),
        }
    }

    fn add_device(&mut self, jid: &str, now: Now) -> Result<(), ApiError> {
        let jid = BareJid::new(jid.trim())
            .map_err(|error| ApiError::with_detail(ErrorCode::BadJid, error).about("jid"))?;
        self.accept(Command::AddDevice(jid), now).map(drop)
    }

    fn command(&mut self, command: Result<Command, ApiError>, now: Now) -> Result<(), ApiError> {
        self.accept(command?, now).map(drop)
    }

    fn accept(&mut self, command: Command, now: Now) -> Result<Accepted, ApiError> {
        let accepted = self.home.brain.command(command, now);
        self.touch(now);
        accepted.map_err(project::refusal)
    }

    fn change_settings(&mut self, view: SettingsView, reply: Reply<()>, now: Now) {
        let settings = match Settings::new(view.language, view.theme, view.silence_seconds) {
            Ok(settings) => settings,
            Err(problem) => {
                let refused = ApiError::new(ErrorCode::BadValue).about(problem.0);
                return answer(reply, Err(refused));
            }
        };
        self.settings = settings.clone();
        self.tell_settings();
        // A brain always takes that on; without a link nobody need hear it.
        let silence = Command::SetSilence(settings.silence());
        let _ = self.home.brain.command(silence, now);
        let keeper = self.keeper.clone();
        self.work.spawn(async move {
            let written = keeper
                .with(move |store| store.set_settings(&settings))
                .await;
            let refused = |problem| ApiError::with_detail(ErrorCode::Storage, problem);
            answer(reply, written.map_err(refused));
            super::Done::Nothing
        });
    }
}

fn device(id: &str) -> Result<DeviceId, ApiError> {
    BareJid::new(id)
        .map(DeviceId::new)
        .map_err(|_| ApiError::new(ErrorCode::NoSuchDevice).about("device"))
}
