//! The `budget` section of a definition.

use domain::{
    automation::Action,
    budget::{Budget, Cost, Every, PeriodCeiling},
    money::Usd,
};
use serde_json::Value;

use super::{
    error::Report,
    fields::{Field, Fields},
};
use crate::template::Template;

pub(super) const BUDGET: &[&str] = &["cost", "per-run", "per-period"];
pub(super) const COST: &[&str] = &["fixed", "per-unit", "units", "reported-at-most"];
pub(super) const PERIOD: &[&str] = &["every", "ceiling"];

pub(super) fn budget(
    field: &Field<'_>,
    action: Option<&Action>,
    report: &Report<'_>,
) -> Option<Budget> {
    let fields = field.fields(report, BUDGET)?;
    let cost = fields.require(report, "cost").and_then(|field| cost(&field, action, report));
    let per_run = match fields.get("per-run") {
        Some(field) => Some(amount(&field, report)?),
        None => None,
    };
    let per_period = match fields.get("per-period") {
        Some(field) => Some(period(&field, report)?),
        None => None,
    };
    Some(Budget { cost: cost?, per_run, per_period })
}

fn cost(field: &Field<'_>, action: Option<&Action>, report: &Report<'_>) -> Option<Cost> {
    let fields = field.fields(report, COST)?;
    let kinds = ["fixed", "per-unit", "reported-at-most"];
    let stated: Vec<_> = kinds.iter().filter_map(|kind| fields.get(kind)).collect();
    let [stated] = stated.as_slice() else {
        let message = "a cost is one of 'fixed', 'per-unit' with 'units', and 'reported-at-most'";
        field.error(report, "invalid-value", message);
        return None;
    };
    let price = amount(stated, report);
    let units = units(&fields, report);
    match (stated.path.rsplit('.').next(), units) {
        (Some("per-unit"), Some(units)) => Some(Cost::PerUnit { price: price?, units }),
        (Some("per-unit"), None) => {
            fields.require(report, "units");
            None
        }
        (_, Some(_)) => {
            let message = "'units' belongs to 'per-unit'";
            field.error(report, "invalid-value", message);
            None
        }
        (Some("reported-at-most"), None) => {
            let at_most = price?;
            refuse_local(stated, action, report);
            Some(Cost::Reported { at_most })
        }
        (_, None) => Some(Cost::Fixed { amount: price? }),
    }
}

/// Only a receiver can report what it cost.
fn refuse_local(field: &Field<'_>, action: Option<&Action>, report: &Report<'_>) {
    let remote = |action: &Action| {
        action.actioner == "notify.http" || action.with.get("deliver").is_some_and(Value::is_object)
    };
    if action.is_some_and(|action| !remote(action)) {
        let message = "only an action that is sent to a receiver can have its cost reported";
        field.error(report, "invalid-value", message);
    }
}

fn units(fields: &Fields<'_>, report: &Report<'_>) -> Option<String> {
    let field = fields.get("units")?;
    let text = field.text(report)?.to_owned();
    if let Err(error) = Template::compile(&Value::from(text.as_str())) {
        field.error(report, error.code, error.message);
    }
    Some(text)
}

fn period(field: &Field<'_>, report: &Report<'_>) -> Option<PeriodCeiling> {
    let fields = field.fields(report, PERIOD)?;
    let every = fields.require(report, "every");
    let every = every.and_then(|field| field.word(report, Every::ALL, Every::as_str));
    let ceiling = fields.require(report, "ceiling").and_then(|field| amount(&field, report));
    Some(PeriodCeiling { every: every?, ceiling: ceiling? })
}

/// An amount as it is written, so that it is exact.
fn amount(field: &Field<'_>, report: &Report<'_>) -> Option<Usd> {
    match field.text(report)?.parse::<Usd>() {
        Ok(amount) if amount > Usd::default() => Some(amount),
        Ok(_) => {
            field.error(report, "invalid-value", "an amount here is more than nothing");
            None
        }
        Err(error) => {
            field.error(report, "invalid-value", error.to_string());
            None
        }
    }
}
