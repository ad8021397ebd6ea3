//! The staff: a head for every section, the others spread over the teams.

use kokoni_camera::Random;

use super::names::{self, Name};
use super::{PEOPLE, Person, Post, Rank, Section};

/// One in so many has no telephone of their own.
const WITHOUT_EXTENSION: usize = 9;

/// One in so many is still known by a former family name.
const WITH_FORMER_NAME: usize = 25;

/// The first extension.
const FIRST_EXTENSION: usize = 2001;

/// Exactly [`PEOPLE`] people: the heads first, in the order of the sections.
pub(super) fn people(sections: &[Section], random: &mut Random) -> Vec<Person> {
    let teams: Vec<usize> = (0..sections.len())
        .filter(|&section| sections[section].rank == Rank::Team)
        .collect();
    let heads = (0..sections.len()).map(|section| (section, Post::Head));
    let members = teams.iter().cycle().map(|&team| (team, Post::Member));
    let mut families = shuffled_families(random).into_iter();
    heads
        .chain(members)
        .take(PEOPLE)
        .enumerate()
        .map(|(number, (section, post))| {
            // Every name of the table occurs, rare forms of characters included.
            let family = families.next().unwrap_or_else(|| names::family(random));
            let given = names::given(random);
            let alias = (random.below(WITH_FORMER_NAME) == 0)
                .then(|| names::family(random))
                .filter(|former| *former != family);
            let phone = post == Post::Head || random.below(WITHOUT_EXTENSION) != 0;
            Person {
                family: family.written,
                given: given.written,
                kana_family: family.kana,
                kana_given: given.kana,
                alias: alias.map(|former| former.written),
                section,
                post,
                extension: phone.then(|| (FIRST_EXTENSION + number).to_string()),
            }
        })
        .collect()
}

fn shuffled_families(random: &mut Random) -> Vec<Name> {
    let mut families: Vec<Name> = names::every_family().collect();
    for last in (1..families.len()).rev() {
        families.swap(last, random.below(last + 1));
    }
    families
}
