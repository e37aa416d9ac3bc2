#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/random/stream.hpp>

#include <bit>
#include <cmath>
#include <numbers>
#include <string>

namespace hourglass {
namespace {

// Streams of one seed: the dictionary, the start beside it and the samples share no numbers.
constexpr std::uint32_t atom_stream = 0x6a01, direction_stream = 0x6a02;

void require_size(const char* dictionary, bool holds, Shape found, const char* expected) {
  if (holds && found.rows > 0 && found.columns > 0) return;
  throw ArgumentError(std::string(dictionary) + " dictionary: " + found.str() + ", expected " +
                      expected);
}

Array64 normals(std::uint64_t seed, std::uint32_t id, Shape shape) {
  return to_double(Stream{seed, id}.normals(shape));
}

double column_inner(const Array64& a, std::size_t i, const Array64& b, std::size_t j) {
  double sum = 0;
  for (std::size_t r = 0; r < shape_of(a).rows; ++r) sum += a(r, i) * b(r, j);
  return sum;
}

void scale_column(Array64& a, std::size_t j, double factor) {
  for (std::size_t r = 0; r < shape_of(a).rows; ++r) a(r, j) *= factor;
}

// Columns i and j become c a_i + s a_j and c a_j - s a_i, of which the first has norm 1: possible
// whenever 1 lies between the two norms.
void rotate_to_unit(Array64& a, std::size_t i, std::size_t j) {
  const double own = column_inner(a, i, a, i) - 1, other = column_inner(a, j, a, j) - 1;
  const double both = column_inner(a, i, a, j);
  const double root = std::sqrt(both * both - own * other);
  // t = s/c solves other t^2 + 2 both t + own = 0; the root of smaller size, without cancellation
  const double t = -own / (both + std::copysign(root, both));
  const double c = 1 / std::sqrt(1 + t * t), s = c * t;
  for (std::size_t r = 0; r < shape_of(a).rows; ++r) {
    const double x = a(r, i), y = a(r, j);
    a(r, i) = c * x + s * y;
    a(r, j) = c * y - s * x;
  }
}

}  // namespace

Array64 data::orthonormal_dictionary(std::size_t n, std::size_t m, std::uint64_t seed) {
  require_size("orthonormal", m <= n, {n, m}, "at most as many atoms as features");
  return first_columns(polar_factor(normals(seed, atom_stream, {n, n})), m);
}

Array64 data::dct_dictionary(std::size_t n, std::size_t m) {
  require_size("DCT", m <= n, {n, m}, "at most as many atoms as features");
  Array64 a = empty64({n, m});
  const double size = static_cast<double>(n);
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t j = 0; j < m; ++j)
      a(t, j) = std::sqrt((j == 0 ? 1 : 2) / size) *
                std::cos(std::numbers::pi * static_cast<double>((2 * t + 1) * j) / (2 * size));
  return a;
}

Array64 data::identity_hadamard_dictionary(std::size_t n) {
  require_size("identity-Hadamard", std::has_single_bit(n), {n, 2 * n},
               "a power of 2 as number of features");
  Array64 a = empty64({n, 2 * n});
  const double entry = 1 / std::sqrt(static_cast<double>(n));
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t j = 0; j < n; ++j) {
      a(r, j) = r == j;
      a(r, n + j) = std::popcount(r & j) % 2 == 0 ? entry : -entry;
    }
  return a;
}

Array64 data::gaussian_dictionary(std::size_t n, std::size_t m, std::uint64_t seed) {
  require_size("Gaussian", true, {n, m}, "at least one of each");
  Array64 a = normals(seed, atom_stream, {n, m});
  for (std::size_t j = 0; j < m; ++j) scale_column(a, j, 1 / std::sqrt(column_inner(a, j, a, j)));
  return a;
}

Array64 data::tight_frame_dictionary(std::size_t n, std::size_t m, std::uint64_t seed) {
  require_size("tight-frame", m >= n, {n, m}, "at least as many atoms as features");
  Array64 a = polar_factor(normals(seed, atom_stream, {n, m}));
  const double scale = std::sqrt(static_cast<double>(m) / static_cast<double>(n));
  for (double& x : a) x *= scale;
  // Squared norms add up to m: while one differs from 1, another differs to the other side.
  for (std::size_t i = 0; i + 1 < m; ++i) {
    const double excess = column_inner(a, i, a, i) - 1;
    std::size_t partner = i;
    for (std::size_t j = i + 1; j < m && partner == i; ++j)
      if (excess * (column_inner(a, j, a, j) - 1) < 0) partner = j;
    if (partner != i) rotate_to_unit(a, i, partner);
  }
  return a;
}

data::Coherence data::coherence(const Array64& A) {
  const std::size_t m = shape_of(A).columns;
  const Array64 gram = kernels::product(A, A, true, false);
  Coherence result{0, 0};
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < m; ++j) {
      if (i == j) continue;
      result.largest = std::max(result.largest, std::abs(gram(i, j)));
      result.mean_square += gram(i, j) * gram(i, j);
    }
  if (m > 1) result.mean_square /= static_cast<double>(m * (m - 1));
  return result;
}

Array64 data::near_dictionary(const Array64& A, double delta, const Array64& directions) {
  if (!(delta >= 0 && delta <= 2))
    throw ArgumentError("near_dictionary: delta = " + std::to_string(delta) +
                        ", expected a distance between unit columns, 0 to 2");
  if (shape_of(directions) != shape_of(A))
    throw ArgumentError("near_dictionary: directions are " + shape_of(directions).str() +
                        ", the dictionary is " + shape_of(A).str());
  const double along = 1 - delta * delta / 2, across = std::sqrt(1 - along * along);
  Array64 w = directions;
  for (std::size_t i = 0; i < shape_of(A).columns; ++i) {
    const double overlap = column_inner(A, i, w, i), length = std::sqrt(column_inner(w, i, w, i));
    for (std::size_t r = 0; r < shape_of(A).rows; ++r) w(r, i) -= overlap * A(r, i);
    const double norm = std::sqrt(column_inner(w, i, w, i));
    if (norm <= 1e-12 * length && across > 0)  // what is left is rounding
      throw ArgumentError("near_dictionary: direction " + std::to_string(i) +
                          " lies along its atom");
    const double factor = norm > 0 ? across / norm : 0;
    for (std::size_t r = 0; r < shape_of(A).rows; ++r) w(r, i) = along * A(r, i) + factor * w(r, i);
  }
  return w;
}

Array64 data::near_dictionary(const Array64& A, double delta, std::uint64_t seed) {
  return near_dictionary(A, delta, normals(seed, direction_stream, shape_of(A)));
}

}  // namespace hourglass
