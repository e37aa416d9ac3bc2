#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <string>

// Everything that multiplies, reduces or broadcasts: plain loops and BLAS where xtensor's own
// expressions are slow. Large products are cut into panels of the output by shape alone and run on
// threads() threads: the result does not depend on their number.
namespace HOURGLASS_API hourglass {
namespace kernels {

// A matrix as BLAS sees it: `rows` x `columns` numbers in row-major order.
template <class T>
struct Operand {
  const T* data;
  Shape shape;
  bool transposed = false;
  // The shape that a product sees.
  Shape effective() const { return transposed ? Shape{shape.columns, shape.rows} : shape; }
};

// out = alpha op(a) op(b) + beta out; shapes are the caller's business. T: float or double.
template <class T>
void gemm(T alpha, const Operand<T>& a, const Operand<T>& b, T beta, T* out);

// The same on whole arrays, with shapes checked: ArgumentError.
Array64 product(const Array64& a, const Array64& b, bool transpose_a = false,
                bool transpose_b = false);

// Sums in blocks, so that rounding does not grow with n.
Real sum(const Real* x, std::size_t n);
Real dot(const Real* x, const Real* y, std::size_t n);
Real squared_distance(const Real* x, const Real* y, std::size_t n);

// Whether a sum of squares of Reals lost nothing to overflow or underflow.
bool squares_hold(double sum);
// sqrt(sum x^2) in double, also where the squares are no Reals.
double norm(const Real* x, std::size_t n);

// y += a x
void axpy(Real a, const Real* x, Real* y, std::size_t n);

// out (1 x columns) = or += the sum of the rows of x
void column_sums(const View& x, Array& out, bool accumulate);

// out = or += the transpose of x
void transpose(const View& x, Array& out, bool accumulate);
// the columns of x into (or added to) those of `out` from `to` on
void copy_columns(const View& x, Array& out, std::size_t to, bool accumulate);

// Threading is done here, by panels, and no result may depend on OpenBLAS's: products and spectra
// tell it to keep to one thread while they are under way. That holds for the whole process; when
// the last of them is done, the number that the program had set is put back.
class OneBlasThread {
 public:
  OneBlasThread();
  ~OneBlasThread();
  OneBlasThread(const OneBlasThread&) = delete;
  OneBlasThread& operator=(const OneBlasThread&) = delete;

 private:
  bool counted_;
};
// One thread from now on, for programs that leave OpenBLAS to hourglass: products are then spared
// the switching.
void use_one_blas_thread();
// The instruction set that OpenBLAS chose, e.g. "Haswell".
std::string blas_core();
// What to set OPENBLAS_CORETYPE to before the program starts; empty where OpenBLAS chose well. It
// takes its oldest kernels on processors that it does not know, which are three times slower.
std::string better_blas_core();

}  // namespace kernels
}  // namespace hourglass
