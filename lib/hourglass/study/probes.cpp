#include <hourglass/core/deferred.hpp>
#include <hourglass/study/probes.hpp>

#include <cmath>

namespace hourglass::probes {

std::vector<double> mode_strengths(const Array& encoder, const Array& decoder, const Array& basis) {
  const View w1 = borrow(encoder), w2 = borrow(decoder), v = borrow(basis);
  Array p, q;  // H x k: W1 V and W2^T V
  evaluate(matmul(w1, v), p);
  evaluate(matmul(w2, v, true, false), q);
  const auto [hidden, modes] = shape_of(p);
  std::vector<double> u(modes, 0.0);
  for (std::size_t h = 0; h < hidden; ++h)
    for (std::size_t i = 0; i < modes; ++i) u[i] += double(p(h, i)) * double(q(h, i));
  return u;
}

double weight_norm(Parameters parameters) {
  double total = 0;
  for (const Parameter* p : parameters)
    total += kernels::dot(p->value.data(), p->value.data(), p->value.size());
  return std::sqrt(total);
}

double imbalance(const Array& encoder, const Array& decoder) {
  const View w1 = borrow(encoder), w2 = borrow(decoder);
  Array difference, other;  // H x H
  evaluate(matmul(w2, w2, true, false), difference);
  evaluate(matmul(w1, w1, false, true), other);
  kernels::axpy(-1, other.data(), difference.data(), difference.size());
  return std::sqrt(kernels::dot(difference.data(), difference.data(), difference.size()));
}

}  // namespace hourglass::probes
