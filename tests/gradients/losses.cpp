#include "matrix.hpp"
#include <hourglass/model/losses.hpp>
#include <hourglass/model/marginalised.hpp>

#include <memory>

namespace hourglass::gradients {
namespace {

// A loss of two weights, encoder and decoder.
template <class Loss>
GradientCase on_weights(const std::string& covers, const std::string& setting, const Loss& loss,
                        int order) {
  const auto held = std::make_shared<std::vector<Parameter>>();
  held->push_back({.name = "W1", .value = random({2, 3}, 1)});
  held->push_back({.name = "W2", .value = random({3, 2}, 2)});
  const auto kept = std::make_shared<Loss>(loss);
  return {covers,
          setting,
          [held, kept](Tape& tape) { return (*kept)(tape, (*held)[0], (*held)[1]); },
          {&(*held)[0], &(*held)[1]},
          order};
}

// Of both arguments; probabilities are made from the first.
GradientCase on_pair(const std::string& covers, const Loss& loss, bool probabilities = false) {
  return on_arguments(covers, "", {{3, 2}, {3, 2}},
                      [=](auto& x) { return loss(probabilities ? sigmoid(x[0]) : x[0], x[1]); });
}

GradientCase on_weighted(WeightedBy by, const std::string& setting) {
  const auto weights = std::make_shared<Array>(random({3, 1}, 5, Values::positive));
  return on_arguments("weighted_mean", setting, {{3, 1}}, [=](auto& x) {
    return weighted_mean(x[0], tape_of(x[0]).constant(*weights), by);
  });
}

std::vector<GradientCase> on_reconstructions() {
  return {on_pair("squared_error", squared_error),
          on_pair("summed_squared_error", summed_squared_error),
          on_pair("half_summed_squared_error", half_summed_squared_error),
          on_pair("mean_squared_error", mean_squared_error),
          on_pair("per_pixel_error", per_pixel_error),
          on_pair("squared_errors", squared_errors),
          on_pair("cross_entropy", cross_entropy, true),
          on_pair("cross_entropies", cross_entropies, true),
          on_pair("cross_entropy_with_logits", cross_entropy_with_logits),
          on_pair("cross_entropies_with_logits", cross_entropies_with_logits),
          on_weighted(WeightedBy::weights, "by weights"),
          on_weighted(WeightedBy::rows, "by rows")};
}

}  // namespace

Group losses() {
  Array64 moments = empty64({3, 3});
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) moments(i, j) = i == j ? 2 : 0.3;
  const DataMoments data{moments, {0.5, -0.2, 0.1}};
  const FeatureGaussianNoise features({0.1, 0, 2});
  const CorrelatedGaussianNoise correlated(first_columns(moments, 2));
  std::vector<GradientCase> cases = on_reconstructions();
  for (GradientCase row :
       {on_weights("EigenbasisLoss", "noise", EigenbasisLoss({3, 2, 1}, 0.4), 1),
        on_weights("ExpectedLoss", "noise", ExpectedLoss(moments, 0.4), 2),
        on_weights("marginalised", "features", marginalised(features, data), 2),
        on_weights("marginalised", "correlated", marginalised(correlated, data), 2),
        on_weights("marginalised", "masking", marginalised(MaskingNoise{0.3}, data), 2),
        on_weights("marginalised", "salt and pepper", marginalised(SaltAndPepper{0.3}, data), 2),
        on_weights("marginalised", "multiplicative", marginalised(MultiplicativeNoise{0.3}, data),
                   2)})
    cases.push_back(std::move(row));
  return {"losses",
          {"model/losses.hpp", "model/marginalised.hpp"},
          cases,
          {"loss_named", "weighted_loss_named", "loss_forms", "DataMoments", "NoisyMoments"}};
}

}  // namespace hourglass::gradients
