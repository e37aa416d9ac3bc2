#include <hourglass/model/initialisers.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hourglass::init {

void gaussian(Parameters parameters, double deviation, Stream stream) {
  if (!(deviation >= 0) || !std::isfinite(deviation))
    throw std::invalid_argument("gaussian: the deviation is " + std::to_string(deviation) +
                                ", expected a finite number that is not negative");
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    Array& value = parameters[k]->value;
    if (parameters[k]->bias) {
      value.fill(0);
      continue;
    }
    stream.normals(k, 0, value);
    for (Real& entry : value) entry *= static_cast<Real>(deviation);
  }
}

void aligned(Parameter& encoder, Parameter& decoder, const Array64& basis, double u0) {
  const Shape w1 = shape_of(encoder.value), w2 = shape_of(decoder.value), v = shape_of(basis);
  if (w1.rows != w2.columns || w1.columns != w2.rows || v.rows != w1.columns || !(u0 >= 0))
    throw std::invalid_argument("aligned: encoder " + w1.str() + ", decoder " + w2.str() +
                                ", basis " + v.str() + ", u0 " + std::to_string(u0) +
                                "; expected HxD, DxH, Dxk and u0 >= 0");
  const double weight = std::sqrt(u0);
  encoder.value.fill(0);
  decoder.value.fill(0);
  for (std::size_t i = 0; i < std::min(v.columns, w1.rows); ++i)
    for (std::size_t d = 0; d < v.rows; ++d)
      encoder.value(i, d) = decoder.value(d, i) = static_cast<Real>(weight * basis(d, i));
}

}  // namespace hourglass::init
