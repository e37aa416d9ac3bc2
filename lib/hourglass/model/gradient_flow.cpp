#include <hourglass/core/error.hpp>
#include <hourglass/model/gradient_flow.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

#include <boost/numeric/odeint/integrate/integrate_times.hpp>
#include <boost/numeric/odeint/stepper/dense_output_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

namespace hourglass {
namespace {

using State = std::vector<double>;  // all parameters, one after the other

State state_of(Parameters parameters) {
  State result;
  for (const Parameter* p : parameters)
    result.insert(result.end(), p->value.begin(), p->value.end());
  return result;
}

void put(const State& state, Parameters parameters) {
  std::size_t at = 0;
  for (Parameter* p : parameters)
    for (Real& w : p->value) w = static_cast<Real>(state[at++]);
}

void require_ascending(std::span<const double> times) {
  double last = 0;
  for (const double t : times) {
    if (!(t >= last) || !std::isfinite(t))
      throw ArgumentError("gradient flow: found the time " + std::to_string(t) + " after " +
                          std::to_string(last) + ", expected ascending finite times >= 0");
    last = t;
  }
}

// The right-hand side: moves the parameters to where the integrator asks.
class Slope {
 public:
  Slope(const std::function<Var(Tape&)>& loss, Parameters parameters, double rate)
      : loss_(loss), parameters_(parameters), rate_(rate) {}

  void operator()(const State& w, State& slope, double t) {
    put(w, parameters_);
    tape_.begin();
    const Var value = loss_(tape_);
    if (!std::isfinite(value.item())) throw_not_finite(value.item(), t);
    tape_.backward(value);
    ++gradients_;
    std::size_t at = 0;
    for (const Parameter* p : parameters_)
      for (std::size_t i = 0; i < p->value.size(); ++i)
        slope[at++] = p->has_grad ? -rate_ * p->rate * double(p->grad.data()[i]) : 0;
    tape_.discard_gradients();
  }
  std::size_t gradients() const { return gradients_; }

 private:
  [[noreturn]] static void throw_not_finite(Real value, double t) {
    std::ostringstream text;
    text << "gradient flow: the loss is " << value << " at t = " << t;
    throw Divergence(text.str());
  }

  const std::function<Var(Tape&)>& loss_;
  Parameters parameters_;
  double rate_;
  Tape tape_;
  std::size_t gradients_ = 0;
};

// A first step for the controller to correct: the parameters move by about a hundredth, from zero
// by about 0.01.
double first_step(Slope& slope, const State& start, double end) {
  State direction(start.size());
  slope(start, direction, 0);
  double size = 0, speed = 0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    size = std::max(size, std::abs(start[i]));
    speed = std::max(speed, std::abs(direction[i]));
  }
  return speed > 0 ? std::min(end, 0.01 * (size > 0 ? size : 1) / speed) : end;
}

}  // namespace

std::size_t GradientFlow::integrate(const std::function<Var(Tape&)>& loss, Parameters parameters,
                                    std::span<const double> times,
                                    const std::function<void(double t)>& observe) const {
  namespace odeint = boost::numeric::odeint;
  require_ascending(times);
  if (!(relative_tolerance > 0) || !(absolute_tolerance > 0))
    throw ArgumentError("gradient flow: tolerances must be positive");
  Slope slope(loss, parameters, learning_rate);
  State state = state_of(parameters);
  // the integrator observes its start, which may be no time of ours, or several
  std::size_t stop = 0;
  while (stop < times.size() && times[stop] == 0) {
    if (observe) observe(0);
    ++stop;
  }
  if (stop == times.size()) return 0;
  std::vector<double> stops{0};
  stops.insert(stops.end(), times.begin() + static_cast<std::ptrdiff_t>(stop), times.end());
  bool at_start = true;
  const auto arrive = [&](const State& w, double t) {
    if (std::exchange(at_start, false)) return;
    put(w, parameters);
    if (observe) observe(t);
  };
  const double first = first_step(slope, state, stops.back());
  odeint::integrate_times(odeint::make_dense_output(absolute_tolerance, relative_tolerance,
                                                    odeint::runge_kutta_dopri5<State>()),
                          std::ref(slope), state, stops.begin(), stops.end(), first, arrive);
  return slope.gradients();
}

}  // namespace hourglass
