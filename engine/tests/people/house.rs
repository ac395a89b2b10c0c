//! What the tests begin with: a workspace with an owner, and a clock that stands still.

use std::net::{IpAddr, Ipv4Addr};

use domain::{
    Timestamp,
    audit::{AuditFilter, Entry, Verb},
    id::MemberId,
    member::{Principal, Role, Workspace},
    period::Period,
    window::Window,
};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{AddedMember, Caller, NewMember, ServiceError, Services, SignedIn},
    testing::TestStore,
};

pub const PASSWORD: &str = "seven green bicycles";
pub const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
pub const CAFE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
pub const OWNER: &str = "owner@example.org";

/// A workspace `main` with one owner, who has no password yet.
pub struct House {
    pub services: Services,
    pub clock: Clock,
    pub workspace: Workspace,
    /// The host.
    pub host: Caller,
    pub owner: AddedMember,
}

pub fn start() -> Timestamp {
    "2026-07-01T08:00:00Z".parse().unwrap()
}

/// Services as another replica would have them: the same store and time, nothing else in common.
pub fn replica(db: &TestStore, clock: &Clock) -> Services {
    Services::new(db.store.clone(), clock.clone(), Ids::random())
}

impl House {
    pub async fn new(db: &TestStore) -> Self {
        let clock = Clock::manual(start());
        let services = replica(db, &clock);
        let (workspace, host) = workspace(&services, "main").await;
        let owner = add(&services, host, OWNER, Role::Owner).await;
        Self { services, clock, workspace, host, owner }
    }

    /// Whoever has this role, acting; an auditor with a window over everything.
    pub async fn acting(&self, role: Role) -> Caller {
        let email = format!("acting-{role}@example.org");
        let added = add(&self.services, self.host, &email, role).await;
        if role == Role::Auditor {
            self.grant(added.member.id, "2020-01-01", "2029-12-31").await;
        }
        caller(&added)
    }

    /// Lets an auditor look into the days from the first to the last.
    pub async fn grant(&self, member: MemberId, first: &str, last: &str) -> Window {
        let period = Period::of_days(first.parse().unwrap(), last.parse().unwrap()).unwrap();
        self.services.grant_window(self.host, member, period).await.unwrap()
    }

    /// The owner, who has accepted the invitation and set [`PASSWORD`].
    pub async fn settled(db: &TestStore) -> Self {
        let house = Self::new(db).await;
        accept(&house.services, &house.owner).await;
        house
    }

    pub async fn sign_in(&self, password: &str) -> Result<SignedIn, ServiceError> {
        self.services.sign_in(OWNER, password, HOME).await
    }

    pub async fn log(&self) -> Vec<Entry> {
        log(&self.services, self.host).await
    }

    /// The verbs of the log, oldest first.
    pub async fn verbs(&self) -> Vec<Verb> {
        self.log().await.iter().map(|entry| entry.verb).collect()
    }
}

pub async fn workspace(services: &Services, slug: &str) -> (Workspace, Caller) {
    let workspace = services.create_workspace(Principal::Host, slug, "A house").await.unwrap();
    let host = Caller { workspace: workspace.id, principal: Principal::Host };
    (workspace, host)
}

pub async fn add(services: &Services, caller: Caller, email: &str, role: Role) -> AddedMember {
    let new = NewMember { email: email.to_owned(), name: "Somebody".to_owned(), role };
    services.add_member(caller, new).await.unwrap()
}

/// Accepts an invitation with [`PASSWORD`].
pub async fn accept(services: &Services, added: &AddedMember) -> SignedIn {
    let token = added.link.as_ref().unwrap().token.expose();
    services.accept_link(token, Some(PASSWORD), HOME).await.unwrap()
}

pub fn caller(added: &AddedMember) -> Caller {
    let member = &added.member;
    let principal = Principal::Member { id: member.id, role: member.role };
    Caller { workspace: member.workspace, principal }
}

/// The whole log, oldest first.
pub async fn log(services: &Services, caller: Caller) -> Vec<Entry> {
    let mut entries = services.audit_entries(caller, &AuditFilter::default(), 500).await.unwrap();
    entries.reverse();
    entries
}
