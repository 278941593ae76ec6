//! What the task asks of the vault, beside it.

use roost_model::Secret;

use super::account::answer;
use super::{Done, Task};
use crate::api::{ApiError, ErrorCode};
use crate::ask::Reply;
use crate::vault::Vault;

impl Task {
    pub(super) fn look_at_vault(&mut self) {
        let vault = self.vault.clone();
        self.work
            .spawn(async move { Done::looked_at(&vault).await });
    }

    pub(super) fn create_vault(&mut self, passphrase: Secret, reply: Reply<()>) {
        if passphrase.is_empty() {
            let refused = ApiError::new(ErrorCode::NoPassword).about("passphrase");
            return answer(reply, Err(refused));
        }
        let to_keep = self
            .account
            .as_ref()
            .filter(|account| account.record.remember && !account.is_to_be_kept)
            .and_then(|account| Some((account.record.jid.clone(), account.password.clone()?)));
        let vault = self.vault.clone();
        self.work.spawn(async move {
            let mut result = vault.create(passphrase).await;
            if let (Ok(()), Some((jid, password))) = (&result, to_keep) {
                result = vault.keep(jid, password).await;
            }
            answer(reply, result.map_err(ApiError::from));
            Done::looked_at(&vault).await
        });
    }

    pub(super) fn unlock_vault(&mut self, passphrase: Secret, reply: Reply<()>) {
        let vault = self.vault.clone();
        self.work.spawn(async move {
            let result = vault.unlock(passphrase).await;
            let is_opened = result.is_ok();
            answer(reply, result.map_err(ApiError::from));
            Done::Vault {
                view: vault.look().await,
                is_opened,
                problem: None,
            }
        });
    }
}

impl Done {
    /// Where passwords are kept now.
    pub(super) async fn looked_at(vault: &Vault) -> Self {
        Self::Vault {
            view: vault.look().await,
            is_opened: false,
            problem: None,
        }
    }
}
