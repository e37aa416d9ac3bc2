#pragma once

#include <hourglass/core/array.hpp>

#include <functional>
#include <vector>

namespace hourglass {

// Modes that grow from small random weights hold each other up until they part. The prediction of
// a mode takes the stronger ones as risen and the weaker ones as absent (the QR rule); where
// eigenvalues are near or equal it is neither, and the path of the single mode is not determined
// (docs/theory/linear.md, section 8).
class Competition {
 public:
  // Of the first modes, with those in the columns of V (D x k, strongest first).
  Competition(const Array64& W1, const Array64& W2, const Array64& V, std::size_t modes);

  // ln(u/(u* - u)) of a mode, from 1, that began with that strength and grew alone.
  using LogOdds = std::function<double(std::size_t mode, double start)>;
  // By how much that of one mode is off at a moment, to first order in pairs.
  double shift(std::size_t mode, const LogOdds& risen) const;

 private:
  double held_up(std::size_t i, const LogOdds& risen) const;
  double left_by(std::size_t i, std::size_t j) const;

  // Of mode j where the modes before mode i are taken away, at [i][j]: its strength, and the
  // squared cosine between the two.
  std::vector<std::vector<double>> starts_, cosines_;
};

}  // namespace hourglass
