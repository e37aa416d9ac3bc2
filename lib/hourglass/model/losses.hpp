#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>
#include <string>

// Losses of a reconstruction y against its target x, both BxD: 1x1, each with its factor. With
// E = sum over the batch of ||y_b - x_b||^2:
//
//   half_squared_error         E / (2B)    the handbook of linear networks; in core/ops.hpp
//   squared_error              E / B
//   summed_squared_error       E
//   half_summed_squared_error  E / 2
//   mean_squared_error         E / (BD)    what most frameworks call "MSE"
//   per_pixel_error            E / (2BD)   the handbook of shallow networks ("pmse")
//
// Each is as accurate as its arguments: what nearly agrees is subtracted first. A sum of squares
// beyond the largest Real is infinite. A batch without rows, or shapes that differ, throw
// ArgumentError.
namespace HOURGLASS_API hourglass {

// 1x1, with the factor that the table gives it.
Var squared_error(Var y, Var x);
Var summed_squared_error(Var y, Var x);
Var half_summed_squared_error(Var y, Var x);
Var mean_squared_error(Var y, Var x);
Var per_pixel_error(Var y, Var x);

// -1/B sum [x log p + (1-x) log(1-p)] for data x in [0, 1] and probabilities p = y. p is moved into
// [e, 1-e], e = 1e-12 (in single precision 1e-6), beyond which its gradient is 0: logits are
// better.
Var cross_entropy(Var y, Var x);
// The same with p = sigmoid(y), for logits of any size: 1/B sum [log(1 + exp(y)) - x y].
Var cross_entropy_with_logits(Var y, Var x);

// Bx1: one loss a sample, with neither 1/2 nor 1/D, for weighted_mean.
Var squared_errors(Var y, Var x);
Var cross_entropies(Var y, Var x);
Var cross_entropies_with_logits(Var y, Var x);

// 1x1: sum_b w_b l_b / sum_b w_b for losses l and weights w, both Bx1: a sample of weight 2 counts
// like the same sample twice. By rows: sum_b w_b l_b / B. No gradient flows to the weights. Throws
// ArgumentError if shapes differ or what it divides by is not positive.
enum class WeightedBy { weights, rows };
Var weighted_mean(Var losses, Var weights, WeightedBy by = WeightedBy::weights);

// Any of these, or one of your own: 1x1, and from samples that have weights (Bx1).
using Loss = std::function<Var(Var y, Var x)>;
using WeightedLoss = std::function<Var(Var y, Var x, Var weights)>;

// By the names above; loss_forms() lists them, for the help of a command line. Without `logits`
// there are those alone whose y is the reconstruction. The weighted form of a loss is its value
// where all weights are equal; sums have none. Throws InputError with the names there are.
Loss loss_named(const std::string& name, bool logits = true);
WeightedLoss weighted_loss_named(const std::string& name, WeightedBy by = WeightedBy::weights);
std::string loss_forms(bool logits = true);

}  // namespace hourglass
