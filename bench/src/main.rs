//! Measures Assize against bare loops on the same database, in the same run.
//!
//! Called by `cargo xtask bench`, which builds everything and starts a Postgres. Figures are ratios
//! to a baseline measured here; absolute numbers are given for orientation only.

mod database;
mod export;
mod export_bare;
mod health;
mod items;
mod items_bare;
mod list;
mod list_bare;
mod list_seed;
mod live;
mod report;
mod retention;
mod server;
mod timing;

use anyhow::{Context as _, Result, bail};

use crate::{database::Database, report::Report};

/// What was asked for on the command line.
#[derive(Debug, Clone)]
pub struct Options {
    pub json: bool,
    /// Items carried out from end to end.
    pub items: usize,
    /// Items in the period that is exported.
    pub export: usize,
    /// Those who listen while the list is asked for.
    pub listeners: usize,
    /// Runs that are pruned.
    pub retention: i64,
    /// Sizes of the list.
    pub runs: Vec<i64>,
    /// Those that are measured, where they are there.
    pub databases: String,
    /// The `assize` binary to start.
    pub server: String,
}

impl Options {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let server = std::env::current_exe()?.with_file_name("assize");
        let mut options = Self {
            json: false,
            items: 100_000,
            export: 100_000,
            listeners: 500,
            retention: 50_000,
            runs: vec![10_000, 1_000_000],
            databases: "sqlite,postgres".to_owned(),
            server: server.display().to_string(),
        };
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{name} needs a value"));
            match name.as_str() {
                "--format" => options.json = value()? == "json",
                "--items" => options.items = value()?.parse()?,
                "--export" => options.export = value()?.parse()?,
                "--listeners" => options.listeners = value()?.parse()?,
                "--retention" => options.retention = value()?.parse()?,
                "--databases" => options.databases = value()?,
                "--runs" => {
                    let sizes = value()?;
                    let sizes = sizes.split(',').filter(|size| !size.is_empty());
                    options.runs = sizes.map(str::parse).collect::<Result<_, _>>()?;
                }
                other => {
                    bail!(
                        "there is no option {other}; there are --format, --items, --export, --listeners, \
                         --retention, --databases and --runs"
                    )
                }
            }
        }
        Ok(options)
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
async fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let mut report = Report::default();
    let all = Database::all().await?;
    for database in all.into_iter().filter(|database| database.is_named(&options.databases)) {
        if options.items > 0 {
            items::measure(&database, &options, &mut report).await?;
        }
        if options.export > 0 {
            export::measure(&database, &options, &mut report).await?;
        }
        if options.listeners > 0 {
            live::measure(&database, &options, &mut report).await?;
        }
        if options.retention > 0 {
            retention::measure(&database, &options, &mut report).await?;
        }
        if !options.runs.is_empty() {
            list::measure(&database, &options, &mut report).await?;
        }
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.text());
    }
    Ok(())
}
