#include <hourglass/core/error.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/data/shuffle.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

namespace hourglass {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Over all entries, divided by their number (not one less).
double deviation_of(const Array& x, double mean) {
  double sum = 0;
  for (const Real value : x) {
    const double difference = static_cast<double>(value) - mean;
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(x.size()));
}

double factor_for(const Array& x, double mean, double deviation) {
  if (!(deviation >= 0) || !std::isfinite(deviation))
    throw ArgumentError("fit: the deviation " + std::to_string(deviation) +
                        " is no finite number >= 0");
  if (deviation == 0) return 1;
  const double found = deviation_of(x, mean);
  if (!std::isfinite(found)) throw ArgumentError("fit: not all values are finite");
  if (found == 0) throw ArgumentError("fit: all values are equal, no factor scales them");
  return deviation / found;
}

std::string described(const Scaling& scaling) {
  std::ostringstream text;
  if (scaling.factor != 1) text << ", scaled by " << scaling.factor;
  if (scaling.centring == Centring::scalar) text << ", centred by one mean";
  if (scaling.centring == Centring::feature) text << ", centred";
  return text.str();
}

using Rows = std::vector<std::uint32_t>;

// A stream of the seed that nothing else of data/ draws from.
constexpr std::uint32_t split_stream = 0x5a3f;

std::size_t held_back(std::size_t samples, double fraction) {
  if (!(fraction >= 0 && fraction < 1))
    throw ArgumentError("split: the fraction " + std::to_string(fraction) + " is not in [0, 1)");
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

Batch Dataset::batch(std::uint64_t step, std::size_t size) const {
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
    throw ArgumentError("scale: the factor " + std::to_string(factor) + " is not finite");
  for (Real& value : dataset.x) value = static_cast<Real>(static_cast<double>(value) * factor);
  std::ostringstream name;
  name << dataset.name << ", scaled by " << factor;
  dataset.name = name.str();
}

Scaling data::fit(const Dataset& dataset, Centring centring, double deviation) {
  if (dataset.x.size() == 0) throw ArgumentError("fit: the data set has no values");
  std::vector<double> means = feature_means(dataset.x);
  const double mean = mean_of(means);
  const double factor = factor_for(dataset.x, mean, deviation);
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
      dataset.x(r, c) =
          static_cast<Real>(static_cast<double>(dataset.x(r, c)) * scaling.factor - means[c]);
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
