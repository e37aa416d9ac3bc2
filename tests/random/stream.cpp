#include <hourglass/core/parallel.hpp>
#include <hourglass/random/stream.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

const Stream stream{.seed = 0x123456789abcdef0, .id = 42};
constexpr std::uint64_t step = (std::uint64_t{7} << 40) + 5;

Array normals(const Stream& s, std::uint64_t at, std::size_t first_row, Shape shape) {
  Array out = filled(shape, 99);
  s.normals(at, first_row, out);
  return out;
}
Array normals(std::size_t first_row, Shape shape) {
  return normals(stream, step, first_row, shape);
}
Array uniforms(std::size_t first_row, Shape shape) {
  Array out = filled(shape, 99);
  stream.uniforms(step, first_row, out);
  return out;
}

// Bit for bit; == on Arrays would also broadcast.
bool same(const Array& a, const Array& b) {
  return shape_of(a) == shape_of(b) && std::equal(a.begin(), a.end(), b.begin());
}

// Rows and columns of the upper left corner are those of the smaller matrix.
bool is_corner(const Array& small, const Array& large) {
  for (std::size_t i = 0; i < small.shape()[0]; ++i)
    for (std::size_t j = 0; j < small.shape()[1]; ++j)
      if (small(i, j) != large(i, j)) return false;
  return true;
}

std::string message_of(auto&& action) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

struct ThreadsOf {  // restores the number of threads, whatever happens
  std::size_t before = threads();
  explicit ThreadsOf(std::size_t count) { set_threads(count); }
  ~ThreadsOf() { set_threads(before); }
};

}  // namespace

TEST_CASE("stream: a batch may be split anywhere") {
  for (const std::size_t columns : {1, 3, 16, 61, 500}) {
    const Array whole = normals(100, {23, columns});
    for (const std::size_t cut : {1, 7, 22}) {
      const Array top = normals(100, {cut, columns});
      const Array bottom = normals(100 + cut, {23 - cut, columns});
      CAPTURE(columns);
      CAPTURE(cut);
      CHECK(std::equal(top.begin(), top.end(), whole.begin()));
      CHECK(std::equal(bottom.begin(), bottom.end(), whole.begin() + cut * columns));
    }
  }
}

TEST_CASE("stream: a number does not depend on how many columns there are") {
  const Array normal = normals(3, {5, 300});
  const Array uniform = uniforms(3, {5, 300});
  bool narrow_is_corner = true;
  for (std::size_t rows : {1, 2, 5})
    for (std::size_t columns = 1; columns < 300; ++columns) {
      narrow_is_corner &= is_corner(normals(3, {rows, columns}), normal);
      narrow_is_corner &= is_corner(uniforms(3, {rows, columns}), uniform);
    }
  CHECK(narrow_is_corner);
}

TEST_CASE("stream: the number of threads changes nothing") {
  for (const Shape shape : {Shape{1001, 67}, Shape{40000, 1}, Shape{3, 20011}, Shape{1, 50000}}) {
    CAPTURE(shape.str());
    const Array x = filled(shape, Real(0.25));
    Array one_sum = empty(shape), two_sum = empty(shape);
    const ThreadsOf one(1);
    const Array one_normal = normals(9, shape), one_uniform = uniforms(9, shape);
    stream.add_normals(step, 9, borrow(x), Real(0.7), one_sum);
    for (const std::size_t count : {2, 3}) {
      const ThreadsOf more(count);
      CHECK(same(normals(9, shape), one_normal));
      CHECK(same(uniforms(9, shape), one_uniform));
      stream.add_normals(step, 9, borrow(x), Real(0.7), two_sum);
      CHECK(same(two_sum, one_sum));
    }
  }
}

TEST_CASE("stream: large fills, cut into chunks, equal their rows filled alone") {
  const Array whole = normals(50, {700, 70});
  bool equal = true;
  for (std::size_t r = 0; r < 700; ++r) {
    const Array row = normals(50 + r, {1, 70});
    equal &= std::equal(row.begin(), row.end(), whole.begin() + r * 70);
  }
  CHECK(equal);
}

TEST_CASE("stream: one number has the bits that the fills give it") {
  for (const Shape shape : {Shape{1, 1}, Shape{4, 7}, Shape{3, 150}}) {
    const Array normal = normals(11, shape), uniform = uniforms(11, shape);
    bool equal = true;
    for (std::size_t i = 0; i < shape.rows; ++i)
      for (std::size_t j = 0; j < shape.columns; ++j)
        equal &= stream.normal(step, 11 + i, j) == normal(i, j) &&
                 stream.uniform(step, 11 + i, j) == uniform(i, j);
    CAPTURE(shape.str());
    CHECK(equal);
  }
}

