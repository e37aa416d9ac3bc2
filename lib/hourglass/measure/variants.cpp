#include <hourglass/core/error.hpp>
#include <hourglass/measure/variants.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hourglass {

double stability_edge(double lambda_1, const Variant& variant, double drawn, double start) {
  const double xi = lambda_1 + variant.sigma2, kept = std::sqrt(lambda_1 / xi);
  const double at_start = 3 * xi * start + variant.gamma;
  return 2 / (std::max({2 * lambda_1, lambda_1 + variant.gamma, at_start}) + kept * drawn);
}

// Of Gaussian entries: (sqrt D + sqrt H) times their deviation is their largest singular value.
double start_of(double deviation, std::size_t features, std::size_t hidden) {
  const double largest = deviation * (std::sqrt(double(features)) + std::sqrt(double(hidden)));
  return largest * largest;
}

Trace Variants::descend(const Variant& variant, const std::function<Var(Tape&)>& loss,
                        Parameters parameters, const Probe& probe) {
  Training training = settings_.training;
  training.part = variant.name;
  const std::size_t before = begun_++ * training.steps;
  if (settings_.progress)
    training.progress = [&](std::size_t done) { settings_.progress(before + done, steps()); };
  Optimiser descent = Sgd{settings_.rate};
  try {
    return train(training, loss, parameters, descent, probe);
  } catch (const Divergence& divergence) {
    throw Divergence(variant.name + ": " + divergence.what());
  }
}

Comparison Variants::compare(
    const std::function<Trace(const Variant&)>& measure,
    const std::function<Trace(const Variant&)>& predict,
    const std::function<std::vector<Agreement>(const Variant&, const Trace&, const Trace&)>&
        judge) {
  Comparison all;
  for (const Variant& variant : settings_.variants) {
    const auto start = std::chrono::steady_clock::now();
    const Trace measured = measure(variant);
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const Trace predicted = predict(variant);
    for (const Agreement& agreement : judge(variant, measured, predicted))
      all.agreements.push_back(agreement);
    all.measured.append(measured);
    all.predicted.append(predicted);
  }
  return all;
}

}  // namespace hourglass
