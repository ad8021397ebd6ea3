//! Counters in Prometheus text: how much, how fast, how it ended. No label of a metric is personal;
//! paths are templates.

use std::time::Duration;

use axum::http::Method;
use kokoni_model::wire::events::Outcome;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

/// What is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    events: Family<Ended, Counter>,
    conflicts: Counter,
    group_batches: Histogram,
    group_events: Histogram,
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Self {
        let requests = Family::default();
        let seconds = Family::new_with_constructor(request_seconds as fn() -> Histogram);
        let events = Family::default();
        let conflicts = Counter::default();
        let group_batches = Histogram::new(exponential_buckets(1.0, 2.0, 10));
        let group_events = Histogram::new(exponential_buckets(1.0, 2.0, 10));
        let mut registry = Registry::with_prefix("kokoni");
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "Time to the answer", seconds.clone());
        registry.register("events", "Events answered for, by outcome", events.clone());
        registry.register(
            "event_conflicts",
            "Events that came with a number already taken by other content",
            conflicts.clone(),
        );
        registry.register(
            "group_batches",
            "Batches of phones in one commit",
            group_batches.clone(),
        );
        registry.register("group_events", "Events in one commit", group_events.clone());
        Self {
            registry,
            requests,
            seconds,
            events,
            conflicts,
            group_batches,
            group_events,
        }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let (method, route) = (known_method(method), route.to_owned());
        let labels = Answered {
            method: method.to_owned(),
            route: route.clone(),
            status,
        };
        self.requests.get_or_create(&labels).inc();
        self.seconds
            .get_or_create(&Route { route })
            .observe(took.as_secs_f64());
    }

    /// An event was answered for.
    pub(crate) fn event(&self, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Applied => "applied",
            Outcome::Duplicate => "duplicate",
            Outcome::Rejected(_) => "rejected",
            Outcome::Retry | Outcome::Unknown => "retry",
        };
        self.events.get_or_create(&Ended { outcome }).inc();
    }

    /// A number came again with other content.
    pub(crate) fn conflict(&self) {
        self.conflicts.inc();
    }

    /// A group was committed.
    pub(crate) fn group(&self, batches: usize, events: usize) {
        self.group_batches.observe(batches as f64);
        self.group_events.observe(events as f64);
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Half a millisecond to eight seconds.
fn request_seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 15))
}

/// Methods are few; what a stranger makes up is one.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
