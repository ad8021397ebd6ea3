//! Reading labels from simulated modules: what must be read, and what must never be.

use kokoni_model::label::{Symbol, label_symbol, label_text_prefix};
use kokoni_model::reading::How;
use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

use super::search::{Best, SearchWork};
use super::*;

/// Hosts whose labels have versions 3, 4, 5 and 5 with the prefix's end in a block of the id.
const HOSTS: [&str; 4] = [
    "k.jp",
    "k.example.jp",
    "kokoni.city.example.lg.jp",
    "a-host-of-thirty-characters.jp",
];

fn host(name: &str) -> Host {
    Host::new(name).expect("a host")
}

/// SplitMix64 (G. Steele, D. Lea, C. Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn label(&mut self) -> LabelId {
        LabelId::from_bytes(std::array::from_fn(|_| self.next() as u8))
    }

    /// Between 0 and 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Mean 0, variance 1.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}

fn modules_of(symbol: &Symbol) -> Vec<f32> {
    let side = symbol.side();
    let dark = |index| symbol.is_dark(index % side, index / side);
    (0..side * side)
        .map(|index| if dark(index) { 1.0 } else { -1.0 })
        .collect()
}

fn with_noise(modules: &[f32], noise: f32, random: &mut Random) -> Vec<f32> {
    modules
        .iter()
        .map(|m| (m + noise * random.normal()).clamp(-2.0, 2.0))
        .collect()
}

/// A symbol of any text before an id, drawn like a label.
fn decoy(prefix: &str, id: &str) -> Option<Vec<f32>> {
    for version in 1..=9 {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_byte_data(prefix.as_bytes()).expect("bytes");
        bits.push_alphanumeric_data(id.as_bytes())
            .expect("alphanumeric");
        if bits.push_terminator(EcLevel::Q).is_err() {
            continue;
        }
        let code = QrCode::with_bits(bits, EcLevel::Q).expect("drawn");
        let value = |color| if color == Color::Dark { 1.0 } else { -1.0 };
        return Some(code.to_colors().into_iter().map(value).collect());
    }
    None
}

fn catalogue_of(name: &str, count: usize, seed: u64) -> Catalogue {
    let mut random = Random(seed);
    Catalogue {
        host: host(name),
        version: 1,
        labels: (0..count).map(|_| random.label()).collect(),
    }
}

#[test]
fn a_catalogue_knows_its_labels_and_no_others() {
    for name in HOSTS {
        let mut catalogue = catalogue_of(name, 500, 1);
        catalogue.labels.push(catalogue.labels[7]);
        let prepared = PreparedCatalogue::new(&catalogue);
        assert_eq!(prepared.len(), 500, "one stood in it twice");
        assert!(
            catalogue
                .labels
                .iter()
                .all(|label| prepared.contains(label))
        );
        let mut random = Random(2);
        assert!((0..500).all(|_| !prepared.contains(&random.label())));
        let table = prepared.table().expect("a table");
        let mut listed: Vec<LabelId> = (0..500).map(|i| table.label(i).expect("a label")).collect();
        listed.sort_unstable();
        catalogue.labels.sort_unstable();
        catalogue.labels.dedup();
        assert_eq!(listed, catalogue.labels);
    }
}

#[test]
fn a_label_takes_at_most_64_bytes_whatever_the_host() {
    let longest = format!(
        "{}.{}.{}.{}.jp",
        "a".repeat(63),
        "b".repeat(63),
        "c".repeat(63),
        "d".repeat(50)
    );
    for name in HOSTS.into_iter().chain([longest.as_str()]) {
        let prepared = PreparedCatalogue::new(&catalogue_of(name, 100, 3));
        let table = prepared.table().expect("a table");
        assert!(table.bytes_a_label() <= 64, "{name}");
        assert!(prepared.contains(&table.label(50).expect("a label")));
    }
}

