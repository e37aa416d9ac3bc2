#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_descent.hpp>
#include <hourglass/theory/registry_fields.hpp>
#include <hourglass/theory/registry_inputs.hpp>

// Formulas of one mode: docs/theory/linear.md, sections 3, 4, 5 and 7.
namespace hourglass::theory {
namespace {

using nlohmann::json;

ScalarMode scalar_mode(const Inputs& in) {
  return {.lambda = in.number("lambda"),
          .sigma2 = in.number("sigma2"),
          .gamma = in.number("gamma"),
          .alpha = in.number("alpha"),
          .w1 = in.number("w1"),
          .w2 = in.number("w2")};
}

BalancedMode balanced_mode(const Inputs& in, double alpha) {
  return {.lambda = in.number("lambda"),
          .sigma2 = in.number("sigma2"),
          .gamma = in.number("gamma"),
          .alpha = alpha,
          .u0 = in.number("u0")};
}

BalancedMode balanced_mode(const Inputs& in) { return balanced_mode(in, in.number("alpha")); }

json strengths(const auto& mode, const std::vector<double>& times) {
  return mapped(times, [&](double t) { return mode.strength(t); });
}

Formula scalar() {
  return {"linear.scalar",
          "linear.md, section 3: exact solution for any weights; with decay, section 5",
          {fields::w1, fields::w2, fields::lambda, fields::sigma2, fields::gamma, fields::alpha,
           fields::times},
          {fields::u,
           {"w1", Kind::list, "encoder weight at the times"},
           {"w2", Kind::list, "decoder weight at the times"}},
          [](const Inputs& in) {
            const ScalarMode mode = scalar_mode(in);
            const auto times = in.list("times");
            return json{{"u", strengths(mode, times)},
                        {"w1", mapped(times, [&](double t) { return mode.weights(t).w1; })},
                        {"w2", mapped(times, [&](double t) { return mode.weights(t).w2; })}};
          }};
}

Formula scalar_times() {
  return {"linear.scalar_times",
          "linear.md, section 3: times of the exact solution, gamma = 0",
          {fields::w1,
           fields::w2,
           fields::lambda,
           fields::sigma2,
           fields::gamma,
           fields::alpha,
           {"level", Kind::number, "strength between the start and the limit"}},
          {{"t_cross", Kind::number, "steps until u = 0 from a start u < 0; null without one"},
           {"t_level", Kind::number, "steps until u = level"}},
          [](const Inputs& in) {
            const ScalarMode mode = scalar_mode(in);
            return json{{"t_cross", mode.crossing_time()},
                        {"t_level", mode.time_to(in.number("level"))}};
          }};
}

Formula balanced() {
  return {"linear.balanced",
          "linear.md, section 4: logistic with noise and weight decay, every regime",
          {fields::u0, fields::lambda, fields::sigma2, fields::gamma, fields::alpha, fields::times},
          {fields::u},
          [](const Inputs& in) {
            return json{{"u", strengths(balanced_mode(in), in.list("times"))}};
          }};
}

Formula balanced_times() {
  return {
      "linear.balanced_times",
      "linear.md, section 4: learning times, gamma < lambda",
      {fields::u0, fields::lambda, fields::sigma2, fields::gamma, fields::alpha, fields::fractions},
      {fields::u_star, {"t", Kind::list, "steps until u = fraction u_star"}},
      [](const Inputs& in) {
        const BalancedMode mode = balanced_mode(in);
        const double end = mode.fixed_point();
        return json{
            {"u_star", end},
            {"t", mapped(in.list("fractions"), [&](double f) { return mode.time_to(f * end); })}};
      }};
}

Formula equivalence() {
  return {"linear.noise_decay_equivalence",
          "linear.md, section 4: noise and the weight decay with the same fixed point, each at the "
          "rate that "
          "Pretorius et al. 2018 call optimal",
          {fields::lambda, fields::sigma2, fields::w1, fields::w2, fields::times},
          {{"gamma_equiv", Kind::number, "decay with the fixed point of the noise"},
           {"alpha_dae", Kind::number, "1/(2 lambda + 3 sigma2)"},
           {"alpha_wdae", Kind::number, "1/(2 lambda + gamma)"},
           {"ratio", Kind::number, "alpha_dae/alpha_wdae"},
           {"ratio_simplified", Kind::number, "lambda/(lambda + sigma2)"},
           {"u_dae", Kind::list, "strength under noise at the times, rate alpha_dae"},
           {"u_wdae", Kind::list, "strength under decay at the times, rate alpha_wdae"}},
          [](const Inputs& in) {
            const double lambda = in.number("lambda"), sigma2 = in.number("sigma2");
            const auto e = noise_decay_equivalence(lambda, sigma2);
            const double w1 = in.number("w1"), w2 = in.number("w2");
            const ScalarMode dae{lambda, sigma2, 0, e.alpha_dae, w1, w2};
            const ScalarMode wdae{lambda, 0, e.gamma, e.alpha_wdae, w1, w2};
            const auto times = in.list("times");
            return json{{"gamma_equiv", e.gamma},
                        {"alpha_dae", e.alpha_dae},
                        {"alpha_wdae", e.alpha_wdae},
                        {"ratio", e.ratio},
                        {"ratio_simplified", lambda / (lambda + sigma2)},
                        {"u_dae", strengths(dae, times)},
                        {"u_wdae", strengths(wdae, times)}};
          }};
}

Formula unbalanced_decay() {
  return {"linear.unbalanced_decay",
          "linear.md, section 5: unbalanced weights with decay, by integration",
          {fields::w1, fields::w2, fields::lambda, fields::sigma2, fields::gamma, fields::alpha,
           fields::times},
          {fields::u, {"c", Kind::list, "imbalance w2^2 - w1^2 at the times"}},
          [](const Inputs& in) {
            const ScalarMode mode = scalar_mode(in);
            const auto times = in.list("times");
            return json{{"u", strengths(mode, times)},
                        {"c", mapped(times, [&](double t) { return mode.imbalance(t); })}};
          }};
}

Formula scalar_hessian() {
  return {"linear.scalar_hessian",
          "linear.md, section 7: Hessian of the scalar loss",
          {fields::w1, fields::w2, fields::lambda, fields::sigma2, fields::gamma},
          {{"eigenvalues", Kind::list, "both eigenvalues, ascending"}},
          [](const Inputs& in) {
            return json{{"eigenvalues", hessian_eigenvalues(in.number("lambda"),
                                                            in.number("sigma2"), in.number("gamma"),
                                                            {in.number("w1"), in.number("w2")})}};
          }};
}

Formula scalar_sharpness() {
  return {
      "linear.scalar_sharpness",
      "linear.md, section 7: largest curvature on the balanced path w1 = w2 = a",
      {{"a", Kind::list, "values of the weight"}, fields::lambda, fields::sigma2, fields::gamma},
      {{"lambda_max", Kind::list, "largest eigenvalue of the Hessian at each a"}},
      [](const Inputs& in) {
        return json{{"lambda_max", mapped(in.list("a"), [&](double a) {
                       return balanced_sharpness(in.number("lambda"), in.number("sigma2"),
                                                 in.number("gamma"), a);
                     })}};
      }};
}

Formula scalar_descent() {
  return {"linear.scalar_descent",
          "linear.md, section 7: gradient descent on the scalar loss, exact map",
          {fields::w1,
           fields::w2,
           fields::lambda,
           fields::sigma2,
           fields::gamma,
           fields::alpha,
           {"steps", Kind::counts, "numbers of steps, not decreasing"}},
          {{"w1", Kind::list, "encoder weight after the steps"},
           {"w2", Kind::list, "decoder weight after the steps"},
           {"c", Kind::list, "imbalance w2^2 - w1^2 after the steps"}},
          [](const Inputs& in) {
            const auto path = descend(scalar_mode(in), in.counts("steps"));
            return json{{"w1", mapped(path, [](const auto& p) { return p.weights.w1; })},
                        {"w2", mapped(path, [](const auto& p) { return p.weights.w2; })},
                        {"c", mapped(path, [](const auto& p) { return p.imbalance; })}};
          }};
}

Formula half_time_delay() {
  return {
      "linear.half_time_delay",
      "linear.md, section 7: gradient descent is late on the flow",
      {fields::u0,
       fields::lambda,
       fields::sigma2,
       fields::gamma,
       {"alphas", Kind::list, "learning rates"}},
      {{"t_half_flow", Kind::list, "half time of the flow for each rate, steps"},
       {"t_half_corrected", Kind::list, "the same with the correction for finite steps"},
       {"t_half_gd", Kind::list, "the same by iterating the map"}},
      [](const Inputs& in) {
        const auto over_rates = [&](auto half_time) {
          return mapped(in.list("alphas"),
                        [&](double alpha) { return half_time(balanced_mode(in, alpha)); });
        };
        return json{
            {"t_half_flow", over_rates([](const auto& m) { return m.half_time(); })},
            {"t_half_corrected", over_rates([](const auto& m) { return m.descent_half_time(); })},
            {"t_half_gd", over_rates([](const auto& m) { return iterated_half_time(m); })}};
      }};
}

Formula rates() {
  return {"linear.optimal_rates",
          "linear.md, section 7: learning rates of Pretorius et al. 2018 and stability edges",
          {fields::lambda, fields::sigma2},
          {{"alpha_dae", Kind::number, "1/(curvature at w1 = w2 = 1) under noise"},
           {"alpha_wdae", Kind::number, "the same under the equivalent weight decay"},
           {"R", Kind::number, "alpha_dae/alpha_wdae"},
           {"edge_fixed_point_dae", Kind::number, "largest stable rate of the balanced map, noise"},
           {"edge_fixed_point_wdae", Kind::number, "the same, equivalent weight decay"}},
          [](const Inputs& in) {
            const OptimalRates r = optimal_rates(in.number("lambda"), in.number("sigma2"));
            return json{{"alpha_dae", r.alpha_dae},
                        {"alpha_wdae", r.alpha_wdae},
                        {"R", r.ratio},
                        {"edge_fixed_point_dae", r.edge_dae},
                        {"edge_fixed_point_wdae", r.edge_wdae}};
          }};
}

}  // namespace

std::vector<Formula> linear_mode_formulas() {
  return {scalar(),         scalar_times(),     balanced(),       balanced_times(),
          equivalence(),    unbalanced_decay(), scalar_hessian(), scalar_sharpness(),
          scalar_descent(), half_time_delay(),  rates()};
}

}  // namespace hourglass::theory
