//! Reads a label of a known host from sampled modules: known codewords first, then the catalogue;
//! and proves, block by block, that it is one.

use kokoni_model::label::{Host, LabelId};
use kokoni_model::reading::How;

use super::PreparedCatalogue;
use super::acceptance::threshold;
use super::bias::means;
use super::evidence::{Evidence, score};
use super::search::{Effort, SearchWork};
use super::weigh::{Expected, Role, Weigher};
use crate::decode::blocks::LabelCorrector;
use crate::decode::known::{CodeBit, KnownLabel};
use crate::decode::layout::mask_inverts;
use crate::decode::ordered::OrderedDecoder;

const MASKS: usize = 8;

/// Agreement of the known data modules below which a look at a grid is not worth more work. Chance
/// stays below it for all masks of a grid together in 99.9 % of looks; a label that can be read
/// has 7 and more.
const LEAST_KNOWN_SCORE: f32 = 4.0;
/// A mask whose known modules agree nearly as well as the best one's is tried too.
const NEAR_TIE: f32 = 1.5;
/// By how much the best label's score must exceed the second's: chance differences have a spread of
/// √2, so the right label is not the second but for one case in a thousand even among labels that
/// have passed the threshold.
const LEAST_LEAD: f32 = 4.4;

/// A label read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelRead {
    /// Its id.
    pub label: LabelId,
    /// Whether the catalogue holds it.
    pub known: bool,
    /// By known codewords, or by the catalogue.
    pub how: How,
}

/// The label of a catalogue that agrees best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Its id.
    pub label: LabelId,
    /// Its score: of mean 0 and variance 1 for a wrong label.
    pub score: f32,
    /// The next label's score.
    pub second: f32,
}

/// The known data modules under one mask, as indices and colours.
type KnownModules = Vec<(u16, bool)>;

/// Reads labels of one host; owns its buffers.
pub struct LabelReader {
    plan: KnownLabel,
    by_mask: [KnownModules; MASKS],
    /// Expected parity of the blocks that are the same in every label.
    constant_parity: Vec<Vec<(usize, bool)>>,
    expected: Vec<Expected>,
    module_weights: Vec<f32>,
    varying: Vec<f32>,
    frame: Evidence,
    weigher: Weigher,
    corrector: LabelCorrector,
    ordered: Option<OrderedDecoder>,
    means: Vec<f32>,
    work: SearchWork,
}

impl LabelReader {
    /// A reader of this host's labels; `None` when they fit no symbol, which no valid host reaches.
    pub fn new(host: &Host) -> Option<Self> {
        let plan = KnownLabel::new(host)?;
        let by_mask = std::array::from_fn(|mask| {
            plan.known_data_modules(mask as u8)
                .map(|(module, dark)| (module as u16, dark))
                .collect()
        });
        let known_bit = |&bit: &u16| match plan.bits()[usize::from(bit)] {
            CodeBit::Known(set) => Some((usize::from(bit), set)),
            CodeBit::Varies => None,
        };
        let constant = plan.label_blocks().iter().filter(|block| block.constant);
        let constant_parity = constant
            .map(|block| block.parity.iter().filter_map(known_bit).collect())
            .collect();
        let mut expected = vec![Expected::default(); plan.side() * plan.side()];
        for (module, dark) in plan.layout().function_modules() {
            expected[module] = Expected {
                role: Role::Function,
                sign: sign(dark),
            };
        }
        Some(Self {
            by_mask,
            constant_parity,
            expected,
            module_weights: Vec::new(),
            varying: Vec::new(),
            frame: Evidence::default(),
            weigher: Weigher::default(),
            corrector: LabelCorrector::default(),
            ordered: OrderedDecoder::new(&plan),
            means: means(plan.varying()),
            work: SearchWork::default(),
            plan,
        })
    }

    /// Modules a side of this host's labels.
    pub fn side(&self) -> usize {
        self.plan.side()
    }

    /// What is known of the labels it reads.
    pub(crate) fn plan(&self) -> &KnownLabel {
        &self.plan
    }

    /// Masks by how well the known data modules agree, the best first: score and mask.
    pub(crate) fn rank_masks(&self, modules: &[f32]) -> [(f32, u8); MASKS] {
        let mut ranked = std::array::from_fn(|mask| {
            let known = self.by_mask[mask]
                .iter()
                .map(|&(module, dark)| (usize::from(module), dark));
            (score(modules, known), mask as u8)
        });
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked
    }

    /// Reads a grid's modules, row by row as printed, positive where dark and 0 where nothing was
    /// seen. `trial` is the number of grids looked at in this frame, this one included: every look
    /// makes chance likelier and raises the thresholds.
    pub fn read(
        &mut self,
        modules: &[f32],
        catalogue: Option<&PreparedCatalogue>,
        trial: usize,
        effort: Effort,
    ) -> Option<LabelRead> {
        if modules.len() != self.expected.len() {
            return None;
        }
        let ranked = self.rank_masks(modules);
        let hopeful = ranked
            .iter()
            .take(2)
            .filter(|&&(score, _)| score >= LEAST_KNOWN_SCORE && score > ranked[0].0 - NEAR_TIE);
        for (number, &(_, mask)) in hopeful.enumerate() {
            self.look(modules, mask);
            let frame = std::mem::take(&mut self.frame);
            let read = self.judge(&frame, catalogue, 2 * trial.max(1) - 1 + number, effort);
            self.frame = frame;
            if read.is_some() {
                return read;
            }
        }
        None
    }

    /// What the grid read last says of a label's bits, to be added to that of other frames.
    pub fn frame(&self) -> &Evidence {
        &self.frame
    }

