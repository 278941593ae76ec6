//! How far a device is, as it tells over Bluetooth. A hint that anyone near can read and a relay
//! can forge; the truth is the device's first words over XMPP.

use crate::Text;

/// Longest detail of a status, in bytes of UTF-8.
pub const MAX_DETAIL_BYTES: usize = 100;

/// What a device does, or what stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// Nothing yet.
    Idle,
    /// It joins the network.
    JoiningWifi,
    /// The network refuses the password.
    WifiWrongPassword,
    /// It does not see the network.
    WifiNotFound,
    /// The network gives it no address.
    WifiNoAddress,
    /// It connects to the XMPP server.
    ConnectingXmpp,
    /// The server refuses its account or password.
    XmppAuthFailed,
    /// It does not reach the server.
    XmppUnreachable,
    /// It does not trust the server's certificate.
    TlsRefused,
    /// Its XMPP stream is bound.
    Done,
    /// A number from the future: shown as working.
    Unknown(u8),
}

impl Progress {
    /// The number on the air.
    pub fn number(self) -> u8 {
        match self {
            Self::Idle => 0,
            Self::JoiningWifi => 1,
            Self::WifiWrongPassword => 2,
            Self::WifiNotFound => 3,
            Self::WifiNoAddress => 4,
            Self::ConnectingXmpp => 5,
            Self::XmppAuthFailed => 6,
            Self::XmppUnreachable => 7,
            Self::TlsRefused => 8,
            Self::Done => 9,
            Self::Unknown(number) => number,
        }
    }

    /// The meaning of a number.
    pub fn of(number: u8) -> Self {
        match number {
            0 => Self::Idle,
            1 => Self::JoiningWifi,
            2 => Self::WifiWrongPassword,
            3 => Self::WifiNotFound,
            4 => Self::WifiNoAddress,
            5 => Self::ConnectingXmpp,
            6 => Self::XmppAuthFailed,
            7 => Self::XmppUnreachable,
            8 => Self::TlsRefused,
            9 => Self::Done,
            number => Self::Unknown(number),
        }
    }

    /// Whether the device waits for corrected writes and another done.
    pub fn rests(self) -> bool {
        matches!(
            self,
            Self::WifiWrongPassword
                | Self::WifiNotFound
                | Self::WifiNoAddress
                | Self::XmppAuthFailed
                | Self::XmppUnreachable
                | Self::TlsRefused
        )
    }

    /// Whether another network or password may mend it.
    pub fn is_about_wifi(self) -> bool {
        matches!(
            self,
            Self::WifiWrongPassword | Self::WifiNotFound | Self::WifiNoAddress
        )
    }
}

/// Progress and its detail, such as the name of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The state.
    pub progress: Progress,
    /// What the device adds; never a password.
    pub detail: Text,
}

impl Status {
    /// A status of a device.
    pub fn new(progress: Progress, detail: &str) -> Self {
        let end = boundary(detail, MAX_DETAIL_BYTES);
        Self {
            progress,
            detail: Text::new(&detail[..end]),
        }
    }

    /// Reads a value (app role); `None` if it is empty. A detail that is too long is cut, one that
    /// is no UTF-8 is mended with U+FFFD.
    pub fn read(value: &[u8]) -> Option<Self> {
        let (number, detail) = value.split_first()?;
        let detail = &detail[..detail.len().min(MAX_DETAIL_BYTES)];
        Some(Self {
            progress: Progress::of(*number),
            detail: Text::from_bytes(detail),
        })
    }

    /// Writes the value (device role) in at most `room` bytes, cut at a character.
    pub fn write(&self, room: usize) -> Vec<u8> {
        let detail = self.detail.as_str();
        let end = boundary(detail, room.saturating_sub(1).min(MAX_DETAIL_BYTES));
        let mut value = vec![self.progress.number()];
        value.extend_from_slice(&detail.as_bytes()[..end]);
        value
    }
}

fn boundary(text: &str, most: usize) -> usize {
    text.floor_char_boundary(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_cut_at_a_character() {
        let status = Status::new(Progress::JoiningWifi, "Caféé");
        assert_eq!(status.write(usize::MAX), b"\x01Caf\xc3\xa9\xc3\xa9");
        assert_eq!(status.write(7), b"\x01Caf\xc3\xa9");
        assert_eq!(status.write(0), b"\x01");
        assert_eq!(
            Status::new(Progress::Idle, &"é".repeat(99))
                .detail
                .as_str()
                .len(),
            100
        );
    }

    proptest! {
        #[test]
        fn anything_is_read(value in proptest::collection::vec(any::<u8>(), 0..600)) {
            match Status::read(&value) {
                None => prop_assert!(value.is_empty()),
                Some(status) => {
                    prop_assert_eq!(status.progress.number(), value[0]);
                    prop_assert!(status.detail.as_str().len() <= 300);
                    let written = status.write(512);
                    prop_assert!(written.len() <= 1 + MAX_DETAIL_BYTES);
                    prop_assert!(std::str::from_utf8(&written[1..]).is_ok());
                }
            }
        }

        #[test]
        fn what_is_written_is_read(number: u8, detail in "[^\\p{C}\u{200e}\u{200f}]{0,25}", room in 1_usize..200) {
            let status = Status::new(Progress::of(number), &detail);
            prop_assert_eq!(Status::read(&status.write(512)), Some(status.clone()));
            let cut = status.write(room);
            prop_assert!(cut.len() <= room);
            prop_assert!(status.write(512).starts_with(&cut));
        }
    }
}
