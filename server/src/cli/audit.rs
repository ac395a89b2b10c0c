//! `assize audit`: the log, its checkpoint and proofs; and what only the host may do with its key.

use domain::Timestamp;
use engine::{
    services::{CheckpointState, Standing},
    store::CheckpointStamp,
    work::{Signer, SignerError},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    CliError, Global,
    asked::Paging,
    door::Door,
    open,
    output::{Report, more, print, printable, rows, show, table, time, word},
};

mod erase;
mod filter;
mod stamp;

pub use filter::FilterArguments;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List entries, newest first
    List(List),
    /// Prove that an entry is in the log as it was last signed; the file can be checked offline
    Proof {
        /// The place of the entry in the log
        seq: u64,
    },
    /// Show the last checkpoint, and whether the log as it stands fits it
    Checkpoint {
        /// Write the signed note alone, byte for byte
        #[arg(long)]
        note: bool,
    },
    /// Write the request that has a time-stamp authority stamp the last checkpoint (RFC 3161)
    StampRequest(stamp::RequestArguments),
    /// Keep what a time-stamp authority answered, after checking it
    Stamp(stamp::Arguments),
    /// Erase the payloads of all entries about a run; the entries and every proof stay
    Erase(erase::Arguments),
    /// Put a new signing key in the place of the present one, in all logs
    RotateKey,
    /// Sign a log again that is not the one that was signed
    AcceptRollback {
        /// Why; kept in the log
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    page: Paging,
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    match command {
        Command::List(arguments) => list(global, arguments).await,
        Command::Proof { seq } => proof(global, seq).await,
        Command::Checkpoint { note } => checkpoint(global, note).await,
        Command::StampRequest(arguments) => stamp::request(global, arguments).await,
        Command::Stamp(arguments) => stamp::attach(global, arguments).await,
        Command::Erase(arguments) => erase::run(global, arguments).await,
        Command::RotateKey => rotate_key(global).await,
        Command::AcceptRollback { reason } => accept_rollback(global, &reason).await,
    }
}

async fn list(global: &Global, List { filter, page }: List) -> Result<(), CliError> {
    let query = filter.query()?.page(page);
    let door = Door::open(global).await?;
    show(global.format, &door.get(&format!("/audit/entries{query}")).await?, entries)
}

fn entries(list: &Value) -> String {
    let cells = |entry: &Value| {
        let actor = &entry["actor"];
        let who = if actor["member"].is_null() { &actor["kind"] } else { &actor["member"] };
        let object = word(&entry["object"]["id"]);
        [word(&entry["seq"]), time(&entry["at"]), word(who), word(&entry["verb"]), object]
    };
    table(["seq", "time", "actor", "verb", "object"], rows(list).map(cells)) + &more(list)
}

#[derive(Serialize)]
struct Proof {
    seq: u64,
    /// A C2SP tlog-proof.
    proof: String,
}

impl Report for Proof {
    fn text(&self) -> String {
        self.proof.clone()
    }
}

async fn proof(global: &Global, seq: u64) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let proof = services.tlog_proof(caller, seq).await?;
    print(global.format, &Proof { seq, proof })
}

/// The signed note, as it is.
#[derive(Serialize)]
struct Note {
    note: String,
}

impl Report for Note {
    fn text(&self) -> String {
        self.note.clone()
    }
}

#[derive(Serialize)]
struct Shown {
    /// `unsigned`, `fits` or `differs`.
    standing: &'static str,
    /// Entries in the log.
    entries: u64,
    checkpoint: Option<Checkpoint>,
    /// The last time stamp of an independent authority.
    stamp: Option<Stamp>,
    /// The newest first.
    keys: Vec<String>,
    refusal: Option<Refusal>,
}

#[derive(Serialize)]
struct Checkpoint {
    origin: String,
    size: u64,
    root: String,
    signed_at: Timestamp,
    note: String,
}

#[derive(Serialize)]
struct Stamp {
    /// Entries under the checkpoint that was stamped.
    size: u64,
    stamped_at: Timestamp,
}

