#!/usr/bin/env bash
# Every check there is: installs what is missing; builds with g++ and clang++, warnings as errors;
# runs the tests in double and single precision (g++) and under the sanitizers (clang++, half g++'s time), where
# it also fuzzes what reads files; clang-tidy;
# builds a user's program and the guide's project against the installed library, and the reference.
# Ends with "N passed, N failed", counted from doctest.
set -uo pipefail
cd "$(dirname "$0")/.."
. tools/dependencies.sh

require_packages "${build_packages[@]}" libbenchmark-dev clang libclang-rt-dev clang-format clang-tidy doxygen git || exit 1
passed=0 failed=0

fail() {
  echo "FAILED: $*"
  failed=$((failed + 1))
}

# build FOLDER OPTION...
build() {
  local folder=$1
  configure "$@" -Dwerror=true && ninja -k 0 -C "$folder" || { fail "build of $folder"; return 1; }
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

# run_fuzz FOLDER: 20 seconds of each fuzz target, each of which passes or fails.
run_fuzz() {
  local counts
  counts=$(FOLDER=$1 tools/fuzz.sh 20s | tee >(cat >&2) | tail -1 | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p')
  [ -n "$counts" ] || { fail "fuzzing in $1 ended without a count"; return; }
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

# try_installed FOLDER NAME: a program in a folder of its own, built with pkg-config against the installed library alone.
try_installed() {
  local root pc flags
  root=$(mktemp -d)
  if DESTDIR=$root meson install -C "$1" --quiet &&
    pc=$(find "$root" -name "$2.pc") && [ -n "$pc" ] &&
    flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config \
      --define-variable=prefix="$root/usr/local" --cflags --libs "$2") &&
    g++ tests/readme_example.cpp -o "$root/example" $flags &&
    LD_LIBRARY_PATH=$(dirname "$(dirname "$pc")") "$root/example"; then
    passed=$((passed + 1))
  else
    fail "a program against the installed $2"
  fi
  rm -rf "$root"
}

# try_symbols FOLDER NAME: the shared library defines hourglass' own symbols and nothing of other libraries.
try_symbols() {
  local foreign
  foreign=$(nm -DC --defined-only "$1/lib/hourglass/lib$2.so" | cut -d' ' -f3- | grep -v 'hourglass::')
  if [ -z "$foreign" ]; then passed=$((passed + 1)); else fail "symbols of lib$2.so: $foreign"; fi
}

# try_mixed FOLDER OTHER NAME: a program with the headers of one precision does not link with the library of the other.
try_mixed() {
  local said
  said=$(g++ -std=c++20 tests/readme_example.cpp -Ilib -I"$1/lib" "$2/lib/hourglass/lib$3.so" \
    -o /dev/null 2>&1)
  if [ $? -ne 0 ] && [[ $said == *built_for_*_precision* ]]; then
    passed=$((passed + 1))
  else
    fail "headers of $1 link with the library of $2"
  fi
}

# try_guide FOLDER: the guide's project, by its own blocks, against the installed library.
try_guide() {
  if tests/guide/run.sh "$1"; then passed=$((passed + 1)); else fail "docs/guide.md"; fi
}

# try_docs FOLDER: the reference, where every public name must have a comment.
try_docs() {
  if ninja -C "$1" docs; then passed=$((passed + 1)); else fail "the reference"; fi
}

# tidy FOLDER: what .clang-tidy lists, in the sources of lib and apps as clang built them there; leaves a core to others.
tidy() {
  local cores
  cores=$(nproc)
  git ls-files -z 'lib/*.cpp' 'apps/*.cpp' |
    xargs -0 -n 4 -P $((cores > 1 ? cores - 1 : 1)) clang-tidy -p "$1" --quiet >"$1/tidy.log" 2>&1
}

git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format --dry-run --Werror || fail "clang-format"
build build-check/double && run_tests build-check/double &&
  try_installed build-check/double hourglass && try_guide build-check/double &&
  try_symbols build-check/double hourglass && try_docs build-check/double
build build-check/single -Dprecision=single -Doptimization=2 -Dbenchmarks=false && run_tests build-check/single &&
  try_installed build-check/single hourglass-single &&
  try_mixed build-check/single build-check/double hourglass &&
  try_mixed build-check/double build-check/single hourglass-single
CXX=clang++ build build-check/sanitize -Dsanitize=true -Dfuzz=true -Ddebug=true -Doptimization=1 -Dbenchmarks=false &&
  {
    tidy build-check/sanitize &  # the tests use one core
    run_tests build-check/sanitize
    run_fuzz build-check/sanitize
    if wait $!; then
      passed=$((passed + 1))
    else
      grep -E '(warning|error):' build-check/sanitize/tidy.log
      fail "clang-tidy"
    fi
  }

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
