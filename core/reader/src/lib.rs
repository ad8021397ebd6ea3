//! (rooms are being furnished)
