#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/measure/matching.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace hourglass {
namespace {

std::vector<double> norms(const Array64& a) {
  std::vector<double> squared(shape_of(a).columns, 0.0);
  for (std::size_t r = 0; r < shape_of(a).rows; ++r)
    for (std::size_t j = 0; j < squared.size(); ++j) squared[j] += a(r, j) * a(r, j);
  for (double& x : squared) x = std::sqrt(x);
  return squared;
}

// Atoms x columns of W.
Array64 cosines(const Array64& W, const Array64& A) {
  const Shape w = shape_of(W), a = shape_of(A);
  if (w.rows != a.rows || w.columns < a.columns || a.size() == 0)
    throw ArgumentError("matching: columns " + w.str() + " and dictionary " + a.str() +
                        ", expected equal rows and a column for each atom");
  Array64 result = kernels::product(A, W, true, false);
  const auto of_columns = norms(W), of_atoms = norms(A);
  for (std::size_t i = 0; i < a.columns; ++i) {
    if (of_atoms[i] == 0) throw ArgumentError("matching: atom " + std::to_string(i) + " is 0");
    for (std::size_t j = 0; j < w.columns; ++j)
      result(i, j) = of_columns[j] == 0 ? 0 : result(i, j) / (of_atoms[i] * of_columns[j]);
  }
  return result;
}

double gain(double cosine, Signs signs) { return signs == Signs::free ? std::abs(cosine) : cosine; }

Matching matching_of(const Array64& cosine, std::vector<std::size_t> column_of_atom, Signs signs) {
  Matching result{std::move(column_of_atom), {}, {}};
  for (std::size_t i = 0; i < result.column_of_atom.size(); ++i) {
    const double c = cosine(i, result.column_of_atom[i]);
    result.sign_of_atom.push_back(signs == Signs::free && c < 0 ? -1 : 1);
    result.cosine.push_back(gain(c, signs));
  }
  return result;
}

// The classical assignment by shortest augmenting paths with potentials (Kuhn 1955; Jonker &
// Volgenant 1987). Rows and columns count from 1; column 0 holds the row that is being added.
struct Assignment {
  const Array64& cost;  // rows <= columns
  std::size_t rows = shape_of(cost).rows, columns = shape_of(cost).columns;
  std::vector<double> row_potential = std::vector<double>(rows + 1, 0.0);
  std::vector<double> column_potential = std::vector<double>(columns + 1, 0.0);
  std::vector<std::size_t> row_of = std::vector<std::size_t>(columns + 1, 0);
  std::vector<std::size_t> previous = row_of;

