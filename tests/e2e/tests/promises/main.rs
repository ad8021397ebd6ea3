//! The promises, each tried end to end; the names of the tests are the list of them.

mod bad_input;
mod clocks;
mod enrolment;
mod frame_to_map;
mod inspected_tls;
mod kills;
mod partitions;
mod rollback;
mod sync;
mod tenants;
mod tokens;

const SERVE: &str = env!("CARGO_BIN_EXE_kokoni-e2e-serve");
const PHONE: &str = env!("CARGO_BIN_EXE_kokoni-e2e-phone");
