#include <hourglass/theory/generative_domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <numbers>

namespace hourglass::theory {
namespace {

using List = std::vector<double>;

// An m x m matrix from its entries f(row, column).
template <class F>
Array64 square(std::size_t m, F f) {
  Array64 result = empty64({m, m});
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i < m; ++i) result(j, i) = f(j, i);
  return result;
}

// G = W^T A and H = W^T W: all that the expectations depend on.
struct Overlaps {
  Array64 G, H, GGt, GtH;
  Overlaps(const Array64& W, const Array64& A)
      : G(product(transposed(W), A)),
        H(product(transposed(W), W)),
        GGt(product(G, transposed(G))),
        GtH(product(transposed(G), H)) {}
  std::size_t size() const { return shape_of(G).rows; }
};

// The four matrices of (3.4).
struct Sums {
  Array64 C, F, K, J;
};
Sums sums_over_supports(const Overlaps& o, const std::array<double, 5>& q) {
  const Array64 &G = o.G, &H = o.H;  // named: clang 14 cannot capture bindings
  // Indices that coincide have fewer distinct atoms to meet: q1 for three, q2 for a pair, else q3.
  const auto weigh = [&q](bool diagonal, double pairs, double all) {
    return diagonal ? q[1] * pairs + q[2] * (all - pairs) : q[2] * pairs + q[3] * (all - pairs);
  };
  const std::size_t m = o.size();
  const auto C = [&](std::size_t j, std::size_t i) {
    const double pairs = j == i ? G(i, i) * G(i, i) : G(j, i) * G(i, i) + G(j, j) * G(i, j);
    return weigh(j == i, pairs, o.GGt(j, i));
  };
  const auto F = [&](std::size_t l, std::size_t i) {
    const double pairs = l == i ? G(i, i) * H(i, i) : G(i, l) * H(i, i) + G(l, l) * H(l, i);
    return weigh(l == i, pairs, o.GtH(l, i));
  };
  return {
      square(m, C), square(m, F),
      square(m, [&](std::size_t l, std::size_t i) { return (l == i ? q[1] : q[2]) * G(i, l); }),
      square(m, [&](std::size_t j, std::size_t i) { return (j == i ? q[1] : q[2]) * H(j, i); })};
}

// (3.5) to (3.7) with the second moment `kappa2` of centred coefficients.
Array64 centred_gradient(const Array64& W, const Array64& A, const Overlaps& o,
                         const std::array<double, 5>& q, double kappa2, double sigma, Path path) {
  auto [C, F, K, J] = sums_over_supports(o, q);
  for (std::size_t i = 0; i < o.size(); ++i) J(i, i) -= q[1];
  const double decoder = path != Path::encoder, encoder = path != Path::decoder;
  Array64 result = product(W, J) * ((decoder + encoder) * sigma * sigma);
  Array64 along_A = -(decoder + encoder) * K;
  add(along_A, encoder, F);
  add(result, kappa2, product(A, along_A));
  if (decoder > 0) add(result, kappa2, product(W, C));
  return result;
}

// The part of (3.12) that the mean of the coefficients and the biases add, in the document's
// letters.
struct MeanPart {
  const Array64 &G, &H, &GGt;
  const List& b;
  const std::array<double, 5>& q;
  double kappa1;
  List R{};       // row sums of G
  Array64 phi{};  // phi_ij = sum over l of P(i, j, l in S) G_il

  void prepare() {
    const std::size_t m = b.size();
    R.assign(m, 0);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t l = 0; l < m; ++l) R[i] += G(i, l);
    phi = square(m, [this](std::size_t i, std::size_t j) {
      return i == j ? q[1] * G(i, i) + q[2] * (R[i] - G(i, i))
                    : q[2] * (G(i, i) + G(i, j)) + q[3] * (R[i] - G(i, i) - G(i, j));
    });
  }
  double P(std::size_t j, std::size_t i) const {
    if (i == j) return P_diagonal(i);
    const double g = G(i, i) + G(i, j), h = G(j, i) + G(j, j);
    const double S_g = R[i] - g, S_h = R[j] - h;
    const double S_gh = GGt(i, j) - G(i, i) * G(j, i) - G(i, j) * G(j, j);
    const double pairs =
        q[2] * g * h + q[3] * (g * S_h + h * S_g + S_gh) + q[4] * (S_g * S_h - S_gh);
    return kappa1 * kappa1 * pairs + kappa1 * (b[j] * phi(i, j) + b[i] * phi(j, i)) +
           q[2] * b[i] * b[j];
  }
  double P_diagonal(std::size_t i) const {
    const double d = G(i, i), S_1 = R[i] - d, S_2 = GGt(i, i) - d * d;
    const double pairs = q[1] * d * d + q[2] * (2 * d * S_1 + S_2) + q[3] * (S_1 * S_1 - S_2);
    return kappa1 * kappa1 * pairs + 2 * kappa1 * b[i] * phi(i, i) + q[1] * b[i] * b[i];
  }
  double Q(std::size_t l, std::size_t i) const {
    return kappa1 * phi(i, l) + (l == i ? q[1] : q[2]) * b[i];
  }
  // T_j of (3.12): the atoms that p, i and j name have probability q[r] together.
  double V(std::size_t p, std::size_t i) const {
    const std::size_t r = p == i ? 1 : 2;
    double sum = -kappa1 * phi(i, p);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool named = j == i || j == p;
      double near = G(j, i) + (p == i ? 0 : G(j, p));
      if (!named) near += G(j, j);
      const std::size_t s = named ? r : r + 1;
      sum += H(i, j) * (kappa1 * (q[s] * near + q[s + 1] * (R[j] - near)) + q[s] * b[j]);
    }
    return sum;
  }
};

}  // namespace

