//! What the database weighs, table by table, and giving back what is free.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::id::{AutomationId, WorkspaceId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Backend, Rows, Session, Store, StoreError, Tx, change,
    db::Pools,
    dialect::{FROM_KEPT, FROM_STUBS},
    sql,
};

/// What a table weighs, its indexes included.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Weight {
    pub name: String,
    pub bytes: i64,
}

/// What a table weighed on a day.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Sample {
    pub day: NaiveDate,
    pub name: String,
    pub bytes: i64,
}

/// Pages that are given back in one step: a megabyte.
const PAGES: i64 = 256;

impl Session {
    /// Every table with its weight, heaviest first. Reads the whole file of SQLite.
    pub async fn weights(&mut self) -> Result<Vec<Weight>, StoreError> {
        const SQL: [&str; 2] = [
            // The other way round, the file would be read once for every table and index.
            "SELECT m.tbl_name AS name, CAST(SUM(s.pgsize) AS BIGINT) AS bytes FROM dbstat s \
             CROSS JOIN sqlite_master m ON m.name = s.name WHERE s.aggregate = 1 \
             AND m.tbl_name NOT LIKE '\\_sqlx%' ESCAPE '\\' GROUP BY m.tbl_name \
             ORDER BY bytes DESC, name",
            "SELECT c.relname::text AS name, pg_total_relation_size(c.oid) AS bytes \
             FROM pg_class c WHERE c.relkind = 'r' \
             AND c.relnamespace = current_schema()::regnamespace \
             AND c.relname NOT LIKE '\\_sqlx%' ORDER BY bytes DESC, name",
        ];
        let statement = self.pick(SQL);
        Ok(sql!(self, |c| sqlx::query_as(statement).fetch_all(c))?)
    }

