//! What is unusual about an automation: each figure against its band.
//!
//! | figure | of | least reach around the median |
//! |---|---|---|
//! | failure rate | ended runs of the window; only too many are unusual | 5 %, and three standard errors of so few runs |
//! | duration | the median of the window, once half as many runs ended as usual | half of it, and a second |
//! | cost | a run's on average, likewise | half of it |
//! | firing | runs that started | one run, a quarter, twice the square root; none below what never varied |
//! | late run | since when a reported run is silent, or how long it has been going | that of the duration |

use super::{Anomaly, AnomalyType, Band, FAILED, Standing, Stretch, Windows, band::FEWEST};
use crate::{
    Timestamp,
    filter::RunFilter,
    period::Period,
    reported::RunKind,
    run::{Run, RunStatus},
};

/// An automation, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub key: &'a str,
    /// What is switched off is not expected to fire.
    pub enabled: bool,
    pub windows: &'a Windows<Stretch>,
    /// Reported runs that have not ended.
    pub going: &'a [Run],
    pub now: Timestamp,
}

/// How an automation goes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub standing: Standing,
    pub anomalies: Vec<Anomaly>,
}

impl Judgement {
    /// Where nothing can be concluded.
    pub fn unknown() -> Self {
        Self { standing: Standing::Unknown, anomalies: Vec::new() }
    }
}

impl Subject<'_> {
    pub fn judge(self) -> Judgement {
        let going = self.windows.of_going();
        let (failing, failing_band) = self.failing(going);
        let (length, length_band) = self.varying(AnomalyType::Duration, going);
        let (cost, cost_band) = self.varying(AnomalyType::Cost, going);
        let (firing, firing_band) = self.firing(self.windows.of_firing());
        let late = self.late(length_band);
        let bands = [failing_band, length_band, cost_band, firing_band];
        let mut anomalies: Vec<_> =
            [failing, late, firing, length, cost].into_iter().flatten().collect();
        anomalies.sort_by_key(|anomaly| anomaly.kind);
        let standing = match () {
            () if !anomalies.is_empty() => Standing::Attention,
            () if bands.iter().any(Option::is_some) => Standing::Ok,
            () => Standing::Unknown,
        };
        Judgement { standing, anomalies }
    }

    fn failing(self, windows: &[Stretch]) -> (Option<Anomaly>, Option<Band>) {
        let Some((last, before)) = windows.split_last() else { return (None, None) };
        let rates = before.iter().filter_map(Stretch::failure_rate).collect();
        let ended = last.ended().max(1) as f64;
        let error = |median: i64| (median as f64 * (1_000 - median) as f64 / ended).sqrt();
        let band = Band::of(rates, |median| 50.max((3.0 * error(median)).ceil() as i64));
        let found = last.failure_rate().zip(band).filter(|(rate, band)| *rate > band.high);
        let found = found.map(|(rate, band)| {
            let runs = RunFilter { statuses: FAILED.to_vec(), ..self.runs_of(last.days) };
            self.anomaly(AnomalyType::FailureRate, rate, Some(band), last.days, runs)
        });
        (found, band)
    }

    /// What varies around a middle: how long runs take, what they cost.
    fn varying(self, kind: AnomalyType, windows: &[Stretch]) -> (Option<Anomaly>, Option<Band>) {
        let figure = |window: &Stretch| match kind {
            AnomalyType::Cost => window.cost_of_a_run(),
            _ => window.lengths.percentile(50),
        };
        let least = if kind == AnomalyType::Duration { 1_000 } else { 1 };
        // Few runs of a day that has just begun say little about it: the window before is judged then.
        let windows = match windows.split_last() {
            Some((last, before)) if last.ended() * 2 < typical(before) => before,
            _ => windows,
        };
        let Some((last, before)) = windows.split_last() else { return (None, None) };
        let figures = before.iter().filter_map(figure).collect();
        let band = Band::of(figures, |median| (median / 2).max(least));
        let found = figure(last).zip(band).filter(|(figure, band)| !band.holds(*figure));
        let found = found.map(|(figure, band)| {
            let ended = RunStatus::ALL.iter().copied().filter(|status| status.is_terminal());
            let runs = RunFilter { statuses: ended.collect(), ..self.runs_of(last.days) };
            self.anomaly(kind, figure, Some(band), last.days, runs)
        });
        (found, band)
    }

    fn firing(self, windows: &[Stretch]) -> (Option<Anomaly>, Option<Band>) {
        let Some((last, before)) = windows.split_last() else { return (None, None) };
        let mut fired: Vec<i64> = before.iter().map(Stretch::runs).collect();
        fired.sort_unstable();
        let regular = fired.len() >= FEWEST && fired[1] == fired[fired.len() - 2];
        let loose = |median: i64| (2.0 * (median as f64).sqrt()).ceil() as i64;
        let room = |median: i64| loose(median).max(median / 4).max(1);
        let band = Band::of(fired, |median| if regular { 0 } else { room(median) });
        // One more than a schedule asks for is somebody's request.
        let band = band.map(|band| match regular {
            true => Band { high: band.high + (band.median / 4).max(1), ..band },
            false => band,
        });
        let runs = last.runs();
        let kind = match band {
            Some(band) if runs > band.high => AnomalyType::FiresMore,
            Some(band) if runs < band.low && self.enabled => AnomalyType::FiresLess,
            _ => return (None, band),
        };
        (Some(self.anomaly(kind, runs, band, last.days, self.runs_of(last.days))), band)
    }

    /// The reported run that is silent or has been going for the longest, if that is too long.
    fn late(self, usual: Option<Band>) -> Option<Anomaly> {
        let since = |run: &Run| {
            let started = run.started_at.unwrap_or(run.created_at);
            let going = (self.now - started).num_milliseconds();
            let silent = run.told.and_then(|told| told.silent_since);
            match silent.map(|silent| (self.now - silent).num_milliseconds()) {
                Some(silent) => Some((silent, None)),
                None => usual.filter(|usual| going > usual.high).map(|usual| (going, Some(usual))),
            }
        };
        let late = self.going.iter().filter_map(|run| since(run).zip(Some(run)));
        let ((late, usual), run) = late.max_by_key(|((late, _), _)| *late)?;
        let from = run.started_at.unwrap_or(run.created_at).date_naive();
        let days = Period::of_days(from, self.now.date_naive().max(from)).ok()?;
        let runs = RunFilter {
            definitions: vec![self.key.to_owned()],
            statuses: vec![RunStatus::Running],
            kind: Some(RunKind::Reported),
            ..RunFilter::default()
        };
        Some(self.anomaly(AnomalyType::LateRun, late, usual, days, runs))
    }

    fn runs_of(self, days: Period) -> RunFilter {
        RunFilter {
            definitions: vec![self.key.to_owned()],
            from: Some(days.from),
            to: Some(days.last_day()),
            ..RunFilter::default()
        }
    }

    fn anomaly(
        self,
        kind: AnomalyType,
        observed: i64,
        usual: Option<Band>,
        days: Period,
        runs: RunFilter,
    ) -> Anomaly {
        Anomaly { kind, automation: self.key.to_owned(), observed, usual, days, runs }
    }
}

/// How many runs usually end in a window.
fn typical(windows: &[Stretch]) -> i64 {
    let mut ended: Vec<i64> = windows.iter().map(Stretch::ended).filter(|runs| *runs > 0).collect();
    ended.sort_unstable();
    ended.get(ended.len() / 2).copied().unwrap_or(0)
}
