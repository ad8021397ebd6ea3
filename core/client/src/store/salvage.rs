//! After damage: the file is set aside under a new name, never deleted; what can be read of it goes
//! into a new database, under the numbers it had; and what is missing is noted, to be told to the
//! person and to the server. Recording goes on in a new life of the queue.
//!
//! The app can end at any step of this, and so can a call that has a deadline. What was set aside is searched by whoever opens the database
//! next, until a search has come to its end and the file's name says so; to find a record again does
//! no harm.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use kokoni_model::clock::Timestamp;
use kokoni_model::event::Epoch;
use rusqlite::{OptionalExtension, Transaction, params};

use super::connection::DatabaseKey;
use super::files::{Files, Mark};
use super::pages::{Found, Records, search};
use super::{queue, server};
use crate::error::StoreError;
use crate::ports::{private_options, sync_folder};
use crate::waiting;

/// How the names of damaged databases begin.
pub(crate) const SET_ASIDE: &str = "damaged-";

/// How they end while they have not been searched, and afterwards.
const UNSEARCHED: &str = ".db";
const SEARCHED: &str = ".searched.db";

/// What a database's log adds to its name, and what the salt of an encrypted one does.
const LOG: &str = "-wal";
const SALT: &str = "-salt";

/// How many bytes of salt stand at the beginning of an encrypted database.
pub(crate) const SALT_BYTES: usize = 16;

/// Gives the damaged database and its log a new name. The log goes first: beside no database, SQLite
/// would delete it.
pub(crate) fn set_aside(files: &Files, stamp: &str) -> Result<(), StoreError> {
    let database = files.database();
    let aside = files.folder.join(format!("{SET_ASIDE}{stamp}{UNSEARCHED}"));
    rename_with_log(&database, &aside)?;
    let shared_memory = with_suffix(&database, "-shm");
    if shared_memory.exists() {
        std::fs::remove_file(shared_memory)?;
    }
    Ok(sync_folder(&files.folder)?)
}

/// The databases that were set aside and not searched to the end, oldest first. Of one there may be
/// only the log.
pub(crate) fn unsearched(files: &Files) -> Result<Vec<PathBuf>, StoreError> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(&files.folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let database = name.strip_suffix(LOG).unwrap_or(&name);
        if database.starts_with(SET_ASIDE)
            && database.ends_with(UNSEARCHED)
            && !database.ends_with(SEARCHED)
        {
            found.insert(files.folder.join(database));
        }
    }
    Ok(found.into_iter().collect())
}

/// Says in its name that a database was searched to the end.
pub(crate) fn note_searched(aside: &Path) -> Result<(), StoreError> {
    rename_with_log(aside, &aside.with_extension(&SEARCHED[1..]))
}

fn rename_with_log(from: &Path, to: &Path) -> Result<(), StoreError> {
    for suffix in [LOG, SALT, ""] {
        let from = with_suffix(from, suffix);
        if from.exists() {
            std::fs::rename(&from, with_suffix(to, suffix))?;
        }
    }
    Ok(())
}

/// Everything that can be read of databases that were set aside; of a record that is in several,
/// the latest database's.
pub(crate) fn read_all(
    asides: &[PathBuf],
    key: Option<&DatabaseKey>,
) -> Result<Option<Records>, StoreError> {
    let mut all: Option<Records> = None;
    for aside in asides {
        waiting::go_on()?;
        all.get_or_insert_default().extend(read_aside(aside, key)?);
    }
    Ok(all)
}

fn read_aside(aside: &Path, key: Option<&DatabaseKey>) -> Result<Records, StoreError> {
    let image = Image::read(aside)?;
    let clear = match key {
        Some(key) => image.in_the_clear(key).unwrap_or_default(),
        None => image,
    };
    Ok(search(&clear.database, &clear.wal, clear.reserved))
}

/// The bytes of a database: its file, its log, and the salt noted beside it.
#[derive(Default)]
pub(crate) struct Image {
    pub(crate) database: Vec<u8>,
    pub(crate) wal: Vec<u8>,
    #[cfg_attr(not(feature = "sqlcipher"), expect(dead_code, reason = "for keys"))]
    pub(crate) salt: Vec<u8>,
    /// How many bytes at the end of each page, once in the clear, are not SQLite's.
    pub(crate) reserved: usize,
}

impl Image {
    pub(crate) fn read(database: &Path) -> Result<Self, StoreError> {
        let read = |suffix| match std::fs::read(with_suffix(database, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        };
        Ok(Self {
            database: read("")?,
            wal: read(LOG)?,
            salt: read(SALT)?,
            reserved: 0,
        })
    }
}

/// A build without encryption has the key to nothing.
#[cfg(not(feature = "sqlcipher"))]
impl Image {
    pub(crate) fn fits(&self, _: &DatabaseKey) -> bool {
        false
    }

    fn in_the_clear(&self, _: &DatabaseKey) -> Option<Self> {
        None
    }
}

/// Keeps a copy of an encrypted database's salt outside it: without it no other page could be read,
/// and the page it stands on is the one that is written most.
pub(crate) fn note_salt(database: &Path) -> io::Result<()> {
    let mut salt = [0; SALT_BYTES];
    File::open(database)?.read_exact(&mut salt)?;
    let noted = with_suffix(database, SALT);
    if std::fs::read(&noted).is_ok_and(|known| known == salt) {
        return Ok(());
    }
    let mut file = private_options().write(true).truncate(true).open(noted)?;
    file.write_all(&salt)?;
    file.sync_all()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What a look at the database after opening brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) salvaged: u64,
    pub(crate) lost: u64,
}

