#include "linear.hpp"
#include <hourglass/theory/denoising.hpp>

#include <algorithm>

// Small noise, optimal denoisers and protocols: docs/theory/linear.md, sections 10 and 11.
namespace hourglass::predict {
namespace {

using namespace theory;

constexpr Choice<Activation, 2> activation{"activation",
                                           {{"tanh", tanh_jet}, {"identity", identity_jet}}};
constexpr auto reconstruction = filled(
    Member{&ShallowReconstruction::activation, activation}, Member{&ShallowReconstruction::W1, W1},
    Member{&ShallowReconstruction::b, Input<List>{"b", "biases of the hidden units"}},
    Member{&ShallowReconstruction::W2, W2});
constexpr auto mixture = filled(
    Member{&GaussianMixture::means, Input<List>{"means", "means of the components"}},
    Member{&GaussianMixture::variances, Input<List>{"variances", "variances of the components"}},
    Member{&GaussianMixture::weights, Input<List>{"weights", "weights of the components"}});

}  // namespace

const std::vector<Formula> denoising{
    formula(
        "denoising.small_noise_expansion",
        "linear.md, section 10: loss of r(x) = W2 phi(W1 x + b) under small noise (Bishop 1995)",
        in(reconstruction, Input<List>{"x", "one sample, D numbers"},
           Input<List>{"sigmas", "standard deviations for loss_exact; D <= 3"}),
        {{"loss_clean", "1/2 |r(x) - x|^2"},
         {"c2", "coefficient of sigma^2"},
         {"c4", "coefficient of sigma^4"},
         {"jacobian_term_only", "1/2 |J|^2, the contractive part of c2"},
         {"loss_exact", "expected loss at each sigma, by quadrature"}},
        [](const ShallowReconstruction& r, const List& x, const List& sigmas) {
          const auto terms = small_noise_expansion(r, x);
          const auto exact = [&](double sigma) { return exact_noisy_loss(r, x, sigma); };
          return std::tuple(terms.clean, terms.c2, terms.c4, terms.jacobian, mapped(sigmas, exact));
        }),
    formula("denoising.optimal_denoiser",
            "linear.md, section 10: posterior mean of a mixture of Gaussians (Alain & Bengio 2014)",
            in(mixture, Number{"sigma", "standard deviation of the noise"},
               Input<List>{"x_tilde", "noisy values"}),
            {{"r_star", "E[x | x_tilde] for each of them"}},
            [](const GaussianMixture& p, double sigma, const List& noisy) {
              return mapped(noisy, [&](double x) { return optimal_denoiser(p, sigma, x); });
            }),
    formula("denoising.relu_protocol_constants",
            "linear.md, section 11.2: constants of a run with a loss averaged over features",
            in(Count{"D", "features"}, Number{"learning_rate", "of the optimiser"},
               Number{"weight_decay", "of the optimiser: adds weight_decay W to the gradient"},
               Number{"noise_std", "standard deviation of the input noise"}, lambdas),
            {{"alpha_effective", "learning rate in the convention of section 0"},
             {"gamma_effective", "weight decay in that convention"},
             {"sigma2", "noise variance"},
             {"u_star_wdae", "fixed points under decay, max(0, 1 - gamma/lambda)"},
             {"u_star_dae", "fixed points under noise, lambda/(lambda + sigma2)"}},
            [](std::size_t D, double rate, double decay, double noise_std, const List& spectrum) {
              const auto of = effective_constants(static_cast<double>(D), rate, decay, noise_std);
              if (std::any_of(spectrum.begin(), spectrum.end(), [](double x) { return x <= 0; }))
                reject(lambdas.name, "not positive", "eigenvalues > 0");
              return std::tuple(
                  of.alpha, of.gamma, of.sigma2,
                  mapped(spectrum, [&](double x) { return std::max(0.0, 1 - of.gamma / x); }),
                  mapped(spectrum, [&](double x) { return x / (x + of.sigma2); }));
            }),
};

}  // namespace hourglass::predict
