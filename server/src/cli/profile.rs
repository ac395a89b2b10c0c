//! `assize profile`: servers with their tokens, kept under a name in a file that nobody else may read.

use std::{collections::BTreeMap, path::PathBuf};

use engine::secret_file;
use serde::{Deserialize, Serialize};

use super::{
    CliError, Global,
    output::{Report, print, table},
};
use crate::config::Secret;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Keep the server, token and workspace of this command line under a name
    Save {
        /// What --profile calls it
        name: String,
    },
    /// List what is kept, without tokens
    List,
    /// Forget one
    Remove {
        /// What --profile calls it
        name: String,
    },
}

/// What is kept of a server.
#[derive(Clone, Serialize, Deserialize)]
struct Profile {
    server: String,
    token: String,
    workspace: Option<String>,
}

type Profiles = BTreeMap<String, Profile>;

#[derive(Serialize)]
struct Kept {
    profiles: Vec<Shown>,
}

/// A profile without its token.
#[derive(Serialize)]
struct Shown {
    name: String,
    server: String,
    workspace: Option<String>,
}

impl Report for Kept {
    fn text(&self) -> String {
        let any = || "any".to_owned();
        let cells = |one: &Shown| {
            [one.name.clone(), one.server.clone(), one.workspace.clone().unwrap_or_else(any)]
        };
        table(["profile", "server", "workspace"], self.profiles.iter().map(cells))
    }
}

pub fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let (path, mut profiles) = read()?;
    match command {
        Command::Save { name } => {
            let (Some(server), Some(token)) = (&global.server, &global.token) else {
                let why = "a profile is a server and a token: --server and --token";
                return Err(CliError::Usage(why.to_owned()));
            };
            let (server, token) = (server.to_string(), token.reveal().to_owned());
            profiles.insert(name, Profile { server, token, workspace: global.workspace.clone() });
            write(&path, &profiles)?;
        }
        Command::Remove { name } => {
            profiles.remove(&name).ok_or_else(|| unknown(&name))?;
            write(&path, &profiles)?;
        }
        Command::List => {}
    }
    let shown = profiles.into_iter().map(|(name, Profile { server, workspace, .. })| Shown {
        name,
        server,
        workspace,
    });
    print(global.format, &Kept { profiles: shown.collect() })
}

/// The flags with what the profile says that is named among them.
pub fn applied(global: Global) -> Result<Global, CliError> {
    let Some(name) = &global.profile else { return Ok(global) };
    let (_, mut profiles) = read()?;
    let kept = profiles.remove(name).ok_or_else(|| unknown(name))?;
    // A token is shown only to the server it was kept for.
    let token = global.server.is_none().then(|| Secret::from(kept.token.as_str()));
    let server = match global.server {
        Some(server) => server,
        None => kept.server.parse().map_err(|error| CliError::Usage(format!("{name}: {error}")))?,
    };
    Ok(Global {
        server: Some(server),
        token: global.token.or(token),
        workspace: global.workspace.or(kept.workspace),
        ..global
    })
}

fn unknown(name: &str) -> CliError {
    CliError::Usage(format!("there is no profile {name}; `assize profile list` has them all"))
}

/// Where profiles are kept, by the rules of XDG.
fn path() -> Result<PathBuf, CliError> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = || folder("HOME").map(|home| home.join(".config"));
    let found = folder("XDG_CONFIG_HOME").or_else(home);
    let found = found.ok_or_else(|| CliError::Usage("profiles want a HOME".to_owned()))?;
    Ok(found.join("assize").join("profiles.json"))
}

fn read() -> Result<(PathBuf, Profiles), CliError> {
    let path = path()?;
    let text = secret_file::read(&path).map_err(anyhow::Error::from)?;
    let wrong = |error| CliError::Usage(format!("{}: {error}", path.display()));
    let profiles = text.map_or_else(|| Ok(Profiles::new()), |text| serde_json::from_str(&text));
    Ok((path.clone(), profiles.map_err(wrong)?))
}

fn write(path: &std::path::Path, profiles: &Profiles) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(profiles).map_err(anyhow::Error::from)?;
    Ok(secret_file::replace(path, &text).map_err(anyhow::Error::from)?)
}
