//! The machine that the program runs on: the one board that is real.
//!
//! It reads the kernel's files at every step, at most once a second. A file that is missing or
//! makes no sense makes the point unreadable, never an error. The switch is a file that holds `1`
//! or `0`, so that a script can act on it; it is written at once and read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_model::{Value, ValueKind};

use crate::board::rounded;
use crate::{Board, Control, Description, Point, Refused};

/// This machine.
#[derive(Debug)]
pub(crate) struct Linux {
    description: Description,
    root: PathBuf,
    switch: PathBuf,
    zones: Vec<Zone>,
    age: Duration,
    load: Option<f64>,
    memory: Option<Memory>,
}

#[derive(Debug)]
struct Zone {
    name: String,
    file: PathBuf,
    celsius: Option<f64>,
}

/// In MiB.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Memory {
    total: f64,
    available: f64,
}

impl Linux {
    const REFRESH: Duration = Duration::from_secs(1);
    const MOST_ZONES: usize = 16;

    /// The machine whose `proc` and `sys` are under `root`, with its switch at `switch`.
    pub(crate) fn new(root: &Path, switch: &Path) -> Self {
        let zones = find_zones(root);
        let mut board = Self {
            description: describe(&zones, &host_name(root)),
            root: root.to_owned(),
            switch: switch.to_owned(),
            zones,
            age: Duration::ZERO,
            load: None,
            memory: None,
        };
        board.refresh();
        board
    }

    fn refresh(&mut self) {
        let proc = self.root.join("proc");
        self.load = fs::read_to_string(proc.join("loadavg"))
            .ok()
            .and_then(|text| text.split(' ').next()?.parse().ok())
            .filter(|load: &f64| load.is_finite());
        self.memory = fs::read_to_string(proc.join("meminfo"))
            .ok()
            .and_then(|text| Memory::read(&text));
        for zone in &mut self.zones {
            zone.celsius = millidegrees(&zone.file);
        }
    }

    fn is_switched_on(&self) -> bool {
        fs::read_to_string(&self.switch).is_ok_and(|text| text.trim() == "1")
    }
}

impl Memory {
    fn read(meminfo: &str) -> Option<Self> {
        let mebibytes = |key: &str| {
            let line = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
            let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
            Some(kibibytes / 1024.0)
        };
        Some(Self {
            total: mebibytes("MemTotal:")?,
            available: mebibytes("MemAvailable:")?,
        })
    }
}

fn describe(zones: &[Zone], host: &str) -> Description {
    let mut description = Description::new(host, "Linux", std::env::consts::ARCH)
        .header("Machine")
        .point(Point::sensor("load", "Load, one minute", ValueKind::Float).deadband(0.05))
        .point(
            Point::sensor("memory", "Memory free", ValueKind::Float)
                .unit("MiB")
                .deadband(16.0),
        )
        .point(
            Point::sensor("memory-used", "Memory used", ValueKind::Float)
                .unit("%")
                .deadband(0.5),
        );
    for zone in zones {
        description = description.point(
            Point::sensor(&zone.name, &zone.name, ValueKind::Float)
                .unit("celsius")
                .deadband(0.5),
        );
    }
    description.header("Control").point(Point::actuator(
        "switch",
        "Switch",
        ValueKind::Bool,
        Control::Switch,
    ))
}

fn host_name(root: &Path) -> String {
    fs::read_to_string(root.join("proc/sys/kernel/hostname"))
        .map(|name| name.trim().chars().take(64).collect())
        .ok()
        .filter(|name: &String| !name.is_empty())
        .unwrap_or_else(|| "Linux".to_owned())
}

fn find_zones(root: &Path) -> Vec<Zone> {
    let Ok(folder) = fs::read_dir(root.join("sys/class/thermal")) else {
        return Vec::new();
    };
    let mut zones: Vec<Zone> = folder
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            name.to_string_lossy().starts_with("thermal_zone")
        })
        .take(Linux::MOST_ZONES)
        .filter_map(|entry| {
            let kind = fs::read_to_string(entry.path().join("type")).ok()?;
            let file = entry.path().join("temp");
            Some(Zone {
                name: kind.trim().chars().take(32).collect(),
                celsius: Some(millidegrees(&file)?),
                file,
            })
        })
        .collect();
    zones.sort_by(|a, b| a.file.cmp(&b.file));
    zones
}

fn millidegrees(file: &Path) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let millidegrees: i32 = text.trim().parse().ok()?;
    Some(f64::from(millidegrees) / 1000.0)
}

impl Board for Linux {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, elapsed: Duration) {
        self.age = self.age.saturating_add(elapsed);
        if self.age >= Self::REFRESH {
            self.age = Duration::ZERO;
            self.refresh();
        }
    }

    fn read(&self, point: &str) -> Option<Value> {
        match point {
            "load" => Some(rounded(self.load?, 2)),
            "memory" => Some(rounded(self.memory?.available, 0)),
            "memory-used" => {
                let Memory { total, available } = self.memory?;
                Some(rounded(100.0 * (1.0 - available / total.max(1.0)), 1))
            }
            "switch" => Some(Value::Bool(self.is_switched_on())),
            _ => {
                let zone = self.zones.iter().find(|zone| zone.name == point)?;
                Some(rounded(zone.celsius?, 1))
            }
        }
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        let ("switch", Value::Bool(on)) = (point, value) else {
            return Err(self.description.refusal(point));
        };
        fs::write(&self.switch, if *on { "1\n" } else { "0\n" })
            .map_err(|error| Refused::Unsafe(format!("its file cannot be written: {error}")))?;
        Ok(Value::Bool(self.is_switched_on()))
    }

    /// The switch is a file and keeps its value.
    fn power_cycle(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn reads_what_the_kernel_says() {
        let zone = "sys/class/thermal/thermal_zone0";
        let root = machine(&[
            ("proc/loadavg", "0.52 0.58 0.59 1/597 12345\n"),
            (
                "proc/meminfo",
                "MemTotal:  8388608 kB\nMemFree: 1 kB\nMemAvailable:  2097152 kB\n",
            ),
            ("proc/sys/kernel/hostname", "attic\n"),
            (&format!("{zone}/type"), "x86_pkg_temp\n"),
            (&format!("{zone}/temp"), "47500\n"),
        ]);
        let mut board = Linux::new(root.path(), &root.path().join("switch"));
        assert_eq!(board.description().name, "attic");
        let expected = [
            ("load", 0.52),
            ("memory", 2048.0),
            ("memory-used", 75.0),
            ("x86_pkg_temp", 47.5),
        ];
        for (point, value) in expected {
            assert_eq!(board.read(point), Some(Value::Float(value)), "{point}");
        }
        fs::write(root.path().join("proc/loadavg"), "NaN\n").unwrap();
        board.step(Duration::from_secs(1));
        assert_eq!(board.read("load"), None);
    }

    #[test]
    fn the_switch_is_a_file() {
        let root = machine(&[]);
        let file = root.path().join("switch");
        let mut board = Linux::new(root.path(), &file);
        assert_eq!(board.read("switch"), Some(Value::Bool(false)));
        board.actuate("switch", &Value::Bool(true)).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "1\n");
        fs::write(&file, "0").unwrap();
        assert_eq!(board.read("switch"), Some(Value::Bool(false)));

        let mut board = Linux::new(root.path(), &root.path().join("no/such/folder"));
        let refused = board.actuate("switch", &Value::Bool(true));
        assert!(matches!(refused, Err(Refused::Unsafe(_))), "{refused:?}");
    }
}
