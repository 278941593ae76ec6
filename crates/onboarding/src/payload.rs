//! Bytes that may be secret.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// The value of a write or of a stored attribute. To a thesis device passwords are written as they
/// are, so the bytes are treated as a secret: they print as their number and are wiped on drop.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Payload(Vec<u8>);

impl Payload {
    /// Takes bytes into keeping.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves, for the one call that sends or opens them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes `part` at the end. The old buffer is wiped should it have to move.
    pub(crate) fn append(&mut self, part: &[u8]) {
        let mut longer = Vec::with_capacity(self.0.len() + part.len());
        longer.extend_from_slice(&self.0);
        longer.extend_from_slice(part);
        self.0.zeroize();
        self.0 = longer;
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn does_not_print_itself() {
        let mut payload = Payload::new(*b"hunter");
        payload.append(b"22");
        assert_eq!(format!("{payload:?}"), "[8 bytes]");
        assert_eq!(payload.expose(), b"hunter22");
    }
}
