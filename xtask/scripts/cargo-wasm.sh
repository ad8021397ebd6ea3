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
project=$(cd "$(dirname "$0")/../.." && pwd)
tools=${KOKONI_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/kokoni}
cargo=$(rustup which cargo 2>/dev/null || command -v cargo)
sysroot=$(rustc --print sysroot)
host=$(rustc -vV | sed -n 's/^host: //p')
cargo_home=${CARGO_HOME:-$HOME/.cargo}

run_cargo() {
  remap="--remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$project=/kokoni"
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$remap"
  exec "$cargo" "$verb" --target "$target" "$@"
}

if ls "$sysroot/lib/rustlib/$target/lib"/libstd-*.rlib >/dev/null 2>&1; then
  run_cargo "$@"
fi

debian_version() {
  apt-cache policy rustc-web 2>/dev/null | sed -n 's/^  Candidate: //p'
}

version=$(debian_version)
case ${version:-(none)} in
  '(none)')
    apt-get -qq update >/dev/null 2>&1 || true
    version=$(debian_version) ;;
esac
case ${version:-(none)} in
  '(none)')
    echo "$target has no std here: run 'rustup target add $target'" >&2
    exit 1 ;;
esac
tree=$tools/rust-web-$(printf %s "$version" | tr -c 'A-Za-z0-9.\n' _)
libraries=$tree/usr/lib/$(uname -m)-linux-gnu

use_debians_compiler() {
  export RUSTC="$tree/rustc" RUSTDOC="$tree/rustdoc"
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$sysroot/lib/rustlib/$host/bin/rust-lld"
}

unpack() {
  new=$tree.new.$$
  trap 'rm -rf "$new"' EXIT
  mkdir -p "$new/apt/partial"
  apt-get -qq -o Debug::NoLocking=1 -o Dir::Cache::archives="$new/apt" \
    -o APT::Sandbox::User=root install -y --reinstall --no-install-recommends --download-only \
    rustc-web rust-web-src >/dev/null
  for deb in "$new"/apt/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" |
      tar -x -C "$new" --no-same-owner --no-wildcards-match-slash \
        --exclude='./usr/share/doc' --exclude='./usr/src/rustc-*/src' \
        --exclude='./usr/src/rustc-*/compiler' --exclude='./usr/src/rustc-*/tests' \
        --exclude='./usr/src/rustc-*/vendor'
  done
  rm -r "$new/apt"
  for program in rustc rustdoc; do # with its own libraries, and for it alone
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s/usr/bin/%s "$@"\n' \
      "$libraries" "$tree" "$program" >"$new/$program"
    chmod +x "$new/$program"
  done
  mv "$new" "$tree"
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
  use_debians_compiler
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

mkdir -p "$tools"
exec 9>"$tools/rust-web.lock"
flock 9
[ -d "$tree" ] || (unpack)
[ -d "$tree/usr/lib/rustlib/$target/lib" ] || (build_std)
exec 9>&-

use_debians_compiler
run_cargo "$@"
