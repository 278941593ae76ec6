//! Codes: what is read, what is reported, what is refused.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test ends by saying what was not as expected"
)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use roost_model::Profile;
use roost_onboarding::invite::{MAX_CODE_BYTES, MAX_PARAMETERS, Parameter, read};
use roost_onboarding::{
    Code, DeviceSecret, ForeignCode, Invite, InviteFault, InviteWarning, KeyFault, MacAddress, Text,
};

const MAC: &str = "A4:CF:12:25:76:98";

/// A key whose base64 has both a `+` and a `/`, so that every way of spoiling them shows.
fn key() -> [u8; 32] {
    (0..=u8::MAX)
        .map(|seed| DeviceSecret::from_seed(&[seed; 32]).public().to_bytes())
        .find(|key| {
            let text = blob(b"ssh-ed25519", key);
            text.contains('+') && text.contains('/')
        })
        .unwrap()
}

fn frame(kind: &[u8], key: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes();
    [&length(kind)[..], kind, &length(key), key].concat()
}

fn blob(kind: &[u8], key: &[u8]) -> String {
    STANDARD_NO_PAD.encode(frame(kind, key))
}

fn good() -> String {
    format!(
        "xmpp:iot-register?mac={MAC}&algo=ed25519&key={}",
        blob(b"ssh-ed25519", &key())
    )
}

fn with_key(key: &str) -> String {
    format!("xmpp:iot-register?mac={MAC}&algo=ed25519&key={key}")
}

