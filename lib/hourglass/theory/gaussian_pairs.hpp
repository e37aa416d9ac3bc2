#pragma once

#include <hourglass/core/array.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Averages over jointly Gaussian fields, in closed form (docs/theory/nonlinear.md, section 2;
// Refinetti & Goldt 2022, appendix B, with its ReLU integral corrected).

// The unit's activation: z, erf(z/sqrt 2) or max(z, 0).
enum class Unit { linear, erf, relu };

// Probability that two standard normals with correlation cos(angle), angle in [0, pi], are below h
// and k. An angle keeps its accuracy where the correlation is almost 1. Absolute error 1e-15.
double bivariate_normal(double h, double k, double angle);

// Averages of g and its derivatives over fields lambda ~ N(b, Q), K of each or K x K:
// m = <g>, G = <g'>, g2 = <g''>, g3 = <g'''>, S_ka = <g_k g_a>, C_ka = <g'_k g'_a>,
// B_ka = <g''_k g_a>, H_ka = <g'_k g_a>.
class PairAverages {
 public:
  // Of that many units of one kind.
  PairAverages(Unit unit, std::size_t units);

  // Allocates nothing. `Q` is K x K row-major and symmetric; `b` holds K means, or is null for
  // fields without mean: then H is not computed. Throws DomainError for a variance < 0, for
  // |Q_ka| > sqrt(Q_kk Q_aa) beyond rounding, and for ReLU also for a variance of 0.
  void update(const double* Q, const double* b);

  // As of the last update().
  std::vector<double> m, G, g2, g3;
  Array64 S, C, B, H;

 private:
  void require_covariance(const double* Q) const;

  Unit unit_;
  std::size_t units_;
};

// `b` is empty, for fields without mean, or holds K means. Throws DomainError as above and
// for shapes that do not match.
PairAverages pair_averages(Unit unit, const Array64& Q, const std::vector<double>& b = {});

// The integrals of the paper over centred (x1, x2, x3) with 3 x 3 covariance C (section 2.3).
struct PublishedIntegrals {
  double J2;   // <x1 g(x2)>
  double I2;   // <g(x1) g(x2)>
  double I21;  // <g'(x1) x1 x2>
  double I22;  // <g'(x1) x2^2>
  double I3;   // <g'(x1) x2 g(x3)>
};
PublishedIntegrals published_integrals(Unit unit, const Array64& C);

}  // namespace theory
}  // namespace hourglass
