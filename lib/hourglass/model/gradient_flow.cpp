#include <hourglass/core/error.hpp>
#include <hourglass/model/gradient_flow.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/dense_output_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

namespace hourglass {
namespace {

namespace odeint = boost::numeric::odeint;

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

// Of entry k of the state: "encoder.W, row 3, column 0".
std::string name_of(std::size_t k, Parameters parameters) {
  for (const Parameter* p : parameters) {
    const auto [rows, columns] = shape_of(p->value);
    if (k < rows * columns)
      return p->name + ", row " + std::to_string(k / columns) + ", column " +
             std::to_string(k % columns);
    k -= rows * columns;
  }
  return "no parameter";
}

[[noreturn]] void give_up(double t, const std::string& problem) {
  std::ostringstream text;
  text << "gradient flow: cannot go on from t = " << t << ": " << problem;
  throw Divergence(text.str());
}

// A loss or gradient that is not finite; a smaller step may avoid it.
struct NotFinite {
  std::string problem;
};

// The right-hand side: moves the parameters to where the integrator asks.
class Slope {
 public:
  Slope(const GradientFlow& flow, const std::function<Var(Tape&)>& loss, Parameters parameters)
      : flow_(flow), loss_(loss), parameters_(parameters) {}

  void operator()(const State& w, State& slope, double) {
    put(w, parameters_);
    tape_.begin();
    const Var value = loss_(tape_);
    require_finite(value.item(), "the loss is");
    tape_.backward(value);
    ++gradients_;
    std::size_t at = 0;
    for (const Parameter* p : parameters_)
      for (std::size_t i = 0; i < p->value.size(); ++i)
        slope[at++] = p->has_grad ? -flow_.learning_rate * p->rate * double(p->grad.data()[i]) : 0;
    tape_.discard_gradients();
    for (std::size_t k = 0; k < slope.size(); ++k)
      if (!std::isfinite(slope[k]))
        require_finite(slope[k], "dw/dt of " + name_of(k, parameters_) + " is");
  }
  std::size_t gradients() const { return gradients_; }

 private:
  static void require_finite(double value, const std::string& what) {
    if (!std::isfinite(value)) throw NotFinite{what + " " + std::to_string(value)};
  }

  const GradientFlow& flow_;
  const std::function<Var(Tape&)>& loss_;
  Parameters parameters_;
  Tape tape_;
  std::size_t gradients_ = 0;
};

// A first step for the controller to correct: the parameters move by about a hundredth, from zero
// by about 0.01.
double first_step(const State& start, const State& direction, double end) {
  double size = 0, speed = 0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    size = std::max(size, std::abs(start[i]));
    speed = std::max(speed, std::abs(direction[i]));
  }
  return speed > 0 ? std::min(end, 0.01 * (size > 0 ? size : 1) / speed) : end;
}

// Steps of its own size, that the times asked for lie between. odeint's own loop compares times
// with absolute roundings of 1 and has no bound.
class Steps {
 public:
  Steps(const GradientFlow& flow, Slope& slope, Parameters parameters, double end)
      : flow_(flow),
        slope_(slope),
        parameters_(parameters),
        end_(end),
        stepper_(odeint::make_dense_output(flow.absolute_tolerance, flow.relative_tolerance,
                                           odeint::runge_kutta_dopri5<State>())) {
    const State start = state_of(parameters);
    State direction(start.size());
    try {
      slope(start, direction, 0);
    } catch (const NotFinite& found) {
      put(start, parameters);
      give_up(0, found.problem);
    }
    stepper_.initialize(start, 0.0, first_step(start, direction, end));
  }

  // The state at a time > 0 that is not before the one asked for last.
  const State& at(double t) {
    while (stepper_.current_time() < t) step();
    found_.resize(stepper_.current_state().size());
    stepper_.calc_state(t, found_);
    return found_;
  }

