#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/linear_network.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/registry_fields.hpp>
#include <hourglass/theory/registry_inputs.hpp>

// Formulas of whole linear networks: docs/theory/linear.md, sections 1, 2 and 8.
namespace hourglass::theory {
namespace {

using nlohmann::json;

constexpr Field X{"X", Kind::matrix, "data, a sample a row (N x D)"};

CorruptedMoments corrupted(const Inputs& in, const Array64& C) {
  const std::string noise = in.text("noise");
  if (noise == "none") return clean(C);
  if (noise == "gaussian") return additive_noise(C, in.number("sigma2"));
  if (noise == "gaussian_covariance") return additive_noise(C, in.matrix("Sigma"));
  if (noise == "masking") return masking_noise(C, in.number("p_drop"), in.flag("rescale"));
  in.reject("noise", '"' + noise + '"', "none, gaussian, gaussian_covariance or masking");
}

Formula loss() {
  return {
      "linear.expected_loss",
      "linear.md, section 1: loss with the noise integrated out, and its gradients (Bishop 1995)",
      {X,
       fields::W1,
       fields::W2,
       fields::gamma,
       {"noise", Kind::text, "none, gaussian, gaussian_covariance or masking"},
       {"sigma2", Kind::number, "variance, for gaussian", true},
       {"Sigma", Kind::matrix, "covariance (D x D), for gaussian_covariance", true},
       {"p_drop", Kind::number, "probability that an entry is dropped, for masking", true},
       {"rescale", Kind::flag, "whether kept entries are divided by 1 - p_drop", true}},
      {{"loss", Kind::number, "expected loss, 1/2 of the mean squared norm plus penalty"},
       {"dW1", Kind::matrix, "gradient for the encoder, H x D"},
       {"dW2", Kind::matrix, "gradient for the decoder, D x H"}},
      [](const Inputs& in) {
        const auto result = expected_loss(corrupted(in, second_moment(in.matrix("X"))),
                                          in.matrix("W1"), in.matrix("W2"), in.number("gamma"));
        return json{
            {"loss", result.loss}, {"dW1", rows_of(result.dW1)}, {"dW2", rows_of(result.dW2)}};
      }};
}

Formula variance() {
  return {"linear.sampled_loss_variance",
          "linear.md, section 1: variance of the loss when Gaussian noise is drawn once a sample",
          {X, fields::W1, fields::W2, fields::sigma2},
          {{"variance", Kind::number, "variance of the sampled loss over the N samples"}},
          [](const Inputs& in) {
            const Array64 data = in.matrix("X");
            return json{{"variance", sampled_loss_variance(second_moment(data), in.matrix("W1"),
                                                           in.matrix("W2"), in.number("sigma2"),
                                                           static_cast<double>(data.shape()[0]))}};
          }};
}

Formula aligned_descent() {
  return {"linear.aligned_descent",
          "linear.md, section 2: gradient descent on the expected loss under Gaussian noise",
          {fields::C,
           fields::W1,
           fields::W2,
           fields::alpha,
           fields::gamma,
           fields::sigma2,
           {"steps", Kind::counts, "numbers of steps, not decreasing"},
           {"n_modes", Kind::count, "modes to report, strongest first"}},
          {{"mode_strengths", Kind::matrix, "v_i^T W v_i, a row for each number of steps"},
           {"W1_final", Kind::matrix, "encoder after the last step"},
           {"W2_final", Kind::matrix, "decoder after the last step"}},
          [](const Inputs& in) {
            const Array64 C = in.matrix("C");
            const CorruptedMoments moments = additive_noise(C, in.number("sigma2"));
            const Array64 V = first_columns(eigh(C).vectors, in.count("n_modes"));
            LinearNetwork net{in.matrix("W1"), in.matrix("W2")};
            json strengths = json::array();
            std::size_t done = 0;
            for (const std::size_t target : in.counts("steps")) {
              if (target < done) in.reject("steps", "decreasing", "numbers that do not decrease");
              net.descend(moments, in.number("gamma"), in.number("alpha"), target - done);
              done = target;
              strengths.push_back(mode_strengths(net.W1, net.W2, V));
            }
            return json{{"mode_strengths", strengths},
                        {"W1_final", rows_of(net.W1)},
                        {"W2_final", rows_of(net.W2)}};
          }};
}

Formula random_init() {
  return {
      "linear.random_init",
      "linear.md, section 8: modes of a network from small random weights, in the eigenbasis of C",
      {fields::lambdas, fields::W1, fields::W2, fields::sigma2, fields::gamma, fields::alpha},
      {{"u0_effective", Kind::list, "start of each balanced mode"},
       {"t_half_predicted", Kind::list, "half times with the correction for finite steps"}},
      [](const Inputs& in) {
        const auto predicted =
            predict_modes(in.list("lambdas"), {in.matrix("W1"), in.matrix("W2")},
                          in.number("sigma2"), in.number("gamma"), in.number("alpha"));
        return json{{"u0_effective", predicted.u0}, {"t_half_predicted", predicted.half_times}};
      }};
}

Formula random_init_descent() {
  return {
      "linear.random_init_descent",
      "linear.md, section 8: the same rise times by gradient descent itself, at most 10^6 steps",
      {fields::lambdas,
       fields::W1,
       fields::W2,
       fields::sigma2,
       fields::gamma,
       fields::alpha,
       {"level_fraction", Kind::number, "level as a fraction of the fixed point, in (0, 1)"}},
      {{"t_half_gd", Kind::list,
        "steps until each mode reaches the level, interpolated in ln(u/(u_star - u)); null if "
        "it does not"}},
      [](const Inputs& in) {
        return json{{"t_half_gd",
                     descent_rise_times(in.list("lambdas"), {in.matrix("W1"), in.matrix("W2")},
                                        in.number("sigma2"), in.number("gamma"), in.number("alpha"),
                                        in.number("level_fraction"), 1'000'000)}};
      }};
}

}  // namespace

std::vector<Formula> linear_network_formulas() {
  return {loss(), variance(), aligned_descent(), random_init(), random_init_descent()};
}

}  // namespace hourglass::theory
