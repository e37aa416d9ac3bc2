// Code consistency against samples and against enumeration.

#include <hourglass/data/dictionaries.hpp>
#include <hourglass/data/generative.hpp>
#include <hourglass/measure/matching.hpp>
#include <hourglass/theory/generative_consistency.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;

namespace {

// Gates that `on` says are on, of the pre-activations W^T x + b.
template <class On>
GateErrors measured(const GenerativeModel& model, const Array64& W, double b, On on) {
  GenerativeBatch batch;
  GenerativeSource(model).draw(0, 20000, batch);
  Array codes = to_real(product(to_double(batch.x), W));
  for (Real& h : codes) h = on(double(h) + b) ? Real(1) : Real(0);
  return gate_errors(borrow(codes), batch.support, model.k,
                     identity_matching(W, model.dictionary, Signs::fixed));
}

bool positive(double h) { return h > 0; }

// Five standard errors of a frequency over 20000 samples.
double error(double p) { return 5 * std::sqrt(std::max(p * (1 - p), 1e-4) / 20000); }

}  // namespace

TEST_CASE("consistency: a mixture with orthonormal centres, W = A") {
  for (const double sigma : {0.1, 0.2}) {
    const GenerativeModel model{
        .dictionary = data::orthonormal_dictionary(20, 12, 3), .sigma = sigma, .seed = 4};
    const auto predicted = mixture_consistency(12, sigma, -0.4);
    const double found = measured(model, model.dictionary, -0.4, positive).consistency;
    CHECK(std::abs(found - predicted.probability) < error(predicted.probability));
    CHECK(predicted.union_lower_bound <= predicted.probability);
  }
  CHECK(mixture_consistency(12, 0, -0.4).probability == 1);
  CHECK(mixture_consistency(12, 0, 0.4).probability == 0);
  CHECK(mixture_consistency(12, 0.3, 40).probability == 0);
  CHECK(mixture_consistency(1, 0.3, -0.4).probability == doctest::Approx(0.977249868));
}

TEST_CASE("consistency: any four units, exactly; more of them by the product") {
  const GenerativeModel model{
      .dictionary = data::gaussian_dictionary(6, 4, 5), .sigma = 0.25, .seed = 6};
  const Array64 W = data::near_dictionary(model.dictionary, 0.4, 9);
  const auto predicted = mixture_consistency(W, model.dictionary, std::vector<double>(4, -0.4),
                                             std::vector<double>(4, 0.25), 0.25);
  const double found = measured(model, W, -0.4, positive).consistency;
  CHECK(std::abs(found - predicted.probability) < error(predicted.probability));
  CHECK(1 - predicted.union_failure_bound <= predicted.probability);

  // orthonormal columns: the product is exact, and quadrature must agree with it
  const Array64 A = data::dct_dictionary(4, 4);
  const auto exact =
      mixture_consistency(A, A, std::vector<double>(4, -0.5), std::vector<double>(4, 0.25), 0.3);
  CHECK(exact.probability == doctest::Approx(exact.product_approximation).epsilon(1e-12));
  CHECK(exact.probability == doctest::Approx(mixture_consistency(4, 0.3, -0.5).probability));
  const Array64 B = data::dct_dictionary(5, 5);
  CHECK(std::isnan(
      mixture_consistency(B, B, std::vector<double>(5, -0.5), std::vector<double>(5, 0.2), 0.3)
          .probability));
}

TEST_CASE("consistency: two nearly parallel units, by integrating the angle between them") {
  // Both fields have mean 0: one is above 0 and the other below in a wedge of that angle; against
  // an integration with 40 digits.
  for (const auto& [angle, probability] : {std::pair(0.03, 5.77880e-3),
                                           {0.01, 1.6953e-3},
                                           {0.003, 4.865e-4},
                                           {0.001, 1.6016e-4},
                                           {1e-4, 1.59e-5}}) {
    const Array64 A{{1, std::cos(angle)}, {0, std::sin(angle)}};
    const auto found = mixture_consistency(A, A, {-1, -std::cos(angle)}, {0.5, 0.5}, 0.1);
    CHECK(found.probability == doctest::Approx(probability).epsilon(angle < 1e-3 ? 2e-3 : 1e-4));
  }
}

