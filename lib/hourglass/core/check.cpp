#include <hourglass/core/check.hpp>
#include <hourglass/core/curvature.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

namespace hourglass {
namespace {

// Truncation (step^4) and rounding (epsilon/step) balance near epsilon^(1/5).
constexpr bool single = sizeof(Real) == sizeof(float);
constexpr double default_step = single ? 4e-2 : 1e-3;
constexpr double default_tolerance = single ? 5e-4 : 1e-8;

using Loss = std::function<Var(Tape&)>;

// Numbers in [-1, 1): splitmix64. Core knows nothing of the room `random`.
class Directions {
 public:
  explicit Directions(std::uint64_t seed) : state_(seed) {}
  std::vector<Array> draw(Parameters parameters) {
    std::vector<Array> result;
    for (const Parameter* p : parameters) {
      result.push_back(empty(shape_of(p->value)));
      for (Real& x : result.back()) x = next();
    }
    return result;
  }

 private:
  Real next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<Real>(std::ldexp(static_cast<double>((z ^ (z >> 31)) >> 11), -52) - 1);
  }
  std::uint64_t state_;
};

class Checker {
 public:
  Checker(const Loss& loss, Parameters parameters, const CheckOptions& options)
      : loss_(loss),
        parameters_(parameters),
        options_(options),
        step_(options.step > 0 ? options.step : default_step),
        tolerance_(options.tolerance > 0 ? options.tolerance : default_tolerance),
        directions_(options.seed) {
    for (const Parameter* p : parameters) before_.push_back(p->value);
  }
  // also where the loss throws
  ~Checker() {
    for (std::size_t k = 0; k < before_.size(); ++k) parameters_[k]->value = before_[k];
  }

  GradientCheck run() {
    first_order();
    if (options_.order >= 2) second_order();
    return result_;
  }

 private:
  double value() {
    tape_.begin();
    return static_cast<double>(loss_(tape_).item());
  }

  std::vector<Array> gradient() {
    for (Parameter* p : parameters_) p->has_grad = false;
    tape_.begin();
    tape_.backward(loss_(tape_));
    std::vector<Array> result;
    for (const Parameter* p : parameters_)
      result.push_back(p->has_grad ? p->grad : filled(shape_of(p->value), 0));
    tape_.discard_gradients();
    return result;
  }

  // (8 [f(h) - f(-h)] - [f(2h) - f(-2h)]) / 12h, where move(c) goes to distance c h
  template <class Move, class F>
  auto differences(Move move, F f) {
    const auto at = [&](double c) {
      move(c);
      return f();
    };
    const auto p1 = at(1), m1 = at(-1), p2 = at(2), m2 = at(-2);
    move(0);
    return combine(p1, m1, p2, m2);
  }
  double combine(double p1, double m1, double p2, double m2) const {
    return (8 * (p1 - m1) - (p2 - m2)) / (12 * step_);
  }
  std::vector<Array> combine(const std::vector<Array>& p1, const std::vector<Array>& m1,
                             const std::vector<Array>& p2, const std::vector<Array>& m2) const {
    std::vector<Array> result = p1;
    for (std::size_t k = 0; k < result.size(); ++k)
      for (std::size_t i = 0; i < result[k].size(); ++i)
        result[k].data()[i] =
            static_cast<Real>(combine(double(p1[k].data()[i]), double(m1[k].data()[i]),
                                      double(p2[k].data()[i]), double(m2[k].data()[i])));
    return result;
  }

  void first_order() {
    const std::vector<Array> exact = gradient();
    const double scale = largest(exact);
    const std::vector<Array> direction = directions_.draw(parameters_);
    const double along = differences(mover(direction), [&] { return value(); });
    double expected = 0, length = 0;
    for (std::size_t k = 0; k < exact.size(); ++k)
      for (std::size_t i = 0; i < exact[k].size(); ++i) {
        expected += double(exact[k].data()[i]) * double(direction[k].data()[i]);
        length += std::abs(double(direction[k].data()[i]));
      }
    compare("gradient along a random direction", expected, along,
            scale * std::sqrt(std::max(length, 1.0)));
    if (!options_.entries) return;
    for (std::size_t k = 0; k < exact.size(); ++k)
      for (std::size_t i = 0; i < exact[k].size(); ++i) {
        Real& x = parameters_[k]->value.data()[i];
        const auto move = [&x, start = x, this](double c) {
          x = static_cast<Real>(double(start) + c * step_);
        };
        const double found = differences(move, [&] { return value(); });
        compare(entry_name("gradient", k, i), double(exact[k].data()[i]), found, scale);
      }
  }

  void second_order() {
    const std::vector<Array> direction = directions_.draw(parameters_);
    tape_.begin();
    const std::vector<Array> exact = hvp(tape_, loss_(tape_), parameters_, direction);
    const std::vector<Array> found = differences(mover(direction), [&] { return gradient(); });
    const double scale = std::max(largest(exact), largest(found));
    for (std::size_t k = 0; k < exact.size(); ++k)
      for (std::size_t i = 0; i < exact[k].size(); ++i)
        compare(entry_name("Hessian-vector product", k, i), double(exact[k].data()[i]),
                double(found[k].data()[i]), scale);
  }

  // Moves all parameters along a direction, from where they are now.
  std::function<void(double)> mover(const std::vector<Array>& direction) {
    std::vector<Array> start;
    for (const Parameter* p : parameters_) start.push_back(p->value);
    return [this, &direction, start](double c) {
      for (std::size_t k = 0; k < start.size(); ++k)
        for (std::size_t i = 0; i < start[k].size(); ++i)
          parameters_[k]->value.data()[i] = static_cast<Real>(
              double(start[k].data()[i]) + c * step_ * double(direction[k].data()[i]));
    };
  }

  static double largest(const std::vector<Array>& arrays) {
    double result = 0;
    for (const Array& a : arrays)
      for (const Real x : a) result = std::max(result, std::abs(double(x)));
    return result;
  }

  std::string entry_name(const char* what, std::size_t k, std::size_t i) const {
    const std::size_t columns = shape_of(parameters_[k]->value).columns;
    return std::string(what) + " of " + parameters_[k]->name + " at (" +
           std::to_string(i / columns) + ", " + std::to_string(i % columns) + ")";
  }

  // An exactly zero gradient is compared on an absolute scale of 1; NaN never passes.
  void compare(const std::string& what, double exact, double found, double scale) {
    double error = std::abs(exact - found) / (scale > 0 ? scale : 1);
    if (std::isnan(error)) error = INFINITY;
    if (error > tolerance_) result_.passed = false;
    if (error <= result_.error && !result_.worst.empty()) return;
    result_.error = error;
    std::ostringstream text;
    text << what << ": tape " << exact << ", differences " << found << ", relative error " << error;
    result_.worst = text.str();
  }

  const Loss& loss_;
  Parameters parameters_;
  CheckOptions options_;
  double step_, tolerance_;
  Directions directions_;
  std::vector<Array> before_;
  Tape tape_;
  GradientCheck result_;
};

}  // namespace

GradientCheck check_gradients(const Loss& loss, Parameters parameters,
                              const CheckOptions& options) {
  return Checker(loss, parameters, options).run();
}

}  // namespace hourglass
