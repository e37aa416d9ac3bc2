#include "byte_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <locale>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Commas inside double quotes belong to the cell; false where a quote does not end.
bool split(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t k = 0; k <= line.size(); ++k) {
    if (k < line.size() && line[k] == '"') inside = !inside;
    if (k < line.size() && (line[k] != ',' || inside)) continue;
    cells.push_back(trimmed(line.substr(begin, k - begin)));
    begin = k + 1;
  }
  return !inside;
}

bool is_unnamed(std::string_view cell) { return cell.empty() || cell == "\"\""; }

// from_chars says no more than that there is no such double: too small is 0, as strtod reads it.
double out_of_range(std::string_view cell) {
  std::istringstream text{std::string(cell)};
  text.imbue(std::locale::classic());
  double value = 0;
  return text >> value ? value : INFINITY;
}

// The number that the whole cell is, infinity where it is beyond all.
std::optional<double> number(std::string_view cell) {
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc{} ? value : out_of_range(cell);
}

class Lines {
 public:
  explicit Lines(const fs::path& file) : file_(file), reader_(file, "a CSV file") {}

  // The next line without its end; false after the last.
  bool next(std::string& line) {
    line.clear();
    ++count_;
    for (;;) {
      const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(position_);
      const auto to = buffer_.begin() + static_cast<std::ptrdiff_t>(filled_);
      const auto end = std::find(from, to, '\n');
      line.append(from, end);
      position_ += static_cast<std::size_t>(end - from);
      if (line.size() > longest_csv_line)
        refuse(file_, "line " + std::to_string(count_) + ": is longer than " +
                          std::to_string(longest_csv_line >> 20) + " MiB (is this a CSV file?)");
      if (end != to) return ++position_, true;
      filled_ = reader_.read(buffer_.data(), buffer_.size());
      position_ = 0;
      if (filled_ == 0) return !line.empty();
    }
  }

 private:
  fs::path file_;
  ByteReader reader_;
  Bytes buffer_ = Bytes(1 << 16);
  std::size_t position_ = 0, filled_ = 0, count_ = 0;
};

class Table {
 public:
  Table(const fs::path& file, std::size_t samples, CsvHeader header, std::size_t skip)
      : file_(file), samples_(samples), header_(header), skip_(skip) {}

  void add(std::size_t number_of_line, std::string_view line) {
    line_ = number_of_line;
    if (line_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (trimmed(line).empty()) return void(empty_line_ = empty_line_ ? empty_line_ : line_);
    if (empty_line_)
      refuse(file_, "line " + std::to_string(empty_line_) + ": is empty, expected numbers");
    if (!split(line, cells_))
      refuse(file_, "line " + std::to_string(line_) + ": found a quote (\") that does not end");
    if (line_ == 1 && is_header())
      add_header();
    else
      add_row();
  }

  FileValues finish() {
    if (rows_ == 0) refuse(file_, "rows: found none, expected numbers");
    const std::uint64_t rows = rows_to_keep(file_, rows_, samples_);
    FileValues result{empty({rows, cells_there_ - skip_}),
                      checksum(values_.data(), values_.size() * sizeof(double))};
    std::transform(values_.begin(), values_.end(), result.x.data(),
                   [](double value) { return static_cast<Real>(value); });
    return result;
  }

 private:
  // A column without a name stands in no line of numbers: it is what pandas and R call an index.
  bool is_header() const {
    if (header_ != CsvHeader::detect) return header_ == CsvHeader::present;
    const auto skipped = std::min(skip_, cells_.size());
    return is_unnamed(cells_[0]) ||
           std::none_of(cells_.begin() + static_cast<std::ptrdiff_t>(skipped), cells_.end(),
                        [](std::string_view cell) { return number(cell).has_value(); });
  }

  void add_header() {
    names_there_ = cells_.size();
    if (is_unnamed(cells_[0]) && skip_ == 0)
      refuse(
          file_,
          "header: column 1 has no name, as an index of rows has none: skip it (skip_columns), or "
          "name it if it is a feature");
  }

  void check_cells(const std::string& row) {
    const auto cells = [](std::size_t count) { return std::to_string(count) + " cells"; };
    const std::size_t found = cells_.size();
    if (rows_ > 1 && found != cells_there_)
      refuse(file_, row + ": found " + cells(found) + ", expected " + std::to_string(cells_there_) +
                        " as in the first row");
    if (rows_ > 1) return;
    cells_there_ = found;
    if (found <= skip_)
      refuse(file_, row + ": found " + cells(found) + ", expected more than the " +
                        std::to_string(skip_) + " to skip");
    // R leaves the names of the rows without a name of their own
    const std::size_t nameless = found - skip_;
    if (names_there_ == 0 || names_there_ == found || names_there_ == nameless) return;
    refuse(file_, "header: found " + cells(names_there_) + ", but " + cells(found) + " in " + row +
                      (found == names_there_ + 1
                           ? ": skip the first column (skip_columns) if it names the rows"
                           : ""));
  }

  void add_row() {
    const std::string row =
        "row " + std::to_string(++rows_) + " (line " + std::to_string(line_) + ")";
    check_cells(row);
    for (std::size_t c = skip_; c < cells_there_; ++c) {
      const auto value = number(cells_[c]);
      if (!value || !std::isfinite(static_cast<Real>(*value))) refuse_cell(c, value);
      if (samples_ == 0 || rows_ <= samples_) values_.push_back(*value);
    }
  }

  [[noreturn]] void refuse_cell(std::size_t column, std::optional<double> value) const {
    const std::string_view cell = cells_[column];
    const bool has_digits = cell.find_first_of("123456789") != cell.npos;  // no "inf"
    std::string expected = "a number", why;
    if (value)
      expected = has_digits && !std::isnan(*value) ? number_within_range() : "a finite number";
    for (const auto& [separator, name] : {std::pair(';', "semicolons"), {'\t', "tabs"}})
      if (cell.find(separator) != cell.npos)
        why = std::string(" (separated by ") + name + "? expected commas)";
    if (!value && column == 0 && why.empty())
      why = " (skip the first column, skip_columns, if it names the rows)";
    refuse(file_, "row " + std::to_string(rows_) + ", column " + std::to_string(column + 1) +
                      " (line " + std::to_string(line_) + "): found " + in_quotes(cell) +
                      ", expected " + expected + why);
  }

  fs::path file_;
  std::size_t samples_;
  CsvHeader header_;
  std::size_t skip_;  // columns
  std::size_t line_ = 0, empty_line_ = 0, rows_ = 0;
  std::size_t names_there_ = 0, cells_there_ = 0;  // in the header (0: none), in each row
  std::vector<std::string_view> cells_;
  std::vector<double> values_;
};

}  // namespace

FileValues read_csv(const fs::path& file, std::size_t samples, CsvHeader header,
                    std::size_t skip_columns) {
  Lines lines(file);
  Table table(file, samples, header, skip_columns);
  std::string line;
  for (std::size_t k = 1; lines.next(line); ++k) table.add(k, line);
  return table.finish();
}

}  // namespace hourglass::data
