//! The app role against the device role.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    unreachable_pub,
    reason = "a test ends by saying what was not as expected"
)]

mod world;

use proptest::prelude::*;
use roost_model::{Instant, Now, Profile};
use roost_onboarding::gatt::{NONCE, PROOF, STATUS, WIFI_NETWORKS};
use roost_onboarding::{
    AdapterState, DeviceSecret, Input, Nonce, OnboardingFault, PeerId, Provisioner, RadioCommand,
    RadioEvent, Seed, Sighting, Stage, Text, Wish,
};
use world::{JID_SECRET, MAC, WIFI_SECRET, WRONG_SECRET, World};

const BOTH: [Profile; 2] = [Profile::Roost, Profile::Thesis];

/// What holds after every attempt, however it ended.
fn check(world: &World, end: &Stage, profile: Profile) {
    assert!(
        world.accounts_asked <= 1,
        "{} accounts",
        world.accounts_asked
    );
    let report = world.app.report().to_string();
    for secret in [WIFI_SECRET, WRONG_SECRET, JID_SECRET, "example.org", "Café"] {
        if profile == Profile::Roost && secret != "Café" {
            assert!(
                !world.was_on_air(secret),
                "{secret} crossed unsealed, {end:?}"
            );
        }
        assert!(!report.contains(secret), "{secret} is in the report");
        let debug = format!("{:?} {:?}", world.app, world.device);
        let is_password = [WIFI_SECRET, WRONG_SECRET, JID_SECRET].contains(&secret);
        assert!(
            !is_password || !debug.contains(secret),
            "{secret} prints itself"
        );
    }
    if *end == Stage::Finished {
        assert!(world.app.may_be_delivered() && world.kept);
    }
}

#[test]
fn a_roost_device_comes_home() {
    let mut world = World::new(Profile::Roost, 247, 1);
    world.networks();
    assert_eq!(world.run(), Stage::Finished);
    check(&world, &Stage::Finished, Profile::Roost);
    let way = [
        "waiting-for-adapter",
        "scanning",
        "connecting",
        "reading-information",
        "proving",
        "confirming",
        "choosing-wifi",
        "needs-account",
        "writing",
        "joining",
        "awaiting-first-words",
        "finished",
    ];
    let stages: Vec<_> = world
        .stages
        .iter()
        .filter(|stage| way.contains(*stage))
        .collect();
    assert_eq!(
        stages,
        way.iter()
            .filter(|s| world.stages.contains(*s))
            .collect::<Vec<_>>()
    );
    for stage in ["proving", "writing", "joining", "finished"] {
        assert!(world.stages.contains(&stage), "{stage}: {:?}", world.stages);
    }
    assert_eq!(world.accounts_asked, 1);
    assert!(!world.stages.contains(&"warning-plain"));
}

#[test]
fn a_thesis_device_comes_home_after_the_warning() {
    for restart_in_done in [false, true] {
        let mut world = World::new(Profile::Thesis, 247, 1);
        world.faults.restart_in_done = restart_in_done;
        assert_eq!(world.run(), Stage::Finished);
        check(&world, &Stage::Finished, Profile::Thesis);
        assert!(world.stages.contains(&"warning-plain"));
        assert!(
            world.was_on_air(WIFI_SECRET),
            "the search for secrets finds what is there"
        );
    }
}

#[test]
fn every_mtu() {
    for profile in BOTH {
        for mtu in 23..=517 {
            let mut world = World::new(profile, mtu, u64::from(mtu));
            let end = world.run();
            assert_eq!(end, Stage::Finished, "MTU {mtu}\n{}", world.app.report());
            check(&world, &end, profile);
            let longest = world.air.iter().map(Vec::len).max().unwrap();
            assert!(longest <= usize::from(mtu), "{longest} bytes at MTU {mtu}");
        }
    }
}

#[test]
fn cut_at_every_frame() {
    for (profile, mtu) in [
        (Profile::Roost, 23),
        (Profile::Roost, 185),
        (Profile::Thesis, 23),
    ] {
        let mut whole = World::new(profile, mtu, 5);
        assert_eq!(whole.run(), Stage::Finished);
        let frames = whole.air.len();
        assert!(frames > 30, "{frames} frames");
        for cut in 0..frames {
            let mut world = World::new(profile, mtu, 5);
            world.faults.cut_at = Some(cut);
            let end = world.run();
            check(&world, &end, profile);
            let fits = match (profile, &end) {
                (_, Stage::Finished) => true,
                (Profile::Roost, _) => false,
                // It cannot tell whether done arrived; if it did not, nobody speaks.
                (Profile::Thesis, Stage::Failed(fault)) => {
                    *fault == OnboardingFault::LinkLost
                        || (*fault == OnboardingFault::NoFirstWords && !world.kept)
                }
                (Profile::Thesis, _) => false,
            };
            assert!(
                fits,
                "cut at {cut} of {frames}: {end:?}\n{}",
                world.app.report()
            );
        }
    }
}

