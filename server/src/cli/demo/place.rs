//! Where a demo lives: its database, and the file of its receiver.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{cli::CliError, config::DatabaseUrl, demo::Example};

/// The database of the other commands; the demo never goes there.
const OF_OTHERS: &str = "sqlite:assize.sqlite";

#[derive(Debug)]
pub struct Place {
    pub database: String,
    pub receiver: PathBuf,
    /// The demo's own signing key and last checkpoint.
    pub signing: PathBuf,
    /// Goes with everything in it, unless the demo was to stay.
    _scratch: Option<TempDir>,
}

impl Place {
    pub fn choose(
        example: Example,
        asked: &DatabaseUrl,
        for_now: bool,
        receiver: Option<PathBuf>,
        signing: Option<PathBuf>,
    ) -> Result<Self, CliError> {
        let asked = asked.reveal();
        let (database, scratch) = match (asked == OF_OTHERS, for_now) {
            (false, _) => (asked.to_owned(), None),
            (true, false) => (format!("sqlite:{}.sqlite", example.file_name()), None),
            (true, true) => {
                let scratch = TempDir::with_prefix("assize-demo-")?;
                let file = scratch.path().join("demo.sqlite");
                (format!("sqlite:{}", file.display()), Some(scratch))
            }
        };
        let beside = |ending: &str| match file(&database) {
            Some(file) => file.with_extension(ending),
            // Beside a database that is no file: here.
            None => format!("{}-postgres.{ending}", example.file_name()).into(),
        };
        let receiver = receiver.unwrap_or_else(|| beside("receiver.ndjson"));
        let signing = signing.unwrap_or_else(|| beside("signing"));
        Ok(Self { database, receiver, signing, _scratch: scratch })
    }
}

/// The file of a database that is one.
fn file(database: &str) -> Option<&Path> {
    let path = database.strip_prefix("sqlite:")?;
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    Some(Path::new(path.strip_prefix("//").unwrap_or(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(asked: &str, for_now: bool) -> Place {
        Place::choose(Example::CreditUnion, &asked.into(), for_now, None, None).unwrap()
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
            choose("sqlite:///data/x.db?mode=rwc", true).database,
            "sqlite:///data/x.db?mode=rwc"
        );
    }

    #[test]
    fn receiver_and_signing_key_stand_beside_the_database() {
        let place = choose("sqlite:///data/x.db?mode=rwc", false);
        assert_eq!(place.receiver, Path::new("/data/x.receiver.ndjson"));
        assert_eq!(place.signing, Path::new("/data/x.signing"));
        let place = choose("postgres://u:p@h/d", false);
        assert_eq!(place.receiver, Path::new("assize-demo-postgres.receiver.ndjson"));
        assert_eq!(place.signing, Path::new("assize-demo-postgres.signing"));
    }
}
