//! What is between the machines: commands of a radio as frames of ATT, cut, lost, late and twice.

use rand::Rng as _;
use roost_onboarding::gatt::SETUP_DONE;
use roost_onboarding::{
    AdapterState, AttError, ConnectFault, GattError, Nonce, Payload, PeripheralCommand,
    PeripheralEvent, RadioCommand, RadioEvent, RequestId,
};
use uuid::Uuid;

use super::{Happening, World};

impl World {
    pub(super) fn perform(&mut self, command: RadioCommand) {
        match command {
            RadioCommand::StartScan => {
                self.scanning = true;
                self.later(5, RadioEvent::Adapter(AdapterState::Ready));
            }
            RadioCommand::StopScan => self.scanning = false,
            RadioCommand::Connect { request, .. } => self.connect(request),
            RadioCommand::Disconnect => self.drop_link(),
            RadioCommand::Read {
                request,
                characteristic,
            } => {
                let (result, frames) = self.read(characteristic);
                if let Some(result) = result {
                    self.later(
                        frames * 10,
                        RadioEvent::ReadDone {
                            request,
                            characteristic,
                            result,
                        },
                    );
                }
            }
            RadioCommand::Write {
                request,
                characteristic,
                value,
            } => {
                let (result, frames) = self.write(characteristic, &value);
                if let Some(result) = result {
                    self.later(
                        frames * 10,
                        RadioEvent::Written {
                            request,
                            characteristic,
                            result,
                        },
                    );
                }
            }
            RadioCommand::Subscribe {
                request,
                characteristic,
            } => {
                if self.link.is_none() {
                    let result = Err(GattError::NotConnected);
                    self.later(
                        1,
                        RadioEvent::Subscribed {
                            request,
                            characteristic,
                            result,
                        },
                    );
                } else if self.frame(b"\x01\x00") {
                    self.device.handle(PeripheralEvent::Subscription {
                        characteristic,
                        wanted: true,
                    });
                    if self.frame(b"ok") {
                        let result = Ok(());
                        self.later(
                            20,
                            RadioEvent::Subscribed {
                                request,
                                characteristic,
                                result,
                            },
                        );
                    }
                }
            }
        }
    }

    fn connect(&mut self, request: RequestId) {
        if !self.advertising || !self.frame(b"connect") {
            let cause = ConnectFault::Gone;
            return self.later(100, RadioEvent::ConnectFailed { request, cause });
        }
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        let nonce = self.nonces.pop_front().unwrap_or(Nonce(bytes));
        self.link = Some(request);
        self.device
            .handle(PeripheralEvent::CentralConnected { nonce });
        self.device.handle(PeripheralEvent::Mtu(self.mtu));
        let characteristics = self.characteristics.clone();
        self.later(
            200,
            RadioEvent::Connected {
                request,
                characteristics,
                mtu: Some(self.mtu),
            },
        );
    }

    /// `None` if the link was cut before the answer came.
    fn read(&mut self, characteristic: Uuid) -> (Option<Result<Vec<u8>, GattError>>, u64) {
        if self.link.is_none() {
            return (Some(Err(GattError::NotConnected)), 1);
        }
        let room = usize::from(self.mtu) - 1;
        let mut value = Vec::new();
        let mut frames = 0;
        loop {
            let offset = value.len() as u16;
            frames += 2;
            if !self.frame(characteristic.as_bytes()) {
                return (None, frames);
            }
            let request = RequestId(0);
            let answer = self.ask(PeripheralEvent::ReadRequest {
                request,
                characteristic,
                offset,
            });
            match answer {
                Err(error) => return (Some(Err(GattError::Att(error.code()))), frames),
                Ok(mut part) => {
                    part.truncate(room);
                    if !self.frame(&part) {
                        return (None, frames);
                    }
                    value.extend_from_slice(&part);
                    if part.len() < room || value.len() >= 512 {
                        return (Some(Ok(value)), frames);
                    }
                }
            }
        }
    }

