#include <hourglass/core/op.hpp>
#include <hourglass/model/penalties.hpp>

#include <cmath>
#include <stdexcept>
#include <string>

namespace hourglass {
namespace {

// s + gamma/2 ||w||^2 in one node: the scalar bookkeeping of a small step costs as much as its
// arithmetic.
struct AddL2 {
  static constexpr auto name = "l2";
  Real gamma;
  auto operator()(auto& s, auto& w) const {
    return Scalar{s.data()[0] + gamma / 2 * dot(w, w).value};
  }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto& w, auto&) const { return scale_by(g, w * Real(gamma)); }
};

}  // namespace

Penalty l2(double gamma, bool biases) {
  if (!std::isfinite(gamma))
    throw std::invalid_argument("l2: gamma must be finite, found " + std::to_string(gamma));
  return [gamma = static_cast<Real>(gamma), biases](Var loss, Parameters parameters) {
    for (Parameter* p : parameters)
      if (biases || !p->bias) loss = apply(AddL2{gamma}, loss, tape_of(loss).leaf(*p));
    return loss;
  };
}

}  // namespace hourglass
