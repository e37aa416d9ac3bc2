#include <hourglass/core/error.hpp>
#include <hourglass/data/scaling.hpp>

#include <cmath>
#include <numeric>
#include <sstream>
#include <string>

namespace hourglass {
namespace {

// Summed in double: 60,000 floats would lose four digits.
std::vector<double> feature_means(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  std::vector<double> means(columns, 0.0);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) means[c] += static_cast<double>(x(r, c));
  for (double& mean : means) mean /= static_cast<double>(rows);
  return means;
}

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

}  // namespace

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

}  // namespace hourglass
