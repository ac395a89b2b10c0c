//! What tokens of language models cost: the list, and what a workspace says instead.

use chrono::NaiveDate;
use domain::{
    audit::{Draft, Object, Verb},
    money::Usd,
    permission::Permission,
    price::{OwnPrice, Price, Prices},
};
use serde_json::json;

use super::{Caller, ServiceError, Services};

/// The longest name of a model, in characters.
const LONGEST_MODEL: usize = 200;

impl Services {
    /// Every price that may be used: the workspace's own first, then the list.
    pub async fn prices(&self, caller: Caller) -> Result<Vec<Price>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let own = session.own_prices(caller.workspace).await?;
        Ok(Prices::new(&own).all().cloned().collect())
    }

    /// Sets what a million tokens of a model cost from a day on. What was priced before stays as it is.
    pub async fn set_price(
        &self,
        caller: Caller,
        model: &str,
        from: NaiveDate,
        [input, output]: [Usd; 2],
    ) -> Result<OwnPrice, ServiceError> {
        self.require(caller, Permission::ManagePrices).await?;
        let model = model.trim();
        let fits = (1..=LONGEST_MODEL).contains(&model.chars().count())
            && !model.chars().any(char::is_control);
        if !fits {
            return Err(ServiceError::invalid("model", "expected 1 to 200 characters"));
        }
        let (ids, now) = (self.ids.clone(), self.clock.now());
        let price = OwnPrice {
            workspace: caller.workspace,
            model: model.to_owned(),
            from,
            input,
            output,
            set_at: now,
            set_by: caller.principal.member(),
        };
        self.write(move |tx| {
            Box::pin(async move {
                tx.upsert_price(&price).await?;
                let draft = about(caller, Verb::PriceSet).with(json!({
                    "model": price.model, "from": from, "input": input, "output": output,
                }));
                tx.append_audit(caller.workspace, &ids, now, &[draft]).await?;
                Ok(price)
            })
        })
        .await
    }

    /// Takes a price of the workspace's own away; the one before it, or the list, holds again.
    pub async fn remove_price(
        &self,
        caller: Caller,
        model: &str,
        from: NaiveDate,
    ) -> Result<(), ServiceError> {
        self.require(caller, Permission::ManagePrices).await?;
        let (ids, now, model) = (self.ids.clone(), self.clock.now(), model.trim().to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                if !tx.delete_price(caller.workspace, &model, from).await? {
                    return Err(ServiceError::NotFound("price"));
                }
                let draft =
                    about(caller, Verb::PriceRemoved).with(json!({"model": model, "from": from}));
                tx.append_audit(caller.workspace, &ids, now, &[draft])
                    .await
                    .map_err(ServiceError::from)
            })
        })
        .await
    }
}

fn about(caller: Caller, verb: Verb) -> Draft {
    Draft::new(caller.principal, verb, Object::new("workspace", caller.workspace))
}
