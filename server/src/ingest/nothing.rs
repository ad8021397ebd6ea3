//! What is answered when nothing is kept: the shape of an answer without a store behind it, so that
//! what the store costs can be told from what everything around it costs.

use kokoni_model::ids::{IncarnationId, PlaceId};
use kokoni_model::wire::events::{BatchReply, EventAnswer, Outcome, Rejection};
use kokoni_model::wire::views::{MyState, PresenceView};
use uuid::Uuid;

use super::apply::Settled;
use super::batch::Content;
use super::floors::ChangedPlaces;
use super::group::Work;

/// Answers for a batch as if everybody came to a seat that was free.
pub(super) fn settle(work: &Work, incarnation: IncarnationId) -> Settled {
    let (received, answers) = match work {
        Work::Batch(batch) => (
            batch.received,
            batch
                .events
                .iter()
                .map(|event| EventAnswer {
                    seq: event.named_seq,
                    outcome: match &event.content {
                        Content::Event(_) => Outcome::Applied,
                        Content::Refused(reason) => Outcome::Rejected(Rejection {
                            reason: reason.clone(),
                            who: None,
                        }),
                    },
                })
                .collect(),
        ),
        Work::Here(here) => (
            here.at,
            vec![EventAnswer {
                seq: 1,
                outcome: Outcome::Applied,
            }],
        ),
    };
    let answers: Vec<EventAnswer> = answers;
    let today = received.to_utc().unwrap_or_default().date_naive();
    Settled {
        changed: ChangedPlaces {
            organisation: work.caller().organisation,
            places: Vec::new(),
            today,
            at: received,
        },
        reply: BatchReply {
            incarnation,
            received_us: received,
            held_through: answers.iter().map(|answer| answer.seq).max().unwrap_or(0),
            answers,
            me: Some(MyState {
                date: today,
                presence: PresenceView::Present {
                    place: PlaceId::from_uuid(Uuid::nil()),
                    since_us: received,
                },
                first_us: Some(received),
                telework_declared: false,
                loans: Vec::new(),
            }),
        },
        conflicts: 0,
    }
}
