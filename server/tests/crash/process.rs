//! `assize worker` as a real process.

use std::{
    fs::{self, DirEntry},
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long anything may take before the test gives up.
const DEADLINE: Duration = Duration::from_secs(90);

/// Where, and at which time it is reached, a worker is to die.
#[derive(Debug, Clone, Copy)]
pub struct Death {
    pub point: &'static str,
    pub hit: u32,
}

pub struct Worker {
    child: Child,
    trace: PathBuf,
    _directory: TempDir,
}

impl Worker {
    /// Starts a worker on a database; its clock is ahead by so many seconds.
    pub fn start(database: &str, death: Option<Death>, ahead: i64) -> Self {
        let directory = TempDir::new().unwrap();
        let trace = directory.path().join("trace");
        let mut command = Command::new(env!("CARGO_BIN_EXE_assize"));
        command
            .args(["worker", "--no-migrate", "--database-url", database])
            .env("ASSIZE_CLOCK_AHEAD", ahead.to_string())
            .env("ASSIZE_CRASH_TRACE", &trace)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(death) = death {
            command.env("ASSIZE_CRASH_AT", format!("{}:{}", death.point, death.hit));
        }
        Self { child: command.spawn().unwrap(), trace, _directory: directory }
    }

    /// Starts `assize` with a command and its flags; it ends by SIGTERM.
    pub fn run(database: &str, arguments: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_assize"));
        command
            .args(arguments)
            .args(["--no-migrate", "--database-url", database, "--signing-dir"])
            .arg(directory.path().join("signing"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let trace = directory.path().join("trace");
        Self { child: command.spawn().unwrap(), trace, _directory: directory }
    }

    /// Where a server answers. What it says after that is read and forgotten.
    pub fn origin(&mut self) -> String {
        let mut lines =
            BufReader::new(self.child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.find_map(|line| {
            let (_, address) = line.split_once("origin=http://")?;
            Some(address.split_whitespace().next()?.to_owned())
        });
        std::thread::spawn(move || lines.for_each(drop));
        address.unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether all of its threads have stopped; a signal to do so takes its time.
    pub fn stands_still(&self) -> bool {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).unwrap();
        let status = |task: DirEntry| fs::read_to_string(task.path().join("status"));
        let is_stopped = |task| status(task).is_ok_and(|status| status.contains("State:\tT"));
        tasks.map(Result::unwrap).all(is_stopped)
    }

    /// Waits until the process is dead, and shows that it was killed at the point it was to die at.
    pub async fn died_at(mut self, death: Death) {
        assert_eq!(self.ended().await.signal(), Some(9), "it was to be killed");
        assert_eq!(fs::read_to_string(&self.trace).unwrap(), death.point);
    }

    /// Waits until the process is dead, and shows that somebody killed it.
    pub async fn was_killed(mut self) {
        assert_eq!(self.ended().await.signal(), Some(9), "it was to be killed");
    }

    /// Asks the process to end, and shows that it did so in good order.
    pub async fn stop(self) {
        signal(self.id(), "TERM");
        self.stopped().await;
    }

    /// Waits until the process is dead, and shows that it ended in good order.
    pub async fn stopped(mut self) {
        assert!(self.ended().await.success());
    }

    async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        until("the process to end", async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Already dead, as a rule.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub fn signal(process: u32, name: &str) {
    Command::new("kill").args([format!("-{name}"), process.to_string()]).status().unwrap();
}

/// Waits for a condition, with a deadline.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < DEADLINE, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
