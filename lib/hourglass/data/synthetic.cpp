#include "byte_reader.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/synthetic.hpp>

#include <cmath>
#include <string>

namespace hourglass {
namespace {

// Streams of one seed: samples and basis must not share numbers.
constexpr std::uint32_t sample_stream = 0x5a3d, basis_stream = 0x5a3e;

void check_variances(const std::string& who, const std::vector<double>& spectrum) {
  if (spectrum.empty()) throw ArgumentError(who + ": the spectrum is empty");
  for (const double variance : spectrum)
    if (!(variance >= 0) || !std::isfinite(variance))
      throw ArgumentError(who + ": variance " + std::to_string(variance) +
                          " in the spectrum, expected a finite number >= 0");
}

void check(const GaussianModel& model) {
  check_variances("gaussian", model.spectrum);
  const std::size_t least = model.exact_moments ? model.spectrum.size() + 1 : 1;
  if (model.samples < least)
    throw ArgumentError("gaussian: found " + std::to_string(model.samples) +
                        " samples, expected at least " + std::to_string(least));
}

Array64 identity(std::size_t size) {
  Array64 result = empty64({size, size});
  result.fill(0.0);
  for (std::size_t i = 0; i < size; ++i) result(i, i) = 1;
  return result;
}

// Each row of `a` times b, in double. Not by BLAS: a row must not depend on how many there are.
template <class Rows>
Array64 rows_times(const Rows& a, const Array64& b) {
  const Shape shape{shape_of(a).rows, shape_of(b).columns};
  Array64 result = empty64(shape);
  result.fill(0.0);
  for (std::size_t r = 0; r < shape.rows; ++r)
    for (std::size_t k = 0; k < shape_of(b).rows; ++k) {
      const double factor = static_cast<double>(a(r, k));
      for (std::size_t c = 0; c < shape.columns; ++c) result(r, c) += factor * b(k, c);
    }
  return result;
}

// Maps samples of second moments C to C^(-1/2): afterwards X^T X / N is the identity.
Array64 whitening(const Array& x) {
  const Spectrum s = data::spectrum(data::second_moments(x));
  const std::size_t size = s.values.size();
  Array64 scaled = empty64({size, size});
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) scaled(i, j) = s.vectors(i, j) / std::sqrt(s.values[j]);
  return kernels::product(scaled, s.vectors, false, true);
}

// diag(standard deviations) times the transposed basis: what a row of normals is multiplied with.
Array64 mixing(const std::vector<double>& spectrum, const Array64& basis) {
  const std::size_t size = spectrum.size();
  Array64 result = empty64({size, size});
  for (std::size_t j = 0; j < size; ++j)
    for (std::size_t i = 0; i < size; ++i) result(j, i) = std::sqrt(spectrum[j]) * basis(i, j);
  return result;
}

Array64 standard_samples(const GaussianModel& model) {
  const Stream stream{model.seed, sample_stream};
  Dataset z{"", stream.normals({model.samples, model.spectrum.size()}), ""};
  if (!model.exact_moments) return z.x;
  data::centre(z);
  return rows_times(z.x, whitening(z.x));
}

GaussianDataset in_basis(const std::string& name, const GaussianModel& model, Array64 basis) {
  Array x = rows_times(standard_samples(model), mixing(model.spectrum, basis));
  std::string sum = data::checksum(x.data(), x.size() * sizeof(Real));
  return {{name, std::move(x), std::move(sum)}, model.spectrum, std::move(basis)};
}

}  // namespace

GaussianDataset data::gaussian(const GaussianModel& model) {
  check(model);
  const std::size_t size = model.spectrum.size();
  Array64 basis =
      model.basis == Basis::identity
          ? identity(size)
          : polar_factor(to_double(Stream{model.seed, basis_stream}.normals({size, size})));
  return in_basis("gaussian", model, std::move(basis));
}

GaussianDataset data::gaussian_surrogate(const Dataset& dataset, std::size_t samples,
                                         std::uint64_t seed) {
  Spectrum found = spectrum(second_moments(dataset.x));
  const GaussianModel model{.spectrum = std::move(found.values), .samples = samples, .seed = seed};
  check(model);
  return in_basis(dataset.name + ", Gaussian surrogate", model, std::move(found.vectors));
}

OnlineGaussian::OnlineGaussian(const std::vector<double>& spectrum, Stream stream, std::size_t size)
    : stream_(stream), x_(empty({size, spectrum.size()})) {
  check_variances("OnlineGaussian", spectrum);
  if (size == 0) throw ArgumentError("OnlineGaussian: a batch of 0 rows");
  for (const double variance : spectrum)
    deviations_.push_back(static_cast<Real>(std::sqrt(variance)));
}

Batch OnlineGaussian::batch(std::uint64_t step) {
  stream_.normals(step, 0, x_);
  const auto [rows, columns] = shape_of(x_);
  const Real* deviations = deviations_.data();
  for (std::size_t r = 0; r < rows; ++r) {
    Real* row = x_.data() + r * columns;
    for (std::size_t c = 0; c < columns; ++c) row[c] *= deviations[c];
  }
  return {borrow(x_), 0};
}

}  // namespace hourglass
