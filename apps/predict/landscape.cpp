#include "linear.hpp"
#include <hourglass/theory/landscape.hpp>
#include <hourglass/theory/linear_network.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <utility>

// Minima and curvatures of linear networks: docs/theory/linear.md, sections 7 and 9.
namespace hourglass::predict {
namespace {

using namespace theory;

constexpr Input<List> gammas{"gammas", "weight decay of each hidden unit, increasing"};
constexpr Matrix V{"V", "eigenvectors, D x H"};
constexpr Matrix Sigma{"Sigma", "covariance of the noise, D x D"};

constexpr Output loss{"loss", "minimum of the expected loss"};
constexpr Output W{"W", "optimal map W2 W1, D x D"};

// The rank-limited regressions hold without decay; say so rather than ignore one.
ReducedRankOptimum without_decay(double gamma, const CorruptedMoments& moments, std::size_t H) {
  if (gamma != 0) reject(predict::gamma.name, shown(gamma), "0: no closed form with decay");
  return reduced_rank_optimum(moments, H);
}

}  // namespace

const std::vector<Formula> landscape{
    formula(
        "linear.network_hessian",
        "linear.md, section 7: Hessian of the network at its balanced minimum",
        in(lambdas, sigma2, gamma, H),
        {{"sharpness", "largest eigenvalue"}, {"eigenvalues", "all 2 D H eigenvalues, ascending"}},
        [](const List& lambdas, double sigma2, double gamma, std::size_t H) {
          const List all = network_hessian_eigenvalues(lambdas, sigma2, gamma, H);
          return std::tuple{all.back(), all};
        }),
    formula("landscape.optimum",
            "linear.md, section 9.1 to 9.4: minimum with Gaussian noise and weight decay (Baldi & "
            "Hornik 1989, Kunin et al. 2019)",
            in(C, H, sigma2, gamma),
            {loss,
             W,
             {"pmse", "clean squared error per sample and feature"},
             {"singular_values_W", "of the map, the H largest"},
             {"singular_values_W2", "of the decoder; null without decay (not unique)", conditional},
             {"transpose_residual", "|W1 - W2^T|; null without decay (not unique)", conditional}},
            [](const Array64& C, std::size_t H, double sigma2, double gamma) {
              const Optimum best = optimum(C, H, sigma2, gamma);
              const auto decoder = [&](double w) { return gamma > 0 ? std::sqrt(w) : NAN; };
              return std::tuple(best.loss, best.W, best.pixel_error, best.strengths,
                                mapped(best.strengths, decoder), gamma > 0 ? 0.0 : NAN);
            }),
    formula("landscape.covariance_noise_optimum",
            "linear.md, section 9.2: minimum with noise of any covariance, gamma = 0",
            in(C, H, Sigma, gamma), {loss, W},
            [](const Array64& C, std::size_t H, const Array64& Sigma, double gamma) {
              return without_decay(gamma, additive_noise(C, Sigma), H);
            }),
    formula("landscape.masking_optimum",
            "linear.md, section 9.2: minimum with masking noise, gamma = 0",
            in(C, H, p_drop, rescale, gamma), {loss, W},
            [](const Array64& C, std::size_t H, double p_drop, bool rescale, double gamma) {
              return without_decay(gamma, masking_noise(C, p_drop, rescale), H);
            }),
    formula("landscape.nonuniform_l2_optimum",
            "linear.md, section 9.6: minimum with a decay for each unit (Bao et al. 2020)",
            in(C, gammas, Matrix{"V", "eigenvectors that fix the signs, D x H"}),
            {loss, {"W2_signed", "decoder, column j along V's column j, D x H"}},
            [](const Array64& C, const List& gammas, const Array64& V) {
              const NonuniformOptimum best = nonuniform_l2_optimum(C, gammas);
              const Array64 overlap = product(transposed(V), best.W2);
              List signs;
              for (std::size_t j = 0; j < best.W2.shape()[1]; ++j)
                signs.push_back(overlap(j, j) < 0 ? -1 : 1);
              return std::tuple{best.loss, scale_columns(best.W2, signs)};
            }),
    formula("landscape.nonuniform_l2_curvature",
            "linear.md, section 9.6: curvature that orders the units (Bao et al. 2020)",
            in(lambdas, gammas),
            {{"min_eig_ordered", "smallest curvature at the minimum"},
             {"min_eig_swapped", "the same with modes 1 and 2 exchanged: a saddle"},
             {"max_eig_ordered", "largest curvature at the minimum"}},
            [](const List& lambdas, List decays) {
              if (decays.size() < 2) reject(gammas.name, "too short", "at least two decays");
              const List ordered = network_hessian_eigenvalues(lambdas, 0, decays);
              std::swap(decays[0], decays[1]);
              const List swapped = network_hessian_eigenvalues(lambdas, 0, decays);
              return std::tuple{ordered.front(), swapped.front(), ordered.back()};
            }),
    formula("landscape.metrics",
            "linear.md, section 9.8: distances between a decoder and the principal directions",
            in(W2, W1, V),
            {{"axis_distance", "0 if every eigenvector is some column of W2"},
             {"ordered_axis_distance", "0 if eigenvector i is column i"},
             {"subspace_distance", "0 if they span the same subspace"},
             {"transpose_distance", "|W1 - W2^T|^2/H"}},
            [](const Array64& W2, const Array64& W1, const Array64& V) {
              return std::tuple{axis_distance(V, W2), ordered_axis_distance(V, W2),
                                subspace_distance(V, W2), transpose_distance(W1, W2)};
            }),
    formula("landscape.rotation_augmented_step",
            "linear.md, section 9.7: one step of the rotation-augmented gradient (Bao et al. 2020)",
            in(C, W1, W2, alpha, Number{"rho", "strength of the rotation; 1/2 in the paper's code"},
               sigma2, gamma),
            {{"W1_next", "encoder after the step"}, {"W2_next", "decoder after the step"}},
            [](const Array64& C, const Array64& W1, const Array64& W2, double alpha, double rho,
               double sigma2, double gamma) {
              return rotation_augmented_step(additive_noise(C, sigma2), W1, W2, gamma, alpha, rho);
            }),
    formula("landscape.ppca_reconstruction",
            "linear.md, section 9.5: posterior mean of probabilistic PCA (Tipping & Bishop 1999)",
            in(lambdas, Matrix{"V", "eigenvectors in columns, D x D"}, H,
               Number{"ppca_noise", "noise variance of the model"}),
            {{"reconstruction", "map from data to its reconstruction, D x D"}},
            ppca_reconstruction),
};

}  // namespace hourglass::predict
