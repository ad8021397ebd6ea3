//! The surface as a shell uses it, in one test program: the conformance scripts that Kotlin and
//! Swift run too, and what only Rust can look at.

mod callbacks;
mod conformance;
mod frames;
mod life;
mod plain;
mod plain_scan;
mod shell;
mod steps;
mod world;
