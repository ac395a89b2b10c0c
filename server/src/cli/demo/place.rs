//! Where a demo lives: its database, and the file of its receiver.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{cli::CliError, config::DatabaseUrl};

/// The database of the other commands; the demo never goes there.
const OF_OTHERS: &str = "sqlite:assize.sqlite";

const OF_DEMO: &str = "sqlite:assize-demo.sqlite";

/// Beside a database that is no file.
const RECEIVER: &str = "assize-demo-postgres.receiver.ndjson";

#[derive(Debug)]
pub struct Place {
    pub database: String,
    pub receiver: PathBuf,
    /// Goes with everything in it, unless the demo was to stay.
    _scratch: Option<TempDir>,
}

impl Place {
    pub fn choose(
        asked: &DatabaseUrl,
        for_now: bool,
        receiver: Option<PathBuf>,
    ) -> Result<Self, CliError> {
        let asked = asked.reveal();
        let (database, scratch) = match (asked == OF_OTHERS, for_now) {
            (false, _) => (asked.to_owned(), None),
            (true, false) => (OF_DEMO.to_owned(), None),
            (true, true) => {
                let scratch = TempDir::with_prefix("assize-demo-")?;
                let file = scratch.path().join("demo.sqlite");
                (format!("sqlite:{}", file.display()), Some(scratch))
            }
        };
        let receiver = receiver.unwrap_or_else(|| beside(&database));
        Ok(Self { database, receiver, _scratch: scratch })
    }
}

/// The receiver's file for a database.
fn beside(database: &str) -> PathBuf {
    let Some(path) = database.strip_prefix("sqlite:") else { return RECEIVER.into() };
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    Path::new(path.strip_prefix("//").unwrap_or(path)).with_extension("receiver.ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(asked: &str, for_now: bool) -> Place {
        Place::choose(&asked.into(), for_now, None).unwrap()
    }

    #[test]
    fn a_demo_stays_out_of_the_database_of_the_other_commands() {
        let place = choose(OF_OTHERS, false);
        assert_eq!(place.database, "sqlite:assize-demo.sqlite");
        assert_eq!(place.receiver, Path::new("assize-demo.receiver.ndjson"));
    }

    #[test]
    fn a_demo_that_is_not_served_leaves_nothing_behind_unless_a_database_was_named() {
        let place = choose(OF_OTHERS, true);
        let folder = place.receiver.parent().unwrap().to_owned();
        assert!(folder.is_dir());
        drop(place);
        assert!(!folder.exists());
        assert_eq!(
            choose("sqlite:///tmp/x.db?mode=rwc", true).database,
            "sqlite:///tmp/x.db?mode=rwc"
        );
    }

    #[test]
    fn the_file_of_the_receiver_stands_beside_the_database() {
        assert_eq!(beside("sqlite:///tmp/x.db?mode=rwc"), Path::new("/tmp/x.receiver.ndjson"));
        assert_eq!(beside("postgres://u:p@h/d"), Path::new(RECEIVER));
    }
}
