//! The labels that exist, prepared for reading; and reading with what is known.
//!
//! # What is known
//!
//! Of a label of our host everything is known before the frame arrives but the 88 data bits of its
//! id and the parity that depends on them (`decode::known`). With a catalogue
//! those bits can only be as in one of its labels.
//!
//! # How a label is told from all others
//!
//! After the mask is laid off, let x_j = ±1 be the j-th varying bit of a label and w_j what the
//! frame says of it: positive where it looks set, larger where the picture can be trusted. The
//! score of a label is
//!
//! ```text
//!     z = Σ w_j (x_j − m_j) / √(Σ w_j²)
//! ```
//!
//! with m_j the mean of x_j over all ids. The weights come from the frame and from the known
//! modules alone, never from the catalogue. So for every label but the one shown the x_j are
//! random, whatever the frame shows, because ids are random: z has mean 0 and variance at most 1
//! *by construction*, and by Hoeffding's inequality exceeds t with a probability of at most
//! exp(−t²/2), if the x_j are independent. For N labels and H looks at a frame the best wrong
//! score stays below √(2 ln(N H / 1e-9)) but for one frame in 1e9; see `acceptance` for how the
//! looks share that.
//!
//! The x_j are not quite independent: 80 random bits make up some 300. In a block they are jointly
//! uniform over any as many codewords as there are id codewords in it (the code is maximum distance
//! separable), so the variance is exact, moments up to the tenth are those of independent bits, and
//! the distances between labels are distributed as between random words, except that two labels
//! differ in at least `parity + 1` codewords of a block. The tail itself is therefore measured
//! (`cargo run --release -p kokoni-reader --example null_distribution`): frames of labels outside a
//! catalogue of 20,000, and how many of them have a wrong label above a score.
//!
//! | host, version | frames | > 4.0 | > 4.5 | > 5.0 | > 5.5 | > 6.0 | highest |
//! |---|---|---|---|---|---|---|---|
//! | 12 characters, 4 | 20,000 | 8,230 | 1,038 | 66 | 2 | 0 | 5.63 |
//! | were scores normal | 20,000 | 9,385 | 1,314 | 114 | 7.6 | 0.4 | |
//! | 25 characters, 5 | 10,000 | 4,267 | 512 | 34 | 3 | 0 | 5.91 |
//! | 4 characters, 3 | 10,000 | 4,151 | 514 | 27 | 2 | 0 | 5.70 |
//! | were scores normal | 10,000 | 4,692 | 657 | 57 | 3.8 | 0.2 | |
//!
//! The tail above 4.75 is that of a normal distribution with a deviation of 0.93 (12 characters; at
//! most 0.985 with 95 % confidence), 0.95 and 0.95 (at most 1.04): above the threshold of 7.89 lie
//! at most 1.1e-11 and 2.9e-10 of the frames. In the same runs 40,000 frames of near misses (an id
//! of the catalogue behind a prefix wrong in one character) gave no label.
//!
//! # How a label is told from what is nearly one
//!
//! A symbol that carries an id of the catalogue under another path, host or scheme shares the id's
//! data bits, and where prefix and id lie in different blocks even their parity. What it cannot
//! share is the parity of the block its prefix differs in: there every parity codeword differs.
//! So an answer counts only if *every block by itself* agrees in its parity bits, by the same
//! inequality ([`LabelReader`]). And since the weights are trained on known modules, which assumes
//! what is to be proved, each half of the known bits is judged with weights trained on the other
//! half and on function patterns only.
//!
//! # Without a catalogue
//!
//! First Reed-Solomon with the known codewords given (`LabelCorrector`); a result counts if random
//! codewords would give it once in 1e12 (`log2_odds`). Where that gives up, the likeliest of all
//! ids is sought by its bits (`OrderedDecoder`); among 2^b ids with b of their bits in a block,
//! the threshold of that block is that for 2^b alternatives: 12.4 for 80 bits.

pub(crate) mod acceptance;
mod bias;
mod evidence;
mod reader;
mod search;
mod weigh;

use kokoni_model::catalogue::Catalogue;
use kokoni_model::label::{Host, LabelId};

use self::search::LabelTable;
use crate::decode::known::KnownLabel;

pub use self::evidence::Evidence;
pub use self::reader::{LabelRead, LabelReader, Nearest};
pub use self::search::Effort;

/// A catalogue made ready once, shared by every reader: at most 64 bytes a label.
pub struct PreparedCatalogue {
    host: Host,
    table: Option<LabelTable>,
}

impl PreparedCatalogue {
    /// Prepares a catalogue; a label that stands in it twice counts once.
    pub fn new(catalogue: &Catalogue) -> Self {
        let plan = KnownLabel::new(&catalogue.host);
        Self {
            table: plan.map(|plan| LabelTable::new(&plan, &catalogue.labels)),
            host: catalogue.host.clone(),
        }
    }

    /// The host of its labels.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Labels in it.
    pub fn len(&self) -> usize {
        self.table.as_ref().map_or(0, LabelTable::len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a label is in it.
    pub fn contains(&self, label: &LabelId) -> bool {
        self.table
            .as_ref()
            .is_some_and(|table| table.contains(label))
    }

    pub(crate) fn table(&self) -> Option<&LabelTable> {
        self.table.as_ref()
    }
}

#[cfg(test)]
mod tests;
