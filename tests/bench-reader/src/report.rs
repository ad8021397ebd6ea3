//! The figures, and the tables that are printed of them.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::labels::Verdict;
use crate::measure::{Quantiles, Times};

/// Classes with one label in the frame; with `multi` they make the sum.
pub(crate) const SINGLE: [&str; 14] = [
    "clean",
    "small",
    "tilt",
    "gauss",
    "motion",
    "lowlight",
    "glare",
    "jpeg",
    "lowcontrast",
    "inverted",
    "dirt",
    "curved",
    "torn",
    "partial",
];

/// What one decoder did on one class of a set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) frames: usize,
    pub(crate) read: usize,
    pub(crate) all: usize,
    pub(crate) wrong: usize,
    pub(crate) false_accepts: usize,
    pub(crate) times: Times,
}

impl Tally {
    fn merge(&mut self, other: &Self) {
        self.frames += other.frames;
        self.read += other.read;
        self.all += other.all;
        self.wrong += other.wrong;
        self.false_accepts += other.false_accepts;
        self.times.extend(&other.times);
    }
}

/// A class of a set, with the tally of each decoder.
struct Row {
    set: String,
    class: String,
    tallies: Vec<(String, Tally)>,
}

/// A set, and for each decoder the tallies of its groups of classes.
struct SetGroups {
    set: String,
    decoders: Vec<(String, Groups)>,
}

type Groups = Vec<(&'static str, Tally)>;

/// All figures of a run, in the order in which they came.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    /// Set and frames, decoder: sequences read of how many.
    bursts: BTreeMap<(String, usize), BTreeMap<String, (usize, usize)>>,
}

impl Report {
    pub(crate) fn add(&mut self, set: &str, class: &str, name: &str, v: &Verdict, time: f64) {
        let row = self
            .rows
            .iter()
            .position(|row| row.set == set && row.class == class);
        let row = row.unwrap_or_else(|| {
            self.rows.push(Row {
                set: set.to_owned(),
                class: class.to_owned(),
                tallies: Vec::new(),
            });
            self.rows.len() - 1
        });
        let decoders = &mut self.rows[row].tallies;
        let place = decoders
            .iter()
            .position(|(n, _)| n == name)
            .unwrap_or_else(|| {
                decoders.push((name.to_owned(), Tally::default()));
                decoders.len() - 1
            });
        let tally = &mut decoders[place].1;
        tally.frames += 1;
        tally.read += usize::from(v.read);
        tally.all += usize::from(v.all);
        tally.wrong += v.wrong;
        tally.false_accepts += v.false_accepts;
        tally.times.add(time);
    }

    pub(crate) fn add_burst(&mut self, set: &str, name: &str, after: usize, read: bool) {
        let row = self.bursts.entry((set.to_owned(), after)).or_default();
        let (reads, sequences) = row.entry(name.to_owned()).or_default();
        *reads += usize::from(read);
        *sequences += 1;
    }

    /// Every figure that a floor can speak of: set, decoder, name of the figure, value.
    pub(crate) fn figures(&self) -> Vec<(String, String, String, f64)> {
        let mut figures = Vec::new();
        for SetGroups { set, decoders } in self.groups() {
            for (name, groups) in decoders {
                for (group, tally) in groups {
                    let mut put = |figure: String, value: f64| {
                        figures.push((set.clone(), name.clone(), figure, value));
                    };
                    match group {
                        "single labels" => put("read".to_owned(), tally.read as f64),
                        "several labels" => {
                            put("nearest".to_owned(), tally.read as f64);
                            put("all".to_owned(), tally.all as f64);
                        }
                        "photographs" => put("read".to_owned(), tally.read as f64 / 4.0),
                        _ => {}
                    }
                }
            }
        }
        for ((set, after), decoders) in &self.bursts {
            for (name, (read, _)) in decoders {
                let figure = format!("bursts after {after}");
                figures.push((set.clone(), name.clone(), figure, *read as f64));
            }
        }
        figures
    }

