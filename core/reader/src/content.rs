//! What a decoded message means to us, and how readings of one frame are put in order.

use kokoni_model::label::{Host, parse_scanned_text};
use kokoni_model::reading::{Content, Point, Reading};

use crate::catalogue::PreparedCatalogue;
use crate::decode::Message;

/// What a message means. Only a plain message can be a label, byte for byte.
pub(crate) fn content_of(
    message: &Message,
    host: Option<&Host>,
    catalogue: Option<&PreparedCatalogue>,
) -> Content {
    let plain = message.fnc1.is_none() && message.structured_append.is_none();
    let label = host
        .filter(|_| plain)
        .and_then(|host| parse_scanned_text(host, &message.text).ok());
    match label {
        Some(label) => Content::Label {
            label,
            known: catalogue.is_some_and(|catalogue| catalogue.contains(&label)),
        },
        None => Content::Foreign {
            text: message.text.clone(),
        },
    }
}

/// The same symbol found twice: the same content, with middles within half a side.
pub(crate) fn is_double(readings: &[Reading], new: &Reading) -> bool {
    let (x, y) = middle_of(&new.corners);
    let [a, b, ..] = new.corners;
    let side = (b.x - a.x).hypot(b.y - a.y);
    readings.iter().any(|old| {
        let (ox, oy) = middle_of(&old.corners);
        old.content == new.content && (ox - x).hypot(oy - y) < side / 2.0
    })
}

/// Puts the reading nearest the frame's centre first.
pub(crate) fn nearest_first(readings: &mut [Reading], width: usize, height: usize) {
    let centre = ((width - 1) as f32 / 2.0, (height - 1) as f32 / 2.0);
    let distance = |reading: &Reading| {
        let (x, y) = middle_of(&reading.corners);
        (x - centre.0).hypot(y - centre.1)
    };
    readings.sort_unstable_by(|a, b| distance(a).total_cmp(&distance(b)));
}

pub(crate) fn middle_of(corners: &[Point; 4]) -> (f32, f32) {
    let sum = corners
        .iter()
        .fold((0.0, 0.0), |sum, c| (sum.0 + c.x, sum.1 + c.y));
    (sum.0 / 4.0, sum.1 / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Fnc1, StructuredAppend};
    use kokoni_model::label::{LabelId, label_text};
    use kokoni_model::reading::How;

    fn host() -> Host {
        Host::new("k.example.jp").expect("a host")
    }

    fn message(text: &str) -> Message {
        Message {
            text: text.to_owned(),
            ..Default::default()
        }
    }

    fn reading(text: &str, x: f32, y: f32) -> Reading {
        let corner = |dx: f32, dy: f32| Point {
            x: x + dx,
            y: y + dy,
        };
        Reading {
            content: Content::Foreign {
                text: text.to_owned(),
            },
            corners: [
                corner(-5.0, -5.0),
                corner(5.0, -5.0),
                corner(5.0, 5.0),
                corner(-5.0, 5.0),
            ],
            how: How::General,
        }
    }

    #[test]
    fn a_label_text_in_a_message_of_another_kind_is_no_label() {
        let label = LabelId::from_bytes([3; 10]);
        let text = label_text(&host(), &label);
        let plain = message(&text);
        let known = false;
        assert_eq!(
            content_of(&plain, Some(&host()), None),
            Content::Label { label, known }
        );
        let part = StructuredAppend {
            index: 0,
            total: 2,
            parity: 0,
        };
        let of_a_sequence = Message {
            structured_append: Some(part),
            ..message(&text)
        };
        let of_commerce = Message {
            fnc1: Some(Fnc1::Gs1),
            ..message(&text)
        };
        for other in [of_a_sequence, of_commerce] {
            let foreign = Content::Foreign { text: text.clone() };
            assert_eq!(content_of(&other, Some(&host()), None), foreign);
        }
    }

    #[test]
    fn the_same_text_elsewhere_is_another_symbol() {
        let there = [reading("a", 50.0, 50.0)];
        assert!(is_double(&there, &reading("a", 52.0, 51.0)));
        assert!(!is_double(&there, &reading("a", 60.0, 50.0)));
        assert!(!is_double(&there, &reading("b", 50.0, 50.0)));
    }

    #[test]
    fn the_reading_nearest_the_centre_comes_first() {
        let mut readings = [reading("far", 5.0, 5.0), reading("near", 60.0, 45.0)];
        nearest_first(&mut readings, 101, 101);
        assert_eq!(readings[0], reading("near", 60.0, 45.0));
    }
}
