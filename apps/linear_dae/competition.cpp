#include "competition.hpp"

#include <hourglass/core/kernels.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

// ln(1 + e^x)
double log_sum(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

}  // namespace

Competition::Competition(const Array64& W1, const Array64& W2, const Array64& V,
                         std::size_t modes) {
  Array64 m = kernels::product(W1, V);  // a mode a column
  m = (m + kernels::product(W2, V, true)) / 2;
  const std::size_t height = shape_of(m).rows, width = shape_of(m).columns;
  const auto product = [&](std::size_t a, std::size_t b) {
    double total = 0;
    for (std::size_t h = 0; h < height; ++h) total += m(h, a) * m(h, b);
    return total;
  };
  for (std::size_t i = 0; i < std::min(modes, width); ++i) {
    std::vector<double> start(width, 0), cosine(width, 0);
    const double own = product(i, i);
    for (std::size_t j = i; j < width; ++j) {
      start[j] = product(j, j);
      const double shared = product(i, j);
      if (own > 0 && start[j] > 0) cosine[j] = std::min(1.0, shared * shared / (own * start[j]));
      for (std::size_t h = 0; h < height && j > i && own > 0; ++h)
        m(h, j) -= shared / own * m(h, i);
    }
    starts_.push_back(start);
    cosines_.push_back(cosine);
  }
}

// Of two modes, ln(u/(u* - u)) of the stronger is ln A + ln((1 + B (1 - c))/(1 + B)) with the odds
// A and B = u/(u* - u) that they would have alone, and so for the weaker, which the rule gives
// ln(B (1 - c)).
double Competition::shift(std::size_t mode, const LogOdds& risen) const {
  const std::size_t i = mode - 1;
  double total = held_up(i, risen);
  for (std::size_t j = 0; j < i; ++j) {
    const double left = left_by(j, i), odds = risen(j + 1, starts_[j][j]) - held_up(j, risen);
    total += std::abs(-left - log_sum(odds) + log_sum(odds + left));
  }
  return total;
}

// By those that are weaker.
double Competition::held_up(std::size_t i, const LogOdds& risen) const {
  double total = 0;
  for (std::size_t j = i + 1; j < starts_[i].size(); ++j) {
    const double odds = risen(j + 1, starts_[i][j]);
    total += log_sum(odds) - log_sum(odds + left_by(i, j));
  }
  return total;
}

// ln(1 - cosine^2); where it is rounding the one lies in the span of the other.
double Competition::left_by(std::size_t i, std::size_t j) const {
  return cosines_[i][j] > 1 - 1e-10 ? -INFINITY : std::log1p(-cosines_[i][j]);
}

}  // namespace hourglass
