# Sourced by quickstart.sh and check.sh: installs the Debian packages that are missing.

build_packages=(g++ meson ninja-build pkg-config cmake libxtensor-dev libxtensor-blas-dev
  libopenblas-dev doctest-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev zlib1g-dev
  libboost-dev gnuplot-nox dataset-fashion-mnist)

# require_packages PACKAGE...: does nothing where all are there.
require_packages() {
  local missing=() as_root=() package
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "This system has no apt. Install what these Debian packages hold, then build with meson:" >&2
    echo "  $*" >&2
    exit 2
  fi
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
      exit 2
    }
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
    --no-install-recommends "${missing[@]}"
}

# configure FOLDER OPTION...: sets up a build folder once; ninja keeps it up to date afterwards.
configure() {
  [ -f "$1/build.ninja" ] || meson setup "$@"
}
