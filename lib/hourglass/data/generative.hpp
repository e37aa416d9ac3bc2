#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/random/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

// Data x = A z + noise with a known dictionary A and sparse codes z: a mixture of Gaussians, sparse
// coding, and sparse coding with non-negative coefficients (Nguyen, Wong & Hegde 2019;
// docs/theory/generative.md, section 1).
namespace HOURGLASS_API hourglass {

// How the non-zeros of a code are distributed.
struct CoefficientLaw {
  enum class Kind { constant, rademacher, gaussian, uniform };
  Kind kind = Kind::constant;
  double low = 1, high = 1;

  static CoefficientLaw one() { return {}; }                         // always 1
  static CoefficientLaw rademacher() { return {Kind::rademacher}; }  // +1 or -1
  // standard normal, given that its absolute value is at least `least` >= 0
  static CoefficientLaw gaussian(double least) { return {Kind::gaussian, least, 0}; }
  // evenly from `low` to `high`
  static CoefficientLaw uniform(double low, double high) { return {Kind::uniform, low, high}; }

  double mean() const;             // kappa1
  double second_moment() const;    // kappa2
  double least_magnitude() const;  // a_1 of the handbook
};

// Dictionary, codes and noise of such data.
struct GenerativeModel {
  Array64 dictionary = {};  // n x m, an atom a column
  std::size_t k = 1;        // non-zeros of a code; their places are uniform, without replacement
  CoefficientLaw law = {};  // of the non-zeros
  double sigma = 0;         // standard deviation of the noise in every feature
  std::uint64_t seed = 0;   // of codes and noise
  std::vector<double> weights = {};  // with k = 1: of the atoms; empty: all alike
};

// Samples and the codes behind them. Fill the same one again and nothing is allocated.
struct GenerativeBatch {
  Array x;                             // samples x features
  std::vector<std::uint32_t> support;  // k atoms a sample, in no order
  Array coefficients;                  // samples x k, of these atoms
  std::size_t k = 0;

  // How many there are, and the k atoms of one of them.
  std::size_t samples() const { return shape_of(x).rows; }
  const std::uint32_t* support_of(std::size_t sample) const { return support.data() + sample * k; }

 private:
  friend class GenerativeSource;
  Array uniforms_;
};

// Endless samples: row r of step s is a function of (model, s, r) alone, for any batch size and any
// number of threads.
class GenerativeSource {
 public:
  // Throws ArgumentError unless 1 <= k <= m, sigma >= 0, the law makes sense and weights
  // are m positive numbers.
  explicit GenerativeSource(GenerativeModel model);

  // Rows first_row ... first_row + samples - 1 of a step.
  void draw(std::uint64_t step, std::size_t samples, GenerativeBatch& out,
            std::size_t first_row = 0) const;

  // What is drawn from, and the n and m of its dictionary.
  const GenerativeModel& model() const { return model_; }
  std::size_t features() const { return shape_of(model_.dictionary).rows; }
  std::size_t atoms() const { return shape_of(model_.dictionary).columns; }

 private:
  void draw_code(const Real* uniforms, std::uint32_t* support, Real* coefficients) const;
  Real coefficient(double u) const;

  GenerativeModel model_;
  Array atoms_;                     // m x n: an atom a row
  std::vector<double> cumulative_;  // of the weights, if any
};

namespace data {

// The places of the non-zeros of every sample as 0 and 1 (samples x atoms); allocates only if the
// shape of `out` changes.
void support_indicator(const GenerativeBatch& batch, std::size_t atoms, Array& out);

}  // namespace data
}  // namespace hourglass
