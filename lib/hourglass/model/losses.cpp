#include <hourglass/core/error.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/core/op_checks.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/text_options.hpp>

#include <cmath>

namespace hourglass {
namespace {

double rows_of(Var x) { return static_cast<double>(x.shape().rows); }
double columns_of(Var x) { return static_cast<double>(x.shape().columns); }

// log(p / (1 - p)), exact near p = 1/2 and both ends
auto logit(const Elementwise auto& p) {
  return map(
      [](Real v) {
        const Real off = v - Real(0.5);
        return std::abs(off) < Real(0.25) ? 2 * std::atanh(2 * off) : std::log(v) - std::log1p(-v);
      },
      p);
}
struct Logit {
  static constexpr auto name = "logit";
  auto operator()(auto& p) const { return logit(p); }
  auto vjp(wrt<0>, auto& g, auto& p, auto&) const { return g / p + g / (1 - p); }
};
Var logit(Var p) { return apply(Logit{}, p); }

// -x log p - (1 - x) log(1 - p), each term with its own rounding alone
struct CrossEntropy {
  static constexpr auto name = "cross_entropy";
  void check(Var p, Var x) const { require_equal_shapes(name, p, x); }
  auto operator()(auto& p, auto& x) const {
    return map([](Real q, Real t) { return -(t * std::log(q) + (1 - t) * std::log1p(-q)); }, p, x);
  }
  auto vjp(wrt<0>, auto& g, auto& p, auto& x, auto&) const {
    return g * ((1 - x) / (1 - p) - x / p);
  }
  auto vjp(wrt<1>, auto& g, auto& p, auto&, auto&) const { return -(g * logit(p)); }
};

// sigmoid(y) - x, where neither is lost in the other
Real slope_at_logit(Real y, Real x) {
  const Real e = std::exp(-std::abs(y)), near = 1 / (1 + e), far = e / (1 + e);
  return y > 0 ? (1 - x) * near - x * far : (1 - x) * far - x * near;
}
struct LogitSlope {
  static constexpr auto name = "cross_entropy_slope";
  auto operator()(auto& y, auto& x) const { return map(slope_at_logit, y, x); }
  auto vjp(wrt<0>, auto& g, auto& y, auto&, auto&) const { return g * (sigmoid(y) * sigmoid(-y)); }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return -g; }
};
auto logit_slope(const View& y, const View& x) { return LogitSlope{}(y, x); }
Var logit_slope(Var y, Var x) { return apply(LogitSlope{}, y, x); }

// The same with p = sigmoid(y): log(1 + exp(-|y|)) + (1 - x) y for y > 0, and - x y below. The
// terms have one sign for x in [0, 1], so that nothing cancels.
Real entropy_at_logit(Real y, Real x) {
  const Real share = y > 0 ? 1 - x : -x;
  return (share == 0 ? Real(0) : share * y) + std::log1p(std::exp(-std::abs(y)));
}
struct LogitCrossEntropy {
  static constexpr auto name = "cross_entropy_with_logits";
  void check(Var y, Var x) const { require_equal_shapes(name, y, x); }
  auto operator()(auto& y, auto& x) const { return map(entropy_at_logit, y, x); }
  auto vjp(wrt<0>, auto& g, auto& y, auto& x, auto&) const { return g * logit_slope(y, x); }
  auto vjp(wrt<1>, auto& g, auto& y, auto&, auto&) const { return -(g * y); }
};

// A loss is a factor times the mean over samples of a loss for each.
struct Entry {
  const char* name;
  Var (*loss)(Var y, Var x);
  Var (*samples)(Var y, Var x);  // null: no weighted form
  double factor;
  bool by_columns = false;  // the factor is divided by D
  const char* note = "";    // for the help
};

constexpr Entry entries[] = {
    {"half_squared_error", half_squared_error, squared_errors, 0.5},
    {"squared_error", squared_error, squared_errors, 1},
    {"summed_squared_error", summed_squared_error, nullptr, 1},
    {"half_summed_squared_error", half_summed_squared_error, nullptr, 0.5},
    {"mean_squared_error", mean_squared_error, squared_errors, 1, true, " (a feature)"},
    {"per_pixel_error", per_pixel_error, squared_errors, 0.5, true, " (half of that)"},
    {"cross_entropy", cross_entropy, cross_entropies, 1},
    {"cross_entropy_with_logits", cross_entropy_with_logits, cross_entropies_with_logits, 1},
};

bool is_of_logits(const Entry& entry) { return entry.loss == cross_entropy_with_logits; }

const Entry& entry_named(const std::string& name, bool weighted, bool logits) {
  std::string known;
  for (const Entry& entry : entries) {
    if ((weighted && entry.samples == nullptr) || (!logits && is_of_logits(entry))) continue;
    if (entry.name == name) return entry;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw InputError((weighted ? "weighted loss: found '" : "loss: found '") + name +
                   "', expected one of " + known);
}

}  // namespace

Var squared_error(Var y, Var x) { return 2.0 * half_squared_error(y, x); }
Var summed_squared_error(Var y, Var x) { return (2 * rows_of(x)) * half_squared_error(y, x); }
Var half_summed_squared_error(Var y, Var x) { return rows_of(x) * half_squared_error(y, x); }
Var mean_squared_error(Var y, Var x) { return (2 / columns_of(x)) * half_squared_error(y, x); }
Var per_pixel_error(Var y, Var x) { return (1 / columns_of(x)) * half_squared_error(y, x); }

Var cross_entropy(Var y, Var x) { return mean_all(cross_entropies(y, x)); }
Var cross_entropy_with_logits(Var y, Var x) { return mean_all(cross_entropies_with_logits(y, x)); }

Var squared_errors(Var y, Var x) {
  const Var difference = y - x;
  return row_dots(difference, difference);
}

Var cross_entropies(Var y, Var x) {
  constexpr double edge = sizeof(Real) == sizeof(float) ? 1e-6 : 1e-12;
  const Var p = clamp(y, edge, 1 - edge);
  return row_sums(apply(CrossEntropy{}, p, x));
}

Var cross_entropies_with_logits(Var y, Var x) { return row_sums(apply(LogitCrossEntropy{}, y, x)); }

Var weighted_mean(Var losses, Var weights, WeightedBy by) {
  double total = 0;
  for (const Real w : weights.value()) total += double(w);
  const double over = by == WeightedBy::weights ? total : rows_of(losses);
  if (losses.shape().columns != 1 || losses.shape() != weights.shape() || !(over > 0))
    throw ArgumentError("weighted_mean: losses " + losses.shape().str() + ", weights " +
                        weights.shape().str() + " with sum " + std::to_string(total) +
                        "; expected both Bx1 and a sum > 0");
  const Var shares = tape_of(losses).constant(weights.shape(), [&](Array& share) {
    for (std::size_t b = 0; b < share.size(); ++b)
      share.data()[b] = static_cast<Real>(double(weights.value()[b]) / over);
  });
  return dot(losses, shares);
}

Loss loss_named(const std::string& name, bool logits) {
  return entry_named(name, false, logits).loss;
}

WeightedLoss weighted_loss_named(const std::string& name, WeightedBy by) {
  const Entry& entry = entry_named(name, true, true);
  return [&entry, by](Var y, Var x, Var weights) {
    const double factor = entry.by_columns ? entry.factor / columns_of(x) : entry.factor;
    return factor * weighted_mean(entry.samples(y, x), weights, by);
  };
}

std::string loss_forms(bool logits) {
  std::vector<std::string> all;
  for (const Entry& entry : entries)
    if (logits || !is_of_logits(entry)) all.push_back(std::string(entry.name) + entry.note);
  return alternatives(all);
}

}  // namespace hourglass
