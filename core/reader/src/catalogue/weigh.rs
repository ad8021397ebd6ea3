//! From sampled modules to evidence: an equaliser trained on the modules that are known, and the
//! trust that each neighbourhood deserves.
//!
//! Blur and motion mix a module with its neighbours. The least-squares filter of 5 × 5 modules that
//! best turns the samples into the known colours undoes what can be undone (J. G. Proakis, *Digital
//! Communications*, 4th ed., 10.2). Then each module's value is divided by what the known modules
//! around show of mean and spread, which makes it a log-likelihood ratio: glare, dirt and torn-off
//! parts fall silent by themselves.
//!
//! What is trained on a module must not judge it: a filter of 26 numbers fits chance to some degree.
//! Known data modules are split into two halves; each half is weighed with the filter and the trust
//! that the other half and the function patterns give.

/// Half the filter's side, rounded down: blur of up to two modules is undone.
const REACH: usize = 2;
const SIDE: usize = 2 * REACH + 1;
/// Taps and a constant.
const TAPS: usize = SIDE * SIDE + 1;
const CENTRE: usize = SIDE * SIDE / 2;

/// Pull of the filter towards doing nothing, in squared values a known module.
const RIDGE: f32 = 0.003;
/// Largest value a module is believed to have after the filter; ±1 is expected.
const MOST_VALUE: f32 = 1.3;
/// Spread that is always assumed, so that a clean neighbourhood does not count without bound.
const LEAST_VARIANCE: f32 = 0.08;
/// Neighbourhood of trust: modules to each side, and the square of its radius.
const TRUST_REACH: usize = 4;
const TRUST_RADIUS_SQUARED: f32 = 9.0;

/// Who may learn from a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Nobody: its colour is what is asked.
    #[default]
    Asked,
    /// Everybody: part of a function pattern.
    Function,
    /// Known data, first half: only the other half, and modules asked for.
    First,
    /// Known data, second half.
    Second,
}

/// A module known or not: its role, and +1 for dark, -1 for light.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected {
    pub(super) role: Role,
    pub(super) sign: f32,
}

/// Sums over known modules of products of features (upper triangle) and with the colour.
#[derive(Clone)]
struct Normal {
    products: [[f32; TAPS]; TAPS],
    targets: [f32; TAPS],
    count: f32,
}

impl Normal {
    const EMPTY: Self = Self {
        products: [[0.0; TAPS]; TAPS],
        targets: [0.0; TAPS],
        count: 0.0,
    };

    fn add(&mut self, features: &[f32; TAPS], sign: f32) {
        for (row, &feature) in self.products.iter_mut().zip(features) {
            for (sum, &other) in row.iter_mut().zip(features) {
                *sum += feature * other;
            }
        }
        for (sum, &feature) in self.targets.iter_mut().zip(features) {
            *sum += feature * sign;
        }
        self.count += 1.0;
    }

    fn merged(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (row, more) in sum.products.iter_mut().zip(&other.products) {
            row.iter_mut().zip(more).for_each(|(a, b)| *a += b);
        }
        sum.targets
            .iter_mut()
            .zip(&other.targets)
            .for_each(|(a, b)| *a += b);
        sum.count += other.count;
        sum
    }

    /// The filter: regularised least squares by Cholesky's factorisation. Without enough to learn
    /// from it passes the middle module through.
    fn solve(mut self) -> [f32; TAPS] {
        let mut filter = [0.0; TAPS];
        filter[CENTRE] = 1.0;
        let ridge = RIDGE * self.count + f32::MIN_POSITIVE;
        for i in 0..TAPS {
            self.products[i][i] += ridge;
        }
        let mut factor = [[0f32; TAPS]; TAPS];
        for i in 0..TAPS {
            for j in 0..=i {
                let dot: f32 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
                let rest = self.products[i][j] - dot;
                if i == j {
                    if rest.is_nan() || rest <= 0.0 {
                        return filter;
                    }
                    factor[i][i] = rest.sqrt();
                } else {
                    factor[i][j] = rest / factor[j][j];
                }
            }
        }
        let mut y = self.targets;
        for i in 0..TAPS {
            let dot: f32 = (0..i).map(|k| factor[i][k] * y[k]).sum();
            y[i] = (y[i] - dot) / factor[i][i];
        }
        for i in (0..TAPS).rev() {
            let dot: f32 = (i + 1..TAPS).map(|k| factor[k][i] * y[k]).sum();
            y[i] = (y[i] - dot) / factor[i][i];
        }
        y
    }
}

/// Sums around each module, for the three roles that are known.
#[derive(Clone, Debug, Default)]
struct Trust {
    count: Vec<f32>,
    agreement: Vec<f32>,
    squares: Vec<f32>,
}

impl Trust {
    fn clear(&mut self, modules: usize) {
        for sums in [&mut self.count, &mut self.agreement, &mut self.squares] {
            sums.clear();
            sums.resize(modules, 0.0);
        }
    }

    fn spread(&mut self, side: usize, scratch: &mut Vec<f32>) {
        for sums in [&mut self.count, &mut self.agreement, &mut self.squares] {
            spread(side, sums, scratch);
        }
    }
}

