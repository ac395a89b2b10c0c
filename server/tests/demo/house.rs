//! A played quarter to look at.

use std::{
    collections::HashSet,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use domain::{
    approval::{Approval, ApprovalStatus},
    id::RunId,
    item::Item,
    member::{Principal, Role},
    page::{MAX_SIZE, Seek},
};
use engine::{
    clock::Clock,
    ids::Ids,
    net::{HttpClient, Limits},
    services::{Caller, Services},
    signing::SigningDir,
    testing::TestStore,
    work::{Engine, Worker},
};
use serde_json::Value;
use server::demo::{self, Holds, Receiver, Standing};
use tempfile::TempDir;

/// Tests beside each other must not take each other's port.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The quarter after it was played, on the clock of the machine.
pub struct House {
    pub services: Services,
    pub engine: Engine,
    pub standing: Standing,
    pub receiver: Receiver,
    pub file: PathBuf,
    folder: TempDir,
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("receiver.ndjson");
        let receiver = Receiver::begin(ANY_PORT, &file).await.unwrap();
        let signing = SigningDir::new(folder.path().join("signing"));
        demo::play(db.store.clone(), &receiver, signing, &|_| {}).await.unwrap();
        let services = Services::new(db.store.clone(), Clock::system(), Ids::random());
        let http = HttpClient::new(Limits::default()).unwrap();
        let engine = Engine::new(Worker::new(services.clone(), http, "after the quarter"));
        let Holds::Demo(standing) = demo::look(&services).await.unwrap() else {
            panic!("there is no demo")
        };
        Self { services, engine, standing, receiver, file, folder }
    }

    /// Where the key is that the quarter was signed with.
    pub fn signing(&self) -> SigningDir {
        SigningDir::new(self.folder.path().join("signing"))
    }

    pub async fn acting(&self, role: Role) -> Caller {
        let members = self.services.members(self.standing.host).await.unwrap();
        let member = members.into_iter().find(|member| member.role == role).unwrap();
        let principal = Principal::Member { id: member.id, role };
        Caller { principal, ..self.standing.host }
    }

    pub async fn open_approvals(&self) -> Vec<Approval> {
        let host = self.standing.host;
        let open = self.services.approvals(host, ApprovalStatus::Open, Seek::First, MAX_SIZE).await;
        open.unwrap().rows
    }

    pub async fn items(&self, run: RunId) -> Vec<Item> {
        self.services.items(self.standing.host, run, &[], None, 1_000).await.unwrap().0
    }

    /// Ends the receiver and starts it where requests go, as serving a played quarter does.
    pub async fn restart_the_receiver(&mut self) {
        let known = self.receiver.effects();
        let other = self.folder.path().join("other.ndjson");
        let somewhere = Receiver::begin(ANY_PORT, &other).await.unwrap();
        drop(std::mem::replace(&mut self.receiver, somewhere));
        // The port is free once the task that listened there has ended.
        self.receiver = loop {
            match Receiver::resume(self.standing.receiver, &self.file).await {
                Ok(receiver) => break receiver,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        assert_eq!(self.receiver.effects(), known);
    }

    /// The keys of what the receiver did, none of them twice.
    pub fn effects(&self) -> HashSet<String> {
        let text = fs::read_to_string(&self.file).unwrap();
        let key = |line: &str| {
            let effect: Value = serde_json::from_str(line).unwrap();
            effect["key"].as_str().unwrap().to_owned()
        };
        let keys: Vec<_> = text.lines().map(key).collect();
        let distinct: HashSet<_> = keys.iter().cloned().collect();
        assert_eq!(distinct.len(), keys.len(), "the receiver did something twice");
        distinct
    }
}
