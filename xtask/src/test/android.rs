//! The part `android`: the app compiled against the platform's classes and held to API 26, its
//! tests under Robolectric with the real core and a real server, and its package.

use anyhow::Result;

use super::maven;
use super::summary::Tally;
use crate::android::{self, APP};
use crate::kotlin::Core;
use crate::project::Project;

const TESTS: &str = "src/test/kotlin";
/// Every test runs once on each of them: the oldest and the newest.
const SYSTEMS: u32 = 2;
/// But for these, which run on the newest only.
const PICTURES: &str = "src/test/kotlin/dev/kokoni/app/pictures";

pub(super) fn run(project: &Project) -> Result<Tally> {
    let core = Core::build(project)?;
    let mut command = android::maven(project, &core)?;
    // The part `kotlin` has run those.
    command.arg("-Dkokoni.core.skipTests=true");
    let mut tally = maven::tests(command.arg("package"))?;
    let app = project.root.join(APP);
    let pictures = maven::written(&app.join(PICTURES))?;
    let expected = SYSTEMS * (maven::written(&app.join(TESTS))? - pictures) + pictures;
    tally = tally.of_all(expected)?;
    if tally.failed == 0 {
        android::assemble(project)?;
        tally += Tally::check(true);
    }
    Ok(tally)
}
