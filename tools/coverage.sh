#!/usr/bin/env bash
# Which lines of lib/ and apps/ the tests run (docs/reliability.md has the table): a build of its own,
# the tests and the programs that they start, then gcovr's list of lines that nothing reached.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/dependencies.sh

require_packages "${build_packages[@]}" gcovr
configure build-coverage -Db_coverage=true -Dbuildtype=plain -Db_ndebug=true -Dbenchmarks=false
ninja -C build-coverage
HOURGLASS_APPS=$PWD/build-coverage/apps build-coverage/tests/hourglass_tests --no-colors --minimal
gcovr --root . --filter lib/hourglass --filter apps/ --exclude-throw-branches build-coverage