    /// What the whole database weighs, and how much of that is free for new rows. How much is free
    /// inside of tables Postgres does not say.
    pub async fn database_size(&mut self) -> Result<(i64, i64), StoreError> {
        if self.backend() == Backend::Postgres {
            let sum: i64 = sql!(self, |c| {
                sqlx::query_scalar(
                "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c \
                 WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
            )
            .fetch_one(c)
            })?;
            return Ok((sum, 0));
        }
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT p.page_count * s.page_size, f.freelist_count * s.page_size \
             FROM pragma_page_count p, pragma_page_size s, pragma_freelist_count f"
        )
        .fetch_one(c))?)
    }

    /// The samples of all days, oldest first.
    pub async fn storage_samples(&mut self) -> Result<Vec<Sample>, StoreError> {
        Ok(sql!(self, |c| sqlx::query_as(
            "SELECT day, name, bytes FROM storage_sample ORDER BY day, name"
        )
        .fetch_all(c))?)
    }

    /// The day of the last sample.
    pub async fn last_sample(&mut self) -> Result<Option<NaiveDate>, StoreError> {
        Ok(sql!(self, |c| sqlx::query_scalar("SELECT MAX(day) FROM storage_sample").fetch_one(c))?)
    }

    /// How many runs of each automation have ended and still have their detail, and how many are
    /// stubs.
    pub async fn kept_and_pruned(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<(AutomationId, i64, i64)>, StoreError> {
        // Each part is read from its own index; the table itself would take seconds.
        let (kept, stubs) = (self.pick(FROM_KEPT), self.pick(FROM_STUBS));
        let statement = format!(
            "SELECT automation_id, CAST(SUM(kept) AS BIGINT), CAST(SUM(stubs) AS BIGINT) FROM ( \
                SELECT automation_id, COUNT(*) AS kept, 0 AS stubs{kept} AND workspace_id = $1 \
                GROUP BY automation_id \
                UNION ALL SELECT automation_id, 0, COUNT(*){stubs} AND workspace_id = $1 \
                GROUP BY automation_id) AS parts GROUP BY automation_id"
        );
        let found: Vec<(Uuid, i64, i64)> = sql!(self, |c| {
            sqlx::query_as(AssertSqlSafe(statement.clone())).bind(workspace.uuid()).fetch_all(c)
        })?;
        Ok(found.into_iter().map(|(id, kept, gone)| (AutomationId::new(id), kept, gone)).collect())
    }

    /// How many runs of each automation ended on days from the first to the last, as the rollup says.
    pub async fn runs_ended_since(
        &mut self,
        workspace: WorkspaceId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<HashMap<AutomationId, i64>, StoreError> {
        let found: Vec<(Uuid, i64)> = sql!(self, |c| sqlx::query_as(
            "SELECT automation_id, CAST(SUM(runs) AS BIGINT) FROM run_rollup \
             WHERE workspace_id = $1 AND basis = 'completed' AND day >= $2 AND day <= $3 \
             GROUP BY automation_id"
        )
        .bind(workspace.uuid())
        .bind(first)
        .bind(last)
        .fetch_all(c))?;
        Ok(found.into_iter().map(|(id, runs)| (AutomationId::new(id), runs)).collect())
    }

    /// How many runs there ever were, in all workspaces.
    pub async fn runs_ended_ever(&mut self) -> Result<i64, StoreError> {
        Ok(sql!(self, |c| sqlx::query_scalar(
            "SELECT CAST(COALESCE(SUM(runs), 0) AS BIGINT) FROM run_rollup \
             WHERE basis = 'completed'"
        )
        .fetch_one(c))?)
    }

    /// What the detail of the newest kept runs of an automation weighs: how many were looked at, and
    /// the bytes of all of them.
    pub async fn weigh_detail(
        &mut self,
        workspace: WorkspaceId,
        automation: AutomationId,
    ) -> Result<(i64, i64), StoreError> {
        let kept = self.pick(FROM_KEPT);
        let statement = format!(
            "WITH few AS (SELECT r.workspace_id, r.id{kept} AND r.workspace_id = $1 \
             AND r.automation_id = $2 ORDER BY r.completed_order DESC, r.id DESC LIMIT 30), {DETAIL_OF_FEW}"
        );
        Ok(sql!(self, |c| sqlx::query_as(AssertSqlSafe(statement.clone()))
            .bind(workspace.uuid())
            .bind(automation.uuid())
            .fetch_one(c))?)
    }
}

/// Bytes of text and what a row costs beside it: its header, its keys and their indexes.
const DETAIL_OF_FEW: &str = "items AS (SELECT i.id, i.workspace_id, LENGTH(COALESCE(i.parameters, '')) AS bytes \
        FROM few s JOIN run_item i ON i.workspace_id = s.workspace_id AND i.run_id = s.id), \
     parts AS (SELECT SUM(bytes) AS bytes FROM items \
        UNION ALL SELECT SUM(250 + LENGTH(COALESCE(a.failure_message, ''))) \
            FROM items i JOIN attempt a ON a.item_id = i.id \
        UNION ALL SELECT COUNT(*) * 250 FROM items i JOIN run_item n \
            ON n.workspace_id = i.workspace_id AND n.id = i.id WHERE n.effect_key IS NOT NULL \
        UNION ALL SELECT SUM(100 + LENGTH(p.payload)) FROM few s JOIN audit_entry e \
            ON e.workspace_id = s.workspace_id AND e.run_id = s.id \
            JOIN audit_payload p ON p.workspace_id = e.workspace_id AND p.seq = e.seq \
        UNION ALL SELECT SUM(30 + LENGTH(p.statement)) FROM few s JOIN reported_step p \
            ON p.run_id = s.id) \
     SELECT (SELECT COUNT(*) FROM few), (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM parts)";

impl Tx {
    /// Keeps what the tables weigh on a day, and forgets days from before another.
    pub async fn keep_sample(
        &mut self,
        day: NaiveDate,
        weights: &[Weight],
        forget_before: NaiveDate,
    ) -> Result<(), StoreError> {
        let rows = Rows::of(weights)
            .day("day", |_| day)
            .text("name", |weight| weight.name.as_str())
            .int("bytes", |weight| weight.bytes);
        self.change_rows(
            rows,
            "INSERT INTO storage_sample (day, name, bytes) SELECT day, name, bytes FROM j \
             WHERE true ON CONFLICT (day, name) DO NOTHING",
        )
        .await?;
        change!(self, sqlx::query("DELETE FROM storage_sample WHERE day < $1").bind(forget_before))
            .map(drop)
    }
}

impl Store {
    /// Gives a little of what is free in an SQLite file back to the disk. Answers with how many bytes;
    /// none where the file was made without incremental vacuum, and none in Postgres, which does that
    /// by itself.
    pub async fn give_back(&self) -> Result<i64, StoreError> {
        let Pools::Sqlite { write, .. } = self.pools() else { return Ok(0) };
        let mut connection = write.acquire().await?;
        let free = "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size";
        let before: i64 = sqlx::query_scalar(free).fetch_one(&mut *connection).await?;
        if before == 0 {
            return Ok(0);
        }
        let step = AssertSqlSafe(format!("PRAGMA incremental_vacuum({PAGES})"));
        sqlx::raw_sql(step).execute(&mut *connection).await?;
        let after: i64 = sqlx::query_scalar(free).fetch_one(&mut *connection).await?;
        Ok(before - after)
    }

    /// Whether free pages can be given back in steps; `None` where the database sees to it.
    pub async fn gives_back(&self) -> Result<Option<bool>, StoreError> {
        if self.backend() == Backend::Postgres {
            return Ok(None);
        }
        let mut session = self.read().await?;
        let mode: i64 =
            sql!(session, |c| sqlx::query_scalar("SELECT auto_vacuum FROM pragma_auto_vacuum")
                .fetch_one(c))?;
        Ok(Some(mode == 2))
    }

    /// Writes an SQLite file anew without what is free, and so that it gives free pages back in steps
    /// from then on. Nobody writes meanwhile, and the disk needs room for a second copy.
    pub async fn compact(&self) -> Result<(), StoreError> {
        let Pools::Sqlite { write, .. } = self.pools() else { return Ok(()) };
        let mut connection = write.acquire().await?;
        sqlx::raw_sql("PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}
