#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// How well learned columns recover the atoms of a known dictionary: docs/theory/generative.md,
// section 7.4. W is n x p, A is n x m with m <= p, both with a column a unit or atom. Shapes that
// do not match and columns of norm 0 in A throw ArgumentError.
namespace HOURGLASS_API hourglass {

// free: a column at -a is the atom a, as for codes of either sign. fixed: it is wrong, as for
// mixtures and non-negative codes.
enum class Signs { fixed, free };

// One column for each atom, no column twice; only directions count. A column of norm 0 has cosine 0
// with every atom.
struct Matching {
  std::vector<std::size_t> column_of_atom;
  std::vector<double> sign_of_atom;  // of their cosine if signs are free, otherwise 1
  std::vector<double> cosine;        // of the pair, times that sign

  double total() const;  // sum of the cosines
  // Fraction of the atoms whose cosine is above `least`.
  double recovered(double least = 0.95) const;
};

// The largest total cosine (the Hungarian method, O(m^2 p)).
Matching match_columns(const Array64& W, const Array64& A, Signs signs);
// The largest cosine that is left, again and again: never a larger total.
Matching match_greedily(const Array64& W, const Array64& A, Signs signs);
// Column i is for atom i: starts near A.
Matching identity_matching(const Array64& W, const Array64& A, Signs signs);

// The matched columns in the order and with the sign of their atoms (n x m), if asked for of norm
// 1 (a column of norm 0 stays 0).
Array64 matched_columns(const Array64& W, const Matching& matching, bool normalised);

// |w - a| for each atom and its matched column.
std::vector<double> matched_distances(const Array64& W, const Array64& A, const Matching& matching,
                                      bool normalised);

// Gates of a batch of codes (samples x p, a unit is on where its code is not 0) against the true
// supports, k atoms a sample: fractions of samples whose support is right, of the active units
// that are off, of the others that are on. Units without an atom should be off.
struct GateErrors {
  double consistency, missed, raised;
};
GateErrors gate_errors(const View& codes, std::span<const std::uint32_t> support, std::size_t k,
                       const Matching& matching);

// Units that no sample of the batch turns on.
std::size_t dead_units(const View& codes);

// sqrt((d_{s+1}^2 - f^2)/(d_s^2 - f^2)) for each s: what a step multiplies the distance by, without
// the floor f at which training ends. NaN once a distance is at or below the floor.
std::vector<double> floor_removed_contraction(const std::vector<double>& distances, double floor);
// The mean of the last `count` distances. Throws ArgumentError if there are fewer.
double final_distance(const std::vector<double>& distances, std::size_t count = 10);

// Two learned columns that share two atoms evenly (cosines of 0.6 to 0.8 with both): samples are
// then reconstructed exactly though neither atom is found (section 9.3).
struct RotatedPair {
  std::size_t columns[2], atoms[2];
};
std::vector<RotatedPair> rotated_pairs(const Array64& W, const Array64& A);

}  // namespace hourglass
