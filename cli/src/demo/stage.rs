//! The stage: a city hall in a fresh database, a server that runs it, and a number for everything
//! there is to scan.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use kokoni_model::event::{Act, Epoch, SealedEvent};
use kokoni_model::ids::{DeviceId, FloorId, OrganisationId, PersonId, PlaceId};
use kokoni_model::label::{Host, LabelId};
use kokoni_server::ports::{Clock, Random, SeededRandom, SystemRandomness};
use kokoni_server::setup::{
    CreatedOrganisation, CreatedPerson, CreatedPlace, EnrolmentCode, create_organisation,
    enrolment_code,
};
use kokoni_server::store::{FILE_NAME, Store};
use kokoni_server::{Config, Server, params};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::city_hall::{CityHall, PlaceKind, Post};
use super::clock::MorningClock;
use super::plan::{Goal, Supply};
use super::witness::Held;

/// The name in the labels. Reserved for examples; nothing asks it.
const LABEL_HOST: &str = "kokoni.example.jp";

/// A running server with a city hall in it.
pub(super) struct Stage {
    pub(super) address: SocketAddr,
    pub(super) organisation: OrganisationId,
    pub(super) floors: Vec<FloorId>,
    people: Vec<CreatedPerson>,
    seats: Vec<CreatedPlace>,
    rooms: Vec<CreatedPlace>,
    items: Vec<LabelId>,
    exits: Vec<LabelId>,
    administrator: PersonId,
    store: Store,
    morning: MorningClock,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), kokoni_server::ServerError>>,
}

/// Where the ids and labels of the city hall come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Chance {
    /// From the seed, so that every frame is the same. The key that signs the catalogue comes from
    /// it too: for an organisation that is thrown away.
    Seeded(u64),
    /// From the system.
    System,
}

impl Stage {
    /// Builds the city hall of a seed in an empty folder and opens it on a free port of loopback.
    pub(super) fn build(
        runtime: &Runtime,
        folder: &Path,
        seed: u64,
        chance: Chance,
        morning: MorningClock,
    ) -> Result<Self> {
        if folder.join(FILE_NAME).exists() {
            bail!(
                "{} holds an organisation already; `kokoni serve --data {}` runs it",
                folder.display(),
                folder.display()
            );
        }
        let mut config = Config::new(folder, SocketAddr::from(([127, 0, 0, 1], 0)));
        config.clock = std::sync::Arc::new(morning);
        let server = runtime.block_on(Server::bind(config))?;
        let store = server.app().store.clone();
        let hall = CityHall::generate(seed);
        let host = Host::new(LABEL_HOST).context("the label host is a host")?;
        let mut random: Box<dyn Random> = match chance {
            Chance::Seeded(seed) => Box::new(SeededRandom::new(seed)),
            Chance::System => Box::new(SystemRandomness::new()),
        };
        let organisation = hall.organisation(host);
        let created = create_organisation(&store, &organisation, morning.now(), &mut *random)?;
        let address = server.local_addr();
        let (stop, stopped) = oneshot::channel();
        let running = runtime.spawn(server.run(async {
            // A sender that is gone means stop as well.
            let _ = stopped.await;
        }));
        let administrator = hall
            .people
            .iter()
            .position(|person| {
                person.post == Post::Head && hall.sections[person.section].name == "情報システム課"
            })
            .context("the city hall has nobody for its computers")?;
        let (seats, rooms) = places(&hall, &created);
        Ok(Self {
            address,
            organisation: created.id,
            floors: floors(&created).map(|floor| floor.id).collect(),
            administrator: created.people[administrator].id,
            seats,
            rooms,
            items: floors(&created)
                .flat_map(|floor| &floor.lockers)
                .flat_map(|locker| locker.items.iter().map(|item| item.label))
                .collect(),
            exits: created.sites.iter().map(|site| site.exit_label).collect(),
            people: created.people,
            store,
            morning,
            stop,
            running,
        })
    }

    /// How much there is of everything.
    pub(super) fn supply(&self) -> Supply {
        Supply {
            people: self.people.len(),
            seats: self.seats.len(),
            rooms: self.rooms.len(),
            items: self.items.len(),
            sites: self.exits.len(),
        }
    }

