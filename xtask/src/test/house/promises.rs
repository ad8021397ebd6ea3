//! House rules that tie a document to what the code says.

use super::{Breach, House};

/// What this command cannot check stands in the README's table of what is verified where.
pub(super) fn readme_names_what_is_not_here(house: &House) -> Vec<Breach> {
    let readme = house.files.iter().find(|file| file.path == "README.md");
    let text = readme.map_or("", |file| file.text.as_str());
    let missing = house.not_here.iter().filter(|what| !text.contains(**what));
    missing
        .map(|what| format!("README.md: add `{what}` to the table of what is verified where"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::readme_names_what_is_not_here;

    fn breaches(readme: &str) -> Vec<String> {
        let mut house = House::with_file("README.md", readme);
        house.not_here = vec!["running on real phones"];
        readme_names_what_is_not_here(&house)
    }

    #[test]
    fn what_is_not_verified_here_is_named_in_the_readme() {
        assert!(breaches("| running on real phones | by hand |").is_empty());
        assert_eq!(
            breaches("nothing of the kind"),
            ["README.md: add `running on real phones` to the table of what is verified where"]
        );
    }
}
