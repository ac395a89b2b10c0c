//! Kill switches. Pressing one is a transaction of one row and one entry, so it takes effect at once:
//! whatever starts afterwards finds it under the lock of the log (`Tx::require_released`). What was
//! going on is stopped then, run by run, by whoever pressed and, should that process die, by any worker.

use std::{collections::HashMap, net::IpAddr};

use chrono::TimeDelta;
use domain::{
    Timestamp,
    audit::{Draft, Verb},
    id::{AutomationId, KillSwitchId, RunId, WorkspaceId},
    incident::Raised,
    item::{ItemState, SkipReason},
    kill::{KillCount, KillScope, KillSwitch, Killed},
    member::Principal,
    permission::Permission,
};
use serde_json::json;

use super::{Caller, ServiceError, Services, cancel::NOT_STARTED, check_reason, held_items};
use crate::{
    changes::Changes,
    store::{KillEffects, Session, Tx},
};

/// Runs that are looked for in one go.
const RUNS: i64 = 100;

/// How long a sign-in is fresh.
pub const FRESH: TimeDelta = TimeDelta::minutes(10);

/// What a member says who presses a switch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KillOrder {
    /// The key of a definition; without one everything in the workspace stops.
    pub automation: Option<String>,
    pub reason: String,
}

/// A switch that was just pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    pub switch: KillSwitch,
    pub stopped: KillCount,
}

/// How it is known that the person who acts is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence<'a> {
    /// Nothing is known: a program.
    Unknown,
    /// They signed in at this instant.
    SignedIn(Timestamp),
    /// They give their password again, from this address.
    Password(&'a str, IpAddr),
}

