//! Pages and groups of runs against a plain list that is filtered and sorted by hand.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use domain::{
    Timestamp,
    counts::Counts,
    filter::{Order, RunFilter, TimeBasis},
    id::AutomationId,
    page::{Page, Seek},
    report::Tally,
    reported::RunKind,
    rollup,
    run::{Run, RunStatus},
    trigger::TriggerKind,
};
use engine::{
    both_databases,
    ids::Ids,
    store::{Group, Session, Total},
};

use crate::house::{House, start};

/// Runs in the workspace under test.
const RUNS: usize = 120;
/// Filters tried on each database.
const FILTERS: usize = 80;

/// Of runs that are executed, and of those that are reported.
const TRIGGERS: [TriggerKind; 3] =
    [TriggerKind::Schedule, TriggerKind::GovernedEvent, TriggerKind::Reported];

/// Choices that are the same every time.
pub struct Dice(pub Ids);

impl Dice {
    pub fn below(&self, limit: usize) -> usize {
        (self.0.jitter() * limit as f64) as usize
    }

    fn often(&self) -> bool {
        self.below(3) > 0
    }

    fn pick<T: Copy>(&self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// Some of the values, each at most once; often none.
    pub fn some<T: Copy + PartialEq>(&self, values: &[T]) -> Vec<T> {
        let mut some = Vec::new();
        for _ in 0..self.below(4) {
            let value = self.pick(values);
            if !some.contains(&value) {
                some.push(value);
            }
        }
        some
    }

    /// An instant within five days; many are the same.
    fn instant(&self) -> Timestamp {
        start()
            + TimeDelta::hours(self.below(30) as i64 * 4)
            + TimeDelta::microseconds(self.below(2) as i64)
    }

    pub fn day(&self) -> NaiveDate {
        start().date_naive() + Days::new(self.below(6) as u64)
    }

    fn run(&self, house: &House) -> Run {
        let status = self.pick(RunStatus::ALL);
        let created_at = self.instant();
        let started_at = (status != RunStatus::Pending).then(|| self.instant());
        let (open, failed) = (self.below(4) as i64, self.below(4) as i64);
        let counts = Counts {
            subjects_matched: open + failed,
            actions_invoked: failed,
            open,
            failed,
            ..Counts::default()
        };
        Run {
            status,
            created_at,
            started_at,
            completed_at: status.is_terminal().then(|| self.instant()),
            trigger_kind: self.pick(&TRIGGERS),
            counts,
            tally: Tally { incidents: self.below(2) as i64, ..Tally::default() },
            ..house.pending(self.below(3))
        }
    }

    pub fn filter(&self, house: &House) -> (RunFilter, Vec<AutomationId>) {
        let (one, other) = (self.day(), self.day());
        let filter = RunFilter {
            // The store takes automations by their ids.
            definitions: Vec::new(),
            statuses: self.some(RunStatus::ALL),
            triggers: self.some(&TRIGGERS),
            kind: (!self.often()).then(|| self.pick(RunKind::ALL)),
            incident: !self.often(),
            by: self.pick(TimeBasis::ALL),
            from: (!self.often()).then_some(one.min(other)),
            to: (!self.often()).then_some(one.max(other)),
            order: self.pick(Order::ALL),
        };
        (filter, self.some(&house.automations))
    }
}

/// Where a run stands in a list.
fn order(run: &Run, by: TimeBasis) -> Timestamp {
    match by {
        TimeBasis::Started => run.started_at.unwrap_or(run.created_at),
        TimeBasis::Completed => run.completed_at.unwrap_or(rollup::NOT_COMPLETED),
    }
}

/// Whether a filter finds a run, said as plainly as can be.
fn finds(filter: &RunFilter, automations: &[AutomationId], run: &Run) -> bool {
    let day = order(run, filter.by).date_naive();
    let waits = filter.by == TimeBasis::Completed && run.completed_at.is_none();
    let period = filter.from.is_some() || filter.to.is_some();
    (automations.is_empty() || automations.contains(&run.automation))
        && (filter.statuses.is_empty() || filter.statuses.contains(&run.status))
        && (filter.triggers.is_empty() || filter.triggers.contains(&run.trigger_kind))
        && filter.kind.is_none_or(|kind| kind == run.kind())
        && (!filter.incident || run.tally.incidents > 0)
        && filter.from.is_none_or(|from| day >= from)
        && filter.to.is_none_or(|to| day <= to)
        && !(waits && period)
}

fn expected(runs: &[Run], filter: &RunFilter, automations: &[AutomationId]) -> Vec<Run> {
    let mut found: Vec<_> =
        runs.iter().filter(|run| finds(filter, automations, run)).cloned().collect();
    found.sort_by_key(|run| (order(run, filter.by), run.id));
    if filter.order == Order::Newest {
        found.reverse();
    }
    found
}

/// The groups of runs, counted one by one.
pub fn grouped(found: &[Run]) -> Vec<Group> {
    let mut groups: BTreeMap<AutomationId, Group> = BTreeMap::new();
    for run in found {
        let empty = || Group { automation: run.automation, total: Total::default() };
        let group = groups.entry(run.automation).or_insert_with(empty);
        group.total.runs += 1;
        group.total.counts += run.counts;
        *group.total.statuses.entry(run.status).or_default() += 1;
    }
    groups.into_values().collect()
}

/// A house with random runs, and some of another workspace's automation that must never show.
pub async fn populated(db: &engine::testing::TestStore, dice: &Dice) -> (House, Vec<Run>) {
    let house = House::new(db).await;
    let runs: Vec<_> = (0..RUNS).map(|_| dice.run(&house)).collect();
    house.store_runs(&runs).await;
    (house, runs)
}

/// The page beside a place.
async fn page(
    session: &mut Session,
    house: &House,
    (filter, automations): &(RunFilter, Vec<AutomationId>),
    seek: Seek,
    size: i64,
) -> Page<Run> {
    let page = session.run_page(house.workspace, filter, automations, seek, size).await.unwrap();
    assert!(page.rows.len() as i64 <= size);
    page
}

both_databases! {
    async fn walking_all_pages_forward_and_back_gives_the_list(db: TestStore) {
        let dice = Dice(Ids::seeded(11));
        let (house, runs) = populated(&db, &dice).await;
        let mut session = house.session().await;
        let mut longest = 0;
        for _ in 0..FILTERS {
            let chosen = dice.filter(&house);
            let expected = expected(&runs, &chosen.0, &chosen.1);
            let size = 1 + dice.below(25) as i64;
            let mut page = page(&mut session, &house, &chosen, Seek::First, size).await;
            assert_eq!(page.previous, None);
            let mut forward = page.rows.clone();
            while let Some(next) = page.next {
                page = self::page(&mut session, &house, &chosen, next, size).await;
                assert!(!page.rows.is_empty() && page.previous.is_some(), "{chosen:?}");
                forward.extend(page.rows.clone());
            }
            assert_eq!(forward, expected, "{chosen:?}");
            let mut backward = page.rows;
            while let Some(previous) = page.previous {
                page = self::page(&mut session, &house, &chosen, previous, size).await;
                assert!(page.next.is_some(), "{chosen:?}");
                backward.splice(0..0, page.rows);
            }
            assert_eq!(backward, expected, "{chosen:?}");
            longest = longest.max(expected.len());
        }
        assert!(longest > RUNS / 2, "the filters find next to nothing");
    }

    async fn groups_are_what_a_recount_gives(db: TestStore) {
        let dice = Dice(Ids::seeded(12));
        let (house, mut runs) = populated(&db, &dice).await;
        // Runs move on: from day to day, from status to status.
        for _ in 0..60 {
            let n = dice.below(RUNS);
            let before = runs[n].clone();
            let after = Run {
                id: before.id,
                automation: before.automation,
                trigger_kind: before.trigger_kind,
                created_at: before.created_at,
                ..dice.run(&house)
            };
            runs[n] = after.clone();
            house.write(move |tx| Box::pin(async move { tx.update_run(&before, &after).await }))
                .await.unwrap();
        }
        let mut session = house.session().await;
        for _ in 0..FILTERS {
            let (filter, automations) = dice.filter(&house);
            let expected = grouped(&expected(&runs, &filter, &automations));
            let found = session.run_groups(house.workspace, &filter, &automations).await.unwrap();
            assert_eq!(found, expected, "{filter:?} {automations:?}");
        }
        for &by in TimeBasis::ALL {
            let all = RunFilter { by, ..RunFilter::default() };
            let found = session.run_groups(house.workspace, &all, &[]).await.unwrap();
            assert_eq!(found.iter().map(|group| group.total.runs).sum::<i64>(), RUNS as i64);
            assert!(session.run_groups(house.other, &all, &[]).await.unwrap().is_empty());
        }
    }

    async fn another_workspace_has_no_page(db: TestStore) {
        let dice = Dice(Ids::seeded(13));
        let (house, runs) = populated(&db, &dice).await;
        let mut session = house.session().await;
        let all = RunFilter::default();
        let page = session.run_page(house.other, &all, &[], Seek::First, 9).await.unwrap();
        assert!(page.rows.is_empty() && page.next.is_none() && page.previous.is_none());
        // Nor does a cursor of the first lead there.
        let place = session.run_page(house.workspace, &all, &[], Seek::First, 9).await.unwrap().next;
        let page = session.run_page(house.other, &all, &[], place.unwrap(), 9).await.unwrap();
        assert!(page.rows.is_empty(), "{}", runs.len());
    }

    async fn many_definitions_and_statuses_are_merged_in_order(db: TestStore) {
        let dice = Dice(Ids::seeded(14));
        let (house, runs) = populated(&db, &dice).await;
        let statuses = RunStatus::ALL.to_vec();
        let chosen = (RunFilter { statuses, ..RunFilter::default() }, house.automations.clone());
        let mut session = house.session().await;
        let found = page(&mut session, &house, &chosen, Seek::First, 200).await;
        assert_eq!(found.rows, expected(&runs, &chosen.0, &chosen.1));
        // So many that statuses are tested along the way instead.
        let mut many = chosen.clone();
        many.1.extend((0..20).map(|_| AutomationId::new(house.uuid())));
        let along = page(&mut session, &house, &many, Seek::First, 200).await;
        assert_eq!(along.rows, found.rows);
    }
}
