//! What Assize does: the store, the services, the workers and the actioners.
//!
//! [`store`] is the only place with SQL. [`services`] is the only door to a change: it checks the
//! permission, asks `domain`, and stores the answer with its audit entry in one transaction.

pub mod actioner;
mod bundle;
mod changes;
pub mod clock;
mod compiled;
pub mod condition;
pub mod crash;
pub mod definition;
mod export;
pub mod ids;
pub mod meter;
pub mod net;
pub mod once;
pub mod origin;
mod password;
mod policies;
pub mod schedule;
pub mod secret;
pub mod secret_file;
pub mod services;
pub mod signature;
pub mod signing;
pub mod span;
pub mod store;
pub mod template;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod vault;
pub mod wake;
pub mod work;
