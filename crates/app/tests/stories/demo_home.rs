//! The whole app on the demo home: real brain, real link driver, real devices, no network.

use std::time::Duration;

use roost_app::api::{
    AvailabilityView, DemoFault, ErrorCode, FailureCodeView, LinkView, StageView, ValueView,
};
use roost_app::{App, LargeHome};
use tokio::time::Instant;

use crate::window::{POWER, Window, options};

const KETTLE: &str = "kettle@demo.home";

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_switch_is_confirmed_and_every_window_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(options(folder.path(), true)).await.unwrap();
    let mut first = Window::open(&app).await;
    app.start_demo().await.unwrap();
    let mut second = Window::open(&app).await;
    first
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;
    second
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;

    let wanted = first.opposite(KETTLE);
    let set = app.set_value(KETTLE.into(), POWER.into(), wanted.clone());
    let intent = set.await.unwrap();
    for window in [&mut first, &mut second] {
        window
            .until("the wish ended", |it| it.ended(intent).is_some())
            .await;
        assert_eq!(window.ended(intent), Some(StageView::Confirmed));
        assert!(
            window.stages.is_sorted_by_key(|stage| *stage as u8),
            "{:?}",
            window.stages
        );
        window
            .until("the value is shown", |it| it.shows(KETTLE, POWER, &wanted))
            .await;
    }

    let refused = |device: &str, var: &str, value| {
        let set = app.set_value(device.into(), var.into(), value);
        async { set.await.unwrap_err().code }
    };
    let on = || ValueView::Bool(true);
    let nan = ValueView::Number(f64::NAN);
    let text = ValueView::Text("maybe".into());
    assert_eq!(
        refused("toaster@demo.home", POWER, on()).await,
        ErrorCode::NoSuchDevice
    );
    assert_eq!(
        refused("not a jid@", POWER, on()).await,
        ErrorCode::NoSuchDevice
    );
    assert_eq!(
        refused(KETTLE, "xmpp.iot.actuator.lid", on()).await,
        ErrorCode::NoSuchField
    );
    assert_eq!(refused(KETTLE, POWER, nan).await, ErrorCode::BadValue);
    assert_eq!(refused(KETTLE, POWER, text).await, ErrorCode::BadValue);
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_refuses_says_so_and_a_server_that_restarts_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(options(folder.path(), true)).await.unwrap();
    app.start_demo().await.unwrap();
    let mut window = Window::open(&app).await;
    window
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;

    let fault = app.demo_fault(Some(KETTLE.into()), DemoFault::Refuse);
    fault.await.unwrap();
    let set = app.set_value(KETTLE.into(), POWER.into(), window.opposite(KETTLE));
    let intent = set.await.unwrap();
    window
        .until("the wish ended", |it| it.ended(intent).is_some())
        .await;
    let failure = window.intents[&intent].failure.as_ref().map(|it| it.code);
    assert_eq!(failure, Some(FailureCodeView::RefusedByDevice));

    app.demo_fault(None, DemoFault::ServerRestart)
        .await
        .unwrap();
    window
        .until("the connection is lost", |it| !it.is_online())
        .await;
    window
        .until("values are the past", |it| {
            it.reading(KETTLE, POWER).is_some_and(|it| it.stale)
        })
        .await;
    window
        .until("the connection is back", Window::is_online)
        .await;
    window
        .until("values are right again", |it| it.has_switch(KETTLE))
        .await;

    let unknown = app.demo_fault(Some("toaster@demo.home".into()), DemoFault::Reboot);
    assert_eq!(unknown.await.unwrap_err().code, ErrorCode::NoSuchDevice);
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_home_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(options(folder.path(), true)).await.unwrap();
    app.start_demo().await.unwrap();
    let mut window = Window::open(&app).await;
    window
        .until("the kettle is read", |it| it.has_switch(KETTLE))
        .await;
    app.stop_demo().await.unwrap();
    window
        .until("the home is empty", |it| {
            it.devices.is_empty() && it.account.link == LinkView::Off
        })
        .await;
    let fault = app.demo_fault(None, DemoFault::Reboot).await;
    assert_eq!(fault.unwrap_err().code, ErrorCode::NotSignedIn);
    app.shutdown().await.unwrap();

    let app = App::start(options(folder.path(), true)).await.unwrap();
    let window = Window::open(&app).await;
    assert!(window.devices.is_empty());
    app.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_stops_reading_gets_a_snapshot_and_slows_nobody_down() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(options(folder.path(), true)).await.unwrap();
    app.start_large_demo(LargeHome {
        devices: 50,
        values_each: 10,
        updates_per_second: 500,
    })
    .await
    .unwrap();
    let mut slow = Window::open(&app).await;
    let mut quick = Window::open(&app).await;
    let is_all_there = |it: &Window| {
        it.devices.len() == 50
            && it
                .devices
                .values()
                .all(|it| it.readings.len() >= 10 && it.availability == AvailabilityView::Online)
    };
    quick.until("all devices are shown", is_all_there).await;
    let began = quick.rev;
    // More than fits into the queue of one who does not read, and no slower for that.
    let begun = Instant::now();
    quick
        .until("many changes", |it| it.rev > began.map(|rev| rev + 150))
        .await;
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(quick.snapshots, 1);
    slow.until("it catches up", |it| it.snapshots == 2).await;
    slow.until("it sees all", is_all_there).await;
    app.shutdown().await.unwrap();
}
