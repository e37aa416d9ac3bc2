#include "linear.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/linear_network.hpp>

// Whole linear networks: docs/theory/linear.md, sections 1, 2 and 8.
namespace hourglass::predict {
namespace {

using namespace theory;

constexpr Matrix X{"X", "data, a sample a row (N x D)"};
constexpr Text noise{"noise", "none, gaussian, gaussian_covariance or masking"};
constexpr Input<Counts> steps{"steps", "numbers of steps, not decreasing"};

constexpr auto start = filled(Member{&LinearNetwork::W1, W1}, Member{&LinearNetwork::W2, W2});

auto descend(const Array64& C, LinearNetwork network, double alpha, double gamma, double sigma2,
             const Counts& targets, std::size_t modes) {
  if (modes == 0) reject("n_modes", "0", "1 to the number of features");
  const CorruptedMoments moments = additive_noise(C, sigma2);
  const Array64 V = first_columns(eigh(C).vectors, modes);
  std::vector<List> strengths;
  std::size_t done = 0;
  for (const std::size_t target : targets) {
    if (target < done) reject(steps.name, "decreasing", "numbers that do not decrease");
    network.descend(moments, gamma, alpha, target - done);
    done = target;
    strengths.push_back(mode_strengths(network.W1, network.W2, V));
  }
  return std::tuple{stacked(strengths), network.W1, network.W2};
}

}  // namespace

const std::vector<Formula> linear_networks{
    formula(
        "linear.expected_loss",
        "linear.md, section 1: loss with the noise integrated out, and its gradients (Bishop "
        "1995)",
        in(X, W1, W2, gamma, noise,
           Optional<double>{"sigma2", "variance, for gaussian", conditional},
           Optional<Array64>{"Sigma", "covariance (D x D), for gaussian_covariance", conditional},
           Optional<double>{"p_drop", "probability that an entry is dropped, for masking",
                            conditional},
           Optional<bool>{rescale.name, rescale.meaning, conditional}),
        {{"loss", "expected loss, 1/2 of the mean squared norm plus penalty"},
         {"dW1", "gradient for the encoder, H x D"},
         {"dW2", "gradient for the decoder, D x H"}},
        [](const Array64& X, const Array64& W1, const Array64& W2, double gamma,
           const std::string& name, const Given<double>& sigma2, const Given<Array64>& Sigma,
           const Given<double>& p_drop, const Given<bool>& rescale) {
          const auto corrupted = [&](const Array64& C) {
            if (name == "none") return clean(C);
            if (name == "gaussian") return additive_noise(C, *sigma2);
            if (name == "gaussian_covariance") return additive_noise(C, *Sigma);
            if (name == "masking") return masking_noise(C, *p_drop, *rescale);
            reject(noise.name, shown(name), noise.meaning);
          };
          return expected_loss(corrupted(second_moment(X)), W1, W2, gamma);
        }),
    formula("linear.sampled_loss_variance",
            "linear.md, section 1: variance of the loss when Gaussian noise is drawn once a sample",
            in(X, W1, W2, sigma2),
            {{"variance", "variance of the sampled loss over the N samples"}},
            [](const Array64& X, const Array64& W1, const Array64& W2, double sigma2) {
              return sampled_loss_variance(second_moment(X), W1, W2, sigma2,
                                           static_cast<double>(X.shape()[0]));
            }),
    formula("linear.aligned_descent",
            "linear.md, section 2: gradient descent on the expected loss under Gaussian noise",
            in(C, start, alpha, gamma, sigma2, steps,
               Count{"n_modes", "modes to report, strongest first"}),
            {{"mode_strengths", "v_i^T W v_i, a row for each number of steps"},
             {"W1_final", "encoder after the last step"},
             {"W2_final", "decoder after the last step"}},
            descend),
    formula(
        "linear.random_init",
        "linear.md, section 8: modes of a network from small random weights, in the eigenbasis "
        "of C",
        in(lambdas, start, sigma2, gamma, alpha),
        {{"u0_effective", "start of each balanced mode"},
         {"t_half_predicted",
          "half times with the correction for finite steps; null for a mode that dies or begins "
          "beyond",
          conditional}},
        predict_modes),
    formula("linear.random_init_descent",
            "linear.md, section 8: the same rise times by gradient descent itself, at most 10^6 "
            "steps",
            in(lambdas, start, sigma2, gamma, alpha,
               Number{"level_fraction", "level as a fraction of the fixed point, in (0, 1)"}),
            {{"t_half_gd",
              "steps until each mode reaches the level, interpolated in ln(u/(u_star - "
              "u)); null if it does not",
              conditional}},
            [](const List& lambdas, const LinearNetwork& start, double sigma2, double gamma,
               double alpha, double fraction) {
              return descent_rise_times(lambdas, start, sigma2, gamma, alpha, fraction, 1'000'000);
            }),
};

}  // namespace hourglass::predict
