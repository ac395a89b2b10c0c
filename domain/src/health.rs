//! Health: how automations go over time, what is usual for each, and what is not.
//!
//! Everything is a function of counts by day ([`Stretch`]), never of the runs themselves. What is unusual is
//! found by holding the latest days against those before ([`Windows`], [`Band`], [`Subject::judge`]); from too
//! little data nothing is concluded, and that is said ([`Standing::Unknown`]).

mod anomaly;
mod asked;
mod axis;
mod band;
mod judge;
mod lengths;
mod stretch;
mod windows;

pub use self::{
    anomaly::{Anomaly, AnomalyType, Standing, Unit},
    asked::{Compare, HealthQuery, MOST_DAYS, USUAL_DAYS, days},
    axis::Step,
    band::{Band, FEWEST},
    judge::{Judgement, Subject},
    lengths::{Lengths, bucket, shortest},
    stretch::{FAILED, Stretch},
    windows::Windows,
};
