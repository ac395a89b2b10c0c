//! Sums of what was told: one unknown part makes the whole unknown, and nothing told is unknown too.

use serde::{Deserialize, Serialize};

use super::Usage;
use crate::money::Usd;

/// A sum and how many parts of it are not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    known: i64,
    parts: i64,
    unknown: i64,
}

impl Sum {
    pub fn add(&mut self, part: Option<i64>) {
        self.parts += 1;
        match part {
            Some(part) => self.known = self.known.saturating_add(part),
            None => self.unknown += 1,
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.known = self.known.saturating_add(other.known);
        self.parts += other.parts;
        self.unknown += other.unknown;
    }

    /// The sum of the parts that are known.
    pub const fn known(self) -> i64 {
        self.known
    }

    /// The sum, if all of it is known.
    pub fn value(self) -> Option<i64> {
        (self.parts > 0 && self.unknown == 0).then_some(self.known)
    }
}

/// What one model was used for in one phase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageSum {
    pub calls: i64,
    pub input_tokens: Sum,
    pub output_tokens: Sum,
    /// In thousand-millionths of a dollar.
    cost: Sum,
    /// The latest table of prices that was used, by name.
    pub price_table: Option<String>,
}

impl UsageSum {
    pub fn add(&mut self, usage: &Usage) {
        self.calls += 1;
        self.input_tokens.add(usage.input_tokens);
        self.output_tokens.add(usage.output_tokens);
        self.cost.add(usage.cost.map(Usd::nanos));
        self.name(usage.price_table.as_ref());
    }

    pub fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.input_tokens.merge(other.input_tokens);
        self.output_tokens.merge(other.output_tokens);
        self.cost.merge(other.cost);
        self.name(other.price_table.as_ref());
    }

    fn name(&mut self, table: Option<&String>) {
        self.price_table = self.price_table.take().max(table.cloned());
    }

    /// What the priced calls cost, in thousand-millionths of a dollar.
    pub const fn known_cost(&self) -> i64 {
        self.cost.known
    }

    /// Calls of which it is not known what they cost.
    pub const fn unpriced(&self) -> i64 {
        self.cost.unknown
    }

    /// What all of it cost, if that is known of every part.
    pub fn cost(&self) -> Option<Usd> {
        self.cost.value().and_then(Usd::of_nanos)
    }
}
