//! SIGTERM under load: what was acknowledged is there, what was under way ends, and all of it in time.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::{
    item::ItemState,
    member::{Principal, Role},
    page::Seek,
    token::Scopes,
    trigger::EventFilter,
};
use engine::{
    both_databases,
    services::{Caller, NewMember, NewToken},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    process::{Worker, signal, until},
    receiver::Receiver,
    scene::{Scene, once_each},
};

const ITEMS: usize = 40;

/// Clients that send one event after the other.
const CLIENTS: usize = 4;

/// A token that may send events.
async fn token(scene: &Scene) -> String {
    let role = Role::Operator;
    let new = NewMember { email: "operator@main.example".into(), name: "Operator".into(), role };
    let member = scene.services.add_member(scene.host, new).await.unwrap().member;
    let principal = Principal::Member { id: member.id, role };
    let expires_at = scene.services.clock().now() + TimeDelta::days(1);
    let scopes = Scopes::of_role(role);
    let new = NewToken { member: None, name: "Load".into(), scopes, expires_at };
    let made = scene.services.create_token(Caller { principal, ..scene.host }, new).await.unwrap();
    made.secret.expose().to_owned()
}

/// Sends an event over a connection of its own; gives what was answered.
async fn send(address: &str, token: &str, id: &str) -> std::io::Result<String> {
    let body =
        json!({"kind": "governed-event", "source": "load", "external_id": id, "type": "noise"});
    let (body, path) = (body.to_string(), "/api/v1/workspaces/main/events");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Sends events until nobody listens any more; gives those that were acknowledged.
async fn load(
    address: String,
    token: String,
    acknowledged: Arc<Mutex<HashSet<String>>>,
    client: usize,
) {
    for number in 0.. {
        let id = format!("{client}-{number}");
        match send(&address, &token, &id).await {
            Ok(answer) if answer.starts_with("HTTP/1.1 201 ") => {
                acknowledged.lock().unwrap().insert(id);
            }
            // Taken and closed without a word: nothing was acknowledged.
            Ok(answer) if answer.is_empty() => {}
            Ok(other) => panic!("{other}"),
            Err(_) => return,
        }
    }
}

/// The ids of all events that the database has.
async fn stored(scene: &Scene) -> HashSet<String> {
    let (mut found, mut seek) = (HashSet::new(), Seek::First);
    loop {
        let filter = EventFilter { source: Some("load".into()), ..EventFilter::default() };
        let page = scene.services.trigger_events(scene.host, &filter, seek, 200).await.unwrap();
        found.extend(page.rows.into_iter().map(|heard| heard.event.external_id));
        match page.next {
            Some(next) => seek = next,
            None => return found,
        }
    }
}

async fn states(scene: &Scene) -> HashSet<ItemState> {
    scene.all_items().await.iter().map(|item| item.state).collect()
}

both_databases! {
    async fn a_server_that_is_told_to_end_under_load_loses_nothing(db: TestStore) {
        let receiver = Receiver::start().await;
        let scene = Scene::remote(&db, ITEMS, &receiver).await;
        let token = token(&scene).await;
        receiver.hold(true);
        let mut server = Worker::run(&db.address, &["serve", "--listen", "127.0.0.1:0"]);
        let address = server.origin();
        let acknowledged = Arc::new(Mutex::new(HashSet::new()));
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(load(address.clone(), token.clone(), Arc::clone(&acknowledged), client));
        }
        let busy = async || receiver.requests() > 0 && acknowledged.lock().unwrap().len() > 20;
        until("calls and requests to be under way", busy).await;
        let told = Instant::now();
        signal(server.id(), "TERM");
        // Nobody listens from here on, while the calls still wait for their answers.
        while let Some(client) = clients.join_next().await {
            client.unwrap();
        }
        assert!(states(&scene).await.contains(&ItemState::Started), "calls are under way");
        receiver.hold(false);
        server.stopped().await;
        assert!(told.elapsed() < Duration::from_secs(20), "{:?}", told.elapsed());

        let stored = stored(&scene).await;
        let acknowledged = acknowledged.lock().unwrap().clone();
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "{lost:?}");
        let left = states(&scene).await;
        let held = [ItemState::Leased, ItemState::Started];
        assert!(held.iter().all(|state| !left.contains(state)), "{left:?}");
        let heir = Worker::start(&db.address, None, 0);
        scene.ended().await;
        heir.stop().await;
        scene.is_whole().await;
        once_each(&receiver, ITEMS);
    }

    async fn what_does_not_end_in_time_is_left_to_its_lease(db: TestStore) {
        let receiver = Receiver::start().await;
        let scene = Scene::remote(&db, ITEMS, &receiver).await;
        receiver.hold(true);
        let worker = Worker::run(&db.address, &["worker", "--drain-seconds", "1"]);
        until("the receiver to be called", async || receiver.requests() > 0).await;
        let told = Instant::now();
        worker.stop().await;
        assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
        assert!(states(&scene).await.contains(&ItemState::Started), "the lease keeps it");
        receiver.hold(false);
        let heir = Worker::start(&db.address, None, 60);
        scene.ended().await;
        heir.stop().await;
        scene.is_whole().await;
        once_each(&receiver, ITEMS);
    }
}
