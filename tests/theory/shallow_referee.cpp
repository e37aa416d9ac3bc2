// The tape as referee: the closed-form error of docs/theory/nonlinear.md, section 2.4, recorded
// from the amplitudes on, has the amplitude equations of section 3.2 as its gradient flow. What has
// no op on the tape (powers, arc functions, the bivariate normal) is a custom op here, as in a
// user's program; nothing of section 3 is used on this side.

#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using theory::Unit;

namespace {

using std::numbers::pi;

struct Power {
  static constexpr auto name = "power";
  double p;
  static auto of(const View& x, Real p) {
    return map([p](Real v) { return std::pow(v, p); }, x);
  }
  auto operator()(const View& x) const { return of(x, Real(p)); }
  auto vjp(wrt<0>, const View& g, const View& x, const View&) const {
    return g * p * of(x, Real(p - 1));
  }
};
struct ArcSine {
  static constexpr auto name = "asin";
  auto operator()(const View& x) const {
    return map([](Real v) { return std::asin(v); }, x);
  }
  auto vjp(wrt<0>, const View& g, const View& x, const View&) const { return g / sqrt(1 - x * x); }
};
// sqrt(1 - r^2) + r (pi - acos r): the correlation of two rectified normals, times 2 pi.
struct Rectified {
  static constexpr auto name = "rectified";
  static Real inside(Real r) { return std::clamp(r, Real(-1), Real(1)); }
  Array operator()(const View& r) const {
    Array y = r;
    for (Real& x : y)
      x = std::sqrt(1 - inside(x) * inside(x)) + x * Real(pi - std::acos(inside(x)));
    return y;
  }
  Array vjp(wrt<0>, const View& g, const View& r, const View&) const {
    Array y = r;
    for (std::size_t i = 0; i < y.size(); ++i)
      y.data()[i] = g.data()[i] * Real(pi - std::acos(inside(r.data()[i])));
    return y;
  }
};
// Probability that two standard normals of correlation r are below h and k, elementwise.
struct BelowBoth {
  static constexpr auto name = "below_both";
  template <class F>
  static Array each(const View& h, const View& k, const View& r, F f) {
    Array y = h;
    for (std::size_t i = 0; i < y.size(); ++i)
      y.data()[i] = Real(f(double(h.data()[i]), double(k.data()[i]), double(r.data()[i])));
    return y;
  }
  static Array times(const View& g, Array y) {
    for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] *= g[i];
    return y;
  }
  static double edge(double h, double k, double r) {
    return std::exp(-h * h / 2) / std::sqrt(2 * pi) *
           std::erfc(-(k - r * h) / std::sqrt(2 * (1 - r * r))) / 2;
  }
  Array operator()(const View& h, const View& k, const View& r) const {
    return each(h, k, r, [](double a, double b, double c) {
      return theory::bivariate_normal(a, b, std::acos(c));
    });
  }
  Array vjp(wrt<0>, const View& g, const View& h, const View& k, const View& r, const View&) const {
    return times(g, each(h, k, r, edge));
  }
  Array vjp(wrt<1>, const View& g, const View& h, const View& k, const View& r, const View&) const {
    return times(g, each(k, h, r, edge));
  }
  Array vjp(wrt<2>, const View& g, const View& h, const View& k, const View& r, const View&) const {
    return times(g, each(h, k, r, [](double a, double b, double c) {
                   const double rest = 1 - c * c;
                   return std::exp(-(a * a + b * b - 2 * a * b * c) / (2 * rest)) /
                          (2 * pi * std::sqrt(rest));
                 }));
  }
};

Var power(Var x, double p) { return apply(Power{p}, x); }
Var density(Var x) { return exp(square(x) * -0.5) * (1 / std::sqrt(2 * pi)); }
Var below(Var x) { return erf(x * std::sqrt(0.5)) * 0.5 + 0.5; }

// m_k and G_k as rows, S_ka as a matrix, of section 2.2.
struct Averages {
  Var m, G, S;
};

// The fields of K units: covariance Q (K x K) and means b (1 x K).
struct Fields {
  Tape& tape;
  Var Q, b;
  Var one = tape.constant(identity(Q.shape().rows));

  static Array identity(std::size_t K) {
    Array x = filled({K, K}, 0);
    for (std::size_t k = 0; k < K; ++k) x(k, k) = 1;
    return x;
  }
  Var zero_row() const { return b * 0.0; }
  Var variances() const { return col_sums(Q * one); }
  Var second(Var row) const { return rows_like(Q, row); }                     // x_a
  Var first(Var row) const { return matmul(second(row), one, true, false); }  // x_k
  Var product(Var row) const { return first(row) * second(row); }

  Averages linear() const { return {b, zero_row() + 1.0, Q + product(b)}; }

  Averages erf_units() const {
    const Var n = power(variances() + 1.0, -0.5);
    return {zero_row(), n * std::sqrt(2 / pi), apply(ArcSine{}, Q * product(n)) * (2 / pi)};
  }
  Averages erf_units_with_bias() const {
    const Var n = power(variances() + 1.0, -0.5), beta = b * n;
    const Var both = apply(BelowBoth{}, first(beta), second(beta), Q * product(n));
    const Var m = below(beta) * 2.0 - 1.0;
    return {m, density(beta) * n * 2.0,
            both * 4.0 - below(first(beta)) * 2.0 - below(second(beta)) * 2.0 + 1.0};
  }

