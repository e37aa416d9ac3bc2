#!/bin/sh
# Downloads data sets into the folder of this script and checks their published MD5 sums.
set -eu

usage() {
  echo "usage: $0 NAME...   (names: mnist, cifar10)" >&2
  exit 2
}

here=$(cd -- "$(dirname -- "$0")" && pwd)
partial=
# whatever ends this script, nothing half done stays behind
trap '[ -z "$partial" ] || rm -rf -- "$partial"' EXIT
trap 'exit 1' HUP INT TERM

md5() {
  if command -v md5sum >/dev/null 2>&1; then
    md5sum <"$1" | cut -d ' ' -f 1
  else
    openssl md5 -r <"$1" | cut -d ' ' -f 1
  fi
}

transfer() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --location --silent --show-error --connect-timeout 30 --output "$2" -- "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget --quiet --timeout=30 --tries=2 --output-document="$2" -- "$1"
  else
    echo "$0: needs curl or wget" >&2
    return 1
  fi
}

# fetch URL FOLDER MD5: FOLDER/basename(URL), under its final name only once the sum is right
fetch() {
  target=$2/${1##*/}
  if [ -f "$target" ] && [ "$(md5 "$target")" = "$3" ]; then
    echo "$target: already there"
    return
  fi
  mkdir -p -- "$2"
  partial=$target.part.$$
  if ! transfer "$1" "$partial"; then
    echo "$0: $1: download failed" >&2
    exit 1
  fi
  found=$(md5 "$partial")
  if [ "$found" != "$3" ]; then
    echo "$0: $1: MD5 sum is $found, expected $3" >&2
    exit 1
  fi
  mv -f -- "$partial" "$target"
  partial=
  echo "$target"
}

mnist() {
  from=${HOURGLASS_MNIST_URL:-https://ossci-datasets.s3.amazonaws.com/mnist}
  fetch "$from/train-images-idx3-ubyte.gz" "$here/mnist" f68b3c2dcbeaaa9fbdd348bbdeb94873
  fetch "$from/train-labels-idx1-ubyte.gz" "$here/mnist" d53e105ee54ea40749a09fcbcd1e9432
  fetch "$from/t10k-images-idx3-ubyte.gz" "$here/mnist" 9fb629c4189551a2d022fa330f9573f3
  fetch "$from/t10k-labels-idx1-ubyte.gz" "$here/mnist" ec29112dd5afa0611ce80d1b7f02629c
}

cifar10() {
  from=${HOURGLASS_CIFAR_URL:-https://www.cs.toronto.edu/~kriz}
  archive=$here/cifar10/cifar-10-binary.tar.gz
  fetch "$from/cifar-10-binary.tar.gz" "$here/cifar10" c32a1d4ab5d03f1284b67883e8d87530
  partial=$here/cifar10/unpacked.$$
  mkdir -- "$partial"
  if ! tar -xzf "$archive" -C "$partial" --strip-components=1; then
    echo "$0: $archive: cannot be unpacked" >&2
    exit 1
  fi
  mv -f -- "$partial"/*.bin "$here/cifar10/"
  rm -rf -- "$partial"
  partial=
  echo "$here/cifar10/*.bin"
}

[ $# -gt 0 ] || usage
for name in "$@"; do
  case $name in
    mnist | cifar10) ;;
    *)
      echo "$0: unknown data set '$name'" >&2
      usage
      ;;
  esac
done
for name in "$@"; do "$name"; done
