//! The requests of a central: reads, writes, and long ones in parts.

use uuid::Uuid;

use super::{MAX_KEYS, MAX_PARTS, Provision, Provisionee, Stage};
use crate::gatt::{
    CHALLENGE, INFORMATION_CHARACTERISTICS, MAX_ATTRIBUTE_BYTES, NONCE, PROOF, SETUP_DONE, STATUS,
    THESIS_CHARACTERISTICS, WIFI_NETWORKS,
};
use crate::seal::{ENCAPSULATED_KEY_BYTES, OVERHEAD_BYTES};
use crate::{AttError, Challenge, DeviceEvent, Payload, Progress, RequestId, Status, proof, seal};

impl Provisionee {
    pub(super) fn read(
        &mut self,
        characteristic: Uuid,
        offset: usize,
    ) -> Result<Vec<u8>, AttError> {
        let fresh = if offset == 0 {
            Some(self.value(characteristic)?)
        } else {
            None
        };
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        if let Some(value) = fresh {
            central.snapshots.insert(characteristic, value);
        }
        let value = central
            .snapshots
            .get(&characteristic)
            .ok_or(AttError::InvalidOffset)?;
        value
            .get(offset..)
            .map(<[u8]>::to_vec)
            .ok_or(AttError::InvalidOffset)
    }

    fn value(&self, characteristic: Uuid) -> Result<Vec<u8>, AttError> {
        if let Some(index) = INFORMATION_CHARACTERISTICS
            .iter()
            .position(|one| *one == characteristic)
        {
            let string = &self.device.information.strings[index];
            return Ok(string[..string.len().min(MAX_ATTRIBUTE_BYTES)].to_vec());
        }
        if THESIS_CHARACTERISTICS.contains(&characteristic) {
            return Err(AttError::ReadNotPermitted);
        }
        let central = self.central.as_ref().ok_or(AttError::Unlikely)?;
        match characteristic {
            _ if !self.is_roost() => Err(AttError::AttributeNotFound),
            NONCE => Ok(central.nonce.0.to_vec()),
            CHALLENGE => Err(AttError::ReadNotPermitted),
            PROOF => {
                let challenge = central.challenge.as_ref().ok_or(AttError::NoChallenge)?;
                let Provision {
                    secret,
                    information,
                    ..
                } = &self.device;
                Ok(proof::sign(secret, challenge, &central.nonce, information).to_vec())
            }
            WIFI_NETWORKS => Ok(self.networks.clone()),
            STATUS => Ok(self.status.write(MAX_ATTRIBUTE_BYTES)),
            _ => Err(AttError::AttributeNotFound),
        }
    }

    /// A whole value, or the continuation of the one before.
    pub(super) fn write(
        &mut self,
        characteristic: Uuid,
        offset: usize,
        value: Payload,
    ) -> Result<(), AttError> {
        let follows_on = offset > 0;
        let thesis = !self.is_roost();
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        let whole = match central.raw.take() {
            Some((of, mut before)) if follows_on && of == characteristic => {
                // The thesis' firmware appends whatever the offset says.
                if !thesis && before.len() != offset {
                    return Err(AttError::InvalidOffset);
                }
                before.append(value.expose());
                before
            }
            _ if follows_on => return Err(AttError::InvalidOffset),
            _ => value,
        };
        if whole.len() > MAX_ATTRIBUTE_BYTES {
            return Err(AttError::InvalidLength);
        }
        let result = self.accept(characteristic, whole.expose());
        if let Some(central) = &mut self.central {
            central.raw = Some((characteristic, whole));
        }
        result
    }

    pub(super) fn prepare(
        &mut self,
        characteristic: Uuid,
        offset: u16,
        value: Payload,
    ) -> Result<(), AttError> {
        let known = THESIS_CHARACTERISTICS.contains(&characteristic)
            || (self.is_roost() && characteristic == CHALLENGE);
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        if !known {
            return Err(AttError::WriteNotPermitted);
        }
        if central.parts.len() >= MAX_PARTS {
            return Err(AttError::PrepareQueueFull);
        }
        central.parts.push((characteristic, offset, value));
        Ok(())
    }

