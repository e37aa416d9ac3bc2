#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>

#include <algorithm>
#include <stdexcept>

#include <cblas.h>

extern "C" char* openblas_get_corename(void);

namespace hourglass::kernels {
namespace {

void blas(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, std::size_t m, std::size_t n, std::size_t k,
          double alpha, const double* a, std::size_t lda, const double* b, std::size_t ldb,
          double beta, double* c, std::size_t ldc) {
  cblas_dgemm(CblasRowMajor, ta, tb, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k),
              alpha, a, static_cast<int>(lda), b, static_cast<int>(ldb), beta, c,
              static_cast<int>(ldc));
}
void blas(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, std::size_t m, std::size_t n, std::size_t k,
          float alpha, const float* a, std::size_t lda, const float* b, std::size_t ldb, float beta,
          float* c, std::size_t ldc) {
  cblas_sgemm(CblasRowMajor, ta, tb, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k),
              alpha, a, static_cast<int>(lda), b, static_cast<int>(ldb), beta, c,
              static_cast<int>(ldc));
}

// Panels of at least this much work and this many rows: below, packing and waking cost more.
constexpr double panel_flops = 4e6;
constexpr std::size_t panel_length = 128;

std::size_t panels_of(std::size_t m, std::size_t n, std::size_t k) {
  const double flops =
      2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const auto by_work = static_cast<std::size_t>(flops / panel_flops);
  return std::max<std::size_t>(1, std::min(by_work, std::max(m, n) / panel_length));
}

// Blocks of 512 numbers: eight running sums inside, one double across.
template <class Term>
Real blocked_sum(std::size_t n, Term term) {
  constexpr std::size_t lanes = 8, block = 512;
  double total = 0;
  for (std::size_t start = 0; start < n; start += block) {
    const std::size_t end = std::min(n, start + block);
    Real partial[lanes] = {};
    std::size_t i = start;
    for (; i + lanes <= end; i += lanes)
      for (std::size_t l = 0; l < lanes; ++l) partial[l] += term(i + l);
    for (; i < end; ++i) partial[0] += term(i);
    for (const Real p : partial) total += p;
  }
  return static_cast<Real>(total);
}

}  // namespace

template <class T>
void gemm(T alpha, const Operand<T>& a, const Operand<T>& b, T beta, T* out) {
  const auto ta = a.transposed ? CblasTrans : CblasNoTrans;
  const auto tb = b.transposed ? CblasTrans : CblasNoTrans;
  const auto [m, k] = a.effective();
  const std::size_t n = b.effective().columns;
  if (m == 0 || n == 0) return;
  const std::size_t panels = panels_of(m, n, k), ldc = n;
  const bool by_rows = m >= n;
  const std::size_t length = by_rows ? m : n;
  const auto panel = [&](std::size_t p) {
    const std::size_t from = length * p / panels, count = length * (p + 1) / panels - from;
    // where the panel starts in a (or b) and in the output
    const std::size_t lda = a.shape.columns, ldb = b.shape.columns;
    const T* pa = by_rows ? a.data + (a.transposed ? from : from * lda) : a.data;
    const T* pb = by_rows ? b.data : b.data + (b.transposed ? from * ldb : from);
    T* pc = out + (by_rows ? from * ldc : from);
    blas(ta, tb, by_rows ? count : m, by_rows ? n : count, k, alpha, pa,
         std::max<std::size_t>(1, lda), pb, std::max<std::size_t>(1, ldb), beta, pc, ldc);
  };
  if (panels == 1)
    panel(0);
  else
    parallel_for(panels, panel);
}
template void gemm(float, const Operand<float>&, const Operand<float>&, float, float*);
template void gemm(double, const Operand<double>&, const Operand<double>&, double, double*);

Array64 product(const Array64& a, const Array64& b, bool transpose_a, bool transpose_b) {
  const Operand<double> left{a.data(), shape_of(a), transpose_a};
  const Operand<double> right{b.data(), shape_of(b), transpose_b};
  if (left.effective().columns != right.effective().rows)
    throw std::invalid_argument("product: " + shape_of(a).str() + " and " + shape_of(b).str() +
                                " do not match: inner sizes " +
                                std::to_string(left.effective().columns) + " and " +
                                std::to_string(right.effective().rows));
  Array64 out = empty64({left.effective().rows, right.effective().columns});
  gemm(1.0, left, right, 0.0, out.data());
  return out;
}

Real sum(const Real* x, std::size_t n) {
  return blocked_sum(n, [=](std::size_t i) { return x[i]; });
}
Real dot(const Real* x, const Real* y, std::size_t n) {
  return blocked_sum(n, [=](std::size_t i) { return x[i] * y[i]; });
}
Real squared_distance(const Real* x, const Real* y, std::size_t n) {
  return blocked_sum(n, [=](std::size_t i) { return (x[i] - y[i]) * (x[i] - y[i]); });
}

void axpy(Real a, const Real* x, Real* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += a * x[i];
}

void column_sums(const View& x, Array& out, bool accumulate) {
  const auto [rows, columns] = shape_of(x);
  if (!accumulate) out.fill(0);
  Real* sums = out.data();
  for (std::size_t i = 0; i < rows; ++i) {
    const Real* row = x.data() + i * columns;
    for (std::size_t j = 0; j < columns; ++j) sums[j] += row[j];
  }
}

void add_rows(const View& x, const View& row, Array& out) {
  const auto [rows, columns] = shape_of(x);
  const Real* added = row.data();
  for (std::size_t i = 0; i < rows; ++i) {
    const Real* from = x.data() + i * columns;
    Real* to = out.data() + i * columns;
    for (std::size_t j = 0; j < columns; ++j) to[j] = from[j] + added[j];
  }
}

void repeat_rows(const View& row, Array& out, bool accumulate) {
  const auto [rows, columns] = shape_of(out);
  for (std::size_t i = 0; i < rows; ++i) {
    Real* to = out.data() + i * columns;
    if (accumulate)
      axpy(1, row.data(), to, columns);
    else
      std::copy_n(row.data(), columns, to);
  }
}

void use_one_blas_thread() { openblas_set_num_threads(1); }
std::string blas_core() { return openblas_get_corename(); }

}  // namespace hourglass::kernels
