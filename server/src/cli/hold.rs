//! `assize hold`: legal holds, which keep things from being erased.

use chrono::NaiveDate;
use domain::id::{HoldId, RunId};
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{is_narrow, rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Keep something from being erased: everything, unless a definition, a run or days are named
    Place {
        /// Every run of the definition with this key
        #[arg(long, conflicts_with = "run")]
        definition: Option<String>,
        /// One run
        #[arg(long)]
        run: Option<RunId>,
        /// Every run that was under way on one of the days from this one
        #[arg(long, requires = "to", conflicts_with_all = ["definition", "run"])]
        from: Option<NaiveDate>,
        /// to this one
        #[arg(long, requires = "from")]
        to: Option<NaiveDate>,
        /// Why; kept with the hold and in the log
        #[arg(long)]
        reason: String,
    },
    /// Let what a hold kept be erased again
    Release {
        /// Id of the hold, as the list shows it
        hold: HoldId,
        /// Why; kept with the hold and in the log
        #[arg(long)]
        reason: String,
    },
    /// List the holds, the released ones too
    List,
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::Place { definition, run, from, to, reason } => {
            let new = json!({
                "definition": definition, "run": run, "from": from, "to": to, "reason": reason,
            });
            show(global.format, &door.post("/holds", &new).await?, one)
        }
        Command::Release { hold, reason } => {
            let path = format!("/holds/{hold}/release");
            show(global.format, &door.post(&path, &json!({"reason": reason})).await?, one)
        }
        Command::List => show(global.format, &door.get("/holds").await?, |list| page(rows(list))),
    }
}

fn one(hold: &Value) -> String {
    page(std::iter::once(hold))
}

fn page<'a>(holds: impl Iterator<Item = &'a Value>) -> String {
    let cells = |hold: &Value| {
        let keeps = match (&hold["automation"], &hold["run"], &hold["from"]) {
            (Value::Null, Value::Null, Value::Null) => "everything".to_owned(),
            (Value::Null, Value::Null, from) => format!("{} to {}", word(from), word(&hold["to"])),
            (Value::Null, run, _) => word(run),
            (automation, ..) => word(automation),
        };
        let standing = match hold["released_at"].is_null() {
            true => "stands".to_owned(),
            false => format!("released {}", time(&hold["released_at"])),
        };
        [word(&hold["id"]), keeps, time(&hold["placed_at"]), standing, word(&hold["reason"])]
    };
    if is_narrow() {
        let narrow = |[id, _, _, standing, reason]: [String; 5]| [id, standing, reason];
        return table(["id", "standing", "reason"], holds.map(cells).map(narrow));
    }
    table(["id", "keeps", "placed", "standing", "reason"], holds.map(cells))
}
