#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/registry_fields.hpp>
#include <hourglass/theory/registry_inputs.hpp>

// Formulas of chains of L layers: docs/theory/linear.md, section 6.
namespace hourglass::theory {
namespace {

using nlohmann::json;

constexpr Field L{"L", Kind::count, "weight layers, at least 2"};

DeepMode deep_mode(const Inputs& in) {
  return {.layers = in.count("L"),
          .lambda = in.number("lambda"),
          .sigma2 = in.number("sigma2"),
          .gamma = in.number("gamma"),
          .alpha = in.number("alpha"),
          .u0 = in.number("u0")};
}

Formula times() {
  return {
      "deep_linear.times",
      "linear.md, section 6: learning times of L balanced layers without decay (Saxe et al. 2014)",
      {L, fields::u0, fields::lambda, fields::sigma2, fields::gamma, fields::alpha,
       fields::fractions},
      {fields::u_star, {"t", Kind::list, "steps until u = fraction u_star"}},
      [](const Inputs& in) {
        const DeepMode mode = deep_mode(in);
        const double end = mode.limit();
        return json{
            {"u_star", end},
            {"t", mapped(in.list("fractions"), [&](double f) { return mode.time_to(f * end); })}};
      }};
}

Formula infinite_depth_times() {
  return {"deep_linear.infinite_depth_times",
          "linear.md, section 6: learning times as L grows at fixed alpha L and u0",
          {fields::u0,
           fields::lambda,
           fields::sigma2,
           {"alpha_times_L", Kind::number, "learning rate times depth"},
           fields::fractions},
          {{"t", Kind::list, "steps until u = fraction lambda/xi"}},
          [](const Inputs& in) {
            const double lambda = in.number("lambda"), sigma2 = in.number("sigma2");
            return json{{"t", mapped(in.list("fractions"), [&](double f) {
                           return infinite_depth_time(lambda, sigma2, in.number("alpha_times_L"),
                                                      in.number("u0"),
                                                      f * lambda / (lambda + sigma2));
                         })}};
          }};
}

Formula strength() {
  return {
      "deep_linear.strength",
      "linear.md, section 6: strength of L balanced layers with noise and decay",
      {L, fields::u0, fields::lambda, fields::sigma2, fields::gamma, fields::alpha, fields::times},
      {{"u", Kind::list, "product of the weights at the times"}},
      [](const Inputs& in) {
        const DeepMode mode = deep_mode(in);
        return json{{"u", mapped(in.list("times"), [&](double t) { return mode.strength(t); })}};
      }};
}

Formula threshold() {
  return {"deep_linear.weight_decay_threshold",
          "linear.md, section 6: the start below which weight decay kills a mode",
          {L, fields::lambda, fields::sigma2, fields::gamma},
          {{"gamma_max", Kind::number, "largest decay that leaves a nonzero fixed point"},
           {"u_unstable", Kind::number, "threshold of the start; null if gamma > gamma_max"},
           {"u_stable", Kind::number, "stable fixed point; null if gamma > gamma_max"}},
          [](const Inputs& in) {
            const auto roots = decay_threshold(in.count("L"), in.number("lambda"),
                                               in.number("sigma2"), in.number("gamma"));
            return json{{"gamma_max", roots.gamma_max},
                        {"u_unstable", roots.u_unstable},
                        {"u_stable", roots.u_stable}};
          }};
}

}  // namespace

std::vector<Formula> deep_linear_formulas() {
  return {times(), infinite_depth_times(), strength(), threshold()};
}

}  // namespace hourglass::theory
