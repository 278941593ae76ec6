use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use roost_model::Profile;

use super::*;
use crate::gatt::{
    CHALLENGE, JID, JID_PASSWORD, JID_SENDER, NONCE, PROOF, SETUP_DONE, WIFI_PASSWORD, WIFI_SSID,
};
use crate::{DeviceInformation, DeviceSecret, seal};

const SETTINGS: [(Uuid, &str); 5] = [
    (JID, "lamp@example.org"),
    (JID_PASSWORD, "wherefore art thou"),
    (JID_SENDER, "alice@example.org"),
    (WIFI_SSID, "HomeNet"),
    (WIFI_PASSWORD, "hunter22"),
];

struct Bench {
    device: Provisionee,
    nonce: Nonce,
    rng: ChaCha20Rng,
    request: u32,
}

impl Bench {
    fn new(profile: Profile) -> Self {
        let device = Provision {
            secret: DeviceSecret::from_seed(&std::array::from_fn(|i| u8::try_from(i).unwrap())),
            profile,
            information: DeviceInformation::new("en", "1", "2", "3", "Roost"),
            local_name: "Roost".to_owned(),
        };
        let device = Provisionee::new(device, false);
        let rng = ChaCha20Rng::from_seed([1; 32]);
        let mut bench = Self {
            device,
            nonce: Nonce([9; 32]),
            rng,
            request: 0,
        };
        bench.connect(9);
        bench
    }

    fn connect(&mut self, nonce: u8) {
        self.nonce = Nonce([nonce; 32]);
        self.device
            .handle(PeripheralEvent::CentralConnected { nonce: self.nonce });
        while self.device.poll_command().is_some() {}
    }

    fn ask(
        &mut self,
        event: impl FnOnce(RequestId) -> PeripheralEvent,
    ) -> Result<Vec<u8>, AttError> {
        self.request += 1;
        self.device.handle(event(RequestId(self.request)));
        while let Some(command) = self.device.poll_command() {
            if let PeripheralCommand::Answer(answer) = command {
                assert_eq!(answer.request, RequestId(self.request));
                return answer.result;
            }
        }
        panic!("no answer")
    }

    fn write(
        &mut self,
        characteristic: Uuid,
        value: impl Into<Vec<u8>>,
    ) -> Result<Vec<u8>, AttError> {
        let value = Payload::new(value);
        self.ask(|request| PeripheralEvent::WriteRequest {
            request,
            characteristic,
            offset: 0,
            value,
        })
    }

    fn read(&mut self, characteristic: Uuid, offset: u16) -> Result<Vec<u8>, AttError> {
        self.ask(|request| PeripheralEvent::ReadRequest {
            request,
            characteristic,
            offset,
        })
    }

    fn sealed(&mut self, characteristic: Uuid, plain: &[u8]) -> Vec<u8> {
        let key = self.device.device.secret.public();
        let sealed = seal::seal(&key, &self.nonce, characteristic, plain, &mut self.rng);
        sealed.unwrap().expose().to_vec()
    }

    fn seal_and_write(&mut self, characteristic: Uuid, plain: &[u8]) -> Result<Vec<u8>, AttError> {
        let sealed = self.sealed(characteristic, plain);
        self.write(characteristic, sealed)
    }

    fn write_all(&mut self) {
        for (characteristic, plain) in SETTINGS {
            assert_eq!(
                self.seal_and_write(characteristic, plain.as_bytes()),
                Ok(vec![])
            );
        }
    }
}

#[test]
fn advertises_the_bytes_of_the_vector() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap();
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let mut device = Bench::new(Profile::Roost).device.device;
    let packets = advertisement(&device);
    assert_eq!(
        hex(&packets.packet),
        vectors["device"]["adv_ind"].as_str().unwrap()
    );
    assert_eq!(
        hex(&packets.scan_response),
        vectors["device"]["scan_rsp"].as_str().unwrap()
    );
    for profile in [Profile::Roost, Profile::Thesis] {
        device.profile = profile;
        device.local_name = "Wohnzimmerlämpchen".to_owned();
        let packets = advertisement(&device);
        assert!(
            packets.packet.len() <= 31 && packets.scan_response.len() <= 31,
            "{packets:?}"
        );
        assert_eq!(packets.local_name, "Wohnzimmerl");
    }
}

