#include "formula.hpp"
#include <hourglass/theory/gaussian_pairs.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>
#include <hourglass/theory/shallow_reduced.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

// Shallow autoencoders: docs/theory/nonlinear.md, symbols of its sections 1 and 2.
namespace hourglass::predict {
namespace {

using namespace theory;

constexpr Choice<Unit, 3> activation{
    "activation", {{"linear", Unit::linear}, {"erf", Unit::erf}, {"relu", Unit::relu}}};
constexpr Choice<Rule, 2> rule{"rule",
                               {{"vanilla", Rule::vanilla}, {"truncated", Rule::truncated}}};
constexpr Number lr{"lr", "learning rate"};
constexpr Input<List> ell{"ell", "eigenvalues of the covariance over D"};
constexpr Count K{"K", "units"};
constexpr Count D{"D", "features"};
constexpr Matrix w0{"w0", "encoder amplitudes at the start, K x D"};
constexpr Matrix u0{"u0", "decoder amplitudes at the start, K x D"};
constexpr Matrix Q{"Q", "covariance of the fields"};
constexpr Input<Counts> record_steps{"record_steps", "steps at which to record"};

// The names of w, u, b and d differ between formulas.
constexpr auto amplitudes(Matrix w, Matrix u) {
  return filled(Member{&Amplitudes::w, w}, Member{&Amplitudes::u, u});
}
constexpr auto amplitudes(Matrix w, Matrix u, const char* b, const char* d) {
  return filled(Member{&Amplitudes::w, w}, Member{&Amplitudes::u, u},
                Member{&Amplitudes::b, Optional<List>{b, "encoder bias; left out if not trained"}},
                Member{&Amplitudes::d,
                       Optional<List>{d, "decoder bias in the eigenbasis over sqrt(D); likewise"}});
}
constexpr auto unbiased_run =
    filled(Member{&ShallowDynamics::unit, activation}, Member{&ShallowDynamics::lr, lr},
           Member{&ShallowDynamics::ell, ell}, Member{&ShallowDynamics::start, amplitudes(w0, u0)});
constexpr auto bulk =
    filled(Member{&SpikeBulk::spikes, amplitudes({"w_spikes", "encoder amplitudes, K x M"},
                                                 {"u_spikes", "decoder amplitudes, K x M"})},
           Member{&SpikeBulk::Q1, Matrix{"Q1_bulk", "sum of ell w w^T over the bulk"}},
           Member{&SpikeBulk::R1, Matrix{"R1_bulk", "sum of ell u w^T"}},
           Member{&SpikeBulk::T0, Matrix{"T0_bulk", "sum of u u^T"}});
constexpr auto bulk_run = filled(
    Member{&SpikeBulkDynamics::unit, activation}, Member{&SpikeBulkDynamics::lr, lr},
    Member{&SpikeBulkDynamics::ell, Input<List>{"ell_spikes", "eigenvalues of the spikes over D"}},
    Member{&SpikeBulkDynamics::ell_bulk, Number{"ell_bulk", "eigenvalue of the bulk over D"}},
    Member{&SpikeBulkDynamics::bulk_modes, Count{"n_bulk", "modes of the bulk"}},
    Member{&SpikeBulkDynamics::start, bulk});

constexpr Output pmse{"pmse", "error per pixel"};

// A list, or NaN for one that does not exist.
OrNumber<List> listed(const List& values) { return values.empty() ? OrNumber<List>(NAN) : values; }

// Rate of the density [k][l][tau] of x_k y_l.
Matrices density_rates(const Array64& x, const Array64& dx, const Array64& y, const Array64& dy) {
  const auto [K, D] = shape_of(x);
  Matrices result;
  for (std::size_t k = 0; k < K; ++k) {
    Array64 rates = empty64({K, D});
    for (std::size_t l = 0; l < K; ++l)
      for (std::size_t tau = 0; tau < D; ++tau)
        rates(l, tau) = dx(k, tau) * y(l, tau) + x(k, tau) * dy(l, tau);
    result.push_back(rates);
  }
  return result;
}

Array64 overlap_rate(const Array64& u, const Array64& du) {
  const auto [K, D] = shape_of(u);
  Array64 rate = empty64({K, K});
  rate.fill(0);
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t l = 0; l < K; ++l)
      for (std::size_t tau = 0; tau < D; ++tau)
        rate(k, l) += du(k, tau) * u(l, tau) + u(k, tau) * du(l, tau);
  return rate;
}

auto euler(Unit unit, Rule rule, double lr, double dt, std::size_t n_steps, const List& ell,
           const Amplitudes& start, Counts steps) {
  if (steps.empty()) reject(record_steps.name, "[]", "at least one step number");
  steps.push_back(n_steps);
  auto moments = ShallowDynamics{unit, rule, lr, ell, start}.euler(dt, steps);
  const Amplitudes end = moments.back().at;
  moments.pop_back();
  Matrices Q1, R1, T0;
  std::vector<List> b;
  for (const ShallowMoment& moment : moments) {
    const OrderParameters order = order_parameters(ell, moment.at);
    Q1.push_back(order.Q1);
    R1.push_back(order.R1);
    T0.push_back(order.T0);
    b.push_back(moment.at.b);
  }
  const auto biases = end.b.empty() ? OrNumber<Array64>(NAN) : stacked(b);
  return std::tuple(mapped(moments, &ShallowMoment::pixel_error), Q1, R1, T0, biases, end.w, end.u,
                    listed(end.d));
}

// One unit on one mode.
ShallowDynamics single_mode(double ell, double lr, double w0, double u0) {
  Array64 w = empty64({1, 1}), u = w;
  w(0, 0) = w0, u(0, 0) = u0;
  return {Unit::erf, Rule::vanilla, lr, {ell}, {w, u, {}, {}}};
}

std::tuple<List, List> half_times(const ShallowDynamics& run) {
  const std::size_t K = run.start.units();
  if (K > run.ell.size()) reject(w0.name, "wider than ell", "at least as many modes");
  const List formula = predicted_half_times(run.unit, run.lr, run.ell, run.start, K);
  double until = 0;
  for (const double t : formula) until = std::max(until, 3 * t);
  if (!(until > 0)) reject(w0.name, "without growth", "small amplitudes on each mode");
  return {run.half_times(K, until), formula};
}

}  // namespace

