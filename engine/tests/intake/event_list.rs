//! The trigger events that came in, and how the runs they brought about go.

use domain::{
    filter::RunFilter,
    page::Seek,
    trigger::{EventFilter, TriggerKind},
};
use engine::both_databases;

use crate::house::{House, on_event};

both_databases! {
    async fn every_event_is_listed_with_what_came_of_it(db: TestStore) {
        let house = House::new(&db).await;
        house.apply(&on_event("one", "register", "")).await;
        house.fire("e-1", None).await;
        let mut unheard = house.event("e-2", None);
        unheard.event_type = "nobody.listens".into();
        unheard.source = "elsewhere".into();
        house.services.receive_event(house.host, unheard).await.unwrap();
        let list = async |filter: EventFilter| {
            let page = house.services.trigger_events(house.host, &filter, Seek::First, 10).await;
            let rows = page.unwrap().rows.into_iter();
            rows.map(|heard| (heard.event.external_id, heard.runs)).collect::<Vec<_>>()
        };
        let all = [("e-2".to_owned(), 0), ("e-1".to_owned(), 1)];
        assert_eq!(list(EventFilter::default()).await, all);
        let matched = |matched| EventFilter { matched: Some(matched), ..EventFilter::default() };
        assert_eq!(list(matched(true)).await, all[1..]);
        assert_eq!(list(matched(false)).await, all[..1]);
        let source = Some("elsewhere".to_owned());
        assert_eq!(list(EventFilter { source, ..EventFilter::default() }).await, all[..1]);
        let kind = Some(TriggerKind::MonitorResult);
        assert!(list(EventFilter { kind, ..EventFilter::default() }).await.is_empty());
    }

    async fn pages_of_events_follow_each_other_both_ways(db: TestStore) {
        let house = House::new(&db).await;
        for n in 0..5 {
            house.services.receive_event(house.host, house.event(&format!("e-{n}"), None)).await.unwrap();
        }
        let all = EventFilter::default();
        let page = async |seek| house.services.trigger_events(house.host, &all, seek, 2).await.unwrap();
        let names = |page: &domain::page::Page<engine::store::HeardEvent>| {
            page.rows.iter().map(|heard| heard.event.external_id.clone()).collect::<Vec<_>>()
        };
        let first = page(Seek::First).await;
        let second = page(first.next.unwrap()).await;
        let third = page(second.next.unwrap()).await;
        assert_eq!((names(&first), names(&second)), (vec!["e-4".into(), "e-3".into()], vec!["e-2".into(), "e-1".into()]));
        assert_eq!((names(&third), third.next), (vec!["e-0".to_owned()], None));
        assert_eq!(names(&page(third.previous.unwrap()).await), names(&second));
    }

    async fn an_event_that_does_not_say_when_it_happened_happened_when_it_was_first_told(db: TestStore) {
        let house = House::new(&db).await;
        let first = house.services.receive_untimed_event(house.host, house.event("e-1", None)).await.unwrap();
        house.clock.advance(chrono::Duration::hours(1));
        let again = house.services.receive_untimed_event(house.host, house.event("e-1", None)).await.unwrap();
        assert!(again.duplicate);
        assert_eq!(again.event.occurred_at, first.event.occurred_at);
        assert_eq!(again.event.id, first.event.id);
    }

    async fn a_summary_of_nothing_says_so(db: TestStore) {
        let house = House::new(&db).await;
        let summary = house.services.run_summary(house.host, &RunFilter::default()).await.unwrap();
        assert_eq!((summary.total.runs, summary.last_failure, summary.durations), (0, None, None));
    }
}