#[test]
fn stages_tries_and_keeps() {
    let mut bench = Bench::new(Profile::Roost);
    assert_eq!(
        bench.seal_and_write(SETUP_DONE, &[1]),
        Err(AttError::Incomplete)
    );
    bench.write_all();
    assert_eq!(
        bench.device.poll_event(),
        None,
        "nothing happens before done"
    );
    assert_eq!(bench.seal_and_write(SETUP_DONE, &[1]), Ok(vec![]));
    assert_eq!(bench.read(STATUS, 0), Ok(b"\x01HomeNet".to_vec()));
    let Some(DeviceEvent::Configured(given)) = bench.device.poll_event() else {
        panic!()
    };
    assert_eq!(given.ssid.as_str(), "HomeNet");
    assert_eq!(given.jid.as_str(), "lamp@example.org");
    assert_eq!(given.sender.as_str(), "alice@example.org");

    bench
        .device
        .joining(JoinReport::WifiWrongPassword, "HomeNet");
    assert_eq!(bench.seal_and_write(WIFI_PASSWORD, b"hunter23"), Ok(vec![]));
    assert_eq!(bench.seal_and_write(SETUP_DONE, &[1]), Ok(vec![]));
    let Some(DeviceEvent::Configured(given)) = bench.device.poll_event() else {
        panic!()
    };
    assert_eq!(given.wifi_password.secret().expose(), "hunter23");

    bench.device.joining(JoinReport::Online, "");
    assert_eq!(bench.device.poll_event(), Some(DeviceEvent::Keep(given)));
    assert_eq!(bench.read(STATUS, 0), Ok(vec![9]));
    assert_eq!(
        bench.seal_and_write(WIFI_SSID, b"Other"),
        Err(AttError::WriteNotPermitted)
    );
    bench.device.handle(PeripheralEvent::CentralDisconnected);
    assert_eq!(
        bench.device.poll_command(),
        Some(PeripheralCommand::Withdraw)
    );
    assert!(!bench.device.is_open());
    bench.device.reset();
    assert!(matches!(
        bench.device.poll_command(),
        Some(PeripheralCommand::Advertise(_))
    ));
}

#[test]
fn a_new_connection_needs_all_five_again() {
    let mut bench = Bench::new(Profile::Roost);
    bench.write_all();
    bench.device.handle(PeripheralEvent::CentralDisconnected);
    bench.connect(8);
    assert_eq!(
        bench.seal_and_write(JID_SENDER, b"mallory@example.org"),
        Ok(vec![])
    );
    assert_eq!(
        bench.seal_and_write(SETUP_DONE, &[1]),
        Err(AttError::Incomplete)
    );
    assert_eq!(bench.device.poll_event(), None);
}

#[test]
fn refuses_with_the_right_code() {
    let mut bench = Bench::new(Profile::Roost);
    assert_eq!(
        bench.write(JID, *b"lamp@example.org"),
        Err(AttError::InvalidLength),
        "plain"
    );
    assert_eq!(bench.write(JID, [7; 48]), Err(AttError::DoesNotOpen));
    assert_eq!(bench.read(PROOF, 0), Err(AttError::NoChallenge));
    assert_eq!(
        bench.write(CHALLENGE, [1; 31]),
        Err(AttError::InvalidLength)
    );
    let sealed = bench.sealed(JID, b"lamp@example.org");
    assert_eq!(
        bench.write(JID_SENDER, sealed.clone()),
        Err(AttError::DoesNotOpen),
        "another place"
    );
    assert_eq!(bench.write(JID, sealed.clone()), Ok(vec![]));
    assert_eq!(bench.write(JID, sealed.clone()), Err(AttError::KeyReused));
    for (characteristic, plain) in [
        (WIFI_SSID, &b""[..]),
        (WIFI_SSID, &[b'x'; 33]),
        (WIFI_SSID, b"a\0b"),
        (WIFI_SSID, b"\xff\xfe"),
        (WIFI_PASSWORD, b"1234567"),
        (WIFI_PASSWORD, &[b'x'; 64]),
        (JID, b"a@b@c d"),
        (JID, b"example.org"),
        (JID, b"lamp@example.org/resource"),
        (JID_PASSWORD, b""),
        (SETUP_DONE, &[2]),
    ] {
        let answer = bench.seal_and_write(characteristic, plain);
        assert_eq!(
            answer,
            Err(AttError::NotAcceptable),
            "{characteristic} {plain:?}"
        );
    }
    bench.connect(7);
    assert_eq!(
        bench.write(JID, sealed),
        Err(AttError::DoesNotOpen),
        "recorded"
    );
    assert_eq!(bench.read(JID, 0), Err(AttError::ReadNotPermitted));
    assert_eq!(bench.write(NONCE, [1]), Err(AttError::WriteNotPermitted));
    assert_eq!(
        bench.read(Uuid::from_u128(1), 0),
        Err(AttError::AttributeNotFound)
    );
}

