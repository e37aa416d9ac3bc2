#include <hourglass/core/error.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/text_options.hpp>

namespace hourglass {
namespace {

double rows_of(Var x) { return static_cast<double>(x.shape().rows); }
double columns_of(Var x) { return static_cast<double>(x.shape().columns); }

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

const Entry& entry_named(const std::string& name, bool weighted) {
  std::string known;
  for (const Entry& entry : entries) {
    if (weighted && entry.samples == nullptr) continue;
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
  return -(row_dots(x, log(p)) + row_dots(1.0 - x, log(1.0 - p)));
}

Var cross_entropies_with_logits(Var y, Var x) { return row_sums(softplus(y)) - row_dots(x, y); }

Var weighted_mean(Var losses, Var weights, WeightedBy by) {
  double total = 0;
  for (const Real w : weights.value()) total += double(w);
  const double over = by == WeightedBy::weights ? total : rows_of(losses);
  if (losses.shape().columns != 1 || losses.shape() != weights.shape() || !(over > 0))
    throw ArgumentError("weighted_mean: losses " + losses.shape().str() + ", weights " +
                        weights.shape().str() + " with sum " + std::to_string(total) +
                        "; expected both Bx1 and a sum > 0");
  return (1 / over) * dot(losses, stop_gradient(weights));
}

Loss loss_named(const std::string& name) { return entry_named(name, false).loss; }

WeightedLoss weighted_loss_named(const std::string& name, WeightedBy by) {
  const Entry& entry = entry_named(name, true);
  return [&entry, by](Var y, Var x, Var weights) {
    const double factor = entry.by_columns ? entry.factor / columns_of(x) : entry.factor;
    return factor * weighted_mean(entry.samples(y, x), weights, by);
  };
}

std::string loss_forms() {
  std::vector<std::string> all;
  for (const Entry& entry : entries) all.push_back(std::string(entry.name) + entry.note);
  return alternatives(all);
}

}  // namespace hourglass
