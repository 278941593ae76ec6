//! Signing in and out, and what the vault has to do with it.
//!
//! A password is kept only once the server has accepted it, so that a mistyped one is never
//! remembered; and the account only then as well. Signing out keeps the password but not the
//! wish to be signed in at the next start; forgetting keeps nothing.

use roost_core::{Command, Input, SavedDevice};
use roost_model::jid::BareJid;
use roost_model::{Now, Secret};
use roost_xmpp_proto::{Account, LinkFailureCode, LinkState, Route, Trust};

use super::{Done, SignedIn, Task, credentials};
use crate::api::{ApiError, ErrorCode, SignIn};
use crate::ask::Reply;
use crate::project;
use crate::storage::{AccountRecord, StoreProblem};
use crate::vault::VaultProblem;

impl Task {
    /// What the last run left: its devices are shown at once.
    pub(super) fn begin(
        &mut self,
        record: AccountRecord,
        password: Option<Secret>,
        devices: Vec<SavedDevice>,
        now: Now,
    ) {
        let account = record.jid.clone();
        self.account = Some(SignedIn {
            record,
            password,
            is_to_be_kept: false,
        });
        let restored = Input::Restored { account, devices };
        self.home.brain.handle(restored, now);
        self.touch(now);
    }

    /// Signs in with what is known or remembered, if the person wanted to stay signed in.
    pub(super) fn sign_in_again(&mut self, now: Now) {
        let Some(account) = &self.account else {
            return;
        };
        let is_off = matches!(self.link_status().state(), LinkState::Off);
        if !account.record.stay || !is_off || self.home.demo().is_some() {
            return;
        }
        if account.password.is_none() {
            return self.look_for_password(account.record.clone(), None);
        }
        if let Err(refused) = self.connect_anew(now, |_| {}) {
            self.note(format!("not signed in: {refused}"), now);
        }
    }

    /// Where neither host nor trust is said, those of the last time are meant: a person who types
    /// the password again does not want another server.
    pub(super) fn sign_in(&mut self, sign_in: SignIn, reply: Reply<()>, now: Now) {
        let (record, password) = match credentials::read(sign_in) {
            Ok(read) => read,
            Err(refused) => return answer(reply, Err(refused)),
        };
        if record.route != Route::Dns || record.trust != Trust::System {
            return self.sign_in_to(record, password, reply, now);
        }
        self.look_for_account(record, password, reply);
    }

    pub(super) fn resume(
        &mut self,
        account: Option<&str>,
        password: Option<Secret>,
        reply: Reply<()>,
        now: Now,
    ) {
        match (account.map(credentials::account), &self.account) {
            (Some(Ok(jid)), _) => {
                let record = AccountRecord {
                    jid,
                    route: Route::Dns,
                    trust: Trust::System,
                    remember: false,
                    stay: true,
                };
                self.look_for_account(record, password, reply);
            }
            (Some(Err(refused)), _) => answer(reply, Err(refused)),
            (None, Some(account)) => {
                let record = AccountRecord {
                    stay: true,
                    ..account.record.clone()
                };
                self.sign_in_to(record, password, reply, now);
            }
            (None, None) => answer(reply, Err(ApiError::new(ErrorCode::NotSignedIn))),
        }
    }

    /// Takes route and trust from the disk, if the account is known there.
    fn look_for_account(
        &mut self,
        record: AccountRecord,
        password: Option<Secret>,
        reply: Reply<()>,
    ) {
        let keeper = self.keeper.clone();
        self.work.spawn(async move {
            let jid = record.jid.clone();
            let known = keeper.with(move |store| store.account(&jid)).await;
            let record = match known {
                Ok(Some(known)) => AccountRecord {
                    route: known.route,
                    trust: known.trust,
                    ..record
                },
                _ => record,
            };
            Done::Account {
                record,
                password,
                reply,
            }
        });
    }

