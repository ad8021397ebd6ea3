#!/bin/sh
# Runs cargo for WebAssembly: cargo-wasm.sh build --release -p PACKAGE
#
# The machine's own compiler is used if it has std for the target (`rustup target add`).
# Elsewhere Debian's rustc-web and rust-web-src are unpacked into $KOKONI_TOOLS, not installed,
# and std is built there once from its source. The module names no folder of the machine.
set -eu

target=wasm32-unknown-unknown
verb=$1
shift
. "$(dirname "$0")/rust-web.sh"

run_cargo() {
  remap="--remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$project=/kokoni"
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$remap"
  exec "$cargo" "$verb" --target "$target" "$@"
}

if own_toolchain_has_std; then
  run_cargo "$@"
fi

use_compiler_and_linker() {
  use_debians_compiler
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$sysroot/lib/rustlib/$host/bin/rust-lld"
}

build_std() {
  seed=$tree/seed
  rm -rf "$seed"
  mkdir -p "$seed/src"
  cat >"$seed/Cargo.toml" <<MANIFEST
[package]
name = "seed"
version = "0.0.0"
edition = "2024"
[workspace]
[profile.release]
panic = "abort"
MANIFEST
  : >"$seed/src/lib.rs"
  use_compiler_and_linker
  (cd "$seed" && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=target \
    RUSTFLAGS="-C embed-bitcode=yes --remap-path-prefix=$tree/usr/lib/rustlib/src/rust=/rust" \
    "$cargo" build -q --release -Zbuild-std=std,panic_abort --target "$target")
  library=$tree/usr/lib/rustlib/$target/lib
  rm -rf "$library.new"
  mkdir -p "$library.new"
  cp "$seed/target/$target/release/deps/"*.rlib "$library.new/"
  rm "$library.new"/libseed*
  mv "$library.new" "$library"
  rm -r "$seed"
}

prepare() {
  [ -d "$tree" ] || (unpack)
  [ -d "$tree/usr/lib/rustlib/$target/lib" ] || (build_std)
}

find_debians_compiler
one_at_a_time prepare
use_compiler_and_linker
run_cargo "$@"
