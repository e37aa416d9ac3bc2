#include <hourglass/core/error.hpp>
#include <hourglass/core/instruction_set.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>

#include <cblas.h>
#include <pthread.h>

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

// Panels of at most this length, a power of two of them, and each of at least this much work: every
// panel packs the whole of the other operand, and waking a thread takes a while.
constexpr std::size_t panel_length = 500;
constexpr double panel_flops = 4e6;

std::size_t panels_of(std::size_t m, std::size_t n, std::size_t k) {
  const double flops =
      2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const auto by_work = static_cast<std::size_t>(flops / panel_flops);
  const std::size_t by_length = (std::max(m, n) + panel_length - 1) / panel_length;
  return std::max<std::size_t>(1, std::min(by_work, std::bit_ceil(by_length)));
}

// Numbers that a 128-bit register holds, which every x86-64 and ARMv8 has.
template <class T>
struct Pack {
  using type [[gnu::vector_size(16)]] = T;
  static constexpr std::size_t lanes = 16 / sizeof(T);
};

// sum_i term(x_i, y_i), in independent running sums: a single one waits for its own last addition.
template <class T, class Term>
T packed_sum(const T* x, const T* y, std::size_t n, Term term) {
  using P = typename Pack<T>::type;
  constexpr std::size_t lanes = Pack<T>::lanes, packs = 4;
  P sums[packs] = {};
  std::size_t i = 0;
  for (; i + packs * lanes <= n; i += packs * lanes)
    for (std::size_t k = 0; k < packs; ++k) {
      P a, b;
      std::memcpy(&a, x + i + k * lanes, sizeof a);
      std::memcpy(&b, y + i + k * lanes, sizeof b);
      sums[k] += term(a, b);
    }
  T total = 0;
  for (; i < n; ++i) total += term(x[i], y[i]);
  const P all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (std::size_t l = 0; l < lanes; ++l) total += all[l];
  return total;
}

// The same in blocks, with one double across them, so that it is accurate for any n.
template <class Term>
Real blocked_sum(const Real* x, const Real* y, std::size_t n, Term term) {
  constexpr std::size_t block = 1024;
  double total = 0;
  for (std::size_t start = 0; start < n; start += block)
    total += packed_sum(x + start, y + start, std::min(block, n - start), term);
  return static_cast<Real>(total);
}

template <class T>
T strided_dot(const T* x, std::size_t step, const T* y, std::size_t n) {
  if (step == 1) return packed_sum(x, y, n, [](auto a, auto b) { return a * b; });
  T total = 0;
  for (std::size_t p = 0; p < n; ++p) total += x[p * step] * y[p];
  return total;
}

// y_i = value(x_i, y_i), several packs a turn: for short rows the turns themselves cost time.
template <class T, class Value>
void packed_map(const T* x, T* y, std::size_t n, Value value) {
  using P = typename Pack<T>::type;
  constexpr std::size_t lanes = Pack<T>::lanes, packs = 4;
  std::size_t i = 0;
  for (; i + packs * lanes <= n; i += packs * lanes)
    for (std::size_t k = 0; k < packs; ++k) {
      P a, b;
      std::memcpy(&a, x + i + k * lanes, sizeof a);
      std::memcpy(&b, y + i + k * lanes, sizeof b);
      b = value(a, b);
      std::memcpy(y + i + k * lanes, &b, sizeof b);
    }
  for (; i < n; ++i) y[i] = value(x[i], y[i]);
}

// Below this many multiplications, calling BLAS takes longer than multiplying; with a single row or
// column (as in online learning) this holds for longer.
constexpr std::size_t small_product = 2048, small_row_product = 8192;

