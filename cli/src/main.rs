//! (rooms are being furnished)
fn main() {}
