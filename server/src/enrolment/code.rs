//! Enrolment codes: one code in two forms, for a link and for typing, bound to one person, good
//! once and for 15 minutes. Only hashes are kept.
//!
//! A typed code is ten Crockford characters: the first four are a handle to find it by, so that
//! wrong tries can be counted; the other six are the secret. Five wrong tries void it.

use kokoni_model::clock::Timestamp;
use kokoni_model::ids::{OrganisationId, PersonId};

use crate::audit::{self, Act, Entry};
use crate::auth::sha256;
use crate::params;
use crate::ports::{Random, random_bytes};
use crate::store::{StoreError, Tx};

/// A code is good for this long.
pub const CODE_SECONDS: i64 = 15 * 60;

/// So many wrong tries void a typed code.
pub const MOST_WRONG_TRIES: i64 = 5;

/// Codes that ended this long ago are forgotten.
const FORGOTTEN_SECONDS: i64 = 24 * 3600;

/// Characters of a link's code: 128 bits.
const LINK_CHARS: usize = 26;

/// Characters of a typed code.
const TYPED_CHARS: usize = 10;

/// Characters of a typed code's handle.
const HANDLE_CHARS: usize = 4;

/// Typed codes to choose from, so that two that are open never share a handle.
const CANDIDATES: usize = 8;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code as it is handed out.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentCode {
    /// For the fragment of `https://HOST/enrol#CODE`.
    pub link: String,
    /// For typing.
    pub typed: String,
    /// When it ends.
    pub expires: Timestamp,
}

impl std::fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentCode")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The random part of a code, drawn before the transaction that may run more than once.
#[derive(Clone)]
pub struct CodeSeed {
    link: String,
    typed: Vec<String>,
}

impl CodeSeed {
    /// Draws one.
    pub fn draw(random: &mut dyn Random) -> Self {
        Self {
            link: crockford(u128::from_be_bytes(random_bytes(random)), LINK_CHARS),
            typed: (0..CANDIDATES)
                .map(|_| crockford(u128::from_be_bytes(random_bytes(random)), TYPED_CHARS))
                .collect(),
        }
    }
}

/// The lowest bits of a number as Crockford characters.
fn crockford(number: u128, chars: usize) -> String {
    (0..chars)
        .rev()
        .map(|place| char::from(DIGITS[((number >> (5 * place)) & 31) as usize]))
        .collect()
}

/// A code as it was presented.
#[derive(Clone, PartialEq, Eq)]
pub enum PresentedCode {
    /// From a link.
    Link {
        /// Its hash.
        hash: [u8; 32],
    },
    /// Typed.
    Typed {
        /// Finds the code.
        handle: String,
        /// Proves it.
        hash: [u8; 32],
    },
}

impl PresentedCode {
    /// Reads a code: case and look-alikes are folded, spaces and hyphens skipped. `None` when it
    /// is neither form.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\u{3000}'))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .map(|c| u8::try_from(c).ok().filter(|byte| DIGITS.contains(byte)))
            .map(|byte| byte.map(char::from))
            .take(LINK_CHARS + 1)
            .collect::<Option<String>>()?;
        match folded.len() {
            LINK_CHARS => Some(Self::Link {
                hash: sha256(folded.as_bytes()),
            }),
            TYPED_CHARS => Some(Self::Typed {
                hash: sha256(folded.as_bytes()),
                handle: folded[..HANDLE_CHARS].to_owned(),
            }),
            _ => None,
        }
    }
}

/// Makes a code for a person who is there.
///
/// # Errors
/// Those of the store; [`StoreError::Constraint`] when the organisation has no such person.
pub fn make(
    tx: &Tx<'_>,
    organisation: OrganisationId,
    person: PersonId,
    seed: &CodeSeed,
    now: Timestamp,
) -> Result<EnrolmentCode, StoreError> {
    let mut free = None;
    for typed in &seed.typed {
        let open: i64 = tx.one(
            "SELECT count(*) FROM enrolment_code
             WHERE typed_handle = $1 AND used_us IS NULL AND expires_us > $2",
            params![&typed[..HANDLE_CHARS], now],
        )?;
        if open == 0 {
            free = Some(typed.clone());
            break;
        }
    }
    // Eight handles of a million all open at once: so many codes are not made in 15 minutes.
    let typed = free.ok_or(StoreError::Busy)?;
    tx.exec(
        "DELETE FROM enrolment_code WHERE organisation = $1 AND expires_us < $2",
        params![organisation, now.plus_seconds(-FORGOTTEN_SECONDS)],
    )?;
    let expires = now.plus_seconds(CODE_SECONDS);
    tx.exec(
        "INSERT INTO enrolment_code (organisation, link_hash, typed_handle, typed_hash, person,
             created_us, expires_us, used_us, wrong_tries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, 0)",
        params![
            organisation,
            sha256(seed.link.as_bytes()),
            &typed[..HANDLE_CHARS],
            sha256(typed.as_bytes()),
            person,
            now,
            expires
        ],
    )?;
    Ok(EnrolmentCode {
        link: seed.link.clone(),
        typed,
        expires,
    })
}

