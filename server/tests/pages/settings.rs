//! Settings, over HTTP.

mod destinations;
mod holds;
mod inbound;
mod kill_switch;
mod members;
mod policies;
mod prices;
mod retention;
mod tokens;
mod webhooks;
mod windows;