// One row of a small product: to = alpha left op(b) + beta to, where `left` has numbers `step`
// apart. Width is the number of columns of b where that is known to be short, otherwise 0: with a
// constant, the inner loop disappears.
template <std::size_t Width, class T>
void small_row(T alpha, const T* left, std::size_t step, const Operand<T>& b, T beta,
               T* __restrict to) {
  const T* right = b.data;
  const std::size_t rows = b.shape.rows, columns = Width > 0 ? Width : b.shape.columns;
  if (b.transposed) {
    T copied[Width > 0 ? Width : 1];
    for (std::size_t p = 0; p < Width; ++p) copied[p] = left[p * step];
    for (std::size_t j = 0; j < rows; ++j, right += columns) {
      T total = 0;
      if constexpr (Width > 0)
        for (std::size_t p = 0; p < Width; ++p) total += copied[p] * right[p];
      else
        total = strided_dot(left, step, right, columns);
      to[j] = alpha * total + (beta == 0 ? 0 : beta * to[j]);
    }
  } else if constexpr (Width > 0) {
    T total[Width] = {}, other[Width] = {};  // two, so that one need not wait for the other
    std::size_t p = 0;
    for (; p + 2 <= rows; p += 2, right += 2 * Width)
      for (std::size_t j = 0; j < Width; ++j) {
        total[j] += left[p * step] * right[j];
        other[j] += left[(p + 1) * step] * right[Width + j];
      }
    for (std::size_t j = 0; j < Width && p < rows; ++j) total[j] += left[p * step] * right[j];
    for (std::size_t j = 0; j < Width; ++j)
      to[j] = alpha * (total[j] + other[j]) + (beta == 0 ? 0 : beta * to[j]);
  } else {
    for (std::size_t j = 0; j < columns; ++j) to[j] = beta == 0 ? 0 : beta * to[j];
    for (std::size_t p = 0; p < rows; ++p, right += columns) {
      const T factor = alpha * left[p * step];
      packed_map(right, to, columns, [factor](auto r, auto t) { return t + factor * r; });
    }
  }
}

// out = alpha x y^T + beta out, m x n, where n is Width unless that is 0.
template <std::size_t Width, class T>
void outer_product(T alpha, const T* x, std::size_t m, const T* y, std::size_t n, T beta,
                   T* __restrict out) {
  const std::size_t columns = Width > 0 ? Width : n;
  for (std::size_t i = 0; i < m; ++i, out += columns) {
    const T factor = alpha * x[i];
    if (Width == 0 && beta == 0)
      packed_map(y, out, columns, [factor](auto a, auto) { return factor * a; });
    else if (beta == 0)
      for (std::size_t j = 0; j < columns; ++j) out[j] = factor * y[j];
    else
      for (std::size_t j = 0; j < columns; ++j) out[j] = factor * y[j] + beta * out[j];
  }
}

template <std::size_t Width, class T>
void small_product_of(T alpha, const Operand<T>& a, const Operand<T>& b, T beta, T* out) {
  const auto [m, k] = a.effective();
  const std::size_t n = b.effective().columns;
  if (k == 1) return outer_product<Width>(alpha, a.data, m, b.data, n, beta, out);
  for (std::size_t i = 0; i < m; ++i)
    small_row<Width>(alpha, a.data + (a.transposed ? i : i * k), a.transposed ? m : 1, b, beta,
                     out + i * n);
}

template <class T>
void small_gemm(T alpha, const Operand<T>& a, const Operand<T>& b, T beta, T* out) {
  const bool outer = a.effective().columns == 1;
  switch (outer ? b.effective().columns : b.shape.columns) {
    case 1:
      return small_product_of<1>(alpha, a, b, beta, out);
    case 2:
      return small_product_of<2>(alpha, a, b, beta, out);
    case 3:
      return small_product_of<3>(alpha, a, b, beta, out);
    case 4:
      return small_product_of<4>(alpha, a, b, beta, out);
    default:
      return small_product_of<0>(alpha, a, b, beta, out);
  }
}

}  // namespace

template <class T>
void gemm(T alpha, const Operand<T>& a, const Operand<T>& b, T beta, T* out) {
  const auto ta = a.transposed ? CblasTrans : CblasNoTrans;
  const auto tb = b.transposed ? CblasTrans : CblasNoTrans;
  const std::size_t m = a.effective().rows, k = a.effective().columns, n = b.effective().columns;
  if (k == 0) {  // nothing to add up, and nothing to point at
    for (std::size_t i = 0; i < m * n; ++i) out[i] = beta == 0 ? 0 : beta * out[i];
    return;
  }
  if (m == 0 || n == 0) return;
  const std::size_t small = m == 1 || n == 1 || k == 1 ? small_row_product : small_product;
  if (m * n * k <= small) return small_gemm(alpha, a, b, beta, out);
  const OneBlasThread guard;
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
    throw ArgumentError("product: " + shape_of(a).str() + " and " + shape_of(b).str() +
                        " do not match: inner sizes " + std::to_string(left.effective().columns) +
                        " and " + std::to_string(right.effective().rows));
  Array64 out = empty64({left.effective().rows, right.effective().columns});
  gemm(1.0, left, right, 0.0, out.data());
  return out;
}

