//! What reminders promise.

use std::collections::BTreeSet;

use super::*;
use crate::calendar::{Half, Leave, MinuteSpan, TimeZone};
use chrono::{DateTime, Datelike, TimeDelta, Weekday};
use proptest::prelude::*;

const PUBLISHED_HOLIDAYS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/fixtures/domain/holidays-jp-2007-2099.txt"
));

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A moment given as `2026-11-24T08:00:00+09:00`.
fn at(text: &str) -> Timestamp {
    let moment = DateTime::parse_from_rfc3339(text).unwrap();
    Timestamp::from_micros(moment.timestamp_micros())
}

fn delay(minutes: u16) -> Option<ReminderDelay> {
    Some(ReminderDelay::new(minutes).unwrap())
}

/// A person and an office, and what is asked of them.
#[derive(Clone, Debug)]
struct Scene {
    policy: ReminderPolicy,
    calendar: Calendar,
    person: PersonCalendar,
    days: Vec<DayRecord>,
}

impl Scene {
    fn usual() -> Self {
        Self {
            policy: ReminderPolicy {
                no_record_after_start_min: delay(15),
                telework_end_after_end_min: delay(30),
            },
            calendar: Calendar::default(),
            person: PersonCalendar::default(),
            days: Vec::new(),
        }
    }

    fn in_zone(zone: &str, person: &str) -> Self {
        let mut scene = Self::usual();
        scene.calendar.zone = TimeZone::named(zone).unwrap();
        scene.person = serde_json::from_str(person).unwrap();
        scene
    }

    fn with_day(mut self, json: &str) -> Self {
        self.days.push(serde_json::from_str(json).unwrap());
        self
    }

    fn with_leave(mut self, leave: Leave) -> Self {
        self.person.leave.push(leave);
        self
    }

    fn after(&self, now: Timestamp) -> Vec<Reminder> {
        self.try_after(now).unwrap()
    }

    fn try_after(&self, now: Timestamp) -> Result<Vec<Reminder>, CalendarError> {
        reminders(
            now,
            &ReminderFacts {
                organisation: OrganisationId::from_uuid(uuid::Uuid::from_u128(7)),
                policy: &self.policy,
                calendar: &self.calendar,
                person: &self.person,
                days: &self.days,
            },
        )
    }

    /// The next reminder of a date, as local time and offset.
    fn on(&self, now: &str, day: &str) -> Option<String> {
        let day = date(day);
        let found = self
            .after(at(now))
            .into_iter()
            .find(|reminder| reminder.date == day)?;
        Some(format!("{} {:+}", found.local, found.offset_min))
    }
}

/// Tuesday 24 November 2026, before work, after a long weekend.
const TUESDAY: &str = "2026-11-24";
const EARLY: &str = "2026-11-24T07:00:00+09:00";

#[test]
fn the_next_days_without_a_record_are_reminded_of_at_the_start_and_a_little() {
    let next = Scene::usual().after(at(EARLY));
    assert_eq!(next.len(), MAX_PENDING);
    insta::assert_json_snapshot!(&next[..2]);
    let dates: Vec<String> = next
        .iter()
        .take(5)
        .map(|next| next.date.to_string())
        .collect();
    assert_eq!(
        dates,
        [
            "2026-11-24",
            "2026-11-25",
            "2026-11-26",
            "2026-11-27",
            "2026-11-30"
        ]
    );
}

#[test]
fn the_year_end_is_passed_over() {
    let next = Scene::usual().after(at("2026-12-28T09:00:00+09:00"));
    assert_eq!(next[0].date, date("2027-01-04"));
}

