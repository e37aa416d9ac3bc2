#pragma once

// What a program that trains and studies autoencoders needs. Beside it: core/op.hpp for the author
// of an op, measure/ for epochs with checkpoints, principal components and variants of a run,
// report/ for figures and pages, and the rest of theory/.

#include <hourglass/core/check.hpp>
#include <hourglass/core/curvature.hpp>
#include <hourglass/core/jacobian.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/data/generative.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/data/readers.hpp>
#include <hourglass/data/safetensors.hpp>
#include <hourglass/data/search.hpp>
#include <hourglass/data/shuffle.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/matching.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/gradient_flow.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/learning_rules.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/model/online_learner.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>
