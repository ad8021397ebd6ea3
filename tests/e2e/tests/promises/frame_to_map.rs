//! The way of a scan, whole: a frame of the synthetic camera, the reader, the phone's queue, the
//! network, the server, and the floor that everybody sees.

use std::sync::Arc;

use kokoni_camera::{Difficulty, Shot};
use kokoni_client::{CallOptions, Preview, Seen};
use kokoni_e2e::http::{Request, send, send_for_lines};
use kokoni_e2e::office::Office;
use kokoni_e2e::phone::{Phone, WITHIN};
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::wire;
use kokoni_model::event::Meaning;
use kokoni_model::label::{LabelId, label_symbol};
use kokoni_model::reading::Content;
use kokoni_model::wire::views::{FloorOccupancy, PresenceView};
use kokoni_reader::{Frame, FrameReader, PreparedCatalogue, ReaderOptions};

use crate::SERVE;

/// Frames of one hand before the person would give up: a second of preview.
const PATIENCE: u64 = 30;

/// Holds the phone's camera over a label until it is read; what it would mean.
fn look(phone: &Phone, office: &Office, label: LabelId, seed: u64) -> Preview {
    let catalogue = phone.engine.catalogue().expect("read").expect("synced");
    let mut reader = FrameReader::new(ReaderOptions {
        catalogue: Some(Arc::new(PreparedCatalogue::new(&catalogue))),
        ..ReaderOptions::default()
    });
    let symbol = label_symbol(&office.ours.host, &label).expect("a symbol");
    let hand = Shot::from_seed(seed, Difficulty::Everyday);
    let reading = (0..PATIENCE)
        .find_map(|moment| {
            let picture = hand.shaken(moment).draw(&symbol);
            let (width, height) = (picture.frame.width, picture.frame.height);
            let frame =
                Frame::new(&picture.frame.pixels, width, height, width, 1).expect("a frame");
            reader.read(&frame).news().cloned()
        })
        .expect("the label is read");
    assert_eq!(reading.content, Content::Label { label, known: true });
    match phone.engine.preview_reading(&reading).expect("previewed") {
        Seen::Label(preview) => *preview,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_frame_becomes_a_taken_seat_on_everybodys_map_and_another_one_frees_it() {
    let office = Office::new();
    let mut server = ServerProcess::start(SERVE, &office.data(), None);
    let url = server.url();
    let mut phone = Phone::enrol(
        office.folder("phone"),
        &url,
        &office.code(&office.ours, 1).link,
    );
    phone.sync_through();
    let viewer = wire::enrolled(server.address(), &office.code(&office.ours, 2).link);
    let target = format!("/api/v1/floors/{}/occupancy", office.ours.floor());
    let by_viewer = Request::new("GET", target).by(&viewer.tokens.access.0);
    let on_the_map = || send(server.address(), &by_viewer).json::<FloorOccupancy>();
    assert!(on_the_map().taken.is_empty());
    let (label, seat) = (office.ours.seat_label(3), office.ours.seat(3));

    let preview = look(&phone, &office, label, 1);
    assert_eq!(preview.meaning(), Some(&Meaning::Sit));
    assert!(!preview.needs_tap);
    assert_eq!(preview.words_ja, "3階 A-03 に着席");
    phone.record(label, Meaning::Sit);
    // Saved, not sent: the phone knows it, the map does not.
    let today = phone.engine.today().expect("a day");
    assert!(matches!(today.presence, PresenceView::Present { place, .. } if place == seat));
    assert!(on_the_map().taken.is_empty());
    phone.sync_through();
    let map = on_the_map();
    assert_eq!(map.taken.len(), 1);
    assert_eq!(map.taken[0].place, seat);
    assert_eq!(map.taken[0].people[0].person, office.ours.person(1));
    assert!(map.taken[0].people[0].name.contains(&office.ours.names[1]));
    let options = CallOptions::within(WITHIN);
    let own = phone.engine.floor_occupancy(office.ours.floor(), &options);
    assert_eq!(own, Ok(map.clone()));

    server.forward(90);
    phone.clock.forward(90);
    let preview = look(&phone, &office, label, 2);
    assert_eq!(preview.meaning(), Some(&Meaning::Leave));
    assert!(preview.needs_tap);
    phone.record(label, Meaning::Leave);
    phone.sync_through();
    let after = send(server.address(), &by_viewer).json::<FloorOccupancy>();
    assert!(after.taken.is_empty());
    assert!(after.version > map.version);
    server.stop();
}

#[test]
fn whoever_watches_the_floor_is_told_of_the_scan() {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    let code = office.code(&office.ours, 1).link;
    let mut phone = Phone::enrol(office.folder("phone"), &server.url(), &code);
    phone.sync_through();
    let viewer = wire::enrolled(server.address(), &office.code(&office.ours, 2).link);
    let target = format!("/api/v1/floors/{}/changes", office.ours.floor());
    let watch = Request::new("GET", target).by(&viewer.tokens.access.0);
    let mut lines = send_for_lines(server.address(), &watch);
    let mut next_of = |event: &str| {
        let wanted = format!("event: {event}");
        let mut event_found = false;
        lines
            .by_ref()
            .map(|line| line.expect("the stream goes on"))
            .find(|line| {
                event_found |= line.starts_with(&wanted);
                event_found && line.starts_with("data:")
            })
            .expect("the stream goes on")
    };
    let seat = office.ours.seat(4).to_string();
    assert!(!next_of("snapshot").contains(&seat));
    phone.record(office.ours.seat_label(4), Meaning::Sit);
    phone.sync_through();
    let change = next_of("change");
    assert!(change.contains(&seat), "{change}");
    assert!(change.contains(&office.ours.person(1).to_string()));
    drop(lines);
    server.stop();
}
