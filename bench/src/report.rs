//! What was measured.

use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub name: String,
    pub database: &'static str,
    /// What Assize does, in `unit`.
    pub measured: f64,
    /// What the bare loop does, in `unit`; `None` where there is none.
    pub baseline: Option<f64>,
    /// `measured / baseline`.
    pub ratio: Option<f64>,
    pub unit: &'static str,
    /// What DESIGN asks for, in words.
    pub bar: &'static str,
}

/// All figures of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub figures: Vec<Figure>,
}

impl Report {
    pub fn add(
        &mut self,
        name: impl Into<String>,
        database: &'static str,
        measured: f64,
        baseline: Option<f64>,
        unit: &'static str,
        bar: &'static str,
    ) {
        let ratio = baseline.map(|baseline| measured / baseline);
        let name = name.into();
        self.figures.push(Figure { name, database, measured, baseline, ratio, unit, bar });
    }

    /// A table for people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "{:<58} {:<9} {:>12} {:>12} {:>7}  {}",
            "figure", "database", "measured", "baseline", "ratio", "bar"
        )];
        for figure in &self.figures {
            let number = |value: f64| format!("{value:.2}");
            lines.push(format!(
                "{:<58} {:<9} {:>12} {:>12} {:>7}  {}",
                format!("{} ({})", figure.name, figure.unit),
                figure.database,
                number(figure.measured),
                figure.baseline.map_or_else(|| "-".to_owned(), number),
                figure.ratio.map_or_else(|| "-".to_owned(), number),
                figure.bar,
            ));
        }
        lines.join("\n")
    }
}
