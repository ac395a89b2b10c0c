//! A played quarter to look at.

use std::{
    collections::HashSet,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
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
    store::Backend,
    testing::{Template, TestStore},
    work::{Engine, Worker},
};
use serde_json::Value;
use server::demo::{self, Example, Holds, Receiver, Standing};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Tests beside each other must not take each other's port.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An example that was played once, for all tests on that kind of database.
struct Played {
    template: Template,
    /// What the receiver wrote, and the signing key.
    folder: TempDir,
}

impl Played {
    async fn on(backend: Backend, example: Example) -> &'static Self {
        static PLAYED: [[OnceCell<Played>; 2]; 2] =
            [const { [const { OnceCell::const_new() }; 2] }; 2];
        let played = &PLAYED[example as usize][backend as usize];
        played.get_or_init(|| Self::play(backend, example)).await
    }

    async fn play(backend: Backend, example: Example) -> Self {
        let folder = TempDir::new().unwrap();
        let receiver = Receiver::begin(ANY_PORT, &folder.path().join(EFFECTS)).await.unwrap();
        let signing = SigningDir::new(folder.path().join(SIGNING));
        let fill = async |store| {
            demo::play(example, store, &receiver, signing, &|_| {}).await.unwrap();
        };
        let template = Template::filled(backend, fill).await;
        Self { template: template.unwrap(), folder }
    }

    /// A folder with copies of what stands beside the database.
    fn beside(&self) -> TempDir {
        let folder = TempDir::new().unwrap();
        copy(self.folder.path(), folder.path());
        folder
    }
}

/// Copies what is in one folder into another.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The file of the receiver.
const EFFECTS: &str = "receiver.ndjson";

/// The folder of the signer.
const SIGNING: &str = "signing";

/// The quarter after it was played, on the clock of the machine.
pub struct House {
    pub db: TestStore,
    pub services: Services,
    pub engine: Engine,
    pub standing: Standing,
    pub receiver: Receiver,
    pub file: PathBuf,
    folder: TempDir,
}

impl House {
    /// The quarter in a database of the same kind.
    pub async fn new(db: &TestStore) -> Self {
        Self::of(Example::CreditUnion, db).await
    }

    /// Another example in a database of the same kind.
    pub async fn of(example: Example, db: &TestStore) -> Self {
        let played = Played::on(db.store.backend(), example).await;
        let (db, folder) = (played.template.copy().await, played.beside());
        let file = folder.path().join(EFFECTS);
        let receiver = Receiver::resume(ANY_PORT, &file).await.unwrap();
        let services = Services::new(db.store.clone(), Clock::system(), Ids::random());
        let http = HttpClient::new(Limits::default()).unwrap();
        let engine = Engine::new(Worker::new(services.clone(), http, "after the quarter"));
        let Holds::Demo(standing) = demo::look(&services, example).await.unwrap() else {
            panic!("there is no demo")
        };
        Self { db, services, engine, standing, receiver, file, folder }
    }

    /// Where the key is that the quarter was signed with.
    pub fn signing(&self) -> SigningDir {
        SigningDir::new(self.folder.path().join(SIGNING))
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
