#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/dictionaries.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// Largest difference of op(A) A from factor times the identity.
double from_identity(const Array64& A, bool rows, double factor) {
  const Array64 square = kernels::product(A, A, !rows, rows);
  double worst = 0;
  for (std::size_t i = 0; i < shape_of(square).rows; ++i)
    for (std::size_t j = 0; j < shape_of(square).rows; ++j)
      worst = std::max(worst, std::abs(square(i, j) - (i == j ? factor : 0)));
  return worst;
}

double worst_norm(const Array64& A) {
  double worst = 0;
  for (std::size_t j = 0; j < shape_of(A).columns; ++j) {
    double squared = 0;
    for (std::size_t r = 0; r < shape_of(A).rows; ++r) squared += A(r, j) * A(r, j);
    worst = std::max(worst, std::abs(squared - 1));
  }
  return worst;
}

}  // namespace

TEST_CASE("dictionaries: orthonormal ones are, and belong to their seed") {
  for (const Shape shape : {Shape{1, 1}, Shape{16, 16}, Shape{64, 20}}) {
    const Array64 A = data::orthonormal_dictionary(shape.rows, shape.columns, 4);
    CHECK(from_identity(A, false, 1) < 1e-13);
    CHECK(from_identity(data::dct_dictionary(shape.rows, shape.columns), false, 1) < 1e-13);
    CHECK(data::orthonormal_dictionary(shape.rows, shape.columns, 4) == A);
  }
  CHECK(data::orthonormal_dictionary(5, 5, 1) != data::orthonormal_dictionary(5, 5, 2));
}

TEST_CASE("dictionaries: unit-norm tight frames are both") {
  for (const Shape shape : {Shape{2, 3}, Shape{4, 7}, Shape{16, 16}, Shape{20, 64}})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Array64 A = data::tight_frame_dictionary(shape.rows, shape.columns, seed);
      CHECK(worst_norm(A) < 1e-13);
      CHECK(from_identity(A, true, double(shape.columns) / double(shape.rows)) < 1e-12);
    }
}

TEST_CASE("dictionaries: normal columns have norm 1 and overlaps of 1/sqrt(n)") {
  const Array64 A = data::gaussian_dictionary(64, 128, 9);
  CHECK(worst_norm(A) < 1e-14);
  // mean of 8128 squared overlaps, each with a standard deviation of sqrt(2)/64
  CHECK(std::abs(data::coherence(A).mean_square - 1.0 / 64) < 5 * std::sqrt(2.0 / 8128) / 64);
  CHECK(data::coherence(A).largest < 0.65);
}

TEST_CASE("dictionaries: starts lie at the distance asked for, with norm 1") {
  const Array64 A = data::gaussian_dictionary(10, 6, 1);
  for (const double delta : {0.0, 1e-9, 0.3, 1.5, 2.0}) {
    const Array64 W = data::near_dictionary(A, delta, 7);
    CHECK(worst_norm(W) < 1e-14);
    for (std::size_t j = 0; j < 6; ++j) {
      double squared = 0;
      for (std::size_t r = 0; r < 10; ++r) squared += std::pow(W(r, j) - A(r, j), 2);
      CHECK(std::sqrt(squared) == doctest::Approx(delta).epsilon(1e-6));
    }
  }
  CHECK(data::near_dictionary(A, 0.3, 7) != data::near_dictionary(A, 0.3, 8));
}

TEST_CASE("dictionaries: sizes that a construction does not have are refused") {
  CHECK_THROWS_AS(data::orthonormal_dictionary(3, 4, 0), std::invalid_argument);
  CHECK_THROWS_AS(data::dct_dictionary(3, 4), std::invalid_argument);
  CHECK_THROWS_AS(data::identity_hadamard_dictionary(12), std::invalid_argument);
  CHECK_THROWS_AS(data::identity_hadamard_dictionary(0), std::invalid_argument);
  CHECK_THROWS_AS(data::tight_frame_dictionary(4, 3, 0), std::invalid_argument);
  CHECK_THROWS_AS(data::gaussian_dictionary(0, 3, 0), std::invalid_argument);
  const Array64 A = data::dct_dictionary(3, 3);
  CHECK_THROWS_AS(data::near_dictionary(A, 2.1, 0), std::invalid_argument);
  CHECK_THROWS_AS(data::near_dictionary(A, -0.1, 0), std::invalid_argument);
  CHECK_THROWS_AS(data::near_dictionary(A, 0.1, data::dct_dictionary(3, 2)), std::invalid_argument);
  CHECK_THROWS_AS(data::near_dictionary(A, 0.1, A), std::invalid_argument);
  const Array64 B = data::gaussian_dictionary(7, 9, 3);
  CHECK_THROWS_AS(data::near_dictionary(B, 0.1, B), std::invalid_argument);
}
