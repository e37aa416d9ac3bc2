#include <hourglass/core/parallel.hpp>
#include <hourglass/model/optimiser_kernels.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::kernels {
namespace {

template <class Body>
void in_blocks(std::size_t n, const Body& body) {
  constexpr std::size_t block = 1 << 14;  // waking a thread costs as much as some thousand numbers
  if (n <= 2 * block) return body(0, n);
  parallel_for((n + block - 1) / block,
               [&](std::size_t k) { body(k * block, std::min(n, (k + 1) * block)); });
}

}  // namespace

void MomentumStep::operator()(std::size_t n, const Number* g, Number* velocity, Number* w) const {
  in_blocks(n, [=, step = *this](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Number v = step.momentum * velocity[i] + g[i];
      velocity[i] = v;
      w[i] -= step.rate * (step.nesterov ? g[i] + step.momentum * v : v);
    }
  });
}

void AdamStep::operator()(std::size_t n, const Number* g, Number* m, Number* v, Number* w) const {
  in_blocks(n, [=, step = *this](std::size_t begin, std::size_t end) {
    const Number one = 1;
    for (std::size_t i = begin; i < end; ++i) {
      m[i] = step.beta1 * m[i] + (one - step.beta1) * g[i];
      v[i] = step.beta2 * v[i] + (one - step.beta2) * (g[i] * g[i]);
      w[i] = step.keep * w[i] - step.rate * m[i] / (std::sqrt(v[i]) * step.scale + step.epsilon);
    }
  });
}

void RmsPropStep::operator()(std::size_t n, const Number* g, Number* v, Number* w) const {
  in_blocks(n, [=, step = *this](std::size_t begin, std::size_t end) {
    const Number one = 1;
    for (std::size_t i = begin; i < end; ++i) {
      v[i] = step.smoothing * v[i] + (one - step.smoothing) * (g[i] * g[i]);
      w[i] -= step.rate * g[i] / (std::sqrt(v[i]) + step.epsilon);
    }
  });
}

}  // namespace hourglass::kernels
