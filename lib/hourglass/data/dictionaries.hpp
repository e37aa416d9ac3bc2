#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <cstdint>

// Dictionaries of unit atoms, n x m with an atom a column, and starting points near them:
// docs/theory/generative.md, section 7. Sizes that a construction does not have throw
// ArgumentError.
namespace HOURGLASS_API hourglass {
namespace data {

// The first m <= n columns of a uniformly random orthogonal matrix.
Array64 orthonormal_dictionary(std::size_t n, std::size_t m, std::uint64_t seed);

// The first m <= n atoms of the orthonormal DCT-II: c_j cos(pi (2 t + 1) j / (2 n)).
Array64 dct_dictionary(std::size_t n, std::size_t m);

// [I, H/sqrt(n)] with Sylvester's H: m = 2n, overlaps 0 or 1/sqrt(n), A A^T = 2 I. n: a power of 2.
Array64 identity_hadamard_dictionary(std::size_t n);

// Normal columns, normalised.
Array64 gaussian_dictionary(std::size_t n, std::size_t m, std::uint64_t seed);

// A random unit-norm tight frame, A A^T = (m/n) I, m >= n: rotations of pairs of columns of a tight
// frame until each has norm 1 (Dhillon et al. 2005).
Array64 tight_frame_dictionary(std::size_t n, std::size_t m, std::uint64_t seed);

// Overlaps of different atoms.
struct Coherence {
  double largest, mean_square;
};
Coherence coherence(const Array64& A);

// (7.1): unit columns at distance exactly delta from the unit atoms of A, 0 <= delta <= 2, each in
// the direction that is left of the column of `directions` (or of random normals) across its atom.
Array64 near_dictionary(const Array64& A, double delta, const Array64& directions);
Array64 near_dictionary(const Array64& A, double delta, std::uint64_t seed);

}  // namespace data
}  // namespace hourglass
