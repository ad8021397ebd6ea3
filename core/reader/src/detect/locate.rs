//! From three finders to grids: sides measured along the symbol's own axes, the number of modules
//! from the timing lines, the fourth point from the alignment pattern.

use super::finder::Finder;
use super::pattern::KnownModule;
use super::plane::Plane;
use super::triple::Triple;
use crate::decode::tables::{alignment_centres, version_of};
use crate::geometry::{Homography, Match, Vector, vector};

/// Grey levels of a symbol from its three finders: a plane for the middle between dark and light,
/// one number for half their distance (negative when inverted).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    origin: f32,
    per_u: f32,
    per_v: f32,
    half: f32,
}

impl Levels {
    /// From the stones and light rings of the three finders of a grid; `None` off the image.
    pub(crate) fn measure(
        plane: &Plane<'_>,
        map: &Homography,
        side: usize,
        inverted: bool,
    ) -> Option<Self> {
        let far = side as f32 - 3.5;
        let (mut middle, mut half) = ([0.0; 3], 0.0);
        for (middle, (u, v)) in middle.iter_mut().zip([(3.5, 3.5), (far, 3.5), (3.5, far)]) {
            let (mut dark, mut light) = (0.0, 0.0);
            for (du, dv) in AROUND {
                dark += plane.sample(map.map(u + du * 0.8, v + dv * 0.8))? / 8.0;
                light += plane.sample(map.map(u + du * 2.0, v + dv * 2.0))? / 8.0;
            }
            *middle = (dark + light) / 2.0;
            half += (light - dark) / 6.0;
        }
        let half = half.abs().max(1.0);
        let k = 1.0 / (side as f32 - 7.0);
        let (per_u, per_v) = ((middle[1] - middle[0]) * k, (middle[2] - middle[0]) * k);
        Some(Self {
            origin: middle[0] - 3.5 * (per_u + per_v),
            per_u,
            per_v,
            half: if inverted { -half } else { half },
        })
    }

    /// How dark a grey level is at (u, v): -1 light to 1 dark.
    #[inline]
    fn darkness(&self, u: f32, v: f32, level: f32) -> f32 {
        let middle = self.origin + self.per_u * u + self.per_v * v;
        ((middle - level) / self.half).clamp(-1.0, 1.0)
    }
}

pub(super) const AROUND: [(f32, f32); 8] = [
    (-1.0, -1.0),
    (0.0, -1.0),
    (1.0, -1.0),
    (-1.0, 0.0),
    (1.0, 0.0),
    (-1.0, 1.0),
    (0.0, 1.0),
    (1.0, 1.0),
];

/// A number of modules that three finders may have, with its projective map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) side: usize,
    pub(crate) map: Homography,
    pub(crate) levels: Levels,
    /// Agreement of the timing lines: 1 when every module is as it should be, 0 by chance.
    pub(crate) timing: f32,
}

/// What was measured at three finders.
#[derive(Default)]
pub(crate) struct Measured {
    /// In modules from a finder's centre, with the finder's number.
    marks: Vec<(usize, Vector, Vector)>,
    centres: [Vector; 3],
    matches: Vec<Match>,
    pub(crate) inverted: bool,
}

/// Finder centres count four times as much as single edges in a fit: each is a mean of lines.
const CENTRE_WEIGHT: f32 = 4.0;
/// An alignment pattern stands alone in its corner.
const ALIGNMENT_WEIGHT: f32 = 12.0;

