//! What a windowed auditor lists is what an owner lists, as far as it lies in the windows.

use std::collections::HashMap;

use domain::{
    export::ExportFormat,
    filter::{RunFilter, TimeBasis},
    id::RunId,
    member::{Principal, Role},
    period::Period,
    rollup,
    run::Run,
};
use engine::{
    both_databases,
    ids::Ids,
    services::{Caller, ExportedList},
    store::Group,
};
use futures::StreamExt as _;

use crate::{
    exports::{csv, host, jsonl, walked},
    house::{House, at},
    pages::{Dice, grouped, populated},
};

/// Filters tried on each database, each with other windows.
const FILTERS: usize = 60;

async fn auditor(house: &House) -> Caller {
    let id = house.member(Role::Auditor).await.id;
    Caller { principal: Principal::Member { id, role: Role::Auditor }, ..host(house) }
}

/// Puts these windows in place of all others.
async fn look(house: &House, auditor: Caller, windows: &[Period]) {
    let (services, id) = (&house.services, auditor.principal.member().unwrap());
    for window in services.windows(host(house)).await.unwrap() {
        if window.is_open() {
            services.revoke_window(host(house), window.id).await.unwrap();
        }
    }
    for window in windows {
        services.grant_window(host(house), id, *window).await.unwrap();
    }
}

fn windows(dice: &Dice) -> Vec<Period> {
    let window = |_| {
        let (one, other) = (dice.day(), dice.day());
        Period::of_days(one.min(other), one.max(other)).unwrap()
    };
    (0..dice.below(4)).map(window).collect()
}

fn texts(ids: &[RunId]) -> Vec<String> {
    ids.iter().map(RunId::to_string).collect()
}

both_databases! {
    async fn lists_counts_and_files_are_those_of_an_owner_within_the_windows(db: TestStore) {
        let dice = Dice(Ids::seeded(31));
        let (house, runs) = populated(&db, &dice).await;
        let runs: HashMap<RunId, Run> = runs.into_iter().map(|run| (run.id, run)).collect();
        let auditor = auditor(&house).await;
        let (mut whole, mut cut, mut none) = (0, 0, 0);
        for n in 0..FILTERS {
            let windows = windows(&dice);
            look(&house, auditor, &windows).await;
            let (mut filter, _) = dice.filter(&house);
            filter.definitions = dice.some(&["aa", "bb", "cc"]).into_iter().map(str::to_owned).collect();

            let (all, _) = walked(&house, host(&house), &filter, 50).await;
            let seen = |id: &RunId| {
                let at = rollup::started_order(&runs[id]);
                windows.iter().any(|window| window.covers(at))
            };
            let expected: Vec<RunId> = all.iter().copied().filter(seen).collect();
            let (found, _) = walked(&house, auditor, &filter, 1 + (n as i64 * 7) % 40).await;
            assert_eq!(found, expected, "{filter:?} {windows:?}");

            let of: Vec<Run> = expected.iter().map(|id| runs[id].clone()).collect();
            let groups = house.services.run_groups(auditor, &filter).await.unwrap();
            let mut groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
            groups.sort_by_key(|group| group.automation);
            assert_eq!(groups, grouped(&of), "{filter:?} {windows:?}");

            let list = ExportedList::Runs(filter.clone());
            let rows = csv(&house, auditor, list.clone()).await;
            let in_csv: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
            let rows = jsonl(&house, auditor, list).await;
            let in_jsonl: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!((in_csv, in_jsonl), (texts(&expected), texts(&expected)), "{filter:?}");

            match expected.len() {
                0 => none += 1,
                n if n == all.len() => whole += 1,
                _ => cut += 1,
            }
        }
        assert!(whole > 0 && none > 0 && cut > FILTERS / 5, "{whole} {cut} {none}");
    }

    async fn a_run_is_seen_by_its_start_whatever_the_list_is_sorted_by(db: TestStore) {
        let house = House::new(&db).await;
        let day = |n: i64| at(n * 86_400);
        // It starts on the first day and completes on the third.
        let run = Run {
            status: domain::run::RunStatus::Completed,
            started_at: Some(day(0)),
            completed_at: Some(day(2)),
            matched: true,
            ..house.pending(0)
        };
        house.store_runs(std::slice::from_ref(&run)).await;
        let auditor = auditor(&house).await;
        for (n, seen) in [(0, true), (1, false), (2, false)] {
            let date = day(n).date_naive();
            look(&house, auditor, &[Period::of_days(date, date).unwrap()]).await;
            for &by in TimeBasis::ALL {
                let filter = RunFilter { by, ..RunFilter::default() };
                let (found, _) = walked(&house, auditor, &filter, 9).await;
                let groups = house.services.run_groups(auditor, &filter).await.unwrap();
                assert_eq!((found.len(), groups.len()), (usize::from(seen), usize::from(seen)), "{n} {by}");
            }
            assert_eq!(house.services.run(auditor, run.id).await.is_ok(), seen);
        }
    }

    async fn a_file_ends_with_an_error_when_the_windows_change_while_it_is_written(db: TestStore) {
        let house = House::new(&db).await;
        let runs: Vec<_> = (0..1_203).map(|_| house.pending(0)).collect();
        house.store_runs(&runs).await;
        let auditor = auditor(&house).await;
        look(&house, auditor, &[Period::quarter_of(at(0).date_naive())]).await;
        let list = ExportedList::Runs(RunFilter::default());
        let mut export = house.services.export(auditor, list, ExportFormat::Jsonl).await.unwrap();
        export.bytes.next().await.unwrap().unwrap();
        look(&house, auditor, &[]).await;
        let mut last = Ok(Vec::new());
        while let Some(bytes) = export.bytes.next().await {
            last = bytes;
        }
        assert_eq!(last.unwrap_err().code(), "windows-changed");
    }
}
