use super::*;
use roost_core::SavedReading;
use roost_model::{Freshness, ItemId, Node, PointId, Reading, Unit, Val, Value};

fn kettle(degrees: f64) -> SavedDevice {
    SavedDevice {
        id: DeviceId::new(jid("kettle@home.example")),
        name: Some("Kettle".to_owned()),
        groups: vec!["Kitchen".to_owned()],
        profile: None,
        form: None,
        warnings: Vec::new(),
        readings: vec![SavedReading {
            point: PointId {
                node: Node::Sensors,
                item: ItemId::new("xmpp.iot.sensor.water").unwrap(),
            },
            reading: Reading {
                val: Val::from_value(&Value::Float(degrees), Unit::from_wire("celsius"), None),
                received: Timestamp(1_000),
                publisher: None,
                freshness: Freshness::Live,
            },
            readable: true,
        }],
    }
}

fn jid(text: &str) -> BareJid {
    BareJid::new(text).unwrap()
}

fn account(name: &str, route: Route, trust: Trust) -> AccountRecord {
    AccountRecord {
        jid: jid(name),
        route,
        trust,
        remember: true,
        stay: true,
    }
}

#[test]
fn what_is_written_is_read_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roost.db");
    let settings = Settings::new(Some("de".into()), None, 45).unwrap();
    let route = Route::Fixed {
        host: "::1".into(),
        port: 5223,
        direct_tls: true,
    };
    let juliet = account("juliet@home.example", route, Trust::Pinned([7; 32]));
    let romeo = account(
        "romeo@home.example",
        Route::Dns,
        Trust::Authorities("PEM".into()),
    );
    {
        let mut store = Store::open(&path, Timestamp(0)).unwrap().0;
        assert_eq!(store.last_account().unwrap(), None);
        assert_eq!(store.settings().unwrap(), Settings::default());
        store.set_settings(&settings).unwrap();
        store.use_account(&romeo, Timestamp(1)).unwrap();
        store.use_account(&juliet, Timestamp(2)).unwrap();
        store
            .update_devices(&juliet.jid, &[kettle(20.0)], &[])
            .unwrap();
        store
            .update_devices(&juliet.jid, &[kettle(98.5)], &[])
            .unwrap();
    }
    let mut store = Store::open(&path, Timestamp(0)).unwrap().0;
    assert_eq!(store.settings().unwrap(), settings);
    assert_eq!(store.last_account().unwrap().as_ref(), Some(&juliet));
    assert_eq!(store.account(&romeo.jid).unwrap().as_ref(), Some(&romeo));
    assert_eq!(store.devices(&juliet.jid).unwrap(), [kettle(98.5)]);

    let mut copy = Store::open_copy(&path).unwrap();
    copy.forget_account(&juliet.jid).unwrap();
    assert_eq!(copy.last_account().unwrap().as_ref(), Some(&romeo));
    assert_eq!(store.last_account().unwrap().as_ref(), Some(&juliet));

    store
        .update_devices(&juliet.jid, &[], &[kettle(0.0).id])
        .unwrap();
    assert_eq!(store.devices(&juliet.jid).unwrap(), []);
}

#[test]
fn a_forgotten_account_takes_its_devices_along_and_they_do_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("roost.db"), Timestamp(0))
        .unwrap()
        .0;
    let juliet = account("juliet@home.example", Route::Dns, Trust::System);
    store.use_account(&juliet, Timestamp(1)).unwrap();
    store
        .update_devices(&juliet.jid, &[kettle(20.0)], &[])
        .unwrap();
    store.forget_account(&juliet.jid).unwrap();
    store
        .update_devices(&juliet.jid, &[kettle(21.0)], &[])
        .unwrap();
    store.use_account(&juliet, Timestamp(2)).unwrap();
    assert_eq!(store.devices(&juliet.jid).unwrap(), []);
}

#[test]
fn a_damaged_database_is_moved_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roost.db");
    fs::write(&path, "this was a database once. ".repeat(500)).unwrap();
    let (fresh, aside) = Store::open(&path, Timestamp(77)).unwrap();
    let aside = aside.unwrap();
    assert!(aside.to_str().unwrap().ends_with("roost.db.damaged-77"));
    assert!(fs::read_to_string(aside).unwrap().starts_with("this was"));
    assert_eq!(fresh.last_account().unwrap(), None);
    assert!(Store::open(&path, Timestamp(78)).unwrap().1.is_none());
}

#[test]
fn damage_in_the_middle_is_noticed_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roost.db");
    {
        let mut store = Store::open(&path, Timestamp(0)).unwrap().0;
        let juliet = account("juliet@home.example", Route::Dns, Trust::System);
        store.use_account(&juliet, Timestamp(1)).unwrap();
        store
            .update_devices(&juliet.jid, &[kettle(20.0)], &[])
            .unwrap();
    }
    let mut bytes = fs::read(&path).unwrap();
    for byte in &mut bytes[4096..8192] {
        *byte = 0xA5;
    }
    fs::write(&path, bytes).unwrap();
    assert!(Store::open(&path, Timestamp(5)).unwrap().1.is_some());
}

#[test]
fn a_copy_of_nothing_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roost.db");
    assert_eq!(
        Store::open_copy(&path).unwrap().last_account().unwrap(),
        None
    );
    assert!(!path.exists());
}

#[test]
fn a_newer_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roost.db");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let problem = Store::open(&path, Timestamp(0)).unwrap_err();
    assert!(matches!(problem, StoreProblem::Newer(99)), "{problem}");
    let problem = Store::open_copy(&path).unwrap_err();
    assert!(matches!(problem, StoreProblem::Newer(99)), "{problem}");
}

#[test]
fn settings_and_devices_that_make_no_sense_cost_only_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("roost.db"), Timestamp(0))
        .unwrap()
        .0;
    let juliet = account("juliet@home.example", Route::Dns, Trust::System);
    store.use_account(&juliet, Timestamp(1)).unwrap();
    store
        .update_devices(&juliet.jid, &[kettle(20.0)], &[])
        .unwrap();
    store
        .db
        .execute_batch(
            "INSERT INTO setting VALUES ('language', 'tlh'), ('theme', 'dark'),
             ('silence_seconds', 'long');
             INSERT INTO device VALUES ('juliet@home.example', 'x@home.example', '{');",
        )
        .unwrap();
    let settings = store.settings().unwrap();
    assert_eq!(
        (settings.language(), settings.theme()),
        (None, Some("dark"))
    );
    assert_eq!(settings.silence_seconds(), 30);
    assert_eq!(store.devices(&juliet.jid).unwrap(), [kettle(20.0)]);
}
