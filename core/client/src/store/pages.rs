//! Reading the records of a damaged database without SQLite: every leaf page of the file and of its
//! log is searched for rows of the table `event`. A row counts only when its bytes have their hash.
//!
//! Layout after <https://www.sqlite.org/fileformat2.html>: section 1.6 (B-tree pages and cells),
//! 2.1 (records), 4.1 (the log).

use std::collections::BTreeMap;

use kokoni_model::event::{Epoch, SealedEvent};

/// A row of the table `event` in schema 1 and later: its columns only ever grow at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) sealed: SealedEvent,
    pub(crate) target: Option<String>,
    pub(crate) state: State,
    pub(crate) unsendable: bool,
    pub(crate) rejection: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) answered_us: Option<i64>,
}

/// States, in the order in which they count when a row is found more than once. What may still have
/// to be sent comes before what was answered: sending once more changes nothing on the server. What
/// the person has settled stays settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Applied,
    Rejected,
    Waiting,
    Dismissed,
}

impl State {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Rejected => "rejected",
            Self::Waiting => "waiting",
            Self::Dismissed => "dismissed",
        }
    }

    fn of(word: &[u8]) -> Option<Self> {
        [
            Self::Applied,
            Self::Rejected,
            Self::Waiting,
            Self::Dismissed,
        ]
        .into_iter()
        .find(|state| state.word().as_bytes() == word)
    }
}

/// Everything found, by epoch and number.
pub(crate) type Records = BTreeMap<(Epoch, u64), Found>;

/// The sizes a page may have.
const PAGE_SIZES: std::ops::RangeInclusive<usize> = 512..=65_536;

/// What SQLite gives a new database.
const USUAL_PAGE_SIZE: usize = 4096;

/// A row of `event` is far smaller; a longer payload is damage.
const PAYLOAD_MAX_BYTES: usize = 64 * 1024;

pub(crate) const WAL_HEADER_BYTES: usize = 32;
pub(crate) const FRAME_HEADER_BYTES: usize = 24;

/// Searches a database and its log, whose bytes may be damaged anywhere. So many bytes are
/// `reserved` at the end of each page for something else.
pub(crate) fn search(database: &[u8], wal: &[u8], reserved: usize) -> Records {
    let mut found = Records::new();
    let page_size = page_size(database, wal);
    let usable = page_size - reserved;
    let whole: Vec<&[u8]> = database.chunks(page_size).collect();
    for (index, page) in whole.iter().enumerate() {
        search_page(
            page,
            usable,
            index == 0,
            &|number| whole.get(number - 1).copied(),
            &mut found,
        );
    }
    let frames = committed_frames(wal, page_size);
    for (at, (number, page)) in frames.iter().enumerate() {
        // An overflow page is in the log before or after its leaf, or still in the database.
        let overflow = |wanted: usize| {
            let near = frames[at..].iter().chain(frames[..at].iter().rev());
            let logged = near.into_iter().find(|(number, _)| *number == wanted);
            logged
                .map(|(_, page)| *page)
                .or(whole.get(wanted - 1).copied())
        };
        search_page(page, usable, *number == 1, &overflow, &mut found);
    }
    found
}

fn page_size(database: &[u8], wal: &[u8]) -> usize {
    let in_header = be16(database, 16).map(|size| if size == 1 { 65_536 } else { size });
    let in_wal = be32(wal, 8);
    [in_header, in_wal]
        .into_iter()
        .flatten()
        .find(|size| PAGE_SIZES.contains(size) && size.is_power_of_two())
        .unwrap_or(USUAL_PAGE_SIZE)
}

/// The frames of the log that belong to it (by its salt) up to the last commit, with their page
/// numbers. What follows was never acknowledged to anybody.
fn committed_frames(wal: &[u8], page_size: usize) -> Vec<(usize, &[u8])> {
    let Some(salt) = wal.get(16..24) else {
        return Vec::new();
    };
    let mut frames = Vec::new();
    let mut committed = 0;
    for frame in wal[WAL_HEADER_BYTES.min(wal.len())..].chunks_exact(FRAME_HEADER_BYTES + page_size)
    {
        if frame.get(8..16) != Some(salt) {
            continue;
        }
        frames.push((be32(frame, 0).unwrap_or(0), &frame[FRAME_HEADER_BYTES..]));
        if be32(frame, 4).is_some_and(|pages| pages > 0) {
            committed = frames.len();
        }
    }
    frames.truncate(committed);
    frames
}

/// Searches one page, when it is a leaf of a table. The last page of a file may be cut off: what is
/// laid out in it goes by the usable size of a whole one.
fn search_page<'a>(
    page: &'a [u8],
    usable: usize,
    is_first: bool,
    page_of: &dyn Fn(usize) -> Option<&'a [u8]>,
    found: &mut Records,
) {
    let header = if is_first { 100 } else { 0 };
    if page.get(header) != Some(&0x0d) {
        return;
    }
    let cells = be16(page, header + 3).unwrap_or(0);
    for index in 0..cells {
        let Some(cell) = be16(page, header + 8 + 2 * index) else {
            return;
        };
        let row = payload(page, usable, cell, page_of).and_then(|payload| parse_row(&payload));
        if let Some(row) = row {
            keep(found, row);
        }
    }
}

