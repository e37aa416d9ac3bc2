#include <hourglass/theory/landscape.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/network_hessian.hpp>
#include <hourglass/theory/registry_fields.hpp>
#include <hourglass/theory/registry_inputs.hpp>

#include <cmath>
#include <utility>

// Minima and curvatures of linear networks: docs/theory/linear.md, sections 7 and 9.
namespace hourglass::theory {
namespace {

using nlohmann::json;

constexpr Field loss{"loss", Kind::number, "minimum of the expected loss"};
constexpr Field W{"W", Kind::matrix, "optimal map W2 W1, D x D"};
constexpr Field gammas{"gammas", Kind::list, "weight decay of each hidden unit, increasing"};

json of(const ReducedRankOptimum& best) { return {{"loss", best.loss}, {"W", rows_of(best.W)}}; }

// The rank-limited regressions hold without decay; say so rather than ignore one.
void require_no_decay(const Inputs& in) {
  const double gamma = in.number("gamma");
  if (gamma != 0) in.reject("gamma", json(gamma).dump(), "0: no closed form with decay");
}

Formula network_hessian() {
  return {"linear.network_hessian",
          "linear.md, section 7: Hessian of the network at its balanced minimum",
          {fields::lambdas, fields::sigma2, fields::gamma, fields::H},
          {{"sharpness", Kind::number, "largest eigenvalue"},
           {"eigenvalues", Kind::list, "all 2 D H eigenvalues, ascending"}},
          [](const Inputs& in) {
            const auto values = network_hessian_eigenvalues(in.list("lambdas"), in.number("sigma2"),
                                                            in.number("gamma"), in.count("H"));
            return json{{"sharpness", values.back()}, {"eigenvalues", values}};
          }};
}

Formula uniform_optimum() {
  return {"landscape.optimum",
          "linear.md, section 9.1 to 9.4: minimum with Gaussian noise and weight decay (Baldi & "
          "Hornik 1989, "
          "Kunin et al. 2019)",
          {fields::C, fields::H, fields::sigma2, fields::gamma},
          {loss,
           W,
           {"pmse", Kind::number, "clean squared error per sample and feature"},
           {"singular_values_W", Kind::list, "of the map, the H largest"},
           {"singular_values_W2", Kind::list, "of the decoder; null without decay (not unique)"},
           {"transpose_residual", Kind::number, "|W1 - W2^T|; null without decay (not unique)"}},
          [](const Inputs& in) {
            const double gamma = in.number("gamma");
            const Optimum best = optimum(in.matrix("C"), in.count("H"), in.number("sigma2"), gamma);
            const auto decoder = [&](double w) { return gamma > 0 ? std::sqrt(w) : NAN; };
            return json{{"loss", best.loss},
                        {"W", rows_of(best.W)},
                        {"pmse", best.pixel_error},
                        {"singular_values_W", best.strengths},
                        {"singular_values_W2", mapped(best.strengths, decoder)},
                        {"transpose_residual", gamma > 0 ? 0.0 : NAN}};
          }};
}

Formula covariance_noise_optimum() {
  return {"landscape.covariance_noise_optimum",
          "linear.md, section 9.2: minimum with noise of any covariance, gamma = 0",
          {fields::C,
           fields::H,
           {"Sigma", Kind::matrix, "covariance of the noise, D x D"},
           fields::gamma},
          {loss, W},
          [](const Inputs& in) {
            require_no_decay(in);
            return of(reduced_rank_optimum(additive_noise(in.matrix("C"), in.matrix("Sigma")),
                                           in.count("H")));
          }};
}

Formula masking_optimum() {
  return {
      "landscape.masking_optimum",
      "linear.md, section 9.2: minimum with masking noise, gamma = 0",
      {fields::C,
       fields::H,
       {"p_drop", Kind::number, "probability that an entry is dropped"},
       {"rescale", Kind::flag, "whether kept entries are divided by 1 - p_drop"},
       fields::gamma},
      {loss, W},
      [](const Inputs& in) {
        require_no_decay(in);
        return of(reduced_rank_optimum(
            masking_noise(in.matrix("C"), in.number("p_drop"), in.flag("rescale")), in.count("H")));
      }};
}

Formula nonuniform_optimum() {
  return {"landscape.nonuniform_l2_optimum",
          "linear.md, section 9.6: minimum with a decay for each unit (Bao et al. 2020)",
          {fields::C, gammas, {"V", Kind::matrix, "eigenvectors that fix the signs, D x H"}},
          {loss, {"W2_signed", Kind::matrix, "decoder, column j along V's column j, D x H"}},
          [](const Inputs& in) {
            NonuniformOptimum best = nonuniform_l2_optimum(in.matrix("C"), in.list("gammas"));
            const Array64 overlap = product(transposed(in.matrix("V")), best.W2);
            std::vector<double> signs;
            for (std::size_t j = 0; j < best.W2.shape()[1]; ++j)
              signs.push_back(overlap(j, j) < 0 ? -1 : 1);
            return json{{"loss", best.loss}, {"W2_signed", rows_of(scale_columns(best.W2, signs))}};
          }};
}

Formula nonuniform_curvature() {
  return {"landscape.nonuniform_l2_curvature",
          "linear.md, section 9.6: curvature that orders the units (Bao et al. 2020)",
          {fields::lambdas, gammas},
          {{"min_eig_ordered", Kind::number, "smallest curvature at the minimum"},
           {"min_eig_swapped", Kind::number, "the same with modes 1 and 2 exchanged: a saddle"},
           {"max_eig_ordered", Kind::number, "largest curvature at the minimum"}},
          [](const Inputs& in) {
            auto decays = in.list("gammas");
            if (decays.size() < 2) in.reject("gammas", "too short", "at least two decays");
            const auto ordered = network_hessian_eigenvalues(in.list("lambdas"), 0, decays);
            std::swap(decays[0], decays[1]);
            const auto swapped = network_hessian_eigenvalues(in.list("lambdas"), 0, decays);
            return json{{"min_eig_ordered", ordered.front()},
                        {"min_eig_swapped", swapped.front()},
                        {"max_eig_ordered", ordered.back()}};
          }};
}

Formula metrics() {
  return {"landscape.metrics",
          "linear.md, section 9.8: distances between a decoder and the principal directions",
          {fields::W2, fields::W1, {"V", Kind::matrix, "eigenvectors, D x H"}},
          {{"axis_distance", Kind::number, "0 if every eigenvector is some column of W2"},
           {"ordered_axis_distance", Kind::number, "0 if eigenvector i is column i"},
           {"subspace_distance", Kind::number, "0 if they span the same subspace"},
           {"transpose_distance", Kind::number, "|W1 - W2^T|^2/H"}},
          [](const Inputs& in) {
            const Array64 V = in.matrix("V"), W2 = in.matrix("W2");
            return json{{"axis_distance", axis_distance(V, W2)},
                        {"ordered_axis_distance", ordered_axis_distance(V, W2)},
                        {"subspace_distance", subspace_distance(V, W2)},
                        {"transpose_distance", transpose_distance(in.matrix("W1"), W2)}};
          }};
}

Formula augmented_step() {
  return {"landscape.rotation_augmented_step",
          "linear.md, section 9.7: one step of the rotation-augmented gradient (Bao et al. 2020)",
          {fields::C,
           fields::W1,
           fields::W2,
           fields::alpha,
           {"rho", Kind::number, "strength of the rotation; 1/2 in the paper's code"},
           fields::sigma2,
           fields::gamma},
          {{"W1_next", Kind::matrix, "encoder after the step"},
           {"W2_next", Kind::matrix, "decoder after the step"}},
          [](const Inputs& in) {
            const auto next = rotation_augmented_step(
                additive_noise(in.matrix("C"), in.number("sigma2")), in.matrix("W1"),
                in.matrix("W2"), in.number("gamma"), in.number("alpha"), in.number("rho"));
            return json{{"W1_next", rows_of(next.W1)}, {"W2_next", rows_of(next.W2)}};
          }};
}

Formula ppca() {
  return {"landscape.ppca_reconstruction",
          "linear.md, section 9.5: posterior mean of probabilistic PCA (Tipping & Bishop 1999)",
          {fields::lambdas,
           {"V", Kind::matrix, "eigenvectors in columns, D x D"},
           fields::H,
           {"ppca_noise", Kind::number, "noise variance of the model"}},
          {{"reconstruction", Kind::matrix, "map from data to its reconstruction, D x D"}},
          [](const Inputs& in) {
            return json{{"reconstruction",
                         rows_of(ppca_reconstruction(in.list("lambdas"), in.matrix("V"),
                                                     in.count("H"), in.number("ppca_noise")))}};
          }};
}

}  // namespace

std::vector<Formula> landscape_formulas() {
  return {network_hessian(), uniform_optimum(),    covariance_noise_optimum(),
          masking_optimum(), nonuniform_optimum(), nonuniform_curvature(),
          metrics(),         augmented_step(),     ppca()};
}

}  // namespace hourglass::theory
