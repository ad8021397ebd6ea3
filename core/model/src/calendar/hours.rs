//! Hours of work, in minutes of the local wall clock since the midnight a day begins with.
//!
//! A span may reach past midnight: a night shift from 17:15 to 08:30 is 1035 to 1950, as on a
//! Japanese roster's 30-hour clock.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The last minute a span may end at: midnight at the end of the next day.
const LAST_MINUTE: u16 = 48 * 60;

/// Minutes that describe no span of a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidMinutes {
    /// The span ends before it begins, or at once.
    #[error("a span from minute {start_min} to minute {end_min} has no length")]
    Empty {
        /// Where it begins.
        start_min: u16,
        /// Where it ends.
        end_min: u16,
    },
    /// The span ends after the next day.
    #[error("minute {end_min} lies after the end of the next day, minute {LAST_MINUTE}")]
    TooLate {
        /// Where it ends.
        end_min: u16,
    },
    /// The span begins on another day than its own.
    #[error("working hours begin at minute {start_min}, after the day that they belong to")]
    StartsNextDay {
        /// Where it begins.
        start_min: u16,
    },
    /// The break is not inside the hours.
    #[error("the break from minute {start_min} to {end_min} is not inside the working hours")]
    BreakOutside {
        /// Where the break begins.
        start_min: u16,
        /// Where the break ends.
        end_min: u16,
    },
    /// A reminder so late that it reminds of nothing.
    #[error("a reminder {delay_min} minutes late is later than {MAX_DELAY_MIN} minutes")]
    DelayTooLong {
        /// The delay.
        delay_min: u16,
    },
    /// A minute of the day that is none.
    #[error("minute {minute} is not a minute of a day, 0 to 1439")]
    NotOfADay {
        /// The minute.
        minute: u16,
    },
}

/// The longest a reminder may come after what it reminds of.
pub(super) const MAX_DELAY_MIN: u16 = 12 * 60;

/// A span of minutes since local midnight: JSON `{"start_min": 720, "end_min": 780}`, the end
/// excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "RawSpan")]
pub struct MinuteSpan {
    start_min: u16,
    end_min: u16,
}

impl MinuteSpan {
    /// The span from `start_min` to just before `end_min`.
    ///
    /// # Errors
    /// When it has no length or ends after the next day.
    pub const fn new(start_min: u16, end_min: u16) -> Result<Self, InvalidMinutes> {
        if start_min >= end_min {
            return Err(InvalidMinutes::Empty { start_min, end_min });
        }
        if end_min > LAST_MINUTE {
            return Err(InvalidMinutes::TooLate { end_min });
        }
        Ok(Self { start_min, end_min })
    }

    /// The first minute.
    pub const fn start_min(self) -> u16 {
        self.start_min
    }

    /// The minute after the last.
    pub const fn end_min(self) -> u16 {
        self.end_min
    }

    /// What is left of this span without `taken`: nothing, one span or two, in order.
    fn without(self, taken: Self) -> impl Iterator<Item = Self> {
        let before = Self {
            start_min: self.start_min,
            end_min: self.end_min.min(taken.start_min),
        };
        let after = Self {
            start_min: self.start_min.max(taken.end_min),
            end_min: self.end_min,
        };
        [before, after]
            .into_iter()
            .filter(|span| span.start_min < span.end_min)
    }
}

/// Take spans out of spans; all stay in order.
pub(super) fn subtract(from: Vec<MinuteSpan>, taken: MinuteSpan) -> Vec<MinuteSpan> {
    from.into_iter()
        .flat_map(|span| span.without(taken))
        .collect()
}

/// A day's hours: JSON `{"start_min": 510, "end_min": 1035, "break": {"start_min": 720,
/// "end_min": 780}}`; `break` may be null or absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "RawHours")]
pub struct WorkingHours {
    start_min: u16,
    end_min: u16,
    #[serde(rename = "break")]
    rest: Option<MinuteSpan>,
}

/// Half of a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Up to the break.
    Morning,
    /// From the break on.
    Afternoon,
}

impl WorkingHours {
    /// The usual hours of a Japanese local government: 8:30 to 17:15, break 12:00 to 13:00.
    pub const USUAL: Self = Self {
        start_min: 8 * 60 + 30,
        end_min: 17 * 60 + 15,
        rest: Some(MinuteSpan {
            start_min: 12 * 60,
            end_min: 13 * 60,
        }),
    };

    /// Hours of one day.
    ///
    /// # Errors
    /// When the hours have no length, begin or end on a wrong day, or the break is not strictly
    /// inside them.
    pub fn new(
        start_min: u16,
        end_min: u16,
        rest: Option<MinuteSpan>,
    ) -> Result<Self, InvalidMinutes> {
        let MinuteSpan { start_min, end_min } = MinuteSpan::new(start_min, end_min)?;
        if start_min >= 24 * 60 {
            return Err(InvalidMinutes::StartsNextDay { start_min });
        }
        if let Some(rest) = rest
            && (rest.start_min <= start_min || rest.end_min >= end_min)
        {
            let MinuteSpan { start_min, end_min } = rest;
            return Err(InvalidMinutes::BreakOutside { start_min, end_min });
        }
        Ok(Self {
            start_min,
            end_min,
            rest,
        })
    }

