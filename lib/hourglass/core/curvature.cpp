#include <hourglass/core/curvature.hpp>
#include <hourglass/core/spectral.hpp>

#include <cmath>
#include <random>
#include <stdexcept>

namespace hourglass {
namespace {

using Vector = std::vector<double>;  // all parameters, one after the other

std::vector<Array> separated(const Vector& flat, Parameters parameters) {
  std::vector<Array> result;
  std::size_t at = 0;
  for (const Parameter* p : parameters) {
    result.push_back(empty(shape_of(p->value)));
    for (Real& x : result.back()) x = static_cast<Real>(flat[at++]);
  }
  return result;
}

Vector joined(const std::vector<Array>& arrays) {
  Vector result;
  for (const Array& a : arrays) result.insert(result.end(), a.begin(), a.end());
  return result;
}

double inner(const Vector& a, const Vector& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

void subtract(Vector& a, double factor, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= factor * b[i];
}

Vector unit(Vector x) {
  const double norm = std::sqrt(inner(x, x));
  for (double& entry : x) entry /= norm;
  return x;
}

Vector random_unit(Parameters parameters, std::uint64_t seed) {
  std::size_t size = 0;
  for (const Parameter* p : parameters) size += p->value.size();
  std::mt19937_64 engine(seed);
  Vector result(size);
  for (double& x : result) x = std::ldexp(static_cast<double>(engine() >> 11), -52) - 1;
  return unit(result);
}

// The top eigenpair of the tridiagonal matrix that Lanczos has built so far.
HessianEigenvalue top_ritz(const Vector& diagonal, const Vector& off_diagonal) {
  const std::size_t n = diagonal.size();
  Array64 t = empty64({n, n});
  t.fill(0);
  for (std::size_t i = 0; i < n; ++i) {
    t(i, i) = diagonal[i];
    if (i + 1 < n) t(i, i + 1) = t(i + 1, i) = off_diagonal[i];
  }
  const Eigenpairs pairs = eigh(t);
  return {pairs.values[0], std::abs(off_diagonal[n - 1] * pairs.vectors(n - 1, 0)), n};
}

}  // namespace

std::vector<Array> hvp(Tape& tape, Var loss, Parameters parameters, const std::vector<Array>& v) {
  if (v.size() != parameters.size())
    throw std::invalid_argument("hvp: expected " + std::to_string(parameters.size()) +
                                " arrays, found " + std::to_string(v.size()));
  std::vector<Var> leaves;
  for (Parameter* p : parameters) leaves.push_back(tape.leaf(*p));
  const std::vector<Var> gradient = tape.grad(loss, leaves);
  Var along = tape.constant(Real(0));
  for (std::size_t k = 0; k < v.size(); ++k)
    along = add(along, dot(gradient[k], tape.constant(v[k])));
  tape.backward(along);
  std::vector<Array> result;
  for (const Parameter* p : parameters) result.push_back(p->grad);
  return result;
}

HessianEigenvalue largest_hessian_eigenvalue(const std::function<Var(Tape&)>& loss,
                                             Parameters parameters, const LanczosOptions& options) {
  Tape tape;
  std::vector<Vector> basis{random_unit(parameters, options.seed)};
  if (options.steps == 0 || basis[0].empty())
    throw std::invalid_argument("largest_hessian_eigenvalue: no steps, or no parameters");
  Vector diagonal, off_diagonal;
  HessianEigenvalue best;
  const std::size_t steps = std::min(options.steps, basis[0].size());
  for (std::size_t k = 0; k < steps; ++k) {
    tape.begin();
    Vector next = joined(hvp(tape, loss(tape), parameters, separated(basis[k], parameters)));
    diagonal.push_back(inner(next, basis[k]));
    // twice is enough: classical Gram-Schmidt loses half the digits the first time
    for (int pass = 0; pass < 2; ++pass)
      for (const Vector& b : basis) subtract(next, inner(next, b), b);
    off_diagonal.push_back(std::sqrt(inner(next, next)));
    best = top_ritz(diagonal, off_diagonal);
    if (best.residual <= options.tolerance * std::abs(best.value) || off_diagonal[k] == 0) break;
    basis.push_back(unit(next));
  }
  return best;
}

}  // namespace hourglass
