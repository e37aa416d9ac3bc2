#include <hourglass/theory/generative_domain.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>

namespace hourglass::theory {
namespace {

using List = std::vector<double>;

void require_step(const char* argument, double zeta) {
  require(zeta > 0, argument, zeta, "a step size is > 0");
}

double norm_of_column(const Array64& W, std::size_t i) {
  double squared = 0;
  for (std::size_t r = 0; r < shape_of(W).rows; ++r) squared += W(r, i) * W(r, i);
  return std::sqrt(squared);
}

double largest_entry(const Array64& x) {
  double largest = 0;
  for (const double entry : x) largest = std::max(largest, std::abs(entry));
  return largest;
}

Array64 identity(std::size_t m) { return diagonal(List(m, 1.0)); }

void require_samples(const char* argument, double count) {
  require(count >= 1, argument, count, "expected at least one sample");
}

void require_orthonormal(std::size_t n, std::size_t m) {
  require(n >= m && m >= 1, "n", n, "an orthonormal dictionary has n >= m");
}

// Sum over steps of what is left of one step's noise, where a step forgets the share 1 - rho of a
// distance and noise grows by `growth`: 1/(1 - rho^2 - growth).
double memory(double forgotten, double growth = 0) {
  const double left = forgotten * (2 - forgotten) - growth;
  require(left > 0, "contraction of a step", 1 - forgotten, "this step size does not contract");
  return 1 / left;
}

}  // namespace

SparseRates sparse_rates(const SparseCodes& codes, std::size_t m, double sigma) {
  require_codes(codes, m);
  require(codes.kappa1 == 0, "kappa1", codes.kappa1, "these rates are for codes of mean 0");
  require_noise(sigma);
  const auto q = support_probabilities(codes.k, m);
  const double kappa2 = codes.kappa2, noise = sigma * sigma;
  return {q[1] * kappa2, (q[1] - q[2]) * kappa2, q[1] * kappa2 + q[2] * (3 * kappa2 + 4 * noise),
          4 * q[1] * (kappa2 + noise)};
}

List sparse_spectrum(const SparseCodes& codes, std::size_t n, std::size_t m, double sigma) {
  require(n >= m, "n", n, "an orthonormal dictionary has n >= m");
  const SparseRates rates = sparse_rates(codes, m, sigma);
  spend(1000 * static_cast<double>(n) * static_cast<double>(m), "n", n);  // numbers to keep
  List all((n - m) * m, rates.out_of_span);
  all.insert(all.end(), m * (m - 1) / 2, rates.antisymmetric);
  all.insert(all.end(), m * (m - 1) / 2, rates.symmetric);
  all.insert(all.end(), m, rates.radial);
  std::sort(all.begin(), all.end());
  return all;
}

double sparse_distance(const SparseRates& rates, double zeta, double distance, double step) {
  require_step("zeta", zeta);
  require(distance >= 0, "distance", distance, "a distance is >= 0");
  require(step >= 0, "step", step, "a number of steps is >= 0");
  const auto energy = [&](double rate) { return std::pow(std::abs(1 - zeta * rate), 2 * step); };
  return distance * std::sqrt((energy(rates.antisymmetric) + energy(rates.symmetric)) / 2);
}

NonnegativeRates nonnegative_rates(const SparseCodes& codes, std::size_t m, double sigma) {
  require_codes(codes, m);
  require(m >= 2, "m", m, "these modes need two atoms");
  require_noise(sigma);
  const auto q = support_probabilities(codes.k, m);
  const double squared = codes.kappa1 * codes.kappa1, v = codes.kappa2 - squared;
  const double noise = sigma * sigma, others = static_cast<double>(codes.k) - 1;
  NonnegativeRates r{};
  r.out_of_span_common = q[1] * (codes.kappa2 + squared * others);
  r.out_of_span_difference = q[1] * codes.kappa2 - q[2] * squared;
  r.antisymmetric = (q[1] - q[2]) * v + squared * (q[1] - 2 * q[2] + q[3]);
  const double spread = q[1] * v + q[2] * (3 * v + 4 * noise);
  r.symmetric = spread + squared * (q[1] + 2 * q[2] - 3 * q[3]);
  r.uniform_normalised = spread + squared * (4 * q[2] * others + (q[1] - q[2]) * (others + 1));
  const double a = 4 * q[1] * (codes.kappa2 + noise), d = r.uniform_normalised;
  const double b = 4 * q[1] * others * squared, c = 4 * q[2] * squared;
  r.uniform[0][0] = a;
  r.uniform[0][1] = b;
  r.uniform[1][0] = c;
  r.uniform[1][1] = d;
  // b c >= 0: both are real. The smaller one as determinant over the larger: no cancellation.
  const double larger = (a + d) / 2 + std::hypot((a - d) / 2, std::sqrt(b * c));
  r.uniform_eigenvalues[0] = (a * d - b * c) / larger;
  r.uniform_eigenvalues[1] = larger;
  return r;
}

double mixture_contraction(double c, double b) {
  require_step("zeta pi", c);
  require_finite("b", b);
  const double kept = 1 - c * (1 + b) * (1 + b);
  require(kept + c != 0, "zeta pi", c, "the update has no component along the centre");
  return kept / (kept + c);
}

// The component along the centre and the one across it, so that an angle beyond 90 degrees is not
// taken for its reflection.
List mixture_angle_map(double c, double b, double theta0, std::size_t steps) {
  require_step("zeta pi", c);
  require_finite("b", b);
  require_finite("theta0", theta0);
  spend(1000 * static_cast<double>(steps), "steps", steps);  // numbers to keep
  double along = std::cos(theta0), across = std::sin(theta0);
  List tangents{across / along};
  for (std::size_t s = 0; s < steps; ++s) {
    const double kept = 1 - c * (along + b) * (along + b);
    along *= kept + c;
    across *= kept;
    const double norm = std::hypot(along, across);
    require(norm > 0, "zeta pi", c, "a step leads to a column of norm 0");
    along /= norm;
    across /= norm;
    tangents.push_back(across / along);
  }
  return tangents;
}

// The largest root of the cubic; Newton's method from above it is monotone.
MixtureNorm mixture_norm(double b, double sigma) {
  require(std::abs(b) < 1, "b", b, "expected a bias between -1 and 1");
  require_noise(sigma);
  const double lead = 2 * (1 + sigma * sigma);
  const double c2 = 3 * b / lead, c1 = (b * b - lead) / lead, c0 = -b / lead;
  double t = 1 + std::max({std::abs(c2), std::abs(c1), std::abs(c0)}), before = 2 * t;
  while (t < before) {
    before = t;
    t -= (((t + c2) * t + c1) * t + c0) / ((3 * t + 2 * c2) * t + c1);
  }
  return {t, 1 - b / lead};
}

List radial_map(double c, double sigma, double t0, std::size_t steps, Path path) {
  require_step("zeta q1", c);
  require_noise(sigma);
  require(t0 > 0, "t0", t0, "a norm is > 0");
  spend(1000 * static_cast<double>(steps), "steps", steps);  // numbers to keep
  const double paths = path == Path::both ? 2 : 1, noise = sigma * sigma;
  List t{t0};
  for (std::size_t s = 0; s < steps; ++s)
    t.push_back(t[s] - c * paths * (t[s] - 1) * (t[s] + 1) * t[s] * (1 + noise));
  return t;
}

void expected_step(Array64& W, const Array64& G, double zeta, bool normalise) {
  add(W, -zeta, G);
  if (!normalise) return;
  const auto [n, m] = shape_of(W);
  for (std::size_t i = 0; i < m; ++i) {
    const double norm = norm_of_column(W, i);
    require(norm > 0, "norm of a column", norm, "a column to normalise is not 0");
    for (std::size_t r = 0; r < n; ++r) W(r, i) /= norm;
  }
}

List column_distances(const Array64& W, const Array64& A) {
  require_shape("A", A, shape_of(W));
  Array64 difference = W;
  add(difference, -1, A);
  List distances;
  for (std::size_t i = 0; i < shape_of(W).columns; ++i)
    distances.push_back(norm_of_column(difference, i));
  return distances;
}

Array64 fixed_point(Array64 W, const ExpectedGradient& gradient, double zeta, std::size_t most) {
  require_step("zeta", zeta);
  for (std::size_t s = 0; s < most; ++s) {
    Array64 change = W;
    expected_step(W, gradient(W), zeta, true);
    add(change, -1, W);
    if (largest_entry(change) <= 1e-15 * largest_entry(W)) break;
  }
  return W;
}

TruthGradient gradient_at_truth(const Array64& A, const SparseCodes& codes, double sigma) {
  TruthGradient truth{sparse_expected_gradient(A, A, codes, sigma), {}};
  const auto [n, m] = shape_of(A);
  Array64 across = truth.gradient;
  for (std::size_t i = 0; i < m; ++i) {
    double along = 0;
    const double norm = norm_of_column(A, i);
    require(norm > 0, "norm of an atom", norm, "an atom is not 0");
    for (std::size_t r = 0; r < n; ++r) along += A(r, i) * truth.gradient(r, i) / (norm * norm);
    for (std::size_t r = 0; r < n; ++r) across(r, i) -= along * A(r, i);
    truth.tangential.push_back(norm_of_column(across, i));
  }
  return truth;
}

double tight_frame_coefficient(const Array64& A, const SparseCodes& codes, double sigma) {
  const auto [n, m] = shape_of(A);
  require_codes(codes, m);
  require_noise(sigma);
  const double T = static_cast<double>(m) / static_cast<double>(n);
  Array64 excess = product(A, transposed(A));
  add(excess, -T, identity(n));
  require(largest_entry(excess) < 1e-9, "A A^T - (m/n) I", largest_entry(excess),
          "expected a unit-norm tight frame");
  for (std::size_t i = 0; i < m; ++i)
    require(std::abs(norm_of_column(A, i) - 1) < 1e-9, "norm of an atom", norm_of_column(A, i),
            "expected a unit-norm tight frame");
  const auto q = support_probabilities(codes.k, m);
  return 2 * (T - 1) *
         ((codes.kappa2 + sigma * sigma) * q[2] + codes.kappa2 * (q[2] + q[3] * (T - 2)));
}

IncoherentFixedPoint incoherent_fixed_point(const Array64& A, const SparseCodes& codes,
                                            double sigma) {
  const TruthGradient truth = gradient_at_truth(A, codes, sigma);
  const auto q = support_probabilities(codes.k, shape_of(A).columns);
  IncoherentFixedPoint point;
  for (const double slope : truth.tangential) {
    point.first_order.push_back(slope / (q[1] * codes.kappa2));
    point.refined.push_back(point.first_order.back() / (1 + 3 * q[2] / q[1]));
  }
  const auto gradient = [&](const Array64& W) {
    return sparse_expected_gradient(W, A, codes, sigma);
  };
  point.W = fixed_point(A, gradient, 0.5 / (q[1] * codes.kappa2), 3000);
  point.distances = column_distances(point.W, A);
  return point;
}

double random_dictionary_floor(std::size_t n, std::size_t m, std::size_t k) {
  require(n >= 1 && m >= 1, "n m", n * m, "a dictionary is not empty");
  require_codes({.k = k}, m);
  return 2 * (static_cast<double>(k) - 1) / std::sqrt(static_cast<double>(m * n));
}

BiasFloor bias_floor(const SparseCodes& codes, std::size_t m, double sigma, double beta) {
  require(beta >= 0, "beta", beta, "the bias is -beta, beta >= 0");
  const double d0 = nonnegative_rates(codes, m, sigma).uniform_normalised;
  const auto q = support_probabilities(codes.k, m);
  const double first_order =
      2 * beta * codes.kappa1 * q[2] / d0 * std::sqrt(static_cast<double>(m) - 1);
  spend(100 * static_cast<double>(m) * static_cast<double>(m), "m", m);  // before its vectors
  const Array64 A = identity(m);
  const auto gradient = [&](const Array64& W) {
    return nonnegative_expected_gradient(W, A, List(m, -beta), codes, sigma);
  };
  // half the step at which the fastest mode would be removed at once
  const Array64 W = fixed_point(A, gradient, 0.5 / d0, 3000);
  return {d0, first_order, column_distances(W, A)[0]};
}

double mixture_sgd_floor(std::size_t n, std::size_t m, double sigma, double c, double b,
                         double batch) {
  require(n >= 1 && m >= 1, "n", n, "expected n, m >= 1");
  require_noise(sigma);
  require_samples("batch", batch);
  mixture_contraction(c, b);             // checks the step
  const double D = 1 - c * b * (2 + b);  // rho = 1 - c/D
  const double noise = sigma * sigma, atoms = static_cast<double>(m);
  const double V = (1 + noise) * noise * static_cast<double>(n - 1) / atoms;
  return c * atoms / D * std::sqrt(V / batch * memory(c / D));
}

double sparse_sgd_floor(std::size_t n, std::size_t m, const SparseCodes& codes, double sigma,
                        double zeta, double batch) {
  require_orthonormal(n, m);
  require_samples("batch", batch);
  const SparseRates rates = sparse_rates(codes, m, sigma);
  const auto q = support_probabilities(codes.k, m);
  const auto left = [zeta](double rate) { return memory(zeta * rate); };
  const double inside = static_cast<double>(m - 1) * (q[1] - q[2]) / 2 *
                        (left(rates.antisymmetric) + left(rates.symmetric));
  const double outside = static_cast<double>(n - m) * q[1] * left(rates.out_of_span);
  const double noise = sigma * sigma;
  return zeta * std::sqrt(noise * (codes.kappa2 + noise) * (inside + outside) / batch);
}

IncoherentSgdFloor incoherent_sgd_floor(std::size_t n, std::size_t m, const SparseCodes& codes,
                                        double sigma, double squared_overlap, double zeta,
                                        double batch) {
  require_codes(codes, m);
  require(n >= codes.k, "n", n, "expected n >= k");
  require_noise(sigma);
  require(squared_overlap >= 0 && squared_overlap <= 1, "squared overlap", squared_overlap,
          "unit atoms have overlaps between -1 and 1");
  require_samples("batch", batch);
  const auto q = support_probabilities(codes.k, m);
  const double q1 = q[1], q2 = q[2], k = static_cast<double>(codes.k);
  const double kappa2 = codes.kappa2, noise = sigma * sigma;
  const double V = q1 * (noise * (kappa2 + noise) * (static_cast<double>(n) - k) +
                         2 * k * (k - 1) * kappa2 * kappa2 * squared_overlap);
  // Overlaps that an atom has with all others: T - 1 for a tight frame.
  const double s = static_cast<double>(m - 1) * squared_overlap;
  const double D = 1 - 2 * zeta * q2 * (2 * kappa2 + noise) * s;
  const double rate = q1 * kappa2 + q2 * (kappa2 * (1 + 2 * s) + 2 * noise * (1 + s));
  require(D > 0, "norm of a column after a step", D, "this step size is too large");
  const double forgotten = zeta * (rate - 2 * q2 * (2 * kappa2 + noise) * s) / D;  // 1 - rho
  const double growth = zeta * zeta / (D * D) * q1 * (k - 1) * kappa2 * kappa2 / batch;
  return {zeta * std::sqrt(V / batch * memory(zeta * q1 * kappa2)),
          zeta / D * std::sqrt(V / batch * memory(forgotten, growth)), growth};
}

double nonnegative_sgd_floor(std::size_t m, const SparseCodes& codes, double sigma, double beta,
                             double zeta, double batch) {
  require(beta >= 0, "beta", beta, "the bias is -beta, beta >= 0");
  require_samples("batch", batch);
  const NonnegativeRates rates = nonnegative_rates(codes, m, sigma);
  const auto q = support_probabilities(codes.k, m);
  const double v = codes.kappa2 - codes.kappa1 * codes.kappa1, noise = sigma * sigma;
  const double kept_s = memory(zeta * rates.symmetric);
  const double from_noise = noise * (codes.kappa2 + noise) * static_cast<double>(m - 1) *
                            (q[1] - q[2]) / 2 * (memory(zeta * rates.antisymmetric) + kept_s);
  const double pull = 2 * codes.kappa1 - beta;
  const double from_bias =
      q[1] * (static_cast<double>(codes.k) - 1) * beta * beta * (pull * pull + 2 * v) * kept_s;
  const double D = 1 + zeta * q[1] * beta * pull;
  return zeta / D * std::sqrt((from_noise + from_bias) / batch);
}

double mixture_finite_floor(std::size_t n, std::size_t m, double sigma, double N) {
  require(n >= 1 && m >= 1, "n", n, "expected n, m >= 1");
  require_noise(sigma);
  require_samples("N", N);
  const double noise = sigma * sigma;
  return std::sqrt((1 + noise) * noise * static_cast<double>(n - 1) * static_cast<double>(m) / N);
}

double sparse_finite_floor(std::size_t n, std::size_t m, std::size_t k, double sigma, double N) {
  require_orthonormal(n, m);
  require_samples("N", N);
  const SparseRates rates = sparse_rates({.k = k}, m, sigma);
  const auto q = support_probabilities(k, m);
  const auto inverse_square = [](double rate) {
    require(rate > 0, "rate of a rotation", rate, "with k = m the dictionary is not identified");
    return 1 / (rate * rate);
  };
  const double inside =
      m == 1 ? 0
             : static_cast<double>(m - 1) * (q[1] - q[2]) / 2 *
                   (inverse_square(rates.antisymmetric) + inverse_square(rates.symmetric));
  const double noise = sigma * sigma;
  return std::sqrt(noise * (1 + noise) / N * (inside + static_cast<double>(n - m) / q[1]));
}

}  // namespace hourglass::theory