#[test]
fn dead_from_every_frame() {
    for profile in BOTH {
        let mut whole = World::new(profile, 64, 5);
        assert_eq!(whole.run(), Stage::Finished);
        for from in 0..whole.air.len() {
            let mut world = World::new(profile, 64, 5);
            world.faults.dead_from = Some(from);
            let end = world.run();
            check(&world, &end, profile);
            assert_eq!(
                end == Stage::Finished,
                world.kept,
                "{end:?}\n{}",
                world.app.report()
            );
        }
    }
}

#[test]
fn a_wrong_password_is_corrected_in_place() {
    let mut world = World::new(Profile::Roost, 100, 3);
    world.passwords = [WRONG_SECRET, WRONG_SECRET, WIFI_SECRET].into();
    assert_eq!(world.run(), Stage::Finished);
    check(&world, &Stage::Finished, Profile::Roost);
    assert_eq!(
        world
            .stages
            .iter()
            .filter(|stage| **stage == "correcting")
            .count(),
        2
    );
    assert_eq!(
        world
            .stages
            .iter()
            .filter(|stage| **stage == "connecting")
            .count(),
        1
    );

    let mut world = World::new(Profile::Roost, 100, 3);
    world.passwords = [WRONG_SECRET].into();
    let end = world.run();
    assert!(
        matches!(end, Stage::Failed(OnboardingFault::NotCorrected(_))),
        "{end:?}"
    );
    assert!(!world.kept);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_hangs(
        seed: u64, thesis: bool, mtu in 23_u16..=517,
        late in 0_u32..150, twice in 0_u32..300, missing in 0_u32..100, cut in 0_u32..40, wrong: bool,
    ) {
        let profile = if thesis { Profile::Thesis } else { Profile::Roost };
        let mut world = World::new(profile, mtu, seed);
        world.faults = world::Faults { late, twice, missing, cut, ..world::Faults::default() };
        if wrong {
            world.passwords = [WRONG_SECRET, WIFI_SECRET].into();
        }
        world.networks();
        let end = world.run();
        check(&world, &end, profile);
    }

    #[test]
    fn cancel_ends_every_state(seed: u64, thesis: bool, steps in 0_u64..9_000) {
        let profile = if thesis { Profile::Thesis } else { Profile::Roost };
        let mut world = World::new(profile, 64, seed);
        world.cancel_after(steps);
        let end = world.run();
        check(&world, &end, profile);
        prop_assert!(matches!(end, Stage::Cancelled | Stage::Finished));
        prop_assert!(world.is_quiet(), "the radio is left alone");
    }
}

fn fails_with(mut world: World, profile: Profile, fault: OnboardingFault) {
    let end = world.run();
    check(&world, &end, profile);
    assert_eq!(end, Stage::Failed(fault), "\n{}", world.app.report());
    assert_eq!(world.accounts_asked, 0, "no account before the proof");
    assert!(!world.app.may_be_delivered());
}

#[test]
fn the_wrong_device_with_the_right_address() {
    let now = Now {
        instant: Instant(5),
        ..Now::default()
    };
    let other = DeviceSecret::from_seed(&[43; 32]);
    let mut world = World::with(
        world::plan(Profile::Roost),
        Profile::Roost,
        other,
        64,
        1,
        now,
    );
    world.sighting.address = Some(MAC);
    world.sighting.service_data.clear();
    fails_with(world, Profile::Roost, OnboardingFault::WrongDevice);
}

#[test]
fn a_device_that_advertises_another_key_is_left_alone() {
    let now = Now {
        instant: Instant(5),
        ..Now::default()
    };
    let other = DeviceSecret::from_seed(&[43; 32]);
    let mut world = World::with(
        world::plan(Profile::Roost),
        Profile::Roost,
        other,
        64,
        1,
        now,
    );
    world.sighting.address = Some(MAC);
    let begun = world.now.instant;
    assert_eq!(world.run(), Stage::Failed(OnboardingFault::NotFound));
    assert!(world.air.is_empty(), "not even connected to");
    assert!(world.now.instant.since(begun).as_secs() <= 61);
}

#[test]
fn a_downgrade_stops() {
    for missing in [NONCE, PROOF, roost_onboarding::gatt::CHALLENGE] {
        let mut world = World::new(Profile::Roost, 64, 1);
        world.characteristics.retain(|one| *one != missing);
        fails_with(world, Profile::Roost, OnboardingFault::Downgrade);
    }
}

