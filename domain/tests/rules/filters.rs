//! Filters of runs: what is printed is read back, through the address bar, too.

use chrono::NaiveDate;
use domain::{
    filter::{Order, RunFilter, TimeBasis, encode},
    reported::RunKind,
    run::RunStatus,
    trigger::TriggerKind,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};

fn day() -> impl Strategy<Value = NaiveDate> {
    (0_i32..3_600_000).prop_map(|n| NaiveDate::from_num_days_from_ce_opt(n + 1).unwrap())
}

fn any_filter() -> impl Strategy<Value = RunFilter> {
    (
        proptest::collection::btree_set("[a-z][a-z0-9-]{0,58}[a-z0-9]", 0..5),
        subsequence(RunStatus::ALL.to_vec(), 0..=RunStatus::ALL.len()).prop_shuffle(),
        subsequence(TriggerKind::ALL.to_vec(), 0..=TriggerKind::ALL.len()).prop_shuffle(),
        (option::of(select(RunKind::ALL)), any::<bool>()),
        select(TimeBasis::ALL),
        option::of(day()),
        option::of(day()),
        select(Order::ALL),
    )
        .prop_map(
            |(definitions, statuses, triggers, (kind, incident), by, from, to, order)| {
                let backwards = matches!((from, to), (Some(from), Some(to)) if from > to);
                let (from, to) = if backwards { (to, from) } else { (from, to) };
                let definitions = definitions.into_iter().collect();
                RunFilter { definitions, statuses, triggers, kind, incident, by, from, to, order }
            },
        )
}

/// What a server does with a query string.
fn decode(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), plain(value))).collect()
}

fn plain(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let hex = |b: u8| char::from(b).to_digit(16).unwrap() as u8;
        let escaped = byte == b'%';
        bytes.push(if escaped {
            hex(rest.next().unwrap()) << 4 | hex(rest.next().unwrap())
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn read(pairs: &[(&str, &str)]) -> Result<RunFilter, String> {
    RunFilter::parse(pairs.iter().copied(), &[]).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn a_filter_is_read_back_from_its_query_string(filter in any_filter()) {
        let pairs = decode(&filter.query());
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        prop_assert_eq!(RunFilter::parse(pairs, &[]).unwrap(), filter);
    }

    #[test]
    fn any_pair_is_read_or_refused_by_its_name(name: String, value: String) {
        for name in [name.as_str(), "definition", "status", "trigger", "by", "order", "from", "to"] {
            if let Err(error) = RunFilter::parse([(name, value.as_str())], &[]) {
                prop_assert!(name.starts_with(&error.name));
            }
        }
    }

    #[test]
    fn an_encoded_value_is_plain_ascii_and_comes_back(value: String) {
        let encoded = encode(&value);
        prop_assert!(encoded.bytes().all(|b| b.is_ascii_graphic() && b"&=+#?/\"<>".iter().all(|c| *c != b)));
        prop_assert_eq!(plain(&encoded), value);
    }

    #[test]
    fn what_is_chosen_twice_counts_once(statuses in vec(select(RunStatus::ALL), 0..30)) {
        let pairs: Vec<_> = statuses.iter().map(|status| ("status", status.as_str())).collect();
        let filter = read(&pairs).unwrap();
        let distinct: std::collections::BTreeSet<_> = statuses.iter().collect();
        prop_assert_eq!(filter.statuses.len(), distinct.len());
    }
}

#[test]
fn a_day_is_written_one_way_and_lies_within_four_digits() {
    for value in [
        "2026-9-1",
        "+2026-09-01",
        " 2026-09-01",
        "2026-09-01T00:00",
        "26-09-01",
        "2026-02-30",
        "0000-01-01",
        "9999-12-31",
        "+12026-01-01",
        "-0001-01-01",
        "+262142-12-31",
    ] {
        assert!(read(&[("from", value)]).is_err(), "{value}");
        assert!(read(&[("to", value)]).is_err(), "{value}");
    }
    for value in ["0001-01-01", "2024-02-29", "9998-12-31"] {
        assert!(read(&[("from", value)]).is_ok(), "{value}");
    }
}

#[test]
fn what_cannot_be_a_definition_is_refused() {
    for value in ["KYC", "a\0b", "a b", "1st", "a", "'; --", &"k".repeat(61)] {
        let error = read(&[("definition", value)]).unwrap_err();
        assert_eq!(error, "definition: expected the key of a definition", "{value}");
    }
}

#[test]
fn a_filter_takes_twenty_definitions_and_no_more() {
    let keys: Vec<String> = (10..31).map(|n| format!("kyc-{n}")).collect();
    let pairs: Vec<_> = keys.iter().map(|key| ("definition", key.as_str())).collect();
    assert!(read(&pairs[..20]).is_ok());
    assert!(read(&pairs).unwrap_err().contains("at most 20"));
}

#[test]
fn sorting_narrows_nothing_and_every_choice_does() {
    let narrows = |name, value| read(&[(name, value)]).unwrap().narrows();
    assert!(!narrows("order", "oldest") && !narrows("by", "completed"));
    for (name, value) in [
        ("definition", "kyc"),
        ("status", "failed"),
        ("trigger", "schedule"),
        ("from", "2026-07-01"),
        ("to", "2026-07-01"),
    ] {
        assert!(narrows(name, value), "{name}");
    }
}
