//! What was called saved stays saved: power cuts, full and failing disks, kills. The names of the
//! tests are the list of promises.

#[path = "../../../../core/client/tests/common/mod.rs"]
mod common;
#[cfg(target_os = "linux")]
mod folders;
mod full_disks;
#[cfg(target_os = "linux")]
mod kills;
mod phone;
mod power_cuts;
#[cfg(target_os = "linux")]
mod repairs;
