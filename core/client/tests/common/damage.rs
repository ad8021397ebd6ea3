//! What happens to files: bits flip, pages are zeroed, the end is cut off.

use kokoni_client::Engine;
use kokoni_trials::Dice;

use super::Phone;

/// How many damaged databases were set aside.
pub(crate) fn set_aside(phone: &Phone) -> usize {
    std::fs::read_dir(phone.path().join("data"))
        .expect("a folder")
        .filter(|entry| {
            let name = entry.as_ref().expect("an entry").file_name();
            name.to_string_lossy().ends_with(".db")
                && name.to_string_lossy().starts_with("damaged-")
        })
        .count()
}

/// How many records are told as lost.
pub(crate) fn lost(engine: &Engine) -> u64 {
    let losses = engine.losses().expect("read");
    losses
        .iter()
        .map(|loss| loss.last_seq - loss.first_seq + 1)
        .sum()
}

/// What was done to a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Damage {
    Flips,
    ZeroedPage,
    CutOff,
}

impl Damage {
    pub(crate) const EVERY: [Self; 3] = [Self::Flips, Self::ZeroedPage, Self::CutOff];

    /// Does it; gives the pages that are not what they were.
    pub(crate) fn strike(self, bytes: &mut Vec<u8>, dice: &mut Dice) -> Vec<usize> {
        let pages = bytes.len() / PAGE;
        match self {
            Self::Flips => (0..=dice.below(4))
                .map(|_| {
                    let at = dice.below(bytes.len());
                    bytes[at] ^= 1 << dice.below(8);
                    at / PAGE
                })
                .collect(),
            Self::ZeroedPage => {
                let page = dice.below(pages);
                bytes[page * PAGE..(page + 1) * PAGE].fill(0);
                vec![page]
            }
            Self::CutOff => {
                let length = dice.below(bytes.len());
                bytes.truncate(length);
                (length / PAGE..pages).collect()
            }
        }
    }
}

pub(crate) const PAGE: usize = 4096;

/// Puts a damaged database in the place of whatever is there, with the mark that was kept beside it.
pub(crate) fn put(phone: &Phone, bytes: &[u8], mark: &[u8]) {
    let data = phone.path().join("data");
    for entry in std::fs::read_dir(&data).expect("a folder").flatten() {
        if entry.file_name().to_string_lossy().contains(".db") {
            std::fs::remove_file(entry.path()).expect("removed");
        }
    }
    std::fs::write(data.join("high-water"), mark).expect("written");
    std::fs::write(phone.database(), bytes).expect("written");
}
