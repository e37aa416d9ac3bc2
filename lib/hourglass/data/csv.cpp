#include "byte_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
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

// Commas inside double quotes belong to the cell.
void split(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t k = 0; k <= line.size(); ++k) {
    if (k < line.size() && line[k] == '"') inside = !inside;
    if (k < line.size() && (line[k] != ',' || inside)) continue;
    cells.push_back(trimmed(line.substr(begin, k - begin)));
    begin = k + 1;
  }
}

// The number that the whole cell is, infinity where it is beyond all.
std::optional<double> number(std::string_view cell) {
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc{} ? value : INFINITY;
}

class Lines {
 public:
  explicit Lines(const fs::path& file) : reader_(file, "a CSV file") {}

  // The next line without its end; false after the last.
  bool next(std::string& line) {
    line.clear();
    for (;;) {
      const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(position_);
      const auto to = buffer_.begin() + static_cast<std::ptrdiff_t>(filled_);
      const auto end = std::find(from, to, '\n');
      line.append(from, end);
      position_ += static_cast<std::size_t>(end - from);
      if (end != to) return ++position_, true;
      filled_ = reader_.read(buffer_.data(), buffer_.size());
      position_ = 0;
      if (filled_ == 0) return !line.empty();
    }
  }

 private:
  ByteReader reader_;
  Bytes buffer_ = Bytes(1 << 16);
  std::size_t position_ = 0, filled_ = 0;
};

class Table {
 public:
  Table(const fs::path& file, std::size_t samples, CsvHeader header)
      : file_(file), samples_(samples), header_(header) {}

  void add(std::size_t number_of_line, std::string_view line) {
    line_ = number_of_line;
    if (line_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (trimmed(line).empty()) return void(empty_line_ = empty_line_ ? empty_line_ : line_);
    if (empty_line_)
      refuse(file_, "line " + std::to_string(empty_line_) + ": is empty, expected numbers");
    split(line, cells_);
    if (line_ > 1 || !is_header()) add_row();
  }

  FileValues finish() {
    if (rows_ == 0) refuse(file_, "rows: found none, expected numbers");
    const std::uint64_t rows = rows_to_keep(file_, rows_, samples_);
    FileValues result{empty({rows, columns_}),
                      checksum(values_.data(), values_.size() * sizeof(double))};
    std::transform(values_.begin(), values_.end(), result.x.data(),
                   [](double value) { return static_cast<Real>(value); });
    return result;
  }

 private:
  bool is_header() const {
    if (header_ != CsvHeader::detect) return header_ == CsvHeader::present;
    return std::none_of(cells_.begin(), cells_.end(),
                        [](std::string_view cell) { return number(cell).has_value(); });
  }

  void add_row() {
    const std::string row = "row " + std::to_string(++rows_);
    const std::string where = " (line " + std::to_string(line_) + ")";
    if (rows_ == 1) columns_ = cells_.size();
    if (cells_.size() != columns_)
      refuse(file_, row + where + ": found " + std::to_string(cells_.size()) + " cells, expected " +
                        std::to_string(columns_) + " as in the first row");
    for (std::size_t c = 0; c < columns_; ++c) {
      const auto value = number(cells_[c]);
      if (!value || !std::isfinite(static_cast<Real>(*value)))
        refuse(file_, row + ", column " + std::to_string(c + 1) + where + ": found " +
                          in_quotes(cells_[c]) + ", expected a " + (value ? "finite " : "") +
                          "number");
      if (samples_ == 0 || rows_ <= samples_) values_.push_back(*value);
    }
  }

  fs::path file_;
  std::size_t samples_;
  CsvHeader header_;
  std::size_t line_ = 0, empty_line_ = 0, rows_ = 0, columns_ = 0;
  std::vector<std::string_view> cells_;
  std::vector<double> values_;
};

}  // namespace

FileValues read_csv(const fs::path& file, std::size_t samples, CsvHeader header) {
  Lines lines(file);
  Table table(file, samples, header);
  std::string line;
  for (std::size_t k = 1; lines.next(line); ++k) table.add(k, line);
  return table.finish();
}

}  // namespace hourglass::data
