#include <hourglass/theory/gaussian_pairs.hpp>
#include <hourglass/theory/generative_consistency.hpp>
#include <hourglass/theory/generative_domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>

namespace hourglass::theory {
namespace {

using List = std::vector<double>;
using Quadrature = boost::math::quadrature::gauss<double, 60>;
using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;

double Phi(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// P(x > 0) of a normal; a deviation of 0 is a step.
double above(double mean, double deviation) {
  return deviation > 0 ? Phi(mean / deviation) : mean > 0 ? 1.0 : 0.0;
}

// log(1 - p), the smallest number there is for p = 1: the average stays finite.
double log_of_rest(double p) {
  return p < 1 ? std::log1p(-p) : std::log(std::numeric_limits<double>::min());
}

double mean_of(const List& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

struct Pair {
  Array64 G, H;
};
Pair overlaps(const Array64& W, const Array64& A) {
  require_network(W, A);
  return {product(transposed(W), A), product(transposed(W), W)};
}

// The lower Cholesky factor, or an empty matrix if H is not safely positive definite.
Array64 cholesky(const Array64& H) {
  const std::size_t m = shape_of(H).rows;
  Array64 L = diagonal(List(m, 0.0));
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = j; i < m; ++i) {
      double rest = H(i, j);
      for (std::size_t r = 0; r < j; ++r) rest -= L(i, r) * L(j, r);
      if (i == j && rest < 1e-10 * H(i, i)) return empty64({0, 0});
      L(i, j) = i == j ? std::sqrt(rest) : rest / L(j, j);
    }
  return L;
}

// Where z_i decides the sign of a later coordinate, given the earlier ones: that coordinate is a
// normal of mean `at` 0 and its probability to be positive rises or falls over `width`.
struct Transition {
  double at, width;
  bool rises;
};

// P(mean + L z > 0 in every coordinate), z standard normal, by conditioning: the integral over z_i
// runs where coordinate i is positive, given the earlier ones.
class Orthant {
 public:
  Orthant(const List& mean, const Array64& L) : mean_(mean), L_(L), z_(mean.size()) {}

  // NaN where the quadrature does not converge.
  double probability() {
    const double result = from_coordinate(0);
    return error_ < 1e-8 ? result : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  // Of the coordinates i, i + 1, ..., given z_0 ... z_(i-1).
  double from_coordinate(std::size_t i) {
    const std::size_t left = mean_.size() - i;
    if (left == 1) return Phi(given(i, i) / L_(i, i));
    if (left == 2) return last_two(i);
    const List cuts = pieces(i, std::max(-given(i, i) / L_(i, i), -9.0));
    double total = 0;
    for (std::size_t k = 1; k < cuts.size(); ++k)
      if (cuts[k - 1] < cuts[k]) total += integral(i, cuts[k - 1], cuts[k], 12);
    return total;
  }

  double last_two(std::size_t i) const {
    const double slope = L_(i + 1, i), rest = L_(i + 1, i + 1);
    return bivariate_normal(given(i, i) / L_(i, i), given(i + 1, i) / std::hypot(slope, rest),
                            std::atan2(rest, slope));
  }

  // Over z_i, to an absolute accuracy: relative to a tail it would refine rounding. Inner integrals
  // are more accurate than outer ones, to which their errors are noise.
  double integral(std::size_t i, double from, double to, int halvings) {
    const auto density = [&](double x) {
      z_[i] = x;
      return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi) * from_coordinate(i + 1);
    };
    spend(31 * 1000, "units", mean_.size());
    double error = 0;
    const double value = Rule::integrate(density, from, to, 0, 0, &error);
    if (halvings > 0 && error > (i == 0 ? 1e-10 : 1e-12)) {
      const double middle = (from + to) / 2;
      return integral(i, from, middle, halvings - 1) + integral(i, middle, to, halvings - 1);
    }
    if (i == 0) error_ += error;
    return value;
  }

  // What z_0 ... z_(i-1) make of the mean of coordinate j.
  double given(std::size_t j, std::size_t i) const {
    double value = mean_[j];
    for (std::size_t r = 0; r < i; ++r) value += L_(j, r) * z_[r];
    return value;
  }

  Transition transition(std::size_t j, std::size_t i) const {
    double variance = 0;
    for (std::size_t r = i + 1; r <= j; ++r) variance += L_(j, r) * L_(j, r);
    return {-given(j, i) / L_(j, i), std::sqrt(variance) / std::abs(L_(j, i)), L_(j, i) > 0};
  }

  // From `low` to where the density ends, without what lies twelve widths on the wrong side of a
  // transition (1e-33 there), and cut where transitions are narrow: nearly parallel units.
  List pieces(std::size_t i, double low) const {
    double high = std::max(low, 9.0);
    List cuts;
    for (std::size_t j = i + 1; j < mean_.size(); ++j) {
      if (L_(j, i) == 0) continue;
      const Transition t = transition(j, i);
      if (t.rises) low = std::max(low, t.at - 12 * t.width);
      if (!t.rises) high = std::min(high, t.at + 12 * t.width);
      if (t.width < 0.3) cuts.insert(cuts.end(), {t.at - 12 * t.width, t.at + 12 * t.width});
    }
    if (low >= high) return {};
    for (double& cut : cuts) cut = std::clamp(cut, low, high);
    cuts.insert(cuts.end(), {low, high});
    std::sort(cuts.begin(), cuts.end());
    return cuts;
  }

  const List& mean_;
  const Array64& L_;
  List z_;
  double error_ = 0;
};

// Calls visit(support) for every k-subset of 0 .. m-1.
void each_support(std::size_t m, std::size_t k,
                  const std::function<void(const std::vector<std::size_t>&)>& visit) {
  std::vector<std::size_t> support(k);
  std::iota(support.begin(), support.end(), 0);
  while (true) {
    visit(support);
    std::size_t place = k;
    while (place > 0 && support[place - 1] == m - k + place - 1) --place;
    if (place == 0) return;
    ++support[place - 1];
    for (std::size_t next = place; next < k; ++next) support[next] = support[next - 1] + 1;
  }
}

// Squared overlaps of unit i with the atoms that are not its own, largest first.
List squared_interference(const Array64& G, std::size_t i) {
  List squares;
  for (std::size_t l = 0; l < shape_of(G).columns; ++l)
    if (l != i) squares.push_back(G(i, l) * G(i, l));
  std::sort(squares.begin(), squares.end(), std::greater<>());
  return squares;
}

double sum_of_first(const List& x, std::size_t count) {
  const auto end = x.begin() + static_cast<std::ptrdiff_t>(std::min(count, x.size()));
  return std::accumulate(x.begin(), end, 0.0);
}

// exp(-g^2/(2 v)), also for v = 0.
double tail(double gap, double variance) {
  if (gap <= 0) return 1;
  return variance > 0 ? std::exp(-gap * gap / (2 * variance)) : 0;
}

// Averages over units of both kinds of errors, and the independent-unit estimate (6.5).
struct Estimates {
  List on{}, off{}, log_on{}, log_off{};
  void add(double p_on, double p_off) {
    on.push_back(p_on);
    off.push_back(p_off);
    log_on.push_back(log_of_rest(p_on));
    log_off.push_back(log_of_rest(p_off));
  }
  double probability(std::size_t k) const {
    const double active = static_cast<double>(k), m = static_cast<double>(on.size());
    return std::exp(active * mean_of(log_on) + (m - active) * mean_of(log_off));
  }
};

}  // namespace

OrthonormalConsistency mixture_consistency(std::size_t m, double sigma, double b) {
  require(m >= 1, "m", m, "there is at least one centre");
  require_finite("b", b);
  require_noise(sigma);
  const double missed = 1 - above(1 + b, sigma), others = static_cast<double>(m) - 1;
  const double raised = above(b, sigma);
  const double none = others == 0 ? 1 : raised < 1 ? std::exp(others * std::log1p(-raised)) : 0;
  return {(1 - missed) * none, 1 - (missed + others * raised)};
}

MixtureConsistency mixture_consistency(const Array64& W, const Array64& A, const List& b,
                                       const List& pi, double sigma) {
  const auto [G, H] = overlaps(W, A);
  const std::size_t m = b.size();
  require_biases(b, shape_of(G).rows);
  require_weights(pi, m);
  require(sigma > 0, "sigma", sigma, "expected noise: sigma > 0");
  const Array64 plain = m <= 4 ? cholesky(H) : empty64({0, 0});
  MixtureConsistency result{plain.size() > 0 ? 0 : std::numeric_limits<double>::quiet_NaN(), 0, 0};
  for (std::size_t i = 0; i < m; ++i) {
    double product = 1, failures = 0;
    List mean(m);
    Array64 L = plain;
    for (std::size_t j = 0; j < m; ++j) {
      const double sign = j == i ? 1 : -1, deviation = sigma * std::sqrt(H(j, j));
      mean[j] = sign * (G(j, i) + b[j]);
      product *= above(mean[j], deviation);
      failures += above(-mean[j], deviation);
      if (plain.size() > 0)
        for (std::size_t r = 0; r <= j; ++r) L(j, r) *= sign * sigma;
    }
    result.product_approximation += pi[i] * product;
    result.union_failure_bound += pi[i] * failures;
    if (plain.size() == 0) continue;
    // a factor's diagonal may have any sign; the conditional integral wants it positive
    for (std::size_t r = 0; r < m; ++r)
      if (L(r, r) < 0)
        for (std::size_t j = r; j < m; ++j) L(j, r) = -L(j, r);
    result.probability += pi[i] * Orthant(mean, L).probability();
  }
  return result;
}

EnumeratedConsistency enumerated_consistency(const Array64& W, const Array64& A, std::size_t k,
                                             double lambda) {
  const Array64 G = overlaps(W, A).G;
  const std::size_t m = shape_of(G).rows;
  require_codes({.k = k}, m);
  require(lambda > 0, "lambda", lambda, "a threshold is > 0");
  double supports = std::pow(2.0, static_cast<double>(k));
  for (std::size_t r = 0; r < k; ++r)
    supports *= static_cast<double>(m - r) / static_cast<double>(r + 1);
  require(supports <= 1e7, "supports times signs", supports, "too many to enumerate");
  spend(supports * static_cast<double>(m * (k + 10)), "supports times signs", supports);
  EnumeratedConsistency result{0, 0, std::numeric_limits<double>::infinity()};
  each_support(m, k, [&](const std::vector<std::size_t>& support) {
    for (std::size_t signs = 0; signs < std::size_t{1} << k; ++signs) {
      bool good = true;
      for (std::size_t j = 0; j < m; ++j) {
        double h = 0;
        bool active = false;
        for (std::size_t place = 0; place < k; ++place) {
          h += (signs >> place & 1 ? -1 : 1) * G(j, support[place]);
          active = active || support[place] == j;
        }
        good = good && (std::abs(h) >= lambda) == active;
        result.margin = std::min(result.margin, std::abs(std::abs(h) - lambda));
      }
      result.good += good;
      ++result.total;
    }
  });
  return result;
}

SparseConsistency sparse_consistency(const Array64& W, const Array64& A, std::size_t k,
                                     double sigma, double lambda) {
  const auto [G, H] = overlaps(W, A);
  const std::size_t m = shape_of(G).rows;
  require_codes({.k = k}, m);
  require(m >= 2, "m", m, "interference needs two atoms");
  require_noise(sigma);
  require(lambda > 0, "lambda", lambda, "a threshold is > 0");
  const double active = static_cast<double>(k), others = static_cast<double>(m) - 1;
  const double q1 = active / static_cast<double>(m);
  spend(100 * static_cast<double>(m * m), "m", m);
  Estimates estimates;
  double bound = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const List squares = squared_interference(G, i);
    const double noise = sigma * sigma * H(i, i), all = sum_of_first(squares, squares.size());
    const double s_on = std::sqrt((active - 1) / others * all + noise);
    const double s_off = std::sqrt(active / others * all + noise);
    const double missed = above(lambda - G(i, i), s_on) - above(-lambda - G(i, i), s_on);
    estimates.add(missed, 2 * above(-lambda, s_off));
    bound += q1 * tail(G(i, i) - lambda, sum_of_first(squares, k - 1) + noise) +
             (1 - q1) * 2 * tail(lambda, sum_of_first(squares, k) + noise);
  }
  return {mean_of(estimates.on), mean_of(estimates.off), estimates.probability(k), bound};
}

NonnegativeConsistency nonnegative_consistency(const Array64& W, const Array64& A, const List& b,
                                               std::size_t k, double low, double high,
                                               double sigma) {
  const Pair overlap = overlaps(W, A);
  const Array64 &G = overlap.G, &H = overlap.H;
  const std::size_t m = shape_of(G).rows;
  require_codes({.k = k}, m);
  require(m >= 3, "m", m, "interference needs three atoms");
  require_biases(b, m);
  require_noise(sigma);
  require(low > 0, "low", low, "non-zeros are > 0");
  require(high > low, "high", high, "expected high > low");
  const double kappa1 = (low + high) / 2, kappa2 = (low * low + low * high + high * high) / 3;
  const double others = static_cast<double>(m) - 1;
  Estimates estimates;
  for (std::size_t i = 0; i < m; ++i) {
    double sum = -G(i, i), squares = -G(i, i) * G(i, i);
    for (std::size_t l = 0; l < m; ++l) {
      sum += G(i, l);
      squares += G(i, l) * G(i, l);
    }
    const auto interference = [&](double atoms) {
      const double mean = kappa1 * atoms / others * sum;
      const double second =
          kappa2 * atoms / others * squares +
          kappa1 * kappa1 * atoms * (atoms - 1) / (others * (others - 1)) * (sum * sum - squares);
      const double variance = std::max(0.0, second - mean * mean) + sigma * sigma * H(i, i);
      return std::pair(mean + b[i], std::sqrt(variance));
    };
    const std::pair on = interference(static_cast<double>(k) - 1);
    const std::pair off = interference(static_cast<double>(k));
    const auto missed = [&](double z) { return above(-(z * G(i, i) + on.first), on.second); };
    estimates.add(Quadrature::integrate(missed, low, high) / (high - low),
                  above(off.first, off.second));
  }
  return {mean_of(estimates.on), mean_of(estimates.off), estimates.probability(k)};
}

}  // namespace hourglass::theory
