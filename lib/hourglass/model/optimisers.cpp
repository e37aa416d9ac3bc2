#include <hourglass/core/kernels.hpp>
#include <hourglass/model/optimisers.hpp>

namespace hourglass {

void Sgd::step(Parameters parameters) const {
  for (Parameter* p : parameters)
    kernels::axpy(static_cast<Real>(-learning_rate), p->grad.data(), p->value.data(),
                  p->value.size());
}

}  // namespace hourglass
