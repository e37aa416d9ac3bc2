#include <hourglass/report/number.hpp>
#include <hourglass/report/run.hpp>
#include <hourglass/report/table.hpp>

#include <algorithm>
#include <ostream>
#include <sstream>

namespace hourglass {
namespace {

using Row = std::vector<std::string>;

// What a terminal shows of UTF-8 text: one cell a code point.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

// In brackets where it is not judged, with an exclamation mark where it is beyond its tolerance.
std::string marked(const std::string& deviation, Verdict verdict) {
  switch (verdict) {
    case Verdict::agrees:
      return deviation + " ";
    case Verdict::disagrees:
      return deviation + "!";
    case Verdict::not_judged:
      break;
  }
  return deviation == "-" ? "- " : "(" + deviation + ")";
}

std::string deviation_text(const Quantity& q) {
  const bool percent = q.relative && !std::isnan(q.deviation());
  return marked(rounded((percent ? 100 : 1) * q.deviation(), 3) + (percent ? "%" : ""),
                q.verdict());
}

std::string word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::agrees:
      return "agrees";
    case Verdict::disagrees:
      return "DISAGREES";
    case Verdict::not_judged:
      break;
  }
  return "not judged";
}

// In lines of few letters, the last ones of `count` lines.
std::vector<std::string> stacked(const std::string& name, std::size_t count) {
  constexpr std::size_t letters = 11;
  std::vector<std::string> lines;
  std::istringstream words(name);
  for (std::string word; words >> word;)
    if (!lines.empty() && width_of(lines.back() + word) < letters)
      lines.back() += " " + word;
    else
      lines.push_back(word);
  if (lines.size() < count) lines.insert(lines.begin(), count - lines.size(), "");
  return lines;
}

// What a quantity shows: all; without what the marks and the page say too; its deviation alone.
enum class Detail { all, measured, deviation };

// A table as wide as it needs to be for that.
class Table {
 public:
  Table(const Comparison& comparison, Detail detail)
      : quantities_(quantity_names(comparison)), detail_(detail) {
    add_headings();
    const std::size_t headings = rows_.size();
    for (const Agreement& agreement : comparison.agreements) add(agreement);
    ends_.assign(rows_.front().size(), 0);
    for (std::size_t r = headings - 1; r < rows_.size(); ++r)  // upper headings have room
      for (std::size_t c = 0; c < rows_[r].size(); ++c)
        ends_[c] = std::max(ends_[c], width_of(rows_[r][c]));
    for (std::size_t c = 1; c < ends_.size(); ++c) ends_[c] += ends_[c - 1] + 2;
  }

  std::size_t width() const { return ends_.back(); }

  // Names to the left, everything else to the right.
  void print(std::ostream& out) const {
    for (const Row& row : rows_) {
      std::string line = row[0];
      std::size_t used = width_of(row[0]);
      for (std::size_t c = 1; c < row.size(); ++c) {
        if (row[c].empty()) continue;
        const std::size_t start =
            std::max(used + 1, ends_[c] - std::min(ends_[c], width_of(row[c])));
        line += std::string(start - used, ' ') + row[c];
        used = start + width_of(row[c]);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out << line << '\n';
    }
  }

 private:
  // Measured, predicted and deviation.
  void add_cells(Row& row, const std::string& measured, const std::string& predicted,
                 const std::string& deviation) const {
    if (detail_ != Detail::deviation) row.push_back(measured);
    if (detail_ == Detail::all) row.push_back(predicted);
    row.push_back(deviation);
  }

  void add_end(Row& row, const std::string& deviation, const std::string& tolerance,
               const std::string& verdict) const {
    row.push_back(deviation);
    if (detail_ == Detail::all) row.push_back(tolerance);
    row.push_back(verdict);
  }

  // The quantities above their columns, in as many lines as the longest name needs.
  void add_headings() {
    const bool all = detail_ == Detail::all;
    std::size_t lines = 1;
    for (const std::string& name : quantities_)
      if (!all) lines = std::max(lines, stacked(name, 0).size());
    for (std::size_t k = 0; k < lines; ++k) {
      Row upper{""};
      for (const std::string& name : quantities_)
        add_cells(upper, all ? name : "", "", all ? "" : stacked(name, lines)[k]);
      add_end(upper, k + 1 == lines ? "largest" : "", "", "");
      rows_.push_back(upper);
    }
    Row lower{"series"};
    for (std::size_t k = 0; k < quantities_.size(); ++k)
      add_cells(lower, "measured", "predicted", "deviation");
    add_end(lower, "deviation", "tolerance", "verdict");
    rows_.push_back(lower);
  }

  void add(const Agreement& agreement) {
    Row row{name_of(agreement.column)};
    for (const std::string& name : quantities_) {
      const Quantity* q = find_quantity(agreement, name);
      if (q)
        add_cells(row, rounded(q->measured), rounded(q->predicted), deviation_text(*q));
      else
        add_cells(row, "", "", "");
    }
    add_end(row, marked(rounded(agreement.max_abs_deviation, 3), agreement.curve_verdict()),
            rounded(agreement.tolerance, 3), word_of(agreement.verdict()));
    rows_.push_back(row);
  }

  std::vector<std::string> quantities_;
  Detail detail_;
  std::vector<Row> rows_;
  std::vector<std::size_t> ends_;  // of the columns
};

}  // namespace

void print_table(std::ostream& out, const Comparison& comparison) {
  constexpr std::size_t columns = 100;  // of a terminal
  Table table(comparison, Detail::all);
  for (const Detail less : {Detail::measured, Detail::deviation})
    if (table.width() > columns) table = Table(comparison, less);
  table.print(out);
  const Tally tally = comparison.tally();
  out << judged_of(tally);
  if (tally.judged() < tally.compared) out << " (not those in brackets)";
  if (tally.disagree > 0) out << ", " << tally.disagree << " beyond the tolerance (!)";
  out << '\n';
}

}  // namespace hourglass
