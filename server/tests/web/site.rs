//! A server for one test, with a clock the test moves.

use axum::Router;
use chrono::TimeDelta;
use domain::{
    Timestamp,
    member::{Principal, Role, Workspace},
};
use engine::{
    clock::Clock,
    ids::Ids,
    services::{AddedMember, Caller, NewMember, Services},
    store::Backend,
    testing::{TestStore, fresh},
};
use server::{config::WebConfig, router::router, web::state::AppState};

use crate::browser::Browser;

/// What every member's password is.
pub const PASSWORD: &str = "seven wet otters";

pub struct Site {
    pub services: Services,
    pub routes: Router,
    _database: TestStore,
}

impl Site {
    pub async fn new() -> Self {
        Self::at("http://127.0.0.1:8480", 0).await
    }

    pub async fn at(origin: &str, trusted_proxies: usize) -> Self {
        let origin = origin.parse().unwrap();
        Self::with(WebConfig { origin, trusted_proxies, development: false }).await
    }

    pub async fn with(config: WebConfig) -> Self {
        let database = fresh(Backend::Sqlite).await.unwrap();
        let start = Timestamp::from_timestamp(1_790_000_000, 0).unwrap();
        let ids = Ids::random();
        let services = Services::new(database.store.clone(), Clock::manual(start), ids.clone());
        let state = AppState::new(services.clone(), ids, config);
        Self { services, routes: router(state).unwrap(), _database: database }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.routes.clone())
    }

    pub fn advance(&self, by: TimeDelta) {
        self.services.clock().advance(by);
    }

    pub async fn workspace(&self, slug: &str) -> Workspace {
        self.services.create_workspace(Principal::Host, slug, slug).await.unwrap()
    }

    pub async fn add(&self, workspace: &Workspace, email: &str, role: Role) -> AddedMember {
        let caller = Caller { workspace: workspace.id, principal: Principal::Host };
        let new = NewMember { email: email.to_owned(), name: "Ada Example".to_owned(), role };
        self.services.add_member(caller, new).await.unwrap()
    }

    /// A browser in which a new member of a new workspace is signed in.
    pub async fn member(&self, slug: &str, role: Role) -> Browser {
        let workspace = self.workspace(slug).await;
        let added = self.add(&workspace, &format!("{role}@{slug}.example"), role).await;
        let link = added.link.unwrap();
        let mut browser = self.browser();
        let fields = [
            ("token", link.token.expose()),
            ("password", PASSWORD),
            ("repeated_password", PASSWORD),
        ];
        let answer = browser.post("/accept-link", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }
}