 private:
  // Beyond `window` steps that led no further than this share of all the time, none will.
  static constexpr std::size_t window = 10000;
  static constexpr double least_share = 1e-6;

  void step() {
    const double t = stepper_.current_time();
    const double size = std::min(stepper_.current_time_step(), end_ - t);
    if (size < stepper_.current_time_step()) restart(size);
    if (!(t + size > t) || slope_.gradients() >= flow_.most_gradients) leave_off_at(size);
    try {
      stepper_.do_step(std::ref(slope_));
    } catch (const NotFinite& found) {
      restart(size / 10);
      stepped_ = false;
      if (!(t + size / 10 > t)) leave_off(found.problem);
      return;
    } catch (const odeint::odeint_error&) {  // hundreds of attempts at one step
      leave_off_at(size);
    }
    stepped_ = true;
    if (++steps_ % window > 0) return;
    if (stepper_.current_time() - reached_ < least_share * end_) leave_off_at(size);
    reached_ = stepper_.current_time();
  }

  void restart(double size) {
    const State here = stepper_.current_state();
    stepper_.initialize(here, stepper_.current_time(), size);
  }

  // The entry whose slope changed most over the last step; after a failed one, the fastest.
  std::size_t worst_entry() {
    const State now = stepper_.current_state(), before = stepper_.previous_state();
    State slope(now.size(), 0), earlier = slope;
    try {
      slope_(now, slope, stepper_.current_time());
      if (stepped_) slope_(before, earlier, stepper_.previous_time());
    } catch (const NotFinite&) {
      // the slopes before it tell enough
    }
    const auto change = [&](std::size_t k) {
      return std::abs(slope[k] - earlier[k]) /
             (flow_.absolute_tolerance + flow_.relative_tolerance * std::abs(now[k]));
    };
    std::size_t worst = 0;
    for (std::size_t k = 1; k < now.size(); ++k)
      if (change(k) > change(worst)) worst = k;
    return worst;
  }

  [[noreturn]] void leave_off(const std::string& problem) {
    const std::size_t worst = worst_entry();
    put(stepper_.current_state(), parameters_);
    std::ostringstream text;
    text << problem << "; what changes fastest is " << name_of(worst, parameters_)
         << ", where w = " << stepper_.current_state()[worst];
    give_up(stepper_.current_time(), text.str());
  }
  [[noreturn]] void leave_off_at(double size) {
    std::ostringstream text;
    text << "found steps of " << size << " after " << slope_.gradients()
         << " gradients, expected some that reach t = " << end_;
    leave_off(text.str());
  }

  const GradientFlow& flow_;
  Slope& slope_;
  Parameters parameters_;
  double end_, reached_ = 0;
  std::size_t steps_ = 0;
  bool stepped_ = false;  // the last step was no failed attempt
  State found_;
  odeint::result_of::make_dense_output<odeint::runge_kutta_dopri5<State>>::type stepper_;
};

void require_sensible(const GradientFlow& flow) {
  if (!(flow.relative_tolerance > 0) || !(flow.absolute_tolerance > 0))
    throw ArgumentError("gradient flow: tolerances must be positive");
  if (!std::isfinite(flow.learning_rate))
    throw ArgumentError("gradient flow: the learning rate must be finite");
}

}  // namespace

std::size_t GradientFlow::integrate(const std::function<Var(Tape&)>& loss, Parameters parameters,
                                    std::span<const double> times,
                                    const std::function<void(double t)>& observe) const {
  require_ascending(times);
  require_sensible(*this);
  std::size_t next = 0;
  for (; next < times.size() && times[next] == 0; ++next)
    if (observe) observe(0);
  if (next == times.size()) return 0;
  Slope slope(*this, loss, parameters);
  Steps steps(*this, slope, parameters, times.back());
  for (; next < times.size(); ++next) {
    put(steps.at(times[next]), parameters);
    if (observe) observe(times[next]);
  }
  return slope.gradients();
}

}  // namespace hourglass
