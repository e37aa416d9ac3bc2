#pragma once

#include <hourglass/measure/journal.hpp>
#include <hourglass/theory/linear.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hourglass {

// The autoencoder of one number, x^ = w2 w1 x~, with its noise integrated out: what
// theory::ScalarMode describes, but trained on the tape (docs/theory/linear.md, section 2).
// `mode` says lambda = E x^2, noise, weight decay, learning rate and the first weights.

// The weights after 0, 1, ..., steps updates; a journal keeps where it stands as that part. Throws
// as train() does.
std::vector<theory::Weights> train_scalar(const theory::ScalarMode& mode, std::size_t steps,
                                          Journal* journal = nullptr, const std::string& part = {});

// A training run beside its closed form (the flow) and the exact recursion of descent.
struct ScalarRun {
  theory::ScalarMode mode;
  std::vector<theory::Weights> path;                   // after every step
  std::vector<theory::Weights> measured, exact, flow;  // at the recorded steps

  // For balanced weights; half time: where the strength is half its limit.
  theory::BalancedMode balanced() const;
  double half_time() const;
};
ScalarRun scalar_run(const theory::ScalarMode& mode, std::size_t steps,
                     const std::vector<std::size_t>& record, Journal* journal = nullptr,
                     const std::string& part = {});

// The largest eigenvalue of the Hessian of the loss at some weights, by differentiating the
// recorded gradient.
double measured_sharpness(const theory::ScalarMode& mode, theory::Weights at);

// The largest rate at which training that starts beside the minimum, balanced or not, does not end
// further away; lambda > gamma. By bisection around two over the curvature there.
inline constexpr double stable_rate_resolution = 1e-3;  // relative
double measured_stable_rate(const theory::ScalarMode& mode);

}  // namespace hourglass
