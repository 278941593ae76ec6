//! A device on the command line: a board, an account, and a log that a person can read.

mod options;
mod problem;

use std::future::pending;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use roost_device::{
    BoardKind, Description, Device, DeviceConfig, DeviceState, Fault, FileStore, MemoryStore,
    Order, StateStore, StoreProblem, SystemClock, form_of, logic, run, session_config,
};
use roost_xmpp_link::LinkOptions;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::warn;
use tracing_subscriber::EnvFilter;

use options::Options;
use problem::Problem;

/// How often a fault that passes by itself comes again.
const FAULT_PERIOD: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let options = Options::parse();
    if options.list_boards {
        list_boards();
        return ExitCode::SUCCESS;
    }
    let Some(board) = options.board else {
        let missing = Options::command().error(
            ErrorKind::MissingRequiredArgument,
            "which board? --list-boards tells which there are",
        );
        missing.exit();
    };
    if options.print_form {
        print_form(&options, board);
        return ExitCode::SUCCESS;
    }
    write_log();
    match start(&options, board) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tracing::error!("{problem}");
            ExitCode::from(problem.exit_code())
        }
    }
}

fn start(options: &Options, board: BoardKind) -> Result<(), Problem> {
    let account = options.account()?;
    let mut store = open_store(options)?;
    let state = load(store.as_mut())?;
    let config = DeviceConfig {
        account: account.jid.clone(),
        people: options.people(),
        sender: options.sender.clone(),
        pace: options.pace(),
    };
    let folder = options.state.as_deref().unwrap_or(Path::new("."));
    let board = board.build(options.profile(), options.seed, folder);
    let name = software_name(board.description());
    let secret_seed = getrandom::u64().map_err(Problem::NoRandomness)?;
    let session = session_config(&config, options.profile(), &name, secret_seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Problem::NoRuntime)?;
    runtime.block_on(async {
        let device = Device {
            account,
            logic: logic(options.profile(), config, board, state),
            link: roost_xmpp_link::spawn(session, LinkOptions::new(secret_seed)),
            store,
            time_scale: options.time_scale,
        };
        let (orders, inbox) = mpsc::channel(16);
        tokio::select! {
            ended = run(device, inbox, SystemClock::start()) => ended.map_err(Problem::Run),
            () = go_wrong(options.fault, &orders) => Ok(()),
            () = told_to_stop(&orders) => Ok(()),
        }
    })
}

/// What lasts is said once, what passes by itself again and again. Never returns.
async fn go_wrong(fault: Option<Fault>, orders: &mpsc::Sender<Order>) {
    let Some(fault) = fault else {
        return pending().await;
    };
    if !fault.passes() {
        // There is room: nobody gave an order yet.
        let _ = orders.try_send(Order::Fault(fault));
        return pending().await;
    }
    loop {
        sleep(FAULT_PERIOD).await;
        tracing::info!("on purpose: {fault:?}");
        // A device that takes no orders is ending anyway.
        let _ = orders.try_send(Order::Fault(fault));
    }
}

/// Passes the first signal on as an order; a second one ends the program at once.
async fn told_to_stop(orders: &mpsc::Sender<Order>) {
    signal().await;
    tracing::info!("signing out");
    let _ = orders.try_send(Order::Stop);
    signal().await;
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        pending().await
    }
}

fn open_store(options: &Options) -> Result<Box<dyn StateStore>, Problem> {
    Ok(match &options.state {
        Some(folder) => Box::new(FileStore::in_folder(folder).map_err(Problem::State)?),
        None => Box::new(MemoryStore::default()),
    })
}

fn load(store: &mut dyn StateStore) -> Result<DeviceState, Problem> {
    match store.load() {
        Ok(state) => Ok(state.unwrap_or_default()),
        Err(problem @ StoreProblem::Unreadable { .. }) => {
            warn!("{problem}; starting fresh");
            Ok(DeviceState::default())
        }
        Err(problem) => Err(Problem::State(problem)),
    }
}

fn software_name(board: &Description) -> String {
    format!("{} {}", board.manufacturer, board.model)
}

/// Only our own crates say more on demand: what libraries say in detail holds stanzas.
fn write_log() {
    let level = std::env::var("ROOST_DEVICE_LOG").unwrap_or_else(|_| "info".to_owned());
    let link = if level == "info" { "warn" } else { &level };
    let filter = EnvFilter::try_new(format!("warn,roost_device={level},roost_xmpp_link={link}"))
        .unwrap_or_else(|_| EnvFilter::new("warn,roost_device=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}

#[expect(
    clippy::print_stdout,
    reason = "what was asked for goes to standard output"
)]
fn list_boards() {
    for board in BoardKind::ALL {
        println!("{:<12}{}", board.name(), board.purpose());
    }
}

#[expect(
    clippy::print_stdout,
    reason = "what was asked for goes to standard output"
)]
fn print_form(options: &Options, board: BoardKind) {
    let board = board.build(options.profile(), options.seed, Path::new("."));
    let form = form_of(board.description()).write();
    println!("{}", String::from(&form));
}