    /// Everything taken for a label that is none, and every wrong text, of our reader.
    pub(crate) fn our_mistakes(&self) -> (usize, usize) {
        let ours = self.rows.iter().flat_map(|row| &row.tallies);
        let ours = ours.filter(|(name, _)| crate::ours::Mode::is_name(name));
        ours.fold((0, 0), |sum, (_, t)| {
            (sum.0 + t.false_accepts, sum.1 + t.wrong)
        })
    }

    fn groups(&self) -> Vec<SetGroups> {
        let mut sets: Vec<SetGroups> = Vec::new();
        for row in &self.rows {
            let group = group_of(&row.set, &row.class);
            let place = sets.iter().position(|s| s.set == row.set);
            let place = place.unwrap_or_else(|| {
                sets.push(SetGroups {
                    set: row.set.clone(),
                    decoders: Vec::new(),
                });
                sets.len() - 1
            });
            let decoders = &mut sets[place].decoders;
            for (name, tally) in &row.tallies {
                let at = decoders.iter().position(|(n, _)| n == name);
                let at = at.unwrap_or_else(|| {
                    decoders.push((name.clone(), Groups::new()));
                    decoders.len() - 1
                });
                let groups = &mut decoders[at].1;
                match groups.iter_mut().find(|(g, _)| *g == group) {
                    Some((_, sum)) => sum.merge(tally),
                    None => groups.push((group, tally.clone())),
                }
            }
        }
        sets
    }

    /// The tables: reads by class, then times by group.
    pub(crate) fn tables(&self) -> String {
        let mut out = String::new();
        let mut sets: Vec<&str> = self.rows.iter().map(|row| row.set.as_str()).collect();
        sets.dedup();
        for set in sets {
            out.push_str(&format!("\n{set}: read (wrong texts, false accepts)\n"));
            out.push_str(&self.reads_of(set));
        }
        for SetGroups { set, decoders } in self.groups() {
            out.push_str(&format!("\n{set}: thread CPU ms\n{}", times_of(&decoders)));
        }
        let (false_accepts, wrong) = self.our_mistakes();
        out.push_str(&format!(
            "\nours: {false_accepts} false accepts, {wrong} wrong texts\n"
        ));
        out
    }

    fn reads_of(&self, set: &str) -> String {
        let rows: Vec<_> = self.rows.iter().filter(|row| row.set == set).collect();
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in rows.iter().flat_map(|row| &row.tallies) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let mut table = new_table();
        table.set_header(["class", "frames"].into_iter().chain(names.iter().copied()));
        let cell = |tally: &Tally, class: &str| {
            let mut text = tally.read.to_string();
            if class == "multi" {
                text = format!("{}/{}", tally.read, tally.all);
            }
            if tally.wrong + tally.false_accepts > 0 {
                text += &format!(" ({}, {})", tally.wrong, tally.false_accepts);
            }
            text
        };
        let mut sum: BTreeMap<&str, Tally> = BTreeMap::new();
        for Row {
            class,
            tallies: decoders,
            ..
        } in rows.iter().copied()
        {
            let frames = decoders.first().map_or(0, |(_, tally)| tally.frames);
            let mut line = vec![class.clone(), frames.to_string()];
            for name in &names {
                let tally = decoders
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, tally)| tally);
                line.push(tally.map_or_else(|| "-".to_owned(), |tally| cell(tally, class)));
                if let Some(tally) = tally.filter(|_| is_summed(set, class)) {
                    sum.entry(name).or_default().merge(tally);
                }
            }
            table.add_row(line);
        }
        if !sum.is_empty() {
            let frames = sum.values().map(|tally| tally.frames).max().unwrap_or(0);
            let mut line = vec!["sum".to_owned(), frames.to_string()];
            let of = |name: &&str| sum.get(name).map_or("-".to_owned(), |t| cell(t, "sum"));
            line.extend(names.iter().map(of));
            table.add_row(line);
        }
        for ((_, after), decoders) in self.bursts.iter().filter(|((s, _), _)| s == set) {
            let sequences = decoders.values().map(|d| d.1).max().unwrap_or(0);
            let mut line = vec![format!("bursts after {after}"), sequences.to_string()];
            let of = |name: &&str| {
                decoders
                    .get(*name)
                    .map_or("-".to_owned(), |d| d.0.to_string())
            };
            line.extend(names.iter().map(of));
            table.add_row(line);
        }
        format!("{table}\n")
    }
}