TEST_CASE("stream: add_normals equals, bit for bit, the steps it replaces") {
  for (const Shape shape : {Shape{1, 1}, Shape{1, 500}, Shape{30, 5}, Shape{9, 157}}) {
    const Real deviation = Real(0.3);
    const Array x = uniforms(0, shape);
    Array scaled = normals(2, shape), sum = empty(shape), expected = empty(shape);
    // two loops: the compiler must not fuse the product into the sum
    for (Real& n : scaled) n *= deviation;
    std::transform(x.begin(), x.end(), scaled.begin(), expected.begin(), std::plus<Real>());
    stream.add_normals(step, 2, borrow(x), deviation, sum);
    CAPTURE(shape.str());
    CHECK(same(sum, expected));
    Array in_place = x;
    stream.add_normals(step, 2, borrow(in_place), deviation, in_place);
    CHECK(same(in_place, expected));
  }
}

TEST_CASE("stream: the shape is kept, and empty matrices are fine") {
  CHECK(shape_of(normals(0, {3, 5})) == Shape{3, 5});
  for (const Shape shape : {Shape{0, 5}, Shape{5, 0}, Shape{0, 0}}) {
    Array none = empty(shape);
    CHECK_NOTHROW(stream.normals(step, 0, none));
    CHECK_NOTHROW(stream.add_normals(step, 0, borrow(none), 1, none));
  }
}

TEST_CASE("stream: seed, id and step, in all their bits, give other numbers") {
  const Array base = normals(0, {1, 16});
  for (int bit = 0; bit < 64; ++bit) {
    const Stream other{stream.seed ^ std::uint64_t{1} << bit, stream.id};
    CHECK_FALSE(same(normals(other, step, 0, {1, 16}), base));
  }
  for (int bit = 0; bit < 16; ++bit)
    CHECK_FALSE(same(normals({stream.seed, stream.id ^ 1u << bit}, step, 0, {1, 16}), base));
  for (int bit = 0; bit < 48; ++bit)
    CHECK_FALSE(same(normals(stream, step ^ std::uint64_t{1} << bit, 0, {1, 16}), base));
  for (int bit = 0; bit < 32; ++bit)
    CHECK_FALSE(same(normals(stream, step, std::size_t{1} << bit, {1, 16}), base));
  CHECK(same(normals(stream, step, 0, {1, 16}), base));
}

TEST_CASE("stream: arguments at their limits work") {
  const Stream last{.seed = ~0ull, .id = 65535};
  const std::uint64_t last_step = (std::uint64_t{1} << 48) - 1;
  const std::size_t last_row = (std::size_t{1} << 32) - 1;
  const std::size_t last_column = (std::size_t{1} << 33) - 1;
  const Array corner = normals(last, last_step, last_row - 1, {2, 3});
  CHECK(corner(1, 2) == last.normal(last_step, last_row, 2));
  CHECK(last.uniform(last_step, last_row, last_column) !=
        last.uniform(last_step, last_row, last_column - 1));
}

TEST_CASE("stream: arguments beyond their limits throw and say which") {
  Array out = filled({2, 2}, 0), wide = filled({2, 3}, 0);
  const std::size_t rows = std::size_t{1} << 32, columns = std::size_t{1} << 33;
  CHECK(message_of([&] {
          Stream{1, 65536}.normals(0, 0, out);
        }) == "Stream: id 65536 is not below 65536");
  CHECK(message_of([&] { stream.normals(std::uint64_t{1} << 48, 0, out); }) ==
        "Stream: step 281474976710656 is not below 281474976710656");
  CHECK(message_of([&] { stream.uniforms(0, rows - 1, out); }) ==
        "Stream: row 4294967296 is not below 4294967296");
  CHECK(message_of([&] { stream.add_normals(0, 0, borrow(wide), 1, out); }) ==
        "Stream::add_normals: x (2x3) and out (2x2) do not match");
  CHECK_THROWS_AS(stream.normals(0, ~std::size_t{0}, out), std::invalid_argument);
  CHECK_THROWS_AS(stream.normal(0, rows, 0), std::invalid_argument);
  CHECK_THROWS_AS(stream.normal(0, ~std::size_t{0}, 0), std::invalid_argument);
  CHECK_THROWS_AS(stream.uniform(0, 0, columns), std::invalid_argument);
  CHECK_THROWS_AS((Stream{1, 70000}.uniform(0, 0, 0)), std::invalid_argument);
  CHECK_THROWS_AS(stream.uniform(std::uint64_t{1} << 48, 0, 0), std::invalid_argument);
}
