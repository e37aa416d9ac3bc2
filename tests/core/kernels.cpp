#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/spectral.hpp>

#include <cmath>
#include <random>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array64 random64(Shape shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  Array64 x = empty64(shape);
  for (double& entry : x) entry = normal(engine);
  return x;
}

double entry(const Array64& a, const Array64& b, bool ta, bool tb, std::size_t i, std::size_t j) {
  const std::size_t inner = ta ? a.shape()[0] : a.shape()[1];
  double total = 0;
  for (std::size_t k = 0; k < inner; ++k)
    total += (ta ? a(k, i) : a(i, k)) * (tb ? b(j, k) : b(k, j));
  return total;
}

}  // namespace

TEST_CASE("kernels: products with every transposition") {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      const Array64 a = random64(ta ? Shape{7, 3} : Shape{3, 7}, 1);
      const Array64 b = random64(tb ? Shape{5, 7} : Shape{7, 5}, 2);
      const Array64 c = kernels::product(a, b, ta, tb);
      REQUIRE(shape_of(c) == Shape{3, 5});
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 5; ++j)
          CHECK(c(i, j) == doctest::Approx(entry(a, b, ta, tb, i, j)));
    }
  CHECK_THROWS_AS(kernels::product(random64({2, 3}, 1), random64({2, 3}, 2)),
                  std::invalid_argument);
}

TEST_CASE("kernels: a product cut into panels is right, and the same for 1 and 2 threads") {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      for (const Shape outer : {Shape{700, 300}, Shape{300, 700}}) {
        const Array64 a = random64(ta ? Shape{200, outer.rows} : Shape{outer.rows, 200}, 3);
        const Array64 b = random64(tb ? Shape{outer.columns, 200} : Shape{200, outer.columns}, 4);
        const Array64 one = kernels::product(a, b, ta, tb);
        set_threads(2);
        const Array64 two = kernels::product(a, b, ta, tb);
        set_threads(1);
        CHECK(one == two);
        for (const std::size_t i : {0u, 149u, 299u})
          CHECK(one(i, i) == doctest::Approx(entry(a, b, ta, tb, i, i)));
        const std::size_t r = outer.rows - 1, c = outer.columns - 1;
        CHECK(one(r, c) == doctest::Approx(entry(a, b, ta, tb, r, c)));
      }
}

TEST_CASE("kernels: small products of every shape, accumulated or not") {
  for (std::size_t m = 1; m <= 5; ++m)
    for (std::size_t n = 1; n <= 6; ++n)
      for (const std::size_t k : {1u, 2u, 3u, 4u, 5u, 9u, 40u})
        for (const bool ta : {false, true})
          for (const bool tb : {false, true}) {
            const Array64 a = random64(ta ? Shape{k, m} : Shape{m, k}, 1);
            const Array64 b = random64(tb ? Shape{n, k} : Shape{k, n}, 2);
            Array64 fresh = empty64({m, n}), added = empty64({m, n});
            fresh.fill(NAN);  // must not be read
            added.fill(3);
            const kernels::Operand<double> left{a.data(), shape_of(a), ta};
            const kernels::Operand<double> right{b.data(), shape_of(b), tb};
            kernels::gemm(2.0, left, right, 0.0, fresh.data());
            kernels::gemm(2.0, left, right, -1.0, added.data());
            for (std::size_t i = 0; i < m; ++i)
              for (std::size_t j = 0; j < n; ++j) {
                const double exact = 2 * entry(a, b, ta, tb, i, j);
                REQUIRE(fresh(i, j) == doctest::Approx(exact).epsilon(1e-12));
                REQUIRE(added(i, j) == doctest::Approx(exact - 3).epsilon(1e-12));
              }
          }
}

TEST_CASE("kernels: gemm accumulates") {
  const Array a = filled({2, 3}, 1), b = filled({3, 2}, 2);
  Array out = filled({2, 2}, 5);
  kernels::gemm<Real>(2, {a.data(), {2, 3}}, {b.data(), {3, 2}}, 1, out.data());
  CHECK(out == filled({2, 2}, 17));
}

TEST_CASE("kernels: sums stay accurate for many terms") {
  const std::size_t n = 1000003;
  Array x = empty({1, n}), y = empty({1, n});
  long double exact = 0, exact_dot = 0, exact_distance = 0;  // the plain sum in double is no better
  for (std::size_t i = 0; i < n; ++i) {
    x(0, i) = static_cast<Real>(1 + double(i % 7) / 3);
    y(0, i) = static_cast<Real>(0.1 * double(i % 5));
    exact += double(x(0, i));
    exact_dot += double(x(0, i)) * double(y(0, i));
    exact_distance += std::pow(double(x(0, i)) - double(y(0, i)), 2);
  }
  const double epsilon = sizeof(Real) == 4 ? 1e-6 : 1e-13;
  CHECK(kernels::sum(x.data(), n) == doctest::Approx(double(exact)).epsilon(epsilon));
  CHECK(kernels::dot(x.data(), y.data(), n) == doctest::Approx(double(exact_dot)).epsilon(epsilon));
  CHECK(kernels::squared_distance(x.data(), y.data(), n) ==
        doctest::Approx(double(exact_distance)).epsilon(epsilon));
}

extern "C" int openblas_get_num_threads(void);
extern "C" void openblas_set_num_threads(int count);

TEST_CASE(
    "kernels: the program's number of OpenBLAS threads is left as it is, and changes nothing") {
  const int before = openblas_get_num_threads();
  const Array64 a = random64({300, 200}, 1), b = random64({200, 250}, 2);
  const Array64 square = kernels::product(a, a, true, false);
  openblas_set_num_threads(1);
  const Array64 one = kernels::product(a, b);
  const Eigenpairs one_spectrum = eigh(square);
  openblas_set_num_threads(2);
  const int set = openblas_get_num_threads();  // 1 where OpenBLAS was built without threads
  CHECK(kernels::product(a, b) == one);
  CHECK(eigh(square).values == one_spectrum.values);
  CHECK(openblas_get_num_threads() == set);
  openblas_set_num_threads(before);
}