/// Puts back what was found, compares the database with the marks kept outside it, notes what is
/// missing, and begins a new life of the queue where numbers might be given twice.
pub(crate) fn take_stock(
    tx: &Transaction<'_>,
    found: Option<&Records>,
    marks: &[Mark],
    fresh: Epoch,
    now: Timestamp,
) -> Result<Stock, StoreError> {
    let mut stock = Stock::default();
    for row in found.into_iter().flat_map(Records::values) {
        waiting::go_on()?;
        restore(tx, row)?;
        stock.salvaged += 1;
    }
    let mut numbers_in_doubt = found.is_some();
    for mark in marks {
        let next = next_seq(tx, mark.epoch)?;
        let went_back = next.is_none_or(|next| next <= mark.saved_through);
        if went_back {
            numbers_in_doubt = true;
            tx.execute(
                "INSERT INTO queue (epoch, next_seq, held_through) VALUES (?1, ?2, ?3)
                 ON CONFLICT (epoch) DO UPDATE SET next_seq = excluded.next_seq",
                params![
                    mark.epoch.to_string(),
                    mark.saved_through + 1,
                    mark.held_through
                ],
            )?;
        }
        if went_back || found.is_some() {
            stock.lost += note_missing(tx, mark, now)?;
        }
    }
    if numbers_in_doubt {
        queue::begin_queue(tx, fresh)?;
    }
    Ok(stock)
}

fn next_seq(tx: &Transaction<'_>, epoch: Epoch) -> Result<Option<u64>, StoreError> {
    Ok(tx
        .query_row(
            "SELECT next_seq FROM queue WHERE epoch = ?1",
            [epoch.to_string()],
            |row| row.get(0),
        )
        .optional()?)
}

/// Notes the numbers that were saved and are neither here nor with the server.
fn note_missing(tx: &Transaction<'_>, mark: &Mark, now: Timestamp) -> Result<u64, StoreError> {
    let epoch = mark.epoch.to_string();
    let mut statement = tx.prepare(
        "SELECT event.seq FROM event JOIN queue ON queue.number = event.queue
         WHERE queue.epoch = ?1 AND event.seq > ?2",
    )?;
    let mut known: Vec<(u64, u64)> = statement
        .query_map(params![epoch, mark.held_through], |row| {
            row.get(0).map(|seq| (seq, seq))
        })?
        .collect::<Result<_, _>>()?;
    let mut told = tx.prepare("SELECT first_seq, last_seq FROM loss WHERE epoch = ?1")?;
    let told = told.query_map([&epoch], |row| Ok((row.get(0)?, row.get(1)?)))?;
    known.extend(told.collect::<Result<Vec<_>, _>>()?);
    let runs = gaps(mark.held_through, mark.saved_through, known);
    let mut lost = 0;
    for (first, last) in runs {
        server::note_loss(tx, mark.epoch, first, last, now)?;
        lost += last - first + 1;
    }
    Ok(lost)
}

/// The runs of numbers above `held` and up to `saved` that are in none of the runs that are known.
fn gaps(held: u64, saved: u64, mut known: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    known.sort_unstable();
    let mut gaps = Vec::new();
    let mut next = held + 1;
    for (first, last) in known {
        if next < first.min(saved + 1) {
            gaps.push((next, saved.min(first - 1)));
        }
        next = next.max(last + 1);
    }
    if next <= saved {
        gaps.push((next, saved));
    }
    gaps
}

/// Puts a record that was found into the queue again, with the number and the bytes it had.
fn restore(tx: &Transaction<'_>, found: &Found) -> Result<(), StoreError> {
    let event = found.sealed.event();
    let epoch = event.epoch.to_string();
    tx.execute(
        "INSERT INTO queue (epoch, next_seq, held_through) VALUES (?1, ?2, 0)
         ON CONFLICT (epoch) DO UPDATE SET next_seq = max(next_seq, excluded.next_seq)",
        params![epoch, event.seq + 1],
    )?;
    tx.execute(
        "INSERT INTO event (queue, seq, id, text, hash, target, state, unsendable, rejection,
                            device, answered_us)
         SELECT number, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM queue WHERE epoch = ?1
         ON CONFLICT (queue, seq) DO NOTHING",
        params![
            epoch,
            event.seq,
            event.id.to_string(),
            found.sealed.text(),
            found.sealed.hash().as_bytes(),
            found.target,
            found.state.word(),
            found.unsendable,
            found.rejection,
            found.device,
            found.answered_us,
        ],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_missing_is_found_without_counting_through_it() {
        let far = 1 << 60;
        assert_eq!(gaps(0, far, vec![]), [(1, far)]);
        assert_eq!(gaps(0, far, vec![(3, 3)]), [(1, 2), (4, far)]);
        assert_eq!(gaps(2, 1, vec![(5, 6)]), []);
    }

    proptest! {
        #[test]
        fn every_number_is_known_or_in_a_gap(
            held in 0_u64..12, saved in 0_u64..12,
            known in proptest::collection::vec((1_u64..14, 0_u64..4), 0..5),
        ) {
            let known: Vec<(u64, u64)> = known.iter().map(|(at, more)| (*at, at + more)).collect();
            let gaps = gaps(held, saved, known.clone());
            let among = |runs: &[(u64, u64)], number| {
                runs.iter().any(|(first, last)| (first..=last).contains(&&number))
            };
            for number in 1..20 {
                let missing = number > held && number <= saved && !among(&known, number);
                prop_assert_eq!(among(&gaps, number), missing, "{}", number);
            }
        }
    }
}
