#include <hourglass/core/curvature.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/jacobian.hpp>
#include <hourglass/core/kernels.hpp>

#include <algorithm>

namespace hourglass {
namespace {

using SampleLoss = std::function<Var(Tape&, std::size_t)>;

// The gradient of each sample from `first` on, one a row of P numbers.
void fill_gradients(Tape& tape, const SampleLoss& loss, Parameters parameters, std::size_t first,
                    Array64& rows) {
  double* to = rows.data();
  for (std::size_t b = 0; b < shape_of(rows).rows; ++b) {
    for (Parameter* p : parameters) p->has_grad = false;
    tape.begin();
    tape.backward(loss(tape, first + b));
    for (Parameter* p : parameters) {
      const std::size_t size = p->value.size();
      if (p->has_grad)
        std::copy_n(p->grad.data(), size, to);
      else
        std::fill_n(to, size, 0.0);
      to += size;
    }
    tape.discard_gradients();
  }
}

}  // namespace

Array64 jacobian(const std::function<Var(Var)>& f, const Array& x) {
  Tape tape;
  Array64 result;
  std::size_t outputs = 1;
  for (std::size_t k = 0; k < outputs; ++k) {
    tape.begin();
    const Var input = tape.constant(x), y = f(input);
    if (shape_of(x).rows != 1 || y.shape().rows != 1)
      throw ArgumentError("jacobian: expected one row, found " + tape.describe(input) + " and " +
                          tape.describe(y));
    if (k == 0) {
      outputs = y.shape().columns;
      result = empty64({outputs, shape_of(x).columns});
      if (outputs == 0) break;
    }
    const Var row = tape.grad(slice_columns(y, k, 1), std::span(&input, 1))[0];
    std::copy_n(row.value().data(), shape_of(x).columns, result.data() + k * shape_of(x).columns);
  }
  return result;
}

GradientNoise gradient_noise(const SampleLoss& loss, Parameters parameters, std::size_t samples) {
  std::size_t size = 0;
  for (const Parameter* p : parameters) size += p->value.size();
  if (samples == 0 || size > hessian_limit)
    throw ArgumentError("gradient noise: " + std::to_string(samples) + " samples of " +
                        std::to_string(size) + " parameters, expected some of at most " +
                        std::to_string(hessian_limit));
  Tape tape;
  // Moments about the first gradient, so that a mean far larger than the noise costs no digits; in
  // blocks, because all gradients together may be large.
  constexpr std::size_t block = 256;
  const double share = 1 / static_cast<double>(samples);
  Array64 origin = empty64({1, size}), mean = empty64({1, size}),
          covariance = empty64({size, size});
  fill_gradients(tape, loss, parameters, 0, origin);
  mean.fill(0);
  covariance.fill(0);
  for (std::size_t start = 0; start < samples; start += block) {
    Array64 rows = empty64({std::min(block, samples - start), size});
    fill_gradients(tape, loss, parameters, start, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows.data()[i] -= origin.data()[i % size];
      mean.data()[i % size] += share * rows.data()[i];
    }
    const kernels::Operand<double> right{rows.data(), shape_of(rows)},
        left{rows.data(), shape_of(rows), true};
    kernels::gemm(share, left, right, 1.0, covariance.data());
  }
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) covariance(i, j) -= mean(0, i) * mean(0, j);
  for (std::size_t i = 0; i < size; ++i) mean(0, i) += origin(0, i);
  return {mean, covariance};
}

}  // namespace hourglass
