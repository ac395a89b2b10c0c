//! `assize demo`: plays an example into a database of its own, prints what came of it, and
//! serves it together with the receiver of its requests.

mod place;
mod way_in;

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::{Context as _, anyhow};
use domain::Timestamp;
use engine::{
    clock::Clock,
    ids::Ids,
    services::{ServiceError, Services},
    store::Store,
};
use tokio::net::TcpListener;

use self::place::Place;
use super::{
    CliError, Global, lasting, open,
    output::{Report, print, table},
    serve::serve,
    worker,
};
use crate::{
    config::{Origin, WebConfig},
    demo::{self, Example, Holds, Line, RECEIVER, Receiver, Standing, Table},
    shutdown::Shutdown,
    web::state::AppState,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What is played
    #[arg(long, value_enum, default_value_t)]
    example: Example,
    /// End after the table; without --database-url the example is played into a database that is
    /// thrown away
    #[arg(long)]
    no_serve: bool,
    /// Where to serve, on this machine
    #[arg(long, env = "ASSIZE_LISTEN", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// Where the receiver of the requests notes what it did; beside the database unless stated
    #[arg(long)]
    receiver_file: Option<PathBuf>,
}

/// An example in its database.
struct Played {
    example: Example,
    services: Services,
    ids: Ids,
    standing: Standing,
    /// The receiver, if it was played just now.
    receiver: Option<Receiver>,
}

pub async fn run(global: &Global, arguments: Arguments) -> Result<(), CliError> {
    let Arguments { example, no_serve, listen, receiver_file } = arguments;
    let signing = global.signing_dir.clone();
    if !listen.ip().is_loopback() {
        let why = "everybody knows the passwords of the demo, so it listens on this machine only";
        return Err(CliError::Usage(why.to_owned()));
    }
    // An address in use is told at once, not after the example was played.
    let listener = match no_serve {
        true => None,
        false => Some(bind(listen).await?),
    };
    let place = Place::choose(example, &global.database_url, no_serve, receiver_file, signing)?;
    let played = Played::at(example, &place).await?;
    let found = demo::table(&played.services, played.standing.host).await?;
    print(global.format, &found)?;
    // Where an example was served before, people may have gone on with it.
    if no_serve || played.receiver.is_some() {
        compare(example, &found)?;
    }
    match listener {
        Some(listener) => played.serve(global, &place, listener).await,
        None => Ok(()),
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

impl Played {
    /// Plays an example, unless it was played there before.
    async fn at(example: Example, place: &Place) -> Result<Self, CliError> {
        let store = Store::connect(&place.database).await?;
        migrate(&store).await?;
        let ids = Ids::random();
        let services = Services::new(store.clone(), Clock::system(), ids.clone());
        if let Holds::Demo(standing) = look(&services, example).await? {
            return Ok(Self { example, services, ids, standing, receiver: None });
        }
        let receiver = Receiver::begin(RECEIVER, &place.receiver).await?;
        let signing = open::signing_dir_at(place.signing.clone());
        let played = demo::play(example, store, &receiver, signing, &progress).await;
        show("");
        played.map_err(told)?;
        match look(&services, example).await? {
            Holds::Demo(standing) => {
                let receiver = Some(receiver);
                Ok(Self { example, services, ids, standing, receiver })
            }
            Holds::Nothing => Err(anyhow!("the example left nothing behind").into()),
        }
    }

    /// Serves the example until it is time to end. From here on time is the machine's own.
    async fn serve(
        self,
        global: &Global,
        place: &Place,
        listener: TcpListener,
    ) -> Result<(), CliError> {
        let Self { example, services, ids, standing, receiver } = self;
        let services = services
            .with_bundles(&open::bundle_dir(global, &place.database))
            .with_vault(open::vault_at(&place.signing));
        let receiver = match receiver {
            Some(receiver) => receiver,
            None => Receiver::resume(standing.receiver, &place.receiver).await?,
        };
        let origin = Origin::local(listener.local_addr()?);
        let noted = (&receiver, place.receiver.as_path());
        way_in::tell(global.format, example, &services, standing.host, &origin, noted).await?;
        let shutdown = Shutdown::listen();
        let signing = open::signing_dir_at(place.signing.clone());
        let (host, stamps) = (Some(demo::HOST), worker::Stamps::default());
        let working = worker::start(services.clone(), signing, host, &stamps, &shutdown)?;
        let config = WebConfig { origin, trusted_proxies: 0, development: false };
        let serving =
            serve(listener, AppState::new(services, ids, config), shutdown.clone(), lasting::DRAIN);
        tokio::try_join!(serving, lasting::drained(working, shutdown, lasting::DRAIN))?;
        Ok(())
    }
}

/// Brings an empty database up to date. One that was begun by another version is not ours to change.
async fn migrate(store: &Store) -> Result<(), CliError> {
    let migrations = store.migrations().await?;
    let applied = migrations.iter().filter(|migration| migration.applied).count();
    if applied == 0 {
        store.migrate().await?;
    } else if applied < migrations.len() {
        let message = "this database was made by another version of Assize; the demo wants one that \
                       is empty";
        return Err(ServiceError::conflict("database-not-empty", message).into());
    }
    Ok(())
}

async fn look(services: &Services, example: Example) -> Result<Holds, CliError> {
    demo::look(services, example).await.map_err(told)
}

/// Keeps apart what a service refused and what went wrong.
fn told(error: anyhow::Error) -> CliError {
    error.downcast().map_or_else(CliError::Internal, CliError::Service)
}

/// Says on a terminal how far the example has come.
fn progress(reached: Timestamp) {
    show(&reached.format("playing %-d %B %Y, %H:%M UTC").to_string());
}

/// Writes over the last line of a terminal.
fn show(text: &str) {
    let mut screen = stderr();
    if screen.is_terminal() {
        // Nobody is hurt if this cannot be shown.
        let _ = write!(screen, "\r\x1b[K{text}");
    }
}

fn compare(example: Example, found: &Table) -> Result<(), CliError> {
    let differences = found.differences(&demo::expected(example)?);
    if differences.is_empty() {
        return Ok(());
    }
    let (title, differences) = (example.title(), differences.join("\n  "));
    Err(anyhow!("{title} is not as expected:\n  {differences}").into())
}

impl Report for Table {
    fn text(&self) -> String {
        let line = |(key, line): (&String, &Line)| {
            [key.clone(), line.runs.to_string(), line.items.to_string(), outcomes(line)]
        };
        let totals = self.totals;
        let invoked = format!("{} actions invoked", totals.actions_invoked);
        let last = ["total".to_owned(), totals.runs.to_string(), totals.items.to_string(), invoked];
        let lines = self.automations.iter().map(line).chain([last]);
        let kinds = self.incidents.iter().map(|(kind, count)| [kind.clone(), count.to_string()]);
        let runs = table(["automation", "runs", "items", "outcomes"], lines);
        format!("{runs}\n{}", table(["incidents", "count"], kinds))
    }
}

/// The outcomes of an automation, the most frequent first.
fn outcomes(line: &Line) -> String {
    let mut outcomes: Vec<_> = line.outcomes.iter().collect();
    outcomes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let texts: Vec<_> =
        outcomes.into_iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    texts.join(", ")
}
