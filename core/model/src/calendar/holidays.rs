//! Japanese national holidays, computed for 2007 to 2099.
//!
//! Source: the Act on National Holidays (国民の祝日に関する法律, Act 178 of 1948) as amended since
//! 2007, and the special laws for 2019 (Act 99 of 2018) and for 2020 and 2021 (the Olympic moves).
//! Article 3 knows three kinds of days off: a national holiday; the nearest later day that is not
//! one when it falls on a Sunday; and a day between two national holidays.
//!
//! The equinox days become official only when the gazette of 1 February of the year before names
//! them; until then they are predictions, and an organisation can override a day in its
//! [`Calendar`](super::Calendar).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Serialize;
use thiserror::Error;

/// The first year the rules here are valid for: substitute days skip on since 2007.
pub const FIRST_YEAR: i32 = 2007;
/// The last year the equinox formula is valid for.
pub const LAST_YEAR: i32 = 2099;

/// The day lies outside the years whose holidays can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("holidays are known for {FIRST_YEAR} to {LAST_YEAR}, not for {year}")]
pub struct YearOutOfRange {
    /// The year asked for.
    pub year: i32,
}

/// By which paragraph of article 3 a day is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayKind {
    /// A national holiday (国民の祝日).
    National,
    /// The day off for a national holiday that fell on a Sunday (振替休日).
    Substitute,
    /// A day between two national holidays (国民の休日).
    Citizens,
}

/// A day off by law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Holiday {
    /// The day.
    pub date: NaiveDate,
    /// Why it is off.
    pub kind: HolidayKind,
    /// Its name in Japanese.
    pub name_ja: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
}

/// The holiday on `date`, if it is one.
///
/// # Errors
/// [`YearOutOfRange`] outside 2007 to 2099.
pub fn holiday(date: NaiveDate) -> Result<Option<Holiday>, YearOutOfRange> {
    check_year(date.year())?;
    let found = if let Some((name_ja, name_en)) = national(date) {
        Some((HolidayKind::National, name_ja, name_en))
    } else if substitutes_a_sunday(date) {
        Some((HolidayKind::Substitute, "振替休日", "Substitute Holiday"))
    } else if lies_between_two(date) {
        Some((HolidayKind::Citizens, "国民の休日", "Citizens' Holiday"))
    } else {
        None
    };
    Ok(found.map(|(kind, name_ja, name_en)| Holiday {
        date,
        kind,
        name_ja,
        name_en,
    }))
}

/// All holidays of a year, in order.
///
/// # Errors
/// [`YearOutOfRange`] outside 2007 to 2099.
pub fn holidays(year: i32) -> Result<Vec<Holiday>, YearOutOfRange> {
    check_year(year)?;
    let first = NaiveDate::from_ymd_opt(year, 1, 1).ok_or(YearOutOfRange { year })?;
    first
        .iter_days()
        .take_while(|day| day.year() == year)
        .filter_map(|day| holiday(day).transpose())
        .collect()
}

fn check_year(year: i32) -> Result<(), YearOutOfRange> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&year) {
        Ok(())
    } else {
        Err(YearOutOfRange { year })
    }
}

fn substitutes_a_sunday(date: NaiveDate) -> bool {
    days_before(date)
        .take_while(|&day| national(day).is_some())
        .any(|day| day.weekday() == Weekday::Sun)
}

fn lies_between_two(date: NaiveDate) -> bool {
    let is_national = |day: Option<NaiveDate>| day.is_some_and(|day| national(day).is_some());
    is_national(date.pred_opt()) && is_national(date.succ_opt())
}

fn days_before(date: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (1..).map_while(move |back| date.checked_sub_days(Days::new(back)))
}

type Names = (&'static str, &'static str);

const MARINE: Names = ("海の日", "Marine Day");
const MOUNTAIN: Names = ("山の日", "Mountain Day");
const SPORTS: Names = ("スポーツの日", "Sports Day");
const EMPEROR: Names = ("天皇誕生日", "The Emperor's Birthday");

