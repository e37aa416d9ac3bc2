#include <hourglass/data/dictionaries.hpp>
#include <hourglass/measure/matching.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// The largest total over every choice of distinct columns.
double best_total(const Array64& W, const Array64& A, Signs signs) {
  const std::size_t columns = shape_of(W).columns, atoms = shape_of(A).columns;
  std::vector<std::size_t> order(columns);
  std::iota(order.begin(), order.end(), 0);
  double best = -1e9;
  do {
    double total = 0;
    for (std::size_t i = 0; i < atoms; ++i) {
      double cosine = 0, norm = 0;
      for (std::size_t r = 0; r < shape_of(W).rows; ++r) {
        cosine += A(r, i) * W(r, order[i]);
        norm += W(r, order[i]) * W(r, order[i]);
      }
      cosine /= std::sqrt(norm);
      total += signs == Signs::free ? std::abs(cosine) : cosine;
    }
    best = std::max(best, total);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

Array64 times(Array64 a, double factor) {
  for (double& x : a) x *= factor;
  return a;
}

}  // namespace

TEST_CASE("matching: the Hungarian method is as good as trying every permutation") {
  std::size_t greedy_lost = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    for (const Signs signs : {Signs::fixed, Signs::free}) {
      const std::size_t atoms = 1 + seed % 5, columns = atoms + seed % 3;
      const Array64 A = data::gaussian_dictionary(3, atoms, seed);
      const Array64 W = times(data::gaussian_dictionary(3, columns, 1000 + seed), 2.5);
      const Matching found = match_columns(W, A, signs), greedy = match_greedily(W, A, signs);
      CHECK(found.total() == doctest::Approx(best_total(W, A, signs)).epsilon(1e-12));
      CHECK(greedy.total() <= found.total() + 1e-12);
      greedy_lost += greedy.total() < found.total() - 1e-9;
      for (const Matching* m : {&found, &greedy}) {
        auto columns_used = m->column_of_atom;
        std::sort(columns_used.begin(), columns_used.end());
        CHECK(std::adjacent_find(columns_used.begin(), columns_used.end()) == columns_used.end());
      }
    }
  CHECK(greedy_lost > 5);
}

TEST_CASE("matching: a shuffled dictionary with turned signs is recovered, if signs are free") {
  const Array64 A = data::orthonormal_dictionary(8, 5, 3);
  Array64 W = empty64({8, 5});
  const std::size_t to[] = {3, 0, 4, 1, 2};
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t r = 0; r < 8; ++r) W(r, to[i]) = (i % 2 ? -3 : 3) * A(r, i);
  const Matching found = match_columns(W, A, Signs::free);
  CHECK(std::equal(to, to + 5, found.column_of_atom.begin()));
  CHECK(found.recovered() == 1);
  CHECK(found.sign_of_atom == std::vector<double>{1, -1, 1, -1, 1});
  for (const double d : matched_distances(W, A, found, true)) CHECK(d < 1e-14);
  for (const double d : matched_distances(W, A, found, false)) CHECK(d == doctest::Approx(2));
  CHECK(match_columns(W, A, Signs::fixed).recovered() == 0.6);
}

TEST_CASE("matching: a column that is zero is nobody's, and bad shapes are refused") {
  const Array64 A = data::dct_dictionary(4, 2);
  Array64 W = data::dct_dictionary(4, 3);
  for (std::size_t r = 0; r < 4; ++r) W(r, 0) = 0;
  const Matching found = match_columns(W, A, Signs::fixed);
  CHECK(found.cosine[0] == doctest::Approx(0));
  CHECK(found.cosine[1] == doctest::Approx(1));
  CHECK(found.recovered() == 0.5);
  CHECK_THROWS_AS(match_columns(A, W, Signs::fixed), std::invalid_argument);
  CHECK_THROWS_AS(match_columns(data::dct_dictionary(5, 2), A, Signs::fixed),
                  std::invalid_argument);
  CHECK_THROWS_AS(match_columns(A, first_columns(W, 2), Signs::fixed), std::invalid_argument);
  W(0, 0) = NAN;
  CHECK_THROWS_AS(match_columns(W, A, Signs::fixed), std::invalid_argument);
}

TEST_CASE("gates: wrong ones on and off are counted after the permutation") {
  const Array64 A = data::dct_dictionary(3, 3);
  Matching swapped = identity_matching(A, A, Signs::fixed);
  swapped.column_of_atom = {1, 0, 2};
  // four samples with the atoms {0, 1}, {0, 2}, {1, 2}, {0, 1}
  const std::uint32_t support[] = {0, 1, 0, 2, 2, 1, 1, 0};
  Array codes = filled({4, 3}, 0);
  codes(0, 0) = codes(0, 1) = 1;                // right
  codes(1, 0) = codes(1, 2) = -2;               // unit 1 missed, unit 0 raised
  codes(2, 0) = codes(2, 1) = codes(2, 2) = 3;  // unit 1 raised
  codes(3, 1) = Real(1e-3);                     // unit 0 missed
  const GateErrors errors = gate_errors(borrow(codes), support, 2, swapped);
  CHECK(errors.consistency == 0.25);
  CHECK(errors.missed == 0.25);  // 2 of 8
  CHECK(errors.raised == 0.5);   // 2 of 4
  CHECK(dead_units(borrow(codes)) == 0);
  codes.fill(0);
  CHECK(dead_units(borrow(codes)) == 3);
  CHECK_THROWS_AS(gate_errors(borrow(codes), support, 3, swapped), std::invalid_argument);
}

TEST_CASE("contraction: the floor is removed in squares") {
  std::vector<double> distances;
  for (int s = 0; s < 30; ++s) distances.push_back(std::hypot(0.02, 0.5 * std::pow(0.6, s)));
  const double floor = final_distance(distances);
  CHECK(floor == doctest::Approx(0.02).epsilon(1e-3));
  const auto contraction = floor_removed_contraction(distances, 0.02);
  REQUIRE(contraction.size() == 29);
  for (std::size_t s = 0; s < 10; ++s) CHECK(contraction[s] == doctest::Approx(0.6));
  CHECK(std::isnan(floor_removed_contraction({0.5, 0.02}, 0.02)[0]));
  CHECK_THROWS_AS(final_distance({1, 2}), std::invalid_argument);
}
