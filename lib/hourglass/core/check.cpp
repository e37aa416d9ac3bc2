#include "op_checks.hpp"
#include <hourglass/core/check.hpp>
#include <hourglass/core/curvature.hpp>
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <locale>
#include <sstream>
#include <vector>

namespace hourglass {
namespace {

constexpr bool single = sizeof(Real) == sizeof(float);
constexpr double precision = std::numeric_limits<Real>::epsilon();
// Truncation (step^4) and rounding (precision/step) balance near precision^(1/5).
constexpr double default_step = single ? 4e-2 : 1e-3;
constexpr double default_tolerance = single ? 5e-4 : 1e-8;
// Differences that are known less well, relative to the parameter's gradient, say nothing; and a
// parameter's gradient counts as at least this part of the largest of all, because below that
// nothing is left of it in the loss.
constexpr double least_certainty = single ? 2e-2 : 1e-3;
constexpr double least_scale = single ? 1e-3 : 1e-6;

using Loss = std::function<Var(Tape&)>;
using Vector = std::vector<double>;

double floor_to_power_of_two(double x) { return std::exp2(std::floor(std::log2(x))); }

// Odd 64ths in (-1, 1), so that a power of two times one is added to a number without rounding:
// splitmix64. Core knows nothing of the room `random`.
class Directions {
 public:
  explicit Directions(std::uint64_t seed) : state_(seed) {}
  double next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (2 * static_cast<double>((z ^ (z >> 31)) >> 58) - 63) / 64;
  }

 private:
  std::uint64_t state_;
};

// All numbers of the parameters, one after the other, which can be moved along a line.
class Point {
 public:
  // The numbers first, first + 1, ... move by `direction` times the distance.
  struct Line {
    std::size_t first;
    Vector direction;
  };

  explicit Point(Parameters parameters) : parameters_(parameters) {
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      Array& value = parameters[p]->value;
      before_.push_back(value);
      double total = 0;
      for (const Real x : value) total += std::abs(double(x)) / double(value.size());
      for (Real& x : value) {
        numbers_.push_back(&x);
        owner_.push_back(p);
        const double size = std::max(std::abs(double(x)), total / 10);
        sizes_.push_back(size > 0 && std::isfinite(size) ? floor_to_power_of_two(size) : 1);
      }
    }
  }
  Point(const Point&) = delete;
  ~Point() {  // also where the loss throws
    for (std::size_t p = 0; p < before_.size(); ++p) parameters_[p]->value = before_[p];
  }

  std::size_t size() const { return numbers_.size(); }
  std::size_t owner(std::size_t i) const { return owner_[i]; }  // the parameter's index
  double natural(std::size_t i) const { return sizes_[i]; }  // what a step of number i is part of
  double start(std::size_t i) const { return double(before_[owner_[i]].data()[place(i)]); }
  void move(const Line& line, double distance) {
    for (std::size_t k = 0; k < line.direction.size(); ++k)
      *numbers_[line.first + k] =
          static_cast<Real>(start(line.first + k) + distance * line.direction[k]);
  }
  // "w at (0, 1)"
  std::string name(std::size_t i) const {
    const std::size_t columns = shape_of(before_[owner_[i]]).columns;
    return parameters_[owner_[i]]->name + " at (" + std::to_string(place(i) / columns) + ", " +
           std::to_string(place(i) % columns) + ")";
  }

 private:
  std::size_t place(std::size_t i) const {
    return static_cast<std::size_t>(numbers_[i] - parameters_[owner_[i]]->value.data());
  }
  Parameters parameters_;
  std::vector<Array> before_;
  std::vector<Real*> numbers_;
  std::vector<std::size_t> owner_;
  Vector sizes_;
};

// What differences say of a derivative, entry by entry.
struct Settled {
  Vector value, uncertainty, step;
};

// Takes them, at a step relative to the numbers that move.
class Differences {
 public:
  using Function = std::function<Vector()>;
  Differences(Point& point, double step, double tolerance)
      : point_(point), step_(step), tolerance_(tolerance) {}