    pub(super) fn execute(&mut self, request: RequestId, commit: bool) {
        let parts = self
            .central
            .as_mut()
            .map(|central| std::mem::take(&mut central.parts));
        let (Some(parts), true) = (parts, commit) else {
            self.answer(request, Ok(Vec::new()));
            return;
        };
        let mut values: Vec<(Uuid, Payload)> = Vec::new();
        for (characteristic, offset, part) in parts {
            let slot = match values.iter().position(|(of, _)| *of == characteristic) {
                Some(at) => at,
                None => {
                    values.push((characteristic, Payload::default()));
                    values.len() - 1
                }
            };
            let value = &mut values[slot].1;
            let problem = if self.is_roost() && usize::from(offset) != value.len() {
                Some(AttError::InvalidOffset)
            } else if value.len() + part.len() > MAX_ATTRIBUTE_BYTES {
                Some(AttError::InvalidLength)
            } else {
                None
            };
            if let Some(problem) = problem {
                self.answer(request, Err(problem));
                return;
            }
            value.append(part.expose());
        }
        let mut last = (SETUP_DONE, Ok(()));
        for (characteristic, value) in values {
            last = (characteristic, self.accept(characteristic, value.expose()));
            if last.1.is_err() {
                break;
            }
        }
        self.written(request, last.0, last.1);
    }

    /// Takes a whole value. The done write only checks; [`Self::written`] acts after the answer.
    fn accept(&mut self, characteristic: Uuid, value: &[u8]) -> Result<(), AttError> {
        let is_setting = THESIS_CHARACTERISTICS.contains(&characteristic);
        let roost = self.is_roost();
        let central = self.central.as_mut().ok_or(AttError::Unlikely)?;
        if roost && characteristic == CHALLENGE {
            let challenge = value.try_into().map_err(|_| AttError::InvalidLength)?;
            central.challenge = Some(Challenge(challenge));
            return Ok(());
        }
        if !is_setting {
            let readable = INFORMATION_CHARACTERISTICS.contains(&characteristic)
                || (roost && matches!(characteristic, NONCE | PROOF | WIFI_NETWORKS | STATUS));
            return Err(if readable {
                AttError::WriteNotPermitted
            } else {
                AttError::AttributeNotFound
            });
        }
        if self.stage != Stage::Open {
            return Err(AttError::WriteNotPermitted);
        }
        if !roost {
            return central.staged.take(characteristic, value);
        }
        if value.len() < OVERHEAD_BYTES {
            return Err(AttError::InvalidLength);
        }
        let mut encapsulated = [0; ENCAPSULATED_KEY_BYTES];
        encapsulated.copy_from_slice(&value[..ENCAPSULATED_KEY_BYTES]);
        if central.used_keys.contains(&encapsulated) {
            return Err(AttError::KeyReused);
        }
        let plain = seal::open(&self.device.secret, &central.nonce, characteristic, value)
            .map_err(|_| AttError::DoesNotOpen)?;
        if central.used_keys.len() >= MAX_KEYS {
            return Err(AttError::Unlikely);
        }
        // Remembered when it opened: what does not open is refused again anyway.
        central.used_keys.insert(encapsulated);
        central.staged.take(characteristic, &plain)
    }

    /// Answers a write and, after the answer, begins if it was the done.
    pub(super) fn written(
        &mut self,
        request: RequestId,
        characteristic: Uuid,
        result: Result<(), AttError>,
    ) {
        let began = result.is_ok() && characteristic == SETUP_DONE;
        let configuration = if began {
            self.central
                .as_mut()
                .and_then(|central| central.staged.configuration())
        } else {
            None
        };
        self.answer(request, result.map(|()| Vec::new()));
        let Some(configuration) = configuration else {
            return;
        };
        self.trial = Some(configuration.clone());
        let ssid = configuration.ssid.clone();
        self.events
            .push_back(DeviceEvent::Configured(Box::new(configuration)));
        if self.is_roost() {
            self.set_status(Status::new(Progress::JoiningWifi, ssid.as_str()));
        } else {
            self.leave();
        }
    }
}
