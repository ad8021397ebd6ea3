//! Frames add up: what of a frame's readings is news. A label in the hand is reported once, not
//! thirty times a second, until it has been out of sight.

use kokoni_model::label::LabelId;
use kokoni_model::reading::{Content, Reading};

/// Frames without a label after which it counts as newly shown: about a second of preview. Shorter
/// gaps are a hand's blur, not a decision.
const FRAMES_OUT_OF_SIGHT: u64 = 30;

/// Labels remembered; more are never before one lens together.
const MOST_REMEMBERED: usize = 32;

/// What was seen lately in this camera session.
#[derive(Default)]
pub(crate) struct Session {
    frame: u64,
    seen: Vec<Seen>,
}

struct Seen {
    label: LabelId,
    frame: u64,
}

impl Session {
    /// Begins anew, as when the camera is opened.
    pub(crate) fn reset(&mut self) {
        self.frame = 0;
        self.seen.clear();
    }

    /// Takes note of a frame's readings, nearest the centre first. Says whether the nearest label
    /// was in sight a moment ago.
    pub(crate) fn note(&mut self, readings: &[Reading]) -> bool {
        self.frame += 1;
        let now = self.frame;
        self.seen
            .retain(|seen| now - seen.frame <= FRAMES_OUT_OF_SIGHT);
        let mut repeated = None;
        for reading in readings {
            let Content::Label { label, .. } = reading.content else {
                continue;
            };
            let place = self.seen.iter().position(|seen| seen.label == label);
            repeated.get_or_insert(place.is_some());
            if let Some(place) = place {
                self.seen[place].frame = now;
            } else if self.seen.len() < MOST_REMEMBERED {
                self.seen.push(Seen { label, frame: now });
            }
        }
        repeated.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kokoni_model::reading::{How, Point};

    fn label(number: u8) -> Reading {
        Reading {
            content: Content::Label {
                label: LabelId::from_bytes([number; 10]),
                known: true,
            },
            corners: [Point { x: 0.0, y: 0.0 }; 4],
            how: How::General,
        }
    }

    #[test]
    fn a_label_in_the_hand_is_news_once() {
        let mut session = Session::default();
        assert!(!session.note(&[label(1)]));
        assert!(session.note(&[label(1)]));
        assert!(!session.note(&[label(2)]), "another label is news");
        assert!(session.note(&[label(1)]), "the first was here a moment ago");
    }

    #[test]
    fn a_blurred_moment_does_not_make_it_news_again_but_a_second_away_does() {
        let mut session = Session::default();
        session.note(&[label(1)]);
        (0..10).for_each(|_| assert!(!session.note(&[])));
        assert!(session.note(&[label(1)]));
        (0..FRAMES_OUT_OF_SIGHT).for_each(|_| assert!(!session.note(&[])));
        assert!(!session.note(&[label(1)]));
    }

    #[test]
    fn only_the_label_nearest_the_centre_decides() {
        let mut session = Session::default();
        session.note(&[label(2)]);
        assert!(!session.note(&[label(1), label(2)]));
        assert!(session.note(&[label(1), label(3)]));
    }

    #[test]
    fn a_reset_forgets() {
        let mut session = Session::default();
        session.note(&[label(1)]);
        session.reset();
        assert!(!session.note(&[label(1)]));
    }

    #[test]
    fn memory_is_bounded_however_many_labels_pass_by() {
        let mut session = Session::default();
        for number in 0..=255 {
            session.note(&[label(number)]);
        }
        assert!(session.seen.len() <= MOST_REMEMBERED);
    }
}