  // The differences at the first step where they agree with `exact` throughout. Otherwise, for each
  // entry, those at the step where they change least from one step to the next. How much they
  // change at smaller steps tells the rounding: it grows as 1/h.
  Settled settle(const Point::Line& line, double unit, const Function& f, const Vector& exact,
                 const Vector& scales) {
    Vector current, rounding, previous;
    take(line, step_ * unit, f, current, rounding);
    Settled best{current, Vector(current.size(), 0), Vector(current.size(), step_)};
    bool agrees = true;
    for (std::size_t i = 0; i < exact.size(); ++i)
      agrees = agrees && std::abs(exact[i] - current[i]) <= tolerance_ * scales[i];
    if (agrees) return best;
    std::fill(best.uncertainty.begin(), best.uncertainty.end(), INFINITY);
    int idle = 0;  // steps since the last one that was better for some entry
    for (double step = 16 * step_; step >= 1e3 * precision && idle < 5; step /= 4) {
      previous = current;
      take(line, step * unit, f, current, rounding);
      if (step == 16 * step_) continue;
      ++idle;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const double change = std::max(std::abs(current[i] - previous[i]), rounding[i]);
        const double seen = change * (step / best.step[i]);
        if (seen > best.uncertainty[i]) best.uncertainty[i] = seen;
        if (std::isinf(best.uncertainty[i])) idle = 0;
        if (!(change < best.uncertainty[i])) continue;
        best.value[i] = current[i], best.uncertainty[i] = change, best.step[i] = step;
        idle = 0;
      }
    }
    return best;
  }

 private:
  // (8 [f(h) - f(-h)] - [f(2h) - f(-2h)]) / 12h, and what the rounding of f can make of it.
  void take(const Point::Line& line, double h, const Function& f, Vector& value, Vector& rounding) {
    Vector at[4];
    const double places[] = {1, -1, 2, -2};
    for (std::size_t k = 0; k < 4; ++k) {
      point_.move(line, places[k] * h);
      at[k] = f();
    }
    point_.move(line, 0);
    const auto& [p1, m1, p2, m2] = at;
    value.resize(p1.size());
    rounding.resize(p1.size());
    for (std::size_t i = 0; i < p1.size(); ++i) {
      value[i] = (8 * (p1[i] - m1[i]) - (p2[i] - m2[i])) / (12 * h);
      const double largest = std::max(std::max(std::abs(p1[i]), std::abs(m1[i])),
                                      std::max(std::abs(p2[i]), std::abs(m2[i])));
      rounding[i] = precision * largest / h;
    }
  }

  Point& point_;
  double step_, tolerance_;
};

class Checker {
 public:
  Checker(const Loss& loss, Parameters parameters, const CheckOptions& options)
      : loss_(loss),
        moved_(options.smoothed ? options.smoothed : loss),
        parameters_(parameters),
        options_(options),
        tolerance_(options.tolerance > 0 ? options.tolerance : default_tolerance),
        directions_(options.seed),
        point_(parameters),
        differences_(point_, floor_to_power_of_two(options.step > 0 ? options.step : default_step),
                     tolerance_) {}

  GradientCheck run() {
    first_order();
    if (options_.order == 2) second_order();
    return result_;
  }

 private:
  using Line = Point::Line;

  Vector value() {
    tape_.begin();
    return {static_cast<double>(moved_(tape_).item())};
  }

  Vector gradient(const Loss& loss) {
    for (Parameter* p : parameters_) p->has_grad = false;
    tape_.begin();
    tape_.backward(loss(tape_));
    Vector result;
    for (const Parameter* p : parameters_)
      for (std::size_t i = 0; i < p->value.size(); ++i)
        result.push_back(p->has_grad ? double(p->grad.data()[i]) : 0);
    tape_.discard_gradients();
    return result;
  }

