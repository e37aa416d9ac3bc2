#include "linear.hpp"
#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/linear.hpp>

// One mode: docs/theory/linear.md, sections 3 to 7.
namespace hourglass::predict {
namespace {

using namespace theory;

constexpr Number u0{"u0", "strength w1 w2 at the start"};
constexpr Input<List> times{"times", "times, in steps"};
constexpr Input<List> fractions{"fractions", "levels as fractions of u_star, in (0,1)"};
constexpr Input<Counts> steps{"steps", "numbers of steps, not decreasing"};
constexpr Count L{"L", "weight layers, at least 2"};

constexpr Output u{"u", "strength w1 w2 at the times"};
constexpr Output u_star{"u_star", "stable fixed point max(0, beta/xi)"};
constexpr Output t{"t", "steps until u = fraction u_star"};

constexpr auto scalar_mode =
    filled(Member{&ScalarMode::w1, w1}, Member{&ScalarMode::w2, w2},
           Member{&ScalarMode::lambda, lambda}, Member{&ScalarMode::sigma2, sigma2},
           Member{&ScalarMode::gamma, gamma}, Member{&ScalarMode::alpha, alpha});
constexpr auto balanced_mode =
    filled(Member{&BalancedMode::u0, u0}, Member{&BalancedMode::lambda, lambda},
           Member{&BalancedMode::sigma2, sigma2}, Member{&BalancedMode::gamma, gamma},
           Member{&BalancedMode::alpha, alpha});
constexpr auto deep_mode =
    filled(Member{&DeepMode::layers, L}, Member{&DeepMode::u0, u0},
           Member{&DeepMode::lambda, lambda}, Member{&DeepMode::sigma2, sigma2},
           Member{&DeepMode::gamma, gamma}, Member{&DeepMode::alpha, alpha});

List strengths(const auto& mode, const List& times) {
  return mapped(times, [&](double t) { return mode.strength(t); });
}

// u_star, and t for each fraction of it.
std::tuple<double, List> learning_times(const auto& mode, double u_star, const List& fractions) {
  return {u_star, mapped(fractions, [&](double f) { return mode.time_to_fraction(f); })};
}

}  // namespace

const std::vector<Formula> linear_modes{
    formula("linear.scalar",
            "linear.md, section 3: exact solution for any weights; with decay, section 5",
            in(scalar_mode, times),
            {u, {"w1", "encoder weight at the times"}, {"w2", "decoder weight at the times"}},
            [](const ScalarMode& mode, const List& times) {
              return std::tuple{strengths(mode, times),
                                mapped(times, [&](double t) { return mode.weights(t).w1; }),
                                mapped(times, [&](double t) { return mode.weights(t).w2; })};
            }),
    formula("linear.scalar_times", "linear.md, section 3: times of the exact solution, gamma = 0",
            in(scalar_mode, Number{"level", "strength between the start and the limit"}),
            {{"t_cross", "steps until u = 0 from a start u < 0; null without one", conditional},
             {"t_level", "steps until u = level"}},
            [](const ScalarMode& mode, double level) {
              return std::tuple{mode.crossing_time(), mode.time_to(level)};
            }),
    formula("linear.balanced",
            "linear.md, section 4: logistic with noise and weight decay, every regime",
            in(balanced_mode, times), {u}, strengths<BalancedMode>),
    formula("linear.balanced_times", "linear.md, section 4: learning times, gamma < lambda",
            in(balanced_mode, fractions), {u_star, t},
            [](const BalancedMode& mode, const List& fractions) {
              return learning_times(mode, mode.fixed_point(), fractions);
            }),
    formula("linear.noise_decay_equivalence",
            "linear.md, section 4: noise and the weight decay with the same fixed point, each at "
            "the rate that Pretorius et al. 2018 call optimal",
            in(lambda, sigma2, w1, w2, times),
            {{"gamma_equiv", "decay with the fixed point of the noise"},
             {"alpha_dae", "1/(2 lambda + 3 sigma2)"},
             {"alpha_wdae", "1/(2 lambda + gamma)"},
             {"ratio", "alpha_dae/alpha_wdae"},
             {"ratio_simplified", "lambda/(lambda + sigma2)"},
             {"u_dae", "strength under noise at the times, rate alpha_dae"},
             {"u_wdae", "strength under decay at the times, rate alpha_wdae"}},
            [](double lambda, double sigma2, double w1, double w2, const List& times) {
              const auto e = noise_decay_equivalence(lambda, sigma2);
              const ScalarMode dae{lambda, sigma2, 0, e.alpha_dae, w1, w2};
              const ScalarMode wdae{lambda, 0, e.gamma, e.alpha_wdae, w1, w2};
              return std::tuple(e.gamma, e.alpha_dae, e.alpha_wdae, e.ratio,
                                lambda / (lambda + sigma2), strengths(dae, times),
                                strengths(wdae, times));
            }),
    formula("linear.unbalanced_decay",
            "linear.md, section 5: unbalanced weights with decay, by integration",
            in(scalar_mode, times), {u, {"c", "imbalance w2^2 - w1^2 at the times"}},
            [](const ScalarMode& mode, const List& times) {
              return std::tuple{strengths(mode, times),
                                mapped(times, [&](double t) { return mode.imbalance(t); })};
            }),
    formula("linear.scalar_hessian", "linear.md, section 7: Hessian of the scalar loss",
            in(w1, w2, lambda, sigma2, gamma), {{"eigenvalues", "both eigenvalues, ascending"}},
            [](double w1, double w2, double lambda, double sigma2, double gamma) {
              const auto pair = hessian_eigenvalues(lambda, sigma2, gamma, {w1, w2});
              return List(pair.begin(), pair.end());
            }),
    formula("linear.scalar_sharpness",
            "linear.md, section 7: largest curvature on the balanced path w1 = w2 = a",
            in(Input<List>{"a", "values of the weight"}, lambda, sigma2, gamma),
            {{"lambda_max", "largest eigenvalue of the Hessian at each a"}},
            [](const List& all, double lambda, double sigma2, double gamma) {
              return mapped(all,
                            [&](double a) { return balanced_sharpness(lambda, sigma2, gamma, a); });
            }),
    formula("linear.scalar_descent",
            "linear.md, section 7: gradient descent on the scalar loss, exact map",
            in(scalar_mode, steps),
            {{"w1", "encoder weight after the steps"},
             {"w2", "decoder weight after the steps"},
             {"c", "imbalance w2^2 - w1^2 after the steps"}},
            [](const ScalarMode& mode, const Counts& steps) {
              const auto path = descend(mode, steps);
              return std::tuple{mapped(path, [](const auto& p) { return p.weights.w1; }),
                                mapped(path, [](const auto& p) { return p.weights.w2; }),
                                mapped(path, &DescentPoint::imbalance)};
            }),
    formula(
        "linear.half_time_delay", "linear.md, section 7: gradient descent is late on the flow",
        in(u0, lambda, sigma2, gamma, Input<List>{"alphas", "learning rates"}),
        {{"t_half_flow",
          "half time of the flow for each rate, steps; null if the mode does not rise through it",
          conditional},
         {"t_half_corrected", "the same with the correction for finite steps", conditional},
         {"t_half_gd", "the same by iterating the map", conditional}},
        [](double u0, double lambda, double sigma2, double gamma, const List& alphas) {
          const auto over_rates = [&](auto half_time) {
            return mapped(alphas, [&](double alpha) {
              return std::invoke(half_time, BalancedMode{lambda, sigma2, gamma, alpha, u0});
            });
          };
          return std::tuple{over_rates(&BalancedMode::half_time),
                            over_rates(&BalancedMode::descent_half_time),
                            over_rates(iterated_half_time)};
        }),
    formula("linear.optimal_rates",
            "linear.md, section 7: learning rates of Pretorius et al. 2018 and stability edges",
            in(lambda, sigma2),
            {{"alpha_dae", "1/(curvature at w1 = w2 = 1) under noise"},
             {"alpha_wdae", "the same under the equivalent weight decay"},
             {"R", "alpha_dae/alpha_wdae"},
             {"edge_fixed_point_dae", "largest stable rate of the balanced map, noise"},
             {"edge_fixed_point_wdae", "the same, equivalent weight decay"}},
            optimal_rates),
};

const std::vector<Formula> deep_linear{
    formula("deep_linear.times",
            "linear.md, section 6: learning times of L balanced layers without decay (Saxe et al. "
            "2014)",
            in(deep_mode, fractions), {u_star, t},
            [](const DeepMode& mode, const List& fractions) {
              return learning_times(mode, mode.limit(), fractions);
            }),
    formula("deep_linear.infinite_depth_times",
            "linear.md, section 6: learning times as L grows at fixed alpha L and u0",
            in(u0, lambda, sigma2, Number{"alpha_times_L", "learning rate times depth"}, fractions),
            {{"t", "steps until u = fraction lambda/xi"}},
            [](double u0, double lambda, double sigma2, double alpha_L, const List& fractions) {
              return mapped(fractions, [&](double f) {
                return infinite_depth_time(lambda, sigma2, alpha_L, u0, f);
              });
            }),
    formula("deep_linear.strength",
            "linear.md, section 6: strength of L balanced layers with noise and decay",
            in(deep_mode, times), {{"u", "product of the weights at the times"}},
            strengths<DeepMode>),
    formula("deep_linear.weight_decay_threshold",
            "linear.md, section 6: the start below which weight decay kills a mode",
            in(L, lambda, sigma2, gamma),
            {{"gamma_max", "largest decay that leaves a nonzero fixed point"},
             {"u_unstable", "threshold of the start; null if gamma > gamma_max", conditional},
             {"u_stable", "stable fixed point; null if gamma > gamma_max", conditional}},
            decay_threshold),
};

}  // namespace hourglass::predict
