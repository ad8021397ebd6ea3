# Debian's rustc-web and rust-web-src, unpacked into $KOKONI_TOOLS and not installed: a compiler for
# targets whose std this machine's own toolchain lacks. Sourced, with $target set.

project=$(cd "$(dirname "$0")/../.." && pwd)
tools=${KOKONI_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/kokoni}
cargo=$(rustup which cargo 2>/dev/null || command -v cargo)
sysroot=$(rustc --print sysroot)
host=$(rustc -vV | sed -n 's/^host: //p')
cargo_home=${CARGO_HOME:-$HOME/.cargo}

own_toolchain_has_std() {
  ls "$sysroot/lib/rustlib/$target/lib"/libstd-*.rlib >/dev/null 2>&1
}

debian_version() {
  apt-cache policy rustc-web 2>/dev/null | sed -n 's/^  Candidate: //p'
}

# Sets $tree and $libraries, or ends with one clear line.
find_debians_compiler() {
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
}

use_debians_compiler() {
  export RUSTC="$tree/rustc" RUSTDOC="$tree/rustdoc"
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

# Runs a command for which no other may run at the same time, here or in another checkout.
one_at_a_time() {
  mkdir -p "$tools"
  exec 9>"$tools/rust-web.lock"
  flock 9
  "$@"
  exec 9>&-
}
