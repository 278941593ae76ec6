//! Signing in and out.

use std::path::Path;

use roost_app::api::{ErrorCode, SignIn, VaultView};

use crate::args::{Args, Login};
use crate::exit::Failure;
use crate::home::Home;
use crate::output::Output;
use crate::{secrets, words};

/// The longest bundle of certificates that is read, in bytes.
const MAX_PEM_BYTES: u64 = 256 * 1024;

pub(crate) async fn login(args: &Args, login: &Login, output: Output) -> Result<(), Failure> {
    let authority = login.ca.as_deref().map(read_pem).transpose()?;
    let mut home = Home::open(args, true).await?;
    let password = secrets::password(&login.jid, login.password_stdin)?;
    while home.account.vault == VaultView::Unknown {
        home.next().await?;
    }
    if !login.no_remember {
        open_vault(&home, login.seal).await?;
    }
    home.app
        .sign_in(SignIn {
            jid: login.jid.clone(),
            password: Some(password.expose().to_owned()),
            host: login.host.clone(),
            port: login.port,
            direct_tls: login.direct_tls,
            authority,
            pin: login.pin.clone(),
            remember: !login.no_remember,
        })
        .await?;
    home.read().await?;
    home.app.shutdown().await?;
    output.print(&home.account, || {
        let account = home.account.jid.as_deref().unwrap_or_default();
        let devices = match home.devices.len() {
            1 => "1 device".to_owned(),
            n => format!("{n} devices"),
        };
        let kept = match (login.no_remember, home.account.vault) {
            (true, _) => "The password is not remembered, as you wished.",
            (false, VaultView::Keychain) => "The password is in the keychain.",
            (false, VaultView::FileOpen) => "The password is in the sealed file.",
            (false, _) => words::error(ErrorCode::NoKeychain),
        };
        format!("Signed in as {account}; {devices}. {kept}")
    })
}

pub(crate) async fn logout(args: &Args, forget: bool, output: Output) -> Result<(), Failure> {
    let home = Home::open(args, true).await?;
    let account = home.account.jid.clone();
    home.app.sign_out(forget).await?;
    home.app.shutdown().await?;
    match account {
        None => output.say("Nobody was signed in."),
        Some(account) if forget => output.say(&format!("Signed out; {account} is forgotten.")),
        Some(account) => output.say(&format!("Signed out of {account}.")),
    }
}

/// Opens the sealed file if there is one, makes it if that is wanted.
async fn open_vault(home: &Home, seal: bool) -> Result<(), Failure> {
    let is_locked = home.account.vault == VaultView::FileLocked;
    if !is_locked && !seal || home.account.vault == VaultView::FileOpen {
        return Ok(());
    }
    let passphrase =
        secrets::passphrase().unwrap_or_else(|| Err(Failure::other(words::NO_PASSPHRASE)))?;
    if is_locked {
        home.app.unlock_vault(passphrase).await?;
    } else {
        home.app.create_vault(passphrase).await?;
    }
    Ok(())
}

fn read_pem(path: &Path) -> Result<String, Failure> {
    let failed = |why: String| Failure::other(format!("{} cannot be read: {why}.", path.display()));
    let size = std::fs::metadata(path)
        .map_err(|error| failed(error.to_string()))?
        .len();
    if size > MAX_PEM_BYTES {
        return Err(failed("it is too long for certificates".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}
