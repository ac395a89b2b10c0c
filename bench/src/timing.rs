//! How long things take.

use std::time::{Duration, Instant};

use anyhow::Result;

/// The middle one of the times that `rounds` calls take, after a few that warm up.
pub async fn median<F>(rounds: usize, mut call: impl FnMut() -> F) -> Result<Duration>
where
    F: Future<Output = Result<()>>,
{
    for _ in 0..rounds / 10 + 1 {
        call().await?;
    }
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        call().await?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// Things a second.
pub fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