impl Measured {
    /// Measures the finders' edges along the sides of the triple. The number of modules a side,
    /// as a fraction, or `None` when edges are missing or the sides disagree.
    pub(crate) fn measure(&mut self, plane: &Plane<'_>, triple: &Triple) -> Option<f32> {
        let finders = triple.finders();
        let [a, b, c] = finders.map(|f| f.centre);
        self.inverted = finders[0].inverted;
        let (ab, ac) = (b - a, c - a);
        let axes = [ab * (1.0 / ab.length()), ac * (1.0 / ac.length())];
        self.marks.clear();
        let mut module = [[0f32; 2]; 3];
        for (i, finder) in finders.iter().enumerate() {
            let middle = finder_middle(plane, finder)?;
            let mut centre = finder.centre;
            for (axis, &along) in axes.iter().enumerate() {
                let (p, m) = (
                    edges(plane, finder, along, middle),
                    edges(plane, finder, along * -1.0, middle),
                );
                let unit = if axis == 0 {
                    vector(1.0, 0.0)
                } else {
                    vector(0.0, 1.0)
                };
                // The mean of both edges of the outer ring lies 3 modules out, whatever the
                // threshold and the blur.
                module[i][axis] = match (p, m) {
                    (Some(p), Some(m)) => {
                        let off = (p[0] - m[0] + p[2] - m[2]) / 4.0;
                        centre = centre + along * (off * 0.8);
                        let out = finder.centre + along * ((p[1] + p[2]) / 2.0);
                        let back = finder.centre - along * ((m[1] + m[2]) / 2.0);
                        self.marks.push((i, unit * 3.0, out));
                        self.marks.push((i, unit * -3.0, back));
                        (p[1] + p[2] + m[1] + m[2]) / 12.0
                    }
                    (Some(e), None) | (None, Some(e)) => (e[1] + e[2]) / 6.0,
                    (None, None) => return None,
                };
            }
            self.centres[i] = centre;
        }
        let [a, b, c] = self.centres;
        let across = b.distance(a) / (module[0][0] * module[1][0]).sqrt();
        let down = c.distance(a) / (module[0][1] * module[2][1]).sqrt();
        // Both count the same modules; the geometric mean of the two ends' module sizes is exact
        // under perspective, edges are good to a tenth of a module.
        if across > 1.5 * down || down > 1.5 * across {
            return None;
        }
        let side = (across + down) / 2.0 + 7.0;
        (side > 17.0 && side < 186.0).then_some(side)
    }

    fn fit(&mut self, side: usize, more: &[Match]) -> Option<Homography> {
        let far = side as f32 - 3.5;
        let at = [vector(3.5, 3.5), vector(far, 3.5), vector(3.5, far)];
        self.matches.clear();
        for (from, &to) in at.iter().zip(&self.centres) {
            self.matches.push(Match {
                from: *from,
                to,
                weight: CENTRE_WEIGHT,
            });
        }
        for &(i, offset, to) in &self.marks {
            self.matches.push(Match {
                from: at[i] + offset,
                to,
                weight: 1.0,
            });
        }
        self.matches.extend_from_slice(more);
        Homography::fit(&self.matches)
    }

    /// The sides near `side` modules, that of the best timing lines first.
    pub(crate) fn candidates(&mut self, plane: &Plane<'_>, side: f32, out: &mut Vec<Candidate>) {
        out.clear();
        let version = (side - 17.0) / 4.0;
        let (low, high) = (
            (version - 1.6).ceil().max(1.0),
            (version + 1.6).floor().min(40.0),
        );
        for version in low as usize..=high as usize {
            let side = 17 + 4 * version;
            let Some(map) = self.fit(side, &[]) else {
                continue;
            };
            let Some(levels) = Levels::measure(plane, &map, side, self.inverted) else {
                continue;
            };
            let timing = timing(plane, &map, side, &levels);
            out.push(Candidate {
                side,
                map,
                levels,
                timing,
            });
        }
        out.sort_unstable_by(|a, b| b.timing.total_cmp(&a.timing));
    }

    /// Maps which also go through the alignment patterns, best first: for versions 2 to 6 up to
    /// three places for the only one; from 7 the whole lattice of them, from the finders outwards.
    pub(crate) fn align(
        &mut self,
        plane: &Plane<'_>,
        candidate: &Candidate,
        out: &mut Vec<Homography>,
    ) -> usize {
        out.clear();
        let Some(version) = version_of(candidate.side) else {
            return 0;
        };
        if version == 1 {
            return 0;
        }
        let n = candidate.side as f32;
        let mut search = AlignmentSearch {
            plane,
            levels: &candidate.levels,
            looks: 0,
        };
        if version < 7 {
            let centre = n - 6.5;
            let reach = (n * 0.12).clamp(2.5, 9.0);
            let (places, count) = search.places(&candidate.map, centre, centre, reach);
            for &(to, _) in &places[..count] {
                let from = vector(centre, centre);
                let found = [Match {
                    from,
                    to,
                    weight: ALIGNMENT_WEIGHT,
                }];
                out.extend(self.fit(candidate.side, &found));
            }
        } else {
            out.extend(self.align_lattice(&mut search, candidate));
        }
        search.looks
    }

