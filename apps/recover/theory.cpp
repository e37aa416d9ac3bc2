#include "theory.hpp"

#include <hourglass/data/dictionaries.hpp>
#include <hourglass/measure/matching.hpp>
#include <hourglass/theory/generative_consistency.hpp>
#include <hourglass/theory/generative_dynamics.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

using Model = RecoverConfig::Model;
using Gradient = RecoverConfig::Gradient;

// NaN outside a formula's domain, as for steps that do not contract.
template <class F>
double where_it_exists(F f) {
  try {
    return f();
  } catch (const DomainError&) {
    return NAN;
  }
}

// 0 once the map is at its floor.
void add_distances(RecoveryPrediction& p) {
  const std::vector<double>& map = p.expected_distance;
  const double floor = final_distance(map), start = map.front();
  const double end = std::isnan(p.final_distance) ? floor : p.final_distance;
  double above = start * start - end * end;
  p.distance = {start};
  for (const double ratio : floor_removed_contraction(map, floor)) {
    p.squared_contraction.push_back((std::isnan(ratio) ? 0 : ratio * ratio) + p.noise_growth);
    above *= p.squared_contraction.back();
    p.distance.push_back(std::sqrt(std::max(0.0, end * end + above)));
  }
}

}  // namespace

bool is_orthonormal(const Array64& dictionary) {
  return data::coherence(dictionary).mean_square < 1e-20;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

RecoverTheory::RecoverTheory(const RecoverConfig& config, const GenerativeModel& model)
    : config_(config),
      dictionary_(model.dictionary),
      codes_{config.k, model.law.mean(), model.law.second_moment()},
      zeta_(config.contraction * static_cast<double>(config.m) /
            (static_cast<double>(config.k) * codes_.kappa2)),
      weights_(config.m, 1 / static_cast<double>(config.m)) {}

void RecoverTheory::take_step(Array64& W, std::size_t step) const {
  const std::vector<double> b(config_.m, bias_at(config_, step));
  const Array64& A = dictionary_;
  const double sigma = config_.sigma;
  const Array64 gradient = config_.model == Model::sparse
                               ? theory::sparse_expected_gradient(W, A, codes_, sigma)
                           : config_.model == Model::mixture
                               ? theory::mixture_expected_gradient(W, A, b, weights_, sigma)
                               : theory::nonnegative_expected_gradient(W, A, b, codes_, sigma);
  theory::expected_step(W, gradient, zeta_, config_.normalise);
}

std::vector<double> RecoverTheory::expected_distances(Array64 W) const {
  std::vector<double> distances;
  for (std::size_t step = 0; step <= config_.steps; ++step) {
    const Matching same = identity_matching(W, dictionary_, Signs::fixed);
    distances.push_back(mean_of(matched_distances(W, dictionary_, same, true)));
    if (step < config_.steps) take_step(W, step);
  }
  return distances;
}

double RecoverTheory::sgd_floor() const {
  const RecoverConfig& c = config_;
  if (c.gradient == Gradient::expected) return 0;
  if (c.gradient == Gradient::straight_through) return NAN;
  const auto batch = static_cast<double>(c.batch);
  const double b = bias_at(c, c.steps);
  if (c.model == Model::mixture)
    return theory::mixture_sgd_floor(c.n, c.m, c.sigma, c.contraction, b, batch);
  const bool orthonormal = is_orthonormal(dictionary_);
  if (c.model == Model::nonnegative)
    return c.n == c.m && orthonormal
               ? theory::nonnegative_sgd_floor(c.m, codes_, c.sigma, -b, zeta_, batch)
               : NAN;
  if (orthonormal) return theory::sparse_sgd_floor(c.n, c.m, codes_, c.sigma, zeta_, batch);
  return sparse_noise().refined;
}

theory::IncoherentSgdFloor RecoverTheory::sparse_noise() const {
  return theory::incoherent_sgd_floor(config_.n, config_.m, codes_, config_.sigma,
                                      data::coherence(dictionary_).mean_square, zeta_,
                                      static_cast<double>(config_.batch));
}

double RecoverTheory::noise_growth() const {
  const bool covered = config_.model == Model::sparse && config_.gradient != Gradient::expected &&
                       config_.gradient != Gradient::straight_through;
  return covered ? sparse_noise().growth : 0;
}

RecoveryPrediction RecoverTheory::from(const Array64& W0) const {
  const bool is_near = config_.start == RecoverConfig::Start::near;
  RecoveryPrediction result;
  result.expected_distance = expected_distances(is_near ? W0 : dictionary_);
  result.sgd_floor = where_it_exists([&] { return sgd_floor(); });
  result.final_distance = std::hypot(result.sgd_floor, result.expected_distance.back());
  const double growth = where_it_exists([&] { return noise_growth(); });
  result.noise_growth = std::isnan(growth) ? 0 : growth;
  add_distances(result);
  return result;
}

double RecoverTheory::consistency(const Array64& W, const std::vector<double>& b) const {
  const RecoverConfig& c = config_;
  if (c.model == Model::sparse)
    return theory::sparse_consistency(W, dictionary_, c.k, c.sigma, c.threshold).probability;
  if (c.model == Model::mixture)
    return theory::mixture_consistency(W, dictionary_, b, weights_, c.sigma).product_approximation;
  return theory::nonnegative_consistency(W, dictionary_, b, c.k, 1, 2, c.sigma).probability;
}

}  // namespace hourglass