#[test]
fn after_a_scan_the_days_reminder_is_gone() {
    let scene =
        Scene::usual().with_day(r#"{"date":"2026-11-24","first_scan_us":1795475400000000}"#);
    assert_eq!(scene.on(EARLY, TUESDAY), None);
    assert!(scene.on(EARLY, "2026-11-25").is_some());
}

#[test]
fn declared_telework_needs_no_record_but_an_end_report() {
    let declared = r#"{"date":"2026-11-24","telework_declared_us":1795475400000000}"#;
    let scene = Scene::usual().with_day(declared);
    let first = &scene.after(at(EARLY))[0];
    assert_eq!(first.kind, ReminderKind::TeleworkEnd);
    assert_eq!(first.local.to_string(), "2026-11-24 17:45:00");
    assert_eq!(first.text_ja, "終了報告がまだです。");

    let ended = scene.with_day(r#"{"date":"2026-11-24","telework_ended_us":1795475500000000}"#);
    assert_eq!(ended.on(EARLY, TUESDAY), None);
}

#[test]
fn the_policy_may_want_neither() {
    let mut scene =
        Scene::usual().with_day(r#"{"date":"2026-11-24","telework_declared_us":1795475400000000}"#);
    scene.policy.telework_end_after_end_min = None;
    assert_eq!(scene.on(EARLY, TUESDAY), None);
    scene.policy.no_record_after_start_min = None;
    assert_eq!(scene.after(at(EARLY)), []);
}

#[test]
fn a_persons_own_hours_count() {
    let scene = Scene::in_zone(
        "Asia/Tokyo",
        r#"{"hours":{"start_min":570,"end_min":1095}}"#,
    );
    assert_eq!(
        scene.on(EARLY, TUESDAY).unwrap(),
        "2026-11-24 09:45:00 +540"
    );
}

#[test]
fn a_morning_off_shifts_the_reminder_to_the_afternoon() {
    let scene = Scene::usual().with_leave(Leave::HalfDay {
        date: date(TUESDAY),
        half: Half::Morning,
    });
    assert_eq!(
        scene.on(EARLY, TUESDAY).unwrap(),
        "2026-11-24 13:15:00 +540"
    );
    let scene = Scene::usual().with_leave(Leave::HalfDay {
        date: date(TUESDAY),
        half: Half::Afternoon,
    });
    assert_eq!(
        scene.on(EARLY, TUESDAY).unwrap(),
        "2026-11-24 08:45:00 +540"
    );
}

#[test]
fn leave_that_covers_the_start_means_no_reminder() {
    let hours = |start_min, end_min| {
        Scene::usual().with_leave(Leave::Hours {
            date: date(TUESDAY),
            span: MinuteSpan::new(start_min, end_min).unwrap(),
        })
    };
    assert_eq!(hours(510, 570).on(EARLY, TUESDAY), None);
    assert_eq!(
        hours(540, 600).on(EARLY, TUESDAY).unwrap(),
        "2026-11-24 08:45:00 +540"
    );
    let days = Leave::Days {
        first: date(TUESDAY),
        last: date("2026-11-25"),
    };
    assert_eq!(
        Scene::usual().with_leave(days).after(at(EARLY))[0].date,
        date("2026-11-26")
    );
}

#[test]
fn a_snooze_puts_off_within_the_day_and_not_into_the_next() {
    let snoozed = |until: &str| {
        let until = at(until).as_micros();
        Scene::usual().with_day(&format!(
            r#"{{"date":"2026-11-24","snoozed_until_us":{until}}}"#
        ))
    };
    let now = "2026-11-24T08:50:00+09:00";
    let put_off = snoozed("2026-11-24T09:20:00+09:00");
    assert_eq!(
        put_off.on(now, TUESDAY).unwrap(),
        "2026-11-24 09:20:00 +540"
    );
    assert_eq!(
        put_off.on("2026-11-24T09:20:00+09:00", TUESDAY),
        None,
        "said once, not again"
    );
    assert_eq!(Scene::usual().on(now, TUESDAY), None, "nobody snoozed");
    let early = snoozed("2026-11-24T08:00:00+09:00");
    assert_eq!(
        early.on(EARLY, TUESDAY).unwrap(),
        "2026-11-24 08:45:00 +540"
    );
    assert_eq!(snoozed("2026-11-25T04:00:00+09:00").on(now, TUESDAY), None);
}

#[test]
fn a_snoozed_reminder_keeps_its_id() {
    let until = at("2026-11-24T09:20:00+09:00").as_micros();
    let snoozed = Scene::usual().with_day(&format!(
        r#"{{"date":"2026-11-24","snoozed_until_us":{until}}}"#
    ));
    let (plain, snoozed) = (Scene::usual().after(at(EARLY)), snoozed.after(at(EARLY)));
    assert_eq!(plain[0].id, snoozed[0].id);
    assert_eq!(plain[1..], snoozed[1..]);
}

#[test]
fn a_night_shift_is_reminded_of_its_end_on_the_next_morning() {
    let scene = Scene::in_zone(
        "Asia/Tokyo",
        r#"{"rostered":true,"days":{"2026-11-24":{"kind":"on",
            "hours":{"start_min":1035,"end_min":1950}}}}"#,
    );
    assert_eq!(
        scene.on(EARLY, TUESDAY).unwrap(),
        "2026-11-24 17:30:00 +540"
    );
    let scene = scene.with_day(r#"{"date":"2026-11-24","telework_declared_us":1795475400000000}"#);
    let in_the_morning = "2026-11-25T06:00:00+09:00";
    assert_eq!(
        scene.on(in_the_morning, TUESDAY).unwrap(),
        "2026-11-25 09:00:00 +540"
    );
}

#[test]
fn a_duty_in_the_small_hours_looks_at_the_working_day_it_lies_in() {
    let scene = Scene::in_zone(
        "Asia/Tokyo",
        r#"{"rostered":true,"days":{"2026-11-24":{"kind":"on",
            "hours":{"start_min":120,"end_min":600}}}}"#,
    );
    let now = "2026-11-23T20:00:00+09:00";
    assert_eq!(scene.on(now, TUESDAY).unwrap(), "2026-11-24 02:15:00 +540");
    let scanned = scene.with_day(r#"{"date":"2026-11-23","first_scan_us":1795453200000000}"#);
    assert_eq!(scanned.on(now, TUESDAY), None);
}

