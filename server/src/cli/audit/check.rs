//! `assize audit check`: what *Verify now* does on the page of the log.

use serde_json::{Value, json};

use crate::cli::{
    CliError, Global,
    door::Door,
    output::{rows, show, word},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many of the newest entries are looked at one by one, at most 200
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    entries: u16,
}

pub async fn run(global: &Global, arguments: &Arguments) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    let newest = door.get(&format!("/audit/entries?limit={}", arguments.entries)).await?;
    let places: Vec<_> = rows(&newest).map(|entry| &entry["seq"]).collect();
    let found = door.post("/audit/check", &json!({"entries": places})).await?;
    show(global.format, &found, told)?;
    match found["sound"] == true {
        true => Ok(()),
        false => Err(CliError::Internal(anyhow::anyhow!("the log is not as it must be"))),
    }
}

fn told(found: &Value) -> String {
    let whole = match found["wrong"].as_str() {
        None => format!(
            "{} entries give the root they should: {}",
            word(&found["size"]),
            word(&found["root"])
        ),
        Some(wrong) => format!("The log is not as it must be: {wrong}"),
    };
    let [looked, payloads, erased] =
        ["entries", "payloads", "erased"].map(|name| word(&found[name]));
    let entries = format!("{looked} looked at: {payloads} payloads fit, {erased} were erased");
    let faults = found["faults"].as_array().into_iter().flatten();
    let faults =
        faults.map(|fault| format!("\nentry {}: {}", word(&fault["seq"]), word(&fault["wrong"])));
    format!("{whole}\n{entries}{}", faults.collect::<String>())
}
