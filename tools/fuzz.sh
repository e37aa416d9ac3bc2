#!/usr/bin/env bash
# Fuzzes every reader, the options and the formulas for MINUTES each (default 10), two at a time; in seconds with
# an s: "20s". A second word picks the targets: tools/fuzz.sh 60 'csv|npy'. Builds them in FOLDER=build-fuzz.
# What is found is kept in FOLDER/found, with the command that repeats it. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
. tools/dependencies.sh

require_packages "${build_packages[@]}" clang libclang-rt-dev || exit 1
length=${1:-10} pick=${2:-.} folder=${FOLDER:-build-fuzz}
seconds=$([[ $length == *s ]] && echo "${length%s}" || echo $((length * 60)))
CXX=clang++ configure "$folder" -Dfuzz=true -Dsanitize=true -Ddebug=true -Doptimization=1 -Dbenchmarks=false -Dwerror=true &&
  targets=$(ninja -C "$folder" -t targets all | sed -nE 's|^(tests/fuzz/fuzz_[a-z_]+): .*|\1|p' | grep -E "$pick") &&
  ninja -C "$folder" $targets || exit 1
mkdir -p "$folder/found" "$folder/corpus"

# fuzz TARGET: with a corpus that grows from one time to the next. A formula may take ten seconds without sanitizers.
fuzz() {
  local name=${1##*/fuzz_} options=(-rss_limit_mb=2048 -max_len=20000) log
  log=$folder/found/$name.log
  case $name in
    formulas | predict) options+=(-timeout=200) ;;
    *) options+=(-timeout=10) ;;
  esac
  mkdir -p "$folder/corpus/$name"
  if "$folder/$1" "${options[@]}" -max_total_time="$seconds" -artifact_prefix="$folder/found/$name-" \
    -print_final_stats=1 "$folder/corpus/$name" >"$log" 2>&1; then
    echo "passed $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  else
    echo "FAILED $name: see $log; repeat with: $folder/$1 $(sed -n 's/.*Test unit written to //p' "$log" | tail -1)"
  fi
}
export -f fuzz
export folder seconds
results=$(printf '%s\n' $targets | xargs -P 2 -I{} bash -c 'fuzz {}')
echo "$results"
passed=$(grep -c '^passed' <<<"$results") failed=$(grep -c '^FAILED' <<<"$results")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
