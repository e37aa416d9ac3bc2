#include <hourglass/core/error.hpp>
#include <hourglass/measure/trace.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

std::string name_of(const Column& column) {
  return column.index == 0 ? column.series : column.series + " " + std::to_string(column.index);
}

Trace::Trace(std::vector<Column> columns)
    : columns_(std::move(columns)), values_(columns_.size()) {}

void Trace::add(double step, const std::vector<double>& row) {
  if (row.size() != columns_.size())
    throw ArgumentError("trace: expected " + std::to_string(columns_.size()) + " values, found " +
                        std::to_string(row.size()));
  if (!steps_.empty() && !(step > steps_.back()))
    throw ArgumentError("trace: step " + std::to_string(step) + " does not follow " +
                        std::to_string(steps_.back()));
  steps_.push_back(step);
  for (std::size_t c = 0; c < row.size(); ++c) values_[c].push_back(row[c]);
}

void Trace::append(const Trace& other) {
  if (columns_.empty() && steps_.empty()) steps_ = other.steps_;
  if (steps_ != other.steps_)
    throw ArgumentError("trace: cannot append columns recorded at other steps");
  columns_.insert(columns_.end(), other.columns_.begin(), other.columns_.end());
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
}

std::size_t Trace::find(const Column& column) const {
  return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), column) -
                                  columns_.begin());
}

const std::vector<double>& Trace::operator[](const Column& column) const {
  if (has(column)) return values_[find(column)];
  std::string known;
  for (const Column& one : columns_) known += (known.empty() ? "" : ", ") + name_of(one);
  throw LookupError("trace: no column '" + name_of(column) + "'; there are " + known);
}

std::vector<std::size_t> log_spaced(std::size_t total, std::size_t count) {
  std::vector<std::size_t> steps{0};
  const double top = std::log1p(static_cast<double>(total));
  for (std::size_t k = 1; k < count && steps.back() < total; ++k) {
    const double fraction = static_cast<double>(k) / static_cast<double>(count - 1);
    const auto step = static_cast<std::size_t>(std::llround(std::expm1(top * fraction)));
    steps.push_back(std::min(std::max(step, steps.back() + 1), total));
  }
  if (steps.back() != total) steps.push_back(total);
  return steps;
}

}  // namespace hourglass