#[test]
fn a_start_that_the_clocks_skip_comes_as_much_later_as_the_gap_is_long() {
    // Rostered on the two Sundays on which clocks change in New York in 2026.
    let scene = Scene::in_zone(
        "America/New_York",
        r#"{"rostered":true,"days":{
            "2026-03-08":{"kind":"on","hours":{"start_min":150,"end_min":600}},
            "2026-11-01":{"kind":"on","hours":{"start_min":75,"end_min":600}}}}"#,
    );
    let spring = scene.on("2026-03-07T12:00:00-05:00", "2026-03-08").unwrap();
    assert_eq!(spring, "2026-03-08 03:45:00 -240", "02:30 is read as 03:30");
    // 01:15 comes twice on 1 November: the first counts, and once.
    let autumn = "2026-10-31T12:00:00-04:00";
    assert_eq!(
        scene.on(autumn, "2026-11-01").unwrap(),
        "2026-11-01 01:30:00 -240"
    );
    let second_time_round = "2026-11-01T01:10:00-05:00";
    assert_eq!(scene.on(second_time_round, "2026-11-01"), None);
}

#[test]
fn a_delay_is_time_that_passes_also_when_the_clocks_are_put_back() {
    let scene = Scene::in_zone(
        "America/New_York",
        r#"{"rostered":true,"days":{
            "2026-11-01":{"kind":"on","hours":{"start_min":110,"end_min":600}}}}"#,
    );
    let autumn = "2026-10-31T12:00:00-04:00";
    assert_eq!(
        scene.on(autumn, "2026-11-01").unwrap(),
        "2026-11-01 01:05:00 -300"
    );
}

#[test]
fn half_hour_clock_changes_are_known() {
    let scene = Scene::in_zone(
        "Australia/Lord_Howe",
        r#"{"rostered":true,"days":{
            "2026-10-04":{"kind":"on","hours":{"start_min":125,"end_min":600}}}}"#,
    );
    let spring = scene.on("2026-10-03T12:00:00+10:30", "2026-10-04").unwrap();
    assert_eq!(spring, "2026-10-04 02:50:00 +660", "02:05 is read as 02:35");
}

#[test]
fn a_clock_outside_the_calendars_years_is_an_error_and_its_edges_are_not() {
    let scene = Scene::usual();
    assert!(scene.try_after(Timestamp::from_micros(0)).is_err());
    assert!(scene.try_after(Timestamp::from_micros(i64::MAX)).is_err());
    assert!(scene.try_after(Timestamp::from_micros(i64::MIN)).is_err());
    assert_eq!(
        scene.after(at("2007-01-01T09:00:00+09:00"))[0].date,
        date("2007-01-04")
    );
    assert_eq!(scene.after(at("2099-12-28T09:00:00+09:00")), []);
}

