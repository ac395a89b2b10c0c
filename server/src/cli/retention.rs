//! `assize retention`: how long runs are kept, what a sweep would do, and the sweep itself, also while
//! no server runs.

use engine::{
    store::StoreError,
    work::retention::{self, Swept},
};
use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    open,
    output::{Report, print, rows, show, table, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the policies in effect
    List,
    /// Say from now on how long runs are kept; what is not named stays as it is
    Set(Box<Set>),
    /// Count what a sweep would prune, and foresee what the database will weigh
    Preview,
    /// Prune what is due now, in every workspace; harmless beside a server
    Run,
    /// Write an SQLite file anew without what is free; stop the server first
    Compact,
}

#[derive(Debug, clap::Args)]
pub struct Set {
    /// Only runs of the definition with this key
    #[arg(long)]
    definition: Option<String>,
    /// Detail of runs that Assize carries out: days from the end of a run
    #[arg(long)]
    days: Option<u32>,
    /// The same: the newest runs of an automation. Of --days and --runs, one that is left out is no
    /// limit
    #[arg(long)]
    runs: Option<u32>,
    /// Days for runs that did not end well, where that is longer
    #[arg(long)]
    failed_days: Option<u32>,
    /// Detail of reported runs: days from the end of a run
    #[arg(long)]
    reported_days: Option<u32>,
    /// The same: the newest runs of an automation
    #[arg(long)]
    reported_runs: Option<u32>,
    /// Days for reported runs that did not end well
    #[arg(long)]
    reported_failed_days: Option<u32>,
    /// Days until the stub of a reported run goes, too
    #[arg(long)]
    reported_stub_days: Option<u32>,
    /// Take back what was set before
    #[arg(long, conflicts_with_all = ["days", "runs", "failed_days", "reported_days",
        "reported_runs", "reported_failed_days", "reported_stub_days"])]
    reset: bool,
}

impl Set {
    /// The policy that is meant, on top of what holds now.
    fn on(&self, mut policy: Value) -> Result<Value, CliError> {
        if self.reset {
            return Ok(Value::Null);
        }
        let before = policy.clone();
        let mut terms = |of: &str, detail: [Option<u32>; 2], failed: Option<u32>| {
            if detail != [None, None] {
                policy[of]["detail"] = json!({"days": detail[0], "runs": detail[1]});
            }
            if failed.is_some() {
                policy[of]["failed"] = json!({"days": failed});
            }
        };
        terms("executed", [self.days, self.runs], self.failed_days);
        let reported = [self.reported_days, self.reported_runs];
        terms("reported", reported, self.reported_failed_days);
        if self.reported_stub_days.is_some() {
            policy["reported_stub_days"] = json!(self.reported_stub_days);
        }
        if policy == before {
            let words = "say how long, such as --days 90 or --reported-runs 50, or --reset";
            return Err(CliError::Usage(words.to_owned()));
        }
        Ok(policy)
    }
}

/// What a sweep did.
#[derive(Serialize)]
struct Done {
    runs_pruned: usize,
    stubs_removed: usize,
    rows_forgotten: u64,
    bytes_given_back: i64,
}

impl From<Swept> for Done {
    fn from(swept: Swept) -> Self {
        Self {
            runs_pruned: swept.pruned,
            stubs_removed: swept.removed,
            rows_forgotten: swept.forgotten,
            bytes_given_back: swept.given_back,
        }
    }
}

impl Report for Done {
    fn text(&self) -> String {
        format!(
            "{} runs were pruned, {} stubs removed, {} other rows forgotten, {} given back to the \
             disk.\n",
            self.runs_pruned,
            self.stubs_removed,
            self.rows_forgotten,
            app::format::bytes(self.bytes_given_back)
        )
    }
}

/// What making the file smaller did.
#[derive(Serialize)]
struct Compacted {
    bytes_given_back: i64,
}

