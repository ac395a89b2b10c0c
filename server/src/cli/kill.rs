//! `assize kill` and `assize release`: stops everything, or one automation, and lets it start again.

use domain::{
    id::KillSwitchId,
    kill::{KillCount, KillScope, KillSwitch},
};
use engine::services::{KillOrder, Presence, Services};
use serde::Serialize;

use super::{
    CliError, Global, open,
    output::{Report, print, printable, table},
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

#[derive(Serialize)]
struct Switches {
    kill_switches: Vec<KillSwitch>,
    /// What was stopped just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<KillCount>,
}

impl Report for Switches {
    fn text(&self) -> String {
        let row = |switch: &KillSwitch| {
            let stops = match switch.scope {
                KillScope::Workspace => "everything".to_owned(),
                KillScope::Automation(id) => id.to_string(),
            };
            let standing = match switch.released_at {
                None => "pressed".to_owned(),
                Some(at) => format!("released {}", at.format("%Y-%m-%d %H:%M")),
            };
            let pressed = switch.pressed_at.format("%Y-%m-%d %H:%M").to_string();
            let reason = printable(&switch.reason).to_string();
            [switch.id.to_string(), stops, pressed, standing, reason]
        };
        let head = ["id", "stops", "pressed", "standing", "reason"];
        let mut text = table(head, self.kill_switches.iter().map(row));
        if let Some(KillCount { runs, waiting, in_flight }) = self.stopped {
            text.push_str(&format!(
                "\nruns killed {runs}, items skipped {waiting}, items in flight {in_flight}\n"
            ));
        }
        text
    }
}

/// Presses a switch, or lists them.
pub async fn kill(global: &Global, asked: Kill) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let switches = match asked.reason {
        Some(reason) => {
            let order = KillOrder { automation: asked.definition, reason };
            let pressed = services.press_kill_switch(caller, order).await?;
            Switches { kill_switches: vec![pressed.switch], stopped: Some(pressed.stopped) }
        }
        None => {
            let all = services.kill_switches(caller).await?;
            let kill_switches = all.into_iter().map(|(switch, _)| switch).collect();
            Switches { kill_switches, stopped: None }
        }
    };
    print(global.format, &switches)
}

/// Releases a switch.
pub async fn release(global: &Global, asked: Release) -> Result<(), CliError> {
    let services = open::services(global).await?;
    let caller = open::caller(global, &services).await?;
    let switch = match asked.switch {
        Some(switch) => switch,
        None => only_one(&services, caller).await?,
    };
    let presence = Presence::Unknown;
    let released = services.release_kill_switch(caller, switch, &asked.reason, presence).await?;
    print(global.format, &Switches { kill_switches: vec![released], stopped: None })
}

async fn only_one(
    services: &Services,
    caller: engine::services::Caller,
) -> Result<KillSwitchId, CliError> {
    let pressed = services.pressed_switches(caller).await?;
    match pressed.as_slice() {
        [only] => Ok(only.id),
        [] => Err(CliError::Usage("no kill switch is pressed".to_owned())),
        _ => {
            let message = "several kill switches are pressed; name one of assize kill --list";
            Err(CliError::Usage(message.to_owned()))
        }
    }
}
