//! The two buildings: what stands where on each floor. Places and drawings are made from the same
//! layout, so that they agree.
//!
//! Units are those of the plans: the origin is the top left corner, x grows to the right, y down.

/// Width and height of every plan.
pub(super) const PLAN: Rect = Rect {
    x: 0.0,
    y: 0.0,
    width: 1600.0,
    height: 900.0,
};

/// The outer walls.
pub(super) const WALLS: Rect = Rect {
    x: 20.0,
    y: 20.0,
    width: 1560.0,
    height: 860.0,
};

/// One desk.
pub(super) const DESK: (f32, f32) = (50.0, 46.0);

/// Where the rows of desks are.
const OFFICE: Rect = Rect {
    x: 250.0,
    y: 50.0,
    width: 1040.0,
    height: 800.0,
};

/// The column of rooms at the right.
const ROOMS: Rect = Rect {
    x: 1330.0,
    y: 20.0,
    width: 250.0,
    height: 860.0,
};

/// The column of stairs, lifts and lockers at the left.
const CORE: Rect = Rect {
    x: 20.0,
    y: 20.0,
    width: 190.0,
    height: 860.0,
};

/// An upright rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Rect {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Rect {
    pub(super) fn middle(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// One desk of an island (島).
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Desk {
    /// `A-12`.
    pub(super) name: String,
    /// Its middle.
    pub(super) at: (f32, f32),
    /// Whether the chair stands above it on the plan, or below.
    pub(super) chair_above: bool,
}

/// A row of islands that share a letter.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    pub(super) letter: char,
    pub(super) desks: Vec<Desk>,
}

/// A named rectangle: a room, a locker, the stairs.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct NamedBox {
    pub(super) name: &'static str,
    pub(super) rect: Rect,
}

/// What stands where on one floor.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Layout {
    pub(super) name: &'static str,
    pub(super) name_en: &'static str,
    pub(super) level: i16,
    pub(super) rows: Vec<Row>,
    pub(super) rooms: Vec<NamedBox>,
    pub(super) lockers: Vec<NamedBox>,
    /// Stairs, lifts, counters: drawn, and nobody's place.
    pub(super) fixtures: Vec<NamedBox>,
    /// The opening in the left wall, from and to.
    pub(super) exit: (f32, f32),
}

/// One line of the table below.
struct FloorPlan {
    name: &'static str,
    name_en: &'static str,
    level: i16,
    letters: &'static str,
    /// Desks on one side of an island; an island has twice as many, a row two islands.
    desks_a_side: usize,
    rooms: &'static [&'static str],
    lockers: &'static [&'static str],
    counter: bool,
}

const MAIN_BUILDING: &[FloorPlan] = &[
    FloorPlan {
        name: "1階",
        name_en: "1F",
        level: 1,
        letters: "ABC",
        desks_a_side: 6,
        rooms: &["相談室1", "相談室2", "キッズコーナー", "待合ロビー"],
        lockers: &["備品ロッカー1"],
        counter: true,
    },
    FloorPlan {
        name: "2階",
        name_en: "2F",
        level: 2,
        letters: "DEF",
        desks_a_side: 8,
        rooms: &["会議室201", "会議室202", "打合せコーナー2"],
        lockers: &["備品ロッカー2", "備品ロッカー3"],
        counter: false,
    },
    FloorPlan {
        name: "3階",
        name_en: "3F",
        level: 3,
        letters: "GHJ",
        desks_a_side: 8,
        rooms: &["庁議室", "会議室301", "打合せコーナー3"],
        lockers: &["備品ロッカー4"],
        counter: false,
    },
];

const ANNEX: &[FloorPlan] = &[
    FloorPlan {
        name: "1階",
        name_en: "1F",
        level: 1,
        letters: "KLMN",
        desks_a_side: 5,
        rooms: &["分庁舎会議室1", "図面閲覧室"],
        lockers: &["備品ロッカー5"],
        counter: true,
    },
    FloorPlan {
        name: "2階",
        name_en: "2F",
        level: 2,
        letters: "PQ",
        desks_a_side: 7,
        rooms: &["分庁舎会議室2", "大会議室"],
        lockers: &["備品ロッカー6"],
        counter: false,
    },
];

/// Each building: its name, and its floors from the ground up.
pub(super) fn buildings() -> [(&'static str, Vec<Layout>); 2] {
    [("本庁舎", MAIN_BUILDING), ("分庁舎", ANNEX)]
        .map(|(name, floors)| (name, floors.iter().map(lay_out).collect()))
}

fn lay_out(floor: &FloorPlan) -> Layout {
    let count = floor.letters.chars().count();
    let pitch = OFFICE.height / count as f32;
    let rows = floor.letters.chars().enumerate().map(|(index, letter)| {
        let middle = OFFICE.y + pitch * (index as f32 + 0.5);
        row(letter, floor.desks_a_side, middle)
    });
    Layout {
        name: floor.name,
        name_en: floor.name_en,
        level: floor.level,
        rows: rows.collect(),
        rooms: stack(floor.rooms, ROOMS),
        lockers: stack(
            floor.lockers,
            Rect {
                y: CORE.y + 600.0,
                height: 240.0,
                ..CORE
            },
        ),
        fixtures: fixtures(floor.counter),
        exit: (470.0, 560.0),
    }
}

/// Two islands side by side, numbered along the upper side and then the lower one.
fn row(letter: char, desks_a_side: usize, middle: f32) -> Row {
    let mut desks = Vec::with_capacity(4 * desks_a_side);
    let width = desks_a_side as f32 * DESK.0;
    for island in 0..2 {
        let centre = OFFICE.x + OFFICE.width * (0.25 + 0.5 * island as f32);
        for (side, chair_above) in [(-0.5, true), (0.5, false)] {
            for column in 0..desks_a_side {
                let x = centre - width / 2.0 + (column as f32 + 0.5) * DESK.0;
                desks.push(Desk {
                    name: format!("{letter}-{:02}", desks.len() + 1),
                    at: (x, middle + side * DESK.1),
                    chair_above,
                });
            }
        }
    }
    Row { letter, desks }
}

/// Shares a column among boxes, from the top.
fn stack(names: &[&'static str], column: Rect) -> Vec<NamedBox> {
    let height = column.height / names.len().max(1) as f32;
    let boxes = names.iter().enumerate().map(|(index, &name)| NamedBox {
        name,
        rect: Rect {
            y: column.y + height * index as f32,
            height,
            ..column
        },
    });
    boxes.collect()
}

fn fixtures(counter: bool) -> Vec<NamedBox> {
    let mut fixtures = stack(
        &["階段", "エレベーター", "給湯室"],
        Rect {
            height: 420.0,
            ..CORE
        },
    );
    if counter {
        fixtures.push(NamedBox {
            name: "窓口カウンター",
            rect: Rect {
                x: 1292.0,
                y: 80.0,
                width: 24.0,
                height: 740.0,
            },
        });
    }
    fixtures
}
