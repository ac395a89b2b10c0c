//! Settings, over HTTP.

mod destinations;
mod members;
