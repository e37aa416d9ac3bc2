#include "../theory/enumerated_noise.hpp"
#include <hourglass/core/check.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/theory/expected_loss.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

struct Setting {
  Array x = empty({50, 5});
  Autoencoder model = linear_autoencoder(5, 3);
  Array64 moments;
  Setting() {
    Stream{.seed = 1}.normals(0, 0, x);
    for (std::size_t i = 0; i < 50; ++i)
      for (std::size_t j = 0; j < 5; ++j) x(i, j) *= static_cast<Real>(2.0 / double(j + 1));
    init::gaussian(model.parameters(), 0.6, {.seed = 2});
    Array64 wide = empty64(shape_of(x));
    std::copy(x.begin(), x.end(), wide.begin());
    moments = kernels::product(wide, wide, true, false);
    moments /= 50.0;
  }
  std::vector<double> means() const {
    std::vector<double> result(5);
    for (std::size_t i = 0; i < 50; ++i)
      for (std::size_t j = 0; j < 5; ++j) result[j] += double(x(i, j)) / 50;
    return result;
  }
  Parameter& w1() { return model.parameter("encoder.W"); }
  Parameter& w2() { return model.parameter("decoder.W"); }
};

double value_of(const std::function<Var(Tape&)>& loss) {
  Tape tape;
  tape.begin();
  return loss(tape).item();
}

constexpr double tight = sizeof(Real) == 4 ? 1e-5 : 1e-12;

}  // namespace

TEST_CASE("marginalised: without noise it is the loss over the samples, gradient included") {
  Setting s;
  const ExpectedLoss expected(s.moments, 0);
  Tape tape;
  tape.begin();
  const Var sampled = s.model.loss(tape, s.x);
  tape.backward(sampled);
  const double value = sampled.item();
  const Array g1 = s.w1().grad, g2 = s.w2().grad;
  tape.begin();
  const Var marginal = expected(tape, s.w1(), s.w2());
  tape.backward(marginal);
  CHECK(marginal.item() == doctest::Approx(value).epsilon(tight));
  for (std::size_t i = 0; i < g1.size(); ++i) {
    CHECK(s.w1().grad.data()[i] == doctest::Approx(g1.data()[i]).epsilon(100 * tight));
    CHECK(s.w2().grad.data()[i] == doctest::Approx(g2.data()[i]).epsilon(100 * tight));
  }
}

TEST_CASE("marginalised: gradients of first and second order") {
  Setting s;
  const ExpectedLoss expected(s.moments, 0.4);
  const GradientCheck check = check_gradients([&](Tape& t) { return expected(t, s.w1(), s.w2()); },
                                              s.model.parameters(), {.order = 2});
  CHECK_MESSAGE(check, check.worst);
}

namespace {

// The mean and the variance of many sampled losses, and the standard error of each.
struct Sampled {
  double mean, mean_error, variance, variance_error;
};

Sampled sample(Setting& s, const Noise& noise) {
  s.model.corrupt = noise;
  constexpr int draws = 4000;
  std::vector<double> losses;
  Tape tape;
  double mean = 0, second = 0, fourth = 0;
  for (int t = 0; t < draws; ++t) {
    tape.begin(std::uint64_t(t));
    losses.push_back(s.model.loss(tape, s.x).item());
    mean += losses.back() / draws;
  }
  for (const double loss : losses) {
    const double square = (loss - mean) * (loss - mean);
    second += square / draws, fourth += square * square / draws;
  }
  return {mean, std::sqrt(second / draws), second, std::sqrt((fourth - second * second) / draws)};
}

template <class Noise>
double marginal_of(Setting& s, const Noise& noise) {
  const ExpectedLoss loss = marginalised(noise, {s.moments, s.means()});
  return value_of([&](Tape& t) { return loss(t, s.w1(), s.w2()); });
}

template <class Noise>
void check_converges(Setting& s, const Noise& noise, double predicted_variance) {
  const Sampled sampled = sample(s, noise);
  CHECK(std::abs(sampled.mean - marginal_of(s, noise)) < 4 * sampled.mean_error);
  CHECK(std::abs(sampled.variance - predicted_variance) < 4 * sampled.variance_error);
  CHECK(sampled.variance_error < 0.05 * predicted_variance);
}

constexpr Stream stream{.seed = 7};

Array64 factor() {
  Array64 f = empty64({5, 2});
  for (std::size_t i = 0; i < 10; ++i) f.data()[i] = 0.4 * std::sin(double(i) + 1);
  return f;
}

}  // namespace

