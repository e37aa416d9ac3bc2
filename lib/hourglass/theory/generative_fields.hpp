#pragma once

#include <hourglass/theory/generative.hpp>
#include <hourglass/theory/registry_inputs.hpp>

// Inputs that formulas of generative models share; symbols of docs/theory/generative.md, section
// 0.2. Not installed.
namespace hourglass::theory::fields {

inline constexpr Field W_columns{"W", Kind::matrix, "weights, n x m, a unit a column"};
inline constexpr Field A_columns{"A", Kind::matrix, "dictionary, n x m, an atom a column"};
inline constexpr Field unit_biases{"b", Kind::list, "biases of the m units"};
inline constexpr Field unit_bias{"b", Kind::number, "bias of every unit"};
inline constexpr Field pi{"pi", Kind::list, "probabilities of the m components"};
inline constexpr Field n{"n", Kind::count, "features"};
inline constexpr Field m{"m", Kind::count, "atoms"};
inline constexpr Field k{"k", Kind::count, "non-zeros of a code"};
inline constexpr Field kappa1{"kappa1", Kind::number, "mean of a non-zero coefficient"};
inline constexpr Field kappa2{"kappa2", Kind::number, "second moment of a non-zero coefficient"};
inline constexpr Field sigma{"sigma", Kind::number, "standard deviation of the noise"};
inline constexpr Field threshold{"lambda", Kind::number, "threshold of the units"};
inline constexpr Field dW{"dW", Kind::matrix, "expected gradient, n x m"};

}  // namespace hourglass::theory::fields

namespace hourglass::theory {

// k, kappa1 and kappa2 of a case; what it does not list keeps its default.
inline SparseCodes codes_of(const Inputs& in) {
  SparseCodes codes;
  if (in.has("k")) codes.k = in.count("k");
  if (in.has("kappa1")) codes.kappa1 = in.number("kappa1");
  if (in.has("kappa2")) codes.kappa2 = in.number("kappa2");
  return codes;
}

}  // namespace hourglass::theory
