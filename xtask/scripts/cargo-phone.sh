#!/bin/sh
# Checks the types of Rust code for a phone: cargo-phone.sh aarch64-linux-android check -p PACKAGE
#
# Types and configuration only: C code is not compiled and nothing is linked, which needs an
# Android NDK or Xcode. The machine's own compiler is used if it has std for the target; elsewhere
# Debian's, which checks std with the rest.
set -eu

target=$1
verb=$2
shift 2
. "$(dirname "$0")/rust-web.sh"

# Stands in for the phone's C compiler and archiver: leaves empty files where theirs would be.
make_stand_ins() {
  stand_ins=$tools/phone-stand-ins
  [ -d "$stand_ins" ] && return
  rm -rf "$stand_ins.new"
  mkdir -p "$stand_ins.new"
  cat >"$stand_ins.new/cc" <<'CC'
#!/bin/sh
out= previous=
for word in "$@"; do
  case $previous in -o) out=$word ;; esac
  case $word in
    -E) exit 0 ;;
    --version | -v) echo "clang version 19.0.0"; exit 0 ;;
  esac
  previous=$word
done
[ -z "$out" ] || : >"$out"
CC
  cat >"$stand_ins.new/ar" <<'AR'
#!/bin/sh
for word in "$@"; do
  case $word in *.a) printf '!<arch>\n' >"$word"; exit 0 ;; esac
done
AR
  chmod +x "$stand_ins.new/cc" "$stand_ins.new/ar"
  mv "$stand_ins.new" "$stand_ins"
}

run_cargo() {
  name=$(printf %s "$target" | tr - _)
  export "CC_$name=$stand_ins/cc" "AR_$name=$stand_ins/ar" SDKROOT="$stand_ins"
  exec "$cargo" "$verb" --target "$target" "$@"
}

prepare() {
  make_stand_ins
  own_toolchain_has_std || [ -d "$tree" ] || (unpack)
}

own_toolchain_has_std || find_debians_compiler
one_at_a_time prepare
stand_ins=$tools/phone-stand-ins
if own_toolchain_has_std; then
  run_cargo "$@"
fi
use_debians_compiler
export RUSTC_BOOTSTRAP=1
run_cargo -Zbuild-std=std,panic_unwind "$@"
