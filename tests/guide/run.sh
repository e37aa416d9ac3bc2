#!/usr/bin/env bash
# run.sh BUILD_FOLDER: follows docs/guide.md by its own blocks. Installs the build into a folder of
# its own, writes the guide's files into an empty folder, and runs the guide's commands there.
set -euo pipefail
build=$(realpath "$1")
guide=$(realpath "$(dirname "$0")/../../docs/guide.md")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work/root meson install -C "$build" --quiet --no-rebuild
pc=$(find "$work/root" -name hourglass.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
sed -i "s|^prefix=.*|prefix=$work/root$prefix|" "$pc"  # it was installed beneath another root
export PKG_CONFIG_PATH=${pc%/*} LD_LIBRARY_PATH=$(dirname "${pc%/*}")

mkdir "$work/project"
cd "$work/project"
# A fenced block whose first line is a comment with a file name is that file; sh blocks are commands.
awk '
  /^```/ { inside = !inside; language = substr($0, 4); first = 1; file = ""; next }
  !inside || language == "" { next }
  language == "sh" { print > "commands.sh"; next }
  first { file = $2; first = 0 }
  { print > file }
' "$guide"
for file in meson.build swish.hpp model.hpp gradients.cpp study.cpp commands.sh; do
  [ -s "$file" ] || { echo "the guide has no block for $file" >&2; exit 1; }
done
bash -euo pipefail commands.sh
grep -q '</svg>' results/figures/strengths.svg && [ -s results/report.html ]
