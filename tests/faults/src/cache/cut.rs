//! The power cut: what was durable, and which moments the rest is left at.

use std::collections::BTreeMap;

use kokoni_trials::Dice;

use super::{Change, Entry, History, Image};

/// How a disk loses its cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// All of it.
    Forgets,
    /// None of it: the power went when everything was just written back.
    Keeps,
    /// In order, up to some moment; the write of that moment is torn.
    Tears,
    /// Every sector and every name for itself.
    Scatters,
}

impl Manner {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Forgets, Self::Keeps, Self::Tears, Self::Scatters];
}

/// What happened to a file's bytes since its last sync, and when.
#[derive(Clone, Debug)]
enum Pending<'a> {
    Write { offset: usize, bytes: &'a [u8] },
    Truncate { size: usize },
}

/// A file, whatever its name.
#[derive(Clone, Debug, Default)]
struct File<'a> {
    durable: Vec<u8>,
    pending: Vec<(u64, Pending<'a>)>,
}

/// Which file a name means: on the disk, and since then.
#[derive(Clone, Debug, Default)]
struct Name {
    durable: Option<usize>,
    pending: Vec<(u64, Option<usize>)>,
}

impl Name {
    fn now(&self) -> Option<usize> {
        self.pending.last().map_or(self.durable, |(_, file)| *file)
    }
}

/// The disk and its cache at one point of a history.
#[derive(Debug, Default)]
struct State<'a> {
    files: Vec<File<'a>>,
    names: BTreeMap<&'a str, Name>,
}

impl<'a> State<'a> {
    fn new(before: &'a Image) -> Self {
        let mut state = Self::default();
        for (name, bytes) in &before.0 {
            let durable = Some(state.files.len());
            state.files.push(File {
                durable: bytes.clone(),
                pending: Vec::new(),
            });
            let pending = Vec::new();
            state.names.insert(name, Name { durable, pending });
        }
        state
    }

    /// # Panics
    /// When a file is changed that is not there: the history would be wrong.
    fn file(&mut self, name: &str) -> &mut File<'a> {
        let number = self.names.get(name).and_then(Name::now);
        &mut self.files[number.expect("the file is there")]
    }

    fn apply(&mut self, time: u64, change: &'a Change) {
        match change {
            Change::Create { name } => {
                self.files.push(File::default());
                let file = Some(self.files.len() - 1);
                let name = self.names.entry(name).or_default();
                name.pending.push((time, file));
            }
            Change::Write {
                name,
                offset,
                bytes,
            } => {
                let offset = usize::try_from(*offset).expect("a small file");
                let write = Pending::Write { offset, bytes };
                self.file(name).pending.push((time, write));
            }
            Change::Truncate { name, size } => {
                let size = usize::try_from(*size).expect("a small file");
                let truncate = Pending::Truncate { size };
                self.file(name).pending.push((time, truncate));
            }
            Change::Sync { name, folder } => {
                let file = self.file(name);
                for (_, pending) in std::mem::take(&mut file.pending) {
                    pending.apply(&mut file.durable);
                }
                self.sync_folder(*folder);
            }
            Change::FailedSync { name } => self.file(name).pending.clear(),
            Change::Delete { name, folder } => {
                let entry = self.names.entry(name).or_default();
                entry.pending.push((time, None));
                self.sync_folder(*folder);
            }
        }
    }

    fn sync_folder(&mut self, really: bool) {
        if really {
            for name in self.names.values_mut() {
                name.durable = name.now();
                name.pending.clear();
            }
        }
    }

    fn times(&self) -> Vec<u64> {
        let of_files = self.files.iter().flat_map(|file| times(&file.pending));
        let of_names = self.names.values().flat_map(|name| times(&name.pending));
        of_files.chain(of_names).collect()
    }
}

fn times<T>(pending: &[(u64, T)]) -> Vec<u64> {
    pending.iter().map(|(time, _)| *time).collect()
}

impl Pending<'_> {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Truncate { size } => bytes.resize(*size, 0),
            Self::Write {
                offset,
                bytes: written,
            } => {
                let end = offset + written.len();
                bytes.resize(bytes.len().max(end), 0);
                bytes[*offset..end].copy_from_slice(written);
            }
        }
    }

    /// Which bytes it changes in a file that had so many.
    fn range(&self, length: usize) -> (usize, usize) {
        match self {
            Self::Write { offset, bytes } => (*offset, offset + bytes.len()),
            Self::Truncate { size } => (*size, length.max(*size)),
        }
    }
}

/// Decides up to which moment each thing that has a cache of its own is left: everything that
/// happened to it before that moment is on the disk.
struct Moments<'d> {
    manner: Manner,
    torn_at: u64,
    dice: &'d mut Dice,
}

impl Moments<'_> {
    /// For one sector, one size or one name, of which the changes have these times.
    fn of(&mut self, times: &[u64]) -> u64 {
        match self.manner {
            Manner::Forgets => 0,
            Manner::Keeps => u64::MAX,
            Manner::Tears => self.torn_at + u64::from(self.dice.percent(50)),
            Manner::Scatters => match self.dice.below(times.len() + 1) {
                0 => 0,
                number => times[number - 1] + 1,
            },
        }
    }

    fn leave(&mut self, file: &File<'_>, sector: usize) -> Vec<u8> {
        let times = times(&file.pending);
        let mut bytes = file.durable.clone();
        let mut size = bytes.len();
        let size_until = self.of(&times);
        let mut sectors: BTreeMap<usize, u64> = BTreeMap::new();
        for (time, pending) in &file.pending {
            let (from, to) = pending.range(bytes.len());
            if *time < size_until {
                size = match pending {
                    Pending::Write { .. } => size.max(to),
                    Pending::Truncate { size } => *size,
                };
            }
            bytes.resize(bytes.len().max(to), 0);
            for number in from / sector..to.div_ceil(sector) {
                let until = *sectors.entry(number).or_insert_with(|| self.of(&times));
                if *time >= until {
                    continue;
                }
                let range = from.max(number * sector)..to.min((number + 1) * sector);
                match pending {
                    Pending::Write { offset, bytes: new } => {
                        let part = &new[range.start - offset..range.end - offset];
                        bytes[range].copy_from_slice(part);
                    }
                    Pending::Truncate { .. } => bytes[range].fill(0),
                }
            }
        }
        bytes.resize(size, 0);
        bytes
    }
}

impl<N> History<N> {
    /// What is on the disk when the power is cut after `at` things happened or were noted. `sector`
    /// is the size of what the disk writes as a whole, in bytes.
    pub fn cut(&self, at: usize, manner: Manner, sector: usize, dice: &mut Dice) -> Image {
        let mut state = State::new(&self.before);
        for (time, entry) in (0..).zip(&self.entries[..at]) {
            if let Entry::Change(change) = entry {
                state.apply(time, change);
            }
        }
        let times = state.times();
        let torn_at = match times.len() {
            0 => 0,
            count => times[dice.below(count)],
        };
        let mut moments = Moments {
            manner,
            torn_at,
            dice,
        };
        let mut image = Image::default();
        for (name, versions) in &state.names {
            let until = moments.of(&self::times(&versions.pending));
            let before = versions
                .pending
                .iter()
                .rev()
                .find(|(time, _)| *time < until);
            if let Some(file) = before.map_or(versions.durable, |(_, file)| *file) {
                let bytes = moments.leave(&state.files[file], sector);
                image.0.insert((*name).to_owned(), bytes);
            }
        }
        image
    }
}