impl Services {
    /// Every time a switch was pressed, newest first, with what it did.
    pub async fn kill_switches(
        &self,
        caller: Caller,
    ) -> Result<Vec<(KillSwitch, KillEffects)>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let switches = session.kill_switches(caller.workspace).await?;
        let mut effects: HashMap<_, _> = session.kill_effects(caller.workspace).await?;
        let with = |switch: KillSwitch| {
            let effects = effects.remove(&switch.id).unwrap_or_default();
            (switch, effects)
        };
        Ok(switches.into_iter().map(with).collect())
    }

    /// The switches that are pressed now.
    pub async fn pressed_switches(&self, caller: Caller) -> Result<Vec<KillSwitch>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.pressed_switches(caller.workspace).await?)
    }

    /// What pressing a switch would stop at this moment. Changes nothing.
    pub async fn kill_preview(
        &self,
        caller: Caller,
        automation: Option<&str>,
    ) -> Result<KillCount, ServiceError> {
        let mut session = self.reading(caller, Permission::PressKillSwitch).await?;
        let scope = scope(&mut session, caller.workspace, automation).await?;
        Ok(session.kill_count(caller.workspace, scope).await?)
    }

    /// Stops everything in the workspace, or one automation: from the commit on nothing of it starts.
    ///
    /// # Errors
    /// The conflict `kill-switch-pressed` where it is pressed already; `Invalid` naming `definition` or
    /// `reason`.
    pub async fn press_kill_switch(
        &self,
        caller: Caller,
        order: KillOrder,
    ) -> Result<Pressed, ServiceError> {
        self.require(caller, Permission::PressKillSwitch).await?;
        let reason = check_reason(&order.reason)?;
        let services = self.clone();
        let switch = self
            .write(move |tx| {
                Box::pin(async move {
                    services.press(tx, caller, order.automation.as_deref(), reason).await
                })
            })
            .await?;
        let stopped = self.stop_runs(&switch).await?;
        Ok(Pressed { switch, stopped })
    }

    async fn press(
        &self,
        tx: &mut Tx,
        caller: Caller,
        automation: Option<&str>,
        reason: String,
    ) -> Result<KillSwitch, ServiceError> {
        let now = self.clock.now();
        let scope = scope(tx, caller.workspace, automation).await?;
        let switch = KillSwitch {
            id: KillSwitchId::new(self.ids.uuid(now)),
            workspace: caller.workspace,
            scope,
            reason,
            pressed_by: caller.principal.member(),
            pressed_at: now,
            released_by: None,
            released_at: None,
            release_reason: None,
        };
        if !tx.insert_kill_switch(&switch).await? {
            let message = "it is pressed already";
            return Err(ServiceError::conflict("kill-switch-pressed", message));
        }
        let count = tx.kill_count(caller.workspace, scope).await?;
        let draft = Draft::new(caller.principal, Verb::KillSwitchActivated, switch.object());
        let draft = draft.with(json!({
            "kill_switch": switch.id,
            "reason": switch.reason,
            "runs": count.runs,
            "waiting": count.waiting,
            "in_flight": count.in_flight,
        }));
        tx.append_audit(caller.workspace, &self.ids, now, &[draft]).await?;
        Ok(switch)
    }

    /// Lets what a switch stopped start again: what comes from now on, for nothing is made up for.
    ///
    /// # Errors
    /// The conflict `fresh-sign-in-needed`; `Invalid` naming `reason` or `password`.
    pub async fn release_kill_switch(
        &self,
        caller: Caller,
        id: KillSwitchId,
        reason: &str,
        presence: Presence<'_>,
    ) -> Result<KillSwitch, ServiceError> {
        const NONE: ServiceError = ServiceError::NotFound("kill switch");
        self.require(caller, Permission::ReleaseKillSwitch).await?;
        let reason = check_reason(reason)?;
        let pressed = self.store.read().await?.pressed_switches(caller.workspace).await?;
        let pressed = pressed.into_iter().find(|switch| switch.id == id).ok_or(NONE)?;
        self.require_presence(caller, presence).await?;
        // What it stops is stopped before it is released, whoever was to do that.
        self.stop_runs(&pressed).await?;
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let released = KillSwitch {
            released_by: caller.principal.member(),
            released_at: Some(now),
            release_reason: Some(reason.clone()),
            ..pressed
        };
        let released = self
            .write(move |tx| {
                Box::pin(async move {
                    if !tx.release_kill_switch(&released).await? {
                        return Err(NONE);
                    }
                    let object = released.object();
                    let draft = Draft::new(caller.principal, Verb::KillSwitchReleased, object)
                        .with(json!({"kill_switch": released.id, "reason": reason}));
                    tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                    Ok(released)
                })
            })
            .await?;
        self.wake.notify();
        Ok(released)
    }

    /// Refuses a person of whom nobody knows that they are there. On the host's command line it is
    /// the host that lets people in.
    async fn require_presence(
        &self,
        caller: Caller,
        presence: Presence<'_>,
    ) -> Result<(), ServiceError> {
        let fresh = match (caller.principal, presence) {
            (Principal::Host | Principal::System, _) => true,
            (Principal::Token { .. }, _) | (_, Presence::Unknown) => false,
            (Principal::Member { .. }, Presence::SignedIn(at)) => self.clock.now() - at <= FRESH,
            (Principal::Member { id, .. }, Presence::Password(password, address)) => {
                return self.confirm_password(caller.workspace, id, password, address).await;
            }
        };
        match fresh {
            true => Ok(()),
            false => Err(ServiceError::conflict(
                "fresh-sign-in-needed",
                "this is for a person who signed in less than 10 minutes ago",
            )),
        }
    }

    /// Stops what a switch that was just pressed is about.
    async fn stop_runs(&self, switch: &KillSwitch) -> Result<KillCount, ServiceError> {
        let mut stopped = KillCount::default();
        loop {
            let own = Some(switch.workspace);
            let found = self.store.read().await?.runs_to_kill(own, RUNS).await?;
            if found.is_empty() {
                return Ok(stopped);
            }
            for (workspace, run) in found {
                stopped += self.kill_run(workspace, run).await?;
            }
        }
    }

    /// Stops what pressed switches have still to stop, in all workspaces. Answers how many runs.
    pub(crate) async fn kill_stopped_runs(&self) -> Result<usize, ServiceError> {
        let found = self.store.read().await?.runs_to_kill(None, RUNS).await?;
        for &(workspace, run) in &found {
            self.kill_run(workspace, run).await?;
        }
        Ok(found.len())
    }

    /// Stops one run, if a switch for it is still pressed.
    async fn kill_run(
        &self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<KillCount, ServiceError> {
        let services = self.clone();
        self.write(move |tx| Box::pin(async move { services.store_kill(tx, workspace, run).await }))
            .await
    }

    async fn store_kill(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<KillCount, ServiceError> {
        let now = self.clock.now();
        let locked = tx.lock_run(workspace, run).await?;
        let live = locked.filter(|run| !run.status.is_terminal() && !run.is_stopping());
        let Some(run) = live else { return Ok(KillCount::default()) };
        let pressed = tx.pressed_switches(workspace).await?;
        let Some(switch) = pressed.iter().find(|switch| switch.stops(run.automation)) else {
            return Ok(KillCount::default());
        };
        let items = held_items(tx, &run, &[]).await?;
        let in_flight = items.iter().filter(|item| item.state == ItemState::Started).count();
        let waiting: Vec<_> =
            items.into_iter().filter(|item| NOT_STARTED.contains(&item.state)).collect();
        let count =
            KillCount { runs: 1, waiting: waiting.len() as i64, in_flight: in_flight as i64 };
        let mut changes = Changes::new(workspace, now, [run.clone()]);
        if let Some(run) = changes.run_mut(run.id) {
            run.kill(Killed { at: now, switch: switch.id })?;
        }
        changes.raise(Raised::killed(&run, switch, count));
        let system = Caller { workspace, principal: Principal::System };
        let reason = SkipReason::KilledBeforeStart;
        self.skip_all(tx, &mut changes, system, waiting, reason).await?;
        changes.write(tx, &self.ids).await?;
        Ok(count)
    }
}

/// What a switch is to stop.
async fn scope(
    session: &mut Session,
    workspace: WorkspaceId,
    automation: Option<&str>,
) -> Result<KillScope, ServiceError> {
    let Some(key) = automation else { return Ok(KillScope::Workspace) };
    let known = session.automation_heads(workspace).await?;
    let found = known.into_iter().find(|automation| automation.key == key);
    let none = || ServiceError::invalid("definition", "there is no such definition");
    Ok(KillScope::Automation(found.ok_or_else(none)?.id))
}

/// Refuses what would set an automation off while a switch stops it.
pub(super) async fn require_released(
    session: &mut Session,
    workspace: WorkspaceId,
    automation: AutomationId,
) -> Result<(), ServiceError> {
    let pressed = session.pressed_switches(workspace).await?;
    match pressed.iter().find(|switch| switch.stops(automation)) {
        None => Ok(()),
        Some(switch) => {
            let message = format!(
                "a kill switch is pressed since {}: {}",
                switch.pressed_at.format("%Y-%m-%d %H:%M UTC"),
                switch.reason
            );
            Err(ServiceError::conflict("kill-switch-pressed", message))
        }
    }
}

#[cfg(test)]
mod tests;
