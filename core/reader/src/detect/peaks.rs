//! Which three peaks of the correlation belong to one symbol.

use super::correlate::Peak;
use crate::geometry::Vector;

/// Three peaks as the finders of a symbol of `side` modules: its corners top left, top right and
/// bottom left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeakTriple {
    pub(crate) corners: [Vector; 3],
    pub(crate) inverted: bool,
    score: f32,
}

/// Most triples of peaks kept.
const MOST_TRIPLES: usize = 16;

/// What the scores of three peaks together, less their skew, must reach: nearly that of three of the least
/// in place. Of 50 labels that were read in this way one had less.
const LEAST_TOGETHER: f32 = 0.9;

/// How much the sizes of one symbol's peaks may differ, and how near and far they may be, as a share
/// of where they should be.
const MOST_RATIO: f32 = 1.5;
const NEAREST: f32 = 0.6;
const FARTHEST: f32 = 1.45;

/// Whether any third peak can make two of them finders of one side: most pairs are refused by this.
fn may_be_neighbours(a: &Peak, b: &Peak, span: f32) -> bool {
    let (small, large) = (
        a.finder.size.min(b.finder.size),
        a.finder.size.max(b.finder.size),
    );
    let (least, most) = (
        small + large + large / MOST_RATIO,
        small + large + small * MOST_RATIO,
    );
    let distance = a.finder.centre.distance(b.finder.centre);
    large <= MOST_RATIO * small
        && distance > NEAREST * span * least / 21.0
        && distance < FARTHEST * span * most / 21.0
}

/// The likeliest triples of peaks, into `out`. A peak's size is good to a fifth, and tilt shortens
/// a side; so distances may be off by two fifths.
pub(crate) fn triples(peaks: &[Peak], side: usize, out: &mut Vec<PeakTriple>) {
    out.clear();
    let span = (side - 7) as f32;
    for (i, a) in peaks.iter().enumerate() {
        for (j, b) in peaks.iter().enumerate() {
            if j == i || b.finder.inverted != a.finder.inverted {
                continue;
            }
            if !may_be_neighbours(a, b, span) {
                continue;
            }
            for (k, c) in peaks.iter().enumerate().skip(j + 1) {
                if k == i || c.finder.inverted != a.finder.inverted {
                    continue;
                }
                let sizes = [a, b, c].map(|p| p.finder.size);
                let small = sizes[0].min(sizes[1]).min(sizes[2]);
                let large = sizes[0].max(sizes[1]).max(sizes[2]);
                if large > MOST_RATIO * small {
                    continue;
                }
                let module = (sizes[0] + sizes[1] + sizes[2]) / 21.0;
                let (ab, ac) = (
                    b.finder.centre - a.finder.centre,
                    c.finder.centre - a.finder.centre,
                );
                let (lb, lc) = (ab.length(), ac.length());
                let fits = |l: f32| l > NEAREST * span * module && l < FARTHEST * span * module;
                let cosine = ab.dot(ac) / (lb * lc).max(1.0);
                if !fits(lb) || !fits(lc) || cosine.abs() > 0.5 {
                    continue;
                }
                let skew = cosine.abs() + (lb - lc).abs() / (lb + lc);
                let score = a.score + b.score + c.score - skew;
                if score < LEAST_TOGETHER {
                    continue;
                }
                let clockwise = ab.cross(ac) > 0.0;
                let (b, c) = if clockwise { (b, c) } else { (c, b) };
                out.push(PeakTriple {
                    corners: [a.finder.centre, b.finder.centre, c.finder.centre],
                    inverted: a.finder.inverted,
                    score,
                });
            }
        }
    }
    out.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
    out.truncate(MOST_TRIPLES);
}
