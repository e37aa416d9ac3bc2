#include <hourglass/core/kernels.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/model/layers.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/model/penalties.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <doctest/doctest.h>

// Every loss, penalty and norm where rounding and the range of numbers matter: near 0, near what
// makes it vanish, far out and saturated; value, gradient and second derivative against the plain
// formulas in a hundred digits.
using namespace hourglass;

namespace {

using Exact = boost::multiprecision::cpp_bin_float_100;

constexpr bool single = sizeof(Real) == sizeof(float);
constexpr double rounding = std::numeric_limits<Real>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();

// A function of a with a setting b, and the first two derivatives.
struct Taylor {
  Exact value, first, second;
};
struct Row {
  const char* name;
  std::function<Var(Tape& tape, Parameter& a, Var b)> loss;
  Taylor (*exact)(Exact a, Exact b);
  std::vector<std::pair<double, double>> at;
  // The sizes of the terms whose sum each is, where terms may cancel that are rounded already: what
  // a relative error refers to. Null: the result itself.
  Taylor (*terms)(Exact a, Exact b) = nullptr;
};

Taylor operator*(double c, const Taylor& t) { return {c * t.value, c * t.first, c * t.second}; }

Taylor square(Exact y, Exact x) { return {(y - x) * (y - x), 2 * (y - x), 2}; }
Taylor half_square(Exact y, Exact x) { return 0.5 * square(y, x); }

// the edges that cross_entropy moves probabilities to
const Exact low = Real(single ? 1e-6 : 1e-12), high = Real(1 - (single ? 1e-6 : 1e-12));
Taylor entropy(Exact p, Exact x) {
  const Exact q = p < low ? low : p > high ? high : p;
  const Exact value = -(x * log(q) + (1 - x) * log(1 - q));
  if (q != p) return {value, 0, 0};
  return {value, (1 - x) / (1 - p) - x / p, (1 - x) / ((1 - p) * (1 - p)) + x / (p * p)};
}
Taylor entropy_terms(Exact p, Exact x) {
  const Taylor t = entropy(p, x);
  return {t.value, t.first == 0 ? Exact(0) : Exact((1 - x) / (1 - p) + x / p), t.second};
}
Taylor logit_entropy(Exact y, Exact x) {
  const Exact s = 1 / (1 + exp(-y));
  return {log(1 + exp(y)) - x * y, s - x, s * (1 - s)};
}
Taylor logit_terms(Exact y, Exact x) {
  const Exact s = 1 / (1 + exp(-y));
  return {logit_entropy(y, x).value, (1 - x) * s + x * (1 - s), s * (1 - s)};
}
Taylor divergence(Exact m, Exact r) {
  return {r * log(r / m) + (1 - r) * log((1 - r) / (1 - m)), (1 - r) / (1 - m) - r / m,
          (1 - r) / ((1 - m) * (1 - m)) + r / (m * m)};
}
Taylor divergence_terms(Exact m, Exact r) {
  const Taylor t = divergence(m, r);
  return {t.value, (1 - r) / (1 - m) + r / m, t.second};
}
Taylor orthogonal(Exact w, Exact) {
  const Exact off = w * w - 1;
  return {off * off / 2, 2 * off * w, 6 * w * w - 2};
}
// w w is rounded before 1 is taken off
Taylor orthogonal_terms(Exact w, Exact b) {
  const Exact off = abs(w * w - 1) + rounding;
  return {off * (w * w + 1), 2 * abs(w) * (w * w + 1), orthogonal(w, b).second};
}
Taylor absolute(Exact w, Exact) { return {abs(w), w > 0 ? 1 : w < 0 ? -1 : 0, 0}; }

auto of_pair(const Loss& loss) {
  return [=](Tape& tape, Parameter& a, Var b) { return loss(tape.leaf(a), b); };
}
// Of a penalty on one number, which is its own code.
auto of_weight(const std::function<Penalty(double b)>& penalty) {
  return [=](Tape& tape, Parameter& a, Var b) {
    Parameter* all = &a;
    const Var zero = tape.constant(Real(0)), code = tape.leaf(a);
    return penalty(double(b.item()))({zero, Parameters(&all, 1), code, code});
  };
}

// Differences that rounding leaves exact, squares near both ends of the range.
const std::vector<std::pair<double, double>> differences = {
    {0, 0},        {1, 1},         {1 + 4 * rounding, 1}, {-1e-10, 0}, {1e-18, 3e-18},
    {1e17, -1e17}, {1e18, 1.5e18}, {-1e7, 1e7},           {.3, .7}};
const std::vector<std::pair<double, double>> probabilities = {
    {0, 0},  {0, 1},   {1, 1},   {1, 0},  {1e-5, 0}, {1e-5, 1}, {1e-5, 1e-5},  {.25, .25},
    {.3, 0}, {.3, .9}, {.5, .5}, {.5, 1}, {.75, .6}, {.999, 1}, {1 - 1e-5, 1}, {1 - 1e-5, 0}};
const std::vector<std::pair<double, double>> logits = {
    {0, .5},   {0, 0},     {1e-8, .5}, {-1e-8, 0}, {1, .75},   {10, 1}, {10, 0},
    {16, 1},   {16, 0},    {16, .75},  {-16, 1},   {-16, 0},   {20, 1}, {-20, 0},
    {40, 1},   {40, 0},    {-40, 1},   {-40, 0},   {-40, .25}, {80, 1}, {-80, 0},
    {1000, 0}, {1000, .5}, {-1000, 1}, {1e6, .25}, {-1e6, .25}};
const std::vector<std::pair<double, double>> means = {
    {.05, .05}, {.0500001, .05}, {.049, .05}, {1e-6, .05},     {1e-30, .05}, {.5, .05},
    {.5, .5},   {.5001, .5},     {.999, .5},  {1 - 1e-6, .05}, {.25, .125},  {1e-6, 1e-6}};
const std::vector<std::pair<double, double>> weights = {
    {0, 1}, {1, 1}, {-1, 1}, {1 + 1e-3, 1}, {1e-10, 1}, {-1e-4, 1}, {300, 1}, {-1e7, 1}};

const std::vector<Row> rows = {
    {"half_squared_error", of_pair(half_squared_error), half_square, differences},
    {"squared_error", of_pair(squared_error), square, differences},
    {"summed_squared_error", of_pair(summed_squared_error), square, differences},
    {"half_summed_squared_error", of_pair(half_summed_squared_error), half_square, differences},
    {"mean_squared_error", of_pair(mean_squared_error), square, differences},
    {"per_pixel_error", of_pair(per_pixel_error), half_square, differences},
    {"squared_errors", of_pair(squared_errors), square, differences},
    {"cross_entropy", of_pair(cross_entropy), entropy, probabilities, entropy_terms},
    {"cross_entropies", of_pair(cross_entropies), entropy, probabilities, entropy_terms},
    {"cross_entropy_with_logits", of_pair(cross_entropy_with_logits), logit_entropy, logits,
     logit_terms},
    {"cross_entropies_with_logits", of_pair(cross_entropies_with_logits), logit_entropy, logits,
     logit_terms},
    {"weighted_mean of huge weights",
     [](Tape& tape, Parameter& a, Var b) {
       const Var weight = tape.constant(scalar(std::numeric_limits<Real>::max() / 2));
       return weighted_mean(squared_errors(tape.leaf(a), b), weight);
     },
     square, differences},
    {"weighted_mean of tiny weights",
     [](Tape& tape, Parameter& a, Var b) {
       const Var weight = tape.constant(scalar(std::numeric_limits<Real>::min()));
       return weighted_mean(squared_errors(tape.leaf(a), b), weight);
     },
     square, differences},
    {"kl_sparsity", of_weight([](double target) { return kl_sparsity(target, 1); }), divergence,
     means, divergence_terms},
    {"l2", of_weight([](double gamma) { return l2(gamma); }),
     [](Exact w, Exact) { return half_square(w, 0); }, weights},
    {"l1", of_weight([](double gamma) { return l1(gamma); }), absolute, weights},
    {"orthogonality", of_weight([](double gamma) { return orthogonality(gamma); }), orthogonal,
     weights, orthogonal_terms},
    {"contractive",  // of a linear code
     [](Tape& tape, Parameter& a, Var b) {
       const Var input = tape.constant(Real(3)), code = tape.leaf(a) * input;
       return contractive(double(b.item()))({tape.constant(Real(0)), {}, input, code});
     },
     [](Exact w, Exact) { return half_square(w, 0); }, weights},
};

// |found - exact| in roundings of the size that counts. What is beyond the largest Real is
// infinite, what is below the smallest normal one may be 0.
double roundings(Real found, const Exact& exact, const Exact& size) {
  using Limits = std::numeric_limits<Real>;
  if (abs(exact) > Exact(Limits::max())) return std::isinf(found) ? 0 : infinity;
  if (!std::isfinite(found)) return infinity;
  const Exact unit = Exact(rounding) * abs(size) + Exact(Limits::min());
  return double(abs(Exact(found) - exact) / unit);
}

void check(const Row& row, double given, double setting) {
  Parameter a{"encoder.W", scalar(static_cast<Real>(given))};
  const Real b = static_cast<Real>(setting);
  const Taylor exact = row.exact(Exact(a.value(0, 0)), Exact(b));
  const Taylor size = (row.terms ? row.terms : row.exact)(Exact(a.value(0, 0)), Exact(b));
  Tape tape;
  tape.begin();
  const Var at = tape.leaf(a), loss = row.loss(tape, a, tape.constant(b));
  const Var first = tape.grad(loss, {&at, 1})[0], second = tape.grad(first, {&at, 1})[0];
  const double recorded = roundings(first.item(), exact.first, size.first);
  const double value = roundings(loss.item(), exact.value, size.value);
  const double twice = roundings(second.item(), exact.second, size.second);
  tape.backward(loss);
  const double filled = roundings(a.grad(0, 0), exact.first, size.first);
  INFO(row.name, " at ", given, ", ", setting, ": in roundings, the value ", loss.item(),
       " is off by ", value, ", the gradient ", a.grad(0, 0), " by ", filled, ", recorded ",
       first.item(), " by ", recorded, ", the second derivative ", second.item(), " by ", twice);
  CHECK(std::max({value, filled, recorded, twice}) < 20);
}

}  // namespace

