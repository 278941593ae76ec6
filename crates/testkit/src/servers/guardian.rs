//! Holds a process, and lets go of it in every case.
//!
//! Between us and the server stands a shell that reads our pipe: a line names a signal to pass on,
//! the end of the pipe means kill. The pipe also ends when the test is killed or when nobody drops
//! a server kept in a `static`, so nothing stays behind.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Where what a server prints goes, in its folder.
pub(crate) const OUTPUT: &str = "output.log";

const SCRIPT: &str = r#"
"$@" </dev/null & child=$!
while read -r signal; do
  kill -"$signal" "$child"
  if [ "$signal" = TERM ]; then wait "$child"; exit; fi
done
kill -KILL "$child"
wait "$child"
"#;

/// What to run, and where.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, OsString)>,
    pub(crate) folder: PathBuf,
}

/// Whom a server and its files belong to.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// Somebody else, by number, where we are root.
    pub(crate) other: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Guardian {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Guardian {
    pub(crate) fn start(order: Order, owner: &Owner) -> io::Result<Self> {
        let output = File::create(order.folder.join(OUTPUT))?;
        let mut shell = Command::new("sh");
        shell
            .args(["-c", SCRIPT, "guardian"])
            .arg(&order.program)
            .args(&order.arguments)
            .envs(order.environment)
            .current_dir(&order.folder)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            // Ctrl-C in a terminal is for the test; the guardian follows by its pipe.
            .process_group(0);
        owner.apply(&mut shell);
        let mut shell = shell.spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Passes a signal on; a server that is gone already does not hear it.
    pub(crate) fn signal(&mut self, name: &str) {
        if let Some(pipe) = &mut self.pipe {
            let _ = writeln!(pipe, "{name}");
        }
    }

    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        let _ = self.shell.wait();
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.shell.wait();
    }
}

impl Owner {
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Some(id) = self.other {
            command.uid(id).gid(id);
        }
    }
}
