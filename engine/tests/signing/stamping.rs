//! Time stamps of an independent authority: once an hour, checked, and kept for ever.

use chrono::TimeDelta;
use domain::audit::{AuditFilter, Verb};
use engine::{
    both_databases,
    net::{HttpClient, Limits},
    services::{ServiceError, StampAnswer},
    store::Backend,
    testing,
    work::{Authority as Chosen, Stamper},
};

use crate::{authority::Authority, house::House};

fn stamper(house: &House, authority: &Authority, certificates: Vec<u8>) -> Stamper {
    let http = HttpClient::new(Limits::default()).unwrap();
    let chosen = Chosen::new(&authority.url, certificates).unwrap();
    Stamper::new(house.services.clone(), http, chosen)
}

fn code(error: ServiceError) -> &'static str {
    match error {
        ServiceError::Conflict { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

both_databases! {
    async fn a_checkpoint_is_stamped_once_and_the_log_once_an_hour(db: TestStore) {
        let (house, authority) = (House::new(&db).await, Authority::start().await);
        let stamper = stamper(&house, &authority, authority.certificates());
        let tick = async || stamper.tick(house.clock.now()).await.unwrap();
        assert_eq!(tick().await, 0, "nothing is signed yet");
        house.minute().await;
        let first = house.latest().await;
        assert_eq!(tick().await, 1);
        let stamp = house.services.latest_stamp(house.host).await.unwrap().unwrap();
        assert_eq!(stamp.size, first.size);
        let note = first.note.as_bytes();
        let proven = ledger::timestamp::verify(&stamp.token, note, &authority.certificates());
        assert_eq!(proven.unwrap().time.parse::<domain::Timestamp>().unwrap(), stamp.stamped_at);
        let filter = AuditFilter { verb: Some(Verb::CheckpointStamped), ..AuditFilter::default() };
        let entries = house.services.audit_entries(house.host, &filter, 9).await.unwrap();
        assert_eq!(entries[0].payload.as_ref().unwrap()["entries"], first.size);
        // The entry made the log grow, so there is a newer checkpoint, but it is not time yet.
        house.minute().await;
        assert!(house.latest().await.size > first.size);
        assert_eq!((tick().await, authority.requests()), (0, 1));
        house.later(TimeDelta::hours(1)).await;
        assert_eq!((tick().await, tick().await, authority.requests()), (1, 0, 2));
        let state = house.services.checkpoint_state(house.host).await.unwrap();
        assert!(state.stamp.unwrap().size > first.size);
    }

    async fn a_stamp_by_somebody_else_or_over_something_else_is_not_kept(db: TestStore) {
        let (house, authority) = (House::new(&db).await, Authority::start().await);
        let other = Authority::start().await;
        house.minute().await;
        let size = house.latest().await.size;
        let wrong = stamper(&house, &authority, other.certificates());
        let error = wrong.tick(house.clock.now()).await.unwrap_err();
        assert_eq!(code(error), "stamp-not-valid");
        let request = house.services.stamp_request(house.host).await.unwrap();
        let token = authority.stamp(&request.query);
        let attach = async |size, token: &[u8]| {
            let certificates = authority.certificates();
            let answer = StampAnswer { size, token: token.to_vec(), nonce: None };
            house.services.attach_stamp(house.host, answer, &certificates).await
        };
        let about_another = ledger::timestamp::request(b"another checkpoint", 1);
        let error = attach(size, &authority.stamp(&about_another)).await.unwrap_err();
        assert_eq!(code(error), "stamp-not-valid");
        let error = attach(size + 1, &token).await.unwrap_err();
        assert!(matches!(error, ServiceError::NotFound("checkpoint")), "{error:?}");
        assert!(house.services.latest_stamp(house.host).await.unwrap().is_none());
        attach(size, &token).await.unwrap();
        assert_eq!(code(attach(size, &token).await.unwrap_err()), "stamped-already");
        let entries = house.size().await;
        assert_eq!(entries, size + 1, "what was refused left no entry");
    }

    async fn an_old_answer_to_another_request_is_not_kept(db: TestStore) {
        let (house, authority) = (House::new(&db).await, Authority::start().await);
        house.minute().await;
        let earlier = house.services.stamp_request(house.host).await.unwrap();
        authority.repeat(authority.stamp(&earlier.query)).await;
        let stamper = stamper(&house, &authority, authority.certificates());
        let error = stamper.tick(house.clock.now()).await.unwrap_err();
        assert!(error.to_string().contains("another request"), "{error}");
        assert_eq!(code(error), "stamp-not-valid");
    }
}

#[tokio::test]
async fn an_authority_that_does_not_answer_is_asked_again_later() {
    let db = testing::fresh(Backend::Sqlite).await.unwrap();
    let (house, authority) = (House::new(&db).await, Authority::start().await);
    house.minute().await;
    let http = HttpClient::new(Limits::default()).unwrap();
    let nowhere = authority.url.replace("/tsa", "/nothing");
    let chosen = Chosen::new(&nowhere, authority.certificates()).unwrap();
    let lost = Stamper::new(house.services.clone(), http, chosen);
    assert_eq!(code(lost.tick(house.clock.now()).await.unwrap_err()), "authority-failed");
    let back = stamper(&house, &authority, authority.certificates());
    assert_eq!(back.tick(house.clock.now()).await.unwrap(), 1);
}

#[test]
fn an_authority_has_an_address_that_can_be_called() {
    for url in ["", "tsa.example", "ftp://tsa.example/", "https://"] {
        assert!(Chosen::new(url, Vec::new()).is_err(), "{url}");
    }
}