  // Of each number: the largest entry of its parameter's gradient.
  Vector scales_of(const Vector& exact) const {
    Vector largest(parameters_.size(), 0), result;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      double& known = largest[point_.owner(i)];
      known = std::max(known, std::abs(exact[i]));
    }
    const double all = *std::max_element(largest.begin(), largest.end());
    for (std::size_t i = 0; i < exact.size(); ++i)
      result.push_back(std::max(largest[point_.owner(i)], least_scale * all));
    return result;
  }

  Line direction(std::size_t first, std::size_t end) {
    Line line{first, {}};
    for (std::size_t i = first; i < end; ++i)
      line.direction.push_back(directions_.next() * point_.natural(i));
    return line;
  }

  void first_order() {
    const Vector exact = gradient(loss_), scales = scales_of(exact);
    const Differences::Function f = [this] { return value(); };
    for (std::size_t first = 0, end = 0; first < exact.size(); first = end) {
      while (end < exact.size() && point_.owner(end) == point_.owner(first)) ++end;
      const Line line = direction(first, end);
      double along = 0, squares = 0;
      for (std::size_t k = 0; k < line.direction.size(); ++k) {
        along += exact[first + k] * line.direction[k];
        squares += std::pow(scales[first + k] * line.direction[k], 2);
      }
      const Vector expected{along}, scale{std::sqrt(squares)};
      compare("gradient along a random direction of " + parameters_[point_.owner(first)]->name,
              along, scale[0], differences_.settle(line, 1, f, expected, scale), 0);
    }
    for (std::size_t i = 0; options_.entries && i < exact.size(); ++i)
      compare("gradient of " + point_.name(i), exact[i], scales[i],
              differences_.settle({i, {1}}, point_.natural(i), f, {exact[i]}, {scales[i]}), 0);
  }

  void second_order() {
    const Line line = direction(0, point_.size());
    std::vector<Array> along;
    std::size_t next = 0;
    for (const Parameter* p : parameters_) {
      along.push_back(empty(shape_of(p->value)));
      for (Real& x : along.back()) x = static_cast<Real>(line.direction[next++]);
    }
    tape_.begin();
    Vector exact;
    for (const Array& part : hvp(tape_, loss_(tape_), parameters_, along))
      exact.insert(exact.end(), part.begin(), part.end());
    const Vector scales = scales_of(exact);
    const Settled found = differences_.settle(
        line, 1, [this] { return gradient(moved_); }, exact, scales);
    for (std::size_t i = 0; i < exact.size(); ++i)
      compare("Hessian-vector product of " + point_.name(i), exact[i], scales[i], found, i);
  }

  // A gradient that is zero throughout has no scale: then nothing but rounding is allowed. NaN and
  // differences that do not settle never pass.
  void compare(const std::string& what, double exact, double scale, const Settled& found,
               std::size_t i) {
    const double difference = std::abs(exact - found.value[i]);
    const double allowed = tolerance_ * scale + 3 * found.uncertainty[i];
    const bool settled = scale > 0 ? found.uncertainty[i] <= least_certainty * scale
                                   : std::isfinite(found.uncertainty[i]);
    const bool passed = settled && difference <= allowed;
    double badness = difference == 0 ? 0 : difference / allowed;
    if (!passed) badness = badness > 1 ? badness : INFINITY;
    result_.passed = result_.passed && passed;
    if (badness <= worst_ && !result_.worst.empty()) return;
    worst_ = badness;
    result_.error = difference == 0 ? 0 : difference / (scale > 0 ? scale : difference);
    if (std::isnan(result_.error)) result_.error = INFINITY;
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text << what << ": tape " << exact << ", differences " << found.value[i] << " at relative step "
         << found.step[i] << ", relative error " << result_.error << ", tolerance " << tolerance_;
    if (found.uncertainty[i] > 0)
      text << "; the differences are known within " << found.uncertainty[i];
    result_.worst = text.str();
  }

  const Loss& loss_;
  const Loss& moved_;  // what differences are taken of
  Parameters parameters_;
  const CheckOptions& options_;
  double tolerance_;
  Directions directions_;
  Point point_;
  Differences differences_;
  Tape tape_;
  GradientCheck result_;
  double worst_ = 0;  // difference over what is allowed, of result_.worst
};

void require(bool fits, const std::string& what, const std::string& found,
             const std::string& expected) {
  if (!fits)
    throw ArgumentError("check_gradients: " + what + ": found " + found + ", expected " + expected);
}

}  // namespace

GradientCheck check_gradients(const Loss& loss, Parameters parameters,
                              const CheckOptions& options) {
  require(options.order == 1 || options.order == 2, "order", std::to_string(options.order),
          "1 or 2");
  require(options.step >= 0 && options.step < 1, "step", number(static_cast<Real>(options.step)),
          "a part of an entry, or 0 for the precision's own");
  require(options.tolerance >= 0, "tolerance", number(static_cast<Real>(options.tolerance)),
          "at least 0, which is the precision's own");
  require(!parameters.empty(), "parameters", "none", "some to check");
  return Checker(loss, parameters, options).run();
}

}  // namespace hourglass
