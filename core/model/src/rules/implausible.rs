//! Implausible is flagged, not refused: a person may have a reason, a manager may look.

use serde::{Deserialize, Serialize};

use crate::clock::{ClockCorrection, MICROS_PER_SECOND, Timestamp};
use crate::ids::{PersonId, SiteId};

/// Between two sites no one is quicker than this.
pub const TRAVEL_MICROS: i64 = 10 * 60 * MICROS_PER_SECOND;

/// What is odd about an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Two sites within ten minutes.
    TwoSitesTooQuickly,
    /// The device recorded for somebody else on the same day.
    DeviceOfTwoPeople,
    /// The device's clock was off by more than five minutes.
    ClockOff,
    /// Outside the person's working hours.
    OutsideWorkingHours,
}

/// What is known around an event when it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Who scanned.
    pub person: PersonId,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// The site of the label, where it has one.
    pub site: Option<SiteId>,
    /// The person's latest earlier scan at a site on the same day.
    pub earlier: Option<(SiteId, Timestamp)>,
    /// Who else used the same device on the same day.
    pub device_also_used_by: Option<PersonId>,
    /// The correction seen when it arrived.
    pub correction: ClockCorrection,
    /// Whether the moment lies within the person's hours; `None` where they are not known.
    pub within_hours: Option<bool>,
}

/// Everything that is odd, in a fixed order.
pub fn flags(circumstances: &Circumstances) -> Vec<Flag> {
    let Circumstances {
        person,
        at,
        site,
        earlier,
        device_also_used_by,
        ..
    } = *circumstances;
    let too_quick = match (site, earlier) {
        (Some(here), Some((there, when))) => {
            here != there && at.micros_since(when).saturating_abs() < TRAVEL_MICROS
        }
        _ => false,
    };
    [
        (Flag::TwoSitesTooQuickly, too_quick),
        (
            Flag::DeviceOfTwoPeople,
            device_also_used_by.is_some_and(|other| other != person),
        ),
        (Flag::ClockOff, circumstances.correction.is_implausible()),
        (
            Flag::OutsideWorkingHours,
            circumstances.within_hours == Some(false),
        ),
    ]
    .into_iter()
    .filter_map(|(flag, raised)| raised.then_some(flag))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn quiet() -> Circumstances {
        Circumstances {
            person: PersonId::from_uuid(Uuid::from_u128(1)),
            at: Timestamp::from_micros(0).plus_seconds(1_000),
            site: Some(site(1)),
            earlier: None,
            device_also_used_by: None,
            correction: ClockCorrection::NONE,
            within_hours: Some(true),
        }
    }

    fn site(number: u128) -> SiteId {
        SiteId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn an_ordinary_scan_raises_no_flag() {
        assert_eq!(flags(&quiet()), []);
        let same_person = Some(quiet().person);
        assert_eq!(
            flags(&Circumstances {
                device_also_used_by: same_person,
                ..quiet()
            }),
            []
        );
    }

    #[test]
    fn two_sites_within_ten_minutes_are_flagged_in_either_order() {
        let at = |seconds| Timestamp::from_micros(0).plus_seconds(seconds);
        for seconds in [401, 1_599] {
            let earlier = Some((site(2), at(seconds)));
            assert_eq!(
                flags(&Circumstances { earlier, ..quiet() }),
                [Flag::TwoSitesTooQuickly],
                "{seconds}"
            );
        }
        let long_ago = Some((site(2), at(400)));
        assert_eq!(
            flags(&Circumstances {
                earlier: long_ago,
                ..quiet()
            }),
            []
        );
        let same_site = Some((site(1), at(999)));
        assert_eq!(
            flags(&Circumstances {
                earlier: same_site,
                ..quiet()
            }),
            []
        );
    }

    #[test]
    fn each_oddity_has_its_own_flag() {
        let odd = Circumstances {
            device_also_used_by: Some(PersonId::from_uuid(Uuid::from_u128(2))),
            correction: ClockCorrection::from_micros(-301 * MICROS_PER_SECOND),
            within_hours: Some(false),
            ..quiet()
        };
        let expected = [
            Flag::DeviceOfTwoPeople,
            Flag::ClockOff,
            Flag::OutsideWorkingHours,
        ];
        assert_eq!(flags(&odd), expected);
    }
}
