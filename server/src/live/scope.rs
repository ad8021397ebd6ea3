//! The ids of messages: a version, scoped so that it means nothing on another floor, in another
//! organisation, or after a restore.

use kokoni_model::ids::{FloorId, IncarnationId, OrganisationId};
use ring::digest;

use crate::organisation::Names;

/// What a stream is about: one floor of one organisation, as those see it who are shown names, or
/// as those who are not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TopicId {
    /// Whose.
    pub(crate) organisation: OrganisationId,
    /// Which floor.
    pub(crate) floor: FloorId,
    /// For whom.
    pub(crate) names: Names,
}

/// Stands before the version in every id of a topic: 16 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Scope(String);

impl Scope {
    /// The scope of a topic in one life of the database. It is a hash, so that ids stay short;
    /// nothing is granted by knowing one.
    pub(crate) fn of(incarnation: IncarnationId, topic: TopicId) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for id in [
            incarnation.as_uuid(),
            topic.organisation.as_uuid(),
            topic.floor.as_uuid(),
        ] {
            context.update(id.as_bytes());
        }
        context.update(&[u8::from(topic.names == Names::Shown)]);
        Self(data_encoding::HEXLOWER.encode(&context.finish().as_ref()[..8]))
    }

    /// The id of a version.
    pub(crate) fn id(&self, version: u64) -> String {
        format!("{}-{version}", self.0)
    }

    /// The version of an id of this scope; `None` for every other text.
    pub(crate) fn version_of(&self, id: &str) -> Option<u64> {
        let (scope, version) = id.split_once('-')?;
        let plain = version.bytes().all(|digit| digit.is_ascii_digit());
        (scope == self.0 && plain).then(|| version.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn scope(incarnation: u128, organisation: u128, floor: u128) -> Scope {
        scope_for(incarnation, organisation, floor, Names::Shown)
    }

    fn scope_for(incarnation: u128, organisation: u128, floor: u128, names: Names) -> Scope {
        Scope::of(
            IncarnationId::from_uuid(Uuid::from_u128(incarnation)),
            TopicId {
                organisation: OrganisationId::from_uuid(Uuid::from_u128(organisation)),
                floor: FloorId::from_uuid(Uuid::from_u128(floor)),
                names,
            },
        )
    }

    #[test]
    fn an_id_gives_its_version_back() {
        let here = scope(1, 2, 3);
        assert_eq!(here.version_of(&here.id(42)), Some(42));
        assert_eq!(here.id(42).len(), 16 + 1 + 2);
    }

    #[test]
    fn an_id_means_nothing_elsewhere_or_after_a_restore() {
        let here = scope(1, 2, 3);
        let unnamed = scope_for(1, 2, 3, Names::Hidden);
        for other in [scope(9, 2, 3), scope(1, 9, 3), scope(1, 2, 9), unnamed] {
            assert_eq!(here.version_of(&other.id(42)), None);
        }
    }

    #[test]
    fn what_is_no_id_has_no_version() {
        let here = scope(1, 2, 3);
        let version = |text: String| here.version_of(&text);
        assert_eq!(version(String::new()), None);
        assert_eq!(version("42".into()), None);
        assert_eq!(version(here.id(42).replace("-42", "-+42")), None);
        assert_eq!(
            version(here.id(42).replace("-42", "-99999999999999999999")),
            None
        );
    }
}