TEST_CASE("marginalised: the mean of sampled losses converges to it, with the predicted variance") {
  Setting s;
  const Array64 w1 = to_double(s.w1().value), w2 = to_double(s.w2().value), x = to_double(s.x);
  const auto predicted = [&](const theory::EntryNoise& noise) {
    return theory::sampled_loss_variance(x, w1, w2, noise);
  };
  const std::vector<double> variances{0.1, 0.5, 0, 1, 0.2};
  check_converges(s, GaussianNoise{0.4, stream},
                  theory::sampled_loss_variance(s.moments, w1, w2, 0.4, 50));
  check_converges(s, FeatureGaussianNoise(variances, stream),
                  predicted(theory::gaussian_entries(variances)));
  const Array64 covariance = kernels::product(factor(), factor(), false, true);
  check_converges(s, CorrelatedGaussianNoise(factor(), stream),
                  theory::sampled_loss_variance(s.moments, w1, w2, covariance, 50));
  for (const bool rescaled : {false, true})
    check_converges(s, MaskingNoise{0.3, rescaled, stream},
                    predicted(theory::masking_entries(0.3, rescaled)));
  check_converges(s, SaltAndPepper{0.3, -1, 2, stream},
                  predicted(theory::salt_and_pepper_entries(0.3, -1, 2)));
  check_converges(s, MultiplicativeNoise{0.3, stream},
                  predicted(theory::multiplicative_entries(0.3)));
}

TEST_CASE("marginalised: the mean over every outcome of the noise") {
  Setting s;
  const Array64 w1 = to_double(s.w1().value), w2 = to_double(s.w2().value), x = to_double(s.x);
  const auto mean = [&](const enumerated_noise::Outcomes& outcomes) {
    return doctest::Approx(enumerated_noise::loss_moments(x, w1, w2, outcomes).mean).epsilon(tight);
  };
  const std::vector<double> variances{0.1, 0.5, 0, 1, 0.2};
  CHECK(marginal_of(s, MaskingNoise{0.3}) == mean(enumerated_noise::masking(0.3, 1)));
  CHECK(marginal_of(s, MaskingNoise{0.3, true}) == mean(enumerated_noise::masking(0.3, 1 / 0.7)));
  for (const double p : {0.3, 1.0})
    CHECK(marginal_of(s, SaltAndPepper{p, -1, 2}) ==
          mean(enumerated_noise::salt_and_pepper(p, -1, 2)));
  CHECK(marginal_of(s, MultiplicativeNoise{0.3}) ==
        mean(enumerated_noise::normal([](double v, auto) { return 0.3 * v * v; })));
  CHECK(marginal_of(s, FeatureGaussianNoise(variances)) ==
        mean(enumerated_noise::normal([&](double, std::size_t j) { return variances[j]; })));
  const Array64 covariance = kernels::product(factor(), factor(), false, true);
  CHECK(marginal_of(s, CorrelatedGaussianNoise(factor())) ==
        doctest::Approx(
            theory::expected_loss(theory::additive_noise(s.moments, covariance), w1, w2, 0).loss)
            .epsilon(tight));
}

