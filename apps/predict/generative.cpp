#include "formula.hpp"
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/generative_consistency.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <cstdio>

// Generative models: docs/theory/generative.md, symbols of its section 0.2.
namespace hourglass::predict {
namespace {

using namespace theory;

constexpr Matrix W{"W", "weights, n x m, a unit a column"};
constexpr Matrix A{"A", "dictionary, n x m, an atom a column"};
constexpr Input<List> biases{"b", "biases of the m units"};
constexpr Number bias{"b", "bias of every unit"};
constexpr Input<List> pi{"pi", "probabilities of the m components"};
constexpr Count n{"n", "features"};
constexpr Count m{"m", "atoms"};
constexpr Count k{"k", "non-zeros of a code"};
constexpr Number sigma{"sigma", "standard deviation of the noise"};
constexpr Number threshold{"lambda", "threshold of the units"};
constexpr Number batch{"batch", "fresh samples a step"};
constexpr Number zeta{"zeta", "step size"};
constexpr Number zeta_pi{"zeta_pi", "step size times the probability of the centre"};
constexpr Number zeta_q1{"zeta_q1", "step size times k/m"};
constexpr Matrix W0{"W0", "weights at the start, n x m"};
constexpr Flag normalise{"normalise_columns", "after every step"};
constexpr Text schedule{"b_at_step_s", "b0 * rho^s with two numbers"};

constexpr Member kappa1{&SparseCodes::kappa1, Number{"kappa1", "mean of a non-zero coefficient"}};
constexpr Member kappa2{&SparseCodes::kappa2,
                        Number{"kappa2", "second moment of a non-zero coefficient"}};
constexpr auto codes = filled(Member{&SparseCodes::k, k}, kappa1, kappa2);
constexpr auto centred_codes = filled(Member{&SparseCodes::k, k}, kappa2);
constexpr auto coefficients = filled(kappa1, kappa2);

constexpr Output dW{"dW", "expected gradient, n x m"};
constexpr Output distances{"column_distances_steps_0_to_6", "|w_i - a_i|, a step a row"};
constexpr Output rms_floor{"rms_floor", "root mean square of |w_i - a_i|"};

// Distances of the columns at steps 0 to 6, a step a row; `gradient` is a function of W and step.
Array64 trajectory(Array64 W, const Array64& A, double zeta, bool normalised,
                   const auto& gradient) {
  std::vector<List> rows{column_distances(W, A)};
  for (std::size_t s = 0; s < 6; ++s) {
    expected_step(W, gradient(W, static_cast<double>(s)), zeta, normalised);
    rows.push_back(column_distances(W, A));
  }
  return stacked(rows);
}

// "b0 * rho^s" as b0 and rho.
std::pair<double, double> geometric(const std::string& text) {
  double first = 0, ratio = 0;
  int end = 0;
  if (std::sscanf(text.c_str(), "%lf * %lf^s%n", &first, &ratio, &end) != 2 ||
      end != static_cast<int>(text.size()))
    reject(schedule.name, shown(text), schedule.meaning);
  return {first, ratio};
}

Array64 identity(std::size_t m) { return diagonal(List(m, 1.0)); }

}  // namespace

const std::vector<Formula> generative{
    formula("generative.support_probabilities",
            "generative.md, section 0.2: q_r, r given atoms all in a uniform support", in(k, m),
            {{"q", "q_1 to q_4"}},
            [](std::size_t k, std::size_t m) {
              const auto q = support_probabilities(k, m);
              return List(q.begin() + 1, q.end());
            }),
    formula("generative.conditional_expected_gradient",
            "generative.md, section 3.1: expected gradient given the support",
            in(W, A, biases, Input<Counts>{"support", "the active atoms, counted from 0"},
               coefficients, sigma),
            {dW}, conditional_expected_gradient),
    formula("generative.mixture_expected_gradient",
            "generative.md, section 3.2: expected gradient, mixture of Gaussians",
            in(W, A, biases, pi, sigma), {dW}, mixture_expected_gradient),
    formula("generative.sparse_expected_gradient",
            "generative.md, section 3.3: expected gradient, k-sparse codes of mean 0, no bias",
            in(W, A, centred_codes, sigma), {dW},
            [](auto&... all) { return sparse_expected_gradient(all...); }),
    formula("generative.nonnegative_expected_gradient",
            "generative.md, section 3.4: expected gradient, k-sparse codes of any mean, any bias",
            in(W, A, biases, codes, sigma), {dW}, nonnegative_expected_gradient),
    formula("generative.sparse_gradient_at_truth",
            "generative.md, section 3.3: expected gradient at W = A, k-sparse codes of mean 0",
            in(A, centred_codes, sigma),
            {dW,
             {"decoder_half", "the part that flows through the decoder"},
             {"tangential_norms", "per column, norm of the part across the atom"}},
            [](const Array64& A, const SparseCodes& codes, double sigma) {
              const TruthGradient at = gradient_at_truth(A, codes, sigma);
              return std::tuple{at.gradient,
                                sparse_expected_gradient(A, A, codes, sigma, Path::decoder),
                                at.tangential};
            }),
    formula("generative.hard_threshold_surface_term",
            "generative.md, section 10.3: gradient of the expected loss of one thresholded unit",
            in(threshold, Number{"w", "weight, > 0"}),
            {{"expected_loss", "over x ~ N(0, 1)"},
             {"expected_ae_gradient", "mean of the gradient away from the jumps"},
             {"surface_term", "what the jumps add to it"}},
            [](double lambda, double w) { return thresholded_loss(w, lambda); }),
    formula(
        "generative.sparse_consistency_enumeration",
        "generative.md, section 6.2: code consistency without noise, all supports and signs",
        in(W, A, k, Choice<bool, 1>{"coefficients", {{"Rademacher", true}}},
           Number{"sigma", "standard deviation of the noise: 0"}, threshold),
        {{"good", "samples with the right support"},
         {"total", "supports times signs"},
         {"probability", "good over total"},
         {"margin", "least distance of a pre-activation from the threshold"}},
        [](const Array64& W, const Array64& A, std::size_t k, bool, double sigma, double lambda) {
          require(sigma == 0, "sigma", sigma, "an enumeration has no noise");
          const auto all = enumerated_consistency(W, A, k, lambda);
          return std::tuple{all.good, all.total, all.probability(), all.margin};
        }),
    formula("generative.mixture_consistency_orthonormal",
            "generative.md, section 6.1: code consistency at W = A, orthonormal centres",
            in(m, sigma, bias),
            {{"probability", "that exactly the true unit is on"},
             {"union_lower_bound", "1 minus the union bound; may be negative"}},
            [](auto&... all) { return mixture_consistency(all...); }),
    formula("generative.mixture_consistency",
            "generative.md, section 6.1: code consistency of a mixture, any W",
            in(W, A, biases, pi, sigma),
            {{"probability",
              "exact; null beyond four units, for W of dependent columns, or where the quadrature "
              "does not converge",
              conditional},
             {"product_approximation", "as if units were independent"},
             {"union_failure_bound", "bound on the probability of failure"}},
            [](auto&... all) { return mixture_consistency(all...); }),
    formula("generative.sparse_consistency",
            "generative.md, section 6.2: estimates and bound of code consistency, k-sparse codes",
            in(W, A, k, sigma, threshold),
            {{"p_on_mean", "that an active unit is off, averaged over units"},
             {"p_off_mean", "that an inactive unit is on, averaged over units"},
             {"gaussian_independent_probability", "that all gates are right"},
             {"hoeffding_failure_bound", "on the probability that one is wrong"}},
            sparse_consistency),
    formula("generative.sparse_rates",
            "generative.md, section 4.1: rates near an orthonormal dictionary, codes of mean 0",
            in(m, centred_codes, sigma),
            {{"out_of_span", "a step multiplies by 1 - zeta rate"},
             {"antisymmetric", "rotations inside the span"},
             {"symmetric", "columns that lean towards each other"},
             {"radial", "norms, without normalisation"},
             {"radial_decoder_only", "if the encoder's use of W passes no gradient"},
             {"contraction_at_zeta_half_over_q1kappa2", "of the first three"},
             {"max_stable_zeta_unnormalised", "largest step that is stable"}},
            [](std::size_t m, const SparseCodes& codes, double sigma) {
              const auto r = sparse_rates(codes, m, sigma);
              const auto left = [&](double rate) { return 1 - 0.5 * rate / r.out_of_span; };
              const Numbers contraction{{"out_of_span", left(r.out_of_span)},
                                        {"antisymmetric", left(r.antisymmetric)},
                                        {"symmetric", left(r.symmetric)}};
              return std::tuple(r.out_of_span, r.antisymmetric, r.symmetric, r.radial, r.radial / 2,
                                contraction, 2 / r.radial);
            }),
    formula("generative.sparse_jacobian_spectrum",
            "generative.md, section 4.1: all rates at an orthonormal dictionary, codes of mean 0",
            in(n, m, centred_codes, sigma), {{"eigenvalues_sorted", "n m of them, smallest first"}},
            [](auto n, auto m, auto& codes, auto sigma) {
              return sparse_spectrum(codes, n, m, sigma);
            }),
    formula("generative.nonnegative_rates",
            "generative.md, section 4.3: rates near an orthonormal dictionary, no bias",
            in(m, codes, sigma),
            {{"out_of_span_common", "all columns leave the span alike"},
             {"out_of_span_difference", "their mean does not"},
             {"antisymmetric_balanced", "zero row and column sums"},
             {"symmetric_balanced", "zero row and column sums"},
             {"uniform_mode_matrix", "on (own atom, every other atom)"},
             {"uniform_mode_eigenvalues", "smaller first"},
             {"uniform_mode_normalised", "with normalised columns"}},
            [](std::size_t m, const SparseCodes& codes, double sigma) {
              const auto r = nonnegative_rates(codes, m, sigma);
              const auto pair = [](const double(&x)[2]) { return List{x[0], x[1]}; };
              return std::tuple(r.out_of_span_common, r.out_of_span_difference, r.antisymmetric,
                                r.symmetric, stacked({pair(r.uniform[0]), pair(r.uniform[1])}),
                                pair(r.uniform_eigenvalues), r.uniform_normalised);
            }),
    formula(
        "generative.mixture_angle_map",
        "generative.md, section 4.4: exact angle to the centre, normalised mixture update",
        in(zeta_pi, bias, Number{"theta0", "angle at the start, radians"},
           Optional<std::size_t>{"steps", "12 if left out"}),
        {{"tan_theta", "at steps 0, 1, ..."}, {"asymptotic_factor", "contraction near the centre"}},
        [](double c, double b, double theta0, const Given<std::size_t>& steps) {
          return std::tuple{mixture_angle_map(c, b, theta0, steps.value_or(12)),
                            mixture_contraction(c, b)};
        }),
    formula("generative.mixture_norm",
            "generative.md, section 4.4: norm of a mixture column without normalisation",
            in(bias, sigma), {{"norm", "at the fixed point"}, {"first_order", "in b"}},
            mixture_norm),
    formula("generative.radial_map",
            "generative.md, section 4.4: W = t A, orthonormal A, codes of mean 0 and variance 1",
            in(zeta_q1, sigma, Number{"t0", "norm of the columns at the start"},
               Optional<std::size_t>{"steps", "6 if left out"}),
            {{"full", "t at steps 0, 1, ..."},
             {"decoder_only", "if only the decoder's use of W passes a gradient"},
             {"encoder_only", "if only the encoder's does"}},
            [](double c, double sigma, double t0, const Given<std::size_t>& steps) {
              const auto map = [&](Path path) {
                return radial_map(c, sigma, t0, steps.value_or(6), path);
              };
              return std::tuple{map(Path::both), map(Path::decoder), map(Path::encoder)};
            }),
    formula("generative.sparse_expected_trajectory",
            "generative.md, sections 3.3 and 2.4: iterated expected gradient, codes of mean 0",
            in(A, W0, centred_codes, sigma, zeta, normalise), {distances},
            [](const Array64& A, const Array64& W0, const SparseCodes& codes, double sigma,
               double zeta, bool normalise) {
              return trajectory(W0, A, zeta, normalise, [&](const Array64& W, double) {
                return sparse_expected_gradient(W, A, codes, sigma);
              });
            }),
    formula("generative.nonnegative_expected_trajectory",
            "generative.md, sections 3.4 and 2.4: iterated expected gradient, scheduled bias",
            in(
                Choice<Array64 (*)(std::size_t), 1>{
                    "A", {{"identity", identity}}, ": n = m, coordinates along the atoms"},
                W0, codes, sigma, zeta, schedule, normalise),
            {distances},
            [](const auto& dictionary, const Array64& W0, const SparseCodes& codes, double sigma,
               double zeta, const std::string& schedule, bool normalise) {
              const auto bias = geometric(schedule);
              const Array64 A = dictionary(shape_of(W0).columns);
              return trajectory(W0, A, zeta, normalise, [&](const Array64& W, double s) {
                const double b = bias.first * std::pow(bias.second, s);
                return nonnegative_expected_gradient(W, A, List(A.shape()[1], b), codes, sigma);
              });
            }),
    formula(
        "generative.mixture_sgd_floor",
        "generative.md, section 5.1: distance left by fresh batches, mixture",
        in(n, m, sigma, zeta_pi, bias, batch), {{"rho", "contraction near the centre"}, rms_floor},
        [](std::size_t n, std::size_t m, double sigma, double c, double b, double batch) {
          return std::tuple{mixture_contraction(c, b), mixture_sgd_floor(n, m, sigma, c, b, batch)};
        }),
    formula("generative.sparse_sgd_floor",
            "generative.md, section 5.1: distance left by fresh batches, orthonormal, kappa2 = 1",
            in(n, m, k, sigma, zeta_q1, batch), {rms_floor},
            [](std::size_t n, std::size_t m, std::size_t k, double sigma, double c, double batch) {
              const double q1 = support_probabilities(k, m)[1];
              return sparse_sgd_floor(n, m, {.k = k}, sigma, c / q1, batch);
            }),
    formula(
        "generative.finite_sample_floors",
        "generative.md, section 5.2: distance left by a finite data set",
        in(n, m, k, sigma, Number{"N", "samples"}),
        {{"mog_rms_floor", "mixture"}, {"sparse_orthonormal_rms_floor", "k-sparse, kappa2 = 1"}},
        [](std::size_t n, std::size_t m, std::size_t k, double sigma, double N) {
          return std::tuple{mixture_finite_floor(n, m, sigma, N),
                            sparse_finite_floor(n, m, k, sigma, N)};
        }),
    formula(
        "generative.tight_frame_direction",
        "generative.md, section 3.3: at a unit-norm tight frame the gradient is along the atoms",
        in(A, k, sigma, kappa2.input),
        {{"coefficient", "the gradient is this times A"},
         {"dW_at_W_equal_A", "by the general formula"}},
        [](const Array64& A, std::size_t k, double sigma, double kappa2) {
          const SparseCodes codes{.k = k, .kappa2 = kappa2};
          return std::tuple{tight_frame_coefficient(A, codes, sigma),
                            sparse_expected_gradient(A, A, codes, sigma)};
        }),
    formula("generative.incoherent_fixed_point",
            "generative.md, section 5.3: fixed point of the normalised expected map, mean 0",
            in(A, centred_codes, sigma),
            {{"first_order_unrefined", "distance per column"},
             {"first_order_refined", "with the rate of symmetric modes"},
             {"fixed_point_W", "by iteration"},
             {"fixed_point_column_distance", "|w_i - a_i|"},
             {"random_dictionary_estimate", "2 (k - 1)/sqrt(m n)"}},
            [](const Array64& A, const SparseCodes& codes, double sigma) {
              const auto [n, m] = shape_of(A);
              const auto point = incoherent_fixed_point(A, codes, sigma);
              return std::tuple{point.first_order, point.refined, point.W, point.distances,
                                random_dictionary_floor(n, m, codes.k)};
            }),
    formula("generative.nonnegative_bias_floor",
            "generative.md, section 5.4: distance left by a constant bias, orthonormal, n = m",
            in(m, codes, sigma, Number{"beta", "the bias is -beta"}),
            {{"d0", "rate of the uniform mode"},
             {"first_order", "in beta"},
             {"fixed_point_distance", "by iteration"}},
            [](auto m, auto& codes, auto sigma, auto beta) {
              return bias_floor(codes, m, sigma, beta);
            }),
};

}  // namespace hourglass::predict
