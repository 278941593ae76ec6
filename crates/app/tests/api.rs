//! What crosses to user interfaces, letter by letter.
//!
//! One file in `golden/` for each kind of message. They are read by the tests of user interfaces as
//! well, so a change here is a change for them. To renew them: `ROOST_UPDATE=1 cargo test --test
//! api`.

#![expect(clippy::expect_used, reason = "a test fails by it")]

use std::path::PathBuf;

use roost_app::api::{
    AccessView, AccountView, ApiError, AvailabilityView, ControlView, DeviceReadings, DeviceView,
    DiagnosticsView, DiscardView, ErrorCode, Event, FailureCodeView, FailureView, FieldView,
    IntentView, LinkCause, LinkView, LogLine, OptionView, ProblemCode, ProfileView, PublisherView,
    ReadingView, SettingsView, SignIn, StageView, TroubleCode, TroubleView, TroubledDevice,
    ValueView, VaultView, WarningCode, WarningView,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const NOON: f64 = 1_767_268_800_000.0;
const POWER: &str = "xmpp.iot.actuator.power";

#[test]
fn messages() {
    agrees("account", &account_event());
    agrees(
        "settings",
        &Event::Settings {
            rev: 2,
            settings: settings(),
        },
    );
    agrees(
        "devices",
        &Event::Devices {
            rev: 3,
            upserts: vec![kettle()],
            removed: vec!["lamp@home.example".into()],
        },
    );
    agrees(
        "readings",
        &Event::Readings {
            rev: 4,
            devices: vec![DeviceReadings {
                id: kettle().id,
                readings: readings(),
                removed: vec!["xmpp.iot.sensor.level".into()],
            }],
        },
    );
    agrees(
        "intents",
        &Event::Intents {
            rev: 5,
            upserts: vec![wish()],
            removed: vec![6],
        },
    );
    agrees(
        "diagnostics",
        &Event::Diagnostics {
            rev: 6,
            diagnostics: diagnostics(),
        },
    );
    agrees(
        "snapshot",
        &Event::Snapshot {
            rev: 7,
            account: account(LinkView::Online {
                since: NOON,
                security: "TLS 1.3, SCRAM-SHA-256".into(),
            }),
            settings: settings(),
            devices: vec![kettle()],
            intents: vec![wish()],
            troubles: vec![trouble()],
        },
    );
    agrees(
        "troubles",
        &Event::Troubles {
            rev: 8,
            troubles: vec![trouble()],
        },
    );
    let error = ApiError::with_detail(ErrorCode::OutOfRange, "5 to 30").about("value");
    agrees("error", &error);
}

#[test]
fn states_of_the_connection() {
    let waiting = LinkView::Waiting {
        cause: LinkCause::Unreachable,
        detail: Some("connection refused".into()),
        retry_at: NOON,
        attempt: 2,
    };
    let failed = LinkView::Failed {
        cause: LinkCause::CertificateUntrusted,
        detail: Some("AB:CD".into()),
    };
    let connecting = LinkView::Connecting {
        attempt: 1,
        since: NOON,
    };
    agrees("links", &vec![LinkView::Off, connecting, waiting, failed]);
}

#[test]
fn a_sign_in_is_read_as_it_is_sent() {
    let text = std::fs::read_to_string(golden("sign-in")).expect("the file is there");
    let sign_in: SignIn = serde_json::from_str(&text).expect("it is a sign-in");
    assert_eq!(sign_in.jid, "juliet@home.example");
    assert_eq!(
        (sign_in.port, sign_in.direct_tls, sign_in.remember),
        (Some(5223), true, true)
    );
    assert_eq!(sign_in.pin, None);
}

/// What is written is the file, and the file is read as what was written.
fn agrees<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, value: &T) {
    let path = golden(name);
    let written = serde_json::to_string_pretty(value).expect("it is written") + "\n";
    if std::env::var_os("ROOST_UPDATE").is_some() {
        std::fs::write(&path, &written).expect("the file is renewed");
    }
    let expected = std::fs::read_to_string(&path).expect("the file is there");
    assert_eq!(written, expected, "{name}");
    let read: T = serde_json::from_str(&expected).expect("it is read");
    assert_eq!(&read, value, "{name}");
}

fn golden(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(name).with_extension("json")
}

fn account_event() -> Event {
    Event::Account {
        rev: 1,
        account: account(LinkView::Off),
    }
}

fn account(link: LinkView) -> AccountView {
    AccountView {
        jid: Some("juliet@home.example".into()),
        demo: false,
        link,
        vault: VaultView::Keychain,
    }
}

