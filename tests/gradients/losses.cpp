#include "matrix.hpp"
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

}  // namespace

Group losses() {
  Array64 moments = empty64({3, 3});
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) moments(i, j) = i == j ? 2 : 0.3;
  const DataMoments data{moments, {0.5, -0.2, 0.1}};
  const FeatureGaussianNoise features({0.1, 0, 2});
  const CorrelatedGaussianNoise correlated(first_columns(moments, 2));
  return {"losses",
          {"model/marginalised.hpp"},
          {on_weights("EigenbasisLoss", "noise", EigenbasisLoss({3, 2, 1}, 0.4), 1),
           on_weights("ExpectedLoss", "noise", ExpectedLoss(moments, 0.4), 2),
           on_weights("marginalised", "features", marginalised(features, data), 2),
           on_weights("marginalised", "correlated", marginalised(correlated, data), 2),
           on_weights("marginalised", "masking", marginalised(MaskingNoise{0.3}, data), 2),
           on_weights("marginalised", "salt and pepper", marginalised(SaltAndPepper{0.3}, data), 2),
           on_weights("marginalised", "multiplicative",
                      marginalised(MultiplicativeNoise{0.3}, data), 2)},
          {"DataMoments", "NoisyMoments"}};
}

}  // namespace hourglass::gradients
