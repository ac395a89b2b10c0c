//! What charts are drawn of. A row is a month of a figure, with a column for each of its days: a year of an
//! automation is a dozen rows a figure, and still every stretch of days is made of its own days alone.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    health::Stretch,
    id::{AutomationId, WorkspaceId},
    period::Period,
    rollup::{Figure, FigureChange},
};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, FromRow, Row, Type};
use uuid::Uuid;

use super::{Rows, Session, StoreError, Tx, health::Part, sql};

/// The statements that name every day of a month.
macro_rules! of_days {
    ($($day:literal)+) => {
        /// Adds to one day of a month, the first of the list to the first.
        const ADD: &[&str] = &[$(concat!(
            "INSERT INTO figure_rollup (workspace_id, automation_id, month, figure, d", $day, ") \
             SELECT workspace_id, automation_id, month, figure, n FROM j WHERE true \
             ON CONFLICT (workspace_id, month, automation_id, figure) \
             DO UPDATE SET d", $day, " = figure_rollup.d", $day, " + excluded.d", $day
        )),+];

        const FIND: &str = concat!(
            "SELECT automation_id, month, figure", $(", d", $day,)+ " FROM figure_rollup \
             WHERE workspace_id = $1 AND month >= $2 AND month < $3"
        );
    };
}

of_days!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);

/// A month of a figure.
struct MonthRow {
    automation: AutomationId,
    month: NaiveDate,
    figure: String,
    /// What was added up before each day, and at last the whole month.
    before: [i64; ADD.len() + 1],
}

impl<'r, R: Row> FromRow<'r, R> for MonthRow
where
    usize: ColumnIndex<R>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
    NaiveDate: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let mut before = [0_i64; ADD.len() + 1];
        for day in 0..ADD.len() {
            let on_day: i64 = row.try_get(day + 3)?;
            before[day + 1] = before[day].saturating_add(on_day);
        }
        let automation = AutomationId::new(row.try_get(0)?);
        Ok(Self { automation, month: row.try_get(1)?, figure: row.try_get(2)?, before })
    }
}

/// The days of a month that are part of a stretch.
struct Place {
    /// Where the stretch stands in the list that was asked for.
    slot: usize,
    /// How many days of the month come before.
    from: usize,
    until: usize,
}

/// What happened in the stretches, automation by automation.
pub type ByAutomation = HashMap<AutomationId, Vec<Stretch>>;

impl Tx {
    /// Adds changes to their days.
    pub(super) async fn add_figures(&mut self, changes: &[FigureChange]) -> Result<(), StoreError> {
        // Those of one day are together: they come sorted, and a run that moves is all that has two.
        for of_day in changes.chunk_by(|one, next| one.cell == next.cell) {
            let Some(first) = of_day.first() else { continue };
            let month = Period::month_of(first.cell.day).from;
            let Some(statement) = ADD.get(days_between(month, first.cell.day)) else { continue };
            let rows = Rows::of(of_day)
                .uuid("workspace_id", |change| change.cell.workspace.uuid())
                .uuid("automation_id", |change| change.cell.automation.uuid())
                .day("month", |_| month)
                .string("figure", |change| change.figure.to_string())
                .int("n", |change| change.by);
            self.change_rows(rows, statement).await?;
        }
        Ok(())
    }
}

impl Session {
    /// The runs that started in each of these stretches of days, of one automation or of each.
    pub async fn stretches(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: &[Period],
    ) -> Result<ByAutomation, StoreError> {
        let parts = self.parts(days);
        let mut found = ByAutomation::new();
        let Some(whole) = Period::around(parts.iter().map(|part| part.days)) else {
            return Ok(found);
        };
        let places = places(&parts);
        for row in self.months(workspace, automation, whole).await? {
            let Some(places) = places.get(&row.month) else { continue };
            let empty = || days.iter().copied().map(Stretch::new).collect();
            row.add_to(places, found.entry(row.automation).or_insert_with(empty))?;
        }
        Ok(found)
    }

    /// Every month of a figure that the days are part of.
    async fn months(
        &mut self,
        workspace: WorkspaceId,
        automation: Option<AutomationId>,
        days: Period,
    ) -> Result<Vec<MonthRow>, StoreError> {
        let one = automation.map_or("", |_| " AND automation_id = $4");
        Ok(sql!(self, |c| async {
            let query = sqlx::query_as(AssertSqlSafe(format!("{FIND}{one}")))
                .bind(workspace.uuid())
                .bind(Period::month_of(days.from).from)
                .bind(days.until);
            let query = match automation {
                Some(automation) => query.bind(automation.uuid()),
                None => query,
            };
            query.fetch_all(c).await
        })?)
    }
}

impl MonthRow {
    fn add_to(&self, places: &[Place], stretches: &mut [Stretch]) -> Result<(), StoreError> {
        let figure: Figure = self
            .figure
            .parse()
            .map_err(|error| StoreError::inconsistent("figure_rollup", "figure", error))?;
        for place in places {
            let of_place = self.before[place.until] - self.before[place.from];
            if let Some(stretch) = stretches.get_mut(place.slot).filter(|_| of_place != 0) {
                stretch.add(figure, of_place);
            }
        }
        Ok(())
    }
}

/// Which days of which month belong to which stretch.
fn places(parts: &[Part]) -> HashMap<NaiveDate, Vec<Place>> {
    let mut places: HashMap<NaiveDate, Vec<Place>> = HashMap::new();
    for part in parts {
        for days in part.days.by_month() {
            let month = Period::month_of(days.from).from;
            let (from, until) = (days_between(month, days.from), days_between(month, days.until));
            places.entry(month).or_default().push(Place { slot: part.slot, from, until });
        }
    }
    places
}

fn days_between(from: NaiveDate, until: NaiveDate) -> usize {
    usize::try_from((until - from).num_days()).unwrap_or(0)
}