    fn write(
        &mut self,
        characteristic: Uuid,
        value: &Payload,
    ) -> (Option<Result<(), GattError>>, u64) {
        if self.link.is_none() {
            return (Some(Err(GattError::NotConnected)), 1);
        }
        let request = RequestId(0);
        let mut frames = 0;
        let mut requests = Vec::new();
        if value.len() <= usize::from(self.mtu) - 3 {
            let value = value.clone();
            requests.push(PeripheralEvent::WriteRequest {
                request,
                characteristic,
                offset: 0,
                value,
            });
        } else {
            let room = usize::from(self.mtu) - 5;
            for (index, part) in value.expose().chunks(room).enumerate() {
                let (offset, value) = ((index * room) as u16, Payload::new(part));
                requests.push(PeripheralEvent::Prepare {
                    request,
                    characteristic,
                    offset,
                    value,
                });
            }
            requests.push(PeripheralEvent::Execute {
                request,
                commit: true,
            });
        }
        for event in requests {
            frames += 2;
            let sent = match &event {
                PeripheralEvent::WriteRequest { value, .. }
                | PeripheralEvent::Prepare { value, .. } => value.expose().to_vec(),
                _ => vec![1],
            };
            if !self.frame(&sent) {
                return (None, frames);
            }
            let answer = self.ask(event);
            if self.faults.restart_in_done && characteristic == SETUP_DONE {
                self.drop_link();
                return (None, frames);
            }
            if !self.frame(b"ok") {
                return (None, frames);
            }
            if let Err(error) = answer {
                return (Some(Err(GattError::Att(error.code()))), frames);
            }
        }
        (Some(Ok(())), frames)
    }

    fn ask(&mut self, event: PeripheralEvent) -> Result<Vec<u8>, AttError> {
        self.device.handle(event);
        let mut result = None;
        let mut rest = Vec::new();
        while let Some(command) = self.device.poll_command() {
            match command {
                PeripheralCommand::Answer(answer) => result = Some(answer.result),
                other => rest.push(other),
            }
        }
        for command in rest {
            if let PeripheralCommand::Notify {
                characteristic,
                value,
            } = command
                && let Some(connection) = self.link
            {
                self.later(
                    30,
                    RadioEvent::Notified {
                        connection,
                        characteristic,
                        value,
                    },
                );
            }
        }
        result.expect("every request is answered")
    }

    /// One frame on the air; `false` if the link was cut instead.
    pub(super) fn frame(&mut self, bytes: &[u8]) -> bool {
        let number = self.air.len();
        self.air.push(bytes.to_vec());
        let cut = self.faults.cut_at == Some(number)
            || self.faults.dead_from.is_some_and(|from| number >= from)
            || self.chance(self.faults.cut);
        if cut {
            self.drop_link();
        }
        !cut
    }

    pub fn drop_link(&mut self) {
        if let Some(connection) = self.link.take() {
            self.device.handle(PeripheralEvent::CentralDisconnected);
            self.later(
                50,
                RadioEvent::Disconnected {
                    connection,
                    cause: None,
                },
            );
        }
    }

    fn chance(&mut self, thousandths: u32) -> bool {
        thousandths > 0 && self.rng.next_u32() % 1000 < thousandths
    }

    pub(super) fn later(&mut self, after: u64, event: RadioEvent) {
        if self.chance(self.faults.missing) {
            return;
        }
        if self.chance(self.faults.twice) {
            let again = after + u64::from(self.rng.next_u32() % 5_000);
            self.at(again, Happening::Radio(event.clone()));
        }
        let late = if self.chance(self.faults.late) {
            u64::from(self.rng.next_u32() % 60_000)
        } else {
            0
        };
        self.at(after + late, Happening::Radio(event));
    }

    pub(super) fn at(&mut self, after: u64, happening: Happening) {
        self.count += 1;
        self.queue
            .insert((self.now.instant.0 + after, self.count), happening);
    }
}
