//! Settings → Prices.

use domain::member::Role;

use crate::runs::house::{House, lacks, shows};

const PRICES: &str = "/w/main/settings/prices";

#[tokio::test]
async fn an_owner_sets_a_price_and_takes_it_away_and_others_only_look() {
    let house = House::new().await;
    let mut owner = house.browser(Role::Owner).await;
    shows(&owner.get(PRICES).await, &["gpt-4o", "$2.50", "Set a price"]);
    let price =
        [("model", "house-model"), ("from", "2026-07-01"), ("input", "0.5"), ("output", "1")];
    assert_eq!(owner.post(PRICES, &price).await.location(), PRICES);
    shows(&owner.get(PRICES).await, &["house-model", "$0.50", "workspace-2026-07-01"]);
    let wrong = [("model", "m"), ("from", "2026-07-01"), ("input", "cheap"), ("output", "1")];
    let refused = owner.post(PRICES, &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    shows(&refused, &["expected an amount of US dollars", "cheap"]);
    let named = [("model", "house-model"), ("from", "2026-07-01")];
    let remove = format!("{PRICES}/remove");
    assert_eq!(owner.post(&remove, &named).await.location(), PRICES);
    assert_eq!(owner.post(&remove, &named).await.status, 404, "once");
    let mut viewer = house.browser(Role::Viewer).await;
    let seen = viewer.get(PRICES).await;
    shows(&seen, &["gpt-4o"]);
    lacks(&seen, &["Set a price"]);
    assert_eq!(viewer.post(PRICES, &price).await.status, 403);
}