    fn align_lattice(
        &mut self,
        search: &mut AlignmentSearch<'_>,
        candidate: &Candidate,
    ) -> Option<Homography> {
        let (centres, count) = alignment_centres(version_of(candidate.side)?);
        let last = count - 1;
        let mut map = candidate.map;
        let mut found = [Match {
            from: Vector::default(),
            to: Vector::default(),
            weight: 0.0,
        }; 46];
        let mut number = 0;
        // By growing distance from the top left corner, so that each is predicted from nearer ones.
        for ring in 1..=2 * last {
            let before = number;
            for i in 0..=last.min(ring) {
                let j = ring - i;
                if j > last || [(0, last), (last, 0)].contains(&(i, j)) {
                    continue;
                }
                let (u, v) = (centres[i] as f32 + 0.5, centres[j] as f32 + 0.5);
                let (places, count) = search.places(&map, u, v, 2.5);
                if count > 0 && places[0].1 > 0.5 && number < found.len() {
                    let from = vector(u, v);
                    let weight = ALIGNMENT_WEIGHT / 3.0;
                    found[number] = Match {
                        from,
                        to: places[0].0,
                        weight,
                    };
                    number += 1;
                }
            }
            if number > before {
                map = self.fit(candidate.side, &found[..number])?;
            }
        }
        (number > 0).then_some(map)
    }
}

/// The grey level between a finder's stone and ring on one side and its light ring on the other,
/// measured around it so that it holds for every direction.
pub(super) fn finder_middle(plane: &Plane<'_>, finder: &Finder) -> Option<f32> {
    // A pattern whose rows and columns measure `size` has modules of size / 7 to size / 9.9.
    let module = finder.size / 8.0;
    let (mut stone, mut ring) = (0.0, 0.0);
    for (dx, dy) in AROUND {
        let unit = vector(dx, dy) * (1.0 / (dx * dx + dy * dy).sqrt());
        stone += plane.sample(finder.centre + unit * (0.7 * module))?;
        // The extreme along the line is the ring, wherever exactly it lies.
        let mut extreme: Option<f32> = None;
        for i in 3..=7 {
            let level = plane.sample(finder.centre + unit * (module * 0.45 * i as f32));
            extreme = match (extreme, level) {
                (Some(e), Some(l)) if finder.inverted => Some(e.min(l)),
                (Some(e), Some(l)) => Some(e.max(l)),
                (e, l) => e.or(l),
            };
        }
        ring += extreme?;
    }
    Some((stone + ring) / 16.0)
}

/// Distances from a finder's centre along a ray to the edges 1.5, 2.5 and 3.5 modules out, where
/// the grey level crosses `middle`, to a fraction of a pixel.
pub(super) fn edges(
    plane: &Plane<'_>,
    finder: &Finder,
    along: Vector,
    middle: f32,
) -> Option<[f32; 3]> {
    let sign = if finder.inverted { -1.0 } else { 1.0 };
    let step = (finder.size / 40.0).clamp(0.5, 2.0);
    let most = finder.size * 1.6 + 3.0;
    let mut out = [0.0; 3];
    let (mut found, mut distance) = (0, 0.0);
    // Positive inside the stone.
    let mut last = (middle - plane.sample(finder.centre)?) * sign;
    if last <= 0.0 {
        return None;
    }
    let mut want = -1.0;
    while distance < most {
        distance += step;
        let Some(level) = plane.sample(finder.centre + along * distance) else {
            if found == 2 {
                out[2] = distance;
                return Some(out);
            }
            return None;
        };
        let value = (middle - level) * sign;
        if value * want > 0.0 {
            out[found] = distance - step * (value / (value - last));
            found += 1;
            want = -want;
            if found == 3 {
                return Some(out);
            }
        }
        last = value;
    }
    None
}

fn timing(plane: &Plane<'_>, map: &Homography, side: usize, levels: &Levels) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0f32);
    for i in 8..side - 8 {
        let along = i as f32 + 0.5;
        for (u, v) in [(along, 6.5), (6.5, along)] {
            if let Some(level) = plane.sample(map.map(u, v)) {
                let darkness = levels.darkness(u, v, level);
                sum += if i % 2 == 0 { darkness } else { -darkness };
                count += 1.0;
            }
        }
    }
    sum / count.max(1.0)
}

