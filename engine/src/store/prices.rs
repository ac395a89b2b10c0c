//! What tokens of language models cost a workspace, where it says so itself.

use chrono::NaiveDate;
use domain::{
    Timestamp,
    id::{MemberId, WorkspaceId},
    price::OwnPrice,
};
use uuid::Uuid;

use super::{Session, StoreError, Tx, budgets::usd, change, sql};

#[derive(sqlx::FromRow)]
struct PriceRow {
    workspace_id: Uuid,
    model: String,
    begins: NaiveDate,
    input: i64,
    output: i64,
    set_at: Timestamp,
    set_by: Option<Uuid>,
}

impl TryFrom<PriceRow> for OwnPrice {
    type Error = StoreError;

    fn try_from(row: PriceRow) -> Result<Self, StoreError> {
        Ok(Self {
            workspace: WorkspaceId::new(row.workspace_id),
            model: row.model,
            from: row.begins,
            input: usd("model_price", "input", row.input)?,
            output: usd("model_price", "output", row.output)?,
            set_at: row.set_at,
            set_by: row.set_by.map(MemberId::new),
        })
    }
}

impl Session {
    /// The prices a workspace has set, by model, the latest first.
    pub async fn own_prices(
        &mut self,
        workspace: WorkspaceId,
    ) -> Result<Vec<OwnPrice>, StoreError> {
        let found: Vec<PriceRow> = sql!(self, |c| {
            sqlx::query_as(
            "SELECT workspace_id, model, begins, input, output, set_at, set_by FROM model_price \
             WHERE workspace_id = $1 ORDER BY model, begins DESC"
        )
        .bind(workspace.uuid())
        .fetch_all(c)
        })?;
        found.into_iter().map(OwnPrice::try_from).collect()
    }
}

impl Tx {
    /// Sets a price from a day on, in place of one that was set for the same day.
    pub async fn upsert_price(&mut self, price: &OwnPrice) -> Result<(), StoreError> {
        change!(
            self,
            sqlx::query(
                "INSERT INTO model_price (workspace_id, model, begins, input, output, set_at, \
                 set_by) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (workspace_id, model, begins) DO UPDATE SET input = excluded.input, \
                 output = excluded.output, set_at = excluded.set_at, set_by = excluded.set_by"
            )
            .bind(price.workspace.uuid())
            .bind(price.model.as_str())
            .bind(price.from)
            .bind(price.input.nanos())
            .bind(price.output.nanos())
            .bind(price.set_at)
            .bind(price.set_by.map(MemberId::uuid))
        )
        .map(drop)
    }

    /// Takes a price away and answers whether it stood there.
    pub async fn delete_price(
        &mut self,
        workspace: WorkspaceId,
        model: &str,
        from: NaiveDate,
    ) -> Result<bool, StoreError> {
        let changed = change!(
            self,
            sqlx::query(
                "DELETE FROM model_price WHERE workspace_id = $1 AND model = $2 AND begins = $3"
            )
            .bind(workspace.uuid())
            .bind(model)
            .bind(from)
        )?;
        Ok(changed == 1)
    }
}
