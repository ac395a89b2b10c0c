//! Which part of a list: flags, and the names in the query that they become.

use std::fmt::Display;

use domain::{
    filter::encode,
    page::{DEFAULT_SIZE, MAX_SIZE},
};

/// Which page.
#[derive(Debug, clap::Args)]
pub struct Paging {
    /// How many rows at most
    #[arg(long, default_value_t = DEFAULT_SIZE, value_parser = clap::value_parser!(i64).range(1..=MAX_SIZE))]
    limit: i64,
    /// The page that follows the one which ended with this marker
    #[arg(long)]
    after: Option<String>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { limit: DEFAULT_SIZE, after: None }
    }
}

/// Days or weeks, written `30d` or `4w`.
pub fn days(text: &str) -> Result<u64, String> {
    domain::health::days("since", text).map_err(|wrong| wrong.message)
}

/// Names and values, as an address has them.
#[derive(Debug, Default)]
pub struct Query(String);

impl Query {
    /// A name, if it has a value; once for each where there are several.
    #[must_use]
    pub fn with<T: Display>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        for value in values {
            self.0 += if self.0.is_empty() { "?" } else { "&" };
            self.0 += &format!("{name}={}", encode(&value.to_string()));
        }
        self
    }

    #[must_use]
    pub fn page(self, page: Paging) -> Self {
        self.with("limit", [page.limit]).with("after", page.after)
    }

    /// What a filter of the domain says of itself, as a query.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        if !more.is_empty() {
            self.0 += if self.0.is_empty() { "?" } else { "&" };
            self.0 += more;
        }
        self
    }
}

impl Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