    /// When work begins.
    pub const fn start_min(&self) -> u16 {
        self.start_min
    }

    /// When work ends.
    pub const fn end_min(&self) -> u16 {
        self.end_min
    }

    /// The break, if there is one.
    pub const fn rest(&self) -> Option<MinuteSpan> {
        self.rest
    }

    /// The span that leave for half a day takes, the break included. Without a break the halves
    /// meet in the middle.
    pub fn half(&self, half: Half) -> MinuteSpan {
        let middle = self.start_min.midpoint(self.end_min);
        match half {
            Half::Morning => MinuteSpan {
                start_min: self.start_min,
                end_min: self.rest.map_or(middle, |rest| rest.end_min),
            },
            Half::Afternoon => MinuteSpan {
                start_min: self.rest.map_or(middle, |rest| rest.start_min),
                end_min: self.end_min,
            },
        }
    }

    /// The spans that are worked: the hours without the break.
    pub(super) fn worked(&self) -> Vec<MinuteSpan> {
        let whole = vec![MinuteSpan {
            start_min: self.start_min,
            end_min: self.end_min,
        }];
        match self.rest {
            Some(rest) => subtract(whole, rest),
            None => whole,
        }
    }
}

impl Default for WorkingHours {
    fn default() -> Self {
        Self::USUAL
    }
}

#[derive(Deserialize)]
struct RawSpan {
    start_min: u16,
    end_min: u16,
}

impl TryFrom<RawSpan> for MinuteSpan {
    type Error = InvalidMinutes;

    fn try_from(raw: RawSpan) -> Result<Self, InvalidMinutes> {
        Self::new(raw.start_min, raw.end_min)
    }
}

#[derive(Deserialize)]
struct RawHours {
    start_min: u16,
    end_min: u16,
    #[serde(default, rename = "break")]
    rest: Option<MinuteSpan>,
}

impl TryFrom<RawHours> for WorkingHours {
    type Error = InvalidMinutes;

    fn try_from(raw: RawHours) -> Result<Self, InvalidMinutes> {
        Self::new(raw.start_min, raw.end_min, raw.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_min: u16, end_min: u16) -> MinuteSpan {
        MinuteSpan::new(start_min, end_min).unwrap()
    }

    #[test]
    fn a_half_day_takes_the_break_with_it() {
        assert_eq!(WorkingHours::USUAL.half(Half::Morning), span(510, 780));
        assert_eq!(WorkingHours::USUAL.half(Half::Afternoon), span(720, 1035));
    }

    #[test]
    fn halves_of_hours_without_a_break_meet_in_the_middle() {
        let hours = WorkingHours::new(540, 780, None).unwrap();
        assert_eq!(hours.half(Half::Morning), span(540, 660));
        assert_eq!(hours.half(Half::Afternoon), span(660, 780));
        let one_minute = WorkingHours::new(600, 601, None).unwrap();
        assert_eq!(one_minute.half(Half::Afternoon), span(600, 601));
    }

    #[test]
    fn taking_a_span_out_leaves_none_one_or_two() {
        let day = || vec![span(100, 200)];
        assert_eq!(subtract(day(), span(50, 250)), []);
        assert_eq!(subtract(day(), span(50, 150)), [span(150, 200)]);
        assert_eq!(
            subtract(day(), span(120, 130)),
            [span(100, 120), span(130, 200)]
        );
        assert_eq!(subtract(day(), span(200, 300)), [span(100, 200)]);
    }

    #[test]
    fn hours_that_make_no_sense_are_refused_with_the_reason() {
        let refusal = |json: &str| serde_json::from_str::<WorkingHours>(json).unwrap_err();
        insta::assert_snapshot!(refusal(r#"{"start_min":600,"end_min":600}"#),
            @"a span from minute 600 to minute 600 has no length");
        insta::assert_snapshot!(refusal(r#"{"start_min":600,"end_min":2881}"#),
            @"minute 2881 lies after the end of the next day, minute 2880");
        insta::assert_snapshot!(refusal(r#"{"start_min":1440,"end_min":1500}"#),
            @"working hours begin at minute 1440, after the day that they belong to");
        insta::assert_snapshot!(
            refusal(r#"{"start_min":600,"end_min":900,"break":{"start_min":600,"end_min":660}}"#),
            @"the break from minute 600 to 660 is not inside the working hours");
        insta::assert_snapshot!(
            refusal(r#"{"start_min":600,"end_min":900,"break":{"start_min":700,"end_min":660}}"#),
            @"a span from minute 700 to minute 660 has no length at line 1 column 71");
        insta::assert_snapshot!(refusal(r#"{"start_min":-1,"end_min":900}"#),
            @"invalid value: integer `-1`, expected u16 at line 1 column 15");
    }

    #[test]
    fn hours_in_json() {
        insta::assert_json_snapshot!(WorkingHours::USUAL, @r#"
        {
          "start_min": 510,
          "end_min": 1035,
          "break": {
            "start_min": 720,
            "end_min": 780
          }
        }
        "#);
    }
}
