//! `assize price`: what tokens of language models cost.

use chrono::NaiveDate;
use domain::money::Usd;
use http::Method;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    asked::Query,
    door::Door,
    output::{rows, show, table, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the prices that are used: the workspace's own, then the list
    List,
    /// Set what a million tokens of a model cost from a day on
    Set {
        model: String,
        /// The day the price holds from, in UTC
        #[arg(long)]
        from: NaiveDate,
        /// US dollars for a million input tokens, such as 2.50
        #[arg(long)]
        input: Usd,
        /// US dollars for a million output tokens
        #[arg(long)]
        output: Usd,
    },
    /// Take a price of the workspace's own away
    Remove {
        model: String,
        /// The day the price holds from, in UTC
        #[arg(long)]
        from: NaiveDate,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List => show(global.format, &door.get("/prices").await?, list),
        Command::Set { model, from, input, output } => {
            let new = json!({"model": model, "from": from, "input": input, "output": output});
            let set = door.post("/prices", &new).await?;
            show(global.format, &set, |set| prices([set]))
        }
        Command::Remove { model, from } => {
            let which = Query::default().with("model", [model]).with("from", [from]);
            let left = door.act(Method::DELETE, &format!("/prices{which}")).await?;
            show(global.format, &left, list)
        }
    }
}

fn list(found: &Value) -> String {
    prices(rows(found))
}

fn prices<'a>(found: impl IntoIterator<Item = &'a Value>) -> String {
    let row = |price: &Value| {
        let from = price["from"].as_str().unwrap_or("always").to_owned();
        let [input, output] = ["input", "output"].map(|side| format!("${}", word(&price[side])));
        [word(&price["model"]), from, input, output, word(&price["table"])]
    };
    table(["model", "from", "input", "output", "table"], found.into_iter().map(row))
}
