#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/generative_fields.hpp>
#include <hourglass/theory/generative_floors.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <cstdio>
#include <functional>

// Rates, maps, trajectories, floors and fixed points: docs/theory/generative.md, sections 4 and 5.
namespace hourglass::theory {
namespace {

using nlohmann::json;
using namespace fields;

constexpr Field batch{"batch", Kind::number, "fresh samples a step"};
constexpr Field zeta{"zeta", Kind::number, "step size"};
constexpr Field zeta_pi{"zeta_pi", Kind::number, "step size times the probability of the centre"};
constexpr Field zeta_q1{"zeta_q1", Kind::number, "step size times k/m"};
constexpr Field W0{"W0", Kind::matrix, "weights at the start, n x m"};
constexpr Field normalise{"normalise_columns", Kind::flag, "after every step"};
constexpr Field distances{"column_distances_steps_0_to_6", Kind::matrix,
                          "|w_i - a_i|, a step a row"};

Formula rates() {
  return {"generative.sparse_rates",
          "generative.md, section 4.1: rates near an orthonormal dictionary, codes of mean 0",
          {m, k, kappa2, sigma},
          {{"out_of_span", Kind::number, "a step multiplies by 1 - zeta rate"},
           {"antisymmetric", Kind::number, "rotations inside the span"},
           {"symmetric", Kind::number, "columns that lean towards each other"},
           {"radial", Kind::number, "norms, without normalisation"},
           {"radial_decoder_only", Kind::number, "if the encoder's use of W passes no gradient"},
           {"contraction_at_zeta_half_over_q1kappa2", Kind::object, "of the first three"},
           {"max_stable_zeta_unnormalised", Kind::number, "largest step that is stable"}},
          [](const Inputs& in) {
            const auto r = sparse_rates(codes_of(in), in.count("m"), in.number("sigma"));
            const auto left = [&](double rate) { return 1 - 0.5 * rate / r.out_of_span; };
            return json{{"out_of_span", r.out_of_span},
                        {"antisymmetric", r.antisymmetric},
                        {"symmetric", r.symmetric},
                        {"radial", r.radial},
                        {"radial_decoder_only", r.radial / 2},
                        {"contraction_at_zeta_half_over_q1kappa2",
                         {{"out_of_span", left(r.out_of_span)},
                          {"antisymmetric", left(r.antisymmetric)},
                          {"symmetric", left(r.symmetric)}}},
                        {"max_stable_zeta_unnormalised", 2 / r.radial}};
          }};
}

Formula spectrum() {
  return {"generative.sparse_jacobian_spectrum",
          "generative.md, section 4.1: all rates at an orthonormal dictionary, codes of mean 0",
          {n, m, k, kappa2, sigma},
          {{"eigenvalues_sorted", Kind::list, "n m of them, smallest first"}},
          [](const Inputs& in) {
            return json{{"eigenvalues_sorted", sparse_spectrum(codes_of(in), in.count("n"),
                                                               in.count("m"), in.number("sigma"))}};
          }};
}

Formula nonnegative() {
  return {"generative.nonnegative_rates",
          "generative.md, section 4.3: rates near an orthonormal dictionary, no bias",
          {m, k, kappa1, kappa2, sigma},
          {{"out_of_span_common", Kind::number, "all columns leave the span alike"},
           {"out_of_span_difference", Kind::number, "their mean does not"},
           {"antisymmetric_balanced", Kind::number, "zero row and column sums"},
           {"symmetric_balanced", Kind::number, "zero row and column sums"},
           {"uniform_mode_matrix", Kind::matrix, "on (own atom, every other atom)"},
           {"uniform_mode_eigenvalues", Kind::list, "smaller first"},
           {"uniform_mode_normalised", Kind::number, "with normalised columns"}},
          [](const Inputs& in) {
            const auto r = nonnegative_rates(codes_of(in), in.count("m"), in.number("sigma"));
            const auto& u = r.uniform;
            return json{{"out_of_span_common", r.out_of_span_common},
                        {"out_of_span_difference", r.out_of_span_difference},
                        {"antisymmetric_balanced", r.antisymmetric},
                        {"symmetric_balanced", r.symmetric},
                        {"uniform_mode_matrix", {{u[0][0], u[0][1]}, {u[1][0], u[1][1]}}},
                        {"uniform_mode_eigenvalues", r.uniform_eigenvalues},
                        {"uniform_mode_normalised", r.uniform_normalised}};
          }};
}

std::size_t steps_of(const Inputs& in, std::size_t otherwise) {
  return in.has("steps") ? in.count("steps") : otherwise;
}

Formula angle_map() {
  return {"generative.mixture_angle_map",
          "generative.md, section 4.4: exact angle to the centre, normalised mixture update",
          {zeta_pi,
           unit_bias,
           {"theta0", Kind::number, "angle at the start, radians"},
           {.name = "steps", .kind = Kind::count, .meaning = "12 if left out", .optional = true}},
          {{"tan_theta", Kind::list, "at steps 0, 1, ..."},
           {"asymptotic_factor", Kind::number, "contraction near the centre"}},
          [](const Inputs& in) {
            const double c = in.number("zeta_pi"), b = in.number("b");
            return json{
                {"tan_theta", mixture_angle_map(c, b, in.number("theta0"), steps_of(in, 12))},
                {"asymptotic_factor", mixture_contraction(c, b)}};
          }};
}

Formula norm() {
  return {"generative.mixture_norm",
          "generative.md, section 4.4: norm of a mixture column without normalisation",
          {unit_bias, sigma},
          {{"norm", Kind::number, "at the fixed point"}, {"first_order", Kind::number, "in b"}},
          [](const Inputs& in) {
            const auto t = mixture_norm(in.number("b"), in.number("sigma"));
            return json{{"norm", t.norm}, {"first_order", t.first_order}};
          }};
}

Formula radial() {
  return {"generative.radial_map",
          "generative.md, section 4.4: W = t A, orthonormal A, codes of mean 0 and variance 1",
          {zeta_q1,
           sigma,
           {"t0", Kind::number, "norm of the columns at the start"},
           {.name = "steps", .kind = Kind::count, .meaning = "6 if left out", .optional = true}},
          {{"full", Kind::list, "t at steps 0, 1, ..."},
           {"decoder_only", Kind::list, "if only the decoder's use of W passes a gradient"},
           {"encoder_only", Kind::list, "if only the encoder's does"}},
          [](const Inputs& in) {
            const auto map = [&](Path path) {
              return radial_map(in.number("zeta_q1"), in.number("sigma"), in.number("t0"),
                                steps_of(in, 6), path);
            };
            return json{{"full", map(Path::both)},
                        {"decoder_only", map(Path::decoder)},
                        {"encoder_only", map(Path::encoder)}};
          }};
}

using GradientAt = std::function<Array64(const Array64& W, std::size_t step)>;
json trajectory(const Inputs& in, const Array64& A, const GradientAt& gradient) {
  Array64 W = in.matrix("W0");
  json rows = json::array({column_distances(W, A)});
  for (std::size_t s = 0; s < 6; ++s) {
    expected_step(W, gradient(W, s), in.number("zeta"), in.flag("normalise_columns"));
    rows.push_back(column_distances(W, A));
  }
  return {{"column_distances_steps_0_to_6", rows}};
}

Formula sparse_trajectory() {
  return {"generative.sparse_expected_trajectory",
          "generative.md, sections 3.3 and 2.4: iterated expected gradient, codes of mean 0",
          {A_columns, W0, k, kappa2, sigma, zeta, normalise},
          {distances},
          [](const Inputs& in) {
            const Array64 A = in.matrix("A");
            return trajectory(in, A, [&](const Array64& W, std::size_t) {
              return sparse_expected_gradient(W, A, codes_of(in), in.number("sigma"));
            });
          }};
}

// "b0 * rho^s" as b0 and rho.
std::pair<double, double> geometric(const Inputs& in, const char* name) {
  const std::string text = in.text(name);
  double first = 0, ratio = 0;
  int end = 0;
  if (std::sscanf(text.c_str(), "%lf * %lf^s%n", &first, &ratio, &end) != 2 ||
      end != static_cast<int>(text.size()))
    in.reject(name, '"' + text + '"', "b0 * rho^s with two numbers");
  return {first, ratio};
}

Formula nonnegative_trajectory() {
  return {"generative.nonnegative_expected_trajectory",
          "generative.md, sections 3.4 and 2.4: iterated expected gradient, scheduled bias",
          {{"A", Kind::text, "identity: n = m, coordinates along the atoms"},
           W0,
           k,
           kappa1,
           kappa2,
           sigma,
           zeta,
           {"b_at_step_s", Kind::text, "b0 * rho^s with two numbers"},
           normalise},
          {distances},
          [](const Inputs& in) {
            if (in.text("A") != "identity") in.reject("A", '"' + in.text("A") + '"', "identity");
            const auto schedule = geometric(in, "b_at_step_s");
            const std::size_t m = shape_of(in.matrix("W0")).columns;
            const Array64 A = diagonal(std::vector<double>(m, 1.0));
            return trajectory(in, A, [&](const Array64& W, std::size_t s) {
              const double b = schedule.first * std::pow(schedule.second, static_cast<double>(s));
              return nonnegative_expected_gradient(W, A, std::vector<double>(m, b), codes_of(in),
                                                   in.number("sigma"));
            });
          }};
}

Formula mixture_floor() {
  return {"generative.mixture_sgd_floor",
          "generative.md, section 5.1: distance left by fresh batches, mixture",
          {n, m, sigma, zeta_pi, unit_bias, batch},
          {{"rho", Kind::number, "contraction near the centre"},
           {"rms_floor", Kind::number, "root mean square of |w_i - a_i|"}},
          [](const Inputs& in) {
            const double c = in.number("zeta_pi"), b = in.number("b");
            return json{
                {"rho", mixture_contraction(c, b)},
                {"rms_floor", mixture_sgd_floor(in.count("n"), in.count("m"), in.number("sigma"), c,
                                                b, in.number("batch"))}};
          }};
}

Formula sparse_floor() {
  return {"generative.sparse_sgd_floor",
          "generative.md, section 5.1: distance left by fresh batches, orthonormal, kappa2 = 1",
          {n, m, k, sigma, zeta_q1, batch},
          {{"rms_floor", Kind::number, "root mean square of |w_i - a_i|"}},
          [](const Inputs& in) {
            const SparseCodes codes{.k = in.count("k")};
            const double q1 = support_probabilities(codes.k, in.count("m"))[1];
            return json{{"rms_floor",
                         sparse_sgd_floor(in.count("n"), in.count("m"), codes, in.number("sigma"),
                                          in.number("zeta_q1") / q1, in.number("batch"))}};
          }};
}

Formula finite_floors() {
  return {"generative.finite_sample_floors",
          "generative.md, section 5.2: distance left by a finite data set",
          {n, m, k, sigma, {"N", Kind::number, "samples"}},
          {{"mog_rms_floor", Kind::number, "mixture"},
           {"sparse_orthonormal_rms_floor", Kind::number, "k-sparse, kappa2 = 1"}},
          [](const Inputs& in) {
            const std::size_t n = in.count("n"), m = in.count("m");
            const double sigma = in.number("sigma"), N = in.number("N");
            return json{{"mog_rms_floor", mixture_finite_floor(n, m, sigma, N)},
                        {"sparse_orthonormal_rms_floor",
                         sparse_finite_floor(n, m, in.count("k"), sigma, N)}};
          }};
}

Formula tight_frame() {
  return {"generative.tight_frame_direction",
          "generative.md, section 3.3: at a unit-norm tight frame the gradient is along the atoms",
          {A_columns, k, sigma, kappa2},
          {{"coefficient", Kind::number, "the gradient is this times A"},
           {"dW_at_W_equal_A", Kind::matrix, "by the general formula"}},
          [](const Inputs& in) {
            const Array64 A = in.matrix("A");
            const double sigma = in.number("sigma");
            return json{
                {"coefficient", tight_frame_coefficient(A, codes_of(in), sigma)},
                {"dW_at_W_equal_A", rows_of(sparse_expected_gradient(A, A, codes_of(in), sigma))}};
          }};
}

Formula incoherent() {
  return {"generative.incoherent_fixed_point",
          "generative.md, section 5.3: fixed point of the normalised expected map, mean 0",
          {A_columns, k, kappa2, sigma},
          {{"first_order_unrefined", Kind::list, "distance per column"},
           {"first_order_refined", Kind::list, "with the rate of symmetric modes"},
           {"fixed_point_W", Kind::matrix, "by iteration"},
           {"fixed_point_column_distance", Kind::list, "|w_i - a_i|"},
           {"random_dictionary_estimate", Kind::number, "2 (k - 1)/sqrt(m n)"}},
          [](const Inputs& in) {
            const Array64 A = in.matrix("A");
            const auto [n, m] = shape_of(A);
            const auto point = incoherent_fixed_point(A, codes_of(in), in.number("sigma"));
            return json{
                {"first_order_unrefined", point.first_order},
                {"first_order_refined", point.refined},
                {"fixed_point_W", rows_of(point.W)},
                {"fixed_point_column_distance", point.distances},
                {"random_dictionary_estimate", random_dictionary_floor(n, m, in.count("k"))}};
          }};
}

Formula biased() {
  return {"generative.nonnegative_bias_floor",
          "generative.md, section 5.4: distance left by a constant bias, orthonormal, n = m",
          {m, k, kappa1, kappa2, sigma, {"beta", Kind::number, "the bias is -beta"}},
          {{"d0", Kind::number, "rate of the uniform mode"},
           {"first_order", Kind::number, "in beta"},
           {"fixed_point_distance", Kind::number, "by iteration"}},
          [](const Inputs& in) {
            const auto floor =
                bias_floor(codes_of(in), in.count("m"), in.number("sigma"), in.number("beta"));
            return json{{"d0", floor.d0},
                        {"first_order", floor.first_order},
                        {"fixed_point_distance", floor.distance}};
          }};
}

}  // namespace

std::vector<Formula> generative_dynamics_formulas() {
  return {rates(),         spectrum(),     nonnegative(),       angle_map(),
          norm(),          radial(),       sparse_trajectory(), nonnegative_trajectory(),
          mixture_floor(), sparse_floor(), finite_floors(),     tight_frame(),
          incoherent(),    biased()};
}

}  // namespace hourglass::theory