/// The national holiday on a day, by article 2 and the special laws.
fn national(date: NaiveDate) -> Option<Names> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let is_monday = |nth: u32| date.weekday() == Weekday::Mon && day.div_ceil(7) == nth;
    let moved = moved_or_once(year, month, day);
    if moved.is_some() {
        return moved;
    }
    match (month, day) {
        (1, 1) => Some(("元日", "New Year's Day")),
        (1, _) if is_monday(2) => Some(("成人の日", "Coming of Age Day")),
        (2, 11) => Some(("建国記念の日", "National Foundation Day")),
        (2, 23) if year >= 2020 => Some(EMPEROR),
        (3, _) if day == equinox_day(year, VERNAL) => Some(("春分の日", "Vernal Equinox Day")),
        (4, 29) => Some(("昭和の日", "Showa Day")),
        (5, 3) => Some(("憲法記念日", "Constitution Memorial Day")),
        (5, 4) => Some(("みどりの日", "Greenery Day")),
        (5, 5) => Some(("こどもの日", "Children's Day")),
        (7, _) if is_monday(3) && !is_olympic(year) => Some(MARINE),
        (8, 11) if year >= 2016 && !is_olympic(year) => Some(MOUNTAIN),
        (9, _) if is_monday(3) => Some(("敬老の日", "Respect for the Aged Day")),
        (9, _) if day == equinox_day(year, AUTUMNAL) => Some(("秋分の日", "Autumnal Equinox Day")),
        (10, _) if is_monday(2) && year <= 2019 => Some(("体育の日", "Health and Sports Day")),
        (10, _) if is_monday(2) && !is_olympic(year) => Some(SPORTS),
        (11, 3) => Some(("文化の日", "Culture Day")),
        (11, 23) => Some(("勤労感謝の日", "Labour Thanksgiving Day")),
        (12, 23) if year <= 2018 => Some(EMPEROR),
        _ => None,
    }
}

fn is_olympic(year: i32) -> bool {
    matches!(year, 2020 | 2021)
}

/// The holidays of 2019 to 2021 that special laws put on a day of their own.
fn moved_or_once(year: i32, month: u32, day: u32) -> Option<Names> {
    match (year, month, day) {
        (2019, 5, 1) => Some(("天皇の即位の日", "Day of the Emperor's Accession")),
        (2019, 10, 22) => Some((
            "即位礼正殿の儀の行われる日",
            "Day of the Enthronement Ceremony",
        )),
        (2020, 7, 23) | (2021, 7, 22) => Some(MARINE),
        (2020, 7, 24) | (2021, 7, 23) => Some(SPORTS),
        (2020, 8, 10) | (2021, 8, 8) => Some(MOUNTAIN),
        _ => None,
    }
}

/// Constants of the equinox formula, in millionths of a day.
const VERNAL: i32 = 20_843_100;
const AUTUMNAL: i32 = 23_248_800;

