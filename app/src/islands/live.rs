//! What happens, as it happens: one stream of events for all islands of a page.
//!
//! A page shows how things were at a place of the log. The stream goes on there, so nothing falls
//! between the two. A connection that breaks is made again, later each time; the place that was reached
//! is kept, and what was missed is told then. A page nobody looks at does not listen.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use domain::{concern::Concern, counts::Counts, run::RunStatus};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    EventSource, MessageEvent, Response,
    js_sys::{Date, JSON, Math, Reflect},
    wasm_bindgen::{JsCast, JsValue, closure::Closure},
};

use super::live_mark;

/// Where a page listens, and how far what it shows has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    pub url: String,
    pub after: i64,
}

/// A run as the stream and the API tell it, as far as islands show it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunNow {
    pub id: String,
    pub automation_key: String,
    pub trigger_kind: String,
    pub status: RunStatus,
    pub concern: Option<Concern>,
    pub counts: Counts,
    pub matched: bool,
    pub duration_seconds: Option<f64>,
}

impl RunNow {
    /// Read by the browser's own means: a parser of ours would weigh more than the islands.
    fn read(told: &JsValue) -> Option<Self> {
        let counts = field(told, "counts");
        let count = |name| field(&counts, name).as_f64().unwrap_or_default() as i64;
        Some(Self {
            id: text(told, "id")?,
            automation_key: text(told, "automation_key").unwrap_or_default(),
            trigger_kind: text(told, "trigger_kind").unwrap_or_default(),
            status: word(RunStatus::ALL, RunStatus::as_str, &text(told, "status")?)?,
            concern: text(told, "concern")
                .and_then(|told| word(Concern::ALL, Concern::as_str, &told)),
            counts: Counts {
                subjects_matched: count("subjects_matched"),
                actions_invoked: count("actions_invoked"),
                open: count("open"),
                succeeded: count("succeeded"),
                failed: count("failed"),
                skipped: count("skipped"),
                awaiting_approval: count("awaiting_approval"),
                idempotent_replay: count("idempotent_replay"),
            },
            matched: field(told, "matched").is_truthy(),
            duration_seconds: field(told, "duration_seconds").as_f64(),
        })
    }
}

fn word<T: Copy>(all: &[T], name: fn(T) -> &'static str, told: &str) -> Option<T> {
    all.iter().copied().find(|word| name(*word) == told)
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(of: &JsValue, name: &str) -> Option<String> {
    field(of, name).as_string()
}

/// Whether what a page shows is kept up to date.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Standing {
    /// Nothing was heard yet.
    #[default]
    Opening,
    Live,
    /// The connection broke, and will be made again. The instant of the last word, in milliseconds.
    Lost(f64),
    /// The reader may not listen any more.
    Ended(f64),
}

/// What an island is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    RunCreated(RunNow),
    Run(RunNow),
    /// So many approvals are open.
    Approvals(i64),
    /// More happened than is told.
    Resync,
}

/// Tells an island from now on. The first call on a page opens its stream.
pub fn follow(stream: &Stream, told: impl Fn(&Heard) + 'static) {
    let hub = HUB.with(|known| {
        let mut known = known.borrow_mut();
        Rc::clone(known.get_or_insert_with(|| Hub::open(stream.clone())))
    });
    hub.told.borrow_mut().push(Rc::new(told));
}

/// Asks how a run is, where the stream did not say.
pub fn look_up(stream: &Stream, run: &str, found: impl FnOnce(RunNow) + 'static) {
    let url = stream.url.replace("/stream", &format!("/runs/{run}"));
    spawn_local(async move {
        let asked = JsFuture::from(window().fetch_with_str(&url)).await;
        let answer = asked.ok().and_then(|answer| answer.dyn_into::<Response>().ok());
        let Some(body) = answer.and_then(|answer| answer.json().ok()) else { return };
        let detail = JsFuture::from(body).await.unwrap_or(JsValue::UNDEFINED);
        if let Some(run) = RunNow::read(&field(&detail, "run")) {
            found(run);
        }
    });
}

/// The events a page wants to hear of.
const EVENTS: [&str; 7] =
    ["ready", "run-created", "run", "approvals", "resync", "heartbeat", "end"];

/// A connection that is silent for longer than this is dead, whatever the browser thinks: the server
/// says something every 15 seconds.
const SILENCE: f64 = 40_000.0;

/// How often the silence is measured.
const WATCH: Duration = Duration::from_secs(5);

/// Until the first new try, in milliseconds, and the longest time between two.
const FIRST_PAUSE: f64 = 1_000.0;
const LONGEST_PAUSE: f64 = 30_000.0;

thread_local! {
    static HUB: RefCell<Option<Rc<Hub>>> = const { RefCell::new(None) };
}

/// The page's listener, once there is one.
fn the_hub() -> Option<Rc<Hub>> {
    HUB.with(|hub| hub.borrow().clone())
}

/// What an island does with what is heard.
type Listener = Rc<dyn Fn(&Heard)>;