#[test]
fn missing_characteristics() {
    for missing in world::settings() {
        for profile in BOTH {
            let mut world = World::new(profile, 64, 1);
            world.characteristics.retain(|one| *one != missing);
            fails_with(world, profile, OnboardingFault::NotSettable);
        }
    }
    // These may be missing.
    let mut world = World::new(Profile::Roost, 64, 1);
    world
        .characteristics
        .retain(|one| ![STATUS, WIFI_NETWORKS].contains(one));
    assert_eq!(world.run(), Stage::Finished);
}

#[test]
fn a_thesis_code_gets_sealed_writes_where_the_device_offers_them() {
    let now = Now {
        instant: Instant(5),
        ..Now::default()
    };
    let plan = world::plan(Profile::Thesis);
    let mut world = World::with(plan, Profile::Roost, world::secret(), 64, 1, now);
    assert_eq!(world.run(), Stage::Finished);
    check(&world, &Stage::Finished, Profile::Roost);
    assert!(!world.stages.contains(&"warning-plain"));
}

#[test]
fn a_repeated_nonce_stops() {
    for nonce in [Nonce([0; 32]), Nonce([5; 32])] {
        let now = Now {
            instant: Instant(5),
            ..Now::default()
        };
        let mut plan = world::plan(Profile::Roost);
        plan.seen_nonces = vec![Nonce([5; 32])];
        let mut world = World::with(plan, Profile::Roost, world::secret(), 64, 1, now);
        world.nonces.push_back(nonce);
        fails_with(world, Profile::Roost, OnboardingFault::NonceRepeated);
    }
    // Also one that was seen in this very attempt: a man in the middle who cuts the link and
    // repeats it to play the recorded writes again.
    let mut world = World::new(Profile::Roost, 23, 1);
    world.nonces = [Nonce([7; 32]), Nonce([7; 32])].into();
    world.faults.cut_at = Some(60);
    assert_eq!(
        world.run(),
        Stage::Failed(OnboardingFault::NonceRepeated),
        "{}",
        world.app.report()
    );
}

#[test]
fn not_mine_looks_on_and_says_so() {
    let mut world = World::new(Profile::Roost, 64, 1);
    world.confirm = false;
    fails_with(world, Profile::Roost, OnboardingFault::NotMine);
}

#[test]
fn the_adapter_has_its_own_faults() {
    for (state, fault, seconds) in [
        (Some(AdapterState::Off), OnboardingFault::AdapterOff, 120),
        (
            Some(AdapterState::Missing),
            OnboardingFault::AdapterMissing,
            120,
        ),
        (
            Some(AdapterState::NotPermitted),
            OnboardingFault::AdapterNotPermitted,
            120,
        ),
        (
            Some(AdapterState::Unsupported),
            OnboardingFault::AdapterUnsupported,
            0,
        ),
        (None, OnboardingFault::RadioSilent, 10),
    ] {
        let mut world = World::new(Profile::Roost, 64, 1);
        world.faults.missing = 1000;
        let begun = world.now.instant;
        if let Some(state) = state {
            world.tell(Input::Radio(RadioEvent::Adapter(state)));
        }
        assert_eq!(world.run(), Stage::Failed(fault));
        assert_eq!(world.now.instant.since(begun).as_secs(), seconds, "{fault}");
    }
    let mut world = World::new(Profile::Roost, 64, 1);
    world.tell(Input::Radio(RadioEvent::Adapter(AdapterState::Off)));
    world.tell(Input::Radio(RadioEvent::Adapter(AdapterState::Ready)));
    assert_eq!(world.run(), Stage::Finished, "switched on meanwhile");
}

#[test]
fn wishes_that_do_not_fit_are_refused_and_change_nothing() {
    let mut world = World::new(Profile::Roost, 64, 1);
    let wishes = [
        Wish::Confirm,
        Wish::NotMine,
        Wish::AcceptPlain,
        Wish::TryAgain,
        Wish::AccountFailed,
        Wish::Account(Box::new(world::account())),
    ];
    for wish in wishes {
        assert!(world.app.handle(Input::Wish(wish), world.now).is_err());
    }
    assert_eq!(*world.app.state().stage, Stage::WaitingForAdapter(None));
    assert_eq!(world.run(), Stage::Finished);
    assert!(
        world
            .app
            .handle(Input::Wish(Wish::Cancel), world.now)
            .is_err(),
        "it is over"
    );
}

/// The commands of `app` since the last look.
fn commands(app: &mut Provisioner) -> Vec<RadioCommand> {
    std::iter::from_fn(|| app.poll_command()).collect()
}

