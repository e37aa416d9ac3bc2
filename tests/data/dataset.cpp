#include <hourglass/data/dataset.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// 5 samples of 2 features: 0 1, 2 3, ...
Dataset counting() {
  Dataset dataset{"counting", empty({5, 2}), "sum"};
  for (std::size_t k = 0; k < 10; ++k) dataset.x.data()[k] = static_cast<Real>(k);
  return dataset;
}

// A temporary gives none: its rows would be gone.
template <class T>
concept GivesBatches = requires(T&& dataset) {
  std::forward<T>(dataset).batch(0, 1);
};
static_assert(GivesBatches<const Dataset&> && !GivesBatches<Dataset> &&
              !GivesBatches<const Dataset>);

}  // namespace

TEST_CASE("batches are views of consecutive rows, and cycle") {
  const Dataset dataset = counting();
  const std::size_t first[] = {0, 1, 3, 0, 1}, rows[] = {1, 2, 2, 1, 2};
  for (std::size_t step = 0; step < 5; ++step) {
    const Batch batch = dataset.batch(step, 2);
    CHECK(batch.first_row == first[step]);
    CHECK(shape_of(batch.x) == Shape{rows[step], 2});
    CHECK(batch.x.data() == dataset.x.data() + 2 * first[step]);
    CHECK(batch.x(0, 1) == static_cast<Real>(2 * first[step] + 1));
  }
}

TEST_CASE("batches of an epoch cover every row once and differ by at most one row") {
  Dataset dataset{"rows", filled({103, 1}, 0), ""};
  for (const std::size_t size : {1, 7, 50, 100, 102}) {
    std::size_t next = 0, smallest = 103, largest = 0;
    for (std::uint64_t step = 0; next < 103; ++step) {
      const Batch batch = dataset.batch(step, size);
      const std::size_t rows = shape_of(batch.x).rows;
      CHECK(batch.first_row == next);
      CHECK(rows <= size);
      next += rows;
      smallest = std::min(smallest, rows), largest = std::max(largest, rows);
    }
    CHECK(next == 103);
    CHECK(largest - smallest <= 1);
  }
}

TEST_CASE("batch size 0 or beyond the samples is the whole data set") {
  const Dataset dataset = counting();
  for (const std::size_t size : {0, 5, 6}) {
    const Batch batch = dataset.batch(7, size);
    CHECK(batch.first_row == 0);
    CHECK(batch.x.data() == dataset.x.data());
    CHECK(shape_of(batch.x) == Shape{5, 2});
  }
}

TEST_CASE("steps beyond 32 bits keep cycling") {
  const Dataset dataset = counting();
  CHECK(dataset.batch(std::uint64_t{3} << 40, 2).first_row == 0);
  CHECK(dataset.batch((std::uint64_t{3} << 40) + 1, 2).first_row == 1);
}

TEST_CASE("centring removes the means of the features") {
  Dataset dataset = counting();
  data::centre(dataset);
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t r = 0; r < 5; ++r)
      CHECK(dataset.x(r, c) == doctest::Approx(2.0 * static_cast<double>(r) - 4));
  CHECK(dataset.name == "counting, centred");
  CHECK(dataset.checksum == "sum");
}

TEST_CASE("scaling multiplies and says so") {
  Dataset dataset = counting();
  data::scale(dataset, 0.5);
  CHECK(dataset.x(4, 1) == Real{4.5});
  CHECK(dataset.name == "counting, scaled by 0.5");
  CHECK_THROWS_AS(data::scale(dataset, NAN), std::invalid_argument);
}