TEST_CASE("accuracy: losses and penalties are as accurate as their arguments") {
  for (const Row& row : rows)
    for (const auto& [a, b] : row.at) check(row, a, b);
}

TEST_CASE("accuracy: losses at infinite and missing arguments") {
  Tape tape;
  const auto value = [&](const char* loss, double y, double x) {
    tape.begin();
    const Var from = tape.constant(static_cast<Real>(y)), to = tape.constant(static_cast<Real>(x));
    return double(loss_named(loss)(from, to).item());
  };
  for (const char* name :
       {"half_squared_error", "squared_error", "summed_squared_error", "half_summed_squared_error",
        "mean_squared_error", "per_pixel_error", "cross_entropy", "cross_entropy_with_logits"}) {
    CAPTURE(name);
    CHECK(std::isnan(value(name, NAN, 0.5)));
    CHECK(std::isnan(value(name, 0.5, NAN)));
    if (std::string(name) != "cross_entropy") CHECK(value(name, infinity, 0.5) == infinity);
  }
  const char* logits = "cross_entropy_with_logits";
  CHECK(value(logits, infinity, 1) == 0);
  CHECK(value(logits, -infinity, 0) == 0);
  CHECK(value(logits, infinity, 0) == infinity);
  CHECK(value(logits, -infinity, 1) == infinity);
  Parameter y{"y", scalar(Real(infinity))};
  const Var loss = cross_entropy_with_logits(tape.leaf(y), tape.constant(Real(1)));
  tape.backward(loss);
  CHECK(y.grad(0, 0) == 0);
}