std::array<double, 5> support_probabilities(std::size_t k, std::size_t m) {
  require_codes({.k = k}, m);
  std::array<double, 5> q{1, 0, 0, 0, 0};
  for (std::size_t r = 1; r < q.size() && r <= k; ++r)
    q[r] = q[r - 1] * static_cast<double>(k - r + 1) / static_cast<double>(m - r + 1);
  return q;
}

Array64 conditional_expected_gradient(const Array64& W, const Array64& A, const List& b,
                                      const std::vector<std::size_t>& support,
                                      const SparseCodes& codes, double sigma) {
  require_network(W, A);
  const auto [n, m] = shape_of(W);
  require_biases(b, m);
  require_noise(sigma);
  require_codes({support.size(), codes.kappa1, codes.kappa2}, m);
  spend(4 * static_cast<double>(support.size() * n * n), "support", support.size());
  const double v = codes.kappa2 - codes.kappa1 * codes.kappa1;
  Array64 M = diagonal(List(n, -1.0)), Sigma = diagonal(List(n, sigma * sigma));
  Array64 mean = empty64({n, 1}), c = empty64({n, 1});
  mean.fill(0);
  c.fill(0);
  for (std::size_t place = 0; place < support.size(); ++place) {
    const std::size_t s = support[place];
    require(s < m && std::count(support.begin(), support.end(), s) == 1, "support", s,
            "expected distinct atoms, counted from 0");
    for (std::size_t r = 0; r < n; ++r) {
      mean(r, 0) += codes.kappa1 * A(r, s);
      c(r, 0) += b[s] * W(r, s);
      for (std::size_t t = 0; t < n; ++t) {
        M(r, t) += W(r, s) * W(t, s);
        Sigma(r, t) += v * A(r, s) * A(t, s);
      }
    }
  }
  add(Sigma, 1, product(mean, transposed(mean)));
  Array64 both = product(M, Sigma);
  add(both, 1, product(Sigma, M));
  const Array64 through = product(both, W), Mm = product(M, mean);
  const Array64 Wm = product(transposed(W), mean), Wc = product(transposed(W), c);
  Array64 result = empty64({n, m});
  result.fill(0);
  for (const std::size_t i : support)
    for (std::size_t r = 0; r < n; ++r)
      result(r, i) =
          through(r, i) + (Wm(i, 0) + b[i]) * c(r, 0) + b[i] * Mm(r, 0) + Wc(i, 0) * mean(r, 0);
  return result;
}

Array64 mixture_expected_gradient(const Array64& W, const Array64& A, const List& b, const List& pi,
                                  double sigma) {
  require_network(W, A);
  const auto [n, m] = shape_of(W);
  require_biases(b, m);
  require_weights(pi, m);
  require_noise(sigma);
  Array64 result = empty64({n, m});
  for (std::size_t i = 0; i < m; ++i) {
    double lambda = 0, s = 0;
    for (std::size_t r = 0; r < n; ++r) {
      lambda += W(r, i) * A(r, i);
      s += W(r, i) * W(r, i);
    }
    const double on_w = (lambda + b[i]) * (lambda + b[i]) + 2 * sigma * sigma * (s - 1);
    const double on_a = (s - 2) * lambda + (s - 1) * b[i];
    for (std::size_t r = 0; r < n; ++r) result(r, i) = pi[i] * (on_w * W(r, i) + on_a * A(r, i));
  }
  return result;
}

Array64 sparse_expected_gradient(const Array64& W, const Array64& A, const SparseCodes& codes,
                                 double sigma, Path path) {
  require_network(W, A);
  const std::size_t m = shape_of(W).columns;
  require_codes(codes, m);
  require(codes.kappa1 == 0, "kappa1", codes.kappa1, "this form is for codes of mean 0");
  require_noise(sigma);
  return centred_gradient(W, A, {W, A}, support_probabilities(codes.k, m), codes.kappa2, sigma,
                          path);
}

Array64 nonnegative_expected_gradient(const Array64& W, const Array64& A, const List& b,
                                      const SparseCodes& codes, double sigma) {
  require_network(W, A);
  const std::size_t m = shape_of(W).columns;
  require_biases(b, m);
  require_codes(codes, m);
  require_noise(sigma);
  const auto q = support_probabilities(codes.k, m);
  const Overlaps o(W, A);
  const double atoms = static_cast<double>(m);
  spend((10 * atoms + 200) * atoms * atoms + 2000, "atoms", atoms);
  const double kappa1 = codes.kappa1, v = codes.kappa2 - kappa1 * kappa1;
  MeanPart mean{o.G, o.H, o.GGt, b, q, kappa1};
  mean.prepare();
  Array64 result = centred_gradient(W, A, o, q, v, sigma, Path::both);
  add(result, 1, product(W, square(m, [&](auto j, auto i) { return mean.P(j, i); })));
  add(result, kappa1,
      product(A, square(m, [&](auto l, auto i) { return mean.V(l, i) - mean.Q(l, i); })));
  return result;
}

ThresholdedLoss thresholded_loss(double w, double lambda) {
  require(w > 0, "w", w, "a weight is > 0 here");
  require(lambda > 0, "lambda", lambda, "a threshold is > 0");
  const double T = lambda / w, shrunk = (w - 1) * (w + 1);
  const double density = std::exp(-T * T / 2) / std::sqrt(2 * std::numbers::pi);
  const double active = 2 * T * density + std::erfc(T / std::numbers::sqrt2);  // E[x^2; |x| >= T]
  return {(1 - active + shrunk * shrunk * active) / 2, 2 * w * shrunk * active,
          -T * T * T / w * density * (1 - shrunk * shrunk)};
}

}  // namespace hourglass::theory