impl Report for Compacted {
    fn text(&self) -> String {
        format!("{} given back to the disk.\n", app::format::bytes(self.bytes_given_back))
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    match command {
        Command::List => list(global, &Door::open(global).await?).await,
        Command::Set(new) => set(global, &new).await,
        Command::Preview => {
            let door = Door::open(global).await?;
            show(global.format, &door.get("/retention/preview").await?, foreseen)
        }
        Command::Run => {
            let services = open::services(global).await?;
            let swept = retention::run(&services, services.clock().now()).await?;
            print(global.format, &Done::from(swept))
        }
        Command::Compact => compact(global).await,
    }
}

async fn set(global: &Global, new: &Set) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    let held = door.get("/retention").await?;
    let of = |row: &&Value| row["definition"].as_str() == new.definition.as_deref();
    // Without a policy of its own that of the workspace holds, which stands first.
    let now = rows(&held).find(of).or_else(|| rows(&held).next()).unwrap_or(&Value::Null);
    let policy = new.on(now["policy"].clone())?;
    let new = json!({"definition": new.definition, "policy": policy});
    door.post("/retention", &new).await?;
    list(global, &door).await
}

async fn compact(global: &Global) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let store = services.store();
    let before = store.read().await.map_err(internal)?.database_size().await;
    store.compact().await.map_err(internal)?;
    let after = store.read().await.map_err(internal)?.database_size().await;
    let bytes_given_back = before.map_err(internal)?.0 - after.map_err(internal)?.0;
    print(global.format, &Compacted { bytes_given_back })
}

fn internal(error: StoreError) -> CliError {
    CliError::Internal(error.into())
}

/// The policies in effect, as the API lists them.
async fn list(global: &Global, door: &Door) -> Result<(), CliError> {
    show(global.format, &door.get("/retention").await?, |held| {
        let row = |row: &Value| {
            let of = row["definition"].as_str().unwrap_or("every other").to_owned();
            let policy = &row["policy"];
            let stubs = match policy["reported_stub_days"].as_u64() {
                None => "for ever".to_owned(),
                Some(days) => format!("{days} days"),
            };
            let [executed, reported] = ["executed", "reported"].map(|name| terms(&policy[name]));
            [of, word(&row["number"]), executed, reported, stubs]
        };
        let head = ["definition", "policy", "executed", "reported", "reported stubs"];
        table(head, rows(held).map(row))
    })
}

/// Terms in words.
fn terms(terms: &Value) -> String {
    let term = |value: &Value| {
        domain::retention::Term::deserialize(value)
            .map_or_else(|_| word(value), |term| term.to_string())
    };
    match terms["failed"].is_null() {
        true => term(&terms["detail"]),
        false => format!("{}; failed {}", term(&terms["detail"]), term(&terms["failed"])),
    }
}

fn foreseen(found: &Value) -> String {
    let bytes = |value: &Value| app::format::bytes(value.as_i64().unwrap_or(0));
    let row = |row: &Value| {
        let cell = |name: &str| word(&row[name]);
        let due = format!("{} + {}", cell("due_runs"), cell("due_stubs"));
        let [definition, policy] = ["definition", "policy"].map(cell);
        [definition, policy, cell("full_runs"), cell("stubs"), due, bytes(&row["due_bytes"])]
    };
    let list = json!({"data": found["automations"]});
    let head = ["definition", "policy", "full", "stubs", "due + stubs due", "would give back"];
    format!(
        "{}\n{} runs are due, about {}.\nThe database weighs {}, of which {} are free; in 30 days about \
         {}, in 365 days about {}.\n",
        table(head, rows(&list).map(row)),
        found["due_runs"],
        bytes(&found["due_bytes"]),
        bytes(&found["bytes"]),
        bytes(&found["free_bytes"]),
        bytes(&found["bytes_in_30_days"]),
        bytes(&found["bytes_in_365_days"]),
    )
}