#[test]
fn twins_of_one_name_are_tried_in_turn() {
    let now = |ms| Now {
        instant: Instant(ms),
        ..Now::default()
    };
    let mut plan = world::plan(Profile::Roost);
    plan.invite.name = Some(Text::new("Lamp"));
    let mut app = Provisioner::new(plan, Seed::new([1; 32]), now(0));
    let tell = |app: &mut Provisioner, at, event| app.handle(Input::Radio(event), now(at)).unwrap();
    tell(&mut app, 1, RadioEvent::Adapter(AdapterState::Ready));
    let twin = |peer: &str, rssi| {
        let mut sighting = Sighting::of(PeerId::new(peer).unwrap());
        sighting.name = Some(Text::new("Lamp"));
        sighting.rssi = Some(rssi);
        sighting
    };
    tell(&mut app, 10, RadioEvent::Seen(twin("far", -90)));
    tell(&mut app, 11, RadioEvent::Seen(twin("near", -40)));
    assert_eq!(
        commands(&mut app),
        [RadioCommand::StartScan],
        "a better match may come"
    );
    assert_eq!(app.poll_timeout(), Some(Instant(3_010)));
    app.handle(Input::Timeout, now(3_010)).unwrap();
    let [_, RadioCommand::Connect { request, peer }] = &commands(&mut app)[..] else {
        panic!()
    };
    assert_eq!(peer.as_str(), "near");
    // Headphones that are called Lamp.
    let connected = RadioEvent::Connected {
        request: *request,
        characteristics: vec![],
        mtu: None,
    };
    tell(&mut app, 3_100, connected);
    assert_eq!(
        commands(&mut app),
        [RadioCommand::Disconnect, RadioCommand::StartScan]
    );
    tell(&mut app, 3_200, RadioEvent::Seen(twin("near", -40)));
    tell(&mut app, 3_201, RadioEvent::Seen(twin("far", -90)));
    app.handle(Input::Timeout, now(6_201)).unwrap();
    let [_, RadioCommand::Connect { peer, .. }] = &commands(&mut app)[..] else {
        panic!()
    };
    assert_eq!(
        peer.as_str(),
        "far",
        "who was turned away is not tried again"
    );
}

#[test]
fn the_first_connect_has_one_silent_retry() {
    let now = |ms| Now {
        instant: Instant(ms),
        ..Now::default()
    };
    let mut app = Provisioner::new(world::plan(Profile::Thesis), Seed::new([1; 32]), now(0));
    let mut sighting = Sighting::of(PeerId::new("peer").unwrap());
    sighting.address = Some(MAC);
    app.handle(
        Input::Radio(RadioEvent::Adapter(AdapterState::Ready)),
        now(0),
    )
    .unwrap();
    app.handle(Input::Radio(RadioEvent::Seen(sighting)), now(0))
        .unwrap();
    for (attempt, at) in [(1, 35_000), (2, 70_000)] {
        let connects = commands(&mut app)
            .into_iter()
            .filter_map(|command| match command {
                RadioCommand::Connect { request, .. } => Some(request),
                _ => None,
            });
        assert_eq!(connects.count(), 1, "attempt {attempt}");
        assert_eq!(*app.state().stage, Stage::Connecting);
        assert_eq!(app.poll_timeout(), Some(Instant(at)));
        app.handle(Input::Timeout, now(at)).unwrap();
    }
    assert_eq!(
        *app.state().stage,
        Stage::Failed(OnboardingFault::CannotConnect)
    );
}

#[test]
fn after_done_a_lost_adapter_is_no_failure() {
    let mut world = World::new(Profile::Roost, 64, 1);
    world.run_until("joining");
    world.drop_link();
    world.tell(Input::Radio(RadioEvent::Adapter(AdapterState::Missing)));
    assert_eq!(*world.app.state().stage, Stage::AwaitingFirstWords);
    assert_eq!(world.run(), Stage::Finished);
}

#[test]
fn a_correction_outlives_the_connection() {
    let mut world = World::new(Profile::Roost, 64, 1);
    world.passwords = [WRONG_SECRET].into();
    world.run_until("correcting");
    world.drop_link();
    world.tell(Input::Radio(RadioEvent::Adapter(AdapterState::Off)));
    assert_eq!(world.app.state().stage.code(), "correcting");
    world.passwords = [WIFI_SECRET].into();
    assert_eq!(world.run(), Stage::Finished, "{}", world.app.report());
    check(&world, &Stage::Finished, Profile::Roost);
    let proofs = world
        .stages
        .iter()
        .filter(|stage| **stage == "proving")
        .count();
    assert_eq!(
        proofs, 2,
        "the device proves itself again: {:?}",
        world.stages
    );
}
