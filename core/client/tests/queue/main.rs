//! What the queue and the sync promise, against a fake server that holds real state.

#[path = "../common/mod.rs"]
mod common;

mod clocks;
mod enrolment;
mod knowing;
mod leaving;
mod limits;
mod looking_on;
mod names;
mod obstacles;
mod overtaken;
mod recording;
mod restored;
mod sending;
mod taking_back;
mod tokens;

use kokoni_client::{CallOptions, Engine, Obstacle, Recorded, SyncOutcome};
use kokoni_model::event::{Meaning, Via};
use kokoni_model::label::LabelId;

pub(crate) fn sit(engine: &Engine, label: LabelId) -> Recorded {
    engine
        .record(label, Meaning::Sit, Via::Camera)
        .expect("saved")
}

pub(crate) fn outcome(engine: &Engine) -> SyncOutcome {
    engine.sync(&CallOptions::default()).expect("a sync")
}

pub(crate) fn why(engine: &Engine) -> Obstacle {
    match outcome(engine) {
        SyncOutcome::Offline { why, .. } => why,
        other => panic!("{other:?}"),
    }
}
