//! What must hold of the city hall whatever the seed.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::building::{DESK, WALLS};
use super::*;

fn floors(hall: &CityHall) -> impl Iterator<Item = &Floor> {
    hall.sites.iter().flat_map(|site| &site.floors)
}

fn seats(hall: &CityHall) -> Vec<&Place> {
    floors(hall)
        .flat_map(|floor| &floor.places)
        .filter(|place| matches!(place.kind, PlaceKind::Seat { .. }))
        .collect()
}

fn all_distinct<T: Ord>(things: impl IntoIterator<Item = T>) -> bool {
    let things: Vec<T> = things.into_iter().collect();
    let count = things.len();
    things.into_iter().collect::<BTreeSet<T>>().len() == count
}

#[test]
fn there_are_two_sites_five_floors_and_four_hundred_seats() {
    let hall = CityHall::generate(7);
    assert_eq!(hall.sites.len(), 2);
    assert_eq!(floors(&hall).count(), 5);
    assert_eq!(seats(&hall).len(), 400);
    assert!(floors(&hall).all(|floor| floor.places.iter().any(|p| p.kind == PlaceKind::Room)));
}

#[test]
fn six_lockers_hold_a_hundred_and_twenty_things() {
    let hall = CityHall::generate(7);
    let lockers: Vec<&Locker> = floors(&hall).flat_map(|floor| &floor.lockers).collect();
    assert_eq!(lockers.len(), 6);
    assert_eq!(
        lockers
            .iter()
            .map(|locker| locker.items.len())
            .sum::<usize>(),
        120
    );
    assert!(all_distinct(
        lockers.iter().flat_map(|locker| &locker.items)
    ));
    assert!(all_distinct(lockers.iter().map(|locker| locker.name)));
}

#[test]
fn no_two_places_of_the_city_hall_have_the_same_name() {
    let hall = CityHall::generate(7);
    assert!(all_distinct(
        floors(&hall)
            .flat_map(|floor| &floor.places)
            .map(|place| &place.name)
    ));
}

#[test]
fn a_seat_is_named_by_a_letter_and_a_number() {
    for seat in seats(&CityHall::generate(7)) {
        let (letter, number) = seat.name.split_once('-').expect("a hyphen");
        assert!(letter.len() == 1 && letter.chars().all(|c| c.is_ascii_uppercase()));
        assert!(
            number.len() == 2 && number.parse::<u8>().is_ok_and(|n| n > 0),
            "{}",
            seat.name
        );
    }
}

#[test]
fn desks_lie_inside_the_walls_and_do_not_overlap() {
    for floor in floors(&CityHall::generate(7)) {
        for (index, place) in floor.places.iter().enumerate() {
            let (x, y) = place.at;
            assert!(
                x - DESK.0 > WALLS.x && x + DESK.0 < WALLS.x + WALLS.width,
                "{place:?}"
            );
            assert!(
                y - DESK.1 > WALLS.y && y + DESK.1 < WALLS.y + WALLS.height,
                "{place:?}"
            );
            for other in &floor.places[index + 1..] {
                let apart = ((x - other.at.0).abs(), (y - other.at.1).abs());
                assert!(
                    apart.0 >= DESK.0 || apart.1 >= DESK.1,
                    "{place:?} {other:?}"
                );
            }
        }
    }
}

#[test]
fn a_section_stands_after_the_one_it_belongs_to() {
    for (index, section) in CityHall::generate(7).sections.iter().enumerate() {
        assert!(section.parent.is_none_or(|parent| parent < index));
        assert_eq!(section.parent.is_none(), section.rank == Rank::Department);
    }
}

#[test]
fn the_plan_of_the_first_floor_looks_like_this() {
    let hall = CityHall::generate(7);
    let plan = &hall.sites[0].floors[0].plan_svg;
    let shown: String = plan
        .lines()
        .filter(|line| !line.contains("circle"))
        .take(60)
        .collect::<Vec<_>>()
        .join("\n");
    insta::assert_snapshot!(shown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_seed_gives_twelve_hundred_people_with_kana_in_real_sections(seed: u64) {
        let hall = CityHall::generate(seed);
        prop_assert_eq!(hall.people.len(), PEOPLE);
        for person in &hall.people {
            let kana = format!("{}{}", person.kana_family, person.kana_given);
            prop_assert!(kana.chars().all(|c| ('ァ'..='ヶ').contains(&c) || c == 'ー'), "{}", kana);
            prop_assert!(person.section < hall.sections.len());
            prop_assert!(person.alias != Some(person.family));
            if person.post == Post::Member {
                prop_assert_eq!(hall.sections[person.section].rank, Rank::Team);
            }
        }
        let extensions = hall.people.iter().filter_map(|person| person.extension.as_ref());
        prop_assert!(all_distinct(extensions));
    }

    #[test]
    fn every_section_has_one_head_and_every_team_members(seed: u64) {
        let hall = CityHall::generate(seed);
        for (index, section) in hall.sections.iter().enumerate() {
            let of = |post| hall.people.iter().filter(|p| p.section == index && p.post == post).count();
            prop_assert_eq!(of(Post::Head), 1);
            prop_assert_eq!(of(Post::Member) > 0, section.rank == Rank::Team);
        }
    }

    #[test]
    fn rare_forms_of_characters_occur_whatever_the_seed(seed: u64) {
        let hall = CityHall::generate(seed);
        for family in ["髙橋", "渡邉", "𠮷田", "山﨑", "濵田", "齋藤"] {
            prop_assert!(hall.people.iter().any(|person| person.family == family), "{}", family);
        }
    }

    #[test]
    fn a_seed_always_gives_the_same_people(seed: u64) {
        prop_assert_eq!(CityHall::generate(seed), CityHall::generate(seed));
    }
}
