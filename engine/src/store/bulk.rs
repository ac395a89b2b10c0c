//! Many rows in one statement: what is bound becomes a table called `j`.
//!
//! `Rows::of(items).uuid("id", |item| item.id.uuid()).text("state", |item| item.state.as_str())`
//! gathers columns; a statement such as `UPDATE run_item SET state = j.state FROM j WHERE
//! run_item.id = j.id` reads them. Postgres is given one array a column, SQLite a list of values.

use chrono::NaiveDate;
use domain::{Timestamp, id::WorkspaceId};
use sqlx::{
    Arguments as _, AssertSqlSafe, FromRow,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};
use uuid::Uuid;

use super::{Session, StoreError, db::Link};

/// Rows of one statement for SQLite: enough to make the statement's own cost disappear, few enough
/// that the prepared text stays small.
const ROWS_A_STATEMENT: usize = 100;

/// The rows of a statement, made from a slice of something.
#[derive(Debug)]
pub(super) struct Rows<'a, T> {
    of: &'a [T],
    columns: Vec<Column>,
    /// Columns with one value for all rows, which is bound once.
    constants: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    values: Values,
}

/// The kinds of columns, by the name of their type in Postgres.
macro_rules! kinds {
    ($($kind:ident($method:ident, $rust:ty, $postgres:literal)),+ $(,)?) => {
        #[derive(Debug, Clone)]
        enum Values {
            $($kind(Vec<Option<$rust>>)),+
        }

        impl Values {
            fn postgres_type(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $postgres),+
                }
            }

            fn add_array(self, arguments: &mut PgArguments) -> Result<(), sqlx::Error> {
                match self {
                    $(Self::$kind(values) => arguments.add(values)),+
                }
                .map_err(sqlx::Error::Encode)
            }

            /// Binds the value of one row, taking it.
            fn add_value(
                &mut self,
                row: usize,
                arguments: &mut SqliteArguments,
            ) -> Result<(), sqlx::Error> {
                match self {
                    $(Self::$kind(values) => arguments.add(values[row].take())),+
                }
                .map_err(sqlx::Error::Encode)
            }
        }

        impl<'a, T> Rows<'a, T> {
            $(
                pub(super) fn $method<V: Into<Option<$rust>>>(
                    mut self,
                    name: &'static str,
                    value: impl Fn(&'a T) -> V,
                ) -> Self {
                    let values = self.of.iter().map(|row| value(row).into()).collect();
                    self.columns.push(Column { name, values: Values::$kind(values) });
                    self
                }
            )+
        }
    };
}

kinds! {
    Uuid(uuid, Uuid, "uuid"),
    String(string, String, "text"),
    Int(int, i64, "bigint"),
    Flag(flag, bool, "boolean"),
    Time(time, Timestamp, "timestamptz"),
    Day(day, NaiveDate, "date"),
    Bytes(bytes, Vec<u8>, "bytea"),
}

/// A statement for SQLite over some of the rows.
struct Part {
    text: String,
    arguments: SqliteArguments,
    /// Few texts are worth keeping prepared: those of full statements and of single rows.
    usual: bool,
}

impl<'a, T> Rows<'a, T> {
    pub(super) fn of(of: &'a [T]) -> Self {
        Self { of, columns: Vec::new(), constants: Vec::new() }
    }

    /// The workspace, which all rows belong to.
    pub(super) fn within(mut self, workspace: WorkspaceId) -> Self {
        let values = Values::Uuid(vec![Some(workspace.uuid())]);
        self.constants.push(Column { name: "workspace_id", values });
        self
    }

    /// An instant that all rows have.
    pub(super) fn all_at(mut self, name: &'static str, at: Timestamp) -> Self {
        self.constants.push(Column { name, values: Values::Time(vec![Some(at)]) });
        self
    }

    /// A column of borrowed text.
    pub(super) fn text<V: Into<Option<&'a str>>>(
        self,
        name: &'static str,
        value: impl Fn(&'a T) -> V,
    ) -> Self {
        self.string(name, |row| value(row).into().map(str::to_owned))
    }