/// Replaces each value by the sum around it, weighted by a bell of [`TRUST_RADIUS_SQUARED`].
fn spread(side: usize, values: &mut [f32], scratch: &mut Vec<f32>) {
    let bell: [f32; TRUST_REACH + 1] =
        std::array::from_fn(|d| (-((d * d) as f32) / TRUST_RADIUS_SQUARED).exp());
    let reach = TRUST_REACH as isize;
    // Along the rows, then along the columns; whole slices at a time, which vectorises.
    scratch.clear();
    scratch.resize(values.len(), 0.0);
    for (sums, row) in scratch
        .chunks_exact_mut(side)
        .zip(values.chunks_exact(side))
    {
        for offset in -reach..=reach {
            let distance = offset.unsigned_abs();
            let (to, from) = if offset < 0 {
                (distance, 0)
            } else {
                (0, distance)
            };
            let weight = bell[distance];
            let overlap = sums[to..].iter_mut().zip(&row[from..]);
            overlap.for_each(|(sum, value)| *sum += weight * value);
        }
    }
    values.fill(0.0);
    for (row, sums) in values.chunks_exact_mut(side).enumerate() {
        for other in row.saturating_sub(TRUST_REACH)..(row + TRUST_REACH + 1).min(side) {
            let weight = bell[row.abs_diff(other)];
            let along = &scratch[other * side..][..side];
            sums.iter_mut()
                .zip(along)
                .for_each(|(sum, value)| *sum += weight * value);
        }
    }
}

/// Weighs modules; owns its buffers.
#[derive(Clone, Debug, Default)]
pub(super) struct Weigher {
    padded: Vec<f32>,
    values: Vec<f32>,
    trust: [Trust; 3],
    scratch: Vec<f32>,
}

impl Weigher {
    /// Log-likelihood ratios of dark to light for every module, into `weights`. `modules` are
    /// positive where dark and 0 where nothing was seen; `expected` says what is known of each.
    pub(super) fn weigh(
        &mut self,
        side: usize,
        modules: &[f32],
        expected: &[Expected],
        weights: &mut Vec<f32>,
    ) {
        self.pad(side, modules);
        self.equalise(side, modules, expected);
        self.gather_trust(side, modules, expected);
        weights.clear();
        let seen = modules.iter().zip(&self.values).zip(expected).enumerate();
        weights.extend(seen.map(|(index, ((&module, &value), expected))| {
            if module == 0.0 {
                0.0
            } else {
                self.weight(index, value, expected.role)
            }
        }));
    }

    /// The samples with a border of quiet zone, which is light.
    fn pad(&mut self, side: usize, modules: &[f32]) {
        let width = side + 2 * REACH;
        self.padded.clear();
        self.padded.resize(width * width, -1.0);
        for (row, values) in modules.chunks_exact(side).enumerate() {
            self.padded[(row + REACH) * width + REACH..][..side].copy_from_slice(values);
        }
    }

    fn features(&self, side: usize, index: usize) -> [f32; TAPS] {
        let width = side + 2 * REACH;
        let corner = index / side * width + index % side;
        let mut features = [1.0; TAPS];
        for (row, taps) in features[..SIDE * SIDE].chunks_exact_mut(SIDE).enumerate() {
            taps.copy_from_slice(&self.padded[corner + row * width..][..SIDE]);
        }
        features
    }

    fn equalise(&mut self, side: usize, modules: &[f32], expected: &[Expected]) {
        let mut sums = [Normal::EMPTY, Normal::EMPTY, Normal::EMPTY];
        for (index, expected) in expected.iter().enumerate() {
            if modules[index] != 0.0
                && let Some(number) = expected.role.learner()
            {
                sums[number].add(&self.features(side, index), expected.sign);
            }
        }
        let [function, first, second] = sums;
        let without_first = function.merged(&second);
        let all = without_first.merged(&first).solve();
        let without_second = function.merged(&first).solve();
        let without_first = without_first.solve();
        self.values.clear();
        for (index, expected) in expected.iter().enumerate() {
            let filter = match expected.role {
                Role::First => &without_first,
                Role::Second => &without_second,
                Role::Asked | Role::Function => &all,
            };
            let features = self.features(side, index);
            let value: f32 = features.iter().zip(filter).map(|(f, w)| f * w).sum();
            self.values.push(value.clamp(-MOST_VALUE, MOST_VALUE));
        }
    }

    fn gather_trust(&mut self, side: usize, modules: &[f32], expected: &[Expected]) {
        for trust in &mut self.trust {
            trust.clear(modules.len());
        }
        for (index, expected) in expected.iter().enumerate() {
            if modules[index] != 0.0
                && let Some(number) = expected.role.learner()
            {
                let agreement = self.values[index] * expected.sign;
                let trust = &mut self.trust[number];
                trust.count[index] = 1.0;
                trust.agreement[index] = agreement;
                trust.squares[index] = agreement * agreement;
            }
        }
        for trust in &mut self.trust {
            trust.spread(side, &mut self.scratch);
        }
    }

    fn weight(&self, index: usize, value: f32, role: Role) -> f32 {
        let learners: &[usize] = match role {
            Role::First => &[0, 2],
            Role::Second => &[0, 1],
            Role::Asked | Role::Function => &[0, 1, 2],
        };
        let (mut count, mut agreement, mut squares) = (1e-3, 0.0, 0.0);
        for &number in learners {
            let trust = &self.trust[number];
            count += trust.count[index];
            agreement += trust.agreement[index];
            squares += trust.squares[index];
        }
        let mean = (agreement / count).max(0.0);
        let variance = (squares / count - mean * mean).max(0.0) + LEAST_VARIANCE;
        2.0 * mean * value / variance
    }
}

impl Role {
    /// Which sums a module of this role goes into.
    fn learner(self) -> Option<usize> {
        match self {
            Self::Asked => None,
            Self::Function => Some(0),
            Self::First => Some(1),
            Self::Second => Some(2),
        }
    }
}
