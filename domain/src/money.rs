//! Money as it is estimated: US dollars, exact to a thousand-millionth, never a float.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Digits after the point: a token of a language model costs millionths.
const PLACES: usize = 9;
const NANOS: i64 = 1_000_000_000;

/// An amount of US dollars from nothing to nine thousand million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

/// A text that is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount of US dollars such as 12.80, with at most nine digits after the point")]
pub struct InvalidAmount;

impl Usd {
    /// The sum, or the greatest amount there is.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of it, or nothing.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(if other.0 < self.0 { self.0 - other.0 } else { 0 })
    }

    /// So many of it; `None` where that is more than the greatest amount there is.
    pub const fn times(self, count: i64) -> Option<Self> {
        match self.0.checked_mul(count) {
            Some(nanos) => Self::of_nanos(nanos),
            None => None,
        }
    }

    /// In thousand-millionths of a dollar: how it is stored and summed up.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// `None` for less than nothing.
    pub const fn of_nanos(nanos: i64) -> Option<Self> {
        if nanos < 0 { None } else { Some(Self(nanos)) }
    }

    /// The amount after a change in thousand-millionths; `None` for less than nothing.
    pub const fn changed_by(self, nanos: i64) -> Option<Self> {
        match self.0.checked_add(nanos) {
            Some(nanos) => Self::of_nanos(nanos),
            None => None,
        }
    }
}

/// At least two digits after the point, as prices are written: `0.04`, `12.80`, `0.000125`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = format!("{:09}", self.0 % NANOS);
        let (cents, finer) = rest.split_at(2);
        write!(f, "{}.{cents}{}", self.0 / NANOS, finer.trim_end_matches('0'))
    }
}

impl FromStr for Usd {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(rest) || rest.len() > PLACES {
            return Err(InvalidAmount);
        }
        let number = |part: &str| part.parse::<i64>().map_err(|_| InvalidAmount);
        let nanos = number(&format!("{rest:0<PLACES$}"))?;
        let amount = number(whole)?.checked_mul(NANOS).and_then(|whole| whole.checked_add(nanos));
        amount.map(Self).ok_or(InvalidAmount)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_amount_reads_back_as_it_was_written(nanos in 0..i64::MAX) {
            let amount = Usd(nanos);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
        }

        #[test]
        fn any_text_is_an_amount_or_refused(text: String) {
            let _ = text.parse::<Usd>();
        }
    }

    #[test]
    fn amounts_are_written_like_prices_and_lose_nothing() {
        for (text, written) in
            [("0.04", "0.04"), ("12.8", "12.80"), ("3", "3.00"), ("0.000000125", "0.000000125")]
        {
            assert_eq!(text.parse::<Usd>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "-1", "+1", "1.", ".5", "1e3", "0.0000000001", "9999999999", "1.2.3"]
        {
            assert_eq!(text.parse::<Usd>(), Err(InvalidAmount), "{text}");
        }
    }

    #[test]
    fn a_sum_is_exact_and_stops_at_the_greatest_amount() {
        let (a, b): (Usd, Usd) = ("0.1".parse().unwrap(), "0.2".parse().unwrap());
        assert_eq!(a.plus(b).to_string(), "0.30");
        assert_eq!(Usd(i64::MAX).plus(a), Usd(i64::MAX));
    }
}