#[test]
fn long_reads_see_one_value() {
    let mut bench = Bench::new(Profile::Roost);
    let network = |name: &str, rssi| WifiNetwork {
        ssid: crate::Ssid::new(name).unwrap(),
        rssi,
        secured: true,
    };
    bench.device.networks(&[network("One", -40)]);
    let first = bench.read(WIFI_NETWORKS, 0).unwrap();
    bench
        .device
        .networks(&[network("Two", -40), network("Three", -50)]);
    assert_eq!(bench.read(WIFI_NETWORKS, 5).unwrap(), first[5..]);
    assert_eq!(bench.read(WIFI_NETWORKS, 500), Err(AttError::InvalidOffset));
    assert_ne!(bench.read(WIFI_NETWORKS, 0).unwrap(), first);
}

#[test]
fn a_long_write_of_29_parts_counts_its_offsets() {
    let mut bench = Bench::new(Profile::Roost);
    let jid = format!(
        "{}@{}.{}.example.org",
        "d".repeat(300),
        "e".repeat(63),
        "f".repeat(63)
    );
    let plain = format!("{jid:.<464}")
        .replace('.', "x")
        .replacen('x', "y", 1);
    let sealed = bench.sealed(JID_PASSWORD, plain.as_bytes());
    assert_eq!((sealed.len(), sealed.chunks(18).count()), (512, 29));
    let send = |bench: &mut Bench, shift: u16| {
        for (index, part) in sealed.chunks(18).enumerate() {
            let offset = u16::try_from(index).unwrap() * 18 + if index > 3 { shift } else { 0 };
            let value = Payload::new(part);
            let part = |request| PeripheralEvent::Prepare {
                request,
                characteristic: JID_PASSWORD,
                offset,
                value,
            };
            assert_eq!(bench.ask(part), Ok(vec![]));
        }
        bench.ask(|request| PeripheralEvent::Execute {
            request,
            commit: true,
        })
    };
    assert_eq!(send(&mut bench, 1), Err(AttError::InvalidOffset));
    assert_eq!(send(&mut bench, 0), Ok(vec![]));
    assert_eq!(send(&mut bench, 0), Err(AttError::KeyReused));
}

#[test]
fn a_thesis_device_takes_plain_text_and_ignores_offsets() {
    let mut bench = Bench::new(Profile::Thesis);
    assert_eq!(bench.read(NONCE, 0), Err(AttError::AttributeNotFound));
    for (characteristic, plain) in SETTINGS {
        assert_eq!(bench.write(characteristic, plain), Ok(vec![]));
    }
    let (first, second) = (Payload::new(*b"bob@"), Payload::new(*b"example.org"));
    for (offset, value) in [(0, first), (99, second)] {
        let part = |request| PeripheralEvent::Prepare {
            request,
            characteristic: JID,
            offset,
            value,
        };
        assert_eq!(bench.ask(part), Ok(vec![]));
    }
    assert_eq!(
        bench.ask(|request| PeripheralEvent::Execute {
            request,
            commit: true
        }),
        Ok(vec![])
    );
    assert_eq!(bench.write(SETUP_DONE, [1]), Ok(vec![]));
    let Some(DeviceEvent::Configured(given)) = bench.device.poll_event() else {
        panic!()
    };
    assert_eq!(given.jid.as_str(), "bob@example.org");
}