fn invite(code: &str) -> (Invite, Vec<InviteWarning>) {
    let reading = read(code);
    match reading.code {
        Code::Invite(invite) => (*invite, reading.warnings),
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn the_strict_form_has_no_warnings() {
    let (plain, warnings) = invite(&good());
    assert_eq!(warnings, []);
    assert_eq!(
        (plain.mac.to_string().as_str(), plain.profile),
        (MAC, Profile::Thesis)
    );
    assert_eq!((plain.key.to_bytes(), plain.name.clone()), (key(), None));
    assert_eq!(plain.code(), good());

    let full = format!("{}&name=K%C3%BCche%20%26%20Bad&v=1", good());
    let (roost, warnings) = invite(&full);
    assert_eq!(warnings, []);
    assert_eq!(roost.name, Some(Text::new("Küche & Bad")));
    assert_eq!(roost.profile, Profile::Roost);
    assert_eq!(roost.code(), full);
}

#[test]
fn what_is_mended_is_reported() {
    let key64 = blob(b"ssh-ed25519", &key());
    let bytes = frame(b"ssh-ed25519", &key());
    let hex: String = key().iter().map(|byte| format!("{byte:02x}")).collect();
    let wrapped: String = good()
        .as_bytes()
        .chunks(20)
        .map(|line| format!("  {}\r\n", String::from_utf8_lossy(line)))
        .collect();
    let encoded = |text: &str| {
        text.replace('+', "%2B")
            .replace('/', "%2F")
            .replace(':', "%3A")
    };
    use InviteWarning::*;
    for (case, code, expected) in [
        (
            "around",
            format!("\u{feff} \n{}\n", good()),
            vec![WhiteSpace],
        ),
        ("wrapped", wrapped, vec![WhiteSpace]),
        (
            "a space for +",
            with_key(&key64.replace('+', " ")),
            vec![SpaceForPlus],
        ),
        (
            "spaces in the key",
            with_key(&format!("{} {}", &key64[..30], &key64[30..])),
            vec![WhiteSpace],
        ),
        (
            "scheme",
            good().replacen("xmpp:iot-register", "XMPP:IoT-Register", 1),
            vec![Case],
        ),
        (
            "names",
            good().replace("mac=", "MAC=").replace("key=", "Key="),
            vec![Case],
        ),
        (
            "algorithm",
            good().replace("ed25519&", "Ed25519&"),
            vec![Case],
        ),
        ("semicolons", good().replace('&', ";"), vec![Separators]),
        (
            "empty parameters",
            good().replace('&', "&&"),
            vec![Separators],
        ),
        (
            "slashes",
            good().replacen("xmpp:", "xmpp://", 1),
            vec![Slashes],
        ),
        (
            "mac with -",
            good().replace(MAC, "A4-CF-12-25-76-98"),
            vec![MacNotation],
        ),
        (
            "bare mac",
            good().replace(MAC, "a4cf12257698"),
            vec![MacNotation],
        ),
        (
            "lower mac",
            good().replace(MAC, &MAC.to_lowercase()),
            vec![Case],
        ),
        (
            "percent",
            good().replace(&key64, &encoded(&key64)),
            vec![PercentEncoding],
        ),
        (
            "percent in mac",
            good().replace(MAC, &encoded(MAC)),
            vec![PercentEncoding],
        ),
        (
            "a link as a whole",
            good()
                .replace('?', "%3F")
                .replace('=', "%3D")
                .replace('&', "%26"),
            vec![PercentEncoding],
        ),
        (
            "order",
            format!("xmpp:iot-register?key={key64}&algo=ed25519&mac={MAC}"),
            vec![Order],
        ),
        (
            "base64url",
            with_key(&URL_SAFE_NO_PAD.encode(&bytes)),
            vec![Base64Variant],
        ),
        (
            "raw base64",
            with_key(&STANDARD_NO_PAD.encode(key())),
            vec![RawKey],
        ),
        (
            "raw with padding",
            with_key(&STANDARD.encode(key())),
            vec![Base64Variant, RawKey],
        ),
        ("hex", with_key(&hex), vec![RawKey]),
        ("upper hex", with_key(&hex.to_uppercase()), vec![RawKey]),
        (
            "name turned around",
            format!("{}&name=a%E2%80%AEb", good()),
            vec![NameMended],
        ),
        (
            "extra",
            format!("{}&serial=7&keys=3&mac2=x", good()),
            vec![Extra],
        ),
    ] {
        let (read, warnings) = invite(&code);
        assert_eq!(read.key.to_bytes(), key(), "{case}");
        assert_eq!(read.mac.to_string(), MAC, "{case}");
        assert_eq!(warnings, expected, "{case}: {code}");
    }
    let (read, _) = invite(&format!("{}&serial=7%0A", good()));
    assert_eq!(read.extra, [(Text::new("serial"), Text::new("7\n"))]);
}

#[test]
fn every_fault_has_its_name() {
    let without = |parameter: &str| {
        let kept: Vec<&str> = good()
            .split_once('?')
            .unwrap()
            .1
            .split('&')
            .map(|p| p.to_owned().leak() as &str)
            .filter(|pair| !pair.starts_with(parameter))
            .collect();
        format!("xmpp:iot-register?{}", kept.join("&"))
    };
    let identity: [u8; 32] = std::array::from_fn(|i| u8::from(i == 0));
    let off_curve: [u8; 32] = std::array::from_fn(|i| if i == 0 { 2 } else { 0 });
    // y = p + 3 names the same point as y = 3.
    let twice: [u8; 32] = std::array::from_fn(|i| match i {
        0 => 0xf0,
        31 => 0x7f,
        _ => 0xff,
    });
    for (code, fault) in [
        (String::new(), InviteFault::Empty),
        (" \n\t\u{200b}".to_owned(), InviteFault::Empty),
        ("x".repeat(10_240), InviteFault::TooLong(10_240)),
        (
            format!("{}&x={}", good(), "y".repeat(MAX_CODE_BYTES)),
            InviteFault::TooLong(good().len() + 3 + MAX_CODE_BYTES),
        ),
        (
            format!("{}{}", good(), "&a=b".repeat(MAX_PARAMETERS)),
            InviteFault::TooManyParameters,
        ),
        (
            "xmpp:iot-register?".to_owned(),
            InviteFault::Missing(Parameter::Mac),
        ),
        (without("mac"), InviteFault::Missing(Parameter::Mac)),
        (without("algo"), InviteFault::Missing(Parameter::Algorithm)),
        (without("key"), InviteFault::Missing(Parameter::Key)),
        (
            without("mac") + "&mackey=1",
            InviteFault::Missing(Parameter::Mac),
        ),
        (
            good().replace(MAC, ""),
            InviteFault::Missing(Parameter::Mac),
        ),
        (
            format!("{}&mac={MAC}", good()),
            InviteFault::Duplicate(Parameter::Mac),
        ),
        (
            format!("{}&KEY=x", good()),
            InviteFault::Duplicate(Parameter::Key),
        ),
        (good().replace(MAC, "A4:CF:12:25:76"), InviteFault::BadMac),
        (
            good().replace(MAC, "A4:CF:12:25:76:9\u{202e}8"),
            InviteFault::BadMac,
        ),
        (
            good().replace("ed25519&", "rsa&"),
            InviteFault::UnknownAlgorithm(Text::new("rsa")),
        ),
        (
            format!("{}&v=2", good()),
            InviteFault::UnknownVersion(Text::new("2")),
        ),
        (
            format!("{}&v=", good()),
            InviteFault::UnknownVersion(Text::new("")),
        ),
        (with_key("%G0"), InviteFault::BadPercentEncoding),
        (with_key("%4"), InviteFault::BadPercentEncoding),
        (with_key("%FF"), InviteFault::BadPercentEncoding),
        (with_key("javascript:alert(1)"), InviteFault::KeyNotReadable),
        (with_key("AAAA"), InviteFault::KeyLength(3)),
        (
            with_key(&blob(b"ssh-ed25519", &key()[..31])),
            InviteFault::KeyLength(50),
        ),
        (
            with_key(&(blob(b"ssh-ed25519", &key()) + "AAAA")),
            InviteFault::KeyLength(54),
        ),
        (
            with_key(&blob(b"ssh-rsa", &[1; 64])),
            InviteFault::KeyKind(Text::new("ssh-rsa")),
        ),
        (
            with_key(&blob(b"ecdsa-sha2-nistp256", &key())),
            InviteFault::KeyKind(Text::new("ecdsa-sha2-nistp256")),
        ),
        (
            with_key(&blob(b"ssh-ed25519", &off_curve)),
            InviteFault::Key(KeyFault::NotOnCurve),
        ),
        (
            with_key(&blob(b"ssh-ed25519", &identity)),
            InviteFault::Key(KeyFault::LowOrder),
        ),
        (
            with_key(&blob(b"ssh-ed25519", &[0; 32])),
            InviteFault::Key(KeyFault::LowOrder),
        ),
        (
            with_key(&blob(b"ssh-ed25519", &twice)),
            InviteFault::Key(KeyFault::NotCanonical),
        ),
    ] {
        let shown: String = code.chars().take(120).collect();
        assert_eq!(read(&code).code, Code::Broken(fault), "{shown}");
    }
}

#[test]
fn other_codes_are_known_by_name() {
    for (code, meaning) in [
        ("MT:Y.K9042C00KA0648G00", Some(ForeignCode::Matter)),
        ("3497-0112-332", Some(ForeignCode::Matter)),
        ("749701123365521327694", Some(ForeignCode::Matter)),
        (
            "WIFI:T:WPA;S:Home;P:hunter22;;",
            Some(ForeignCode::WifiNetwork),
        ),
        ("wifi:S:Home;;", Some(ForeignCode::WifiNetwork)),
        (
            "DPP:C:81/1;M:112233445566;K:MDkw;;",
            Some(ForeignCode::WifiEasyConnect),
        ),
        (
            r#"{"ver":"v1","name":"PROV_1","pop":"abcd1234","transport":"ble","security":"2"}"#,
            Some(ForeignCode::EspressifProvisioning),
        ),
        ("iotdisco:MAN:example.org;SN:1", Some(ForeignCode::IotDisco)),
        ("IoTDisco;MAN:example.org;SN:1", Some(ForeignCode::IotDisco)),
        ("X-HM://0023ISYWY1234", Some(ForeignCode::HomeKit)),
        (
            "xmpp:romeo@example.org?roster;name=Romeo",
            Some(ForeignCode::XmppUri),
        ),
        (
            "xmpp:example.org?register;preauth=x;ibr=y",
            Some(ForeignCode::XmppUri),
        ),
        ("xmpp:iot-registers?mac=x", Some(ForeignCode::XmppUri)),
        ("xmpp:iot-register", Some(ForeignCode::XmppUri)),
        (
            "https://example.org/?xmpp:iot-register?mac=1",
            Some(ForeignCode::WebLink),
        ),
        ("javascript:alert(1)//?", Some(ForeignCode::Script)),
        ("data:text/html,x", Some(ForeignCode::Script)),
        ("4006381333931", None),
        ("{\"a\":1}", None),
        ("Hello, world?", None),
        ("%", None),
    ] {
        let reading = read(code);
        assert_eq!(
            reading.code,
            meaning.map_or(Code::Unknown, Code::Foreign),
            "{code}"
        );
        assert_eq!(reading.warnings, [], "{code}");
    }
    let debug = format!("{:?}", read("WIFI:T:WPA;S:Home;P:hunter22;;"));
    assert!(!debug.contains("hunter22"));
}

proptest! {
    #[test]
    fn anything_is_read(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn anything_after_the_scheme_is_read(query in "[a-z0-9=&;%+ :/é\\r\\n-]{0,200}") {
        let reading = read(&format!("xmpp:iot-register?{query}"));
        let is_ours = matches!(reading.code, Code::Invite(_) | Code::Broken(_));
        prop_assert!(is_ours, "{:?}", reading);
    }

    #[test]
    fn what_is_written_is_read(mac: [u8; 6], seed: [u8; 32], name in proptest::option::of("[^\\p{C}]{1,60}"), roost: bool) {
        let invite = Invite {
            mac: MacAddress(mac),
            key: DeviceSecret::from_seed(&seed).public(),
            profile: if roost { Profile::Roost } else { Profile::Thesis },
            name: name.map(Text::new).filter(|name| !name.is_empty()),
            extra: Vec::new(),
        };
        let reading = read(&invite.code());
        prop_assert_eq!(reading.warnings, vec![]);
        prop_assert_eq!(reading.code, Code::Invite(Box::new(invite)));
    }
}
