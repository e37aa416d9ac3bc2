#include "byte_reader.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/data/shuffle.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hourglass {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of the finite values of a data set.
struct Extent {
  double low = INFINITY, high = -INFINITY;
  double largest() const { return std::max(std::abs(low), std::abs(high)); }
};

[[noreturn]] void refuse_data(const Dataset& dataset, const std::string& what) {
  throw InputError((dataset.name.empty() ? "data set" : dataset.name) + ": " + what);
}

std::string place(const Dataset& dataset, std::size_t k) {
  return "row " + std::to_string(k / dataset.features() + 1) + ", column " +
         std::to_string(k % dataset.features() + 1);
}

Extent extent_of(const Dataset& dataset) {
  Extent extent;
  for (std::size_t k = 0; k < dataset.x.size(); ++k) {
    const double value = static_cast<double>(dataset.x.data()[k]);
    if (!std::isfinite(value))
      refuse_data(dataset, place(dataset, k) + ": found " + data::shown(value) +
                               ", expected a finite number");
    extent = {std::min(extent.low, value), std::max(extent.high, value)};
  }
  return extent;
}

// Over all entries, divided by their number (not one less), in units in which the largest is 1: no
// square overflows or vanishes.
double deviation_of(const Array& x, double mean, double unit) {
  double sum = 0;
  for (const Real value : x) {
    const double difference = static_cast<double>(value) / unit - mean / unit;
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(x.size()));
}

double factor_for(const Dataset& dataset, const Extent& extent, double mean, double deviation) {
  // what differs in the last bits is the rounding of one value
  const double rounding = 8 * double(std::numeric_limits<Real>::epsilon()) * extent.largest();
  if (extent.high - extent.low <= rounding)
    refuse_data(dataset, "all values are " + data::shown(extent.low) +
                             " within rounding: no factor gives them the deviation " +
                             data::shown(deviation));
  const double unit = extent.largest();
  const double factor = deviation / deviation_of(dataset.x, mean, unit) / unit;
  if (!std::isfinite(factor) || factor == 0)
    refuse_data(dataset, "values of up to " + data::shown(unit) + " get the deviation " +
                             data::shown(deviation) +
                             " by a factor that is beyond double precision");
  return factor;
}

std::string described(const Scaling& scaling) {
  std::string text;
  if (scaling.factor != 1) text += ", scaled by " + data::shown(scaling.factor);
  if (scaling.centring == Centring::scalar) text += ", centred by one mean";
  if (scaling.centring == Centring::feature) text += ", centred";
  return text;
}

// value * factor - mean, which must not be infinite where the value is finite.
void set_scaled(Dataset& dataset, std::size_t k, double factor, double mean) {
  Real& value = dataset.x.data()[k];
  const double found = static_cast<double>(value);
  value = static_cast<Real>(found * factor - mean);
  if (!std::isfinite(value) && std::isfinite(found))
    refuse_data(dataset, place(dataset, k) + ": found " + data::shown(found) + ", which times " +
                             data::shown(factor) + " minus " + data::shown(mean) + " is no " +
                             data::number_within_range().substr(2));
}

using Rows = std::vector<std::uint32_t>;

// A stream of the seed that nothing else of data/ draws from.
constexpr std::uint32_t split_stream = 0x5a3f;

std::size_t held_back(std::size_t samples, double fraction) {
  if (!(fraction >= 0 && fraction < 1))
    throw ArgumentError("split: the fraction " + data::shown(fraction) + " is not in [0, 1)");
  if (fraction == 0) return 0;
  const double count = std::round(fraction * static_cast<double>(samples));
  return std::max<std::size_t>(static_cast<std::size_t>(count), 1);
}

Dataset part(const Dataset& dataset, Rows rows, const char* name) {
  std::sort(rows.begin(), rows.end());
  Dataset result{dataset.name + name, empty({rows.size(), dataset.features()}), dataset.checksum};
  data::gather(dataset.x, rows, {result.x.data(), result.x.size()});
  return result;
}

}  // namespace

Batch Dataset::batch(std::uint64_t step, std::size_t size) const& {
  const std::size_t rows = samples();
  if (size == 0 || size >= rows) return {borrow(x), 0};
  const std::uint64_t batches = (rows + size - 1) / size, k = step % batches;
  const auto first = static_cast<std::size_t>(rows * k / batches);
  const auto end = static_cast<std::size_t>(rows * (k + 1) / batches);
  const Shape shape{end - first, features()};
  return {borrow(x.data() + first * features(), shape), first};
}

void data::centre(Dataset& dataset) { apply(fit(dataset, Centring::feature), dataset); }

void data::scale(Dataset& dataset, double factor) {
  if (!std::isfinite(factor))
    throw ArgumentError("scale: the factor " + shown(factor) + " is not finite");
  for (std::size_t k = 0; k < dataset.x.size(); ++k) set_scaled(dataset, k, factor, 0);
  dataset.name += ", scaled by " + shown(factor);
}

Scaling data::fit(const Dataset& dataset, Centring centring, double deviation) {
  if (dataset.x.size() == 0) throw ArgumentError("fit: the data set has no values");
  if (!(deviation >= 0) || !std::isfinite(deviation))
    throw ArgumentError("fit: the deviation " + shown(deviation) + " is no finite number >= 0");
  const Extent extent = extent_of(dataset);
  std::vector<double> means = feature_means(dataset.x);
  const double mean = mean_of(means);
  if (!std::isfinite(mean))
    refuse_data(dataset, "the sum of values of up to " + shown(extent.largest()) +
                             " is beyond double precision");
  const double factor = deviation == 0 ? 1 : factor_for(dataset, extent, mean, deviation);
  if (centring == Centring::none) means.clear();
  if (centring == Centring::scalar) means = {mean};
  for (double& value : means) value *= factor;
  return {centring, factor, std::move(means)};
}

void data::apply(const Scaling& scaling, Dataset& dataset) {
  const auto [rows, columns] = shape_of(dataset.x);
  std::vector<double> means = scaling.means;
  if (scaling.centring != Centring::feature)
    means.assign(columns, scaling.centring == Centring::scalar ? scaling.means.at(0) : 0.0);
  if (means.size() != columns)
    throw ArgumentError("apply: the scaling has means of " + std::to_string(means.size()) +
                        " features, the data set has " + std::to_string(columns));
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      set_scaled(dataset, r * columns + c, scaling.factor, means[c]);
  dataset.name += described(scaling);
}

Split data::split(const Dataset& dataset, double fraction, std::uint64_t seed, Held held) {
  const std::size_t samples = dataset.samples(), back = held_back(samples, fraction);
  if (back >= samples)
    throw ArgumentError("split: " + std::to_string(back) + " of " + std::to_string(samples) +
                        " samples leave none to train on");
  Rows order(samples);
  std::iota(order.begin(), order.end(), 0u);
  if (held == Held::random) {
    Shuffle shuffle(samples, {seed, split_stream});
    const auto shuffled = shuffle.order(0);
    order.assign(shuffled.begin(), shuffled.end());
  }
  const auto boundary = order.end() - static_cast<std::ptrdiff_t>(back);
  return {part(dataset, {order.begin(), boundary}, ", training part"),
          part(dataset, {boundary, order.end()}, ", validation part")};
}

}  // namespace hourglass
