//! The floors: figures that our reader has reached and may not fall below. They are only raised.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::report::Report;

/// Set, then mode, then figure.
type Floors = BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>;

const HEAD: &str = "\
# What our reader has read, by set of frames, mode and figure, and may not fall below.
# `cargo xtask bench reader ... --check-floors` compares; `--raise-floors` raises, never lowers.
# Photographs: mean of four rotations.
";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("floors.toml")
}

/// Compares a run with the floors; gives what lies below. Anything taken for a label that is none
/// lies below every floor.
pub(crate) fn apply(report: &Report, raise: bool) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path()).context("cannot read floors.toml")?;
    let mut floors: Floors = toml::from_str(&text).context("floors.toml is malformed")?;
    let figures: Vec<_> = report
        .figures()
        .into_iter()
        .filter(|(_, decoder, _, _)| crate::ours::Mode::is_name(decoder))
        .collect();
    let mut below = compare(&floors, &figures);
    let (false_accepts, _) = report.our_mistakes();
    if false_accepts > 0 {
        below.push(format!(
            "{false_accepts} codes were taken for labels and are none"
        ));
    }
    if raise {
        raise_to(&mut floors, &figures);
        std::fs::write(path(), HEAD.to_owned() + &toml::to_string(&floors)?)?;
    }
    Ok(below)
}

type Figure = (String, String, String, f64);

fn compare(floors: &Floors, figures: &[Figure]) -> Vec<String> {
    let floor =
        |set: &str, mode: &str, figure: &str| floors.get(set)?.get(mode)?.get(figure).copied();
    figures
        .iter()
        .filter_map(|(set, mode, figure, value)| {
            let floor = floor(set, mode, figure)?;
            (*value < floor).then(|| format!("{set}, {mode}, {figure}: {value} of {floor}"))
        })
        .collect()
}

fn raise_to(floors: &mut Floors, figures: &[Figure]) {
    for (set, mode, figure, value) in figures {
        let modes = floors.entry(set.clone()).or_default();
        let floor = modes
            .entry(mode.clone())
            .or_default()
            .entry(figure.clone())
            .or_insert(*value);
        *floor = floor.max(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64) -> Vec<Figure> {
        vec![(
            "seed".to_owned(),
            "host".to_owned(),
            "read".to_owned(),
            value,
        )]
    }

    #[test]
    fn a_floor_rises_and_never_falls() {
        let mut floors = Floors::new();
        raise_to(&mut floors, &figure(10.0));
        raise_to(&mut floors, &figure(7.0));
        assert_eq!(floors["seed"]["host"]["read"], 10.0);
        assert_eq!(compare(&floors, &figure(10.0)), Vec::<String>::new());
        assert_eq!(
            compare(&floors, &figure(9.0)),
            ["seed, host, read: 9 of 10"]
        );
    }

    #[test]
    fn a_figure_without_a_floor_is_not_below_it() {
        assert!(compare(&Floors::new(), &figure(0.0)).is_empty());
    }

    #[test]
    fn the_floors_of_the_repository_can_be_read() {
        let text = std::fs::read_to_string(path()).expect("floors.toml is there");
        toml::from_str::<Floors>(&text).expect("well formed");
    }
}
