//! The examples, played: a credit union's quarter or a drill of incidents through the real engine, with a
//! clock that jumps from one instant at which something is due to the next.
//!
//! Everything goes through `Services` and the engine's own steps, and every request over HTTP to a
//! receiver on this machine. Nothing is inserted behind the engine's back.

mod acts;
mod files;
mod house;
mod mishaps;
mod player;
mod receiver;
mod scenario;
mod stage;
mod table;

pub use files::Example;
pub use house::{Holds, Standing, look};
pub use player::{HOST, play};
pub use receiver::{RECEIVER, Receiver};
pub use scenario::{Member, Scenario};
pub use stage::PASSWORD;
pub use table::{Line, Table, Totals, expected, table};