TEST_CASE("consistency: four units, a pair of them nearly parallel") {
  const GenerativeModel model{
      .dictionary = data::gaussian_dictionary(6, 4, 5), .sigma = 0.25, .seed = 6};
  Array64 W = data::near_dictionary(model.dictionary, 0.4, 9);
  for (std::size_t r = 0; r < 6; ++r) W(r, 3) = W(r, 2) + 1e-3 * double(r);
  const auto predicted = mixture_consistency(W, model.dictionary, std::vector<double>(4, -0.4),
                                             std::vector<double>(4, 0.25), 0.25);
  const double found = measured(model, W, -0.4, positive).consistency;
  CHECK(std::abs(found - predicted.probability) < error(predicted.probability));
}

TEST_CASE("consistency: signed codes, enumeration against samples without noise") {
  const GenerativeModel model{.dictionary = data::gaussian_dictionary(10, 7, 3),
                              .k = 2,
                              .law = CoefficientLaw::rademacher(),
                              .seed = 6};
  const auto counted = enumerated_consistency(model.dictionary, model.dictionary, 2, 0.5);
  CHECK(counted.total == 84);
  CHECK(counted.good > 0);
  CHECK(counted.good < 84);
  CHECK(counted.margin > 1e-5);
  const auto on = [](double h) { return std::abs(h) >= 0.5; };
  const double found = measured(model, model.dictionary, 0, on).consistency;
  CHECK(std::abs(found - counted.probability()) < error(counted.probability()));
}

TEST_CASE("consistency: estimates for signed codes near an orthonormal dictionary") {
  const GenerativeModel model{.dictionary = data::orthonormal_dictionary(64, 64, 1),
                              .k = 4,
                              .law = CoefficientLaw::rademacher(),
                              .sigma = 0.02,
                              .seed = 2};
  // measured .3891 against .3692 by the estimate, which is no bound (section 6.3)
  const Array64 W = data::near_dictionary(model.dictionary, 0.8, 3);
  const auto predicted = sparse_consistency(W, model.dictionary, 4, 0.02, 0.5);
  const auto on = [](double h) { return std::abs(h) >= 0.5; };
  const GateErrors found = measured(model, W, 0, on);
  CHECK(std::abs(found.consistency - predicted.probability) < 0.05);
  CHECK(found.missed == doctest::Approx(predicted.p_on).epsilon(0.05));
  CHECK(found.raised == doctest::Approx(predicted.p_off).epsilon(0.05));
  CHECK(1 - found.consistency <= predicted.failure_bound);
  CHECK(sparse_consistency(model.dictionary, model.dictionary, 4, 0, 0.5).probability == 1);
}

TEST_CASE("consistency: estimates for non-negative codes") {
  const GenerativeModel model{.dictionary = data::orthonormal_dictionary(64, 64, 1),
                              .k = 4,
                              .law = CoefficientLaw::uniform(1, 2),
                              .sigma = 0.02,
                              .seed = 2};
  for (const auto& [delta, b] : {std::pair(0.2, -0.35), {0.2, -0.2}, {0.3, -0.35}, {0.5, -0.6}}) {
    const Array64 W = data::near_dictionary(model.dictionary, delta, 3);
    const auto predicted =
        nonnegative_consistency(W, model.dictionary, std::vector<double>(64, b), 4, 1, 2, 0.02);
    const GateErrors found = measured(model, W, b, positive);
    CHECK(std::abs(found.consistency - predicted.probability) < 0.03);
  }
}

TEST_CASE("consistency: outside the domain the reason is given") {
  const Array64 A = data::dct_dictionary(30, 30);
  const std::vector<double> b(30, -0.5), pi(30, 1.0 / 30);
  CHECK_THROWS_AS(mixture_consistency(0, 0.1, -0.5), std::domain_error);
  CHECK_THROWS_AS(mixture_consistency(A, A, b, pi, 0), std::domain_error);
  CHECK_THROWS_AS(enumerated_consistency(A, A, 12, 0.5), std::domain_error);
  CHECK_THROWS_AS(enumerated_consistency(A, A, 2, 0), std::domain_error);
  CHECK_THROWS_AS(sparse_consistency(A, A, 2, -1, 0.5), std::domain_error);
  CHECK_THROWS_AS(nonnegative_consistency(A, A, b, 2, 2, 1, 0.1), std::domain_error);
}
