#include <hourglass/theory/registry_shallow_fields.hpp>
#include <hourglass/theory/relu_optimum.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

// Trajectories and late times of shallow autoencoders: docs/theory/nonlinear.md, sections 3.3, 3.6,
// 4.3 and 5.
namespace hourglass::theory {
namespace {

using nlohmann::json;

json euler_outputs(const Inputs& in) {
  const std::vector<std::size_t> steps = in.counts("record_steps");
  if (steps.empty()) in.reject("record_steps", "[]", "at least one step number");
  const ShallowDynamics run{unit_of(in), rule_of(in), in.number("lr"), in.list("ell"),
                            amplitudes_of(in, "w0", "u0", "b0", "dec0")};
  std::vector<std::size_t> all = steps;
  all.push_back(in.count("n_steps"));
  std::vector<ShallowMoment> moments = run.euler(in.number("dt"), all);
  const Amplitudes end = moments.back().at;
  moments.pop_back();
  json result{
      {"w_final", rows_of(end.w)}, {"u_final", rows_of(end.u)}, {"dec_final", listed(end.d)}};
  for (const ShallowMoment& moment : moments) {
    const OrderParameters order = order_parameters(run.ell, moment.at);
    result["pmse"].push_back(moment.pixel_error);
    result["Q1"].push_back(rows_of(order.Q1));
    result["R1"].push_back(rows_of(order.R1));
    result["T0"].push_back(rows_of(order.T0));
    result["b"].push_back(moment.at.b);
  }
  if (end.b.empty()) result["b"] = NAN;
  return result;
}

Formula euler_trajectory() {
  return {
      "shallow.euler_trajectory",
      "nonlinear.md, section 3.3: the rates of shallow.rhs in explicit Euler steps",
      {fields::activation,
       fields::rule,
       fields::lr,
       {"dt", Kind::number, "step; 1/D is the mean of one SGD step"},
       {"n_steps", Kind::count, "steps, at least the last one recorded"},
       fields::ell,
       fields::w0,
       fields::u0_amplitudes,
       {"b0", Kind::list, "encoder bias; left out if not trained", false, true},
       {"dec0", Kind::list, "decoder bias in the eigenbasis over sqrt(D); likewise", false, true},
       {"record_steps", Kind::counts, "steps at which to record"}},
      {{"pmse", Kind::list, "error per pixel at these"},
       {"Q1", Kind::matrices, "<lambda_k lambda_l>"},
       {"R1", Kind::matrices, "<nu_k lambda_l>"},
       {"T0", Kind::matrices, "V V^T/D"},
       {"b", Kind::matrix, "encoder bias; null without"},
       {"w_final", Kind::matrix, "after n_steps"},
       {"u_final", Kind::matrix, "after n_steps"},
       {"dec_final", Kind::list, "after n_steps; null without"}},
      euler_outputs};
}

Formula trajectory() {
  return {
      "shallow.trajectory",
      "nonlinear.md, section 3.3: continuous time, vanilla rule, no biases",
      {fields::activation, fields::lr, fields::ell, fields::w0, fields::u0_amplitudes, fields::t},
      {{"pmse", Kind::list, "error per pixel at the times"}},
      [](const Inputs& in) {
        const ShallowDynamics run{unit_of(in),
                                  Rule::vanilla,
                                  in.number("lr"),
                                  in.list("ell"),
                                  {in.matrix("w0"), in.matrix("u0"), {}, {}}};
        return json{{"pmse", mapped(run.integrate(in.list("t")),
                                    [](const ShallowMoment& m) { return m.pixel_error; })}};
      }};
}

// One unit on one mode.
ShallowDynamics single_mode(const Inputs& in) {
  Array64 w = empty64({1, 1}), u = w;
  w(0, 0) = in.number("w0"), u(0, 0) = in.number("u0");
  return {Unit::erf, Rule::vanilla, in.number("lr"), {in.number("ell")}, {w, u, {}, {}}};
}

Formula erf_long_time_run() {
  return {"shallow.erf_long_time",
          "nonlinear.md, section 5.2: one untied erf unit on one mode, and its laws at late times",
          {{"ell", Kind::number, "eigenvalue of the mode over D"},
           fields::lr,
           {"w0", Kind::number, "encoder amplitude at the start"},
           {"u0", Kind::number, "decoder amplitude at the start"},
           {"t", Kind::list, "times > 0, in steps/D"}},
          {{"w", Kind::list, "encoder amplitude"},
           {"u", Kind::list, "decoder amplitude"},
           {"pmse", Kind::list, "error per pixel"},
           {"law_T0", Kind::list, "ell (pi^2 lr t/2)^(1/3)"},
           {"law_excess", Kind::list, "(ell/12)(4 lr t/pi)^(-2/3)"},
           {"law_Q1", Kind::list, "(4 lr t/pi)^(-1/3)"}},
          [](const Inputs& in) {
            const std::vector<double> t = in.list("t");
            const Accuracy tight{.relative = 1e-10, .absolute = 1e-12, .solver = Solver::stiff};
            const auto run = single_mode(in).integrate(t, tight);
            const auto law = [&](double ErfLongTime::*part) {
              return mapped(t, [&](double at) {
                return erf_long_time(in.number("ell"), in.number("lr"), at).*part;
              });
            };
            return json{{"w", mapped(run, [](const auto& m) { return m.at.w(0, 0); })},
                        {"u", mapped(run, [](const auto& m) { return m.at.u(0, 0); })},
                        {"pmse", mapped(run, [](const auto& m) { return m.pixel_error; })},
                        {"law_T0", law(&ErfLongTime::T0)},
                        {"law_excess", law(&ErfLongTime::excess)},
                        {"law_Q1", law(&ErfLongTime::Q1)}};
          }};
}

Formula half_times() {
  return {"shallow.half_times",
          "nonlinear.md, section 4.3: when the first K modes are half learned",
          {fields::activation, fields::lr, fields::ell, fields::w0, fields::u0_amplitudes},
          {{"t_half_ode", Kind::list, "times at which the gains pass 1/2"},
           {"t_half_formula", Kind::list, "by the small-weight formula"}},
          [](const Inputs& in) {
            const ShallowDynamics run{unit_of(in),
                                      Rule::vanilla,
                                      in.number("lr"),
                                      in.list("ell"),
                                      {in.matrix("w0"), in.matrix("u0"), {}, {}}};
            const std::size_t K = run.start.units();
            if (K > run.ell.size()) in.reject("w0", "wider than ell", "at least as many modes");
            const auto formula = predicted_half_times(run.unit, run.lr, run.ell, run.start, K);
            double until = 0;
            for (const double t : formula) until = std::max(until, 3 * t);
            if (!(until > 0)) in.reject("w0", "without growth", "small amplitudes on each mode");
            return json{{"t_half_ode", run.half_times(K, until)}, {"t_half_formula", formula}};
          }};
}

Formula tied_error() {
  return {"shallow.tied_erf_error",
          "nonlinear.md, section 5.1: what one tied erf unit loses of its mode",
          {{"y", Kind::number, "ell sqrt(D)"}},
          {{"eta", Kind::number, "fraction of ell/2 that is lost"},
           {"s2", Kind::number, "variance of the field at the best norm"}},
          [](const Inputs& in) {
            const TiedErf best = tied_erf(in.number("y"));
            return json{{"eta", best.eta}, {"s2", best.s2}};
          }};
}

Formula tied_detached() {
  return {"shallow.tied_detached_fixed_point",
          "nonlinear.md, section 5.1: where the published tied rule comes to rest",
          {{"D", Kind::count, "features"}, {"ell1", Kind::number, "eigenvalue of the mode over D"}},
          {{"W_norm2", Kind::number, "|W|^2"}, {"sqrt_pi_D", Kind::number, "its limit"}},
          [](const Inputs& in) {
            const std::size_t D = in.count("D");
            return json{{"W_norm2", tied_detached_norm2(D, in.number("ell1"))},
                        {"sqrt_pi_D", std::sqrt(std::numbers::pi * static_cast<double>(D))}};
          }};
}

Formula relu_search() {
  return {"shallow.relu_optimum",
          "nonlinear.md, section 5.3: least error of ReLU units without bias, by search",
          {{"K", Kind::count, "units"}, fields::ell},
          {{"min_pmse", Kind::number, "error per pixel"}},
          [](const Inputs& in) {
            return json{{"min_pmse", relu_optimum(in.list("ell"), in.count("K"))}};
          }};
}

Formula noise_floor() {
  return {"shallow.noise_floor",
          "nonlinear.md, section 3.6: noise of the decoder in the bulk",
          {fields::lr,
           {"K", Kind::count, "units"},
           {"D", Kind::count, "features"},
           {"rho_bulk", Kind::number, "eigenvalue of the covariance in the bulk"},
           {"n_bulk", Kind::count, "modes of the bulk"}},
          {{"T0_bulk_trace", Kind::number, "lr K rho n/(2 D^2)"}},
          [](const Inputs& in) {
            return json{
                {"T0_bulk_trace", decoder_noise_trace(in.number("lr"), in.count("K"), in.count("D"),
                                                      in.number("rho_bulk"), in.count("n_bulk"))}};
          }};
}

}  // namespace

std::vector<Formula> shallow_run_formulas() {
  return {euler_trajectory(), trajectory(),    erf_long_time_run(), half_times(),
          tied_error(),       tied_detached(), relu_search(),       noise_floor()};
}

}  // namespace hourglass::theory
