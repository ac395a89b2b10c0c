//! Approvals and the decisions on them.

use std::collections::HashMap;

use domain::{
    Timestamp,
    approval::{Approval, ApprovalStatus, Decision},
    canonical,
    id::{ApprovalId, DecisionId, ItemId, MemberId, PolicyId, RunId, WorkspaceId},
    page::{Page, Place, Seek},
    policy::Pin,
};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Rows, Session, StoreError, Tx, change, sql,
    stretch::{Stretch, in_stretch},
};

macro_rules! approval_columns {
    () => {
        "a.id, a.workspace_id, a.run_id, a.item_id, a.kind, a.status, a.question, a.actioner, \
         a.parameters, a.action_digest, a.rule, a.policy_id, a.policy_version, \
         a.policy_digest, a.requested_by, a.requested_at, a.expires_at, a.decided_at"
    };
}

#[derive(sqlx::FromRow)]
struct ApprovalRow {
    id: Uuid,
    workspace_id: Uuid,
    run_id: Uuid,
    item_id: Uuid,
    kind: String,
    status: String,
    question: String,
    actioner: String,
    parameters: String,
    action_digest: String,
    rule: String,
    policy_id: Option<Uuid>,
    policy_version: Option<i64>,
    policy_digest: Option<String>,
    requested_by: Option<Uuid>,
    requested_at: Timestamp,
    expires_at: Timestamp,
    decided_at: Option<Timestamp>,
}

impl TryFrom<ApprovalRow> for Approval {
    type Error = StoreError;

    fn try_from(row: ApprovalRow) -> Result<Self, StoreError> {
        let wrong = |column, error: &dyn std::error::Error| {
            StoreError::inconsistent("approval", column, error)
        };
        let parameters = serde_json::from_str(&row.parameters);
        let policy = row.policy_id.zip(row.policy_version).zip(row.policy_digest);
        let policy = policy.map(|((policy, version), digest)| Pin {
            policy: PolicyId::new(policy),
            version,
            digest,
        });
        Ok(Self {
            id: ApprovalId::new(row.id),
            workspace: WorkspaceId::new(row.workspace_id),
            run: RunId::new(row.run_id),
            item: ItemId::new(row.item_id),
            kind: row.kind.parse().map_err(|error| wrong("kind", &error))?,
            status: row.status.parse().map_err(|error| wrong("status", &error))?,
            question: row.question,
            actioner: row.actioner,
            parameters: parameters.map_err(|error| wrong("parameters", &error))?,
            action_digest: row.action_digest,
            rule: serde_json::from_str(&row.rule).map_err(|error| wrong("rule", &error))?,
            policy,
            requested_by: row.requested_by.map(MemberId::new),
            requested_at: row.requested_at,
            expires_at: row.expires_at,
            decided_at: row.decided_at,
        })
    }
}

