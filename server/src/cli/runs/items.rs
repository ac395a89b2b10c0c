//! `assize runs items`.

use domain::{
    filter::encode,
    id::RunId,
    page::{DEFAULT_SIZE, MAX_SIZE},
};
use engine::services::ItemFilter;
use serde_json::Value;

use super::{CliError, Global};
use crate::{
    api::{
        asked::{Listed, Paging},
        runs::items::{self, Item},
    },
    cli::{
        door::{Door, Server},
        output::{more, rows, show, table, word},
    },
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The run's id
    run: RunId,
    /// Only items with this outcome, or `open`
    #[arg(long)]
    outcome: Option<String>,
    /// How many items at most
    #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
    limit: i64,
    /// The page that follows the one which ended with this marker
    #[arg(long)]
    after: Option<String>,
}

impl Arguments {
    /// The first items of a run.
    pub fn of(run: RunId) -> Self {
        Self { run, outcome: None, limit: DEFAULT_SIZE, after: None }
    }

    /// From the database here.
    pub async fn here(
        self,
        services: &engine::services::Services,
        caller: engine::services::Caller,
    ) -> Result<Listed<Item>, CliError> {
        let filter = ItemFilter { run: self.run, outcome: self.outcome };
        let wrong = || CliError::Usage("--outcome: expected open or an outcome".to_owned());
        let states = filter.states().ok_or_else(wrong)?;
        let (scope, after) = (items::scope(&filter), self.after.as_deref());
        let paging = Paging::read(caller.workspace, scope, after, None, self.limit)?;
        Ok(items::listed(services, caller, self.run, &states, &paging).await?)
    }

    /// From a server.
    pub async fn there(self, server: &Server) -> Result<Value, CliError> {
        let Self { run, outcome, limit, after } = self;
        let named = [("outcome", outcome), ("after", after)];
        let more = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let more: String =
            more.map(|(name, value)| format!("&{name}={}", encode(&value))).collect();
        server.get(&format!("/runs/{run}/items?limit={limit}{more}")).await
    }
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    match Door::open(global).await? {
        Door::Here(services, caller) => {
            show(global.format, &arguments.here(&services, caller).await?, text)
        }
        Door::There(server) => show(global.format, &arguments.there(&server).await?, text),
    }
}

pub fn text(list: &Value) -> String {
    table(["#", "item", "subject", "state", "cause"], rows(list).map(cells)) + &more(list)
}

fn cells(item: &Value) -> [String; 5] {
    let failure = &item["failure"];
    let cause = match (failure.is_null(), item["skip_reason"].as_str()) {
        (false, _) => format!("{}: {}", word(&failure["code"]), word(&failure["message"])),
        (true, reason) => reason.unwrap_or_default().to_owned(),
    };
    [
        word(&item["position"]),
        word(&item["id"]),
        format!("{}/{}", word(&item["subject_kind"]), word(&item["subject_key"])),
        word(&item["state"]),
        cause,
    ]
}
