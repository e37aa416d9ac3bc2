#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/gaussian_pairs.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/quadrature/gauss.hpp>

namespace hourglass::theory {
namespace {

using std::numbers::pi;

double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * pi); }
double cumulative(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// The derivative with respect to -angle, times 2 pi; the exponent without cancellation.
double integrand(double h, double k, double angle) {
  const double along = (h - k) / std::sin(angle), half = std::cos(angle / 2);
  return std::exp(-(along * along + h * k / (half * half)) / 2);
}

// From the independent pair, angle pi/2, down to `angle`. The integrand changes over angles of the
// order of |h - k|: panels that halve resolve it, and below |h - k|/40 nothing is left.
double integral_from(double angle, double h, double k) {
  const double end = std::max(angle, std::abs(h - k) / 40);
  double sum = 0;
  for (double upper = pi / 2; upper > end; upper /= 2)
    sum += boost::math::quadrature::gauss<double, 15>::integrate(
        [&](double x) { return integrand(h, k, x); }, std::max(end, upper / 2), upper);
  return sum;
}

// Mean and variance of one field and everything that averages over it alone.
struct Field1 {
  double q, b;
};
struct Single {
  double m, G, g2, g3;
};
// Averages of g_k and g_a for fields k and a; B and H are those of <g''_k g_a> and <g'_k g_a>.
struct Pair {
  double S, C, B, H;
};

// The inputs of a pair. Of nearly parallel fields the products of the determinant are almost equal:
// the rounding of both is added again.
struct Covariance {
  Field1 k, a;
  double c;

  double determinant() const {
    const double square = c * c;
    return std::max(0.0, std::fma(k.q, a.q, -square) - std::fma(c, c, -square));
  }
};

struct Linear {
  static Single single(Field1 f, bool) { return {f.b, 1, 0, 0}; }
  static Pair pair(const Covariance& x, bool) { return {x.c + x.k.b * x.a.b, 1, 0, x.a.b}; }
  static Pair same(Field1 f, bool biased) { return pair({f, f, f.q}, biased); }
};

struct Erf {
  static Single single(Field1 f, bool) {
    const double a = 1 + f.q, root = std::sqrt(a), beta = f.b / root, height = 2 * density(beta);
    return {std::erf(beta / std::numbers::sqrt2), height / root, -f.b * height / (a * root),
            (beta * beta - 1) * height / (a * root)};
  }
  // d >= 1 + q_k + q_a: never degenerate.
  static double determinant(const Covariance& x) { return 1 + x.k.q + x.a.q + x.determinant(); }
  static Pair pair(const Covariance& x, bool biased) {
    const double ak = 1 + x.k.q, aa = 1 + x.a.q, d = determinant(x), root = std::sqrt(d);
    if (biased) return shifted(x, ak, aa, d);
    return {2 / pi * std::atan2(x.c, root), 2 / pi / root, -2 / pi * x.c / (ak * root), 0};
  }
  static Pair same(Field1 f, bool biased) { return pair({f, f, f.q}, biased); }

  static Pair shifted(const Covariance& x, double ak, double aa, double d) {
    const double bk = x.k.b, ba = x.a.b, beta_k = bk / std::sqrt(ak), beta_a = ba / std::sqrt(aa);
    const double both = bivariate_normal(beta_k, beta_a, std::atan2(std::sqrt(d), x.c));
    const double S = 4 * both - 2 * cumulative(beta_k) - 2 * cumulative(beta_a) + 1;
    const double exponent = (aa * bk * bk + ak * ba * ba - 2 * x.c * bk * ba) / (2 * d);
    const double slope = 2 * density(beta_k) / std::sqrt(ak);
    const double mu = ba - x.c * bk / ak, sg = std::sqrt(d / ak);
    const double mean = std::erf(mu / (sg * std::numbers::sqrt2));
    return {S, 2 / (pi * std::sqrt(d)) * std::exp(-exponent),
            -slope * (bk / ak * mean + 2 * x.c / (ak * sg) * density(mu / sg)), slope * mean};
  }
};

struct Relu {
  static Single single(Field1 f, bool biased) {
    require(f.q > 0, "Q_kk", f.q, "the field of a ReLU unit has a variance > 0");
    const double s = std::sqrt(f.q);
    if (!biased) return {s / std::sqrt(2 * pi), 0.5, 1 / (s * std::sqrt(2 * pi)), 0};
    const double beta = f.b / s, height = density(beta), on = cumulative(beta);
    return {f.b * on + s * height, on, height / s, -beta / f.q * height};
  }
  // A unit with itself: <g'' g> = 0, as g vanishes at the kink.
  static Pair same(Field1 f, bool biased) {
    if (!biased) return {f.q / 2, 0.5, 0, std::sqrt(f.q / (2 * pi))};
    const Single one = single(f, true);
    return {f.q * one.G + f.b * one.m, one.G, 0, one.m};
  }
  static Pair pair(const Covariance& x, bool biased) {
    const double root = std::sqrt(x.determinant());
    const double angle = std::atan2(root, x.c);
    if (biased) return shifted(x, root, angle);
    return {(root + x.c * (pi - angle)) / (2 * pi), (pi - angle) / (2 * pi),
            root / (2 * pi * x.k.q), 0};
  }

  // Phi((beta_k - r beta_a)/p), with its limit for parallel fields.
  static double above(double difference, double p) {
    if (p > 0) return cumulative(difference / p);
    return difference > 0 ? 1 : difference < 0 ? 0 : 0.5;
  }
  static Pair shifted(const Covariance& x, double root, double angle) {
    const double sk = std::sqrt(x.k.q), sa = std::sqrt(x.a.q), bk = x.k.b, ba = x.a.b;
    const double beta_k = bk / sk, beta_a = ba / sa, p = root / (sk * sa);
    const double r = std::clamp(x.c / (sk * sa), -1.0, 1.0);
    const double on = bivariate_normal(beta_k, beta_a, angle);
    const double edge_a = density(beta_a) * above(beta_k - r * beta_a, p);
    const double edge_k = density(beta_k) * above(beta_a - r * beta_k, p);
    double S = (bk * ba + x.c) * on + bk * sa * edge_a + ba * sk * edge_k;
    const double mu = ba - x.c * bk / x.k.q, sg = sa * p;
    double rectified = std::max(mu, 0.0);  // <max(z, 0)>, z ~ N(mu, sg^2)
    if (p > 0) {
      const double z = (beta_k - r * beta_a) / p;
      S += sk * sa * p * density(beta_a) * density(z);
      rectified = sg * density(mu / sg) + mu * cumulative(mu / sg);
    }
    return {S, on, density(beta_k) / sk * rectified, ba * on + sa * edge_a + sa * r * edge_k};
  }
};

template <class Function>
void average(PairAverages& to, std::size_t K, const double* Q, const double* b) {
  const bool biased = b != nullptr;
  const auto field = [&](std::size_t k) { return Field1{Q[k * K + k], biased ? b[k] : 0}; };
  for (std::size_t k = 0; k < K; ++k) {
    const Single one = Function::single(field(k), biased);
    to.m[k] = one.m, to.G[k] = one.G, to.g2[k] = one.g2, to.g3[k] = one.g3;
    for (std::size_t a = 0; a < K; ++a) {
      const Pair both = a == k ? Function::same(field(k), biased)
                               : Function::pair({field(k), field(a), Q[k * K + a]}, biased);
      to.S(k, a) = both.S, to.C(k, a) = both.C, to.B(k, a) = both.B, to.H(k, a) = both.H;
    }
  }
}

}  // namespace

