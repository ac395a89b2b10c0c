//! A throw-away Postgres: own folder, own port on loopback.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::apt;
use crate::host::{command, output, run, say, which};

/// Where tests find the database.
pub const URL_VARIABLE: &str = "ASSIZE_TEST_POSTGRES_URL";

/// A running server; dropping it stops it and removes its files.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<Owner>,
    port: u16,
    server: Option<Child>,
}

/// Whom the server runs as, because it refuses to run as root.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Postgres {
    /// Installs Postgres if need be, makes a cluster and starts it, without durability: for tests.
    pub fn start() -> Result<Self> {
        Self::start_with(&["-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"])
    }

    /// The same with every commit on the disk before it is acknowledged: for measurements.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(&["-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"])
    }

    fn start_with(settings: &[&str]) -> Result<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("assize-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let owner = Owner::needed(&folder)?;
        if let Some(owner) = owner {
            chown(&folder, Some(owner.user), Some(owner.group))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut postgres = Self { programs, folder, owner, port, server: None };
        postgres.initialise()?;
        postgres.serve(settings)?;
        say(format!("Postgres from {} on port {port}", postgres.programs.display()));
        Ok(postgres)
    }

    /// The address of its `postgres` database, as a user who may create others.
    pub fn url(&self) -> String {
        format!("postgres://assize@127.0.0.1:{}/postgres", self.port)
    }

    fn initialise(&self) -> Result<()> {
        let mut initdb = self.program("initdb");
        initdb.args(["--username=assize", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        initdb.args(["--no-sync", "-D", "data"]).stdout(self.log()?);
        run(&mut initdb)
    }

    fn serve(&mut self, settings: &[&str]) -> Result<()> {
        let mut server = self.program("postgres");
        server.args(["-D", "data", "-k", ".", "-c", "max_connections=200"]);
        server.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(settings);
        let child = server.stdout(self.log()?).stderr(self.log()?).spawn()?;
        self.server = Some(child);
        for _ in 0..150 {
            if self.is_ready() {
                return Ok(());
            }
            ensure!(self.is_running()?, "Postgres did not start:\n{}", self.said());
            pause();
        }
        bail!("Postgres does not answer:\n{}", self.said())
    }

    fn is_ready(&self) -> bool {
        let mut probe = self.program("pg_isready");
        probe.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        probe.status().is_ok_and(|status| status.success())
    }

    fn is_running(&mut self) -> Result<bool> {
        Ok(match &mut self.server {
            Some(server) => server.try_wait()?.is_none(),
            None => false,
        })
    }

    /// One of Postgres's own programs, in the cluster's folder and as its owner.
    fn program(&self, name: &str) -> Command {
        let mut program = command(self.programs.join(name));
        program.current_dir(&self.folder).env("LC_ALL", "C");
        if let Some(owner) = self.owner {
            program.uid(owner.user).gid(owner.group);
        }
        program
    }

    fn log(&self) -> Result<File> {
        Ok(File::options().create(true).append(true).open(self.folder.join("log"))?)
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let mut stop = self.program("pg_ctl");
            let asked = run(stop.args(["stop", "-s", "-D", "data", "-m", "immediate"]));
            if asked.is_err() {
                let _ = server.kill();
            }
            let _ = server.wait();
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            say(format!("{} is left behind: {error}", self.folder.display()));
        }
    }
}

impl Owner {
    /// Nobody in particular, unless we are root: then `postgres`, or else `nobody`.
    fn needed(folder: &Path) -> Result<Option<Self>> {
        if folder.metadata()?.uid() != 0 {
            return Ok(None);
        }
        let owner = Self::named("postgres").or_else(|_| Self::named("nobody"));
        Ok(Some(owner.context("Postgres refuses to run as root and there is no other user")?))
    }

    fn named(name: &str) -> Result<Self> {
        let id =
            |what: &str| -> Result<u32> { Ok(output(command("id").args([what, name]))?.parse()?) };
        Ok(Self { user: id("-u")?, group: id("-g")? })
    }
}

/// The folder of Postgres's programs; installs them if there is none.
fn programs() -> Result<PathBuf> {
    if let Some(folder) = installed() {
        return Ok(folder);
    }
    apt::install("Postgres", &["postgresql"])?;
    installed().context("Postgres is installed but its programs are nowhere to be found")
}

/// The newest Debian installation, or whatever the PATH has.
fn installed() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_ctl", "pg_isready"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let version =
        |folder: &PathBuf| -> Option<u32> { folder.parent()?.file_name()?.to_str()?.parse().ok() };
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = debian.map(|entry| entry.path().join("bin")).filter(complete).max_by_key(version);
    newest.or_else(|| Some(which(&["initdb"])?.parent()?.to_owned()).filter(complete))
}

#[expect(clippy::disallowed_methods, reason = "a starting server is polled, it sends no event")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_dropped_server_is_gone_with_its_files() {
        let postgres = Postgres::start().unwrap();
        let (port, folder) = (postgres.port, postgres.folder.clone());
        assert!(postgres.is_ready());
        drop(postgres);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!folder.exists());
    }
}
