#pragma once

#include <hourglass/data/dataset.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/random/stream.hpp>

#include <functional>
#include <string>
#include <vector>

namespace hourglass {

// Inputs for online learning. Gaussian ones are drawn in the eigenbasis of their second moments,
// where the dynamics is the same as in other coordinates: a rotation of the inputs rotates the
// weights with it (docs/theory/nonlinear.md, sections 1.1 and 7.1).
struct OnlineInputs {
  std::string name;
  std::vector<double> spectrum;  // eigenvalues of the second moments, largest first
  // Rows to draw from, and the eigenvectors in columns; without samples inputs are Gaussian, and
  // the eigenbasis is their own.
  Dataset rows = {};
  Array64 basis = {};
  double mean_share = 0;  // squared length of the mean over the trace of the second moments

  bool gaussian() const { return rows.x.size() == 0; }
  std::size_t features() const { return spectrum.size(); }
  std::vector<double> ell() const;  // spectrum/D
};

// Gaussian inputs with the spectrum of the model.
OnlineInputs online_inputs(const SpikedModel& model, const std::string& name);

// Of images, first scaled to a standard deviation of 0.5 over all values and centred. A surrogate
// keeps their spectrum alone. Throws what data::fit throws.
OnlineInputs online_inputs(Dataset images, Centring centring, bool surrogate);

// Draws batches: fresh Gaussian rows, or rows of the data set in a new order each epoch. The result
// borrows `inputs`; a step is a function of (stream, step) alone.
std::function<View(std::uint64_t step)> sampler(const OnlineInputs& inputs, std::size_t batch,
                                                Stream stream);

}  // namespace hourglass