    fn for_postgres(self, statement: &str) -> Result<(String, PgArguments), sqlx::Error> {
        let names = names(&self.columns);
        let mut arguments = PgArguments::default();
        let mut parameter = 0;
        let mut bind = |values: Values| {
            parameter += 1;
            let kind = values.postgres_type();
            values.add_array(&mut arguments).map(|()| format!("${parameter}::{kind}[]"))
        };
        let mut constants = String::new();
        for Column { name, values } in self.constants {
            let array = bind(values)?;
            constants.push_str(&format!("({array})[1] AS {name}, "));
        }
        let arrays: Result<Vec<_>, _> =
            self.columns.into_iter().map(|column| bind(column.values)).collect();
        let arrays = arrays?.join(", ");
        let text = format!(
            "WITH j AS MATERIALIZED (SELECT {constants}t.* FROM unnest({arrays}) AS t({names})) \
             {statement}"
        );
        Ok((text, arguments))
    }

    /// One part for every so many rows.
    fn for_sqlite(mut self, statement: &str) -> Result<Vec<Part>, sqlx::Error> {
        let (constants, columns) = (names(&self.constants), names(&self.columns));
        let mut parts = Vec::with_capacity(self.of.len().div_ceil(ROWS_A_STATEMENT));
        for start in (0..self.of.len()).step_by(ROWS_A_STATEMENT) {
            let end = self.of.len().min(start + ROWS_A_STATEMENT);
            let mut arguments = SqliteArguments::default();
            arguments.reserve((end - start) * self.columns.len() + self.constants.len(), 0);
            for column in &self.constants {
                column.values.clone().add_value(0, &mut arguments)?;
            }
            for n in start..end {
                for column in &mut self.columns {
                    column.values.add_value(n, &mut arguments)?;
                }
            }
            let values = tuples(end - start, self.columns.len());
            let text = if self.constants.is_empty() {
                format!("WITH j({columns}) AS MATERIALIZED (VALUES {values}) {statement}")
            } else {
                let constant = tuples(1, self.constants.len());
                format!(
                    "WITH k({constants}) AS (VALUES {constant}), t({columns}) AS (VALUES {values}), \
                     j AS MATERIALIZED (SELECT * FROM k CROSS JOIN t) {statement}"
                )
            };
            let usual = matches!(end - start, 1 | ROWS_A_STATEMENT);
            parts.push(Part { text, arguments, usual });
        }
        Ok(parts)
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// Places for so many rows of so many values.
fn tuples(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}

impl Session {
    /// Runs a statement over rows and answers how many it changed.
    pub(super) async fn change_rows<T>(
        &mut self,
        rows: Rows<'_, T>,
        statement: &'static str,
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        if rows.of.is_empty() {
            return Ok(0);
        }
        match &mut self.link {
            Link::Sqlite(connection) => {
                for Part { text, arguments, usual } in rows.for_sqlite(statement)? {
                    let query = sqlx::query_with(AssertSqlSafe(text), arguments).persistent(usual);
                    changed += query.execute(&mut **connection).await?.rows_affected();
                }
            }
            Link::Postgres(connection) => {
                let (text, arguments) = rows.for_postgres(statement)?;
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                changed += query.execute(&mut **connection).await?.rows_affected();
            }
        }
        Ok(changed)
    }

    /// What a statement over rows finds. In SQLite an `ORDER BY` holds within every 100 rows only.
    pub(super) async fn fetch_rows<T, R>(
        &mut self,
        rows: Rows<'_, T>,
        statement: &'static str,
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if rows.of.is_empty() {
            return Ok(Vec::new());
        }
        match &mut self.link {
            Link::Sqlite(connection) => {
                let mut found = Vec::with_capacity(rows.of.len());
                for Part { text, arguments, usual } in rows.for_sqlite(statement)? {
                    let query =
                        sqlx::query_as_with(AssertSqlSafe(text), arguments).persistent(usual);
                    found.append(&mut query.fetch_all(&mut **connection).await?);
                }
                Ok(found)
            }
            Link::Postgres(connection) => {
                let (text, arguments) = rows.for_postgres(statement)?;
                let query = sqlx::query_as_with(AssertSqlSafe(text), arguments);
                Ok(query.fetch_all(&mut **connection).await?)
            }
        }
    }
}
