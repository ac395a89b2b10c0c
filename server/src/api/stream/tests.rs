//! Too many listeners, listeners that are too slow, and the end of the process.

use domain::member::{Principal, Role};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{Caller, NewMember, Services, Watched},
    store::Backend,
    testing::{TestStore, fresh},
};
use futures::{Stream, StreamExt as _};
use http::{HeaderMap, StatusCode};

use super::{
    feed::{BEHIND, Batch, MOST_LISTENERS},
    listener::Listener,
    told,
};
use crate::{
    api::access::{Access, Pass},
    config::WebConfig,
    web::state::AppState,
};

struct House {
    state: AppState,
    watched: Watched,
    pass: Pass,
    _database: TestStore,
}

async fn house() -> House {
    let database = fresh(Backend::Sqlite).await.unwrap();
    let ids = Ids::seeded(7);
    let services = Services::new(database.store.clone(), Clock::system(), ids.clone());
    let workspace = services.create_workspace(Principal::Host, "main", "Main").await.unwrap();
    let host = Caller { workspace: workspace.id, principal: Principal::Host };
    let new =
        NewMember { email: "ada@main.example".into(), name: "Ada".into(), role: Role::Viewer };
    let member = services.add_member(host, new).await.unwrap().member;
    let principal = Principal::Member { id: member.id, role: member.role };
    let caller = Caller { principal, ..host };
    let watched = services.watched(caller).await.unwrap();
    let access = Access {
        services: services.clone(),
        workspace,
        member: Some(member),
        caller,
        signed_in_at: None,
    };
    let pass = Pass::of(&access, &HeaderMap::new());
    let config = WebConfig {
        origin: "http://127.0.0.1:8480".parse().unwrap(),
        trusted_proxies: 0,
        development: false,
    };
    let state = AppState::new(services, ids, config);
    House { state, watched, pass, _database: database }
}

impl House {
    async fn listen(&self) -> impl Stream<Item = String> {
        let (heard, at) = self.state.live().attach(&self.watched).await.unwrap();
        let (state, pass, watched) = (self.state.clone(), self.pass.clone(), self.watched.clone());
        let listener = Listener::new(state, pass, watched, heard, at, told::ready(at));
        let text = |chunk: Result<axum::body::Bytes, _>| {
            let Ok(bytes) = chunk;
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        Box::pin(listener.stream().map(text))
    }

    fn tell(&self, until: i64) {
        let batch = Batch { until, text: format!("id: {until}\n\n").into(), rights: Vec::new() };
        self.state.live().lock().tell(&self.watched, batch);
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_and_then_it_is_said() {
    let house = house().await;
    let live = house.state.live();
    let mut all = Vec::new();
    for _ in 0..MOST_LISTENERS {
        all.push(live.attach(&house.watched).await.unwrap());
    }
    let refused = live.attach(&house.watched).await.unwrap_err();
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((refused.code.as_ref(), refused.retry_after), ("too-many-listeners", Some(30)));
    all.pop();
    assert!(live.attach(&house.watched).await.is_ok());
}

#[tokio::test]
async fn a_listener_that_is_too_slow_is_told_to_look_again_and_goes_on() {
    let house = house().await;
    let mut slow = house.listen().await;
    assert!(slow.next().await.unwrap().contains("event: ready"));
    for until in 1..=2 * BEHIND as i64 {
        house.tell(until);
    }
    assert!(slow.next().await.unwrap().contains("event: resync"));
    let rest: Vec<_> = (&mut slow).take(BEHIND).collect().await;
    assert_eq!(rest.last().unwrap(), &format!("id: {}\n\n", 2 * BEHIND));
}

#[tokio::test]
async fn the_end_of_the_process_is_the_end_of_all_streams() {
    let house = house().await;
    let (mut one, mut other) = (house.listen().await, house.listen().await);
    house.state.live().end();
    for stream in [&mut one, &mut other] {
        assert!(stream.next().await.unwrap().contains("event: ready"));
        assert_eq!(stream.next().await, None);
    }
    let refused = house.state.live().attach(&house.watched).await.unwrap_err();
    assert_eq!(refused.code, "ending");
}

#[tokio::test]
async fn those_who_see_the_same_share_one_reader() {
    let house = house().await;
    let streams = [house.listen().await, house.listen().await];
    house.tell(99);
    for mut stream in streams {
        assert!(stream.next().await.unwrap().contains("event: ready"));
        assert_eq!(stream.next().await.unwrap(), "id: 99\n\n");
    }
}
