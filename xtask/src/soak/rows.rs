//! What is soaked: each promise of the queue with the tests that try it, how much one slice tries,
//! and how much is enough.

use crate::named_test::NamedTest;

/// A promise of the queue.
pub(super) struct Row {
    /// Its numbers in the table of promises; one trial may show two.
    pub(super) numbers: &'static [u8],
    pub(super) promise: &'static str,
    pub(super) trials: &'static [Trial],
}

/// A test that tries a promise as often as it is told.
pub(super) struct Trial {
    package: &'static str,
    program: &'static str,
    test: &'static str,
    /// How often it tries in one slice: some minutes at most.
    pub(super) slice: u64,
    /// How often is enough.
    pub(super) goal: u64,
}

impl Trial {
    pub(super) fn test(&self) -> NamedTest {
        NamedTest::new(self.package, self.program, self.test)
    }

    /// Names it in the state file.
    pub(super) fn key(&self) -> String {
        format!("{} {} {}", self.package, self.program, self.test)
    }
}

/// Promises that have no trial here: every test run tries them whole.
pub(super) const WHOLE_IN_TESTS: [u8; 2] = [6, 7];

pub(super) const ROWS: [Row; 10] = [
    Row {
        numbers: &[1],
        promise: "no saved scan lost on kill -9",
        trials: &[
            Trial {
                package: "kokoni-faults",
                program: "promises",
                test: "kills::no_saved_scan_is_lost_when_the_phone_is_killed_at_any_call_that_changes_a_file",
                // Four slices meet every point.
                slice: 150,
                goal: 10_000,
            },
            Trial {
                package: "kokoni-client",
                program: "processes",
                test: "no_saved_scan_is_lost_when_the_phone_is_killed",
                slice: 500,
                goal: 10_000,
            },
        ],
    },
    Row {
        numbers: &[2],
        promise: "none lost on power cut",
        trials: &[
            Trial {
                package: "kokoni-faults",
                program: "promises",
                test: "power_cuts::what_was_saved_survives_power_cuts",
                slice: 200,
                goal: 2_000,
            },
            Trial {
                package: "kokoni-faults",
                program: "promises",
                test: "power_cuts::what_was_saved_survives_power_cuts_of_a_disk_whose_syncs_fail",
                slice: 200,
                goal: 2_000,
            },
            Trial {
                package: "kokoni-faults",
                program: "promises",
                test: "power_cuts::with_synchronous_normal_the_same_power_cuts_lose_events",
                slice: 100,
                goal: 500,
            },
        ],
    },
    Row {
        numbers: &[3, 4],
        promise: "applied exactly once, order kept",
        trials: &[
            Trial {
                package: "kokoni-server",
                program: "server",
                test: "windows::what_is_sent_again_out_of_turn_or_after_purging_is_applied_exactly_once_and_in_order",
                slice: 50_000,
                goal: 10_000_000,
            },
            Trial {
                package: "kokoni-server",
                program: "server",
                test: "exactly_once::every_event_is_applied_exactly_once_and_in_order",
                slice: 10_000,
                goal: 200_000,
            },
            Trial {
                package: "kokoni-client",
                program: "history",
                test: "every_saved_event_is_applied_exactly_once_and_in_order",
                slice: 500,
                goal: 20_000,
            },
        ],
    },
    Row {
        numbers: &[5],
        promise: "the queue always drains",
        trials: &[Trial {
            package: "kokoni-e2e",
            program: "promises",
            test: "partitions::every_queue_is_empty_within_a_minute_of_the_end_of_a_partition_of_any_kind",
            // Each slice has 64 engines.
            slice: 1_000,
            goal: 2_000,
        }],
    },
    Row {
        numbers: &[8],
        promise: "corruption is never silent",
        trials: &[Trial {
            package: "kokoni-client",
            program: "damage",
            test: "damage_anywhere_is_repaired_or_reported_and_untouched_pages_keep_their_records",
            slice: 1_000,
            goal: 10_000,
        }],
    },
    Row {
        numbers: &[9],
        promise: "disk full is a refusal",
        trials: &[Trial {
            package: "kokoni-faults",
            program: "promises",
            test: "full_disks::a_disk_that_is_full_or_fails_is_a_refusal_and_never_a_false_saved",
            slice: 500,
            goal: 5_000,
        }],
    },
    Row {
        numbers: &[10],
        promise: "clocks do no harm",
        trials: &[Trial {
            package: "kokoni-e2e",
            program: "promises",
            test: "clocks::wrong_jumping_and_restarted_clocks_keep_the_order_and_are_flagged",
            slice: 1_000,
            goal: 20_000,
        }],
    },
    Row {
        numbers: &[11],
        promise: "token expiry drops nothing",
        trials: &[
            Trial {
                package: "kokoni-e2e",
                program: "promises",
                test: "tokens::a_phone_whose_token_ended_long_ago_renews_it_once_and_sends_everything",
                slice: 10_000,
                goal: 50_000,
            },
            Trial {
                package: "kokoni-e2e",
                program: "promises",
                test: "tokens::two_processes_of_one_phone_renew_an_ended_token_once_and_lose_nothing",
                slice: 10_000,
                goal: 50_000,
            },
        ],
    },
    Row {
        numbers: &[12],
        promise: "server rollback healed",
        trials: &[Trial {
            package: "kokoni-e2e",
            program: "promises",
            test: "rollback::fourteen_days_that_a_restored_server_has_lost_come_back_from_the_phones",
            slice: 5,
            goal: 50,
        }],
    },
    Row {
        numbers: &[13],
        promise: "several processes on one file",
        trials: &[Trial {
            package: "kokoni-client",
            program: "processes",
            test: "four_processes_on_one_file_lose_nothing_and_give_no_number_twice",
            slice: 5_000,
            goal: 25_000,
        }],
    },
];