/// Every label scored one by one, from its codewords.
fn slow_search(plan: &KnownLabel, labels: &[LabelId], weights: &[f32]) -> Vec<(f32, LabelId)> {
    let means = bias::means(plan.varying());
    let norm = weights.iter().map(|w| w * w).sum::<f32>().sqrt();
    let mut scored: Vec<(f32, LabelId)> = labels
        .iter()
        .map(|label| {
            let words = plan.codewords(label);
            let terms =
                plan.varying()
                    .iter()
                    .zip(&means)
                    .zip(weights)
                    .map(|((v, mean), weight)| {
                        let set = words[v.bit / 8] >> (7 - v.bit % 8) & 1 == 1;
                        weight * (if set { 1.0 } else { -1.0 } - mean)
                    });
            (terms.sum::<f32>() / norm, *label)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored
}

#[test]
fn the_search_finds_what_scoring_every_label_by_itself_finds() {
    for name in HOSTS {
        let catalogue = catalogue_of(name, 3_000, 4);
        let plan = KnownLabel::new(&catalogue.host).expect("a plan");
        let prepared = PreparedCatalogue::new(&catalogue);
        let table = prepared.table().expect("a table");
        let mut random = Random(5);
        let weights: Vec<f32> = plan.varying().iter().map(|_| random.normal()).collect();
        let slow = slow_search(&plan, &catalogue.labels, &weights);
        let Best {
            index,
            score,
            second,
        } = table
            .search(&weights, Effort::Full, &mut SearchWork::default())
            .expect("a best");
        assert_eq!(table.label(index), Some(slow[0].1), "{name}");
        assert!((score - slow[0].0).abs() < 1e-3 && (second - slow[1].0).abs() < 1e-3);
    }
}

#[test]
fn a_quick_search_finds_a_label_that_is_there() {
    let catalogue = catalogue_of("k.example.jp", 20_000, 6);
    let plan = KnownLabel::new(&catalogue.host).expect("a plan");
    let prepared = PreparedCatalogue::new(&catalogue);
    let table = prepared.table().expect("a table");
    let mut random = Random(7);
    let mut work = SearchWork::default();
    for &label in catalogue.labels.iter().step_by(500) {
        let words = plan.codewords(&label);
        let signs = plan
            .varying()
            .iter()
            .map(|v| words[v.bit / 8] >> (7 - v.bit % 8) & 1 == 1);
        let weights: Vec<f32> = signs
            .map(|set| if set { 1.0 } else { -1.0 } + 0.9 * random.normal())
            .collect();
        let best = table
            .search(&weights, Effort::Quick, &mut work)
            .expect("a best");
        assert_eq!(table.label(best.index), Some(label));
        assert!(best.score > 9.0 && best.second < 6.0);
    }
}

#[test]
fn wrong_labels_score_zero_in_the_mean_with_variance_one() {
    let catalogue = catalogue_of("k.example.jp", 20_000, 8);
    let plan = KnownLabel::new(&catalogue.host).expect("a plan");
    // The weights of a clean frame of a label outside the catalogue: the worst case for chance.
    let words = plan.codewords(&Random(9).label());
    let signs = plan
        .varying()
        .iter()
        .map(|v| words[v.bit / 8] >> (7 - v.bit % 8) & 1 == 1);
    let weights: Vec<f32> = signs.map(|set| if set { 1.0 } else { -1.0 }).collect();
    let scores = slow_search(&plan, &catalogue.labels, &weights);
    let count = scores.len() as f32;
    let mean = scores.iter().map(|s| s.0).sum::<f32>() / count;
    let variance = scores.iter().map(|s| (s.0 - mean).powi(2)).sum::<f32>() / count;
    assert!(
        mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05,
        "{mean} {variance}"
    );
    assert!(scores[0].0 < 5.5, "{}", scores[0].0);
}

#[test]
fn clean_labels_are_read_by_known_codewords_whether_in_the_catalogue_or_not() {
    for name in HOSTS {
        let catalogue = catalogue_of(name, 50, 10);
        let prepared = PreparedCatalogue::new(&catalogue);
        let mut reader = LabelReader::new(&catalogue.host).expect("a reader");
        for (label, known) in [(catalogue.labels[3], true), (Random(11).label(), false)] {
            let symbol = label_symbol(&catalogue.host, &label).expect("fits");
            let read = reader.read(&modules_of(&symbol), Some(&prepared), 1, Effort::Quick);
            let expected = LabelRead {
                label,
                known,
                how: How::KnownCodewords,
            };
            assert_eq!(read, Some(expected), "{name}");
        }
    }
}

#[test]
fn labels_far_beyond_error_correction_are_read_by_the_catalogue() {
    for name in HOSTS {
        let catalogue = catalogue_of(name, 2_000, 12);
        let prepared = PreparedCatalogue::new(&catalogue);
        let mut reader = LabelReader::new(&catalogue.host).expect("a reader");
        let mut random = Random(13);
        let mut by_catalogue = 0;
        for &label in catalogue.labels.iter().take(40) {
            let symbol = label_symbol(&catalogue.host, &label).expect("fits");
            let modules = with_noise(&modules_of(&symbol), 0.95, &mut random);
            let read = reader.read(&modules, Some(&prepared), 1, Effort::Full);
            assert!(read.is_none_or(|read| read.label == label), "{name}");
            by_catalogue += usize::from(read.is_some_and(|read| read.how == How::Catalogue));
            assert!(
                reader
                    .read(&modules, None, 1, Effort::Full)
                    .is_none_or(|r| r.label == label)
            );
        }
        assert!(by_catalogue >= 30, "{name}: {by_catalogue} of 40");
    }
}

#[test]
fn labels_outside_the_catalogue_are_never_taken_for_one_in_it() {
    for name in HOSTS {
        let catalogue = catalogue_of(name, 2_000, 14);
        let prepared = PreparedCatalogue::new(&catalogue);
        let mut reader = LabelReader::new(&catalogue.host).expect("a reader");
        let mut random = Random(15);
        for trial in 0..100 {
            let label = random.label();
            let symbol = label_symbol(&catalogue.host, &label).expect("fits");
            let noise = 0.2 + 0.01 * trial as f32;
            let modules = with_noise(&modules_of(&symbol), noise, &mut random);
            if let Some(read) = reader.read(&modules, Some(&prepared), 1, Effort::Full) {
                assert_eq!((read.label, read.known), (label, false), "{name}");
            }
        }
    }
}

/// Every prefix that differs from the host's in one character, and some that differ in more.
fn near_misses(host: &Host) -> Vec<String> {
    let prefix = label_text_prefix(host);
    let mut near = Vec::new();
    for at in 0..prefix.len() {
        for other in ["a", "r", "Q", "/", "0"] {
            let mut changed = prefix.clone();
            changed.replace_range(at..=at, other);
            near.push(changed);
        }
    }
    let name = host.as_str();
    let reversed: String = name.chars().rev().collect();
    near.extend([
        format!("https://{name}/r/"),
        format!("https://{name}/Q/"),
        format!("HTTPS://{name}/q/"),
        format!("Https://{name}/q/"),
        format!("http://{name}/qq/"),
        format!("https://{}/q/", name.to_uppercase()),
        format!("https://{reversed}/q/"),
        format!("https://{}/q/", name.replace(".jp", ".kp")),
    ]);
    near.retain(|other| *other != prefix);
    near
}

#[test]
fn a_catalogue_id_behind_any_other_prefix_is_never_a_label() {
    for name in HOSTS {
        let catalogue = catalogue_of(name, 200, 16);
        let prepared = PreparedCatalogue::new(&catalogue);
        let mut reader = LabelReader::new(&catalogue.host).expect("a reader");
        let mut random = Random(17);
        for (number, prefix) in near_misses(&catalogue.host).iter().enumerate() {
            let label = catalogue.labels[number % 200];
            let Some(clean) = decoy(prefix, &label.to_string()) else {
                continue;
            };
            for noise in [0.0, 0.3, 0.6, 0.8, 1.2] {
                let modules = with_noise(&clean, noise, &mut random);
                for catalogue in [Some(&prepared), None] {
                    let read = reader.read(&modules, catalogue, 1, Effort::Full);
                    assert_eq!(read, None, "{prefix} for {name}, noise {noise}");
                }
            }
        }
    }
}

#[test]
fn evidence_of_several_frames_reads_what_no_single_frame_can() {
    let catalogue = catalogue_of("k.example.jp", 2_000, 18);
    let prepared = PreparedCatalogue::new(&catalogue);
    let mut reader = LabelReader::new(&catalogue.host).expect("a reader");
    let mut random = Random(19);
    let mut single = 0;
    let mut together = 0;
    for &label in catalogue.labels.iter().take(20) {
        let symbol = label_symbol(&catalogue.host, &label).expect("fits");
        let clean = modules_of(&symbol);
        let mut evidence = Evidence::default();
        for frame in 0..6 {
            let modules = with_noise(&clean, 2.0, &mut random);
            let read = reader.read(&modules, Some(&prepared), 1, Effort::Full);
            single += usize::from(read.is_some());
            let mask = reader.rank_masks(&modules)[0].1;
            reader.look(&modules, mask);
            evidence.add(reader.frame());
            assert_eq!(evidence.frames(), frame + 1);
        }
        let read = reader.judge(&evidence, Some(&prepared), 1, Effort::Full);
        assert!(read.is_none_or(|read| read.label == label));
        together += usize::from(read.is_some());
    }
    assert!(
        single <= 6 && together >= 18,
        "{single} of 120 frames, {together} of 20 bursts"
    );
}

#[test]
fn a_label_outside_any_catalogue_is_read_beyond_the_reach_of_codewords() {
    // Bit errors spread evenly spoil most codewords, though each is nearly right.
    let host = host("k.example.jp");
    let mut reader = LabelReader::new(&host).expect("a reader");
    let mut random = Random(21);
    let read = (0..20).filter(|_| {
        let label = random.label();
        let symbol = label_symbol(&host, &label).expect("fits");
        let modules = with_noise(&modules_of(&symbol), 0.7, &mut random);
        let read = reader.read(&modules, None, 1, Effort::Quick);
        assert!(read.is_none_or(|read| read.label == label));
        read.is_some()
    });
    let read = read.count();
    assert!(read >= 16, "{read} of 20");
}

#[test]
fn another_label_sliding_in_does_not_agree_with_the_evidence_so_far() {
    let host = host("k.example.jp");
    let mut reader = LabelReader::new(&host).expect("a reader");
    let mut random = Random(22);
    let mut evidence_of = |label: &LabelId, random: &mut Random| {
        let symbol = label_symbol(&host, label).expect("fits");
        let modules = with_noise(&modules_of(&symbol), 0.8, random);
        let mask = reader.rank_masks(&modules)[0].1;
        reader.look(&modules, mask);
        reader.frame().clone()
    };
    let plan = KnownLabel::new(&host).expect("a plan");
    let varying = || plan.varying().iter().map(|v| v.bit);
    for _ in 0..20 {
        let (one, other) = (random.label(), random.label());
        let first = evidence_of(&one, &mut random);
        let again = evidence_of(&one, &mut random);
        let changed = evidence_of(&other, &mut random);
        assert!(first.agreement(&again, varying()) > 5.0);
        assert!(first.agreement(&changed, varying()) < 4.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_values_whatever_are_no_label(
        modules in prop::collection::vec(any::<f32>(), 33 * 33), trial in 0usize..100
    ) {
        let catalogue = catalogue_of("k.example.jp", 20, 20);
        let prepared = PreparedCatalogue::new(&catalogue);
        let mut reader = LabelReader::new(&catalogue.host).expect("a reader");
        prop_assert_eq!(reader.read(&modules, Some(&prepared), trial, Effort::Quick), None);
        prop_assert_eq!(reader.read(&modules[1..], Some(&prepared), trial, Effort::Full), None);
    }
}