    pub(super) fn person(&self, number: usize) -> PersonId {
        self.people[number].id
    }

    /// The label a person of this number scans for a goal.
    pub(super) fn label(&self, goal: Goal, person: usize) -> LabelId {
        match goal {
            Goal::Seat(seat) => self.seats[seat].label,
            Goal::Room(room) => self.rooms[room].label,
            Goal::Home => self.people[person].home_label,
            Goal::Item(item) => self.items[item],
            Goal::Exit(site) => self.exits[site],
        }
    }

    /// The place on a floor's map where the goal is.
    pub(super) fn place(&self, goal: Goal) -> Option<PlaceId> {
        match goal {
            Goal::Seat(seat) => Some(self.seats[seat].id),
            Goal::Room(room) => Some(self.rooms[room].id),
            Goal::Home | Goal::Item(_) | Goal::Exit(_) => None,
        }
    }

    /// A one-time code for a person.
    pub(super) fn code(&self, person: PersonId) -> Result<EnrolmentCode> {
        let mut random = SystemRandomness::new();
        let now = self.morning.now();
        Ok(enrolment_code(
            &self.store,
            self.organisation,
            person,
            now,
            &mut random,
        )?)
    }

    /// Who looks after the computers.
    pub(super) fn administrator(&self) -> PersonId {
        self.administrator
    }

    /// Every event in the database.
    pub(super) fn held(&self) -> Result<Vec<Held>> {
        let organisation = self.organisation;
        type Row = (DeviceId, Epoch, i64, Option<String>, String, Option<i64>);
        let rows = self
            .store
            .read_blocking::<Vec<Row>, kokoni_server::store::StoreError>(move |tx| {
                tx.query(
                    "SELECT device, epoch, seq, raw, outcome, counted_us FROM event
                 WHERE organisation = $1 ORDER BY device, epoch, seq",
                    params![organisation],
                )
            })?;
        rows.into_iter().map(held).collect()
    }

    /// Stops the server as Ctrl-C would.
    pub(super) fn stop(self, runtime: &Runtime) -> Result<()> {
        // It may have stopped by itself.
        let _ = self.stop.send(());
        Ok(runtime.block_on(self.running)??)
    }
}

fn held(
    (device, epoch, seq, raw, outcome, counted_us): (
        DeviceId,
        Epoch,
        i64,
        Option<String>,
        String,
        Option<i64>,
    ),
) -> Result<Held> {
    let raw = raw.context("an event has lost its bytes")?;
    let sealed = SealedEvent::open(&raw).context("the server holds what is no event")?;
    let event = sealed.event();
    let Act::Scan { label, meaning, .. } = &event.act else {
        bail!("the server holds an event that is no scan");
    };
    Ok(Held {
        device,
        epoch,
        seq: u64::try_from(seq).context("a number below 0")?,
        id: event.id,
        label: *label,
        meaning: meaning.clone(),
        applied: outcome == "applied",
        counted_us,
    })
}

fn floors(
    created: &CreatedOrganisation,
) -> impl Iterator<Item = &kokoni_server::setup::CreatedFloor> {
    created.sites.iter().flat_map(|site| &site.floors)
}

/// Seats and rooms as they were made, in the order of the city hall.
fn places(
    hall: &CityHall,
    created: &CreatedOrganisation,
) -> (Vec<CreatedPlace>, Vec<CreatedPlace>) {
    let planned = hall
        .sites
        .iter()
        .flat_map(|site| &site.floors)
        .flat_map(|floor| &floor.places);
    let made = floors(created).flat_map(|floor| &floor.places);
    let (seats, rooms): (Vec<_>, Vec<_>) = planned
        .zip(made)
        .partition(|(place, _)| matches!(place.kind, PlaceKind::Seat { .. }));
    let made_only =
        |places: Vec<(_, &CreatedPlace)>| places.into_iter().map(|(_, made)| *made).collect();
    (made_only(seats), made_only(rooms))
}
