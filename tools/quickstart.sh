#!/usr/bin/env bash
# From a bare Debian 12 to a figure: installs what is missing, builds, and lays the training of
# linear denoising autoencoders on Fashion-MNIST over its closed form. Options are handed on to
# linear_dae (build/apps/linear_dae --help).
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/dependencies.sh

require_packages "${build_packages[@]}"
configure build
ninja -C build apps/linear_dae apps/predict
exec build/apps/linear_dae "$@"