fn keep(found: &mut Records, row: Found) {
    let event = row.sealed.event();
    match found.entry((event.epoch, event.seq)) {
        std::collections::btree_map::Entry::Vacant(entry) => {
            entry.insert(row);
        }
        std::collections::btree_map::Entry::Occupied(mut entry) => {
            if row.state > entry.get().state {
                entry.insert(row);
            }
        }
    }
}

/// The payload of a cell, put together from its overflow pages.
fn payload<'a>(
    page: &'a [u8],
    usable: usize,
    cell: usize,
    page_of: &dyn Fn(usize) -> Option<&'a [u8]>,
) -> Option<Vec<u8>> {
    let (length, at) = varint(page, cell)?;
    let (_rowid, at) = varint(page, at)?;
    let length = usize::try_from(length)
        .ok()
        .filter(|&length| length <= PAYLOAD_MAX_BYTES)?;
    let most_local = usable.checked_sub(35)?;
    if length <= most_local {
        return page.get(at..at + length).map(<[u8]>::to_vec);
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let wanted = least + (length - least) % (usable - 4);
    let local = if wanted <= most_local { wanted } else { least };
    let mut payload = page.get(at..at + local)?.to_vec();
    let mut next = be32(page, at + local)?;
    while payload.len() < length {
        let overflow = page_of(next).filter(|_| next > 1)?;
        let take = (length - payload.len()).min(usable - 4);
        payload.extend_from_slice(overflow.get(4..4 + take)?);
        next = be32(overflow, 0)?;
    }
    Some(payload)
}

/// A column's value, as far as rows of `event` have them.
#[derive(Clone, Copy)]
enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// The columns of a record.
fn values(payload: &[u8]) -> Option<Vec<Value<'_>>> {
    let (header, mut at) = varint(payload, 0)?;
    let header = usize::try_from(header).ok()?;
    let mut body = header;
    let mut values = Vec::new();
    while at < header {
        let (kind, next) = varint(payload, at)?;
        at = next;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let bytes = payload.get(body..body.checked_add(length)?)?;
        body += length;
        values.push(match kind {
            0 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => Value::Integer(signed(bytes)),
            7 => return None,
            kind if kind % 2 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        });
    }
    Some(values)
}

/// A row of `event`, when these are the columns of one and its bytes have their hash.
fn parse_row(payload: &[u8]) -> Option<Found> {
    let columns = values(payload)?;
    let [
        _number,
        _queue,
        Value::Integer(seq),
        _id,
        Value::Text(text),
        Value::Blob(hash),
        target,
        Value::Text(state),
        Value::Integer(unsendable),
        rejection,
        device,
        answered,
        ..,
    ] = columns[..]
    else {
        return None;
    };
    let sealed = SealedEvent::open(std::str::from_utf8(text).ok()?).ok()?;
    let right = sealed.hash().as_bytes() == hash && u64::try_from(seq) == Ok(sealed.event().seq);
    let text_of = |value| match value {
        Value::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        _ => None,
    };
    right.then_some(Found {
        target: text_of(target),
        // Where only the state is damaged, sending once more does no harm.
        state: State::of(state).unwrap_or(State::Waiting),
        unsendable: unsendable != 0,
        rejection: text_of(rejection),
        device: text_of(device),
        answered_us: match answered {
            Value::Integer(micros) => Some(micros),
            _ => None,
        },
        sealed,
    })
}

/// A variable-length integer: seven bits a byte, the ninth byte whole; and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for index in 0..9 {
        let byte = *bytes.get(at.checked_add(index)?)?;
        if index == 8 {
            return Some(((value << 8) | u64::from(byte), at + 9));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + index + 1));
        }
    }
    None
}

/// A big-endian signed integer of one to eight bytes.
fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |value, &byte| (value << 8) | i64::from(byte))
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_be_bytes(two.try_into().ok()?)))
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_be_bytes(four.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_are_read_as_sqlite_writes_them() {
        assert_eq!(varint(&[0x7f], 0), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x80], 0), None);
        assert_eq!(signed(&[0xff, 0x00]), -256);
        assert_eq!(signed(&[0x01, 0x00]), 256);
    }

    proptest! {
        #[test]
        fn any_bytes_are_searched_without_a_panic(
            database in proptest::collection::vec(any::<u8>(), 0..9_000),
            wal in proptest::collection::vec(any::<u8>(), 0..9_000),
            leaf: bool,
        ) {
            let mut database = database;
            if leaf && database.len() > 4096 {
                database[4096] = 0x0d;
            }
            prop_assert!(search(&database, &wal, 80).is_empty());
        }
    }
}
