#include <hourglass/data/dataset.hpp>
#include <hourglass/data/shuffle.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

using Rows = std::vector<std::uint32_t>;

// Row r holds 2 r, 2 r + 1.
Dataset counting(std::size_t rows) {
  Dataset dataset{"counting", empty({rows, 2}), "sum"};
  for (std::size_t k = 0; k < 2 * rows; ++k) dataset.x.data()[k] = static_cast<Real>(k);
  return dataset;
}

Rows order(Shuffle& shuffle, std::uint64_t epoch) {
  const auto found = shuffle.order(epoch);
  return {found.begin(), found.end()};
}

Rows first_of_each(const Array& x) {
  Rows rows;
  for (std::size_t r = 0; r < shape_of(x).rows; ++r)
    rows.push_back(static_cast<std::uint32_t>(x(r, 0)) / 2);
  return rows;
}

}  // namespace

TEST_CASE("an epoch's order is a permutation, and a function of seed and epoch alone") {
  Shuffle a(1000, {1, 2}), b(1000, {1, 2}), c(1000, {2, 2});
  const Rows third = order(a, 3);
  Rows sorted = third;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t k = 0; k < 1000; ++k) REQUIRE(sorted[k] == k);
  order(b, 7);
  CHECK(order(b, 3) == third);
  CHECK(order(a, 4) != third);
  CHECK(order(c, 3) != third);
  Shuffle one(1, {1, 2});
  CHECK(order(one, 0) == Rows{0});
  CHECK_THROWS_AS(Shuffle(0, {1, 2}), std::invalid_argument);
}

TEST_CASE("all orders of four rows come equally often") {
  Shuffle shuffle(4, {5, 0});
  constexpr int epochs = 24000;
  std::map<Rows, int> counts;
  for (int epoch = 0; epoch < epochs; ++epoch) ++counts[order(shuffle, epoch)];
  REQUIRE(counts.size() == 24);
  double chi2 = 0;
  for (const auto& [rows, count] : counts) chi2 += std::pow(count - epochs / 24, 2) / (epochs / 24);
  // 23 degrees of freedom: mean 23, and once in 10^5 above 66
  CHECK(chi2 < 66);
  CHECK(chi2 > 4);
}

TEST_CASE("shuffled batches hold every row once an epoch") {
  const Dataset dataset = counting(103);
  for (const std::size_t size : {1, 10, 52, 103, 0, 500}) {
    ShuffledBatches batches(dataset, size, {3, 1});
    for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
      std::set<std::uint32_t> seen;
      std::size_t next = 0;
      for (std::uint64_t k = 0; k < batches.per_epoch(); ++k) {
        const Batch batch = batches.batch(epoch * batches.per_epoch() + k);
        const auto rows = batches.rows();
        REQUIRE(shape_of(batch.x) == Shape{rows.size(), 2});
        if (size > 0) CHECK(rows.size() <= size);
        CHECK(batch.first_row == next);
        next += rows.size();
        for (std::size_t r = 0; r < rows.size(); ++r) {
          CHECK(batch.x(r, 0) == static_cast<Real>(2 * rows[r]));
          CHECK(batch.x(r, 1) == static_cast<Real>(2 * rows[r] + 1));
          seen.insert(rows[r]);
        }
      }
      CHECK(seen.size() == 103);
    }
  }
}

TEST_CASE("a run can begin at any step, and epochs differ") {
  const Dataset dataset = counting(50);
  ShuffledBatches whole(dataset, 8, {3, 1}), resumed(dataset, 8, {3, 1});
  std::vector<Rows> seen;
  for (std::uint64_t step = 0; step < 20; ++step) {
    whole.batch(step);
    seen.emplace_back(whole.rows().begin(), whole.rows().end());
  }
  for (std::uint64_t step = 11; step < 20; ++step) {
    resumed.batch(step);
    CHECK(std::equal(resumed.rows().begin(), resumed.rows().end(), seen[step].begin(),
                     seen[step].end()));
  }
  CHECK(seen[0] != seen[7]);
}

TEST_CASE("gathering checks what it copies") {
  const Dataset dataset = counting(3);
  Array out = empty({2, 2});
  const std::span<Real> numbers(out.data(), out.size());
  const Rows good{2, 0}, beyond{0, 3}, three{0, 1, 2};
  data::gather(dataset.x, good, numbers);
  CHECK(first_of_each(out) == good);
  CHECK_THROWS_AS(data::gather(dataset.x, beyond, numbers), std::invalid_argument);
  CHECK_THROWS_AS(data::gather(dataset.x, three, numbers), std::invalid_argument);
}

TEST_CASE("a split parts the rows, deterministically, and keeps their order") {
  const Dataset dataset = counting(101);
  const Split a = data::split(dataset, 0.1, 7), b = data::split(dataset, 0.1, 7);
  CHECK(a.training.name == "counting, training part");
  CHECK(a.validation.name == "counting, validation part");
  Rows training = first_of_each(a.training.x), validation = first_of_each(a.validation.x);
  CHECK(training.size() == 91);
  CHECK(validation.size() == 10);
  CHECK(std::is_sorted(training.begin(), training.end()));
  CHECK(std::is_sorted(validation.begin(), validation.end()));
  std::set<std::uint32_t> all(training.begin(), training.end());
  all.insert(validation.begin(), validation.end());
  CHECK(all.size() == 101);
  CHECK(b.validation.x == a.validation.x);
  CHECK(data::split(dataset, 0.1, 8).validation.x != a.validation.x);
  CHECK(validation.front() + 10 != 101);  // not the tail
}

TEST_CASE("a split can take the tail, one row or none, but not all") {
  const Dataset dataset = counting(10);
  const Split tail = data::split(dataset, 0.25, 7, Held::tail);
  CHECK(first_of_each(tail.validation.x) == Rows{7, 8, 9});
  CHECK(data::split(dataset, 0.001, 7).validation.samples() == 1);
  CHECK(data::split(dataset, 0, 7).validation.samples() == 0);
  CHECK(data::split(dataset, 0, 7).training.x == dataset.x);
  CHECK_THROWS_AS(data::split(dataset, 1, 7), std::invalid_argument);
  CHECK_THROWS_AS(data::split(dataset, -0.1, 7), std::invalid_argument);
  CHECK_THROWS_AS(data::split(dataset, 0.99, 7), std::invalid_argument);
}
