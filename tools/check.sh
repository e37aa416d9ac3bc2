#!/usr/bin/env bash
# Every check there is: installs what is missing; builds with g++ and clang++, warnings as errors;
# runs the tests in double and single precision and under the sanitizers; builds a user's program
# against the installed library. Ends with "N passed, N failed", counted from doctest.
set -uo pipefail
cd "$(dirname "$0")/.."
. tools/dependencies.sh

require_packages "${build_packages[@]}" libbenchmark-dev clang clang-format git
passed=0 failed=0

fail() {
  echo "FAILED: $*"
  failed=$((failed + 1))
}

# build FOLDER OPTION...
build() {
  local folder=$1
  configure "$@" -Dwerror=true && ninja -C "$folder" || { fail "build of $folder"; return 1; }
}

# run_tests FOLDER: adds doctest's own count; a run that ends without one is one failure.
run_tests() {
  local log=$1/tests.log counts
  HOURGLASS_APPS="$PWD/$1/apps" timeout 1200 "$1/tests/hourglass_tests" --no-colors 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]}
  counts=$(sed -nE 's/^\[doctest\] test cases: +[0-9]+ \| +([0-9]+) passed \| +([0-9]+) failed.*/\1 \2/p' "$log")
  if [ -z "$counts" ]; then
    fail "tests of $1 ended with status $status and no count"
    return
  fi
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  [ "$status" -eq 0 ] || [ "${counts#* }" -gt 0 ] || fail "tests of $1 ended with status $status"
}

# A program in a folder of its own, built with pkg-config against the installed library alone.
try_installed() {
  local root
  root=$(mktemp -d)
  (
    set -e
    DESTDIR=$root meson install -C build --quiet
    libdir=$(dirname "$(find "$root" -name hourglass.pc)")
    export PKG_CONFIG_PATH=$libdir PKG_CONFIG_SYSROOT_DIR=$root
    flags=$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --define-variable=prefix="$root/usr/local" \
      --cflags --libs hourglass)
    g++ tests/readme_example.cpp -o "$root/example" $flags
    LD_LIBRARY_PATH=$(dirname "$libdir") "$root/example"
  ) && passed=$((passed + 1)) || fail "a program against the installed library"
  rm -rf "$root"
}

git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror || fail "clang-format"
build build && run_tests build && try_installed
build build-single -Dprecision=single && run_tests build-single
build build-sanitize -Dsanitize=true -Dbuildtype=debugoptimized -Dbenchmarks=false &&
  run_tests build-sanitize
CXX=clang++ build build-clang && run_tests build-clang

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
