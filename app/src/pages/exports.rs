//! Exports: the bundles that auditors take home.

pub mod list;
mod order;
mod words;
