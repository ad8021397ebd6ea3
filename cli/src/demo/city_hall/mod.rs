//! A city hall to try things out with: 2 buildings of 5 floors, 400 seats, 1,200 staff, 120 things
//! to borrow. A seed fixes all of it. The people are made up.

mod building;
mod names;
mod organisation;
mod people;
mod plan;
mod sections;

use kokoni_camera::Random;

/// Staff.
pub(crate) const PEOPLE: usize = 1_200;

/// What is kept in every locker, two of each.
const ITEM_KINDS: [&str; 10] = [
    "モバイルスピーカー",
    "プロジェクター",
    "電源タップ",
    "Webカメラ",
    "モバイルWi-Fiルーター",
    "ICレコーダー",
    "デジタルカメラ",
    "レーザーポインター",
    "HDMIケーブル",
    "会議用ノートパソコン",
];

/// Of each kind in one locker.
const OF_EACH_KIND: usize = 2;

/// The whole organisation as plain data.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct CityHall {
    /// The organisation's name.
    pub(crate) name: &'static str,
    /// The buildings.
    pub(crate) sites: Vec<Site>,
    /// Departments, divisions and teams; parents first.
    pub(crate) sections: Vec<Section>,
    /// The staff; each has a home.
    pub(crate) people: Vec<Person>,
}

/// A building; it has one exit label.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) floors: Vec<Floor>,
}

/// A floor with everything on it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Floor {
    pub(crate) name: &'static str,
    pub(crate) name_en: &'static str,
    pub(crate) level: i16,
    /// The drawing; places are in its units.
    pub(crate) plan_svg: String,
    /// Names of the zones.
    pub(crate) zones: Vec<String>,
    pub(crate) places: Vec<Place>,
    pub(crate) lockers: Vec<Locker>,
}

/// A seat, or a room when it stands in no zone.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) kind: PlaceKind,
    /// Its middle on the plan.
    pub(crate) at: (f32, f32),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PlaceKind {
    /// In this zone of the floor.
    Seat {
        zone: usize,
    },
    Room,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Locker {
    pub(crate) name: &'static str,
    pub(crate) items: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) rank: Rank,
    /// Index of the section it belongs to.
    pub(crate) parent: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rank {
    /// 部
    Department,
    /// 課
    Division,
    /// 係
    Team,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Person {
    pub(crate) family: &'static str,
    pub(crate) given: &'static str,
    pub(crate) kana_family: &'static str,
    pub(crate) kana_given: &'static str,
    /// A former family name.
    pub(crate) alias: Option<&'static str>,
    /// Index of their section.
    pub(crate) section: usize,
    pub(crate) post: Post,
    pub(crate) extension: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Post {
    /// 部長, 課長 or 係長, by the rank of the section.
    Head,
    Member,
}

impl CityHall {
    /// The city hall of this seed. Only the people differ from seed to seed.
    pub(crate) fn generate(seed: u64) -> Self {
        let sections = sections::sections();
        let people = people::people(&sections, &mut Random::stream(seed, 1));
        let mut lockers_before = 0;
        let sites = building::buildings().map(|(name, layouts)| Site {
            name,
            floors: layouts
                .into_iter()
                .map(|layout| {
                    let floor = furnish(&layout, name, lockers_before);
                    lockers_before += floor.lockers.len();
                    floor
                })
                .collect(),
        });
        Self {
            name: "ここに市役所",
            sites: sites.into(),
            sections,
            people,
        }
    }
}

fn furnish(layout: &building::Layout, site: &str, lockers_before: usize) -> Floor {
    let seats = layout.rows.iter().enumerate().flat_map(|(zone, row)| {
        row.desks.iter().map(move |desk| Place {
            name: desk.name.clone(),
            kind: PlaceKind::Seat { zone },
            at: desk.at,
        })
    });
    let rooms = layout.rooms.iter().map(|room| Place {
        name: room.name.to_owned(),
        kind: PlaceKind::Room,
        at: room.rect.middle(),
    });
    let lockers = layout
        .lockers
        .iter()
        .enumerate()
        .map(|(index, locker)| Locker {
            name: locker.name,
            items: contents(lockers_before + index),
        });
    Floor {
        name: layout.name,
        name_en: layout.name_en,
        level: layout.level,
        plan_svg: plan::draw(layout, &format!("{site} {}", layout.name)),
        zones: layout
            .rows
            .iter()
            .map(|row| format!("{}ゾーン", row.letter))
            .collect(),
        places: seats.chain(rooms).collect(),
        lockers: lockers.collect(),
    }
}

/// The contents of the locker of this number, counted from 0 through all buildings.
fn contents(locker: usize) -> Vec<String> {
    let numbers = locker * OF_EACH_KIND + 1..=(locker + 1) * OF_EACH_KIND;
    let kinds = ITEM_KINDS.iter();
    kinds
        .flat_map(|kind| {
            numbers
                .clone()
                .map(move |number| format!("{kind} {number:02}"))
        })
        .collect()
}

#[cfg(test)]
mod tests;
