//! What Assize is about: the types, the state machines and the decisions.
//!
//! Pure: no input or output, no clock, no randomness, no async; it builds for the browser. Where
//! something has to be decided, a function here takes the facts and `now` and answers with the
//! move; the engine only fetches the facts and stores the move.
//!
//! | to find | look in |
//! |---|---|
//! | ids and how they are written | [`id`] |
//! | definitions, versions, triggers | [`automation`], [`diff`], [`trigger`], [`destination`] |
//! | runs, items, attempts, counts | [`run`], [`item`], [`attempt`], [`counts`], [`rollup`] |
//! | effects, leases, backoff | [`effect`], [`lease`], [`retry`] |
//! | retry plans, cancelling, approvals | [`retry`], [`cancel`], [`approval`] |
//! | what an actioner's answer leads to | [`decide`] |
//! | how a round ended, what went wrong | [`report`], [`incident`], [`money`] |
//! | what holds automations back | [`kill`], [`budget`], [`policy`] |
//! | how automations go, what is unusual | [`health`] |
//! | what runs elsewhere, and its numbers | [`reported`], [`metrics`], [`price`] |
//! | how long runs are kept, and what must stay | [`retention`], [`hold`] |
//! | members, what they may do and see | [`member`], [`token`], [`permission`], [`window`] |
//! | lists | [`filter`], [`page`], [`export`] |
//! | what is told to the outside | [`webhook`] |
//! | the auditor's bundle, periods | [`bundle`], [`period`] |
//! | sums of instants and durations | [`time`], [`spread`] |
//! | the audit log | [`audit`], [`origin`] |

pub mod approval;
pub mod attempt;
pub mod audit;
pub mod automation;
pub mod budget;
pub mod bundle;
pub mod cancel;
pub mod canonical;
pub mod concern;
pub mod counts;
pub mod decide;
pub mod destination;
pub mod diff;
pub mod effect;
pub mod export;
pub mod filter;
pub mod health;
pub mod hold;
pub mod id;
pub mod inbound;
pub mod incident;
pub mod item;
pub mod kill;
pub mod lease;
pub mod member;
pub mod metrics;
pub mod money;
pub mod origin;
pub mod page;
pub mod period;
pub mod permission;
pub mod policy;
pub mod price;
pub mod problem;
pub mod record;
pub mod report;
pub mod reported;
pub mod retention;
pub mod retry;
pub mod rollup;
pub mod run;
pub mod spread;
pub mod time;
pub mod token;
pub mod trigger;
pub mod webhook;
pub mod window;

/// An instant in UTC. Stored with microseconds; anything finer is cut off at the clock.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Makes an enum of fixed words: `as_str`, `ALL`, `Display`, `FromStr` and serde, all from one list.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in the database, the API, the command line and the pages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::problem::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::problem::UnknownWord::new(
                        stringify!($name), word, &[$($word),+])),
                }
            }
        }
    };
}
pub(crate) use words;
