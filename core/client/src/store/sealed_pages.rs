//! Reading the pages of a damaged encrypted database without SQLite, which gives up a connection at
//! the first page that does not fit its code. Each page that does fit is whole, says that the key is
//! the right one, and is handed on in the clear to be searched like any other.
//!
//! Layout after SQLCipher 4 with a raw key (<https://www.zetetic.net/sqlcipher/design/>): AES-256-CBC
//! in each page; at its end the initialisation vector and an HMAC-SHA512 over both and the page's
//! number. The first page begins with the salt of the HMAC's key.

use std::num::NonZeroU32;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use ring::{hmac, pbkdf2};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::connection::DatabaseKey;
use super::pages::{FRAME_HEADER_BYTES, WAL_HEADER_BYTES, be32};
use super::salvage::{Image, SALT_BYTES};

const PAGE: usize = 4096;
const BLOCK: usize = 16;
const TAG: usize = 64;

/// What encryption takes at the end of each page.
const RESERVED: usize = BLOCK + TAG;

/// What stands there in the clear.
const MAGIC: &[u8; SALT_BYTES] = b"SQLite format 3\0";

/// SQLCipher changes the salt by this before it makes the HMAC's key of it, in so many rounds.
const SALT_MASK: u8 = 0x3a;
const ROUNDS: NonZeroU32 = NonZeroU32::new(2).expect("not zero");

impl Image {
    /// Whether a page fits this key: a wrong one fits none.
    pub(crate) fn fits(&self, key: &DatabaseKey) -> bool {
        self.page_key(key).is_some()
    }

    /// The same in the clear, pages that do not fit as zeros; `None` where none fits.
    pub(crate) fn in_the_clear(&self, key: &DatabaseKey) -> Option<Self> {
        let key = self.page_key(key)?;
        let mut clear = Self {
            database: vec![0; self.database.len()],
            wal: self.wal.clone(),
            salt: Vec::new(),
            reserved: RESERVED,
        };
        let pages = clear.database.chunks_mut(PAGE);
        for (index, (to, from)) in pages.zip(self.database.chunks(PAGE)).enumerate() {
            key.open_into(index + 1, from, to);
        }
        let logged = clear.wal.get_mut(WAL_HEADER_BYTES..).unwrap_or_default();
        let frames = logged.chunks_exact_mut(FRAME_HEADER_BYTES + PAGE);
        for (to, (number, from)) in frames.zip(self.frames()) {
            key.open_into(number, from, &mut to[FRAME_HEADER_BYTES..]);
        }
        Some(clear)
    }

    /// The pages in the log, with their numbers.
    fn frames(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let logged = self.wal.get(WAL_HEADER_BYTES..).unwrap_or_default();
        logged
            .chunks_exact(FRAME_HEADER_BYTES + PAGE)
            .map(|frame| (be32(frame, 0).unwrap_or(0), &frame[FRAME_HEADER_BYTES..]))
    }

    fn pages(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let whole = self.database.chunks_exact(PAGE);
        whole
            .enumerate()
            .map(|(index, page)| (index + 1, page))
            .chain(self.frames())
    }

    /// The key to the pages, with the first of the salts that opens one.
    fn page_key(&self, key: &DatabaseKey) -> Option<PageKey> {
        let first_pages = self.pages().filter(|(number, _)| *number == 1);
        let mut salts: Vec<&[u8]> = std::iter::once(self.salt.as_slice())
            .chain(first_pages.filter_map(|(_, page)| page.get(..SALT_BYTES)))
            .filter(|salt| salt.len() == SALT_BYTES)
            .collect();
        salts.sort_unstable();
        salts.dedup();
        let keys = salts.into_iter().map(|salt| PageKey::new(key, salt));
        keys.into_iter()
            .find(|key| self.pages().any(|(number, page)| key.fits(number, page)))
    }
}

struct PageKey {
    tag: hmac::Key,
    cipher: Aes256,
}

impl PageKey {
    fn new(key: &DatabaseKey, salt: &[u8]) -> Self {
        let salt: Vec<u8> = salt.iter().map(|byte| byte ^ SALT_MASK).collect();
        let mut tag = Zeroizing::new([0; 32]);
        let kind = pbkdf2::PBKDF2_HMAC_SHA512;
        pbkdf2::derive(kind, ROUNDS, &salt, key.expose_secret(), &mut *tag);
        Self {
            tag: hmac::Key::new(hmac::HMAC_SHA512, &*tag),
            cipher: Aes256::new(&Array::from(*key.expose_secret())),
        }
    }

    fn fits(&self, number: usize, page: &[u8]) -> bool {
        let Ok(number_bytes) = u32::try_from(number).map(u32::to_le_bytes) else {
            return false;
        };
        if page.len() != PAGE {
            return false;
        }
        let mut tag = hmac::Context::with_key(&self.tag);
        tag.update(&page[begin(number)..PAGE - TAG]);
        tag.update(&number_bytes);
        tag.sign().as_ref() == &page[PAGE - TAG..]
    }

    /// Writes a page in the clear, or zeros where it does not fit.
    fn open_into(&self, number: usize, page: &[u8], clear: &mut [u8]) {
        clear.fill(0);
        if !self.fits(number, page) {
            return;
        }
        let begin = begin(number);
        clear[..begin].copy_from_slice(&MAGIC[..begin]);
        let (sealed, reserved) = page.split_at(PAGE - RESERVED);
        let (mut before, _) = reserved.split_at(BLOCK);
        for at in (begin..sealed.len()).step_by(BLOCK) {
            let here = &sealed[at..at + BLOCK];
            let mut block = Array::from([0; BLOCK]);
            block.copy_from_slice(here);
            self.cipher.decrypt_block(&mut block);
            for (index, byte) in block.iter().enumerate() {
                clear[at + index] = byte ^ before[index];
            }
            before = here;
        }
    }
}

/// Where the encrypted part of a page begins.
const fn begin(number: usize) -> usize {
    if number == 1 { SALT_BYTES } else { 0 }
}