  void add(std::size_t row) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::vector<double> reach(columns + 1, infinity);
    std::vector<char> used(columns + 1, 0);
    std::size_t at = 0;
    row_of[0] = row;
    while (row_of[at] != 0) {
      used[at] = 1;
      const std::size_t i = row_of[at];
      std::size_t next = 0;
      double step = infinity;
      for (std::size_t j = 1; j <= columns; ++j) {
        if (used[j]) continue;
        const double reduced = cost(i - 1, j - 1) - row_potential[i] - column_potential[j];
        if (reduced < reach[j]) {
          reach[j] = reduced;
          previous[j] = at;
        }
        if (reach[j] < step) {
          step = reach[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (used[j]) {
          row_potential[row_of[j]] += step;
          column_potential[j] -= step;
        } else {
          reach[j] -= step;
        }
      }
      at = next;
    }
    for (; at != 0; at = previous[at]) row_of[at] = row_of[previous[at]];
  }
  std::vector<std::size_t> solve() {
    for (std::size_t row = 1; row <= rows; ++row) add(row);
    std::vector<std::size_t> column_of(rows);
    for (std::size_t j = 1; j <= columns; ++j)
      if (row_of[j] != 0) column_of[row_of[j] - 1] = j - 1;
    return column_of;
  }
};

}  // namespace

double Matching::total() const { return std::accumulate(cosine.begin(), cosine.end(), 0.0); }

double Matching::recovered(double least) const {
  const auto found =
      std::count_if(cosine.begin(), cosine.end(), [least](double c) { return c > least; });
  return static_cast<double>(found) / static_cast<double>(cosine.size());
}

Matching match_columns(const Array64& W, const Array64& A, Signs signs) {
  const Array64 cosine = cosines(W, A);
  Array64 cost = cosine;
  for (double& x : cost) {
    if (!std::isfinite(x)) throw ArgumentError("matching: a column is not finite");
    x = -gain(x, signs);
  }
  return matching_of(cosine, Assignment{cost}.solve(), signs);
}

Matching match_greedily(const Array64& W, const Array64& A, Signs signs) {
  const Array64 cosine = cosines(W, A);
  const auto [atoms, columns] = shape_of(cosine);
  std::vector<std::size_t> pairs(atoms * columns), column_of(atoms, columns);
  std::iota(pairs.begin(), pairs.end(), 0);
  std::stable_sort(pairs.begin(), pairs.end(), [&](std::size_t a, std::size_t b) {
    return gain(cosine.data()[a], signs) > gain(cosine.data()[b], signs);
  });
  std::vector<char> used(shape_of(cosine).columns, 0);
  for (const std::size_t pair : pairs) {
    const std::size_t atom = pair / used.size(), column = pair % used.size();
    if (column_of[atom] != used.size() || used[column]) continue;
    column_of[atom] = column;
    used[column] = 1;
  }
  return matching_of(cosine, std::move(column_of), signs);
}

Matching identity_matching(const Array64& W, const Array64& A, Signs signs) {
  std::vector<std::size_t> column_of(shape_of(A).columns);
  std::iota(column_of.begin(), column_of.end(), 0);
  return matching_of(cosines(W, A), std::move(column_of), signs);
}

Array64 matched_columns(const Array64& W, const Matching& matching, bool normalised) {
  const std::vector<double> norm = norms(W);
  Array64 result = empty64({shape_of(W).rows, matching.column_of_atom.size()});
  for (std::size_t i = 0; i < matching.column_of_atom.size(); ++i) {
    const std::size_t j = matching.column_of_atom[i];
    const double divisor = normalised && norm[j] > 0 ? norm[j] : 1;
    for (std::size_t r = 0; r < shape_of(W).rows; ++r)
      result(r, i) = matching.sign_of_atom[i] * W(r, j) / divisor;
  }
  return result;
}

std::vector<double> matched_distances(const Array64& W, const Array64& A, const Matching& matching,
                                      bool normalised) {
  Array64 difference = matched_columns(W, matching, normalised);
  if (shape_of(difference) != shape_of(A))
    throw ArgumentError("matched_distances: the matching has " + shape_of(difference).str() +
                        ", the dictionary is " + shape_of(A).str());
  xt::noalias(difference) -= A;
  return norms(difference);
}

GateErrors gate_errors(const View& codes, std::span<const std::uint32_t> support, std::size_t k,
                       const Matching& matching) {
  const auto [samples, units] = shape_of(codes);
  if (samples == 0 || support.size() != samples * k)
    throw ArgumentError("gate_errors: " + std::to_string(support.size()) +
                        " active atoms for codes " + shape_of(codes).str() + ", expected " +
                        std::to_string(k) + " a sample");
  std::size_t right = 0, missed = 0, raised = 0;
  for (std::size_t r = 0; r < samples; ++r) {
    std::size_t on = 0, hits = 0;
    for (std::size_t j = 0; j < shape_of(codes).columns; ++j) on += codes(r, j) != 0;
    for (std::size_t i = 0; i < k; ++i)
      hits += codes(r, matching.column_of_atom.at(support[r * k + i])) != 0;
    missed += k - hits;
    raised += on - hits;
    right += hits == k && on == k;
  }
  const auto fraction = [](std::size_t part, std::size_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
  };
  return {fraction(right, samples), fraction(missed, samples * k),
          fraction(raised, samples * (units - k))};
}

std::size_t dead_units(const View& codes) {
  std::vector<char> on(shape_of(codes).columns, 0);
  for (std::size_t r = 0; r < shape_of(codes).rows; ++r)
    for (std::size_t j = 0; j < on.size(); ++j)
      if (codes(r, j) != 0) on[j] = 1;
  return static_cast<std::size_t>(std::count(on.begin(), on.end(), 0));
}

std::vector<double> floor_removed_contraction(const std::vector<double>& distances, double floor) {
  std::vector<double> result;
  for (std::size_t s = 0; s + 1 < distances.size(); ++s) {
    const double before = (distances[s] - floor) * (distances[s] + floor);
    const double after = (distances[s + 1] - floor) * (distances[s + 1] + floor);
    result.push_back(before > 0 && after > 0 ? std::sqrt(after / before)
                                             : std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

double final_distance(const std::vector<double>& distances, std::size_t count) {
  if (count == 0 || distances.size() < count)
    throw ArgumentError("final_distance: " + std::to_string(distances.size()) +
                        " distances, expected at least " + std::to_string(count));
  return std::accumulate(distances.end() - static_cast<std::ptrdiff_t>(count), distances.end(),
                         0.0) /
         static_cast<double>(count);
}

std::vector<RotatedPair> rotated_pairs(const Array64& W, const Array64& A) {
  const Array64 cosine = cosines(W, A);
  // The two atoms of every column that shares exactly two.
  std::vector<std::vector<std::size_t>> shared(shape_of(cosine).columns);
  for (std::size_t j = 0; j < shared.size(); ++j)
    for (std::size_t i = 0; i < shape_of(cosine).rows; ++i) {
      const double size = std::abs(cosine(i, j));
      if (size > 0.6 && size < 0.8) shared[j].push_back(i);
    }
  // One is near the sum of the two, the other near the difference; equal ones are no pair.
  const auto product = [&](std::size_t j) {
    return cosine(shared[j][0], j) * cosine(shared[j][1], j);
  };
  std::vector<RotatedPair> pairs;
  for (std::size_t j = 0; j < shared.size(); ++j)
    for (std::size_t other = j + 1; other < shared.size(); ++other)
      if (shared[j].size() == 2 && shared[j] == shared[other] && product(j) * product(other) < 0)
        pairs.push_back({{j, other}, {shared[j][0], shared[j][1]}});
  return pairs;
}

}  // namespace hourglass
