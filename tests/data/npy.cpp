#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

template <class T>
std::string raw(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T));
}

std::string header(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }   \n";
}

}  // namespace

TEST_CASE("NPY arrays of each kind and version are read") {
  const TemporaryFolder folder;
  for (const int version : {1, 2, 3})
    for (const bool compressed : {false, true}) {
      const auto read = [&](const std::string& content) {
        return data::read_npy(write(folder, "x.npy", content, compressed)).x;
      };
      const Array f8 =
          read(npy(header("<f8", "(2, 3)"), raw<double>({1, 2, 3, 4, 5, -6.5}), version));
      REQUIRE(shape_of(f8) == Shape{2, 3});
      CHECK(f8(0, 2) == 3);
      CHECK(f8(1, 2) == Real(-6.5));
      const Array f4 = read(npy(header("<f4", "(1, 2)"), raw<float>({0.5f, 0.25f}), version));
      REQUIRE(shape_of(f4) == Shape{1, 2});
      CHECK(f4(0, 1) == Real(0.25));
      const Array u1 = read(npy(header("|u1", "(2, 1)"), bytes({255, 51}), version));
      CHECK(u1(0, 0) == Real{1});
      CHECK(u1(1, 0) == doctest::Approx(0.2));
    }
}

TEST_CASE("NPY: bytes have no order, and Python 2 wrote an L after its sizes") {
  const TemporaryFolder folder;
  for (const char* descr : {"|u1", "<u1", ">u1"})
    for (const char* shape : {"(2L, 3L)", "(2L,3L,)", "(2, 3)"}) {
      const auto file =
          folder.write("x", npy(header(descr, shape), bytes({0, 51, 102, 153, 204, 255})));
      const Array x = data::read_npy(file).x;
      REQUIRE(shape_of(x) == Shape{2, 3});
      CHECK(x(1, 2) == 1);
    }
}

TEST_CASE("NPY numbers beyond the range of Real are refused as such, and smaller ones become 0") {
  const TemporaryFolder folder;
  const auto read = [&](double value) {
    return data::read_npy(folder.write("x", npy(header("<f8", "(1, 2)"), raw<double>({1, value}))))
        .x;
  };
  CHECK(read(1e-320)(0, 1) == static_cast<Real>(1e-320));
  const std::string place = "row 1, column 2: found ";
  CHECK_THROWS_WITH_AS(read(NAN), doctest::Contains((place + "nan, expected a finite").c_str()),
                       InputError);
  if constexpr (sizeof(Real) == 8)
    CHECK(read(1e300)(0, 1) == static_cast<Real>(1e300));
  else
    CHECK_THROWS_WITH_AS(
        read(1e39), doctest::Contains((place + "1e+39, expected a number within single").c_str()),
        InputError);
}

TEST_CASE("NPY: the first dimension counts samples, the others are flattened") {
  const TemporaryFolder folder;
  const auto shape = [&](const std::string& text, std::size_t samples = 0) {
    return shape_of(
        data::read_npy(folder.write("x", npy(header("|u1", text), "12345678")), samples).x);
  };
  CHECK(shape("(8,)") == Shape{8, 1});
  CHECK(shape("(2, 4)") == Shape{2, 4});
  CHECK(shape("(2, 2, 2)") == Shape{2, 4});
  CHECK(shape("(4,2,1)", 3) == Shape{3, 2});
  CHECK_THROWS_WITH_AS(shape("(8,)", 9), doctest::Contains("samples: found 8, asked for 9"),
                       InputError);
}

TEST_CASE("what is written as NPY is read back bit by bit, and is laid out as NumPy expects") {
  const TemporaryFolder folder;
  Array x = empty({3, 2});
  for (std::size_t k = 0; k < 6; ++k) x.data()[k] = Real(1) / static_cast<Real>(k + 3);
  const auto file = folder.path() / "made/x.npy";
  data::write_npy(file, x);
  CHECK(data::read_npy(file).x == x);

  std::ifstream in(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  const std::string digit = sizeof(Real) == 4 ? "4" : "8";
  CHECK(content.substr(0, 10) == "\x93NUMPY" + bytes({1, 0, 118, 0}));
  CHECK(content.substr(10, 61) ==
        "{'descr': '<f" + digit + "', 'fortran_order': False, 'shape': (3, 2), }  ");
  CHECK(content[127] == '\n');
  CHECK(content.size() == 128 + 6 * sizeof(Real));
}
