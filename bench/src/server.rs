//! A real `assize serve` and a signed-in client of it.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use domain::member::Role;
use engine::services::NewMember;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::items::House;

/// Where a server keeps what is not in the database.
pub struct Directories {
    pub bundles: PathBuf,
    pub signing: PathBuf,
}

impl Directories {
    pub fn under(home: &Path) -> Self {
        Self { bundles: home.join("bundles"), signing: home.join("signing") }
    }
}

/// A server that ends with this value.
pub struct Server {
    child: Child,
    address: String,
    client: reqwest::Client,
    cookie: String,
    /// From the start of the process to its first answer.
    pub ready: Duration,
    _home: Option<TempDir>,
}

impl Server {
    /// Starts the binary on a database and signs in as an owner.
    pub async fn start(binary: &str, database: &str, house: &House) -> Result<Self> {
        let home = TempDir::new()?;
        let dirs = Directories::under(home.path());
        let server = Self::start_in(binary, database, &dirs, house).await?;
        Ok(Self { _home: Some(home), ..server })
    }

    /// The same with these directories.
    pub async fn start_in(
        binary: &str,
        database: &str,
        dirs: &Directories,
        house: &House,
    ) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("http://127.0.0.1:{port}");
        let start = Instant::now();
        let child = Command::new(binary)
            .args(["serve", "--database-url", database, "--listen", &format!("127.0.0.1:{port}")])
            .arg("--bundle-dir")
            .arg(&dirs.bundles)
            .arg("--signing-dir")
            .arg(&dirs.signing)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {binary}"))?;
        let client = client()?;
        wait(&client, &address).await?;
        let ready = start.elapsed();
        let cookie = cookie(house, port).await?;
        Ok(Self { child, address, client, cookie, ready, _home: None })
    }

    /// Gets a page of the workspace; answers with its size in bytes, uncompressed.
    pub async fn get(&self, path: &str) -> Result<usize> {
        let mut reply = self
            .client
            .get(format!("{}{path}", self.address))
            .header("cookie", &self.cookie)
            .send()
            .await?
            .error_for_status()?;
        let mut size = 0;
        while let Some(chunk) = reply.chunk().await? {
            size += chunk.len();
        }
        Ok(size)
    }

    /// Gets a page as a browser does; answers with its size on the wire.
    pub async fn size_on_the_wire(&self, path: &str) -> Result<usize> {
        let reply = self
            .client
            .get(format!("{}{path}", self.address))
            .header("cookie", &self.cookie)
            .header("accept-encoding", "br")
            .send()
            .await?
            .error_for_status()?;
        Ok(reply.bytes().await?.len())
    }

    /// Somebody else who asks.
    pub fn asking(&self) -> Asking {
        let Self { address, client, cookie, .. } = self;
        Asking { address: address.clone(), client: client.clone(), cookie: cookie.clone() }
    }

    /// Resident memory of the process, in megabytes.
    pub fn resident(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    /// The most it ever was.
    pub fn peak(&self) -> Result<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &'static str) -> Result<f64> {
        let id = self.child.id().context("the server runs")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with(name)).context(name)?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context(name)?.parse()?;
        Ok(kilobytes / 1_024.0)
    }

    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

/// One of many who ask the same server.
pub struct Asking {
    address: String,
    client: reqwest::Client,
    cookie: String,
}

impl Asking {
    /// Begins to listen as a page does.
    pub async fn stream(&self) -> Result<reqwest::Response> {
        let url = format!("{}/api/v1/workspaces/main/stream", self.address);
        let reply = self.client.get(url).header("cookie", &self.cookie).send().await?;
        Ok(reply.error_for_status()?)
    }

    /// Asks for the list of runs as a program does; answers with the status.
    pub async fn runs(&self, token: &str) -> Result<reqwest::StatusCode> {
        let url = format!("{}/api/v1/workspaces/main/runs", self.address);
        let reply = self.client.get(url).bearer_auth(token).send().await?;
        let status = reply.status();
        reply.bytes().await?;
        Ok(status)
    }
}

#[expect(clippy::disallowed_methods, reason = "it only talks to the server it started")]
fn client() -> Result<reqwest::Client> {
    // The client wants a provider although it speaks plain HTTP; a second time is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().no_gzip().build()?)
}

async fn wait(client: &reqwest::Client, address: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let ready = client.get(format!("{address}/readyz")).send().await;
        if ready.is_ok_and(|reply| reply.status().is_success()) {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < deadline, "the server did not get ready");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Signs in an owner of this server's own.
async fn cookie(house: &House, port: u16) -> Result<String> {
    let new = NewMember {
        email: format!("owner-{port}@bench.example"),
        name: "Owner".to_owned(),
        role: Role::Owner,
    };
    let link = house.services.add_member(house.host, new).await?.link.context("a link")?;
    let home = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let password = Some("seven green bicycles");
    let session = house.services.accept_link(link.token.expose(), password, home).await?;
    Ok(format!("assize={}", session.secret.expose()))
}
