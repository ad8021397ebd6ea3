//! House rules that tie the examples of a page to files that the tests compile and run.

use super::{Breach, House};

const PAGE: &str = "bindings/README.md";

/// The language of a block on the page, and the file in which its lines are run.
const EXAMPLES: [(&str, &str); 2] = [
    (
        "kotlin",
        "bindings/kotlin/core/src/test/kotlin/dev/kokoni/core/TenLines.kt",
    ),
    (
        "swift",
        "bindings/swift/Tests/KokoniKitTests/TenLines.swift",
    ),
];

/// The examples for app developers are the ones that are compiled and run.
pub(super) fn bindings_readme_shows_what_is_run(house: &House) -> Vec<Breach> {
    let text = |path: &str| {
        let file = house.files.iter().find(|file| file.path == path);
        file.map_or("", |file| file.text.as_str())
    };
    let page = text(PAGE);
    EXAMPLES
        .iter()
        .filter(|(language, path)| {
            let (shown, run) = (block(page, language), marked(text(path)));
            shown.is_none() || shown != run
        })
        .map(|(language, path)| {
            format!(
                "{PAGE}: its {language} must be the lines between `README: begin` and `README: \
                 end` of {path}"
            )
        })
        .collect()
}

/// The first fenced block of a language.
fn block(page: &str, language: &str) -> Option<Vec<String>> {
    let (_, from) = page.split_once(&format!("```{language}\n"))?;
    let (block, _) = from.split_once("\n```")?;
    Some(without_margin(block.lines()))
}

/// The lines between the marks.
fn marked(file: &str) -> Option<Vec<String>> {
    let (_, from) = file.split_once("// README: begin\n")?;
    let (lines, _) = from.rsplit_once("// README: end")?;
    Some(without_margin(lines.trim_end().lines()))
}

/// Lines without the indentation that all of them share.
fn without_margin<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let filled = lines.clone().filter(|line| !line.trim().is_empty());
    let margin = filled.map(indent).min().unwrap_or(0);
    lines
        .map(|line| line.get(margin..).unwrap_or("").to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{File, House};
    use super::{EXAMPLES, PAGE, bindings_readme_shows_what_is_run};

    fn house(page: &str, example: &str) -> House {
        let mut house = House::with_file(PAGE, page);
        house.files.extend(EXAMPLES.iter().map(|(_, path)| File {
            path: (*path).to_owned(),
            text: example.to_owned(),
        }));
        house
    }

    const RUN: &str =
        "a {\n    // README: begin\n    b {\n        c\n    }\n    // README: end\n}\n";

    #[test]
    fn a_page_that_shows_what_is_run_is_fine_whatever_the_margin() {
        let page = "```kotlin\nb {\n    c\n}\n```\n```swift\nb {\n    c\n}\n```\n";
        assert!(bindings_readme_shows_what_is_run(&house(page, RUN)).is_empty());
    }

    #[test]
    fn another_line_or_no_line_is_a_breach() {
        let page = "```kotlin\nb {\n    d\n}\n```\n";
        let breaches = bindings_readme_shows_what_is_run(&house(page, RUN));
        assert_eq!(breaches.len(), 2);
        assert!(breaches[0].starts_with("bindings/README.md: its kotlin must be"));
    }
}
