#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/generative_consistency.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/generative_fields.hpp>

// Expected gradients and code consistency: docs/theory/generative.md, sections 3, 6 and 10.
namespace hourglass::theory {
namespace {

using nlohmann::json;
using namespace fields;

Formula support() {
  return {"generative.support_probabilities",
          "generative.md, section 0.2: q_r, r given atoms all in a uniform support",
          {k, m},
          {{"q", Kind::list, "q_1 to q_4"}},
          [](const Inputs& in) {
            const auto q = support_probabilities(in.count("k"), in.count("m"));
            return json{{"q", {q[1], q[2], q[3], q[4]}}};
          }};
}

Formula conditional() {
  return {"generative.conditional_expected_gradient",
          "generative.md, section 3.1: expected gradient given the support",
          {W_columns,
           A_columns,
           unit_biases,
           {"support", Kind::counts, "the active atoms, counted from 0"},
           kappa1,
           kappa2,
           sigma},
          {dW},
          [](const Inputs& in) {
            return json{{"dW", rows_of(conditional_expected_gradient(
                                   in.matrix("W"), in.matrix("A"), in.list("b"),
                                   in.counts("support"), codes_of(in), in.number("sigma")))}};
          }};
}

Formula mixture() {
  return {"generative.mixture_expected_gradient",
          "generative.md, section 3.2: expected gradient, mixture of Gaussians",
          {W_columns, A_columns, unit_biases, pi, sigma},
          {dW},
          [](const Inputs& in) {
            return json{{"dW", rows_of(mixture_expected_gradient(in.matrix("W"), in.matrix("A"),
                                                                 in.list("b"), in.list("pi"),
                                                                 in.number("sigma")))}};
          }};
}

Formula sparse() {
  return {
      "generative.sparse_expected_gradient",
      "generative.md, section 3.3: expected gradient, k-sparse codes of mean 0, no bias",
      {W_columns, A_columns, k, kappa2, sigma},
      {dW},
      [](const Inputs& in) {
        return json{{"dW", rows_of(sparse_expected_gradient(in.matrix("W"), in.matrix("A"),
                                                            codes_of(in), in.number("sigma")))}};
      }};
}

Formula nonnegative() {
  return {"generative.nonnegative_expected_gradient",
          "generative.md, section 3.4: expected gradient, k-sparse codes of any mean, any bias",
          {W_columns, A_columns, unit_biases, k, kappa1, kappa2, sigma},
          {dW},
          [](const Inputs& in) {
            return json{{"dW", rows_of(nonnegative_expected_gradient(in.matrix("W"), in.matrix("A"),
                                                                     in.list("b"), codes_of(in),
                                                                     in.number("sigma")))}};
          }};
}

Formula truth() {
  return {"generative.sparse_gradient_at_truth",
          "generative.md, section 3.3: expected gradient at W = A, k-sparse codes of mean 0",
          {A_columns, k, kappa2, sigma},
          {dW,
           {"decoder_half", Kind::matrix, "the part that flows through the decoder"},
           {"tangential_norms", Kind::list, "per column, norm of the part across the atom"}},
          [](const Inputs& in) {
            const Array64 A = in.matrix("A");
            const double sigma = in.number("sigma");
            const TruthGradient at = gradient_at_truth(A, codes_of(in), sigma);
            return json{{"dW", rows_of(at.gradient)},
                        {"decoder_half", rows_of(sparse_expected_gradient(A, A, codes_of(in), sigma,
                                                                          Path::decoder))},
                        {"tangential_norms", at.tangential}};
          }};
}

Formula surface() {
  return {"generative.hard_threshold_surface_term",
          "generative.md, section 10.3: gradient of the expected loss of one thresholded unit",
          {threshold, {"w", Kind::number, "weight, > 0"}},
          {{"expected_loss", Kind::number, "over x ~ N(0, 1)"},
           {"expected_ae_gradient", Kind::number, "mean of the gradient away from the jumps"},
           {"surface_term", Kind::number, "what the jumps add to it"}},
          [](const Inputs& in) {
            const auto loss = thresholded_loss(in.number("w"), in.number("lambda"));
            return json{{"expected_loss", loss.value},
                        {"expected_ae_gradient", loss.expected_gradient},
                        {"surface_term", loss.surface_term}};
          }};
}

Formula orthonormal_mixture() {
  return {"generative.mixture_consistency_orthonormal",
          "generative.md, section 6.1: code consistency at W = A, orthonormal centres",
          {m, sigma, unit_bias},
          {{"probability", Kind::number, "that exactly the true unit is on"},
           {"union_lower_bound", Kind::number, "1 minus the union bound; may be negative"}},
          [](const Inputs& in) {
            const auto result =
                mixture_consistency(in.count("m"), in.number("sigma"), in.number("b"));
            return json{{"probability", result.probability},
                        {"union_lower_bound", result.union_lower_bound}};
          }};
}

Formula general_mixture() {
  return {"generative.mixture_consistency",
          "generative.md, section 6.1: code consistency of a mixture, any W",
          {W_columns, A_columns, unit_biases, pi, sigma},
          {{"probability", Kind::number, "exact; does not exist beyond four units"},
           {"product_approximation", Kind::number, "as if units were independent"},
           {"union_failure_bound", Kind::number, "bound on the probability of failure"}},
          [](const Inputs& in) {
            const auto result = mixture_consistency(in.matrix("W"), in.matrix("A"), in.list("b"),
                                                    in.list("pi"), in.number("sigma"));
            return json{{"probability", result.probability},
                        {"product_approximation", result.product_approximation},
                        {"union_failure_bound", result.union_failure_bound}};
          }};
}

Formula enumeration() {
  return {"generative.sparse_consistency_enumeration",
          "generative.md, section 6.2: code consistency without noise, all supports and signs",
          {W_columns,
           A_columns,
           k,
           {"coefficients", Kind::text, "Rademacher"},
           {"sigma", Kind::number, "standard deviation of the noise: 0"},
           threshold},
          {{"good", Kind::count, "samples with the right support"},
           {"total", Kind::count, "supports times signs"},
           {"probability", Kind::number, "good over total"},
           {"margin", Kind::number, "least distance of a pre-activation from the threshold"}},
          [](const Inputs& in) {
            if (in.text("coefficients") != "Rademacher")
              in.reject("coefficients", '"' + in.text("coefficients") + '"', "Rademacher");
            require(in.number("sigma") == 0, "sigma", in.number("sigma"),
                    "an enumeration has no noise");
            const auto result = enumerated_consistency(in.matrix("W"), in.matrix("A"),
                                                       in.count("k"), in.number("lambda"));
            return json{{"good", result.good},
                        {"total", result.total},
                        {"probability", result.probability()},
                        {"margin", result.margin}};
          }};
}

Formula estimates() {
  return {"generative.sparse_consistency",
          "generative.md, section 6.2: estimates and bound of code consistency, k-sparse codes",
          {W_columns, A_columns, k, sigma, threshold},
          {{"p_on_mean", Kind::number, "that an active unit is off, averaged over units"},
           {"p_off_mean", Kind::number, "that an inactive unit is on, averaged over units"},
           {"gaussian_independent_probability", Kind::number, "that all gates are right"},
           {"hoeffding_failure_bound", Kind::number, "on the probability that one is wrong"}},
          [](const Inputs& in) {
            const auto result = sparse_consistency(in.matrix("W"), in.matrix("A"), in.count("k"),
                                                   in.number("sigma"), in.number("lambda"));
            return json{{"p_on_mean", result.p_on},
                        {"p_off_mean", result.p_off},
                        {"gaussian_independent_probability", result.probability},
                        {"hoeffding_failure_bound", result.failure_bound}};
          }};
}

}  // namespace

std::vector<Formula> generative_formulas() {
  return {support(),         conditional(), mixture(),
          sparse(),          nonnegative(), truth(),
          surface(),         enumeration(), orthonormal_mixture(),
          general_mixture(), estimates()};
}

}  // namespace hourglass::theory
