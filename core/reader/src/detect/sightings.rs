//! Finders of all passes over one frame, with their shapes, in pixels of the frame.

use super::finder::Finder;
use super::plane::{Plane, scale_of};
use super::shape::FinderShape;
use crate::geometry::vector;

/// Most finders remembered: five symbols and as many decoys again in each of four passes.
const MOST_FINDERS: usize = 64;
/// Most shapes remembered; pairs of them grow with the square. Those with the straightest sides
/// stay.
const MOST_SHAPES: usize = 16;

/// The finders seen so far in a frame.
#[derive(Default)]
pub(crate) struct Sightings {
    finders: Vec<Finder>,
    shapes: Vec<FinderShape>,
}

impl Sightings {
    pub(crate) fn clear(&mut self) {
        self.finders.clear();
        self.shapes.clear();
    }

    pub(crate) fn finders(&self) -> &[Finder] {
        &self.finders
    }

    /// The straightest first.
    pub(crate) fn shapes(&self) -> &[FinderShape] {
        &self.shapes
    }

    /// Notes a finder found in `searched`, the copy of the frame at `level`, which may have been
    /// sharpened; `grey` is the same copy with its own grey levels.
    pub(crate) fn note(
        &mut self,
        searched: &Plane<'_>,
        grey: &Plane<'_>,
        level: usize,
        finder: &Finder,
    ) {
        let (scale, shift) = scale_of(level);
        let centre = vector(
            finder.centre.x * scale + shift,
            finder.centre.y * scale + shift,
        );
        let in_frame = Finder {
            centre,
            size: finder.size * scale,
            ..*finder
        };
        let same = self.finders.iter().position(|s| {
            s.inverted == finder.inverted && s.centre.distance(centre) < 0.4 * s.size
        });
        match same {
            Some(i) if in_frame.contrast > self.finders[i].contrast => self.finders[i] = in_frame,
            Some(_) => {}
            None if self.finders.len() < MOST_FINDERS => self.finders.push(in_frame),
            None => {}
        }
        let Some(shape) = FinderShape::measure(searched, finder) else {
            return;
        };
        let Some(shape) = shape.with_levels(grey) else {
            return;
        };
        self.note_shape(shape.scaled(scale, shift));
    }

    fn note_shape(&mut self, shape: FinderShape) {
        let same = self.shapes.iter().position(|s| {
            s.inverted == shape.inverted
                && s.centre.distance(shape.centre) < 3.0 * s.module().min(shape.module())
        });
        match same {
            Some(i) if self.shapes[i].error <= shape.error => return,
            Some(i) => {
                self.shapes.remove(i);
            }
            None => {}
        }
        let place = self.shapes.partition_point(|s| s.error <= shape.error);
        if place < MOST_SHAPES {
            self.shapes.truncate(MOST_SHAPES - 1);
            self.shapes.insert(place, shape);
        }
    }
}
