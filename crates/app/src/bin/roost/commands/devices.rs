//! Seeing devices, and putting them on the list and off it.

use std::time::Duration;

use roost_app::api::AccessView;
use tokio::time::{Instant, timeout_at};

use crate::args::Args;
use crate::exit::{Failure, OTHER};
use crate::home::{Home, wall_clock};
use crate::output::{self, Output};
use crate::words;

/// How long a device may take to answer an invitation, or a server to forget it.
const TO_SETTLE: Duration = Duration::from_secs(10);

pub(crate) async fn list(args: &Args, output: Output) -> Result<(), Failure> {
    let mut home = Home::sign_in(args).await?;
    home.read().await?;
    let devices: Vec<_> = home.devices.values().collect();
    output.print(&devices, || {
        if home.devices.is_empty() {
            words::NO_DEVICES.to_owned()
        } else {
            output::devices(home.devices.values(), wall_clock())
        }
    })?;
    Ok(home.app.shutdown().await?)
}

pub(crate) async fn show(args: &Args, typed: &str, output: Output) -> Result<(), Failure> {
    let mut home = Home::sign_in(args).await?;
    let device = home.find(typed).await?;
    output.print(&device, || output::device(&device, wall_clock()))?;
    Ok(home.app.shutdown().await?)
}

pub(crate) async fn add(args: &Args, jid: &str, output: Output) -> Result<(), Failure> {
    let mut home = Home::sign_in(args).await?;
    home.read().await?;
    home.app.add_device(jid.to_owned()).await?;
    let id = jid.trim().to_lowercase();
    wait(&mut home, |home| {
        let is_open = |access: &AccessView| {
            matches!(access, AccessView::Asking | AccessView::WaitingForApproval)
        };
        home.devices
            .get(&id)
            .is_some_and(|device| !is_open(&device.access))
    })
    .await?;
    told_of_trouble(&home)?;
    let device = home.devices.get(&id).cloned();
    output.print(&device, || match &device {
        Some(device) if device.access == AccessView::Granted => format!("{id} is on your list."),
        Some(device) => {
            let state = output::state(device, wall_clock());
            format!("{id} is on your list; its state: {state}.")
        }
        None => format!("{id} was asked."),
    })?;
    Ok(home.app.shutdown().await?)
}

pub(crate) async fn remove(args: &Args, typed: &str, output: Output) -> Result<(), Failure> {
    let mut home = Home::sign_in(args).await?;
    let id = home.find(typed).await?.id;
    home.app.remove_device(id.clone()).await?;
    wait(&mut home, |home| !home.devices.contains_key(&id)).await?;
    let is_gone = !home.devices.contains_key(&id);
    home.app.shutdown().await?;
    if !is_gone {
        told_of_trouble(&home)?;
        return Err(Failure::new(
            OTHER,
            "The server has not taken it off the list yet.",
        ));
    }
    output.say(&format!("{id} is off your list."))
}

/// What went wrong is what became of the command.
fn told_of_trouble(home: &Home) -> Result<(), Failure> {
    match home.troubles.last() {
        Some(trouble) => Err(Failure::new(OTHER, words::trouble(trouble))),
        None => Ok(()),
    }
}

async fn wait(home: &mut Home, done: impl Fn(&Home) -> bool) -> Result<(), Failure> {
    let deadline = Instant::now() + TO_SETTLE;
    while !done(home) && home.troubles.is_empty() {
        match timeout_at(deadline, home.next()).await {
            Ok(event) => drop(event?),
            Err(_) => break,
        }
    }
    Ok(())
}
