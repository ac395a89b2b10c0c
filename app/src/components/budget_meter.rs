//! How much of a budget is gone: in words, and as a bar.

use domain::{budget::Spending, money::Usd};
use leptos::prelude::*;

/// Spent and reserved against a ceiling, or alone where there is none.
#[component]
pub fn BudgetMeter(
    /// What the ceiling is of: `this run`, `November 2026`.
    #[prop(into)]
    of: String,
    /// What was spent and reserved.
    spending: Spending,
    /// The most that may be spent.
    ceiling: Option<Usd>,
) -> impl IntoView {
    let words = in_words(spending, ceiling);
    let bar = ceiling.map(|ceiling| {
        let (spent, reserved) =
            (share(spending.total(), ceiling), share(spending.reserved, ceiling));
        let over = (spending.committed() > ceiling).then_some("");
        view! {
            <svg
                class="budget-meter-bar"
                viewBox="0 0 1000 10"
                preserveAspectRatio="none"
                aria-hidden="true"
                data-over=over
            >
                <rect class="budget-meter-spent" width=spent.to_string() height="10"></rect>
                <rect
                    class="budget-meter-reserved"
                    x=spent.to_string()
                    width=reserved.min(1_000 - spent).to_string()
                    height="10"
                ></rect>
            </svg>
        }
    });
    view! {
        <div class="budget-meter">
            <p>
                <span class="quiet">{of} ": "</span>
                {words}
            </p>
            {bar}
        </div>
    }
    .into_any()
}

/// So many thousandths of the ceiling, at most all of them.
fn share(amount: Usd, ceiling: Usd) -> i64 {
    let thousandths = i128::from(amount.nanos()) * 1_000 / i128::from(ceiling.nanos().max(1));
    i64::try_from(thousandths).unwrap_or(1_000).min(1_000)
}

/// `$9.80 spent, $0.50 reserved of $12.00; $1.70 left`.
fn in_words(spending: Spending, ceiling: Option<Usd>) -> String {
    let mut words = format!("${} spent", spending.total());
    if spending.reserved > Usd::default() {
        words.push_str(&format!(", ${} reserved", spending.reserved));
    }
    if let Some(ceiling) = ceiling {
        let left = ceiling.minus(spending.committed());
        words.push_str(&format!(" of ${ceiling}; ${left} left"));
    }
    if spending.overrun > Usd::default() {
        words.push_str(&format!("; ${} of it had not been foreseen", spending.overrun));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[test]
    fn a_budget_is_told_in_words() {
        let spending =
            Spending { spent: usd("9.80"), reserved: usd("0.50"), ..Spending::default() };
        let said = "$9.80 spent, $0.50 reserved of $12.00; $1.70 left";
        assert_eq!(in_words(spending, Some(usd("12"))), said);
        assert_eq!(in_words(Spending::default(), None), "$0.00 spent");
        let over = Spending { spent: usd("10"), overrun: usd("2.80"), ..Spending::default() };
        let said = "$12.80 spent of $10.00; $0.00 left; $2.80 of it had not been foreseen";
        assert_eq!(in_words(over, Some(usd("10"))), said);
    }

    #[test]
    fn the_bar_is_never_longer_than_it_is() {
        assert_eq!(share(usd("2.50"), usd("10")), 250);
        assert_eq!(share(usd("999999999"), usd("0.000000001")), 1_000);
    }
}
