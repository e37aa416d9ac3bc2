#pragma once

#include <hourglass/config.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// What one column of a trace holds: a named series, e.g. "dae mode strength", and an index into it
// counted from 1 as papers do (mode 1 is the strongest); 0 where the series is a single number.
struct Column {
  std::string series;
  int index = 0;
  bool operator==(const Column&) const = default;
};

// "dae mode strength 3"; without the number where the series is a single one.
std::string name_of(const Column& column);

// A series that a study declares once. What is recorded, judged and drawn refers to its columns by
// it: strength(3) is its third entry, strength("dae", 3) that of the run "dae".
class Series {
 public:
  // The name that its columns have.
  explicit Series(std::string name) : name_(std::move(name)) {}
  // Entry `index` from 1, or the single one.
  Column operator()(std::size_t index = 0) const { return {name_, static_cast<int>(index)}; }
  // The same of one run.
  Column operator()(const std::string& run, std::size_t index = 0) const {
    return {run + " " + name_, static_cast<int>(index)};
  }

 private:
  std::string name_;
};

// Values of some columns at recorded steps, in the order of recording. NaN means "not there".
class Trace {
 public:
  Trace() = default;
  // Without steps yet.
  explicit Trace(std::vector<Column> columns);

  // One row; throws ArgumentError unless there is one value a column and steps increase.
  void add(double step, const std::vector<double>& row);

  // All columns of `other` beside these; throws ArgumentError unless the steps are equal.
  void append(const Trace& other);

  // The recorded steps, and a value at each of them for every column.
  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<double>& steps() const { return steps_; }
  const std::vector<double>& values(std::size_t column) const { return values_[column]; }
  // Throws LookupError naming the columns that there are.
  const std::vector<double>& operator[](const Column& column) const;
  // Whether it is there.
  bool has(const Column& column) const { return find(column) < columns_.size(); }

  // Position of a column, or columns().size() if it is not there.
  std::size_t find(const Column& column) const;

 private:
  std::vector<Column> columns_;
  std::vector<double> steps_;
  std::vector<std::vector<double>> values_;  // one vector a column
};

// Steps 0, ..., total: about `count` of them, equally spaced in log(1 + step), distinct, both ends
// included.
std::vector<std::size_t> log_spaced(std::size_t total, std::size_t count);

}  // namespace hourglass
