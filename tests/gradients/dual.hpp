#pragma once

// Numbers with an infinitesimal part: the tests' own derivatives, which share nothing with the
// tape. Nested three times, one evaluation gives the derivatives of three orders along three
// directions.

#include <cmath>
#include <numbers>

namespace hourglass::gradients {

template <class T>
struct Dual {
  T a, b;  // a + b e, with e^2 = 0
  Dual(double value = 0) : a(value), b(0) {}
  Dual(T real, T infinitesimal) : a(real), b(infinitesimal) {}

  friend Dual operator+(Dual x, Dual y) { return {x.a + y.a, x.b + y.b}; }
  friend Dual operator-(Dual x, Dual y) { return {x.a - y.a, x.b - y.b}; }
  friend Dual operator-(Dual x) { return {-x.a, -x.b}; }
  friend Dual operator*(Dual x, Dual y) { return {x.a * y.a, x.a * y.b + x.b * y.a}; }
  friend Dual operator/(Dual x, Dual y) {
    const T q = x.a / y.a;
    return {q, (x.b - q * y.b) / y.a};
  }
  friend Dual exp(Dual x) {
    using std::exp;
    const T y = exp(x.a);
    return {y, x.b * y};
  }
  friend Dual log(Dual x) {
    using std::log;
    return {log(x.a), x.b / x.a};
  }
  friend Dual sqrt(Dual x) {
    using std::sqrt;
    const T y = sqrt(x.a);
    return {y, x.b / (T(2) * y)};
  }
  friend Dual tanh(Dual x) {
    using std::tanh;
    const T y = tanh(x.a);
    return {y, x.b * (T(1) - y * y)};
  }
  friend Dual erf(Dual x) {
    using std::erf, std::exp;
    return {erf(x.a), x.b * exp(-(x.a * x.a)) * T(2 * std::numbers::inv_sqrtpi)};
  }
};

using Number = Dual<Dual<Dual<double>>>;

// The number without its infinitesimals.
inline double real(double x) { return x; }
template <class T>
double real(const Dual<T>& x) {
  return real(x.a);
}

// The largest of its parts; NaN if one is.
inline double size(double x) { return std::abs(x); }
template <class T>
double size(const Dual<T>& x) {
  const double a = size(x.a), b = size(x.b);
  return a >= b || std::isnan(a) ? a : b;
}

}  // namespace hourglass::gradients
