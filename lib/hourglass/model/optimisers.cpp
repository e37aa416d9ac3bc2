#include <hourglass/core/kernels.hpp>
#include <hourglass/model/optimisers.hpp>

#include <stdexcept>

namespace hourglass {

void Sgd::step(Parameters parameters) const {
  for (Parameter* p : parameters) {
    if (!p->has_grad) continue;
    if (shape_of(p->grad) != shape_of(p->value))
      throw std::logic_error("sgd: the gradient of " + p->name + " is " + shape_of(p->grad).str() +
                             ", its value " + shape_of(p->value).str());
    kernels::axpy(static_cast<Real>(-learning_rate), p->grad.data(), p->value.data(),
                  p->value.size());
    p->has_grad = false;
  }
}

}  // namespace hourglass