fn all(found: Vec<ApprovalRow>) -> Result<Vec<Approval>, StoreError> {
    found.into_iter().map(Approval::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    id: Uuid,
    approval_id: Uuid,
    member_id: Uuid,
    verdict: String,
    reason: String,
    decided_at: Timestamp,
}

impl TryFrom<DecisionRow> for Decision {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self, StoreError> {
        let wrong = |error| StoreError::inconsistent("approval_decision", "verdict", error);
        Ok(Self {
            id: DecisionId::new(row.id),
            approval: ApprovalId::new(row.approval_id),
            member: MemberId::new(row.member_id),
            verdict: row.verdict.parse().map_err(wrong)?,
            reason: row.reason,
            decided_at: row.decided_at,
        })
    }
}

impl Tx {
    /// Inserts new approvals.
    pub async fn insert_approvals(&mut self, approvals: &[Approval]) -> Result<(), StoreError> {
        let rows = Rows::of(approvals)
            .uuid("id", |approval| approval.id.uuid())
            .uuid("workspace_id", |approval| approval.workspace.uuid())
            .uuid("run_id", |approval| approval.run.uuid())
            .uuid("item_id", |approval| approval.item.uuid())
            .text("kind", |approval| approval.kind.as_str())
            .text("status", |approval| approval.status.as_str())
            .text("question", |approval| approval.question.as_str())
            .text("actioner", |approval| approval.actioner.as_str())
            .string("parameters", |approval| canonical::text(&approval.parameters))
            .text("action_digest", |approval| approval.action_digest.as_str())
            .string("rule", |approval| json!(approval.rule).to_string())
            .uuid("policy_id", |approval| approval.policy.as_ref().map(|pin| pin.policy.uuid()))
            .int("policy_version", |approval| approval.policy.as_ref().map(|pin| pin.version))
            .text("policy_digest", |approval| {
                approval.policy.as_ref().map(|pin| pin.digest.as_str())
            })
            .uuid("requested_by", |approval| approval.requested_by.map(MemberId::uuid))
            .time("requested_at", |approval| approval.requested_at)
            .time("expires_at", |approval| approval.expires_at);
        let changed = self.change_rows(
            rows,
            "INSERT INTO approval (id, workspace_id, run_id, item_id, kind, status, question, \
             actioner, parameters, action_digest, rule, policy_id, policy_version, policy_digest, \
             requested_by, requested_at, expires_at) \
             SELECT id, workspace_id, run_id, item_id, kind, status, question, actioner, \
             parameters, action_digest, rule, policy_id, policy_version, policy_digest, \
             requested_by, requested_at, expires_at FROM j",
        );
        changed.await.map(drop)
    }

    /// An approval, locked until the transaction ends.
    pub async fn lock_approval(
        &mut self,
        workspace: WorkspaceId,
        id: ApprovalId,
    ) -> Result<Option<Approval>, StoreError> {
        const SQL: [&str; 2] = [
            concat!(
                "SELECT ",
                approval_columns!(),
                " FROM approval a WHERE a.workspace_id = $1 AND a.id = $2"
            ),
            concat!(
                "SELECT ",
                approval_columns!(),
                " FROM approval a WHERE a.workspace_id = $1 AND a.id = $2 FOR UPDATE"
            ),
        ];
        let statement = self.pick(SQL);
        let found: Option<ApprovalRow> = sql!(self, |c| sqlx::query_as(statement)
            .bind(workspace.uuid())
            .bind(id.uuid())
            .fetch_optional(c))?;
        found.map(Approval::try_from).transpose()
    }

    /// Ends open approvals.
    pub async fn close_approvals(
        &mut self,
        ids: &[ApprovalId],
        status: ApprovalStatus,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = Rows::of(ids)
            .uuid("id", |id| id.uuid())
            .text("status", |_| status.as_str())
            .all_at("at", now);
        let changed = self
            .change_rows(
                rows,
                "UPDATE approval SET status = j.status, decided_at = j.at FROM j \
                 WHERE approval.id = j.id AND approval.status = 'open'",
            )
            .await?;
        StoreError::expect("approval", ids.len(), changed)
    }

    /// Writes one member's decision.
    pub async fn insert_decision(
        &mut self,
        workspace: WorkspaceId,
        decision: &Decision,
    ) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO approval_decision (id, workspace_id, approval_id, member_id, \
                 verdict, reason, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(decision.id.uuid())
            .bind(workspace.uuid())
            .bind(decision.approval.uuid())
            .bind(decision.member.uuid())
            .bind(decision.verdict.as_str())
            .bind(decision.reason.as_str())
            .bind(decision.decided_at)
        )
        .map(drop)
    }
}