/// Agreement of known modules with a map before any climbing.
pub(crate) fn fit_of(
    plane: &Plane<'_>,
    map: &Homography,
    levels: &Levels,
    modules: &[KnownModule],
) -> f32 {
    let mut sum = 0.0;
    for m in modules {
        let (u, v) = m.middle();
        if let Some(level) = plane.sample(map.map(u, v)) {
            sum += levels.darkness(u, v, level) * m.sign();
        }
    }
    sum / modules.len().max(1) as f32
}

struct AlignmentSearch<'a> {
    plane: &'a Plane<'a>,
    levels: &'a Levels,
    looks: usize,
}

/// Agreement from which an alignment pattern is beyond doubt: at most two of its 25 modules, or a
/// quarter of each, are off; random modules reach it once in a million places.
const CERTAIN: f32 = 0.8;

/// Where an alignment pattern may be, with how well it agrees (1 at best).
type Places = ([(Vector, f32); 3], usize);

impl AlignmentSearch<'_> {
    /// The best places within `reach` modules of where `map` expects the pattern centred at
    /// (u, v); at most three, more than one and a half modules apart.
    fn places(&mut self, map: &Homography, u: f32, v: f32, reach: f32) -> Places {
        let o = map.map(u, v);
        let (du, dv) = (map.map(u + 1.0, v) - o, map.map(u, v + 1.0) - o);
        let mut best: Places = ([(o, f32::MIN); 3], 0);
        let apart = 1.6 * du.length().max(dv.length());
        let steps = (reach * 2.0) as i32;
        // Nearest first: what agrees well within a module of the expected place is taken at once.
        let near = 2;
        for j in -near..=near {
            for i in -near..=near {
                let p = o + du * (i as f32 * 0.5) + dv * (j as f32 * 0.5);
                let score = self.score(p, u, v, du, dv);
                if score > 0.3 {
                    insert(&mut best, p, score, apart);
                }
            }
        }
        let wide = best.1 == 0 || best.0[0].1 < CERTAIN;
        for j in -steps..=steps {
            if !wide {
                break;
            }
            for i in -steps..=steps {
                if i.abs() <= near && j.abs() <= near {
                    continue;
                }
                let p = o + du * (i as f32 * 0.5) + dv * (j as f32 * 0.5);
                // What is nearer is likelier: perspective shifts the corner by few modules.
                let far = ((i * i + j * j) as f32).sqrt() * 0.5;
                let score = self.score(p, u, v, du, dv) - far * 0.012;
                if score > 0.3 {
                    insert(&mut best, p, score, apart);
                }
            }
        }
        let (places, count) = (&mut best.0, best.1);
        for place in &mut places[..count] {
            for step in [0.25f32, 0.12] {
                let base = place.0;
                for j in -1..=1 {
                    for i in -1..=1 {
                        let p = base + du * (i as f32 * step) + dv * (j as f32 * step);
                        let score = self.score(p, u, v, du, dv);
                        if score > place.1 {
                            *place = (p, score);
                        }
                    }
                }
            }
        }
        best
    }

    fn score(&mut self, p: Vector, u: f32, v: f32, du: Vector, dv: Vector) -> f32 {
        self.looks += 1;
        let mut sum = 0.0;
        // The middle first: most places are refused by it.
        for y in [0i32, -1, 1, -2, 2] {
            for x in -2..=2i32 {
                let ring = x.abs().max(y.abs());
                let q = p + du * x as f32 + dv * y as f32;
                let Some(level) = self.plane.sample(q) else {
                    return f32::MIN;
                };
                let darkness = self.levels.darkness(u, v, level);
                // The centre counts three times, the light ring one and a half: 1 + 8 + 16
                // modules of weight 3, 12 and 16.
                sum += match ring {
                    0 => darkness * 3.0,
                    1 => darkness * -1.5,
                    _ => darkness,
                };
            }
            // 12.0 is all that the other rows and columns could add.
            if y == 0 && sum < 0.0 {
                return f32::MIN;
            }
        }
        sum / 31.0
    }
}

fn insert(best: &mut Places, p: Vector, score: f32, apart: f32) {
    let (places, count) = (&mut best.0, &mut best.1);
    if let Some(near) = places[..*count]
        .iter()
        .position(|q| q.0.distance(p) < apart)
    {
        if score > places[near].1 {
            places[near] = (p, score);
        }
    } else if *count < places.len() {
        places[*count] = (p, score);
        *count += 1;
    } else if score > places[2].1 {
        places[2] = (p, score);
    }
    places[..*count].sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
}
