//! `assize kill` and `assize release`: stops everything, or one automation, and lets it start again.

use domain::id::KillSwitchId;
use serde_json::{Value, json};

use super::{
    CliError, Global,
    door::Door,
    output::{is_narrow, rows, show, table, time, word},
};

#[derive(Debug, clap::Args)]
pub struct Kill {
    /// Stop only the automation with this key
    #[arg(long)]
    definition: Option<String>,
    /// Why; kept with the switch and in the log
    #[arg(long, required_unless_present = "list")]
    reason: Option<String>,
    /// Press nothing; list every time a switch was pressed
    #[arg(long, conflicts_with_all = ["definition", "reason"])]
    list: bool,
}

#[derive(Debug, clap::Args)]
pub struct Release {
    /// Id of the switch, as `assize kill --list` shows it; may be left out where only one is pressed
    switch: Option<KillSwitchId>,
    /// Why; kept with the switch and in the log
    #[arg(long)]
    reason: String,
}

/// Presses a switch, or lists them.
pub async fn kill(global: &Global, asked: Kill) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    let Some(reason) = asked.reason else {
        let switches = door.get("/kill-switches").await?;
        return show(global.format, &switches, |list| page(rows(list)));
    };
    let order = json!({"definition": asked.definition, "reason": reason});
    show(global.format, &door.post("/kill-switches", &order).await?, |stopped| {
        let (runs, skipped) = (&stopped["runs"], &stopped["skipped"]);
        let flight = &stopped["in_flight"];
        page(std::iter::once(&stopped["kill_switch"]))
            + &format!("\nruns killed {runs}, items skipped {skipped}, items in flight {flight}\n")
    })
}

/// Releases a switch.
pub async fn release(global: &Global, asked: Release) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    let switch = match asked.switch {
        Some(switch) => switch.to_string(),
        None => only_one(&door).await?,
    };
    let path = format!("/kill-switches/{switch}/release");
    let released = door.post(&path, &json!({"reason": asked.reason})).await?;
    show(global.format, &released, |switch| page(std::iter::once(switch)))
}

async fn only_one(door: &Door) -> Result<String, CliError> {
    let switches = door.get("/kill-switches").await?;
    let mut pressed = rows(&switches).filter(|switch| switch["released_at"].is_null());
    match (pressed.next(), pressed.next()) {
        (Some(only), None) => Ok(word(&only["id"])),
        (None, _) => Err(CliError::Usage("no kill switch is pressed".to_owned())),
        (Some(_), Some(_)) => {
            let message = "several kill switches are pressed; name one of assize kill --list";
            Err(CliError::Usage(message.to_owned()))
        }
    }
}

fn page<'a>(switches: impl Iterator<Item = &'a Value>) -> String {
    let cells = |switch: &Value| {
        let automation = &switch["automation"];
        let stops = if automation.is_null() { "everything".to_owned() } else { word(automation) };
        let standing = match switch["released_at"].is_null() {
            true => "pressed".to_owned(),
            false => format!("released {}", time(&switch["released_at"])),
        };
        let pressed = time(&switch["pressed_at"]);
        [word(&switch["id"]), stops, pressed, standing, word(&switch["reason"])]
    };
    if is_narrow() {
        let narrow = |[id, _, _, standing, reason]: [String; 5]| [id, standing, reason];
        return table(["id", "standing", "reason"], switches.map(cells).map(narrow));
    }
    table(["id", "stops", "pressed", "standing", "reason"], switches.map(cells))
}
