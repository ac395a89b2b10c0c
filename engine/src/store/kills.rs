//! Kill switches, the runs they have still to stop, and the firings that came to nothing.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Timestamp,
    id::{AutomationId, KillSwitchId, MemberId, RunId, TriggerEventId, WorkspaceId},
    kill::{KillCount, KillScope, KillSwitch},
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, change, sql};

/// Every query that gives switches begins like this.
macro_rules! select_switch {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, automation_id, reason, pressed_by, pressed_at, released_by, \
             released_at, release_reason FROM kill_switch ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct SwitchRow {
    id: Uuid,
    workspace_id: Uuid,
    automation_id: Option<Uuid>,
    reason: String,
    pressed_by: Option<Uuid>,
    pressed_at: Timestamp,
    released_by: Option<Uuid>,
    released_at: Option<Timestamp>,
    release_reason: Option<String>,
}

impl From<SwitchRow> for KillSwitch {
    fn from(row: SwitchRow) -> Self {
        let automation = row.automation_id.map(AutomationId::new);
        Self {
            id: KillSwitchId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            scope: automation.map_or(KillScope::Workspace, KillScope::Automation),
            reason: row.reason,
            pressed_by: row.pressed_by.map(MemberId::new),
            pressed_at: row.pressed_at,
            released_by: row.released_by.map(MemberId::new),
            released_at: row.released_at,
            release_reason: row.release_reason,
        }
    }
}

/// What a switch did, as far as rows tell of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KillEffects {
    /// Runs it stopped.
    pub runs: i64,
    /// Firings that came while it was pressed and set nothing off.
    pub refused: i64,
}

#[derive(sqlx::FromRow)]
struct EffectsRow {
    id: Uuid,
    runs: i64,
    refused: i64,
}

fn automation(scope: KillScope) -> Option<Uuid> {
    match scope {
        KillScope::Workspace => None,
        KillScope::Automation(automation) => Some(automation.uuid()),
    }
}

fn switches(found: Vec<SwitchRow>) -> Vec<KillSwitch> {
    found.into_iter().map(KillSwitch::from).collect()
}

