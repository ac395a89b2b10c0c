//! Pages and components of Assize (feature `ssr`, on the server) and the islands that also run in
//! the browser (feature `hydrate`, compiled to WASM by `app/wasm`).

pub mod islands;

#[cfg(feature = "ssr")]
pub mod app;
pub mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod fault;
#[cfg(feature = "ssr")]
pub mod form_state;
pub mod format;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod shell;
