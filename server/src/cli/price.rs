//! `assize price`: what tokens of language models cost.

use chrono::NaiveDate;
use domain::{money::Usd, price::Price};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, table},
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

#[derive(Serialize)]
struct Prices {
    prices: Vec<Price>,
}

impl Report for Prices {
    fn text(&self) -> String {
        let row = |price: &Price| {
            let from = price.from.map_or_else(|| "always".to_owned(), |day| day.to_string());
            let (input, output) = (format!("${}", price.input), format!("${}", price.output));
            [price.model.clone(), from, input, output, price.table.clone()]
        };
        table(["model", "from", "input", "output", "table"], self.prices.iter().map(row))
    }
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    match command {
        Command::List => {}
        Command::Set { model, from, input, output } => {
            services.set_price(caller, &model, from, [input, output]).await?;
        }
        Command::Remove { model, from } => services.remove_price(caller, &model, from).await?,
    }
    print(global.format, &Prices { prices: services.prices(caller).await? })
}
