//! Labels of the known host, in one frame and over the frames of one hand: what a single frame
//! cannot prove, several together can.

use kokoni_model::label::Host;
use kokoni_model::reading::Point;

use crate::catalogue::{Effort, Evidence, LabelRead, LabelReader, PreparedCatalogue};
use crate::content::middle_of;
use crate::detect::pattern::{KnownModule, mix};

/// Score of the known modules from which a look is worth keeping for the next frame: a label that
/// can be read has 7 and more, chance stays below 4 in 99.9 % of looks.
const LEAST_KNOWN_SCORE: f32 = 4.0;

/// Agreement with what was kept from which a frame shows the same label, wherever it is. Two
/// labels agree by 0 with a deviation of 1.
const SAME_LABEL: f32 = 3.0;

/// Agreement below which a frame shows another label, even in the same place.
const OTHER_LABEL: f32 = -2.0;

/// Frames without a look after which what was kept is stale: a third of a second.
const STALE_AFTER: u32 = 10;

/// Looks for labels of one host, and what earlier frames said of the one in sight.
pub(crate) struct LabelSight {
    reader: LabelReader,
    /// By mask, every module whose colour is known: function patterns, prefix and padding.
    known: Vec<Vec<KnownModule>>,
    kept: Evidence,
    kept_at: [Point; 4],
    frames_without: u32,
    best: Evidence,
    best_score: f32,
    best_at: [Point; 4],
    /// Looks at the frame so far: each raises the thresholds of the next.
    trials: usize,
    /// Units of work done in this frame.
    work: usize,
}

/// Units of work for comparing a grid with the known modules of all masks.
const WORK_PER_RANKING: usize = 5_000;

/// Units of work for weighing a grid's modules and seeking the likeliest label.
const WORK_PER_READING: usize = 200_000;

/// Units of work for each label of the catalogue in a search, quick or full.
const fn work_per_label(effort: Effort) -> usize {
    match effort {
        Effort::Quick => 5,
        Effort::Full => 16,
    }
}

const MASKS: u8 = 8;

const NOWHERE: [Point; 4] = [Point { x: 0.0, y: 0.0 }; 4];

impl LabelSight {
    /// For labels of this host.
    pub(crate) fn new(host: &Host) -> Option<Self> {
        let reader = LabelReader::new(host)?;
        let (plan, side) = (reader.plan(), reader.side());
        let known = (0..MASKS)
            .map(|mask| {
                let patterns = plan.layout().function_modules();
                let modules = patterns.chain(plan.known_data_modules(mask));
                let mut modules = modules
                    .map(|(index, dark)| KnownModule::new(side, index, dark))
                    .collect();
                mix(&mut modules);
                modules
            })
            .collect();
        Some(Self {
            reader,
            known,
            kept: Evidence::default(),
            kept_at: NOWHERE,
            frames_without: 0,
            best: Evidence::default(),
            best_score: 0.0,
            best_at: NOWHERE,
            trials: 0,
            work: 0,
        })
    }

    /// Modules a side of the labels.
    pub(crate) fn side(&self) -> usize {
        self.reader.side()
    }

    /// By mask, every module of a label whose colour is known.
    pub(crate) fn known(&self) -> &[Vec<KnownModule>] {
        &self.known
    }

    /// Forgets earlier frames.
    pub(crate) fn reset(&mut self) {
        self.forget();
        self.begin();
    }

    /// Starts with a new frame.
    pub(crate) fn begin(&mut self) {
        self.best.clear();
        self.best_score = 0.0;
        self.trials = 0;
        self.work = 0;
    }

    /// Units of work done in this frame.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    fn charge(&mut self, catalogue: Option<&PreparedCatalogue>, effort: Effort) {
        let labels = catalogue.map_or(0, PreparedCatalogue::len);
        self.work += WORK_PER_READING + labels * work_per_label(effort);
    }

    /// Looks at a grid's modules in this frame alone.
    pub(crate) fn look(
        &mut self,
        modules: &[f32],
        corners: [Point; 4],
        catalogue: Option<&PreparedCatalogue>,
        effort: Effort,
    ) -> Option<LabelRead> {
        self.work += WORK_PER_RANKING;
        let score = self.reader.rank_masks(modules)[0].0;
        if score < LEAST_KNOWN_SCORE {
            return None;
        }
        self.trials += 1;
        self.charge(catalogue, effort);
        let read = self.reader.read(modules, catalogue, self.trials, effort);
        if read.is_none() && score > self.best_score {
            self.best_score = score;
            self.best_at = corners;
            self.best.clone_from(self.reader.frame());
        }
        read
    }

    /// A label was read in this frame: what was kept has served.
    pub(crate) fn forget(&mut self) {
        self.kept.clear();
        self.frames_without = 0;
    }

    /// At the end of a frame in which no label was read: adds its best look to what earlier frames
    /// said, and judges the sum.
    pub(crate) fn add_up(
        &mut self,
        catalogue: Option<&PreparedCatalogue>,
    ) -> Option<(LabelRead, [Point; 4])> {
        if self.best_score < LEAST_KNOWN_SCORE {
            self.frames_without += 1;
            if self.frames_without > STALE_AFTER {
                self.forget();
            }
            return None;
        }
        self.frames_without = 0;
        let varying = self.reader.plan().varying().iter().map(|v| v.bit);
        let agreement = self.kept.agreement(&self.best, varying);
        let stayed = near(&self.kept_at, &self.best_at) && agreement > OTHER_LABEL;
        if self.kept.frames() == 0 || !(stayed || agreement >= SAME_LABEL) {
            self.kept.clear();
        }
        self.kept.add(&self.best);
        self.kept_at = self.best_at;
        if self.kept.frames() < 2 {
            return None;
        }
        self.trials += 1;
        self.charge(catalogue, Effort::Full);
        let trial = 2 * self.trials;
        let read = self
            .reader
            .judge(&self.kept, catalogue, trial, Effort::Full)?;
        self.forget();
        Some((read, self.best_at))
    }
}

/// Whether a label can have stayed where it was: its middle moved by less than half its side.
fn near(a: &[Point; 4], b: &[Point; 4]) -> bool {
    let ((ax, ay), (bx, by)) = (middle_of(a), middle_of(b));
    let side = (b[1].x - b[0].x).hypot(b[1].y - b[0].y);
    (ax - bx).hypot(ay - by) < side / 2.0
}
