//! `kokoni init` and `kokoni enrol`: what is done at the server's own keyboard, on its data folder,
//! while the server runs or not.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use kokoni_model::calendar::{Calendar, PersonCalendar, ReminderPolicy, TimeZone};
use kokoni_model::ids::{OrganisationId, PersonId};
use kokoni_model::label::Host;
use kokoni_server::auth::Role;
use kokoni_server::config::PublicUrl;
use kokoni_server::organisation::Policies;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::{
    NewOrganisation, NewPerson, NewSection, OrganisationListed, create_organisation, find_people,
    organisations,
};
use kokoni_server::store::{FILE_NAME, Store};
use serde::Serialize;

use crate::demo::city_hall::CityHall;
use crate::invitation::Invitation;
use crate::output;

/// As many namesakes are listed.
const NAMESAKES_SHOWN: usize = 10;

/// Make an organisation
///
/// Puts an organisation into a data folder, which is made when it is not there, and prints a
/// one-time code for its first administrator. The host is the public name in the labels: it is
/// printed on every sticker, so choose one that stays.
///
/// --example city-hall fills it with 2 buildings, 400 seats and 1,200 made-up staff to try things
/// out with.
#[derive(Args)]
pub(crate) struct InitArgs {
    /// The data folder
    #[arg(long, value_name = "DIR", env = "KOKONI_DATA")]
    data: PathBuf,
    /// The organisation's name
    #[arg(long, required_unless_present = "example")]
    name: Option<String>,
    /// The public name in labels, kokoni.example.jp say
    #[arg(long)]
    host: Host,
    /// The time zone by its IANA name
    #[arg(long, default_value = "Asia/Tokyo")]
    zone: TimeZone,
    /// The first administrator, family and given name
    #[arg(long, value_names = ["FAMILY", "GIVEN"], num_args = 2, required_unless_present = "example")]
    admin: Vec<String>,
    /// The first administrator's name in kana, family and given
    #[arg(long, value_names = ["FAMILY", "GIVEN"], num_args = 2, required_unless_present = "example")]
    admin_kana: Vec<String>,
    /// After how many days a borrowed item is due; without it there is no limit
    #[arg(long, value_name = "DAYS", conflicts_with = "example")]
    loan_days: Option<u16>,
    /// How people reach the server, when that is not https:// and the host
    #[arg(long, value_name = "URL", env = "KOKONI_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// Fill it with an example
    #[arg(long, conflicts_with_all = ["admin", "admin_kana"])]
    example: Option<Example>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Organisations to try things out with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Example {
    /// 2 buildings, 5 floors, 400 seats, 1,200 staff, 120 things to borrow
    CityHall,
}

/// Make a one-time code for a person
///
/// Prints a link, ten characters to type, and a QR code for the phone's camera. The person is found
/// by name, kana, extension or id; when several fit they are listed and nothing is made.
#[derive(Args)]
pub(crate) struct EnrolArgs {
    /// The data folder
    #[arg(long, value_name = "DIR", env = "KOKONI_DATA")]
    data: PathBuf,
    /// The label host of the organisation, where the server has several
    #[arg(long)]
    host: Option<Host>,
    /// How people reach the server, when that is not https:// and the host
    #[arg(long, value_name = "URL", env = "KOKONI_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Name, kana, extension or id
    person: String,
}

/// What `init` prints with `--json`.
#[derive(Serialize)]
struct Made {
    organisation: OrganisationId,
    administrator: PersonId,
    #[serde(flatten)]
    invitation: Invitation,
}

/// What `enrol` prints with `--json`.
#[derive(Serialize)]
struct Enrolled {
    person: PersonId,
    #[serde(flatten)]
    invitation: Invitation,
}

pub(crate) fn init(args: &InitArgs) -> Result<()> {
    let new = match args.example {
        Some(Example::CityHall) => example(args)?,
        None => plain(args)?,
    };
    let administrator = new
        .people
        .iter()
        .position(|person| person.role == Role::Administrator)
        .context("an organisation has an administrator")?;
    let mut random = SystemRandomness::new();
    let store = Store::open(&args.data, SystemClock.now(), &mut random)?;
    let made = create_organisation(&store, &new, SystemClock.now(), &mut random)?;
    let person = made.people[administrator].id;
    let url = args.public_url.as_ref();
    let invitation = Invitation::make(&store, made.id, person, &args.host, url)?;
    if args.json {
        let (organisation, administrator) = (made.id, person);
        return output::print_json(&Made {
            organisation,
            administrator,
            invitation,
        });
    }
    output::print(&format!("{} is in {}.\n", new.name, args.data.display()))?;
    invitation.print()?;
    output::print(&format!(
        "\nNext: kokoni serve --data {}",
        args.data.display()
    ))
}

fn plain(args: &InitArgs) -> Result<NewOrganisation> {
    let name = args.name.clone().context("an organisation has a name")?;
    let ([family, given], [kana_family, kana_given]) = (&args.admin[..], &args.admin_kana[..])
    else {
        bail!("--admin and --admin-kana take a family and a given name");
    };
    for part in [&name, family, given, kana_family, kana_given] {
        ensure!(!part.trim().is_empty(), "a name cannot be empty");
    }
    Ok(NewOrganisation {
        label_host: args.host.clone(),
        policies: Policies {
            loan_days: args.loan_days,
            ..Policies::default()
        },
        calendar: calendar(args.zone),
        reminders: ReminderPolicy::default(),
        sections: vec![NewSection {
            name: name.clone(),
            parent: None,
        }],
        name,
        sites: Vec::new(),
        people: vec![NewPerson {
            family: family.clone(),
            given: given.clone(),
            kana_family: kana_family.clone(),
            kana_given: kana_given.clone(),
            alias: None,
            section: 0,
            extension: None,
            role: Role::Administrator,
            calendar: PersonCalendar::default(),
        }],
        blank_labels: 0,
    })
}

fn example(args: &InitArgs) -> Result<NewOrganisation> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let hall = CityHall::generate(u64::from_le_bytes(bytes));
    let mut new = hall.organisation(args.host.clone());
    new.calendar = calendar(args.zone);
    if let Some(name) = &args.name {
        new.name.clone_from(name);
    }
    Ok(new)
}

