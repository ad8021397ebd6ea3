//! The scan in plain C, called as another language would: it does what the generated call does, and
//! whatever the numbers are, the answer is a number and nothing is written where it must not be.

use std::ptr;
use std::sync::Arc;

use kokoni_ffi::plain::{kokoni_rest_of_answer, kokoni_scan};
use kokoni_ffi::testing::testing_labels;
use kokoni_ffi::{InputProblem, Kokoni, KokoniError, ScanCard, UniFfiTag, Via};
use uniffi::{Lift, Lower};

use crate::shell::{limits, open};
use crate::world::World;

/// A Kokoni, the handle that another language would hold, and memory for one card.
struct Held {
    kokoni: Arc<Kokoni>,
    handle: u64,
    room: Vec<u8>,
}

impl Held {
    fn new(kokoni: Arc<Kokoni>) -> Self {
        let handle = uniffi::Handle::from_arc(kokoni.clone()).as_raw();
        let room = vec![0xAA; 4096];
        Self {
            kokoni,
            handle,
            room,
        }
    }

    fn scan(&mut self, label: &str, via: Via) -> Result<ScanCard, KokoniError> {
        let length = self.ask(label, via);
        let answer = self.call(length);
        self.answer(answer)
    }

    /// Writes the arguments; gives their length.
    fn ask(&mut self, label: &str, via: Via) -> i32 {
        let mut asked = Vec::new();
        Lower::<UniFfiTag>::write(label.to_owned(), &mut asked);
        Lower::<UniFfiTag>::write(via, &mut asked);
        self.room[..asked.len()].copy_from_slice(&asked);
        number(asked.len())
    }

    fn call(&mut self, length: i32) -> i32 {
        let capacity = number(self.room.len());
        // SAFETY: so many bytes are there, and nobody else has them.
        unsafe { kokoni_scan(self.handle, self.room.as_mut_ptr(), capacity, length) }
    }

    fn rest(&mut self) -> i32 {
        let capacity = number(self.room.len());
        // SAFETY: so many bytes are there, and nobody else has them.
        unsafe { kokoni_rest_of_answer(self.room.as_mut_ptr(), capacity) }
    }

    fn answer(&self, number: i32) -> Result<ScanCard, KokoniError> {
        let mut bytes = &self.room[..number.unsigned_abs() as usize];
        let answer = if number > 0 {
            Ok(<ScanCard as Lift<UniFfiTag>>::try_read(&mut bytes).expect("a card"))
        } else {
            Err(<KokoniError as Lift<UniFfiTag>>::try_read(&mut bytes).expect("an error"))
        };
        assert!(bytes.is_empty());
        answer
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: made above from an Arc, and used by nobody after this.
        drop(unsafe { uniffi::Handle::from_raw_unchecked(self.handle).into_arc::<Kokoni>() });
    }
}

fn number(length: usize) -> i32 {
    i32::try_from(length).expect("small")
}

fn on_a_phone(test: impl FnOnce(Held)) {
    let folder = tempfile::tempdir().expect("a folder");
    test(Held::new(
        open(folder.path(), &Arc::default()).expect("opens"),
    ));
}

#[test]
fn it_saves_and_says_what_the_generated_call_says() {
    let world = World::new();
    on_a_phone(|mut held| {
        let enrolled = held.kokoni.enrol(world.invitation().link, limits());
        enrolled.expect("enrolled");
        held.kokoni.sync(limits()).expect("synced");
        let seats = testing_labels(held.kokoni.clone(), "seat".into()).expect("read");
        let card = held.scan(&seats[0], Via::Camera).expect("scanned");
        assert!(card.record.is_some());
        assert_eq!(held.kokoni.waiting().expect("read").len(), 1);
        // Of a seat that is mine both ask the same.
        let generated = held.kokoni.scan(seats[0].clone(), Via::Camera);
        assert_eq!(held.scan(&seats[0], Via::Camera), generated);
    });
}

#[test]
fn a_card_without_room_is_fetched_and_its_scan_is_saved_once() {
    let world = World::new();
    on_a_phone(|mut held| {
        let enrolled = held.kokoni.enrol(world.invitation().link, limits());
        enrolled.expect("enrolled");
        held.kokoni.sync(limits()).expect("synced");
        let seats = testing_labels(held.kokoni.clone(), "seat".into()).expect("read");
        let asked = held.ask(&seats[0], Via::Camera);
        held.room.truncate(asked.unsigned_abs() as usize);
        let asked_bytes = held.room.clone();
        let length = held.call(asked);
        assert!(length > asked);
        assert_eq!(held.room, asked_bytes);
        assert_eq!(held.rest(), 0, "there is no room yet");
        held.room = vec![0; length.unsigned_abs() as usize];
        assert_eq!(held.rest(), length);
        assert!(held.answer(length).expect("a card").record.is_some());
        assert_eq!(held.rest(), 0, "only once");
        assert_eq!(held.kokoni.waiting().expect("read").len(), 1);
    });
}

#[test]
fn an_error_is_the_generated_calls_error() {
    on_a_phone(|mut held| {
        let problem = InputProblem::Label;
        let no_label = held.scan("nothing of ours", Via::Typed);
        assert_eq!(no_label, Err(KokoniError::Input { problem }));
        let stranger = held.scan("0123456789ABCDEF", Via::Camera);
        assert_eq!(stranger, Err(KokoniError::NotEnrolled));
        held.kokoni.shut_down();
        let late = held.scan("0123456789ABCDEF", Via::Camera);
        assert_eq!(late, Err(KokoniError::ShutDown));
    });
}

#[test]
fn arguments_that_cannot_be_read_are_an_input_error() {
    on_a_phone(|mut held| {
        let whole = held.ask("0123456789ABCDEF", Via::Camera);
        for length in [0, 1, 4, 19, whole - 1, whole + 1, 4096] {
            held.ask("0123456789ABCDEF", Via::Camera);
            let answer = held.call(length);
            let problem = InputProblem::Label;
            assert_eq!(held.answer(answer), Err(KokoniError::Input { problem }));
        }
    });
}

#[test]
fn without_an_object_or_memory_nothing_is_scanned() {
    on_a_phone(|mut held| {
        let whole = held.ask("0123456789ABCDEF", Via::Camera);
        let room = held.room.as_mut_ptr();
        // SAFETY: the memory is this test's, and more of it than is said.
        unsafe {
            assert_eq!(kokoni_scan(0, room, 4096, whole), 0);
            assert_eq!(kokoni_scan(held.handle, ptr::null_mut(), 4096, whole), 0);
            assert_eq!(kokoni_scan(held.handle, room, whole - 1, whole), 0);
            assert_eq!(kokoni_scan(held.handle, room, -1, whole), 0);
            assert_eq!(kokoni_scan(held.handle, room, 4096, -1), 0);
            assert_eq!(kokoni_rest_of_answer(ptr::null_mut(), 4096), 0);
            assert_eq!(kokoni_rest_of_answer(room, -1), 0);
        }
    });
}
