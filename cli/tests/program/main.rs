//! The real program from outside: what people type, what they read, how it exits.

mod administration;
mod demo;
mod env;
mod help;
mod read;
mod road;
mod scan;
mod serve;