fn is_summed(set: &str, class: &str) -> bool {
    SINGLE.contains(&class)
        || class == "multi"
        || (set == "photos" && group_of(set, class) == "photographs")
}

fn group_of(set: &str, class: &str) -> &'static str {
    match (set, class) {
        ("photos", class) if class.starts_with("falsepositives") => "photographs without a code",
        ("photos", _) => "photographs",
        ("stream", _) => "streamed frames",
        (_, "multi") => "several labels",
        (_, "burst") => "bursts",
        (_, "empty") => "empty frames",
        (_, class) if SINGLE.contains(&class) => "single labels",
        _ => "other codes",
    }
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table
}

fn times_of(decoders: &[(String, Groups)]) -> String {
    let mut table = new_table();
    table.set_header([
        "group",
        "decoder",
        "median",
        "p90",
        "p99",
        "worst",
        "median to zxing-cpp",
    ]);
    let mut groups: Vec<&str> = Vec::new();
    for (group, _) in decoders.iter().flat_map(|(_, groups)| groups) {
        if !groups.contains(group) {
            groups.push(group);
        }
    }
    for group in groups {
        let of = |groups: &Groups| {
            let found = groups.iter().find(|(g, _)| *g == group);
            found.map(|(_, tally)| tally.times.quantiles())
        };
        let zxing: Option<Quantiles> = decoders
            .iter()
            .find(|(name, _)| name == "zxing-cpp")
            .and_then(|(_, g)| of(g));
        for (name, list) in decoders {
            let Some(q) = of(list) else { continue };
            let ratio = zxing.map_or("-".to_owned(), |z| format!("{:.2}", q.median / z.median));
            let ms = |value: f64| format!("{value:.2}");
            let cells = [ms(q.median), ms(q.p90), ms(q.p99), ms(q.worst), ratio];
            let head = [group.to_owned(), name.clone()];
            table.add_row(head.into_iter().chain(cells));
        }
    }
    format!("{table}\n")
}

#[derive(Serialize)]
struct Line<'a> {
    set: &'a str,
    class: &'a str,
    decoder: &'a str,
    frames: usize,
    read: usize,
    all: usize,
    wrong: usize,
    false_accepts: usize,
    milliseconds: Quantiles,
}

#[derive(Serialize)]
struct BurstLine<'a> {
    set: &'a str,
    class: &'static str,
    decoder: &'a str,
    after_frames: usize,
    sequences: usize,
    read: usize,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lines = serializer.serialize_seq(None)?;
        for Row {
            set,
            class,
            tallies: decoders,
        } in &self.rows
        {
            for (decoder, tally) in decoders {
                lines.serialize_element(&Line {
                    set,
                    class,
                    decoder,
                    frames: tally.frames,
                    read: tally.read,
                    all: tally.all,
                    wrong: tally.wrong,
                    false_accepts: tally.false_accepts,
                    milliseconds: tally.times.quantiles(),
                })?;
            }
        }
        for ((set, after), decoders) in &self.bursts {
            for (decoder, (read, sequences)) in decoders {
                lines.serialize_element(&BurstLine {
                    set,
                    class: "burst",
                    decoder,
                    after_frames: *after,
                    sequences: *sequences,
                    read: *read,
                })?;
            }
        }
        lines.end()
    }
}
