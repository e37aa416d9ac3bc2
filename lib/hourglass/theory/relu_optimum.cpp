#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/gaussian_pairs.hpp>
#include <hourglass/theory/relu_optimum.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

#include <boost/math/special_functions/erf.hpp>
#include <boost/math/tools/minima.hpp>

namespace hourglass::theory {
namespace {

using std::numbers::pi;

// Directions of the fields in the coordinates where the inputs are white: unit rows a_k. A ReLU is
// scale-free, so their lengths do not matter.
struct Search {
  const std::vector<double>& ell;
  Array64 a;

  // What the best decoder explains: 1/2 tr(X^T S^-1 X), X_k = <g_k x> = a_k sqrt(ell)/2. Parallel
  // units make S singular; what they span twice is left out.
  double explained() const {
    const std::size_t K = a.shape()[0], M = a.shape()[1];
    Array64 S = empty64({K, K});
    for (std::size_t k = 0; k < K; ++k)
      for (std::size_t l = 0; l < K; ++l) {
        double c = 0, apart = 0;
        for (std::size_t i = 0; i < M; ++i) {
          c += a(k, i) * a(l, i);
          for (std::size_t j = 0; j < i; ++j)
            apart += std::pow(a(k, i) * a(l, j) - a(k, j) * a(l, i), 2);
        }
        const double sine = std::sqrt(apart), angle = std::atan2(sine, c);
        S(k, l) = (sine + c * (pi - angle)) / (2 * pi);
      }
    const Eigenpairs of = eigh(S);
    double sum = 0;
    for (std::size_t n = 0; n < K && of.values[n] > 1e-10; ++n)
      for (std::size_t i = 0; i < M; ++i) {
        double x = 0;
        for (std::size_t k = 0; k < K; ++k) x += of.vectors(k, n) * a(k, i);
        sum += ell[i] * x * x / (8 * of.values[n]);
      }
    return sum;
  }

  void rotate(std::size_t k, std::size_t i, std::size_t j, double angle) {
    const double x = a(k, i), y = a(k, j), c = std::cos(angle), s = std::sin(angle);
    a(k, i) = c * x - s * y;
    a(k, j) = s * x + c * y;
  }

  // The best angle of unit k in one plane, within `reach`.
  void improve(std::size_t k, std::size_t i, std::size_t j, double reach) {
    const double x = a(k, i), y = a(k, j);
    std::uintmax_t tries = 60;
    const auto loss = [&](double angle) {
      a(k, i) = x, a(k, j) = y;
      rotate(k, i, j, angle);
      return -explained();
    };
    const double before = loss(0);
    const auto [angle, found] =
        boost::math::tools::brent_find_minima(loss, -reach, reach, 26, tries);
    a(k, i) = x, a(k, j) = y;
    if (found < before) rotate(k, i, j, angle);
  }

  // Sweeps over all planes until one gains nothing: first anywhere, then nearby.
  double climb() {
    const std::size_t K = a.shape()[0], M = a.shape()[1];
    double best = explained();
    for (int sweep = 0; sweep < 400; ++sweep) {
      const double before = best;
      for (std::size_t k = 0; k < K; ++k)
        for (std::size_t i = 0; i < M; ++i)
          for (std::size_t j = 0; j < i; ++j) improve(k, i, j, sweep < 3 ? pi : 0.5);
      best = explained();
      if (sweep > 3 && best - before < 1e-12 * best) break;
    }
    return best;
  }
};

// Directions number `start` of a low-discrepancy sequence (Kronecker), uniform on the sphere.
Array64 directions(std::size_t start, std::size_t units, std::size_t modes) {
  Array64 a = empty64({units, modes});
  for (std::size_t k = 0; k < units; ++k) {
    double length = 0;
    for (std::size_t i = 0; i < modes; ++i) {
      const double prime_like = std::sqrt(static_cast<double>(2 + 3 * (k * modes + i)) + 0.1);
      const double x = prime_like * (static_cast<double>(start) + 0.5), part = x - std::floor(x);
      a(k, i) = boost::math::erf_inv(std::clamp(2 * part - 1, -0.999, 0.999));
      length += a(k, i) * a(k, i);
    }
    for (std::size_t i = 0; i < modes; ++i) a(k, i) /= std::sqrt(length);
  }
  return a;
}

}  // namespace

double relu_optimum(const std::vector<double>& ell, std::size_t units) {
  require(units > 0 && !ell.empty(), "K", units, "expected units and modes");
  require(units * ell.size() <= 64, "K", units, "too many for a search");
  for (const double x : ell) require(x > 0, "ell", x, "the eigenvalue of a mode is > 0");
  double most = 0;
  for (std::size_t start = 0; start < 12; ++start)
    most = std::max(most, Search{ell, directions(start, units, ell.size())}.climb());
  return std::accumulate(ell.begin(), ell.end(), 0.0) / 2 - most;
}

}  // namespace hourglass::theory
