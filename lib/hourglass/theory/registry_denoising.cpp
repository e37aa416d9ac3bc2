#include <hourglass/theory/denoising.hpp>
#include <hourglass/theory/registry_fields.hpp>
#include <hourglass/theory/registry_inputs.hpp>

#include <algorithm>

// Small noise, optimal denoisers and protocols: docs/theory/linear.md, sections 10 and 11.
namespace hourglass::theory {
namespace {

using nlohmann::json;

Activation activation_of(const Inputs& in) {
  const std::string name = in.text("activation");
  if (name == "tanh") return tanh_jet;
  if (name == "identity") return identity_jet;
  in.reject("activation", '"' + name + '"', "tanh or identity");
}

Formula expansion() {
  return {"denoising.small_noise_expansion",
          "linear.md, section 10: loss of r(x) = W2 phi(W1 x + b) under small noise (Bishop 1995)",
          {{"activation", Kind::text, "tanh or identity"},
           fields::W1,
           {"b", Kind::list, "biases of the hidden units"},
           fields::W2,
           {"x", Kind::list, "one sample, D numbers"},
           {"sigmas", Kind::list, "standard deviations for loss_exact; D <= 3"}},
          {{"loss_clean", Kind::number, "1/2 |r(x) - x|^2"},
           {"c2", Kind::number, "coefficient of sigma^2"},
           {"c4", Kind::number, "coefficient of sigma^4"},
           {"jacobian_term_only", Kind::number, "1/2 |J|^2, the contractive part of c2"},
           {"loss_exact", Kind::list, "expected loss at each sigma, by quadrature"}},
          [](const Inputs& in) {
            const ShallowReconstruction r{in.matrix("W1"), in.list("b"), in.matrix("W2"),
                                          activation_of(in)};
            const auto x = in.list("x");
            const auto terms = small_noise_expansion(r, x);
            return json{{"loss_clean", terms.clean},
                        {"c2", terms.c2},
                        {"c4", terms.c4},
                        {"jacobian_term_only", terms.jacobian},
                        {"loss_exact", mapped(in.list("sigmas"), [&](double sigma) {
                           return exact_noisy_loss(r, x, sigma);
                         })}};
          }};
}

Formula denoiser() {
  return {"denoising.optimal_denoiser",
          "linear.md, section 10: posterior mean of a mixture of Gaussians (Alain & Bengio 2014)",
          {{"means", Kind::list, "means of the components"},
           {"variances", Kind::list, "variances of the components"},
           {"weights", Kind::list, "weights of the components"},
           {"sigma", Kind::number, "standard deviation of the noise"},
           {"x_tilde", Kind::list, "noisy values"}},
          {{"r_star", Kind::list, "E[x | x_tilde] for each of them"}},
          [](const Inputs& in) {
            const GaussianMixture p{in.list("means"), in.list("variances"), in.list("weights")};
            return json{{"r_star", mapped(in.list("x_tilde"), [&](double x) {
                           return optimal_denoiser(p, in.number("sigma"), x);
                         })}};
          }};
}

Formula protocol() {
  return {
      "denoising.relu_protocol_constants",
      "linear.md, section 11.2: constants of a run with a loss averaged over features",
      {{"D", Kind::count, "features"},
       {"learning_rate", Kind::number, "of the optimiser"},
       {"weight_decay", Kind::number, "of the optimiser: adds weight_decay W to the gradient"},
       {"noise_std", Kind::number, "standard deviation of the input noise"},
       fields::lambdas},
      {{"alpha_effective", Kind::number, "learning rate in the convention of section 0"},
       {"gamma_effective", Kind::number, "weight decay in that convention"},
       {"sigma2", Kind::number, "noise variance"},
       {"u_star_wdae", Kind::list, "fixed points under decay, max(0, 1 - gamma/lambda)"},
       {"u_star_dae", Kind::list, "fixed points under noise, lambda/(lambda + sigma2)"}},
      [](const Inputs& in) {
        const auto constants =
            effective_constants(static_cast<double>(in.count("D")), in.number("learning_rate"),
                                in.number("weight_decay"), in.number("noise_std"));
        const auto lambdas = in.list("lambdas");
        if (std::any_of(lambdas.begin(), lambdas.end(), [](double x) { return x <= 0; }))
          in.reject("lambdas", "not positive", "eigenvalues > 0");
        return json{
            {"alpha_effective", constants.alpha},
            {"gamma_effective", constants.gamma},
            {"sigma2", constants.sigma2},
            {"u_star_wdae",
             mapped(lambdas, [&](double x) { return std::max(0.0, 1 - constants.gamma / x); })},
            {"u_star_dae", mapped(lambdas, [&](double x) { return x / (x + constants.sigma2); })}};
      }};
}

}  // namespace

std::vector<Formula> denoising_formulas() { return {expansion(), denoiser(), protocol()}; }

}  // namespace hourglass::theory