impl Session {
    /// Every switch that was ever pressed, newest first.
    pub async fn kill_switches(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<KillSwitch>, StoreError> {
        let found: Vec<SwitchRow> = sql!(self, |c| sqlx::query_as(select_switch!(
            "WHERE workspace_id = $1 ORDER BY pressed_at DESC, id DESC"
        ))
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(switches(found))
    }

    /// The switches that are pressed now, that of the workspace first.
    pub async fn pressed_switches(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<KillSwitch>, StoreError> {
        let found: Vec<SwitchRow> = sql!(self, |c| sqlx::query_as(select_switch!(
            "WHERE workspace_id = $1 AND released_at IS NULL \
             ORDER BY CASE WHEN automation_id IS NULL THEN 0 ELSE 1 END, pressed_at, id"
        ))
        .bind(workspace.uuid())
        .fetch_all(c))?;
        Ok(switches(found))
    }

    /// What each switch of the workspace did.
    pub async fn kill_effects(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<HashMap<KillSwitchId, KillEffects>, StoreError> {
        let found: Vec<EffectsRow> = sql!(self, |c| sqlx::query_as(
            "SELECT k.id, (SELECT COUNT(*) FROM run r WHERE r.kill_switch_id = k.id) AS runs, \
             (SELECT COUNT(*) FROM refused_firing f WHERE f.kill_switch_id = k.id) AS refused \
             FROM kill_switch k WHERE k.workspace_id = $1"
        )
        .bind(workspace.uuid())
        .fetch_all(c))?;
        let effects = |row: EffectsRow| {
            (KillSwitchId::new(row.id), KillEffects { runs: row.runs, refused: row.refused })
        };
        Ok(found.into_iter().map(effects).collect())
    }

    /// What a switch would stop at this moment.
    pub async fn kill_count(
        &mut self,
        workspace: WorkspaceId,
        scope: KillScope,
    ) -> Result<KillCount, StoreError> {
        let (runs, open): (i64, i64) = sql!(self, |c| sqlx::query_as(
            "SELECT COUNT(*), CAST(COALESCE(SUM(open_items + awaiting_approval), 0) AS BIGINT) \
             FROM run WHERE workspace_id = $1 AND status IN ('pending', 'running') \
             AND trigger_kind <> 'reported' \
             AND ($2 IS NULL OR automation_id = $2)"
        )
        .bind(workspace.uuid())
        .bind(automation(scope))
        .fetch_one(c))?;
        // The first condition is that of the index of items in work.
        let in_flight: i64 = sql!(self, |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM run_item i JOIN run r ON r.id = i.run_id \
             WHERE i.state IN ('leased', 'started') AND i.state = 'started' \
             AND i.workspace_id = $1 AND ($2 IS NULL OR r.automation_id = $2)"
        )
        .bind(workspace.uuid())
        .bind(automation(scope))
        .fetch_one(c))?;
        Ok(KillCount { runs, waiting: (open - in_flight).max(0), in_flight })
    }

    /// Runs that have not ended and that a pressed switch has still to stop, of one workspace or of all,
    /// oldest first.
    pub async fn runs_to_kill(
        &mut self,
        workspace: Option<WorkspaceId>,
        limit: i64,
    ) -> Result<Vec<(WorkspaceId, RunId)>, StoreError> {
        // The list of workspaces lets the index of live runs be used, and is empty nearly always.
        let found: Vec<(Uuid, Uuid)> = sql!(self, |c| sqlx::query_as(
            "SELECT r.workspace_id, r.id FROM run r WHERE r.status IN ('pending', 'running') \
             AND r.trigger_kind <> 'reported' \
             AND r.killed_at IS NULL AND r.cancel_requested_at IS NULL AND r.failure_code IS NULL \
             AND EXISTS (SELECT 1 FROM kill_switch k WHERE k.workspace_id = r.workspace_id \
                 AND k.released_at IS NULL \
                 AND (k.automation_id IS NULL OR k.automation_id = r.automation_id)) \
             AND r.workspace_id IN \
                 (SELECT workspace_id FROM kill_switch WHERE released_at IS NULL) \
             AND ($1 IS NULL OR r.workspace_id = $1) ORDER BY r.id LIMIT $2"
        )
        .bind(workspace.map(WorkspaceId::uuid))
        .bind(limit)
        .fetch_all(c))?;
        Ok(found.into_iter().map(|(ws, id)| (WorkspaceId::new(ws), RunId::new(id))).collect())
    }

    /// The switches that kept an event from setting something off.
    pub async fn refusals_of_event(
        &mut self,
        event: TriggerEventId,
    ) -> Result<Vec<KillSwitchId>, StoreError> {
        let found: Vec<Uuid> = sql!(self, |c| sqlx::query_scalar(
            "SELECT DISTINCT kill_switch_id FROM refused_firing WHERE trigger_event_id = $1 \
             ORDER BY kill_switch_id"
        )
        .bind(event.uuid())
        .fetch_all(c))?;
        Ok(found.into_iter().map(KillSwitchId::new).collect())
    }
}

impl Tx {
    /// Presses a switch. False if one for the same is pressed already; waits for another transaction
    /// that is pressing it.
    pub async fn insert_kill_switch(&mut self, switch: &KillSwitch) -> Result<bool, StoreError> {
        let inserted = change!(
            self,
            sqlx::query(
                "INSERT INTO kill_switch (id, workspace_id, automation_id, reason, pressed_by, \
                 pressed_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
            )
            .bind(switch.id.uuid())
            .bind(switch.workspace.uuid())
            .bind(automation(switch.scope))
            .bind(switch.reason.as_str())
            .bind(switch.pressed_by.map(MemberId::uuid))
            .bind(switch.pressed_at)
        )?;
        Ok(inserted == 1)
    }

    /// Stores that a switch was released. Answers whether it was still pressed.
    pub async fn release_kill_switch(&mut self, switch: &KillSwitch) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "UPDATE kill_switch SET released_by = $3, released_at = $4, release_reason = $5 \
                 WHERE workspace_id = $1 AND id = $2 AND released_at IS NULL"
            )
            .bind(switch.workspace.uuid())
            .bind(switch.id.uuid())
            .bind(switch.released_by.map(MemberId::uuid))
            .bind(switch.released_at)
            .bind(switch.release_reason.as_deref())
        )?;
        Ok(changed == 1)
    }

    /// Keeps that an event did not set an automation off.
    pub async fn insert_refused_firing(
        &mut self,
        workspace: WorkspaceId,
        event: TriggerEventId,
        automation: AutomationId,
        switch: KillSwitchId,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO refused_firing (workspace_id, trigger_event_id, automation_id, \
                 kill_switch_id) VALUES ($1, $2, $3, $4)"
            )
            .bind(workspace.uuid())
            .bind(event.uuid())
            .bind(automation.uuid())
            .bind(switch.uuid())
        )
        .map(drop)
    }

    /// Refuses to go on if any of these automations is stopped.
    ///
    /// Call it after the entries of what was started were appended: they hold the head of the log,
    /// which whoever presses a switch has to lock too. So a switch that is not seen here has its entry
    /// after those of the start, and one whose entry stands before them is seen.
    pub async fn require_released(
        &mut self,
        workspace: WorkspaceId,
        started: &BTreeSet<AutomationId>,
    ) -> Result<(), StoreError> {
        let pressed = self.pressed_switches(workspace).await?;
        let stopped =
            started.iter().any(|&started| pressed.iter().any(|switch| switch.stops(started)));
        match stopped {
            true => Err(StoreError::Stale { what: "kill switch", expected: 1, changed: 0 }),
            false => Ok(()),
        }
    }
}
