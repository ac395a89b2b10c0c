//! Deliveries that wait are counted for those who watch.

use domain::webhook::EventKind;
use engine::{both_databases, store::Queue};

use super::house::Telling;

both_databases! {
    async fn a_delivery_is_counted_until_it_is_made(db: TestStore) {
        let house = Telling::new(&db).await;
        let made = house.webhook(&[EventKind::RunFinished]).await;
        let waiting = async || {
            db.store.read().await.unwrap().waiting_deliveries().await.unwrap()
        };
        assert_eq!(waiting().await, Queue::default());
        house.test(&made.webhook).await;
        let due_since = Some(house.clock.now());
        assert_eq!(waiting().await, Queue { items: 1, due_since });
        assert_eq!(house.tick().await, 1);
        assert_eq!(waiting().await, Queue::default());
    }
}