double bivariate_normal(double h, double k, double angle) {
  require(angle >= 0 && angle <= pi, "angle", angle, "an angle is in [0, pi]");
  if (angle == 0) return cumulative(std::min(h, k));
  if (angle > pi / 2) return std::max(0.0, cumulative(h) - bivariate_normal(h, -k, pi - angle));
  return cumulative(h) * cumulative(k) + integral_from(angle, h, k) / (2 * pi);
}

PairAverages::PairAverages(Unit unit, std::size_t units)
    : m(units), G(units), g2(units), g3(units), unit_(unit), units_(units) {
  for (Array64* x : {&S, &C, &B, &H}) *x = empty64({units, units});
}

// Variances first: a bound that is NaN would accept anything.
void PairAverages::require_covariance(const double* Q) const {
  for (std::size_t k = 0; k < units_; ++k) {
    const double variance = Q[k * units_ + k];
    require(variance >= 0, "Q_kk", variance, "a variance is >= 0");
    for (std::size_t a = 0; a < k; ++a) {
      const double c = Q[k * units_ + a], limit = variance * Q[a * units_ + a];
      require(c * c <= limit * (1 + 1e-12), "Q_ka", c, "a covariance is at most sqrt(Q_kk Q_aa)");
    }
  }
}

void PairAverages::update(const double* Q, const double* b) {
  require_covariance(Q);
  if (unit_ == Unit::linear) average<Linear>(*this, units_, Q, b);
  if (unit_ == Unit::erf) average<Erf>(*this, units_, Q, b);
  if (unit_ == Unit::relu) average<Relu>(*this, units_, Q, b);
}

PairAverages pair_averages(Unit unit, const Array64& Q, const std::vector<double>& b) {
  const std::size_t K = Q.shape()[0];
  require_shape("Q", Q, {K, K});
  require_finite("Q", Q);
  for (const double x : b) require_finite("b", x);
  require(b.empty() || b.size() == K, "b", b.size(), "expected none or one mean for each field");
  require_symmetric("Q", Q);
  PairAverages averages(unit, K);
  averages.update(Q.data(), b.empty() ? nullptr : b.data());
  return averages;
}

PublishedIntegrals published_integrals(Unit unit, const Array64& C) {
  require_shape("C", C, {3, 3});
  const PairAverages x = pair_averages(unit, C);
  const double c11 = C(0, 0), c12 = C(0, 1), c22 = C(1, 1);
  return {.J2 = c12 * x.G[1],
          .I2 = x.S(0, 1),
          .I21 = c12 * (x.G[0] + c11 * x.g3[0]),
          .I22 = c22 * x.G[0] + c12 * c12 * x.g3[0],
          .I3 = c12 * x.B(0, 2) + C(1, 2) * x.C(0, 2)};
}

}  // namespace hourglass::theory
