//! The size of a floor's plan, read from the first tag of its SVG; and the size that places have
//! on it. Places lie in the plan's own units.

/// How large a plan is, in its own units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct PlanSize {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A plan is at least and at most this large; anything else is no plan.
const SENSIBLE: std::ops::RangeInclusive<f64> = 1.0..=1_000_000.0;

/// What shapes are drawn at: a seat's box is this wide before it is scaled.
const SHAPE_UNITS: f64 = 100.0;

/// A seat is never drawn wider than this part of the plan's longer side, nor narrower than that.
const WIDEST_PART: f64 = 1.0 / 12.0;
const NARROWEST_PART: f64 = 1.0 / 60.0;

/// The size that the `viewBox` of an SVG's root states, or else its `width` and `height`.
pub(crate) fn size_of(svg: &str) -> Option<PlanSize> {
    let start = svg.find("<svg")?;
    let tag = svg[start..].split('>').next()?;
    let from_box = attribute(tag, "viewBox").and_then(|text| {
        let numbers: Vec<f64> = text
            .split(|letter: char| letter.is_whitespace() || letter == ',')
            .filter(|part| !part.is_empty())
            .map_while(|part| part.parse().ok())
            .collect();
        match numbers[..] {
            // Places are counted from the plan's own corner.
            [left, top, width, height] if left == 0.0 && top == 0.0 => Some((width, height)),
            _ => None,
        }
    });
    let (width, height) = from_box.or_else(|| {
        let length = |name| attribute(tag, name)?.trim_end_matches("px").parse().ok();
        Some((length("width")?, length("height")?))
    })?;
    (SENSIBLE.contains(&width) && SENSIBLE.contains(&height)).then_some(PlanSize { width, height })
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let (before, behind) = rest.split_at(at);
        rest = &behind[name.len()..];
        if !before.ends_with(char::is_whitespace) {
            continue;
        }
        let value = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = value
            .chars()
            .next()
            .filter(|letter| matches!(letter, '"' | '\''))?;
        return value[1..].split(quote).next();
    }
}

/// A plan without a picture: large enough for its places.
pub(crate) fn size_for(places: &[(f64, f64)]) -> PlanSize {
    let reach = |axis: fn(&(f64, f64)) -> f64| places.iter().map(axis).fold(0.0, f64::max);
    let margin = gap(places).unwrap_or(SHAPE_UNITS);
    PlanSize {
        width: reach(|place| place.0) + margin,
        height: reach(|place| place.1) + margin,
    }
}

/// By how much shapes are scaled, so that neighbours do not touch.
pub(crate) fn shape_scale(size: PlanSize, places: &[(f64, f64)]) -> f64 {
    let longer = size.width.max(size.height);
    let gap = gap(places).unwrap_or(longer);
    let width = gap.clamp(longer * NARROWEST_PART, longer * WIDEST_PART);
    // Three digits are finer than a pixel and keep the page short.
    (width / SHAPE_UNITS * 0.92 * 1_000.0).round() / 1_000.0
}

/// The least distance between two places that do not lie on each other.
///
/// Shapes are squares, so that the distance is the larger one of the two axes.
fn gap(places: &[(f64, f64)]) -> Option<f64> {
    let pairs = places
        .iter()
        .enumerate()
        .flat_map(|(index, one)| places[index + 1..].iter().map(move |other| (one, other)));
    pairs
        .map(|(one, other)| (one.0 - other.0).abs().max((one.1 - other.1).abs()))
        .filter(|distance| *distance > f64::EPSILON)
        .min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_box_says_how_large_a_plan_is() {
        let size = |text| size_of(text).map(|size| (size.width, size.height));
        assert_eq!(
            size("<?xml?>\n<svg xmlns='x' viewBox=\"0 0 1200 800\">"),
            Some((1200.0, 800.0))
        );
        assert_eq!(
            size("<svg width='10' viewBox='0,0,7.5,8'/>"),
            Some((7.5, 8.0))
        );
        assert_eq!(
            size("<svg stroke-width='3' width=\"300px\" height=\"200\">"),
            Some((300.0, 200.0))
        );
    }

    #[test]
    fn what_states_no_sensible_size_is_no_plan() {
        for text in [
            "",
            "<svg>",
            "<svg viewBox='0 0 nan 8'>",
            "<svg viewBox='0 0 1e300 8'>",
            "<svg viewBox='0 0 -5 8'>",
            "<svg viewBox='10 10 50 50'>",
            "<svg width='100%' height='100%'>",
            "<svg viewBox",
            "<svg viewBox=",
            "<svg viewBox='",
        ] {
            assert_eq!(size_of(text), None, "{text}");
        }
    }

    #[test]
    fn shapes_leave_room_between_neighbours() {
        let size = PlanSize {
            width: 1_000.0,
            height: 600.0,
        };
        let places = [(100.0, 100.0), (140.0, 100.0), (100.0, 300.0)];
        let scale = shape_scale(size, &places);
        assert!(scale * SHAPE_UNITS < 40.0, "{scale}");
        assert!(scale * SHAPE_UNITS > 30.0, "{scale}");
    }

    #[test]
    fn shapes_stay_within_bounds_whatever_the_places() {
        let size = PlanSize {
            width: 1_000.0,
            height: 600.0,
        };
        for places in [
            vec![],
            vec![(5.0, 5.0)],
            vec![(5.0, 5.0), (5.0, 5.1)],
            vec![(0.0, 0.0); 3],
        ] {
            let width = shape_scale(size, &places) * SHAPE_UNITS;
            assert!((10.0..=90.0).contains(&width), "{width}");
        }
    }

    #[test]
    fn a_floor_without_a_plan_is_large_enough_for_its_places() {
        let size = size_for(&[(50.0, 20.0), (90.0, 20.0)]);
        assert_eq!((size.width, size.height), (130.0, 60.0));
    }
}
