// The steps of the optimisers. Compiled apart: without errno a square root is one instruction, and
// the loops become vectors.

#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/model/optimiser.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass {
namespace {

// update(p, k) for every parameter with a gradient, which is then used up.
template <class Update>
void use_gradients(const char* optimiser, Parameters parameters, Update update) {
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    Parameter& p = *parameters[k];
    if (!p.has_grad) continue;
    if (moved_from(p.grad))
      throw UsageError(std::string(optimiser) + ": the gradient of " + p.name + " was moved away");
    if (shape_of(p.grad) != shape_of(p.value))
      throw UsageError(std::string(optimiser) + ": the gradient of " + p.name + " is " +
                       shape_of(p.grad).str() + ", its value " + shape_of(p.value).str());
    update(p, k);
    p.has_grad = false;
  }
}

// body(begin, end) for all of n numbers, cut by n alone and run on threads(). Not inlined: g++
// makes no vectors of a loop that stands within the loop over parameters.
template <class Body>
[[gnu::noinline]] void in_blocks(std::size_t n, const Body& body) {
  constexpr std::size_t block = 1 << 14;  // waking a thread costs as much as some thousand numbers
  if (n <= 2 * block) return body(0, n);
  parallel_for((n + block - 1) / block,
               [&](std::size_t k) { body(k * block, std::min(n, (k + 1) * block)); });
}

// beta x, with what is lost of it, 1 - beta, rounded by itself: in single precision a beta near 1
// is not told from it.
class Decay {
 public:
  explicit Decay(double beta) : Decay(beta, 1 - beta) {}
  static Decay losing(double part) { return {1 - part, part}; }
  Real operator()(Real x) const {
    if constexpr (sizeof(Real) == sizeof(double)) return kept_ * x;
    return x - lost_ * x;
  }
  Real lost(Real x) const { return lost_ * x; }  // (1 - beta) x

 private:
  Decay(double kept, double lost)
      : kept_(static_cast<Real>(kept)), lost_(static_cast<Real>(lost)) {}
  Real kept_, lost_;
};

// Where there was no gradient and epsilon is 0: no step, instead of 0/0.
Real divisor(Real x) { return x == 0 ? std::numeric_limits<Real>::infinity() : x; }

// 1 - beta^t, without the rounding of beta^t
double unbiased(double beta, double t) { return -std::expm1(t * std::log(beta)); }

void require_positive(const char* what, double limit) {
  if (!(limit > 0))
    throw ArgumentError(std::string(what) + ": found " + std::to_string(limit) +
                        ", expected a number > 0");
}

}  // namespace

void Sgd::step(Parameters parameters) const {
  use_gradients("sgd", parameters, [this](Parameter& p, std::size_t) {
    kernels::axpy(static_cast<Real>(-learning_rate * p.rate), p.grad.data(), p.value.data(),
                  p.value.size());
  });
}

void Momentum::step(Parameters parameters) {
  use_gradients("momentum", parameters, [this](Parameter& p, std::size_t k) {
    OptimiserMemory::Slot& slot = memory.of(p, k);
    ++slot.steps;
    const Real rate = static_cast<Real>(learning_rate * p.rate);
    const Decay kept(momentum);
    const Real* g = p.grad.data();
    Real *velocity = slot.arrays[0].data(), *w = p.value.data();
    in_blocks(p.value.size(), [=, ahead = nesterov](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const Real v = kept(velocity[i]) + g[i];
        velocity[i] = v;
        w[i] -= rate * (ahead ? g[i] + kept(v) : v);
      }
    });
  });
}

void Adam::step(Parameters parameters) {
  use_gradients("adam", parameters, [this](Parameter& p, std::size_t k) {
    OptimiserMemory::Slot& slot = memory.of(p, k);
    const double t = static_cast<double>(++slot.steps), rate = learning_rate * p.rate;
    const double decay = p.bias && !decay_biases ? 0 : decoupled_decay;
    const Real r = static_cast<Real>(rate / unbiased(beta1, t));
    const Real scale = static_cast<Real>(1 / std::sqrt(unbiased(beta2, t)));
    const Real small = static_cast<Real>(epsilon);
    const Decay b1(beta1), b2(beta2), keep = Decay::losing(rate * decay);
    const Real* g = p.grad.data();
    Real *m = slot.arrays[0].data(), *v = slot.arrays[1].data(), *w = p.value.data();
    in_blocks(p.value.size(), [=](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        m[i] = b1(m[i]) + b1.lost(g[i]);
        v[i] = b2(v[i]) + b2.lost(g[i] * g[i]);
        w[i] = keep(w[i]) - r * m[i] / divisor(std::sqrt(v[i]) * scale + small);
      }
    });
  });
}

void RmsProp::step(Parameters parameters) {
  use_gradients("rmsprop", parameters, [this](Parameter& p, std::size_t k) {
    OptimiserMemory::Slot& slot = memory.of(p, k);
    ++slot.steps;
    const Real rate = static_cast<Real>(learning_rate * p.rate);
    const Real small = static_cast<Real>(epsilon);
    const Decay smooth(smoothing);
    const Real* g = p.grad.data();
    Real *v = slot.arrays[0].data(), *w = p.value.data();
    in_blocks(p.value.size(), [=](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        v[i] = smooth(v[i]) + smooth.lost(g[i] * g[i]);
        w[i] -= rate * g[i] / divisor(std::sqrt(v[i]) + small);
      }
    });
  });
}

double gradient_norm(Parameters parameters) {
  double squares = 0;
  for (const Parameter* p : parameters)
    if (p->has_grad)
      squares += double(kernels::dot(p->grad.data(), p->grad.data(), p->grad.size()));
  if (kernels::squares_hold(squares)) return std::sqrt(squares);
  double norm = 0;
  for (const Parameter* p : parameters)
    if (p->has_grad) norm = std::hypot(norm, kernels::norm(p->grad.data(), p->grad.size()));
  return norm;
}

double clip_by_norm(Parameters parameters, double limit) {
  require_positive("clip_by_norm", limit);
  const double norm = gradient_norm(parameters);
  if (norm > limit && std::isfinite(norm))
    for (Parameter* p : parameters)
      if (p->has_grad)
        for (Real& g : p->grad) g = static_cast<Real>(double(g) / norm * limit);
  return norm;
}

void clip_by_value(Parameters parameters, double limit) {
  require_positive("clip_by_value", limit);
  const Real bound = static_cast<Real>(limit);
  for (Parameter* p : parameters)
    if (p->has_grad)
      for (Real& g : p->grad) g = std::clamp(g, -bound, bound);
}

}  // namespace hourglass
