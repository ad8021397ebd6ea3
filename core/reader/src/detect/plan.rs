//! In which order a frame is searched.

use super::correlate::SIZES;
use super::sharpen::MIDDLE;
use super::threshold::Rule;

/// One look at the frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    /// How often the frame is halved first.
    pub(super) level: usize,
    /// Sharpened against means over so many pixels on each side; 0 for not at all.
    pub(super) sharpened: usize,
    pub(super) rule: Rule,
    /// Every how many rows are scanned.
    pub(super) step: usize,
    /// Least contrast of a finder, as a share of the range that counts as contrast.
    pub(super) floor: f32,
    pub(super) deep: bool,
}

/// How deeply a frame is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// The first passes only.
    #[cfg(test)]
    Shallow,
    /// What a preview has time for.
    Preview,
    /// Also what costs as much as all before and reads one frame in thirty.
    Patient,
}

/// A step of the plan for a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Pass(Pass),
    /// Grids from two of the finders seen so far.
    Pairs,
    /// Finders by correlation with one set of sizes, for labels.
    Correlate(&'static [f32]),
}

/// The steps for a frame whose shorter side is `short` pixels, the cheapest for what it reads
/// first. The order and the choice are measured: see EXPERIMENTS.md.
pub(super) fn plan(short: usize, depth: Depth, plan: &mut Vec<Step>) {
    let pass = |level, rule, step, floor, deep| {
        Step::Pass(Pass {
            level,
            sharpened: 0,
            rule,
            step,
            floor,
            deep,
        })
    };
    plan.clear();
    // A half-size copy costs a quarter. In it modules of 2.4 pixels and more can be seen.
    if short >= 700 {
        plan.push(pass(1, Rule::Range, 2, 0.66, false));
    }
    let step = if short > 600 { 3 } else { 2 };
    plan.push(pass(0, Rule::Range, step, 0.66, false));
    if depth < Depth::Preview {
        return;
    }
    plan.push(Step::Pairs);
    let sharpened = |level, reach| {
        let rule = Rule::Fixed(MIDDLE);
        Step::Pass(Pass {
            level,
            sharpened: reach,
            rule,
            step: 1,
            floor: 0.5,
            deep: true,
        })
    };
    if short >= 700 {
        // A camera's frame: what the first passes missed is blurred, dim or faint, and large
        // enough to be seen in the smaller copies.
        plan.push(pass(2, Rule::Range, 1, 0.3, true));
        plan.push(sharpened(2, 6));
    } else {
        if short >= 120 {
            plan.push(pass(1, Rule::Range, 1, 0.3, true));
        }
        if short >= 400 {
            plan.push(pass(2, Rule::Range, 1, 0.3, true));
        }
        plan.push(pass(
            0,
            Rule::Range,
            if short > 600 { 2 } else { 1 },
            0.3,
            true,
        ));
        for level in [1, 0] {
            if short >> level >= 60 {
                plan.push(sharpened(level, 6));
            }
        }
    }
    plan.push(Step::Pairs);
    plan.push(Step::Correlate(SIZES[0]));
    if depth < Depth::Patient {
        return;
    }
    plan.push(Step::Correlate(SIZES[1]));
    if short >= 700 {
        plan.push(sharpened(1, 6));
        plan.push(Step::Pairs);
    }
}