fn calendar(zone: TimeZone) -> Calendar {
    Calendar {
        zone,
        ..Calendar::default()
    }
}

pub(crate) fn enrol(args: &EnrolArgs) -> Result<()> {
    let store = open(&args.data)?;
    let organisation = the_organisation(&store, args.host.as_ref())?;
    let found = find_people(&store, organisation.id, &args.person, NAMESAKES_SHOWN)?;
    let person = match &found[..] {
        [] => bail!("nobody of {} is called {}", organisation.name, args.person),
        [person] => person,
        several => {
            let list: Vec<String> = several
                .iter()
                .map(|person| format!("  {}  {} ({})", person.id, person.name, person.section))
                .collect();
            bail!("several fit; give the id of one:\n{}", list.join("\n"));
        }
    };
    let url = args.public_url.as_ref();
    let host = &organisation.label_host;
    let invitation = Invitation::make(&store, organisation.id, person.id, host, url)?;
    if args.json {
        return output::print_json(&Enrolled {
            person: person.id,
            invitation,
        });
    }
    output::print(&format!("{} ({})\n", person.name, person.section))?;
    invitation.print()
}

/// Opens a data folder that must hold a database already.
pub(crate) fn open(data: &Path) -> Result<Store> {
    ensure!(
        data.join(FILE_NAME).exists(),
        "{} holds no database; `kokoni init` makes one",
        data.display()
    );
    Ok(Store::open(
        data,
        SystemClock.now(),
        &mut SystemRandomness::new(),
    )?)
}

/// The organisation with this host, or the only one.
pub(crate) fn the_organisation(store: &Store, host: Option<&Host>) -> Result<OrganisationListed> {
    let mut all = organisations(store)?;
    if let Some(host) = host {
        all.retain(|organisation| organisation.label_host == *host);
        return all
            .pop()
            .with_context(|| format!("no organisation has the host {host}"));
    }
    match all.len() {
        0 => bail!("there is no organisation yet; `kokoni init` makes one"),
        1 => all.pop().context("there is one"),
        _ => {
            let hosts: Vec<&str> = all.iter().map(|one| one.label_host.as_str()).collect();
            bail!(
                "there are several organisations; give --host, one of {}",
                hosts.join(", ")
            )
        }
    }
}