fn settings() -> SettingsView {
    SettingsView {
        language: Some("de".into()),
        theme: None,
        silence_seconds: 30,
    }
}

fn kettle() -> DeviceView {
    DeviceView {
        id: "kettle@home.example".into(),
        name: "Kettle".into(),
        room: Some("Kitchen".into()),
        availability: AvailabilityView::Offline { since: Some(NOON) },
        profile: Some(ProfileView::Roost),
        access: AccessView::Denied {
            detail: Some("ask the owner".into()),
        },
        title: Some("Kettle".into()),
        instructions: vec!["Turns itself off.".into()],
        fields: fields(),
        readings: readings(),
        warnings: vec![WarningView {
            var: Some("mode".into()),
            code: WarningCode::FieldType,
        }],
        dropped: 3,
    }
}

fn fields() -> Vec<FieldView> {
    let eco = OptionView {
        value: "eco".into(),
        label: "Saving".into(),
    };
    let controls = [
        (POWER, ControlView::Switch),
        ("xmpp.iot.actuator.name", ControlView::Text),
        (
            "xmpp.iot.actuator.delay",
            ControlView::Number {
                min: Some(0.0),
                max: None,
                whole: true,
            },
        ),
        (
            "xmpp.iot.actuator.target",
            ControlView::Slider {
                min: 40.0,
                max: 100.0,
                step: 5.0,
            },
        ),
        (
            "xmpp.iot.actuator.mode",
            ControlView::Choice {
                options: vec![eco],
                open: false,
            },
        ),
        ("xmpp.iot.actuator.beep", ControlView::Button),
        ("#6", ControlView::Header),
        ("#7", ControlView::Note),
    ];
    controls.map(field).into()
}

fn field((var, control): (&str, ControlView)) -> FieldView {
    let is_note = control == ControlView::Note;
    FieldView {
        var: var.into(),
        control,
        label: "Label".into(),
        description: Some("What it is for".into()),
        read_only: is_note,
        text: if is_note {
            vec!["Read me".into()]
        } else {
            Vec::new()
        },
        hint: is_note.then_some(WarningCode::TooLarge),
    }
}

fn trouble() -> TroubleView {
    TroubleView {
        id: 3,
        at: NOON,
        code: TroubleCode::NotRenamed,
        device: Some(TroubledDevice {
            id: "kettle@home.example".into(),
            name: "Kettle".into(),
        }),
        failure: Some(FailureCodeView::Forbidden),
        detail: Some("no".into()),
    }
}

fn readings() -> Vec<ReadingView> {
    let sound = ReadingView {
        var: "xmpp.iot.sensor.temp".into(),
        value: Some(ValueView::Number(22.5)),
        unit: Some("°C".into()),
        quantity: Some("temperature".into()),
        measured_at: NOON,
        publisher: Some(PublisherView::Device),
        stale: false,
        problem: None,
        raw: None,
    };
    let on = ReadingView {
        var: POWER.into(),
        value: Some(ValueView::Bool(true)),
        unit: None,
        quantity: None,
        publisher: Some(PublisherView::Other {
            jid: "juliet@home.example".into(),
        }),
        stale: true,
        ..sound.clone()
    };
    let broken = ReadingView {
        var: "xmpp.iot.sensor.odd".into(),
        value: None,
        problem: Some(ProblemCode::NotNumber),
        raw: Some("22,43".into()),
        ..sound.clone()
    };
    let text = ReadingView {
        var: "xmpp.iot.actuator.mode".into(),
        value: Some(ValueView::Text("eco".into())),
        ..on.clone()
    };
    vec![sound, on, broken, text]
}

fn wish() -> IntentView {
    IntentView {
        id: 7,
        device: kettle().id,
        var: POWER.into(),
        wanted: ValueView::Bool(true),
        stage: StageView::Failed,
        since: NOON,
        failure: Some(FailureView {
            code: FailureCodeView::RefusedByDevice,
            detail: Some("no water".into()),
        }),
    }
}

fn diagnostics() -> DiagnosticsView {
    DiagnosticsView {
        streams: 2,
        resumptions: 1,
        values: 40,
        discarded: vec![DiscardView {
            reason: "stranger".into(),
            count: 5,
            last_from: Some("tybalt@elsewhere.example".into()),
        }],
        log: vec![LogLine {
            at: NOON,
            text: "signed out".into(),
        }],
        version: "0.1.0".into(),
    }
}