const std::vector<Formula> shallow{
    formula("shallow.pair_averages",
            "nonlinear.md, section 2.2: averages of g and its derivatives over Gaussian fields",
            in(activation, Q,
               Optional<List>{"b",
                              "means of the fields; without them 0, and of pairs only (0, 1) "
                              "as numbers"}),
            {{"mean_g", "m_k = <g_k>"},
             {"G_mean_dg", "G_k = <g'_k>"},
             {"mean_d2g", "<g''_k>"},
             {"mean_d3g", "<g'''_k>"},
             {"S_gg", "<g_k g_a>"},
             {"C_dgdg", "<g'_k g'_a>"},
             {"B_d2g_g", "<g''_k g_a>"},
             {"H_dg_g", "<g'_k g_a>; null without b", conditional}},
            [](Unit unit, const Array64& covariance, const Given<List>& b) {
              if (!b && covariance.shape()[0] < 2)
                reject(Q.name, "of one field", "two fields, or b");
              const auto x = pair_averages(unit, covariance, b.value_or({}));
              const auto pairs = [&](const Array64& all) {
                return b ? OrNumber<Array64>(all) : OrNumber<Array64>(all(0, 1));
              };
              return std::tuple(x.m, x.G, x.g2, x.g3, pairs(x.S), pairs(x.C), pairs(x.B),
                                b ? OrNumber<Array64>(x.H) : OrNumber<Array64>(NAN));
            }),
    formula("shallow.gaussian_integrals",
            "nonlinear.md, section 2.3: the integrals of Refinetti & Goldt 2022, appendix B",
            in(activation, Matrix{"C", "covariance of (x1, x2, x3)"}),
            {{"J2_x1_g2", "<x1 g(x2)>"},
             {"I2_g1_g2", "<g(x1) g(x2)>"},
             {"I21_dg1_x1_x2", "<g'(x1) x1 x2>"},
             {"I22_dg1_x2_x2", "<g'(x1) x2^2>"},
             {"I3_dg1_x2_g3", "<g'(x1) x2 g(x3)>"}},
            published_integrals),
    formula("shallow.rhs",
            "nonlinear.md, sections 2.4, 3.2, 3.5 and 6.3: order parameters, error and rates of "
            "online SGD (Refinetti & Goldt 2022)",
            in(activation, rule, lr, ell,
               amplitudes({"w", "encoder amplitudes, K x D"}, {"u", "decoder amplitudes, K x D"},
                          "b", "dec")),
            {pmse,
             {"Q1", "<lambda_k lambda_l>"},
             {"R1", "<nu_k lambda_l>"},
             {"T1", "<nu_k nu_l>"},
             {"T0", "V V^T/D"},
             {"dw_dt", "rates of w"},
             {"du_dt", "rates of u"},
             {"db_dt", "rates of b; null without", conditional},
             {"ddec_dt", "rates of dec; null without", conditional},
             {"dq_dt", "rates of the densities w_k w_l, [k][l][tau]"},
             {"dr_dt", "of u_k w_l"},
             {"dt_dt", "of u_k u_l"},
             {"dT0_dt", "rates of T0"}},
            [](Unit unit, Rule rule, double lr, const List& ell, const Amplitudes& at) {
              const Amplitudes rate = amplitude_rates(unit, rule, lr, ell, at);
              const OrderParameters order = order_parameters(ell, at);
              return std::tuple(
                  pixel_error(unit, ell, at), order.Q1, order.R1, order.T1, order.T0, rate.w,
                  rate.u, listed(rate.b), listed(rate.d), density_rates(at.w, rate.w, at.w, rate.w),
                  density_rates(at.u, rate.u, at.w, rate.w),
                  density_rates(at.u, rate.u, at.u, rate.u), overlap_rate(at.u, rate.u));
            }),
    formula("shallow.reduced_rhs",
            "nonlinear.md, section 3.4: spikes and a flat bulk in K x K matrices", in(bulk_run),
            {{"dw_spikes", "rates"},
             {"du_spikes", "rates"},
             {"dQ1_bulk", "rates"},
             {"dR1_bulk", "rates"},
             {"dT0_bulk", "rates"},
             pmse},
            [](const SpikeBulkDynamics& run) {
              const SpikeBulk rate = run.rates();
              return std::tuple(rate.spikes.w, rate.spikes.u, rate.Q1, rate.R1, rate.T0,
                                run.pixel_error());
            }),
    formula("shallow.sanger_rhs",
            "nonlinear.md, section 6.2: Sanger's rule for a tied linear network (Sanger 1989)",
            in(lr, ell, Matrix{"w_tilde", "W in the eigenbasis, K x D"}),
            {{"dw_dt", "rates of w"}, pmse},
            [](double lr, const List& ell, const Array64& w) {
              return std::tuple{sanger_rates(lr, ell, w), sanger_pixel_error(ell, w)};
            }),
    formula("shallow.euler_trajectory",
            "nonlinear.md, section 3.3: the rates of shallow.rhs in explicit Euler steps",
            in(activation, rule, lr, Number{"dt", "step; 1/D is the mean of one SGD step"},
               Count{"n_steps", "steps, at least the last one recorded"}, ell,
               amplitudes(w0, u0, "b0", "dec0"), record_steps),
            {{"pmse", "error per pixel at these"},
             {"Q1", "<lambda_k lambda_l>"},
             {"R1", "<nu_k lambda_l>"},
             {"T0", "V V^T/D"},
             {"b", "encoder bias; null without", conditional},
             {"w_final", "after n_steps"},
             {"u_final", "after n_steps"},
             {"dec_final", "after n_steps; null without", conditional}},
            euler),
    formula("shallow.trajectory",
            "nonlinear.md, section 3.3: continuous time, vanilla rule, no biases",
            in(unbiased_run, Input<List>{"t", "times, in steps/D"}),
            {{"pmse", "error per pixel at the times"}},
            [](const ShallowDynamics& run, const List& times) {
              return mapped(run.integrate(times), &ShallowMoment::pixel_error);
            }),
    formula(
        "shallow.erf_long_time",
        "nonlinear.md, section 5.2: one untied erf unit on one mode, and its laws at late times",
        in(Number{"ell", "eigenvalue of the mode over D"}, lr,
           Number{"w0", "encoder amplitude at the start"},
           Number{"u0", "decoder amplitude at the start"},
           Input<List>{"t", "times > 0, in steps/D"}),
        {{"w", "encoder amplitude"},
         {"u", "decoder amplitude"},
         pmse,
         {"law_T0", "ell (pi^2 lr t/2)^(1/3)"},
         {"law_excess", "(ell/12)(4 lr t/pi)^(-2/3)"},
         {"law_Q1", "(4 lr t/pi)^(-1/3)"}},
        [](double ell, double lr, double w0, double u0, const List& times) {
          const Accuracy tight{.relative = 1e-10, .absolute = 1e-12, .solver = Solver::stiff};
          const auto run = single_mode(ell, lr, w0, u0).integrate(times, tight);
          const auto law = [&](double ErfLongTime::*part) {
            return mapped(times, [&](double t) { return erf_long_time(ell, lr, t).*part; });
          };
          return std::tuple(mapped(run, [](const auto& m) { return m.at.w(0, 0); }),
                            mapped(run, [](const auto& m) { return m.at.u(0, 0); }),
                            mapped(run, &ShallowMoment::pixel_error), law(&ErfLongTime::T0),
                            law(&ErfLongTime::excess), law(&ErfLongTime::Q1));
        }),
    formula(
        "shallow.half_times", "nonlinear.md, section 4.3: when the first K modes are half learned",
        in(unbiased_run),
        {{"t_half_ode",
          "times at which the gains pass 1/2; null for one that does not in thrice the formula's",
          conditional},
         {"t_half_formula", "by the small-weight formula; null for a mode without a start",
          conditional}},
        half_times),
    formula("shallow.tied_erf_error",
            "nonlinear.md, section 5.1: what one tied erf unit loses of its mode",
            in(Number{"y", "ell sqrt(D)"}),
            {{"eta", "fraction of ell/2 that is lost"},
             {"s2", "variance of the field at the best norm"}},
            tied_erf),
    formula("shallow.tied_detached_fixed_point",
            "nonlinear.md, section 5.1: where the published tied rule comes to rest",
            in(D, Number{"ell1", "eigenvalue of the mode over D"}),
            {{"W_norm2", "|W|^2"}, {"sqrt_pi_D", "its limit"}},
            [](std::size_t D, double ell) {
              return std::tuple{tied_detached_norm2(D, ell),
                                std::sqrt(std::numbers::pi * static_cast<double>(D))};
            }),
    formula("shallow.relu_optimum",
            "nonlinear.md, section 5.3: least error of ReLU units without bias, by search",
            in(K, ell), {{"min_pmse", "error per pixel"}},
            [](auto K, auto& ell) { return relu_optimum(ell, K); }),
    formula("shallow.noise_floor", "nonlinear.md, section 3.6: noise of the decoder in the bulk",
            in(lr, K, D, Number{"rho_bulk", "eigenvalue of the covariance in the bulk"},
               Count{"n_bulk", "modes of the bulk"}),
            {{"T0_bulk_trace", "lr K rho n/(2 D^2)"}}, decoder_noise_trace),
};

}  // namespace hourglass::predict