    pub(super) fn sign_in_to(
        &mut self,
        record: AccountRecord,
        given: Option<Secret>,
        reply: Reply<()>,
        now: Now,
    ) {
        let known = self.account.take_if(|it| it.record.jid != record.jid);
        if known.is_some() {
            // What belongs to the account before must not be written to the new one's.
            self.unsaved.clear();
        }
        let remembered = self.account.as_ref().and_then(|it| it.password.clone());
        match (given, remembered) {
            (Some(password), _) => answer(reply, self.connect(record, password, true, now)),
            (None, Some(password)) => answer(reply, self.connect(record, password, false, now)),
            (None, None) => self.look_for_password(record, Some(reply)),
        }
    }

    fn look_for_password(&mut self, record: AccountRecord, reply: Option<Reply<()>>) {
        let vault = self.vault.clone();
        self.work.spawn(async move {
            let found = vault.read(record.jid.clone()).await;
            Done::Password {
                record,
                found,
                reply,
            }
        });
    }

    /// The vault has looked for a password.
    pub(super) fn password_found(
        &mut self,
        record: AccountRecord,
        found: Result<Option<Secret>, VaultProblem>,
        reply: Option<Reply<()>>,
        now: Now,
    ) {
        if reply.is_none() && self.home.demo().is_some() {
            return;
        }
        let result = match found {
            Ok(Some(password)) => self.connect(record, password, false, now),
            Ok(None) => Err(ApiError::new(ErrorCode::NoPassword).about("password")),
            Err(problem) => Err(problem.into()),
        };
        match (reply, result) {
            (Some(reply), result) => answer(reply, result),
            (None, Err(refused)) => self.note(format!("not signed in: {refused}"), now),
            (None, Ok(())) => {}
        }
    }

    /// Signs in. `is_new`: the password is not in the vault yet.
    fn connect(
        &mut self,
        record: AccountRecord,
        password: Secret,
        is_new: bool,
        now: Now,
    ) -> Result<(), ApiError> {
        self.leave_demo(now);
        let account = Account {
            jid: record.jid.clone(),
            password: password.clone(),
            route: record.route.clone(),
            trust: record.trust.clone(),
            resource: Some(self.resource.clone()),
            silence: self.settings.silence(),
        };
        let is_another = self.home.brain.account() != Some(&record.jid);
        let sign_in = Command::SignIn(Box::new(account));
        self.home
            .brain
            .command(sign_in, now)
            .map_err(project::refusal)?;
        if is_another {
            self.read_devices(record.jid.clone());
        }
        self.account = Some(SignedIn {
            record,
            password: Some(password),
            is_to_be_kept: is_new,
        });
        self.tell_account();
        self.touch(now);
        Ok(())
    }

    pub(super) fn read_devices(&mut self, account: BareJid) {
        let keeper = self.keeper.clone();
        self.work.spawn(async move {
            let jid = account.clone();
            let devices = keeper.with(move |store| store.devices(&jid)).await;
            Done::Devices(account, devices)
        });
    }

    /// The link of the account changed its state.
    pub(super) fn account_heard(&mut self, state: &LinkState, now: Now) {
        let LinkState::Online { .. } = state else {
            return;
        };
        let Some(account) = &mut self.account else {
            return;
        };
        let record = account.record.clone();
        // An app that does not own its folder leaves the vault as it is.
        let is_to_be_kept = std::mem::take(&mut account.is_to_be_kept) && self.lock.is_some();
        let password = account.password.clone().filter(|_| is_to_be_kept);
        let (keeper, vault) = (self.keeper.clone(), self.vault.clone());
        self.work.spawn(async move {
            let jid = record.jid.clone();
            let remember = record.remember;
            // A failure is in the log, and nobody asked: the person is signed in.
            let _ = keeper
                .with(move |store| store.use_account(&record, now.wall))
                .await;
            let kept = match password {
                Some(password) if remember => vault.keep(jid, password).await,
                Some(_) => vault.forget(jid).await,
                None => Ok(()),
            };
            Done::Vault {
                view: vault.look().await,
                is_opened: false,
                problem: kept.err(),
            }
        });
    }

