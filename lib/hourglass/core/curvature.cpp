#include <hourglass/core/curvature.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/spectral.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

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

std::size_t size_of(Parameters parameters) {
  std::size_t size = 0;
  for (const Parameter* p : parameters) size += p->value.size();
  return size;
}

Vector random_unit(Parameters parameters, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  Vector result(size_of(parameters));
  for (double& x : result) x = std::ldexp(static_cast<double>(engine() >> 11), -52) - 1;
  return unit(result);
}

enum class End { largest, smallest };

// The eigenvalue at one end of the tridiagonal matrix that Lanczos has built so far, with its
// residual, and the largest |eigenvalue|.
struct Ritz {
  HessianEigenvalue found;
  double scale = 0;
};
Ritz ritz(const Vector& diagonal, const Vector& off_diagonal, End end) {
  const std::size_t n = diagonal.size();
  Array64 t = empty64({n, n});
  t.fill(0);
  for (std::size_t i = 0; i < n; ++i) {
    t(i, i) = diagonal[i];
    if (i + 1 < n) t(i, i + 1) = t(i + 1, i) = off_diagonal[i];
  }
  const Eigenpairs pairs = eigh(t);
  const std::size_t at = end == End::largest ? 0 : n - 1;
  const double residual = std::abs(off_diagonal[n - 1] * pairs.vectors(n - 1, at));
  return {{pairs.values[at], residual, n},
          std::max(std::abs(pairs.values[0]), std::abs(pairs.values[n - 1]))};
}

// Hessian times v on a tape of its own.
class Products {
 public:
  Products(const std::function<Var(Tape&)>& loss, Parameters parameters)
      : loss_(loss), parameters_(parameters) {}
  Vector operator()(const Vector& v) {
    tape_.begin();
    return joined(hvp(tape_, loss_(tape_), parameters_, separated(v, parameters_)));
  }

 private:
  const std::function<Var(Tape&)>& loss_;
  Parameters parameters_;
  Tape tape_;
};

// How far rounding takes a product of b_k. Of all that it has along the vectors before, only what
// it has along the last one, off_diagonal[k - 1], is not rounding, as the Hessian is symmetric. The
// other directions are taken to have as much.
double rounding_of(const Vector& product, const std::vector<Vector>& basis,
                   const Vector& off_diagonal) {
  const std::size_t k = basis.size() - 1;
  double squares = 0;
  for (std::size_t j = 0; j < k; ++j) {
    const double found = inner(product, basis[j]) - (j + 1 == k ? off_diagonal[j] : 0);
    squares += found * found;
  }
  return k > 0 ? std::sqrt(squares * static_cast<double>(product.size()) / static_cast<double>(k))
               : 0;
}

HessianEigenvalue lanczos(const std::function<Var(Tape&)>& loss, Parameters parameters,
                          const LanczosOptions& options, End end) {
  // At least this much of a product, and of what is computed from products, is rounding.
  constexpr double precision = 8 * std::numeric_limits<Real>::epsilon();
  Products product(loss, parameters);
  std::vector<Vector> basis{random_unit(parameters, options.seed)};
  if (options.steps == 0 || basis[0].empty())
    throw ArgumentError("Hessian eigenvalue: no steps, or no parameters");
  Vector diagonal, off_diagonal;
  Ritz best;
  double rounding = 0;
  const std::size_t steps = std::min(options.steps, basis[0].size());
  for (std::size_t k = 0; k < steps; ++k) {
    Vector next = product(basis[k]);
    diagonal.push_back(inner(next, basis[k]));
    rounding = std::max(rounding, rounding_of(next, basis, off_diagonal));
    // twice is enough: classical Gram-Schmidt loses half the digits the first time
    for (int pass = 0; pass < 2; ++pass)
      for (const Vector& b : basis) subtract(next, inner(next, b), b);
    off_diagonal.push_back(std::sqrt(inner(next, next)));
    best = ritz(diagonal, off_diagonal, end);
    rounding = std::max(rounding, precision * best.scale);
    const double left = std::min(best.found.residual, off_diagonal[k]);
    if (best.found.residual <= options.tolerance * best.scale || left <= rounding) break;
    basis.push_back(unit(next));
  }
  best.found.residual += rounding;
  return best.found;
}

}  // namespace

std::vector<Array> hvp(Tape& tape, Var loss, Parameters parameters, const std::vector<Array>& v) {
  if (v.size() != parameters.size())
    throw ArgumentError("hvp: expected " + std::to_string(parameters.size()) + " arrays, found " +
                        std::to_string(v.size()));
  std::vector<Var> leaves;
  for (Parameter* p : parameters) leaves.push_back(tape.leaf(*p));
  const std::vector<Var> gradient = tape.grad(loss, leaves);
  Var along = tape.constant(Real(0));
  for (std::size_t k = 0; k < v.size(); ++k)
    along = add(along, dot(gradient[k], tape.constant(v[k])));
  tape.backward(along);
  std::vector<Array> result;
  for (const Parameter* p : parameters) result.push_back(p->grad);
  tape.discard_gradients();
  return result;
}

Array64 hessian(const std::function<Var(Tape&)>& loss, Parameters parameters) {
  const std::size_t n = size_of(parameters);
  if (n > hessian_limit)
    throw ArgumentError("hessian: " + std::to_string(n) + " parameters, at most " +
                        std::to_string(hessian_limit));
  Products product(loss, parameters);
  Array64 result = empty64({n, n});
  Vector direction(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    direction[i] = 1;
    const Vector row = product(direction);
    std::copy(row.begin(), row.end(), result.data() + i * n);
    direction[i] = 0;
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j)
      result(i, j) = result(j, i) = (result(i, j) + result(j, i)) / 2;
  return result;
}

HessianEigenvalue largest_hessian_eigenvalue(const std::function<Var(Tape&)>& loss,
                                             Parameters parameters, const LanczosOptions& options) {
  return lanczos(loss, parameters, options, End::largest);
}
HessianEigenvalue smallest_hessian_eigenvalue(const std::function<Var(Tape&)>& loss,
                                              Parameters parameters,
                                              const LanczosOptions& options) {
  return lanczos(loss, parameters, options, End::smallest);
}

}  // namespace hourglass
