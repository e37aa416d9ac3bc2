#include <hourglass/core/deferred.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/measure/probes.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::probes {
namespace {

void require_pair(const Array& encoder, const Array& decoder) {
  const Shape w1 = shape_of(encoder), w2 = shape_of(decoder);
  if (w1.rows != w2.columns || w1.columns != w2.rows)
    throw ArgumentError("probe: encoder " + w1.str() + " and decoder " + w2.str() +
                        " do not match; expected HxD and DxH");
}

}  // namespace

std::vector<double> mode_strengths(const Array& encoder, const Array& decoder, const Array& basis,
                                   std::size_t modes) {
  require_pair(encoder, decoder);
  const View w1 = borrow(encoder), w2 = borrow(decoder), v = borrow(basis);
  Array p, q;  // H x k: W1 V and W2^T V
  evaluate(matmul(w1, v), p);
  evaluate(matmul(w2, v, true, false), q);
  std::vector<double> u(std::min(modes, shape_of(p).columns), 0.0);
  for (std::size_t h = 0; h < shape_of(p).rows; ++h)
    for (std::size_t i = 0; i < u.size(); ++i) u[i] += double(p(h, i)) * double(q(h, i));
  return u;
}

double weight_norm(Parameters parameters) {
  double total = 0;
  for (const Parameter* p : parameters)
    total += kernels::dot(p->value.data(), p->value.data(), p->value.size());
  if (kernels::squares_hold(total)) return std::sqrt(total);
  double norm = 0;
  for (const Parameter* p : parameters)
    norm = std::hypot(norm, kernels::norm(p->value.data(), p->value.size()));
  return norm;
}

Probe sharpness(const std::function<Var(Tape&)>& loss, Parameters parameters,
                const LanczosOptions& options) {
  return {{{"sharpness"}}, [=](double) {
            return std::vector{largest_hessian_eigenvalue(loss, parameters, options).value};
          }};
}

double imbalance(const Array& encoder, const Array& decoder) {
  const View w1 = borrow(encoder), w2 = borrow(decoder);
  Array difference, other;  // H x H
  require_pair(encoder, decoder);
  evaluate(matmul(w2, w2, true, false), difference);
  evaluate(matmul(w1, w1, false, true), other);
  kernels::axpy(-1, other.data(), difference.data(), difference.size());
  return kernels::norm(difference.data(), difference.size());
}

}  // namespace hourglass::probes