/// The day of the month of an equinox in Japan, 1980 to 2099, by the formula of 海上保安庁水路部
/// (新こよみ便利帳): `floor(C + 0.242194 (y - 1980)) - floor((y - 1980) / 4)`, in whole numbers.
fn equinox_day(year: i32, constant: i32) -> u32 {
    let since = year - 1980;
    let day = (constant + 242_194 * since).div_euclid(1_000_000) - since.div_euclid(4);
    day.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    const CSV: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/domain/holidays-jp.csv"
    ));
    const DATES: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/domain/holidays-jp-2007-2099.txt"
    ));

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dates_of(year: i32) -> BTreeSet<NaiveDate> {
        holidays(year)
            .unwrap()
            .iter()
            .map(|holiday| holiday.date)
            .collect()
    }

    fn name_of(text: &str) -> Option<&'static str> {
        holiday(date(text)).unwrap().map(|holiday| holiday.name_ja)
    }

    #[test]
    fn every_day_of_2019_to_2035_is_as_published() {
        let mut published: BTreeMap<NaiveDate, (&str, HolidayKind)> = BTreeMap::new();
        for row in CSV.lines().filter(|line| line.starts_with("20")) {
            let columns: Vec<&str> = row.split(',').collect();
            let kind = match columns[3] {
                "national" | "special" => HolidayKind::National,
                "substitute" => HolidayKind::Substitute,
                "between" => HolidayKind::Citizens,
                other => panic!("unknown kind {other}"),
            };
            published.insert(date(columns[0]), (columns[2], kind));
        }
        assert_eq!(published.len(), 308);
        let computed: BTreeMap<_, _> = (2019..=2035)
            .flat_map(|year| holidays(year).unwrap())
            .map(|holiday| (holiday.date, (holiday.name_ja, holiday.kind)))
            .collect();
        assert_eq!(computed, published);
    }

    #[test]
    fn every_day_of_2007_to_2099_is_where_two_other_programs_put_it() {
        let mut total = 0;
        for line in DATES.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let year: i32 = words.next().unwrap().parse().unwrap();
            let count: usize = words.next().unwrap().parse().unwrap();
            let expected: BTreeSet<NaiveDate> = words
                .map(|mmdd| date(&format!("{year}-{}-{}", &mmdd[..2], &mmdd[2..])))
                .collect();
            assert_eq!(expected.len(), count, "{year}");
            assert_eq!(dates_of(year), expected, "{year}");
            total += count;
        }
        assert_eq!(total, 1659);
    }

    #[test]
    fn the_emperors_birthday_moved_from_december_to_february_and_2019_has_none() {
        assert_eq!(name_of("2018-12-23"), Some("天皇誕生日"));
        assert_eq!(name_of("2018-12-24"), Some("振替休日"));
        assert_eq!(name_of("2018-02-23"), None);
        assert_eq!(name_of("2019-02-23"), None);
        assert_eq!(name_of("2019-12-23"), None);
        assert_eq!(name_of("2020-02-23"), Some("天皇誕生日"));
    }

    #[test]
    fn silver_weeks_have_a_citizens_holiday() {
        // Respect for the Aged Day on the 21st and the equinox on the 23rd enclose a Tuesday.
        for year in [2009, 2015, 2026] {
            assert_eq!(
                name_of(&format!("{year}-09-22")),
                Some("国民の休日"),
                "{year}"
            );
        }
        assert_eq!(name_of("2014-09-22"), None);
    }

    #[test]
    fn a_substitute_skips_on_over_other_holidays() {
        // In 2009, 3 May is a Sunday and 4 and 5 May are holidays themselves.
        assert_eq!(name_of("2009-05-06"), Some("振替休日"));
        assert_eq!(name_of("2009-05-07"), None);
        // In 2007, the first year of the rule, 29 April and 30 September are Sundays.
        assert_eq!(name_of("2007-04-30"), Some("振替休日"));
        assert_eq!(name_of("2007-09-24"), Some("振替休日"));
    }

    #[test]
    fn totals_before_mountain_day_follow_from_the_calendar() {
        // Fifteen national holidays until 2015, sixteen from 2016; more only by Sundays and
        // enclosed days. 2011 has no national holiday on a Sunday, 2018 has four.
        assert_eq!(dates_of(2011).len(), 15);
        assert_eq!(dates_of(2018).len(), 20);
        assert_eq!(dates_of(2009).len(), 15 + 1 + 1);
    }

    #[test]
    fn the_equinox_formula_gives_the_published_days() {
        for (year, vernal, autumnal) in [
            (2007, 21, 23),
            (2012, 20, 22),
            (2024, 20, 22),
            (2027, 21, 23),
            (2099, 20, 23),
        ] {
            assert_eq!(
                (equinox_day(year, VERNAL), equinox_day(year, AUTUMNAL)),
                (vernal, autumnal),
                "{year}"
            );
        }
    }

    #[test]
    fn a_year_outside_the_rules_is_refused_by_name() {
        for year in [2006, 2100, i32::MIN, i32::MAX] {
            assert_eq!(holidays(year), Err(YearOutOfRange { year }));
        }
        assert_eq!(
            holiday(date("2006-12-31")).unwrap_err().to_string(),
            "holidays are known for 2007 to 2099, not for 2006"
        );
        assert_eq!(
            holiday(NaiveDate::MAX),
            Err(YearOutOfRange {
                year: NaiveDate::MAX.year()
            })
        );
    }

    proptest! {
        #[test]
        fn a_substitute_follows_a_national_sunday_and_is_never_one(year in FIRST_YEAR..=LAST_YEAR) {
            let all = holidays(year).unwrap();
            let nationals: BTreeSet<_> = all
                .iter()
                .filter(|holiday| holiday.kind == HolidayKind::National)
                .map(|holiday| holiday.date)
                .collect();
            // The oracle walks the other way: from each national Sunday to the first free day.
            let mut due = BTreeSet::new();
            for &sunday in nationals.iter().filter(|day| day.weekday() == Weekday::Sun) {
                due.insert(sunday.iter_days().find(|day| !nationals.contains(day)).unwrap());
            }
            let given: BTreeSet<_> = all
                .iter()
                .filter(|holiday| holiday.kind == HolidayKind::Substitute)
                .map(|holiday| holiday.date)
                .collect();
            prop_assert!(given.iter().all(|day| day.weekday() != Weekday::Sun));
            prop_assert_eq!(given, due);
        }

        #[test]
        fn no_working_day_is_left_between_two_national_holidays(year in FIRST_YEAR..=LAST_YEAR) {
            let all = holidays(year).unwrap();
            for pair in all.windows(2) {
                let both_national = pair.iter().all(|day| day.kind == HolidayKind::National);
                let gap = (pair[1].date - pair[0].date).num_days();
                prop_assert!(!(both_national && gap == 2), "{:?}", pair);
                prop_assert!(gap >= 1, "out of order: {:?}", pair);
            }
        }
    }
}