    pub(super) fn sign_out(&mut self, forget: bool, reply: Reply<()>, now: Now) {
        if self.leave_demo(now) {
            // Nobody is signed in there; the account is not what is meant.
            self.sign_in_again(now);
            return answer(reply, Ok(()));
        }
        let signed_out = self.home.brain.command(Command::SignOut { forget }, now);
        if let Err(refused) = signed_out {
            return answer(reply, Err(project::refusal(refused)));
        }
        self.touch(now);
        let Some(mut account) = self.account.take() else {
            return answer(reply, Ok(()));
        };
        account.record.stay = false;
        account.password = None;
        account.is_to_be_kept = false;
        let record = account.record.clone();
        if forget {
            self.unsaved.clear();
        } else {
            self.account = Some(account);
        }
        self.tell_account();
        let (keeper, vault) = (self.keeper.clone(), self.vault.clone());
        self.work.spawn(async move {
            let jid = record.jid.clone();
            let written = keeper.with(move |store| {
                if forget {
                    store.forget_account(&record.jid)
                } else {
                    store.keep_signed_out(&record.jid)
                }
            });
            let written = written.await.map_err(storage);
            let forgotten = if forget {
                vault.forget(jid).await.map_err(ApiError::from)
            } else {
                Ok(())
            };
            answer(reply, written.and(forgotten));
            Done::Nothing
        });
    }

    pub(super) fn retry_now(&mut self, now: Now) -> Result<(), ApiError> {
        let has_given_up = matches!(
            self.link_status().state(),
            LinkState::Off | LinkState::Failed { .. }
        );
        if self.home.demo().is_none() && has_given_up {
            return self.connect_anew(now, |_| {});
        }
        self.home
            .brain
            .command(Command::RetryNow, now)
            .map_err(project::refusal)?;
        self.touch(now);
        Ok(())
    }

    /// Only the very certificate that was shown to the person can be trusted, not another one
    /// that the server may have shown since.
    pub(super) fn trust_certificate(&mut self, text: &str, now: Now) -> Result<(), ApiError> {
        let not_that = || ApiError::new(ErrorCode::BadAuthority).about("fingerprint");
        let shown = match self.link_status().state() {
            LinkState::Failed { cause } if is_about_trust(cause.code) => cause.detail.as_deref(),
            _ => None,
        };
        let digest = project::fingerprint(text).ok_or_else(not_that)?;
        if shown.and_then(project::fingerprint) != Some(digest) {
            return Err(not_that());
        }
        self.connect_anew(now, |record| record.trust = Trust::Pinned(digest))
    }

    /// Signs in again with the same password.
    fn connect_anew(
        &mut self,
        now: Now,
        change: impl FnOnce(&mut AccountRecord),
    ) -> Result<(), ApiError> {
        let not_signed_in = || ApiError::new(ErrorCode::NotSignedIn);
        let account = self.account.as_ref().ok_or_else(not_signed_in)?;
        let password = account.password.clone().ok_or_else(not_signed_in)?;
        let mut record = account.record.clone();
        change(&mut record);
        self.connect(record, password, account.is_to_be_kept, now)
    }
}

fn is_about_trust(code: LinkFailureCode) -> bool {
    matches!(
        code,
        LinkFailureCode::CertificateUntrusted | LinkFailureCode::CertificateChanged
    )
}

fn storage(problem: StoreProblem) -> ApiError {
    ApiError::with_detail(ErrorCode::Storage, problem)
}

/// Whoever asked may have gone; that is no concern here.
pub(super) fn answer<T>(reply: Reply<T>, result: Result<T, ApiError>) {
    drop(reply.send(result));
}