impl Session {
    pub async fn approval(
        &mut self,
        workspace: WorkspaceId,
        id: ApprovalId,
    ) -> Result<Option<Approval>, StoreError> {
        let found: Option<ApprovalRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            approval_columns!(),
            " FROM approval a WHERE a.workspace_id = $1 AND a.id = $2"
        ))
        .bind(workspace.uuid())
        .bind(id.uuid())
        .fetch_optional(c))?;
        self.seen_approvals(workspace, found.into_iter().collect())
            .await
            .map(|mut found| found.pop())
    }

    async fn seen_approvals(
        &mut self,
        workspace: WorkspaceId,
        found: Vec<ApprovalRow>,
    ) -> Result<Vec<Approval>, StoreError> {
        let mut approvals = all(found)?;
        self.keep_seen(workspace, &mut approvals, |approval| approval.run).await?;
        Ok(approvals)
    }

    /// A page of approvals with this status, longest waiting first.
    pub async fn approval_page(
        &mut self,
        workspace: WorkspaceId,
        status: ApprovalStatus,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Approval>, StoreError> {
        let start = Place { at: Timestamp::UNIX_EPOCH, id: Uuid::nil() };
        let (place, beyond, to) = match seek {
            Seek::First => (start, ">", "ASC"),
            Seek::After(place) => (place, ">", "ASC"),
            Seek::Before(place) => (place, "<", "DESC"),
        };
        let statement = format!(
            "SELECT {} FROM approval a WHERE a.workspace_id = $1 AND a.status = $2 \
             AND (a.requested_at, a.id) {beyond} ($3, $4){} \
             ORDER BY a.requested_at {to}, a.id {to} LIMIT $5",
            approval_columns!(),
            self.seen_run("a")
        );
        let found: Vec<ApprovalRow> =
            sql!(self, |c| sqlx::query_as(AssertSqlSafe(statement.clone()))
                .bind(workspace.uuid())
                .bind(status.as_str())
                .bind(place.at)
                .bind(place.id)
                .bind(size + 1)
                .fetch_all(c))?;
        let place = |a: &Approval| Place { at: a.requested_at, id: a.id.uuid() };
        Ok(Page::new(all(found)?, size, seek, place))
    }

    /// Every approval about an item, oldest first.
    pub async fn approvals_of_item(
        &mut self,
        workspace: WorkspaceId,
        item: ItemId,
    ) -> Result<Vec<Approval>, StoreError> {
        let found: Vec<ApprovalRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            approval_columns!(),
            " FROM approval a WHERE a.workspace_id = $1 AND a.item_id = $2 \
             ORDER BY a.requested_at, a.id"
        ))
        .bind(workspace.uuid())
        .bind(item.uuid())
        .fetch_all(c))?;
        self.seen_approvals(workspace, found).await
    }

    /// Every approval about the items of these stretches, item by item, oldest first.
    pub async fn approvals_in(
        &mut self,
        workspace: WorkspaceId,
        stretches: &[Stretch],
    ) -> Result<Vec<Approval>, StoreError> {
        let statement = concat!(
            "SELECT ",
            approval_columns!(),
            " FROM j CROSS JOIN run_item CROSS JOIN approval a \
             WHERE a.workspace_id = j.workspace_id AND a.item_id = run_item.id AND ",
            in_stretch!(),
            " ORDER BY j.n, run_item.position, a.requested_at, a.id"
        );
        all(self.fetch_rows(Stretch::rows(workspace, stretches), statement).await?)
    }

    /// The open approvals of these items, by item.
    pub async fn open_approvals(
        &mut self,
        workspace: WorkspaceId,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, Approval>, StoreError> {
        let statement = concat!(
            "SELECT ",
            approval_columns!(),
            " FROM j JOIN approval a ON a.workspace_id = j.workspace_id AND a.item_id = j.id \
             AND a.status = 'open'"
        );
        self.approvals_by_item(statement, workspace, items).await
    }

    /// Every approval of these items that a policy asked for and that let them go on, by item.
    pub async fn approvals_for_policies(
        &mut self,
        workspace: WorkspaceId,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, Vec<Approval>>, StoreError> {
        let statement = concat!(
            "SELECT ",
            approval_columns!(),
            " FROM j JOIN approval a ON a.workspace_id = j.workspace_id AND a.item_id = j.id \
             AND a.policy_id IS NOT NULL AND a.status IN ('approved', 'expired')"
        );
        let rows = Rows::of(items).within(workspace).uuid("id", |id| id.uuid());
        let mut by_item: HashMap<ItemId, Vec<Approval>> = HashMap::new();
        for approval in all(self.fetch_rows(rows, statement).await?)? {
            by_item.entry(approval.item).or_default().push(approval);
        }
        Ok(by_item)
    }

    /// The latest approval of each of these items that let it go on, by item. Those that policies ask
    /// for are not among them.
    pub async fn given_approvals(
        &mut self,
        workspace: WorkspaceId,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, Approval>, StoreError> {
        let statement = concat!(
            "SELECT ",
            approval_columns!(),
            " FROM j JOIN approval a ON a.workspace_id = j.workspace_id AND a.item_id = j.id \
             AND a.policy_id IS NULL AND a.status IN ('approved', 'expired') \
             ORDER BY a.requested_at, a.id"
        );
        self.approvals_by_item(statement, workspace, items).await
    }

    async fn approvals_by_item(
        &mut self,
        statement: &'static str,
        workspace: WorkspaceId,
        items: &[ItemId],
    ) -> Result<HashMap<ItemId, Approval>, StoreError> {
        let rows = Rows::of(items).within(workspace).uuid("id", |id| id.uuid());
        let found = all(self.fetch_rows(rows, statement).await?)?;
        Ok(found.into_iter().map(|approval| (approval.item, approval)).collect())
    }

    /// Open approvals of all workspaces whose time is up.
    pub async fn expired_approvals(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Approval>, StoreError> {
        let found: Vec<ApprovalRow> = sql!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            approval_columns!(),
            " FROM approval a WHERE a.status = 'open' AND a.expires_at <= $1 \
             ORDER BY a.expires_at LIMIT $2"
        ))
        .bind(now)
        .bind(limit)
        .fetch_all(c))?;
        all(found)
    }

    /// The decisions on an approval, oldest first.
    pub async fn decisions(
        &mut self,
        workspace: WorkspaceId,
        approval: ApprovalId,
    ) -> Result<Vec<Decision>, StoreError> {
        let found: Vec<DecisionRow> = sql!(self, |c| sqlx::query_as(
            "SELECT id, approval_id, member_id, verdict, reason, decided_at \
             FROM approval_decision WHERE workspace_id = $1 AND approval_id = $2 \
             ORDER BY decided_at, id"
        )
        .bind(workspace.uuid())
        .bind(approval.uuid())
        .fetch_all(c))?;
        found.into_iter().map(Decision::try_from).collect()
    }

    /// The approvals with these ids, in no particular order; unknown ids are left out.
    pub async fn approvals_by_ids(
        &mut self,
        workspace: WorkspaceId,
        ids: &[ApprovalId],
    ) -> Result<Vec<Approval>, StoreError> {
        let rows = Rows::of(ids).within(workspace).uuid("id", |id| id.uuid());
        let statement = concat!(
            "SELECT ",
            approval_columns!(),
            " FROM j JOIN approval a ON a.workspace_id = j.workspace_id AND a.id = j.id"
        );
        let found = self.fetch_rows(rows, statement).await?;
        self.seen_approvals(workspace, found).await
    }

    /// The decisions on each of these approvals, oldest first; an approval without any is left out.
    pub async fn decisions_of(
        &mut self,
        workspace: WorkspaceId,
        approvals: &[ApprovalId],
    ) -> Result<HashMap<ApprovalId, Vec<Decision>>, StoreError> {
        let seen = match self.sees_all() {
            true => approvals.to_vec(),
            false => {
                let seen = self.approvals_by_ids(workspace, approvals).await?;
                seen.into_iter().map(|approval| approval.id).collect()
            }
        };
        let rows = Rows::of(&seen).within(workspace).uuid("id", |id| id.uuid());
        let found: Vec<DecisionRow> = self
            .fetch_rows(
                rows,
                "SELECT d.id, d.approval_id, d.member_id, d.verdict, d.reason, d.decided_at \
                 FROM j JOIN approval_decision d ON d.workspace_id = j.workspace_id \
                 AND d.approval_id = j.id ORDER BY d.decided_at, d.id",
            )
            .await?;
        let mut decisions: HashMap<ApprovalId, Vec<Decision>> = HashMap::new();
        for decision in found.into_iter().map(Decision::try_from) {
            let decision = decision?;
            decisions.entry(decision.approval).or_default().push(decision);
        }
        Ok(decisions)
    }

    /// How many approvals are open in a workspace: the badge. Stops counting at `limit`.
    pub async fn open_approval_count(
        &mut self,
        workspace: WorkspaceId,
        limit: i64,
    ) -> Result<i64, StoreError> {
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM approval a \
             WHERE a.workspace_id = $1 AND a.status = 'open'{} LIMIT $2) AS open",
            self.seen_run("a")
        );
        let open: i64 = sql!(self, |c| sqlx::query_scalar(AssertSqlSafe(text.clone()))
            .bind(workspace.uuid())
            .bind(limit)
            .fetch_one(c))?;
        Ok(open)
    }
}
