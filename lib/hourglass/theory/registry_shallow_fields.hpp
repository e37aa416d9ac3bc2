#pragma once

#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/registry_inputs.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>

#include <cmath>
#include <string>
#include <vector>

// Inputs and outputs that the formulas of shallow autoencoders share; symbols of
// docs/theory/nonlinear.md, sections 1 and 2.
namespace hourglass::theory::fields {

inline constexpr Field activation{"activation", Kind::text, "linear, erf or relu"};
inline constexpr Field rule{"rule", Kind::text, "vanilla or truncated"};
inline constexpr Field lr{"lr", Kind::number, "learning rate"};
inline constexpr Field ell{"ell", Kind::list, "eigenvalues of the covariance over D"};
inline constexpr Field w0{"w0", Kind::matrix, "encoder amplitudes at the start, K x D"};
inline constexpr Field u0_amplitudes{"u0", Kind::matrix, "decoder amplitudes at the start, K x D"};
inline constexpr Field t{"t", Kind::list, "times, in steps/D"};
inline constexpr Field pmse{"pmse", Kind::number, "error per pixel"};
inline constexpr Field T0{"T0", Kind::matrix, "V V^T/D"};

}  // namespace hourglass::theory::fields

namespace hourglass::theory {

inline Unit unit_of(const Inputs& in) {
  const std::string name = in.text("activation");
  if (name == "linear") return Unit::linear;
  if (name == "erf") return Unit::erf;
  if (name == "relu") return Unit::relu;
  in.reject("activation", '"' + name + '"', "linear, erf or relu");
}

inline Rule rule_of(const Inputs& in) {
  const std::string name = in.text("rule");
  if (name == "vanilla") return Rule::vanilla;
  if (name == "truncated") return Rule::truncated;
  in.reject("rule", '"' + name + '"', "vanilla or truncated");
}

// Amplitudes with the biases that are given.
inline Amplitudes amplitudes_of(const Inputs& in, const char* w, const char* u, const char* b,
                                const char* d) {
  Amplitudes at{in.matrix(w), in.matrix(u), {}, {}};
  if (in.has(b)) at.b = in.list(b);
  if (in.has(d)) at.d = in.list(d);
  return at;
}

// A list, or NaN for one that does not exist.
inline nlohmann::json listed(const std::vector<double>& values) {
  return values.empty() ? nlohmann::json(NAN) : nlohmann::json(values);
}

}  // namespace hourglass::theory
