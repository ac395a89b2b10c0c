//! `assize audit`: the log, its checkpoint and proofs; and what only the host may do with its key.

use domain::audit::ends_of_places;
use engine::work::{Signer, SignerError};
use serde::Serialize;
use serde_json::Value;

use super::{
    CliError, Global,
    asked::Paging,
    door::Door,
    open,
    output::{Report, more, print, rows, show, table, time, word},
};

mod check;
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
    /// Have the log checked: hashes, rows and payloads of its newest entries, and the root over all
    Check(check::Arguments),
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
        Command::Check(arguments) => check::run(global, &arguments).await,
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
        let object = match entry["object"]["kind"].as_str() {
            Some("entries") => ends_of_places(&object),
            _ => object,
        };
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
    let door = Door::open(global).await?;
    let proof = door.read(&format!("/audit/entries/{seq}/proof")).await?;
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

async fn checkpoint(global: &Global, note: bool) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match note {
        true => {
            let note = door.read("/audit/checkpoint").await?;
            print(global.format, &Note { note })
        }
        false => show(global.format, &door.get("/audit/state").await?, standing),
    }
}

fn standing(state: &Value) -> String {
    let mut found = vec![["entries".to_owned(), word(&state["entries"])]];
    let mut row = |name: &str, value: String| found.push([name.to_owned(), value]);
    let (signed, stamp, refusal) = (&state["checkpoint"], &state["stamp"], &state["refusal"]);
    if signed.is_null() {
        row("checkpoint", "none yet".to_owned());
    } else {
        row("log", word(&signed["origin"]));
        row("signed entries", word(&signed["size"]));
        row("root", word(&signed["root"]));
        row("signed", time(&signed["signed_at"]));
        row("the log", word(&state["standing"]));
    }
    if !stamp.is_null() {
        let at = time(&stamp["stamped_at"]);
        row("time stamp", format!("{at} over {} entries", word(&stamp["size"])));
    }
    state["keys"].as_array().into_iter().flatten().for_each(|key| row("key", word(key)));
    let facts = table(["what", "found"], found);
    if refusal.is_null() {
        return facts;
    }
    let [code, message] = ["code", "message"].map(|name| word(&refusal[name]));
    format!("{facts}\nNOT SIGNED since {} ({code}): {message}\n", time(&refusal["refused_at"]))
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