/// Whether a code of this link could be taken now.
///
/// # Errors
/// Those of the store.
pub fn is_open(tx: &Tx<'_>, link_hash: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    let open: Option<i64> = tx.first(
        "SELECT 1 FROM enrolment_code
         WHERE link_hash = $1 AND used_us IS NULL AND expires_us > $2",
        params![link_hash, now],
    )?;
    Ok(open.is_some())
}

/// Takes a code: whose it is, or `None` when it is wrong, used, over or void, and nobody learns
/// which. A code is taken once; a wrong try is counted, so the transaction must be committed in
/// either case.
///
/// # Errors
/// Those of the store.
pub fn take(
    tx: &Tx<'_>,
    presented: &PresentedCode,
    now: Timestamp,
) -> Result<Option<(OrganisationId, PersonId)>, StoreError> {
    type Found = (OrganisationId, [u8; 32], PersonId, [u8; 32], i64);
    const OPEN: &str = "SELECT k.organisation, k.link_hash, k.person, k.typed_hash, k.wrong_tries
         FROM enrolment_code k
         JOIN person p ON p.organisation = k.organisation AND p.id = k.person
         WHERE k.used_us IS NULL AND k.expires_us > $1 AND p.left_us IS NULL";
    let found: Option<Found> = match presented {
        PresentedCode::Link { hash } => {
            tx.first(&format!("{OPEN} AND k.link_hash = $2"), params![now, *hash])?
        }
        PresentedCode::Typed { handle, .. } => tx.first(
            &format!("{OPEN} AND k.typed_handle = $2 AND k.wrong_tries < $3"),
            params![now, *handle, MOST_WRONG_TRIES],
        )?,
    };
    let Some((organisation, link_hash, person, typed_hash, wrong_tries)) = found else {
        return Ok(None);
    };
    if let PresentedCode::Typed { hash, .. } = presented
        && *hash != typed_hash
    {
        tx.exec(
            "UPDATE enrolment_code SET wrong_tries = wrong_tries + 1
             WHERE organisation = $1 AND link_hash = $2",
            params![organisation, link_hash],
        )?;
        if wrong_tries + 1 == MOST_WRONG_TRIES {
            let entry = Entry {
                subject: Some(*person.as_uuid()),
                ..Entry::of(Act::CodeVoided)
            };
            audit::append(tx, organisation, now, entry)?;
        }
        return Ok(None);
    }
    tx.exec(
        "UPDATE enrolment_code SET used_us = $3 WHERE organisation = $1 AND link_hash = $2",
        params![organisation, link_hash, now],
    )?;
    Ok(Some((organisation, person)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SeededRandom;

    #[test]
    fn a_code_has_two_forms_of_twenty_six_and_ten_characters() {
        let seed = CodeSeed::draw(&mut SeededRandom::new(1));
        assert_eq!(seed.link.len(), 26);
        assert!(seed.typed.iter().all(|typed| typed.len() == 10));
        assert!(matches!(
            PresentedCode::parse(&seed.link),
            Some(PresentedCode::Link { .. })
        ));
    }

    #[test]
    fn typing_folds_case_look_alikes_spaces_and_hyphens() {
        let plain = PresentedCode::parse("01AB10CDEF");
        assert!(plain.is_some());
        for typed in ["oiab-locdef", " 0lab 1ocd ef ", "O1AB10CDEF"] {
            assert!(PresentedCode::parse(typed) == plain, "{typed}");
        }
        for wrong in [
            "",
            "01AB10CDE",
            "01AB10CDEU",
            "01AB10CDEF0",
            "０１ＡＢ１０ＣＤＥＦ",
        ] {
            assert!(PresentedCode::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_code_is_not_shown_by_debug() {
        let code = EnrolmentCode {
            link: "LINKLINK".into(),
            typed: "TYPED".into(),
            expires: Timestamp::from_micros(1),
        };
        let shown = format!("{code:?}");
        assert!(
            !shown.contains("LINK") && !shown.contains("TYPED"),
            "{shown}"
        );
    }
}
