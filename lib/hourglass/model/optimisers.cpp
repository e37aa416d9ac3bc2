#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/model/optimiser_kernels.hpp>
#include <hourglass/model/optimisers.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

// update(p, k) for every parameter with a gradient, which is then used up.
template <class Update>
void use_gradients(const char* optimiser, Parameters parameters, Update update) {
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    Parameter& p = *parameters[k];
    if (!p.has_grad) continue;
    if (shape_of(p.grad) != shape_of(p.value))
      throw UsageError(std::string(optimiser) + ": the gradient of " + p.name + " is " +
                       shape_of(p.grad).str() + ", its value " + shape_of(p.value).str());
    update(p, k);
    p.has_grad = false;
  }
}

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
    const kernels::MomentumStep update{static_cast<Real>(learning_rate * p.rate),
                                       static_cast<Real>(momentum), nesterov};
    update(p.value.size(), p.grad.data(), slot.arrays[0].data(), p.value.data());
  });
}

void Adam::step(Parameters parameters) {
  use_gradients("adam", parameters, [this](Parameter& p, std::size_t k) {
    OptimiserMemory::Slot& slot = memory.of(p, k);
    const double t = static_cast<double>(++slot.steps), rate = learning_rate * p.rate;
    const double decay = p.bias && !decay_biases ? 0 : decoupled_decay;
    const kernels::AdamStep update{static_cast<Real>(rate / (1 - std::pow(beta1, t))),
                                   static_cast<Real>(1 / std::sqrt(1 - std::pow(beta2, t))),
                                   static_cast<Real>(1 - rate * decay),
                                   static_cast<Real>(beta1),
                                   static_cast<Real>(beta2),
                                   static_cast<Real>(epsilon)};
    update(p.value.size(), p.grad.data(), slot.arrays[0].data(), slot.arrays[1].data(),
           p.value.data());
  });
}

void RmsProp::step(Parameters parameters) {
  use_gradients("rmsprop", parameters, [this](Parameter& p, std::size_t k) {
    OptimiserMemory::Slot& slot = memory.of(p, k);
    ++slot.steps;
    const kernels::RmsPropStep update{static_cast<Real>(learning_rate * p.rate),
                                      static_cast<Real>(smoothing), static_cast<Real>(epsilon)};
    update(p.value.size(), p.grad.data(), slot.arrays[0].data(), p.value.data());
  });
}

double gradient_norm(Parameters parameters) {
  double squares = 0;
  for (const Parameter* p : parameters)
    if (p->has_grad)
      squares += double(kernels::dot(p->grad.data(), p->grad.data(), p->grad.size()));
  if (std::isfinite(squares)) return std::sqrt(squares);
  double norm = 0;  // the squares overflow; or an entry is no finite number
  for (const Parameter* p : parameters)
    if (p->has_grad)
      for (const Real g : p->grad) norm = std::hypot(norm, double(g));
  return norm;
}

double clip_by_norm(Parameters parameters, double limit) {
  require_positive("clip_by_norm", limit);
  const double norm = gradient_norm(parameters);
  if (norm > limit)
    for (Parameter* p : parameters)
      if (p->has_grad)
        for (Real& g : p->grad) g *= static_cast<Real>(limit / norm);
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
