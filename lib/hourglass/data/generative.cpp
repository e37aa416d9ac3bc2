#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/generative.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include <boost/math/special_functions/erf.hpp>

namespace hourglass {
namespace {

// Streams of one seed, as in dictionaries.cpp.
constexpr std::uint32_t code_stream = 0x6a03, noise_stream = 0x6a04;
constexpr std::size_t rows_at_once = 128;  // a thread's share

using Kind = CoefficientLaw::Kind;

[[noreturn]] void refuse(const std::string& what) {
  throw ArgumentError("generative model: " + what);
}

// 2 P(x > least) of a standard normal.
double both_tails(double least) { return std::erfc(least / std::numbers::sqrt2); }

void check(const CoefficientLaw& law) {
  if (!std::isfinite(law.low) || !std::isfinite(law.high))
    refuse("the bounds of the coefficients are not finite");
  if (law.kind == Kind::gaussian && !(law.low >= 0 && std::isnormal(both_tails(law.low))))
    refuse("coefficients bounded away from zero by " + std::to_string(law.low) +
           ", expected a number from 0 to 37, beyond which a normal number hardly ever lies");
  if (law.kind == Kind::uniform && !(law.low < law.high))
    refuse("coefficients uniform from " + std::to_string(law.low) + " to " +
           std::to_string(law.high) + ", expected low < high");
}

void check(const GenerativeModel& model) {
  const Shape shape = shape_of(model.dictionary);
  if (shape.size() == 0) refuse("the dictionary is empty");
  if (model.k < 1 || model.k > shape.columns)
    refuse(std::to_string(model.k) + " non-zeros of " + std::to_string(shape.columns) + " atoms");
  if (!(model.sigma >= 0) || !std::isfinite(model.sigma))
    refuse("sigma = " + std::to_string(model.sigma) + ", expected a number >= 0");
  check(model.law);
  if (model.weights.empty()) return;
  if (model.k != 1) refuse("weights are for one non-zero, found k = " + std::to_string(model.k));
  if (model.weights.size() != shape.columns)
    refuse(std::to_string(model.weights.size()) + " weights for " + std::to_string(shape.columns) +
           " atoms");
  for (const double w : model.weights)
    if (!(w > 0) || !std::isfinite(w)) refuse("weight " + std::to_string(w) + ", expected > 0");
}

}  // namespace

double CoefficientLaw::mean() const {
  if (kind == Kind::constant) return low;
  return kind == Kind::uniform ? (low + high) / 2 : 0;
}

double CoefficientLaw::second_moment() const {
  switch (kind) {
    case Kind::constant:
      return low * low;
    case Kind::rademacher:
      return 1;
    case Kind::gaussian:  // 1 + a phi(a)/P(x > a)
      return 1 +
             2 * low * std::exp(-low * low / 2) / std::sqrt(2 * std::numbers::pi) / both_tails(low);
    case Kind::uniform:
      return (low * low + low * high + high * high) / 3;
  }
  return 0;
}

double CoefficientLaw::least_magnitude() const {
  if (kind != Kind::uniform) return kind == Kind::rademacher ? 1 : std::abs(low);
  return low * high <= 0 ? 0 : std::min(std::abs(low), std::abs(high));
}

GenerativeSource::GenerativeSource(GenerativeModel model) : model_(std::move(model)) {
  check(model_);
  atoms_ = empty({atoms(), features()});
  for (std::size_t j = 0; j < atoms(); ++j)
    for (std::size_t r = 0; r < features(); ++r)
      atoms_(j, r) = static_cast<Real>(model_.dictionary(r, j));
  std::partial_sum(model_.weights.begin(), model_.weights.end(), std::back_inserter(cumulative_));
}

Real GenerativeSource::coefficient(double u) const {
  const CoefficientLaw& law = model_.law;
  const double sign = u < 0.5 ? -1 : 1;
  switch (law.kind) {
    case Kind::constant:
      return static_cast<Real>(law.low);
    case Kind::rademacher:
      return static_cast<Real>(sign);
    case Kind::gaussian:  // what is left of u after its sign, as the probability of both tails
      return static_cast<Real>(
          sign * std::max(law.low, std::numbers::sqrt2 *
                                       boost::math::erfc_inv((u < 0.5 ? 2 * u : 2 - 2 * u) *
                                                             both_tails(law.low))));
    case Kind::uniform:
      return static_cast<Real>(law.low + (law.high - law.low) * u);
  }
  return 0;
}

// Places by Floyd's algorithm (Bentley & Floyd 1987): every k-subset is equally likely. 2k uniform
// numbers: places, then coefficients.
void GenerativeSource::draw_code(const Real* uniforms, std::uint32_t* support,
                                 Real* coefficients) const {
  const std::size_t m = atoms(), k = model_.k;
  for (std::size_t i = 0; i < k; ++i) {
    const double u = static_cast<double>(uniforms[i]);
    coefficients[i] = coefficient(static_cast<double>(uniforms[k + i]));
    const std::size_t last = m - k + i;
    auto place = static_cast<std::uint32_t>(u * static_cast<double>(last + 1));
    if (!cumulative_.empty())
      place = static_cast<std::uint32_t>(
          std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, u * cumulative_.back()) -
          cumulative_.begin());
    const bool taken = std::find(support, support + i, place) != support + i;
    support[i] = taken ? static_cast<std::uint32_t>(last) : place;
  }
}

void GenerativeSource::draw(std::uint64_t step, std::size_t samples, GenerativeBatch& out,
                            std::size_t first_row) const {
  const std::size_t n = features(), k = model_.k;
  out.k = k;
  resize(out.x, {samples, n});
  resize(out.coefficients, {samples, k});
  resize(out.uniforms_, {samples, 2 * k});
  out.support.resize(samples * k);
  Stream{model_.seed, code_stream}.uniforms(step, first_row, out.uniforms_);
  parallel_for((samples + rows_at_once - 1) / rows_at_once, [&](std::size_t chunk) {
    const std::size_t end = std::min(samples, (chunk + 1) * rows_at_once);
    for (std::size_t r = chunk * rows_at_once; r < end; ++r) {
      std::uint32_t* support = out.support.data() + r * k;
      Real* coefficients = out.coefficients.data() + r * k;
      draw_code(out.uniforms_.data() + r * 2 * k, support, coefficients);
      Real* x = out.x.data() + r * n;
      std::fill(x, x + n, Real(0));
      for (std::size_t i = 0; i < k; ++i) {
        const Real* atom = atoms_.data() + support[i] * n;
        for (std::size_t c = 0; c < n; ++c) x[c] += coefficients[i] * atom[c];
      }
    }
  });
  if (model_.sigma > 0)
    Stream{model_.seed, noise_stream}.add_normals(step, first_row, borrow(out.x),
                                                  static_cast<Real>(model_.sigma), out.x);
}

void data::support_indicator(const GenerativeBatch& batch, std::size_t atoms, Array& out) {
  resize(out, {batch.samples(), atoms});
  out.fill(0);
  for (const std::uint32_t atom : batch.support)
    if (atom >= atoms)
      throw ArgumentError("support_indicator: found atom " + std::to_string(atom) + " of " +
                          std::to_string(atoms));
  for (std::size_t r = 0; r < batch.samples(); ++r)
    for (std::size_t i = 0; i < batch.k; ++i) out(r, batch.support_of(r)[i]) = 1;
}

}  // namespace hourglass
