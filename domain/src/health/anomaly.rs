//! What can be unusual about an automation, and how that is said.

use serde::{Deserialize, Serialize};

use super::Band;
use crate::{filter::RunFilter, money::Usd, period::Period, words};

words! {
    /// How something goes.
    Standing {
        /// Nothing lies outside of its usual band.
        Ok = "ok",
        /// Something does.
        Attention = "attention",
        /// Too little is known to say.
        Unknown = "unknown",
    }
}

words! {
    /// What is unusual.
    AnomalyType {
        /// Runs fail more often than they usually do.
        FailureRate = "failure-rate",
        /// A reported run is silent, or takes far longer than its like.
        LateRun = "late-run",
        /// It fires less often than it usually does.
        FiresLess = "fires-less",
        /// It fires more often than it usually does.
        FiresMore = "fires-more",
        /// Runs take longer or shorter than they usually do.
        Duration = "duration",
        /// A run costs more or less than it usually does.
        Cost = "cost",
    }
}

words! {
    /// What a figure counts.
    Unit {
        /// Of a thousand runs that ended.
        PerMille = "per-mille",
        Runs = "runs",
        Milliseconds = "milliseconds",
        /// Thousand-millionths of a US dollar.
        UsdNanos = "usd-nanos",
    }
}

impl AnomalyType {
    pub const fn unit(self) -> Unit {
        match self {
            Self::FailureRate => Unit::PerMille,
            Self::FiresLess | Self::FiresMore => Unit::Runs,
            Self::LateRun | Self::Duration => Unit::Milliseconds,
            Self::Cost => Unit::UsdNanos,
        }
    }
}

impl Unit {
    /// A figure as people read it: `12.5 %`, `3 runs`, `4 min 10 s`, `$0.25`.
    pub fn write(self, figure: i64) -> String {
        match self {
            Self::PerMille => format!("{}.{} %", figure / 10, figure % 10).replace(".0 %", " %"),
            Self::Runs if figure == 1 => "1 run".to_owned(),
            Self::Runs => format!("{figure} runs"),
            Self::Milliseconds => length(figure),
            Self::UsdNanos => dollars(figure),
        }
    }
}

/// A length of time in its two largest units.
fn length(ms: i64) -> String {
    let two = |whole: i64, unit: &str, rest: i64, finer: &str| match rest {
        0 => format!("{whole} {unit}"),
        rest => format!("{whole} {unit} {rest} {finer}"),
    };
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{} ms", ms.max(0)),
        1..10 => format!("{seconds}.{} s", ms % 1_000 / 100),
        10..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// Dollars to the cent, or to four places where that would be nothing.
fn dollars(nanos: i64) -> String {
    let unit = if nanos >= 1_000_000_000 { 10_000_000 } else { 100_000 };
    let rounded = (nanos.max(0) + unit / 2) / unit * unit;
    format!("${}", Usd::of_nanos(rounded).unwrap_or_default())
}

/// Something about one automation that lies outside of what is usual for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anomaly {
    #[serde(rename = "type")]
    pub kind: AnomalyType,
    /// The key of the automation.
    pub automation: String,
    /// In the unit of its type.
    pub observed: i64,
    /// Where that usually lies; `None` for a run that fell silent of which no like is known.
    pub usual: Option<Band>,
    /// The days it was observed in.
    pub days: Period,
    /// The runs behind it.
    pub runs: RunFilter,
}

impl Anomaly {
    /// `Runs take longer than usual`
    pub fn title(&self) -> &'static str {
        let above = self.usual.is_none_or(|usual| self.observed > usual.high);
        match (self.kind, above) {
            (AnomalyType::FailureRate, _) => "Runs fail more often than usual",
            (AnomalyType::LateRun, _) => "A reported run is late",
            (AnomalyType::FiresLess, _) => "It fires less often than expected",
            (AnomalyType::FiresMore, _) => "It fires more often than expected",
            (AnomalyType::Duration, true) => "Runs take longer than usual",
            (AnomalyType::Duration, false) => "Runs are over sooner than usual",
            (AnomalyType::Cost, true) => "Runs cost more than usual",
            (AnomalyType::Cost, false) => "Runs cost less than usual",
        }
    }

    /// The figure beside its band, in one sentence: `50 % on 30 Sep 2026; usually 0 % to 5 %.`
    pub fn says(&self) -> String {
        let (unit, days) = (self.kind.unit(), self.days.days());
        let observed = unit.write(self.observed);
        let seen = match self.kind {
            AnomalyType::LateRun => format!("Nothing has come of it for {observed}"),
            AnomalyType::FailureRate => format!("{observed} of the runs failed, {days}"),
            AnomalyType::Duration => format!("Half of the runs took {observed} or more, {days}"),
            AnomalyType::Cost => format!("{observed} for a run, {days}"),
            AnomalyType::FiresLess | AnomalyType::FiresMore => format!("{observed}, {days}"),
        };
        match self.usual {
            None => format!("{seen}."),
            Some(Band { low, high, .. }) if low == high => {
                format!("{seen}; usually {}.", unit.write(low))
            }
            Some(Band { low, high, .. }) => {
                format!("{seen}; usually {} to {}.", unit.write(low), unit.write(high))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        for (unit, figure, text) in [
            (Unit::PerMille, 125, "12.5 %"),
            (Unit::PerMille, 1_000, "100 %"),
            (Unit::PerMille, 0, "0 %"),
            (Unit::Runs, 1, "1 run"),
            (Unit::Milliseconds, 340, "340 ms"),
            (Unit::Milliseconds, 2_500, "2.5 s"),
            (Unit::Milliseconds, 184_000, "3 min 4 s"),
            (Unit::Milliseconds, 7_200_000, "2 h"),
            (Unit::UsdNanos, 1_234_567_890, "$1.23"),
            (Unit::UsdNanos, 12_340_000, "$0.0123"),
        ] {
            assert_eq!(unit.write(figure), text);
        }
    }
}