#[derive(Serialize)]
struct Refusal {
    code: String,
    message: String,
    first_wrong: Option<u64>,
    refused_at: Timestamp,
}

impl From<CheckpointState> for Shown {
    fn from(state: CheckpointState) -> Self {
        let checkpoint = state.latest.map(|signed| Checkpoint {
            origin: signed.note.lines().next().unwrap_or_default().to_owned(),
            size: signed.size,
            root: domain::canonical::hex(&signed.root),
            signed_at: signed.signed_at,
            note: signed.note,
        });
        let stamp = state.stamp.map(|stamp| {
            let CheckpointStamp { size, stamped_at, .. } = stamp;
            Stamp { size, stamped_at }
        });
        let refusal = state.refusal.map(|refusal| Refusal {
            code: refusal.code,
            message: refusal.message,
            first_wrong: refusal.first_wrong,
            refused_at: refusal.refused_at,
        });
        let standing = match state.standing {
            Standing::Unsigned => "unsigned",
            Standing::Fits => "fits",
            Standing::Differs => "differs",
        };
        Self { standing, entries: state.size, checkpoint, stamp, keys: state.keys, refusal }
    }
}

impl Report for Shown {
    fn text(&self) -> String {
        let mut rows = vec![["entries".to_owned(), self.entries.to_string()]];
        let mut row = |name: &str, value: String| rows.push([name.to_owned(), value]);
        match &self.checkpoint {
            None => row("checkpoint", "none yet".to_owned()),
            Some(signed) => {
                row("log", signed.origin.clone());
                row("signed entries", signed.size.to_string());
                row("root", signed.root.clone());
                row("signed", instant(signed.signed_at));
                row("the log", self.standing.to_owned());
            }
        }
        if let Some(Stamp { size, stamped_at }) = &self.stamp {
            row("time stamp", format!("{} over {size} entries", instant(*stamped_at)));
        }
        self.keys.iter().for_each(|key| row("key", key.clone()));
        let facts = table(["what", "found"], rows);
        let refusal = self.refusal.as_ref().map(|refusal| {
            let (at, message) = (instant(refusal.refused_at), printable(&refusal.message));
            format!("\nNOT SIGNED since {at} ({}): {message}\n", refusal.code)
        });
        facts + &refusal.unwrap_or_default()
    }
}

fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

async fn checkpoint(global: &Global, note: bool) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let state = services.checkpoint_state(caller).await?;
    if !note {
        return print(global.format, &Shown::from(state));
    }
    let none = engine::services::ServiceError::NotFound("checkpoint");
    let note = state.latest.ok_or(none)?.note;
    print(global.format, &Note { note })
}

#[derive(Serialize)]
struct Rotated {
    keys: Vec<String>,
}

impl Report for Rotated {
    fn text(&self) -> String {
        let keys = self.keys.join("\n");
        format!("A new key signs from now on. Give its public half to whoever verifies:\n\n{keys}")
    }
}

async fn rotate_key(global: &Global) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let now = services.clock().now();
    let signer = Signer::new(services, open::signing_dir(global), None);
    let keys = signer.rotate_key(now).await.map_err(told)?;
    print(global.format, &Rotated { keys })
}

#[derive(Serialize)]
struct Accepted {
    /// Entries that are signed now.
    size: u64,
}

impl Report for Accepted {
    fn text(&self) -> String {
        format!("The log was signed as it is, with {} entries; the last one says why.", self.size)
    }
}

async fn accept_rollback(global: &Global, reason: &str) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let workspace = open::workspace(global, &services).await?.id;
    let now = services.clock().now();
    let signer = Signer::new(services, open::signing_dir(global), None);
    let size = signer.accept_rollback(workspace, reason, now).await.map_err(told)?;
    print(global.format, &Accepted { size })
}

/// Keeps apart what was refused and what went wrong.
fn told(error: SignerError) -> CliError {
    match error {
        SignerError::Service(error) => error.into(),
        other => CliError::Internal(other.into()),
    }
}
