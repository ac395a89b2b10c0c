//! Settings, over HTTP.

mod destinations;
mod holds;
mod members;
mod tokens;
mod windows;
