//! What those who watch are told while automations work.

use std::collections::HashSet;

use domain::{
    audit::{Draft, Object, Verb},
    id::RunId,
    incident::IncidentFilter,
    member::{Principal, Role},
    page::Seek,
    run::{Run, RunStatus},
};
use engine::{
    both_databases,
    ids::Ids,
    services::{Happened, Happening, LONGEST_STRETCH, Told, Watched, What},
    store::StoreError,
};

use crate::house::House;

const LOOKS: &str = "
key: looks
name: Looks
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: findings.create, with: { title: Look, severity: low } }
";

const ASKS: &str = "approval: { before-action: { role: approver, quorum: 1 } }\n";

const FAILS: &str = "
key: fails
name: Fails
trigger: { kind: governed-event, type: checked }
subjects: { from: register, kind: account }
action: { actioner: notify.http, with: { url: 'https://nowhere.example/' } }
";

async fn place(house: &House, watched: &Watched) -> i64 {
    house.services.live_place(watched).await.unwrap()
}

async fn told(house: &House, watched: &Watched, after: i64, until: i64) -> Told {
    match house.services.happened(watched, after, until).await.unwrap() {
        Happened::Told(told) => told,
        Happened::TooMuch => panic!("too much"),
    }
}

fn created(told: &[Happening]) -> Vec<RunId> {
    let run = |happening: &Happening| match &happening.what {
        What::RunCreated(run, _) => Some(run.id),
        _ => None,
    };
    told.iter().filter_map(run).collect()
}

fn moved(told: &[Happening]) -> Vec<&Run> {
    let mut runs = Vec::new();
    for happening in told {
        if let What::Run(run, _) = &happening.what {
            runs.push(run.as_ref());
        }
    }
    runs
}

both_databases! {
    async fn many_items_are_told_as_one_run_as_it_is_now(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(40).await;
        house.apply(LOOKS).await;
        let watched = house.services.watched(house.host).await.unwrap();
        let begin = place(&house, &watched).await;
        let run = house.event("e-1", None).await[0];
        house.settle().await;
        let end = place(&house, &watched).await;
        assert!(end - begin > 80, "two entries an item");
        let told = told(&house, &watched, begin, end).await.happenings;
        assert_eq!(created(&told), [run]);
        let [moved] = moved(&told)[..] else { panic!("{told:?}") };
        assert_eq!((moved.id, moved.status), (run, RunStatus::Completed));
        assert_eq!(*moved, house.run(run).await);
        assert!(told.len() <= 3, "{told:?}");
    }

    async fn a_stretch_told_in_parts_leaves_nothing_out(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(3).await;
        house.apply(LOOKS).await;
        house.apply(FAILS).await;
        let watched = house.services.watched(house.host).await.unwrap();
        let begin = place(&house, &watched).await;
        let runs = house.event("e-1", None).await;
        house.settle().await;
        let end = place(&house, &watched).await;
        let whole = told(&house, &watched, begin, end).await.happenings;
        assert!(whole.is_sorted_by_key(|happening| happening.seq));
        // Whoever was told up to any event and comes back is told all the rest.
        for (n, Happening { seq, .. }) in whole.iter().enumerate() {
            let rest = told(&house, &watched, *seq, end).await.happenings;
            let expected: Vec<_> = whole[n..].iter().filter(|later| later.seq > *seq).collect();
            assert_eq!(rest.iter().collect::<Vec<_>>(), expected);
        }
        assert_eq!(created(&whole).len(), runs.len());
        assert!(told(&house, &watched, end, end).await.happenings.is_empty());
    }

    async fn approvals_and_incidents_are_told(db: TestStore) {
        let house = House::new(&db).await;
        house.accounts(2).await;
        house.apply(&format!("{LOOKS}{ASKS}")).await;
        house.apply(FAILS).await;
        let watched = house.services.watched(house.host).await.unwrap();
        let begin = place(&house, &watched).await;
        house.event("e-1", None).await;
        house.settle().await;
        let end = place(&house, &watched).await;
        let told = told(&house, &watched, begin, end).await.happenings;
        let open: Vec<_> = told.iter().filter(|h| h.what == What::Approvals(2)).collect();
        assert_eq!(open.len(), 1, "{told:?}");
        let filter = IncidentFilter::default();
        let listed = house.services.incidents(house.host, &filter, Seek::First, 50).await.unwrap();
        let listed: HashSet<_> = listed.page.rows.iter().map(|incident| incident.id).collect();
        let incident = |happening: &Happening| match &happening.what {
            What::Incident(incident) => Some(incident.id),
            _ => None,
        };
        assert_eq!(told.iter().filter_map(incident).collect::<HashSet<_>>(), listed);
        assert!(!listed.is_empty());
    }

    async fn what_takes_rights_away_names_whose(db: TestStore) {
        let house = House::new(&db).await;
        let watched = house.services.watched(house.acting(Role::Viewer)).await.unwrap();
        let begin = place(&house, &watched).await;
        let member = house.members[&Role::Operator].id;
        house.services.change_role(house.host, member, Role::Viewer).await.unwrap();
        let middle = place(&house, &watched).await;
        house.services.remove_member(house.host, member).await.unwrap();
        let end = place(&house, &watched).await;
        let own = [member.to_string()];
        assert_eq!(told(&house, &watched, begin, middle).await.rights, own);
        assert_eq!(told(&house, &watched, middle, end).await.rights, own);
    }

    async fn of_too_much_only_that_it_was_too_much_is_told(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(LOOKS).await;
        let watched = house.services.watched(house.host).await.unwrap();
        let far = house.services.happened(&watched, 0, LONGEST_STRETCH + 1).await.unwrap();
        assert_eq!(far, Happened::TooMuch);
        let begin = place(&house, &watched).await;
        let (workspace, ids, now) = (house.workspace.id, Ids::random(), house.clock.now());
        let appended = house.services.store().write(move |tx| {
            let object = Object::new("run", "x");
            let drafts = vec![Draft::new(Principal::System, Verb::RunCreated, object); 500];
            Box::pin(async move { tx.append_audit(workspace, &ids, now, &drafts).await })
        });
        let appended: Result<(), StoreError> = appended.await;
        appended.unwrap();
        let end = place(&house, &watched).await;
        let many = house.services.happened(&watched, begin, end).await.unwrap();
        assert_eq!(many, Happened::TooMuch);
    }
}
