//! House rules about which crate may depend on which, from `cargo metadata`. Dependencies of
//! tests are free: a test may use anything.

use super::{Breach, House};
use crate::project::{Dependency, Package};

/// What each crate of the product may depend on inside the workspace. Tests, benchmarks and
/// xtask may look at anything, and nothing may look at them, but for the camera of the demo.
const ARROWS: [(&str, &[&str]); 8] = [
    ("kokoni-model", &[]),
    ("kokoni-reader", &["kokoni-model"]),
    ("kokoni-reader-wasm", &["kokoni-model", "kokoni-reader"]),
    ("kokoni-client", &["kokoni-model"]),
    ("kokoni-server", &["kokoni-model"]),
    (
        "kokoni-ffi",
        &["kokoni-model", "kokoni-reader", "kokoni-client"],
    ),
    ("kokoni-camera", &["kokoni-model"]),
    (
        "kokoni",
        &[
            "kokoni-model",
            "kokoni-reader",
            "kokoni-client",
            "kokoni-server",
            "kokoni-camera",
        ],
    ),
];

/// Folders whose crates are no part of the product.
const WORKSHOPS: [&str; 2] = ["/tests/", "/xtask/"];

pub(super) fn point_one_way(house: &House) -> Vec<Breach> {
    house.packages.iter().flat_map(breaches_of).collect()
}

fn breaches_of(package: &Package) -> Vec<Breach> {
    let name = &package.name;
    let arrow = ARROWS.iter().find(|(from, _)| from == name);
    let manifest = package.manifest_path.to_string_lossy();
    let Some((_, allowed)) = arrow else {
        if WORKSHOPS.iter().any(|folder| manifest.contains(folder)) {
            return Vec::new();
        }
        return vec![format!(
            "{name}: give it a line in ARROWS in xtask/src/test/house/arrows.rs"
        )];
    };
    product_dependencies(package)
        .filter(|dependency| dependency.path.is_some())
        .filter(|dependency| !allowed.contains(&dependency.name.as_str()))
        .map(|Dependency { name: other, .. }| {
            format!(
                "{name} depends on {other}: move what both need into kokoni-model, \
                 or what only tests need under [dev-dependencies]"
            )
        })
        .collect()
}

pub(super) fn only_ffi_knows_uniffi(house: &House) -> Vec<Breach> {
    let others = house
        .packages
        .iter()
        .filter(|package| package.name != "kokoni-ffi");
    others
        .filter(|package| {
            product_dependencies(package).any(|other| other.name.starts_with("uniffi"))
        })
        .map(|package| {
            let name = &package.name;
            format!("{name} depends on uniffi: export plain Rust, and wrap it in bindings/ffi")
        })
        .collect()
}

/// What a user of the crate gets with it.
fn product_dependencies(package: &Package) -> impl Iterator<Item = &Dependency> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::{only_ffi_knows_uniffi, point_one_way};

    fn package(name: &str, folder: &str, dependencies: &str) -> House {
        House::with_packages(&format!(
            r#"[{{"name": "{name}", "manifest_path": "/house/{folder}/Cargo.toml",
                 "dependencies": [{dependencies}]}}]"#
        ))
    }

    const READER: &str = r#"{"name": "kokoni-reader", "kind": null, "path": "/house/core/reader"}"#;
    const UNIFFI: &str = r#"{"name": "uniffi", "kind": null}"#;

    #[test]
    fn the_client_never_depends_on_the_reader() {
        let breaches = point_one_way(&package("kokoni-client", "core/client", READER));
        assert_eq!(breaches.len(), 1);
        assert!(breaches[0].starts_with("kokoni-client depends on kokoni-reader: move"));
    }

    #[test]
    fn the_program_may_depend_on_the_reader() {
        assert!(point_one_way(&package("kokoni", "cli", READER)).is_empty());
    }

    #[test]
    fn build_dependencies_count_and_dev_dependencies_do_not() {
        let kind = |kind: &str| READER.replace("null", &format!("\"{kind}\""));
        assert_eq!(
            point_one_way(&package("kokoni-model", "core/model", &kind("build"))).len(),
            1
        );
        assert!(point_one_way(&package("kokoni-model", "core/model", &kind("dev"))).is_empty());
    }

    #[test]
    fn crates_of_others_are_no_arrows() {
        let serde = r#"{"name": "serde", "kind": null}"#;
        assert!(point_one_way(&package("kokoni-model", "core/model", serde)).is_empty());
    }

    #[test]
    fn a_new_crate_of_the_product_needs_a_line() {
        assert_eq!(
            point_one_way(&package("kokoni-new", "core/new", "")).len(),
            1
        );
        assert!(point_one_way(&package("kokoni-bench-new", "tests/bench-new", READER)).is_empty());
    }

    #[test]
    fn uniffi_stays_in_ffi() {
        assert_eq!(
            only_ffi_knows_uniffi(&package("kokoni-client", "core/client", UNIFFI)).len(),
            1
        );
        assert!(only_ffi_knows_uniffi(&package("kokoni-ffi", "bindings/ffi", UNIFFI)).is_empty());
    }
}
