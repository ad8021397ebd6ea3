//! Which three finders belong to one symbol.

use super::finder::Finder;

/// Three finders as the corners top left, top right, bottom left of a symbol that is not mirrored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triple {
    pub(crate) top_left: Finder,
    pub(crate) top_right: Finder,
    pub(crate) bottom_left: Finder,
    /// The smaller, the likelier.
    score: f32,
}

impl Triple {
    pub(crate) fn finders(&self) -> [Finder; 3] {
        [self.top_left, self.top_right, self.bottom_left]
    }
}

/// Most triples kept. Eight symbols have eight true ones, and the ranking puts nearly all of those
/// first; the rest is for frames full of decoys.
const MOST_TRIPLES: usize = 120;

/// Fills `out` with what may be symbols, likeliest first. At most 32 finders of each polarity come
/// in, so at most 14,880 triples of each are looked at.
pub(crate) fn rank(finders: &[Finder], out: &mut Vec<Triple>) {
    out.clear();
    for (i, &a) in finders.iter().enumerate() {
        for (j, &b) in finders.iter().enumerate() {
            if j == i || b.inverted != a.inverted {
                continue;
            }
            for (k, &c) in finders.iter().enumerate().skip(j + 1) {
                if k != i && c.inverted == a.inverted {
                    out.extend(triple(a, b, c));
                }
            }
        }
    }
    out.sort_unstable_by(|a, b| a.score.total_cmp(&b.score));
    out.truncate(MOST_TRIPLES);
}

/// `a` as the corner between `b` and `c`, if that can be a symbol seen from any sensible place.
fn triple(a: Finder, b: Finder, c: Finder) -> Option<Triple> {
    let (small, large) = (
        a.size.min(b.size).min(c.size),
        a.size.max(b.size).max(c.size),
    );
    // A symbol as far away as it is wide and tilted by 65 degrees shows its near finders twice as
    // large as the far one; the measured width adds a pixel on each side, and turns with the axes.
    if large > 2.5 * small + 2.0 {
        return None;
    }
    let (ab, ac) = (b.centre - a.centre, c.centre - a.centre);
    let (lb, lc) = (ab.length(), ac.length());
    let module = (small + large) / 14.0;
    // Centres are 14 modules apart in version 1 and 170 in version 40. Rows and columns cross a
    // turned finder at up to sqrt 2 of its width, hence 11 (14 / sqrt 2, rounded up) and 260; a
    // tilt by 65 degrees shortens one side to 0.42.
    let shortest = lb.min(lc);
    let longest = lb.max(lc);
    if shortest < 5.5 * module || longest < 10.0 * module || longest > 260.0 * module {
        return None;
    }
    if longest > 3.0 * shortest {
        return None;
    }
    let cosine = ab.dot(ac) / (lb * lc);
    if cosine.abs() > 0.75 {
        return None;
    }
    let (b, c) = if ab.cross(ac) < 0.0 { (c, b) } else { (b, c) };
    // Near ones of one size with a right angle first. The hypotenuse counts a little, so that of
    // the triples of one symbol the one with the true corner leads.
    let hypotenuse = c.centre.distance(b.centre);
    let skew = (lb - lc).abs() / (lb + lc) + cosine.abs() + (large / small - 1.0) * 0.5;
    let score = (lb + lc + hypotenuse * 0.2) / module * (1.0 + 1.5 * skew);
    Some(Triple {
        top_left: a,
        top_right: b,
        bottom_left: c,
        score,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::vector;

    fn finder(x: f32, y: f32) -> Finder {
        Finder {
            centre: vector(x, y),
            size: 28.0,
            inverted: false,
            contrast: 90.0,
            likeness: 1.0,
        }
    }

    #[test]
    fn the_corner_between_the_sides_is_found_in_any_order() {
        let corners = [
            finder(100.0, 100.0),
            finder(188.0, 100.0),
            finder(100.0, 188.0),
        ];
        for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut out = vec![];
            rank(&order.map(|i| corners[i]), &mut out);
            let best = out[0].finders().map(|f| f.centre);
            assert_eq!(best, corners.map(|f| f.centre));
        }
    }

    #[test]
    fn finders_of_other_polarity_make_no_triple() {
        let mut corners = [
            finder(100.0, 100.0),
            finder(188.0, 100.0),
            finder(100.0, 188.0),
        ];
        corners[2].inverted = true;
        let mut out = vec![];
        rank(&corners, &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn each_of_four_symbols_side_by_side_leads_with_its_own_finders() {
        let mut finders = vec![];
        for (x, y) in [(50.0, 50.0), (300.0, 60.0), (60.0, 300.0), (310.0, 310.0)] {
            finders.extend([finder(x, y), finder(x + 88.0, y), finder(x, y + 88.0)]);
        }
        let mut out = vec![];
        rank(&finders, &mut out);
        for t in &out[..4] {
            let [a, b, c] = t.finders().map(|f| f.centre);
            assert!((a.distance(b) - 88.0).abs() < 1.0 && (a.distance(c) - 88.0).abs() < 1.0);
        }
    }
}