    /// The catalogue's label that agrees best with the grid looked at last, proof or not: for
    /// measuring how near wrong labels come.
    pub fn nearest(&mut self, catalogue: &PreparedCatalogue) -> Option<Nearest> {
        let weights = self.frame.weights();
        if weights.len() != self.plan.bits().len() {
            return None;
        }
        self.varying.clear();
        self.varying.extend(
            self.plan
                .varying()
                .iter()
                .map(|varying| weights[varying.bit]),
        );
        let table = catalogue.table()?;
        let best = table.search(&self.varying, Effort::Full, &mut self.work)?;
        Some(Nearest {
            label: table.label(best.index)?,
            score: best.score,
            second: best.second,
        })
    }

    /// Weighs the modules under a mask.
    pub(crate) fn look(&mut self, modules: &[f32], mask: u8) {
        for expected in &mut self.expected {
            if expected.role != Role::Function {
                *expected = Expected::default();
            }
        }
        for (number, &(module, dark)) in self.by_mask[usize::from(mask)].iter().enumerate() {
            // Halves by bits of a codeword: each holds half of every codeword.
            let role = if number % 2 == 0 {
                Role::First
            } else {
                Role::Second
            };
            self.expected[usize::from(module)] = Expected {
                role,
                sign: sign(dark),
            };
        }
        let side = self.plan.side();
        self.weigher
            .weigh(side, modules, &self.expected, &mut self.module_weights);
        let places = self
            .plan
            .layout()
            .data_order()
            .iter()
            .take(self.plan.bits().len());
        let module_weights = &self.module_weights;
        self.frame.set_frame(places.map(|&place| {
            let place = usize::from(place);
            let weight = module_weights[place];
            if mask_inverts(mask, place % side, place / side) {
                -weight
            } else {
                weight
            }
        }));
    }

    /// The label that evidence, of one frame or of several, proves.
    pub fn judge(
        &mut self,
        evidence: &Evidence,
        catalogue: Option<&PreparedCatalogue>,
        trial: usize,
        effort: Effort,
    ) -> Option<LabelRead> {
        let weights = evidence.weights();
        if weights.len() != self.plan.bits().len() || !self.constant_blocks_agree(weights) {
            return None;
        }
        if let Some(label) = self.corrector.correct(&self.plan, weights) {
            let known = catalogue.is_some_and(|catalogue| catalogue.contains(&label));
            return Some(LabelRead {
                label,
                known,
                how: How::KnownCodewords,
            });
        }
        self.varying.clear();
        self.varying.extend(
            self.plan
                .varying()
                .iter()
                .map(|varying| weights[varying.bit]),
        );
        let table = catalogue.and_then(PreparedCatalogue::table);
        if let Some(table) = table
            && let Some(best) = table.search(&self.varying, effort, &mut self.work)
            && best.score >= threshold(table.len() as f64, trial)
            && best.score - best.second >= LEAST_LEAD
            && let Some(label) = table.label(best.index)
            && self.every_block_agrees(weights, &label)
        {
            return Some(LabelRead {
                label,
                known: true,
                how: How::Catalogue,
            });
        }
        let label = self.ordered.as_mut()?.decode(&self.varying)?;
        let known = catalogue.is_some_and(|catalogue| catalogue.contains(&label));
        let read = LabelRead {
            label,
            known,
            how: How::KnownCodewords,
        };
        let proved =
            self.stands_alone(weights, &label, trial) && self.every_block_agrees(weights, &label);
        proved.then_some(read)
    }

    /// The score that the parity of each block must reach by itself. Looks at one symbol show the
    /// same bits again and again, so they do not raise it.
    fn block_threshold(&self) -> f32 {
        threshold(self.plan.label_blocks().len() as f64, 1)
    }

    fn constant_blocks_agree(&self, weights: &[f32]) -> bool {
        let least = self.block_threshold();
        let mut blocks = self.constant_parity.iter();
        blocks.all(|parity| score(weights, parity.iter().copied()) >= least)
    }

    fn every_block_agrees(&self, weights: &[f32], label: &LabelId) -> bool {
        let words = self.plan.codewords(label);
        let least = self.block_threshold();
        self.plan.label_blocks().iter().all(|block| {
            let parity = block.parity.iter().map(|&bit| usize::from(bit));
            score(weights, parity.map(|bit| (bit, is_set(&words, bit)))) >= least
        })
    }

    /// Whether a label that was sought among all ids, not only among those of a catalogue, agrees
    /// better than any of them would by chance; in each block by itself, because a symbol that is
    /// nearly a label may share the other blocks with one.
    fn stands_alone(&self, weights: &[f32], label: &LabelId, trial: usize) -> bool {
        let words = self.plan.codewords(label);
        self.plan
            .label_blocks()
            .iter()
            .filter(|block| !block.constant)
            .all(|block| {
                let (mut sum, mut squares) = (0.0f32, 0.0f32);
                for &place in &block.varying {
                    let bit = self.plan.varying()[usize::from(place)].bit;
                    let weight = weights[bit];
                    sum += weight * (sign(is_set(&words, bit)) - self.means[usize::from(place)]);
                    squares += weight * weight;
                }
                let least = threshold((block.id_bits as f64).exp2(), trial);
                squares > 0.0 && sum >= least * squares.sqrt()
            })
    }
}

fn is_set(words: &[u8], bit: usize) -> bool {
    words[bit / 8] >> (7 - bit % 8) & 1 == 1
}

fn sign(dark: bool) -> f32 {
    if dark { 1.0 } else { -1.0 }
}