Real sum(const Real* x, std::size_t n) {
  return blocked_sum(x, x, n, [](auto a, auto) { return a; });
}
Real dot(const Real* x, const Real* y, std::size_t n) {
  return blocked_sum(x, y, n, [](auto a, auto b) { return a * b; });
}
Real squared_distance(const Real* x, const Real* y, std::size_t n) {
  return blocked_sum(x, y, n, [](auto a, auto b) { return (a - b) * (a - b); });
}

bool squares_hold(double sum) {
  using Limits = std::numeric_limits<Real>;
  return sum > double(Limits::min() / Limits::epsilon()) && sum <= double(Limits::max());
}

double norm(const Real* x, std::size_t n) {
  const double squares = double(dot(x, x, n));
  if (squares_hold(squares)) return std::sqrt(squares);
  double result = 0;
  for (std::size_t i = 0; i < n; ++i) result = std::hypot(result, double(x[i]));
  return result;
}

void axpy(Real a, const Real* x, Real* y, std::size_t n) {
  packed_map(x, y, n, [a](auto from, auto to) { return to + a * from; });
}

// In double, a strip of columns at a time: a plain sum over 60,000 floats would lose digits.
void column_sums(const View& x, Array& out, bool accumulate) {
  constexpr std::size_t width = 64;
  const auto [rows, columns] = shape_of(x);
  for (std::size_t start = 0; start < columns; start += width) {
    const std::size_t count = std::min(width, columns - start);
    double sums[width] = {};
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < count; ++j) sums[j] += double(x.data()[i * columns + start + j]);
    for (std::size_t j = 0; j < count; ++j)
      out.data()[start + j] =
          static_cast<Real>(sums[j] + (accumulate ? double(out.data()[start + j]) : 0));
  }
}

// In square tiles, so that neither side strides through the cache alone.
void transpose(const View& x, Array& out, bool accumulate) {
  constexpr std::size_t tile = 16;
  const auto [rows, columns] = shape_of(x);
  for (std::size_t i0 = 0; i0 < rows; i0 += tile)
    for (std::size_t j0 = 0; j0 < columns; j0 += tile)
      for (std::size_t j = j0; j < std::min(j0 + tile, columns); ++j)
        for (std::size_t i = i0; i < std::min(i0 + tile, rows); ++i) {
          Real& to = out.data()[j * rows + i];
          to = x.data()[i * columns + j] + (accumulate ? to : 0);
        }
}

void copy_columns(const View& x, Array& out, std::size_t to, bool accumulate) {
  const auto [rows, columns] = x.shape();
  for (std::size_t i = 0; i < rows; ++i) {
    Real* target = out.data() + i * shape_of(out).columns + to;
    if (accumulate)
      axpy(1, x.row(i), target, columns);
    else
      std::copy_n(x.row(i), columns, target);
  }
}

namespace {

// Who needs OpenBLAS to keep to one thread, and what it had before.
std::mutex blas_mutex;
std::size_t blas_users = 0;
int blas_threads_before = 1;
std::atomic<bool> one_for_good = false;

// A thread that multiplies while another forks would leave its lock and its count in the child.
[[maybe_unused]] const int at_fork =
    pthread_atfork([] { blas_mutex.lock(); }, [] { blas_mutex.unlock(); },
                   [] {
                     blas_users = 0;
                     blas_mutex.unlock();
                   });

}  // namespace

OneBlasThread::OneBlasThread() : counted_(!one_for_good) {
  if (!counted_) return;
  const std::lock_guard lock(blas_mutex);
  if (blas_users++ > 0) return;
  blas_threads_before = openblas_get_num_threads();
  if (blas_threads_before != 1) openblas_set_num_threads(1);
}

OneBlasThread::~OneBlasThread() {
  if (!counted_) return;
  const std::lock_guard lock(blas_mutex);
  if (blas_users == 0) return;  // in a child that was forked meanwhile
  if (--blas_users > 0 || blas_threads_before == 1 || one_for_good) return;
  openblas_set_num_threads(blas_threads_before);
}

void use_one_blas_thread() {
  const std::lock_guard lock(blas_mutex);
  one_for_good = true;
  openblas_set_num_threads(1);
}
std::string blas_core() { return openblas_get_corename(); }

std::string better_blas_core() {
  if (blas_core() != "Prescott") return {};
  switch (best_instruction_set()) {
    case InstructionSet::avx512:
      return "SkylakeX";
    case InstructionSet::avx2:
      return "Haswell";
    default:
      return {};
  }
}

}  // namespace hourglass::kernels
