#include <hourglass/core/array.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("array: shapes, views and reshaping") {
  Array x = filled({2, 3}, 4);
  CHECK(shape_of(x).str() == "2x3");
  const View second_row = borrow(x.data() + 3, {1, 3});
  x(1, 2) = 9;
  CHECK(second_row(0, 2) == 9);
  const Real* before = x.data();
  resize(x, {2, 3});
  CHECK(x.data() == before);
  resize(x, {1, 2});
  CHECK(shape_of(x) == Shape{1, 2});
  CHECK(scalar(3)(0, 0) == 3);
}