#[test]
fn policy_and_day_record_in_json() {
    insta::assert_json_snapshot!(Scene::usual().policy, @r#"
    {
      "no_record_after_start_min": 15,
      "telework_end_after_end_min": 30
    }
    "#);
    let record = DayRecord {
        first_scan_us: Some(at("2026-11-24T08:30:00+09:00")),
        ..DayRecord::empty(date(TUESDAY))
    };
    insta::assert_json_snapshot!(record, @r#"
    {
      "date": "2026-11-24",
      "first_scan_us": 1795476600000000,
      "telework_declared_us": null,
      "telework_ended_us": null,
      "snoozed_until_us": null
    }
    "#);
    let policy: ReminderPolicy = serde_json::from_str("{}").unwrap();
    assert_eq!(policy, ReminderPolicy::default());
    let refusal = serde_json::from_str::<ReminderPolicy>(r#"{"no_record_after_start_min":721}"#);
    insta::assert_snapshot!(refusal.unwrap_err(),
        @"a reminder 721 minutes late is later than 720 minutes at line 1 column 33");
}

/// Days off as two other programs publish them, weekends and the year end.
fn is_off_by_the_book(day: NaiveDate) -> bool {
    let year = format!("{} ", day.year());
    let published = PUBLISHED_HOLIDAYS
        .lines()
        .find(|line| line.starts_with(&year))
        .unwrap();
    let year_end = matches!((day.month(), day.day()), (12, 29..) | (1, ..=3));
    let mmdd = day.format("%m%d").to_string();
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
        || year_end
        || published.split(' ').skip(2).any(|off| off == mmdd)
}

fn zones() -> impl Strategy<Value = TimeZone> {
    prop_oneof![
        proptest::sample::select(vec![
            "Asia/Tokyo",
            "America/New_York",
            "Australia/Lord_Howe"
        ]),
        proptest::sample::select(&chrono_tz::TZ_VARIANTS[..]).prop_map(chrono_tz::Tz::name),
    ]
    .prop_map(|name| TimeZone::named(name).unwrap())
}

prop_compose! {
    fn scenes()(
        zone in zones(),
        start in 0_u16..1440,
        length in 1_u16..1000,
        late in 0_u16..=720,
        marks in prop::collection::vec((0_i64..30, 0_u8..4, 0_i64..2_000), 0..12),
    ) -> Scene {
        let mut scene = Scene::usual();
        scene.calendar.zone = zone;
        scene.calendar.hours =
            crate::calendar::WorkingHours::new(start, start + length, None).unwrap();
        scene.policy.no_record_after_start_min = delay(late);
        scene.policy.telework_end_after_end_min = delay(late);
        for (days, mark, minutes) in marks {
            let day = date(TUESDAY) + TimeDelta::days(days);
            let moment = Some(at("2026-11-24T00:00:00Z").plus_seconds(days * 86_400 + minutes * 60));
            let mut record = DayRecord::empty(day);
            match mark {
                0 => record.first_scan_us = moment,
                1 => record.telework_declared_us = moment,
                2 => record.snoozed_until_us = moment,
                _ => scene.person.leave.push(Leave::HalfDay { date: day, half: Half::Morning }),
            }
            scene.days.push(record);
        }
        scene
    }
}

prop_compose! {
    fn nows()(seconds in 0_i64..40 * 86_400) -> Timestamp {
        at("2026-11-20T00:00:00Z").plus_seconds(seconds)
    }
}

proptest! {
    #[test]
    fn never_in_the_past_never_twice_for_a_date_and_never_too_many(
        scene in scenes(),
        now in nows(),
    ) {
        let next = scene.after(now);
        prop_assert!(next.len() <= MAX_PENDING);
        prop_assert!(next.iter().all(|reminder| reminder.at_us > now));
        prop_assert!(next.windows(2).all(|pair| pair[0].at_us <= pair[1].at_us));
        let dates: BTreeSet<_> = next.iter().map(|reminder| reminder.date).collect();
        prop_assert_eq!(dates.len(), next.len());
        let ids: BTreeSet<_> = next.iter().map(|reminder| &reminder.id).collect();
        prop_assert_eq!(ids.len(), next.len());
    }

    #[test]
    fn only_on_days_that_are_worked_by_the_book(scene in scenes(), now in nows()) {
        for reminder in scene.after(now) {
            prop_assert!(!is_off_by_the_book(reminder.date), "{:?}", reminder);
        }
    }

    #[test]
    fn asking_later_changes_nothing_but_what_has_passed(
        scene in scenes(),
        now in nows(),
        later_s in 0_i64..20 * 86_400,
    ) {
        let later = now.plus_seconds(later_s);
        let still_due: Vec<_> =
            scene.after(now).into_iter().filter(|reminder| reminder.at_us > later).collect();
        let asked_later = scene.after(later);
        prop_assert_eq!(&asked_later[..still_due.len()], &still_due[..]);
    }

    #[test]
    fn the_local_time_and_offset_are_those_of_the_moment(scene in scenes(), now in nows()) {
        for reminder in scene.after(now) {
            let utc = reminder.at_us.to_utc().unwrap();
            let local = scene.calendar.zone.local(utc).naive_local();
            prop_assert_eq!(reminder.local, local);
            let ahead = (local - utc.naive_utc()).num_minutes();
            prop_assert_eq!(i64::from(reminder.offset_min), ahead);
        }
    }

    #[test]
    fn a_record_of_the_day_silences_it(scene in scenes(), now in nows(), pick in 0_usize..50) {
        let next = scene.after(now);
        prop_assume!(!next.is_empty());
        let silenced = &next[pick % next.len()];
        let mut scene = scene;
        // Whichever working day the duty counts for, a finished record of it means silence.
        for days in -1..=1 {
            let mut record = DayRecord::empty(silenced.date + TimeDelta::days(days));
            record.first_scan_us = Some(now);
            record.telework_ended_us = Some(now);
            scene.days.push(record);
        }
        let again = scene.after(now);
        prop_assert!(again.iter().all(|reminder| reminder.id != silenced.id));
    }
}
