//! The city hall as the server takes it.

use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderDelay, ReminderPolicy};
use kokoni_model::label::Host;
use kokoni_model::wire::directory::PlaceKind as WirePlaceKind;
use kokoni_server::auth::Role;
use kokoni_server::organisation::Policies;
use kokoni_server::setup::{
    NewFloor, NewLocker, NewOrganisation, NewPerson, NewPlace, NewSection, NewSite,
};

use super::{CityHall, Floor, Person, Place, PlaceKind, Post, Rank, Section};

impl CityHall {
    /// Everything the server needs to make this organisation under the name of its labels.
    pub(crate) fn organisation(&self, label_host: Host) -> NewOrganisation {
        NewOrganisation {
            name: self.name.to_owned(),
            label_host,
            policies: Policies {
                loan_days: Some(7),
                ..Policies::default()
            },
            calendar: Calendar::default(),
            reminders: ReminderPolicy {
                no_record_after_start_min: ReminderDelay::new(15).ok(),
                telework_end_after_end_min: ReminderDelay::new(30).ok(),
            },
            sections: self
                .sections
                .iter()
                .map(|section| NewSection {
                    name: section.name.to_owned(),
                    parent: section.parent,
                })
                .collect(),
            sites: self
                .sites
                .iter()
                .map(|site| NewSite {
                    name: site.name.to_owned(),
                    floors: site.floors.iter().map(floor).collect(),
                })
                .collect(),
            people: self
                .people
                .iter()
                .map(|member| person(member, &self.sections))
                .collect(),
            blank_labels: 0,
        }
    }
}

fn floor(floor: &Floor) -> NewFloor {
    NewFloor {
        name: floor.name.to_owned(),
        name_en: floor.name_en.to_owned(),
        level: floor.level,
        plan_svg: Some(floor.plan_svg.clone()),
        zones: floor.zones.clone(),
        places: floor.places.iter().map(place).collect(),
        lockers: floor
            .lockers
            .iter()
            .map(|locker| NewLocker {
                name: locker.name.to_owned(),
                items: locker.items.clone(),
            })
            .collect(),
    }
}

fn place(place: &Place) -> NewPlace {
    let (kind, zone) = match place.kind {
        PlaceKind::Seat { zone } => (WirePlaceKind::Seat, Some(zone)),
        PlaceKind::Room => (WirePlaceKind::Room, None),
    };
    NewPlace {
        name: place.name.clone(),
        kind,
        zone,
        x: place.at.0,
        y: place.at.1,
    }
}

fn person(person: &Person, sections: &[Section]) -> NewPerson {
    NewPerson {
        family: person.family.to_owned(),
        given: person.given.to_owned(),
        kana_family: person.kana_family.to_owned(),
        kana_given: person.kana_given.to_owned(),
        alias: person.alias.map(str::to_owned),
        section: person.section,
        extension: person.extension.clone(),
        role: role(person, sections),
        calendar: PersonCalendar::default(),
    }
}

/// Heads approve; the clerks of every division's general affairs keep seats and items; HR and IT
/// have their own.
fn role(person: &Person, sections: &[Section]) -> Role {
    let section = &sections[person.section];
    match (section.name, section.rank, person.post) {
        ("情報システム課", _, Post::Head) => Role::Administrator,
        ("人事係", _, _) => Role::Hr,
        ("庶務係" | "庁舎管理係", _, _) => Role::OfficeManager,
        (_, Rank::Department | Rank::Division, Post::Head) => Role::Supervisor,
        _ => Role::Staff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_that_runs_an_office_is_taken() {
        let host = Host::new("k.example.jp").expect("a host");
        let made = CityHall::generate(7).organisation(host);
        let holds = |role| {
            made.people
                .iter()
                .filter(|person| person.role == role)
                .count()
        };
        assert_eq!(holds(Role::Administrator), 1);
        for role in [Role::Hr, Role::OfficeManager, Role::Supervisor] {
            assert!(holds(role) > 0, "{role:?}");
        }
        assert!(holds(Role::Staff) > 1_000);
    }
}