TEST_CASE("marginalised: the eigenbasis gives the same loss and the rotated gradient") {
  Setting s;
  const Eigenpairs pairs = eigh(s.moments);
  Parameter w1{"W1", filled({3, 5}, 0)}, w2{"W2", filled({5, 3}, 0)};
  const auto rotate = [&](const Array& encoder, const Array& decoder, Array& r1, Array& r2) {
    for (std::size_t h = 0; h < 3; ++h)
      for (std::size_t i = 0; i < 5; ++i) {
        double a = 0, b = 0;
        for (std::size_t d = 0; d < 5; ++d) {
          a += double(encoder(h, d)) * pairs.vectors(d, i);
          b += pairs.vectors(d, i) * double(decoder(d, h));
        }
        r1(h, i) = static_cast<Real>(a), r2(i, h) = static_cast<Real>(b);
      }
  };
  rotate(s.w1().value, s.w2().value, w1.value, w2.value);
  const EigenbasisLoss rotated(pairs.values, 0.4);
  const ExpectedLoss marginal(s.moments, 0.4);
  Tape tape;
  tape.begin();
  const Var expected = marginal(tape, s.w1(), s.w2());
  tape.backward(2.0 * expected);
  Array g1 = w1.value, g2 = w2.value;
  rotate(s.w1().grad, s.w2().grad, g1, g2);
  const double value = expected.item();
  tape.begin();
  const Var loss = rotated(tape, w1, w2);
  tape.backward(2.0 * loss);  // an incoming cotangent that is not 1
  CHECK(loss.item() == doctest::Approx(value).epsilon(tight));
  for (std::size_t i = 0; i < g1.size(); ++i) {
    CHECK(w1.grad.data()[i] == doctest::Approx(g1.data()[i]).epsilon(1000 * tight));
    CHECK(w2.grad.data()[i] == doctest::Approx(g2.data()[i]).epsilon(1000 * tight));
  }
}

TEST_CASE("marginalised: bad settings, and an eigenbasis loss evaluated twice before backward") {
  CHECK_THROWS_AS(ExpectedLoss(empty64({2, 3}), 0), std::invalid_argument);
  CHECK_THROWS_AS(EigenbasisLoss({1, 2}, NAN), std::invalid_argument);
  Array64 c = empty64({2, 2});
  c.fill(1);
  CHECK_THROWS_WITH_AS(marginalised(SaltAndPepper{0.1}, {c}),
                       "mean of the data: found 1x0, expected 1x2", std::invalid_argument);
  CHECK_THROWS_AS(marginalised(MaskingNoise{1}, {c}), std::invalid_argument);
  CHECK_THROWS_AS(marginalised(MultiplicativeNoise{-1}, {c}), std::invalid_argument);
  CHECK_THROWS_AS(marginalised(FeatureGaussianNoise({1, 1, 1}), {c}), std::invalid_argument);
  CHECK_THROWS_AS(marginalised(CorrelatedGaussianNoise(empty64({3, 1})), {c}),
                  std::invalid_argument);
  Parameter w1{"W1", filled({1, 2}, 1)}, w2{"W2", filled({2, 1}, 1)};
  const EigenbasisLoss loss({2, 1}, 0.5), copy = loss;
  Tape tape;
  tape.begin();
  const Var first = loss(tape, w1, w2);
  tape.backward(first + copy(tape, w1, w2));  // a copy has products of its own
  const Array gradient = w1.grad;
  tape.begin();
  tape.backward(2.0 * loss(tape, w1, w2));
  CHECK(w1.grad(0, 0) == doctest::Approx(gradient(0, 0)));
  tape.begin();
  const Var overwritten = loss(tape, w1, w2);
  CHECK_THROWS_AS(tape.backward(overwritten + loss(tape, w1, w2)), std::logic_error);
}

TEST_CASE("marginalised: the eigenbasis loss checks its shapes and says it is first-order") {
  Parameter w1{"W1", filled({2, 4}, 0)}, w2{"W2", filled({4, 2}, 0)};
  Tape tape;
  tape.begin();
  const EigenbasisLoss wrong({3, 2, 1}, 0), right({4, 3, 2, 1}, 0);
  CHECK_THROWS_WITH_AS(wrong(tape, w1, w2),
                       "eigenbasis_loss: W1 (2x4) and W2 (4x2) do not match 3 eigenvalues",
                       std::invalid_argument);
  const Var loss = right(tape, w1, w2);
  CHECK_THROWS_AS(tape.grad(loss, std::vector<Var>{tape.leaf(w1)}), std::logic_error);
}
