#include <hourglass/core/error.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace hourglass::init {

namespace {

// fill(k, value) for the value of each weight.
template <class Fill>
void fill_weights(Parameters parameters, Fill fill) {
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    if (parameters[k]->bias)
      parameters[k]->value.fill(0);
    else
      fill(k, parameters[k]->value);
  }
}

// Independent entries with the standard deviation that the shape asks for.
template <class Deviation>
void normals(Parameters parameters, Stream stream, Deviation deviation) {
  fill_weights(parameters, [&](std::size_t k, Array& value) {
    const Real scale = static_cast<Real>(deviation(shape_of(value)));
    stream.normals(k, 0, value);
    for (Real& entry : value) entry *= scale;
  });
}
template <class Deviation>
void uniforms(Parameters parameters, Stream stream, Deviation deviation) {
  fill_weights(parameters, [&](std::size_t k, Array& value) {
    const Real bound = static_cast<Real>(std::sqrt(3.0) * deviation(shape_of(value)));
    stream.uniforms(k, 0, value);
    for (Real& entry : value) entry = bound * (2 * entry - 1);
  });
}

double glorot(Shape shape) {
  return std::sqrt(2 / static_cast<double>(shape.rows + shape.columns));
}
double he(Shape shape) { return std::sqrt(2 / static_cast<double>(shape.columns)); }

}  // namespace

void gaussian(Parameters parameters, double deviation, Stream stream) {
  require_within("gaussian", "the deviation", deviation, not_negative);
  normals(parameters, stream, [=](Shape) { return deviation; });
}

void glorot_uniform(Parameters parameters, Stream stream) { uniforms(parameters, stream, glorot); }
void glorot_normal(Parameters parameters, Stream stream) { normals(parameters, stream, glorot); }
void he_uniform(Parameters parameters, Stream stream) { uniforms(parameters, stream, he); }
void he_normal(Parameters parameters, Stream stream) { normals(parameters, stream, he); }

void orthogonal(Parameters parameters, Stream stream) {
  fill_weights(parameters, [&](std::size_t k, Array& value) {
    stream.normals(k, 0, value);
    value = to_real(polar_factor(to_double(value)));
  });
}

namespace {

using Initialiser = std::function<void(Parameters, Stream)>;

template <void (*initialise)(Parameters, Stream)>
Initialiser plain(TextOptions&) {
  return initialise;
}

const NameTable<Initialiser>& initialisers() {
  static const NameTable<Initialiser> table{
      "initialiser",
      {{"gaussian:DEVIATION",
        [](TextOptions& text) -> Initialiser {
          const double deviation = text.number("the standard deviation", not_negative);
          return [=](Parameters all, Stream stream) { gaussian(all, deviation, stream); };
        }},
       {"glorot_uniform", plain<glorot_uniform>},
       {"glorot_normal", plain<glorot_normal>},
       {"he_uniform", plain<he_uniform>},
       {"he_normal", plain<he_normal>},
       {"orthogonal", plain<orthogonal>}}};
  return table;
}

}  // namespace

void named(const std::string& text, Parameters parameters, Stream stream) {
  initialisers().named(text)(parameters, stream);
}
std::string forms() { return initialisers().forms(); }

void aligned(Parameter& encoder, Parameter& decoder, const Array64& basis, double u0) {
  const Shape w1 = shape_of(encoder.value), w2 = shape_of(decoder.value), v = shape_of(basis);
  if (w1.rows != w2.columns || w1.columns != w2.rows || v.rows != w1.columns || !(u0 >= 0))
    throw ArgumentError("aligned: encoder " + w1.str() + ", decoder " + w2.str() + ", basis " +
                        v.str() + ", u0 " + std::to_string(u0) +
                        "; expected HxD, DxH, Dxk and u0 >= 0");
  const double weight = std::sqrt(u0);
  encoder.value.fill(0);
  decoder.value.fill(0);
  for (std::size_t i = 0; i < std::min(v.columns, w1.rows); ++i)
    for (std::size_t d = 0; d < v.rows; ++d)
      encoder.value(i, d) = decoder.value(d, i) = static_cast<Real>(weight * basis(d, i));
}

}  // namespace hourglass::init