/// The one connection of a page.
struct Hub {
    url: String,
    /// The place up to which everything was heard.
    after: Cell<i64>,
    source: RefCell<Option<EventSource>>,
    /// Counts connections, so that a pause that was overtaken leads to nothing.
    number: Cell<u32>,
    /// Tries since anything was heard.
    tries: Cell<i32>,
    /// When something was heard, and when the connection was begun; in milliseconds.
    heard_at: Cell<f64>,
    opened_at: Cell<f64>,
    standing: Cell<Standing>,
    told: RefCell<Vec<Listener>>,
    on_event: Closure<dyn Fn(MessageEvent)>,
    on_error: Closure<dyn Fn()>,
}

impl Hub {
    fn open(stream: Stream) -> Rc<Self> {
        let on_event = Closure::new(|event: MessageEvent| {
            if let Some(hub) = the_hub() {
                hub.hear(&event);
            }
        });
        let on_error = Closure::new(|| {
            if let Some(hub) = the_hub() {
                hub.lose();
            }
        });
        let hub = Rc::new(Self {
            url: stream.url,
            after: Cell::new(stream.after),
            source: RefCell::default(),
            number: Cell::new(0),
            tries: Cell::new(0),
            heard_at: Cell::new(Date::now()),
            opened_at: Cell::new(Date::now()),
            standing: Cell::default(),
            told: RefCell::default(),
            on_event,
            on_error,
        });
        let looked_at = Closure::<dyn Fn()>::new(|| {
            if let Some(hub) = the_hub() {
                hub.look_around();
            }
        });
        // Without it a hidden page listens, too, which is no harm.
        let _ = document().add_event_listener_with_callback(
            "visibilitychange",
            looked_at.into_js_value().unchecked_ref(),
        );
        hub.look_around();
        watch();
        hub
    }

    /// Listens while the page can be seen.
    fn look_around(&self) {
        if document().hidden() {
            self.close();
        } else if self.source.borrow().is_none()
            && !matches!(self.standing.get(), Standing::Ended(_))
        {
            self.connect();
        }
    }

    fn connect(&self) {
        self.close();
        self.opened_at.set(Date::now());
        let Ok(source) = EventSource::new(&format!("{}?after={}", self.url, self.after.get()))
        else {
            return;
        };
        let listener = self.on_event.as_ref().unchecked_ref();
        for name in EVENTS {
            let _ = source.add_event_listener_with_callback(name, listener);
        }
        source.set_onerror(Some(self.on_error.as_ref().unchecked_ref()));
        self.source.replace(Some(source));
    }

    fn close(&self) {
        self.number.set(self.number.get().wrapping_add(1));
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    fn hear(&self, event: &MessageEvent) {
        self.heard_at.set(Date::now());
        self.tries.set(0);
        if let Ok(place) = event.last_event_id().parse() {
            self.after.set(place);
        }
        let data = event.data().as_string().unwrap_or_default();
        let told = JSON::parse(&data).unwrap_or(JsValue::UNDEFINED);
        let heard = match event.type_().as_str() {
            "run-created" => RunNow::read(&told).map(Heard::RunCreated),
            "run" => RunNow::read(&told).map(Heard::Run),
            "approvals" => field(&told, "open").as_f64().map(|open| Heard::Approvals(open as i64)),
            "resync" => Some(Heard::Resync),
            "end" => {
                self.close();
                return self.stand(Standing::Ended(self.heard_at.get()));
            }
            _ => None,
        };
        self.stand(Standing::Live);
        if let Some(heard) = heard {
            self.tell(&heard);
        }
    }

    /// The connection broke: the page says so, and tries again after a while.
    fn lose(&self) {
        self.close();
        self.stand(Standing::Lost(self.heard_at.get()));
        let pause = (FIRST_PAUSE * 2_f64.powi(self.tries.get())).min(LONGEST_PAUSE);
        self.tries.set(self.tries.get().saturating_add(1).min(10));
        // Pages that lost the same server do not come back all at once.
        let pause = Duration::from_millis((pause * (0.5 + Math::random())) as u64);
        let number = self.number.get();
        set_timeout(
            move || {
                if let Some(hub) = the_hub().filter(|hub| hub.number.get() == number) {
                    hub.look_around();
                }
            },
            pause,
        );
    }

    fn stand(&self, standing: Standing) {
        if self.standing.replace(standing) != standing {
            live_mark::show(standing);
        }
    }

    fn tell(&self, heard: &Heard) {
        let told = self.told.borrow().clone();
        for island in told {
            island(heard);
        }
    }
}

/// Finds connections that are dead and do not know it.
fn watch() {
    set_timeout(
        || {
            if let Some(hub) = the_hub() {
                let last = hub.heard_at.get().max(hub.opened_at.get());
                let silent = Date::now() - last > SILENCE;
                if silent && hub.source.borrow().is_some() {
                    hub.lose();
                }
            }
            watch();
        },
        WATCH,
    );
}
