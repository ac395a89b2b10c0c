//! `assize records`: registers, what is in them, and importing more.

use serde_json::Value;

use super::{
    CliError, Global,
    asked::{Paging, Query},
    door::Door,
    import,
    output::{more, rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Import records from CSV or NDJSON
    Import(import::Arguments),
    /// List the registers and their sizes
    Registers,
    /// List the records of a register, newest first
    List {
        /// The register
        kind: String,
        /// Only records whose key contains this
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        page: Paging,
    },
    /// Show a record
    Show {
        /// The record, as KIND/KEY
        record: String,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let at = |kind: &str| format!("/registers/{}", domain::filter::encode(kind));
    match command {
        Command::Import(arguments) => import::run(global, arguments).await,
        Command::Registers => {
            let door = Door::open(global).await?;
            show(global.format, &door.get("/registers").await?, |list| {
                let cells = |register: &Value| [&register["kind"], &register["records"]].map(word);
                table(["register", "records"], rows(list).map(cells))
            })
        }
        Command::List { kind, key, page } => {
            let query = Query::default().with("key", key).page(page);
            let door = Door::open(global).await?;
            show(global.format, &door.get(&format!("{}{query}", at(&kind))).await?, |list| {
                table(["key", "revision", "updated", "id"], rows(list).map(cells)) + &more(list)
            })
        }
        Command::Show { record } => {
            let wrong = || CliError::Usage(format!("'{record}' is not of the form KIND/KEY"));
            let (kind, key) = record.split_once('/').ok_or_else(wrong)?;
            let path = format!("{}/{}", at(kind), domain::filter::encode(key));
            let door = Door::open(global).await?;
            show(global.format, &door.get(&path).await?, text)
        }
    }
}

fn cells(record: &Value) -> [String; 4] {
    let updated = time(&record["updated_at"]);
    [word(&record["key"]), word(&record["revision"]), updated, word(&record["id"])]
}

fn text(record: &Value) -> String {
    let mut text = format!(
        "{}/{}  {}\nrevision {}, updated {}\n",
        word(&record["kind"]),
        word(&record["key"]),
        word(&record["id"]),
        record["revision"],
        time(&record["updated_at"]),
    );
    for (name, value) in record["attributes"].as_object().into_iter().flatten() {
        text += &format!("  {name}: {}\n", word(value));
    }
    text
}
