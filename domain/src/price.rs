//! What tokens of language models cost: a dated table, which a workspace can override.
//!
//! A price holds from its day on, until a later one for the same model. A model that no table knows has
//! no cost: it is unknown, never zero.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{MemberId, WorkspaceId},
    money::Usd,
};

/// The day as of which the list prices below were put together.
pub const TABLE: &str = "assize-2025-10-01";

/// How the table of a workspace is called in what it priced.
pub const OWN_TABLE: &str = "workspace";

/// US dollars for a million tokens, as vendors publish them.
const LIST: &[(&str, &str, &str)] = &[
    ("claude-3-5-haiku", "0.80", "4.00"),
    ("claude-3-7-sonnet", "3.00", "15.00"),
    ("claude-haiku-4-5", "1.00", "5.00"),
    ("claude-opus-4", "15.00", "75.00"),
    ("claude-opus-4-1", "15.00", "75.00"),
    ("claude-sonnet-4", "3.00", "15.00"),
    ("claude-sonnet-4-5", "3.00", "15.00"),
    ("gemini-2.5-flash", "0.30", "2.50"),
    ("gemini-2.5-flash-lite", "0.10", "0.40"),
    ("gemini-2.5-pro", "1.25", "10.00"),
    ("gpt-4.1", "2.00", "8.00"),
    ("gpt-4.1-mini", "0.40", "1.60"),
    ("gpt-4.1-nano", "0.10", "0.40"),
    ("gpt-4o", "2.50", "10.00"),
    ("gpt-4o-mini", "0.15", "0.60"),
    ("gpt-5", "1.25", "10.00"),
    ("gpt-5-mini", "0.25", "2.00"),
    ("gpt-5-nano", "0.05", "0.40"),
    ("o3", "2.00", "8.00"),
    ("o4-mini", "1.10", "4.40"),
];

/// What a million tokens of a model cost from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub model: String,
    /// `None` where it has always held.
    pub from: Option<NaiveDate>,
    pub input: Usd,
    pub output: Usd,
    /// The table it stands in.
    pub table: String,
}

/// A price that a workspace has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPrice {
    pub workspace: WorkspaceId,
    pub model: String,
    pub from: NaiveDate,
    pub input: Usd,
    pub output: Usd,
    pub set_at: Timestamp,
    /// `None` when it was set on the host's command line.
    pub set_by: Option<MemberId>,
}

/// Prices, those of the workspace before the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    own: Vec<Price>,
    list: Vec<Price>,
}

impl Prices {
    /// The list, with the workspace's own prices before it.
    pub fn new(own: &[OwnPrice]) -> Self {
        let mut own: Vec<_> = own
            .iter()
            .map(|price| Price {
                model: price.model.clone(),
                from: Some(price.from),
                input: price.input,
                output: price.output,
                table: format!("{OWN_TABLE}-{}", price.from),
            })
            .collect();
        own.sort_by(|a, b| (&a.model, b.from).cmp(&(&b.model, a.from)));
        let listed = |&(model, input, output): &(&str, &str, &str)| {
            Some(Price {
                model: model.to_owned(),
                from: None,
                input: input.parse().ok()?,
                output: output.parse().ok()?,
                table: TABLE.to_owned(),
            })
        };
        Self { own, list: LIST.iter().filter_map(listed).collect() }
    }

    /// Every price, the workspace's own first, each model's latest first.
    pub fn all(&self) -> impl Iterator<Item = &Price> {
        self.own.iter().chain(&self.list)
    }

    /// The price of a model at an instant. A model is known by its name, or by its name and a date or
    /// version after it: `gpt-4o-2024-08-06`, `claude-sonnet-4-20250514`.
    pub fn at(&self, model: &str, at: Timestamp) -> Option<&Price> {
        let holds = |price: &&Price| {
            is_version_of(model, &price.model)
                && price.from.is_none_or(|from| from <= at.date_naive())
        };
        // The longest name is the nearest; of that the latest price.
        let nearest = |prices: &'_ [Price]| {
            let found = prices.iter().enumerate().filter(|(_, price)| holds(price));
            found.max_by_key(|(_, price)| (price.model.len(), price.from)).map(|(at, _)| at)
        };
        nearest(&self.own)
            .map(|at| &self.own[at])
            .or_else(|| nearest(&self.list).map(|at| &self.list[at]))
    }
}

impl Price {
    /// What so many tokens cost, rounded to the nearest thousand-millionth of a dollar.
    pub fn cost(&self, input_tokens: i64, output_tokens: i64) -> Option<Usd> {
        let part = |price: Usd, tokens: i64| i128::from(price.nanos()) * i128::from(tokens.max(0));
        let whole = part(self.input, input_tokens) + part(self.output, output_tokens);
        Usd::of_nanos(i64::try_from((whole + 500_000) / 1_000_000).ok()?)
    }
}

fn is_version_of(model: &str, name: &str) -> bool {
    let rest = model.strip_prefix(name);
    rest.is_some_and(|rest| {
        let version = rest.strip_prefix(['-', '@']);
        rest.is_empty()
            || version.is_some_and(|text| {
                text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    fn own(model: &str, from: &str, input: &str) -> OwnPrice {
        OwnPrice {
            workspace: WorkspaceId::new(uuid::Uuid::nil()),
            model: model.to_owned(),
            from: from.parse().unwrap(),
            input: input.parse().unwrap(),
            output: "1.00".parse().unwrap(),
            set_at: at("2026-01-01"),
            set_by: None,
        }
    }

    #[test]
    fn every_price_of_the_list_can_be_read() {
        assert_eq!(Prices::new(&[]).all().count(), LIST.len());
    }

    #[test]
    fn a_model_is_known_by_its_name_and_a_date_after_it_and_no_other_is() {
        let prices = Prices::new(&[]);
        let model =
            |name: &str| prices.at(name, at("2026-07-01")).map(|price| price.model.as_str());
        assert_eq!(model("gpt-4o-2024-08-06"), Some("gpt-4o"));
        assert_eq!(model("gpt-4o-mini"), Some("gpt-4o-mini"));
        assert_eq!(model("claude-sonnet-4-5-20250929"), Some("claude-sonnet-4-5"));
        assert_eq!(model("gpt-4o-audio"), None);
        assert_eq!(model("llama-of-our-own"), None);
    }

    #[test]
    fn the_price_of_the_workspace_holds_from_its_day_on() {
        let prices = Prices::new(&[
            own("gpt-4o", "2026-03-01", "2.00"),
            own("gpt-4o", "2026-06-01", "1.00"),
        ]);
        let input = |day: &str| prices.at("gpt-4o", at(day)).unwrap().input.to_string();
        assert_eq!(
            ["2026-02-28", "2026-03-01", "2026-05-31", "2026-06-01"].map(input),
            ["2.50", "2.00", "2.00", "1.00"]
        );
    }

    #[test]
    fn a_cost_is_exact_to_a_thousand_millionth() {
        let prices = Prices::new(&[]);
        let cost = |model, input, output| {
            prices.at(model, at("2026-07-01")).unwrap().cost(input, output).unwrap().to_string()
        };
        assert_eq!(cost("gpt-4o-mini", 1, 0), "0.00000015");
        assert_eq!(cost("claude-sonnet-4", 1_200, 300), "0.0081");
    }
}