  Averages relu_units() const {
    const Var s = power(variances(), 0.5), r = Q * product(power(variances(), -0.5));
    return {s * (1 / std::sqrt(2 * pi)), zero_row() + 0.5,
            product(s) * apply(Rectified{}, r) * (1 / (2 * pi))};
  }
  // Off the diagonal the pair formula, on it that of one unit with itself.
  Averages relu_units_with_bias() const {
    const Var s = power(variances(), 0.5), inverse = power(variances(), -0.5), beta = b * inverse;
    const Var off = 1.0 - one, r = Q * product(inverse) * off, p = power(1.0 - square(r), 0.5);
    const Var hk = first(beta), ha = second(beta), over_p = power(p, -1);
    const Var on = apply(BelowBoth{}, hk, ha, r);
    const Var exponent = (square(hk) + square(ha) - r * hk * ha * 2.0) * square(over_p) * -0.5;
    const Var pair = (product(b) + Q) * on +
                     first(b) * second(s) * density(ha) * below((hk - r * ha) * over_p) +
                     second(b) * first(s) * density(hk) * below((ha - r * hk) * over_p) +
                     product(s) * p * exp(exponent) * (1 / (2 * pi));
    const Var m = b * below(beta) + s * density(beta);
    const Var same = (variances() + square(b)) * below(beta) + b * s * density(beta);
    return {m, below(beta), pair * off + second(same) * one};
  }

  Averages of(Unit unit, bool biased) const {
    if (unit == Unit::linear) return linear();
    if (unit == Unit::erf) return biased ? erf_units_with_bias() : erf_units();
    return biased ? relu_units_with_bias() : relu_units();
  }
};

struct Network {
  Unit unit;
  bool encoder_bias, decoder_bias;
  Array ell;
  Parameter w, u, b, d;

  // Section 2.4: d is zero where there is no decoder bias.
  Var error(Tape& tape) {
    const Var wv = tape.leaf(w), uv = tape.leaf(u), bv = tape.leaf(b), dv = tape.leaf(d);
    const Var spectrum = rows_like(wv, tape.constant(ell)), seen = wv * spectrum;
    const Fields fields{tape, matmul(seen, wv, false, true), bv};
    const Averages mean = fields.of(unit, encoder_bias);
    const Var ones = tape.constant(filled({1, shape_of(ell).columns}, 1));
    const Var R1 = matmul(ones, seen * uv, false, true);  // its diagonal
    const Var T0 = matmul(uv, uv, false, true), along = matmul(dv, uv, false, true);
    return sum_all(tape.constant(ell)) * 0.5 - dot(mean.G, R1) + dot(T0, mean.S) * 0.5 +
           half_squared_norm(dv) + dot(mean.m, along);
  }
};

Parameter random(const char* name, std::uint32_t id, Shape shape, double scale) {
  Parameter p{name, empty(shape)};
  Stream{.seed = 11, .id = id}.normals(0, 0, p.value);
  p.value *= Real(scale);
  return p;
}

Network network(Unit unit, bool encoder_bias, bool decoder_bias, std::size_t K, std::size_t D) {
  Network net{unit,
              encoder_bias,
              decoder_bias,
              filled({1, D}, 1),
              random("w", 0, {K, D}, 0.8),
              random("u", 1, {K, D}, 0.5),
              random("b", 2, {1, K}, encoder_bias ? 0.7 : 0),
              random("d", 3, {1, D}, decoder_bias ? 0.4 : 0)};
  for (std::size_t i = 0; i < D; ++i) net.ell(0, i) = Real(1.1 / (1 + 0.7 * double(i)));
  return net;
}

std::vector<double> listed(const Array& x) { return {x.data(), x.data() + x.size()}; }

theory::Amplitudes amplitudes(const Network& net) {
  theory::Amplitudes at{to_double(net.w.value), to_double(net.u.value), {}, {}};
  if (net.encoder_bias) at.b = listed(net.b.value);
  if (net.decoder_bias) at.d = listed(net.d.value);
  return at;
}

template <class Rates>
double largest_difference(const Array& gradient, const Rates& rates) {
  REQUIRE(gradient.size() == rates.size());
  double largest = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i)
    largest = std::max(largest, std::abs(gradient.data()[i] + rates.data()[i]));
  return largest;
}

}  // namespace

TEST_CASE("tape as referee: the amplitude equations are the gradient flow of the error") {
  const double tolerance = sizeof(Real) == 8 ? 1e-10 : 1e-4;
  for (const Unit unit : {Unit::linear, Unit::erf, Unit::relu})
    for (const bool encoder_bias : {false, true})
      for (const bool decoder_bias : {false, true})
        for (const std::size_t K : {1, 2, 3, 4}) {
          CAPTURE(int(unit));
          CAPTURE(encoder_bias);
          CAPTURE(decoder_bias);
          CAPTURE(K);
          Network net = network(unit, encoder_bias, decoder_bias, K, 11);
          const theory::Amplitudes at = amplitudes(net);
          const std::vector<double> ell = listed(net.ell);
          Tape tape;
          tape.begin();
          const Var error = net.error(tape);
          tape.backward(error);
          CHECK(std::abs(error.item() - theory::pixel_error(unit, ell, at)) < tolerance);
          const auto rates = theory::amplitude_rates(unit, theory::Rule::vanilla, 1, ell, at);
          CHECK(largest_difference(net.w.grad, rates.w) < tolerance);
          CHECK(largest_difference(net.u.grad, rates.u) < tolerance);
          if (encoder_bias) CHECK(largest_difference(net.b.grad, rates.b) < tolerance);
          if (decoder_bias) CHECK(largest_difference(net.d.grad, rates.d) < tolerance);
        }
}
