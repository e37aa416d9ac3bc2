#pragma once

#include "formula.hpp"

// Inputs and outputs that many formulas share; symbols of docs/theory/linear.md, section 0.
namespace hourglass::predict {

inline constexpr Number lambda{"lambda", "drive of the mode: eigenvalue of C"};
inline constexpr Number sigma2{"sigma2", "noise variance, added to every curvature"};
inline constexpr Number gamma{"gamma", "weight decay, penalty gamma/2 |W|^2"};
inline constexpr Number alpha{"alpha", "learning rate of gradient descent"};
inline constexpr Number w1{"w1", "encoder weight at the start"};
inline constexpr Number w2{"w2", "decoder weight at the start"};
inline constexpr Matrix W1{"W1", "encoder, H x D"};
inline constexpr Matrix W2{"W2", "decoder, D x H"};
inline constexpr Input<List> lambdas{"lambdas", "eigenvalues of C, largest first"};
inline constexpr Matrix C{"C", "second moment of the data, D x D"};
inline constexpr Count H{"H", "hidden units"};
inline constexpr Number p_drop{"p_drop", "probability that an entry is dropped"};
inline constexpr Flag rescale{"rescale", "whether kept entries are divided by 1 - p_drop"};

}  // namespace hourglass::predict
