//! The part `ios`: the iOS shell as far as a machine without Xcode can check it. The screens' models
//! play the journeys over the real core and a real server; the app's sources are type-checked
//! against stand-ins of Apple's frameworks.

use anyhow::Result;

use super::summary::Tally;
use super::swift::{formed, tests};
use crate::project::{Project, succeeds};
use crate::swift::Package;

/// The package, seen from the root of the checkout.
const PACKAGE: &str = "ios";
/// What is in the form `swift format` gives it.
const FORMED: [&str; 6] = [
    "Package.swift",
    "App",
    "Sources",
    "StandIns",
    "Tests",
    "Widgets",
];
/// The sources of the app and of its extension; targets only where Apple's frameworks are not.
const APPS: [&str; 2] = ["KokoniApp", "KokoniWidgets"];

pub(super) fn run(project: &Project) -> Result<Tally> {
    let package = Package::prepare(project)?;
    let folder = project.root.join(PACKAGE);
    let scratch = project.target().join(PACKAGE);
    let mut tally = formed(&package, &folder, &FORMED)?;
    if cfg!(target_os = "linux") {
        for app in APPS {
            println!("{app}, against stand-ins of Apple's frameworks");
            let mut build = package.swift_in(&folder, &scratch, "build");
            tally += Tally::check(succeeds(build.args(["--target", app]))?);
        }
    }
    let mut swift = package.swift_in(&folder, &scratch, "test");
    tally += tests(project, &mut swift, &folder.join("Tests"))?;
    Ok(tally)
}
