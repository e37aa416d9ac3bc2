#pragma once

#include <hourglass/theory/registry.hpp>

// Inputs that many formulas share; symbols of docs/theory/linear.md, section 0.
namespace hourglass::theory::fields {

inline constexpr Field lambda{"lambda", Kind::number, "drive of the mode: eigenvalue of C"};
inline constexpr Field sigma2{"sigma2", Kind::number, "noise variance, added to every curvature"};
inline constexpr Field gamma{"gamma", Kind::number, "weight decay, penalty gamma/2 |W|^2"};
inline constexpr Field alpha{"alpha", Kind::number, "learning rate of gradient descent"};
inline constexpr Field w1{"w1", Kind::number, "encoder weight at the start"};
inline constexpr Field w2{"w2", Kind::number, "decoder weight at the start"};
inline constexpr Field u0{"u0", Kind::number, "strength w1 w2 at the start"};
inline constexpr Field times{"times", Kind::list, "times, in steps"};
inline constexpr Field fractions{"fractions", Kind::list,
                                 "levels as fractions of u_star, in (0,1)"};
inline constexpr Field W1{"W1", Kind::matrix, "encoder, H x D"};
inline constexpr Field W2{"W2", Kind::matrix, "decoder, D x H"};
inline constexpr Field lambdas{"lambdas", Kind::list, "eigenvalues of C, largest first"};
inline constexpr Field C{"C", Kind::matrix, "second moment of the data, D x D"};
inline constexpr Field H{"H", Kind::count, "hidden units"};

inline constexpr Field u{"u", Kind::list, "strength w1 w2 at the times"};
inline constexpr Field u_star{"u_star", Kind::number, "stable fixed point max(0, beta/xi)"};

}  // namespace hourglass::theory::fields
