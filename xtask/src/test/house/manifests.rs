//! House rules about manifests and lock files.

use toml::Table;

use super::{Breach, File, House};

/// Every crate takes the workspace's lints, or says itself that documentation may not be missing:
/// a crate at a foreign border (WebAssembly, FFI) cannot forbid `unsafe`.
pub(super) fn have_the_lints(house: &House) -> Vec<Breach> {
    let manifests = house
        .files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"));
    manifests.filter_map(lints_breach).collect()
}

fn lints_breach(File { path, text }: &File) -> Option<Breach> {
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return Some(format!("{path}: {error}")),
    };
    let (owner, cure) = if manifest.contains_key("package") {
        (
            &manifest,
            "write `[lints]` `workspace = true`, or deny missing_docs in lints.rust",
        )
    } else {
        (
            manifest.get("workspace")?.as_table()?,
            "deny missing_docs in workspace.lints.rust",
        )
    };
    let lints = owner.get("lints").and_then(|lints| lints.as_table());
    let inherits = lints
        .and_then(|lints| lints.get("workspace")?.as_bool())
        .unwrap_or(false);
    let level = lints.and_then(|lints| lints.get("rust")?.get("missing_docs")?.as_str());
    let kept = inherits || matches!(level, Some("deny" | "forbid"));
    (!kept).then(|| format!("{path}: {cure}"))
}

/// A lock file with addresses in it ties everyone to the registry of whoever wrote it.
pub(super) fn locks_name_no_host(house: &House) -> Vec<Breach> {
    let locks = house
        .files
        .iter()
        .filter(|file| file.path.ends_with("package-lock.json"));
    locks
        .filter(|file| file.text.contains("\"resolved\": \"http"))
        .map(|File { path, .. }| {
            format!(
                "{path}: write it with `npm install`, whose .npmrc there says \
                 omit-lockfile-registry-resolved=true"
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::{have_the_lints, locks_name_no_host};

    fn kept(manifest: &str) -> bool {
        have_the_lints(&House::with_file("core/model/Cargo.toml", manifest)).is_empty()
    }

    #[test]
    fn a_crate_takes_the_workspaces_lints_or_states_its_own() {
        assert!(kept("[package]\nname = 'a'\n[lints]\nworkspace = true\n"));
        assert!(kept(
            "[package]\nname = 'a'\n[lints.rust]\nmissing_docs = 'deny'\n"
        ));
        assert!(!kept(
            "[package]\nname = 'a'\n[lints.rust]\nmissing_docs = 'allow'\n"
        ));
        assert!(!kept("[package]\nname = 'a'\n"));
    }

    #[test]
    fn the_workspace_denies_missing_docs() {
        assert!(kept("[workspace.lints.rust]\nmissing_docs = 'deny'\n"));
        assert!(!kept("[workspace]\nmembers = []\n"));
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_a_breach() {
        assert!(!kept("[package\n"));
    }

    #[test]
    fn an_address_in_an_npm_lock_file_is_found() {
        let lock = r#""resolved": "https://registry.example/a.tgz""#;
        assert_eq!(
            locks_name_no_host(&House::with_file("tests/web/package-lock.json", lock)).len(),
            1
        );
        let lock = r#""integrity": "sha512-AAAA""#;
        assert!(
            locks_name_no_host(&House::with_file("tests/web/package-lock.json", lock)).is_empty()
        );
    }
}