TEST_CASE("accuracy: a penalty that vanishes is 0 there, and infinite where it says so") {
  Tape tape;
  const auto value = [&](const Penalty& penalty, double w) {
    Parameter a{"encoder.W", scalar(static_cast<Real>(w))};
    Parameter* all = &a;
    tape.begin();
    const Var code = tape.leaf(a);
    return double(penalty({tape.constant(Real(0)), Parameters(&all, 1), code, code}).item());
  };
  for (const double target : {.05, .1, .3, .7}) CHECK(value(kl_sparsity(target, 1), target) == 0);
  CHECK(value(kl_sparsity(.05, 1), 0) == infinity);
  CHECK(value(kl_sparsity(.05, 1), 1) == infinity);
  CHECK(value(orthogonality(1), 1) == 0);
}

TEST_CASE("accuracy: norms of what has squares beyond the range of numbers") {
  using Limits = std::numeric_limits<Real>;
  for (const Real size : {Limits::max() / 4, Limits::min() * 4, Limits::min() / 64, Real(1)}) {
    CAPTURE(size);
    const double norm = std::sqrt(2.0) * double(size);
    Parameter a{"a", scalar(size)}, b{"b", scalar(-size)};
    a.grad = a.value, b.grad = b.value;
    a.has_grad = b.has_grad = true;
    std::vector<Parameter*> all{&a, &b};
    const auto near = [&](double found, double expected) {
      return std::abs(found - expected) <=
             4 * rounding * expected + 4 * double(Limits::denorm_min());
    };
    CHECK(near(gradient_norm(all), norm));
    CHECK(near(probes::weight_norm(all), norm));
    CHECK(near(clip_by_norm(all, norm / 4), norm));
    CHECK(near(gradient_norm(all), norm / 4));
    Parameter rows{"rows", filled({1, 2}, size)};
    normalise_rows(rows);
    CHECK(double(rows.value(0, 0)) == doctest::Approx(std::sqrt(.5)).epsilon(4 * rounding));
    normalise_columns(rows);
    CHECK(near(double(rows.value(0, 1)), 1));
  }
}

TEST_CASE("accuracy: an infinite gradient is not clipped away") {
  Parameter a{"a", scalar(0)}, b{"b", scalar(0)};
  std::vector<Parameter*> all{&a, &b};
  for (const double worst : {infinity, double(NAN)}) {
    a.grad = scalar(3), b.grad = scalar(static_cast<Real>(worst));
    a.has_grad = b.has_grad = true;
    CHECK(!std::isfinite(clip_by_norm(all, 1)));
    CHECK(a.grad(0, 0) == 3);
    CHECK(!std::isfinite(b.grad(0, 0)));
  }
}
