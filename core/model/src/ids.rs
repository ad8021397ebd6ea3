//! Ids: lower-case UUIDs, a type for each kind of thing, so that a person cannot be passed for a
//! device. New ones are version 7, made from a time and random bytes that the caller brings.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;

/// Random bytes that a new id takes.
pub const ID_RANDOM_BYTES: usize = 10;

/// A version 7 UUID for this time: sortable by millisecond, the rest random.
fn uuid_v7(now: Timestamp, random: [u8; ID_RANDOM_BYTES]) -> Uuid {
    let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for this time and these random bytes.
            pub fn new(now: Timestamp, random: [u8; ID_RANDOM_BYTES]) -> Self {
                Self(uuid_v7(now, random))
            }

            /// An id that was made elsewhere.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// One tenant. Stands first in every key.
    OrganisationId;
    /// One member of staff.
    PersonId;
    /// One enrolled phone, browser or computer.
    DeviceId;
    /// One event, for a person to name it by; its identity is (organisation, device, epoch, seq).
    EventId;
    /// A building.
    SiteId;
    /// A floor of a site.
    FloorId;
    /// A part of a floor.
    ZoneId;
    /// A seat, a room or somebody's home.
    PlaceId;
    /// Something to borrow.
    ItemId;
    /// Where items are kept.
    LockerId;
    /// A part of the organisation that people belong to.
    SectionId;
    /// One start of a phone's operating system: the monotonic clock counts from there.
    BootId;
    /// One life of a server's database: changed by a restore.
    IncarnationId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_is_a_version_seven_uuid_of_its_time() {
        let id = PersonId::new(Timestamp::from_micros(1_700_000_000_123_456), [0xff; 10]);
        assert_eq!(id.as_uuid().get_version_num(), 7);
        assert!(id.to_string().starts_with("018bcfe5-687b-7"), "{id}");
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let at = |micros| EventId::new(Timestamp::from_micros(micros), [0; 10]);
        assert!(at(1_000) < at(2_000));
    }

    #[test]
    fn ids_are_written_in_lower_case() {
        let id: PlaceId = "018BCFE5-687B-7FFF-BFFF-FFFFFFFFFFFF"
            .parse()
            .expect("a UUID");
        assert_eq!(
            serde_json::to_string(&id).expect("serialises"),
            "\"018bcfe5-687b-7fff-bfff-ffffffffffff\""
        );
    }
}
