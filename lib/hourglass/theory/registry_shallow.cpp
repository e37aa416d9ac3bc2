#include <hourglass/theory/gaussian_pairs.hpp>
#include <hourglass/theory/registry_shallow_fields.hpp>
#include <hourglass/theory/sanger.hpp>
#include <hourglass/theory/shallow.hpp>
#include <hourglass/theory/shallow_reduced.hpp>

// Averages and right-hand sides of shallow autoencoders: docs/theory/nonlinear.md, sections 2, 3
// and 6.2.
namespace hourglass::theory {
namespace {

using nlohmann::json;

// Of every pair, or of the pair (0, 1) alone.
json pairs_of(const Array64& matrix, bool all) {
  return all ? rows_of(matrix) : json(matrix(0, 1));
}

Formula averages() {
  return {
      "shallow.pair_averages",
      "nonlinear.md, section 2.2: averages of g and its derivatives over Gaussian fields",
      {fields::activation,
       {"Q", Kind::matrix, "covariance of the fields"},
       {"b", Kind::list, "means of the fields; without them 0, and of pairs only (0, 1) as numbers",
        false, true}},
      {{"mean_g", Kind::list, "m_k = <g_k>"},
       {"G_mean_dg", Kind::list, "G_k = <g'_k>"},
       {"mean_d2g", Kind::list, "<g''_k>"},
       {"mean_d3g", Kind::list, "<g'''_k>"},
       {"S_gg", Kind::matrix, "<g_k g_a>"},
       {"C_dgdg", Kind::matrix, "<g'_k g'_a>"},
       {"B_d2g_g", Kind::matrix, "<g''_k g_a>"},
       {"H_dg_g", Kind::matrix, "<g'_k g_a>; null without b"}},
      [](const Inputs& in) {
        const bool biased = in.has("b");
        const Array64 Q = in.matrix("Q");
        if (!biased && Q.shape()[0] < 2) in.reject("Q", "of one field", "two fields, or b");
        const auto x = pair_averages(unit_of(in), Q, biased ? in.list("b") : std::vector<double>{});
        return json{{"mean_g", x.m},
                    {"G_mean_dg", x.G},
                    {"mean_d2g", x.g2},
                    {"mean_d3g", x.g3},
                    {"S_gg", pairs_of(x.S, biased)},
                    {"C_dgdg", pairs_of(x.C, biased)},
                    {"B_d2g_g", pairs_of(x.B, biased)},
                    {"H_dg_g", biased ? rows_of(x.H) : json(NAN)}};
      }};
}

Formula integrals() {
  return {"shallow.gaussian_integrals",
          "nonlinear.md, section 2.3: the integrals of Refinetti & Goldt 2022, appendix B",
          {fields::activation, {"C", Kind::matrix, "covariance of (x1, x2, x3)"}},
          {{"J2_x1_g2", Kind::number, "<x1 g(x2)>"},
           {"I2_g1_g2", Kind::number, "<g(x1) g(x2)>"},
           {"I21_dg1_x1_x2", Kind::number, "<g'(x1) x1 x2>"},
           {"I22_dg1_x2_x2", Kind::number, "<g'(x1) x2^2>"},
           {"I3_dg1_x2_g3", Kind::number, "<g'(x1) x2 g(x3)>"}},
          [](const Inputs& in) {
            const auto x = published_integrals(unit_of(in), in.matrix("C"));
            return json{{"J2_x1_g2", x.J2},
                        {"I2_g1_g2", x.I2},
                        {"I21_dg1_x1_x2", x.I21},
                        {"I22_dg1_x2_x2", x.I22},
                        {"I3_dg1_x2_g3", x.I3}};
          }};
}

// Rate of the density [k][l][tau] of x_k y_l.
json density_rates(const Array64& x, const Array64& dx, const Array64& y, const Array64& dy) {
  const std::size_t K = x.shape()[0], D = x.shape()[1];
  json result = json::array();
  for (std::size_t k = 0; k < K; ++k) {
    Array64 rates = empty64({K, D});
    for (std::size_t l = 0; l < K; ++l)
      for (std::size_t tau = 0; tau < D; ++tau)
        rates(l, tau) = dx(k, tau) * y(l, tau) + x(k, tau) * dy(l, tau);
    result.push_back(rows_of(rates));
  }
  return result;
}

Array64 overlap_rate(const Array64& u, const Array64& du) {
  const std::size_t K = u.shape()[0];
  Array64 rate = empty64({K, K});
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t l = 0; l < K; ++l) {
      rate(k, l) = 0;
      for (std::size_t tau = 0; tau < u.shape()[1]; ++tau)
        rate(k, l) += du(k, tau) * u(l, tau) + u(k, tau) * du(l, tau);
    }
  return rate;
}

json rhs_outputs(const Inputs& in) {
  const std::vector<double> ell = in.list("ell");
  const Amplitudes at = amplitudes_of(in, "w", "u", "b", "dec");
  const Amplitudes rate = amplitude_rates(unit_of(in), rule_of(in), in.number("lr"), ell, at);
  const OrderParameters order = order_parameters(ell, at);
  return {{"pmse", pixel_error(unit_of(in), ell, at)},
          {"Q1", rows_of(order.Q1)},
          {"R1", rows_of(order.R1)},
          {"T1", rows_of(order.T1)},
          {"T0", rows_of(order.T0)},
          {"dw_dt", rows_of(rate.w)},
          {"du_dt", rows_of(rate.u)},
          {"db_dt", listed(rate.b)},
          {"ddec_dt", listed(rate.d)},
          {"dq_dt", density_rates(at.w, rate.w, at.w, rate.w)},
          {"dr_dt", density_rates(at.u, rate.u, at.w, rate.w)},
          {"dt_dt", density_rates(at.u, rate.u, at.u, rate.u)},
          {"dT0_dt", rows_of(overlap_rate(at.u, rate.u))}};
}

Formula rhs() {
  return {
      "shallow.rhs",
      "nonlinear.md, sections 2.4, 3.2, 3.5 and 6.3: order parameters, error and rates of "
      "online SGD (Refinetti & Goldt 2022)",
      {fields::activation,
       fields::rule,
       fields::lr,
       fields::ell,
       {"w", Kind::matrix, "encoder amplitudes, K x D"},
       {"u", Kind::matrix, "decoder amplitudes, K x D"},
       {"b", Kind::list, "encoder bias; left out if not trained", false, true},
       {"dec", Kind::list, "decoder bias in the eigenbasis over sqrt(D); likewise", false, true}},
      {fields::pmse,
       {"Q1", Kind::matrix, "<lambda_k lambda_l>"},
       {"R1", Kind::matrix, "<nu_k lambda_l>"},
       {"T1", Kind::matrix, "<nu_k nu_l>"},
       fields::T0,
       {"dw_dt", Kind::matrix, "rates of w"},
       {"du_dt", Kind::matrix, "rates of u"},
       {"db_dt", Kind::list, "rates of b; null without"},
       {"ddec_dt", Kind::list, "rates of dec; null without"},
       {"dq_dt", Kind::matrices, "rates of the densities w_k w_l, [k][l][tau]"},
       {"dr_dt", Kind::matrices, "of u_k w_l"},
       {"dt_dt", Kind::matrices, "of u_k u_l"},
       {"dT0_dt", Kind::matrix, "rates of T0"}},
      rhs_outputs};
}

Formula reduced_rhs() {
  return {"shallow.reduced_rhs",
          "nonlinear.md, section 3.4: spikes and a flat bulk in K x K matrices",
          {fields::activation,
           fields::lr,
           {"ell_spikes", Kind::list, "eigenvalues of the spikes over D"},
           {"ell_bulk", Kind::number, "eigenvalue of the bulk over D"},
           {"n_bulk", Kind::count, "modes of the bulk"},
           {"w_spikes", Kind::matrix, "encoder amplitudes, K x M"},
           {"u_spikes", Kind::matrix, "decoder amplitudes, K x M"},
           {"Q1_bulk", Kind::matrix, "sum of ell w w^T over the bulk"},
           {"R1_bulk", Kind::matrix, "sum of ell u w^T"},
           {"T0_bulk", Kind::matrix, "sum of u u^T"}},
          {{"dw_spikes", Kind::matrix, "rates"},
           {"du_spikes", Kind::matrix, "rates"},
           {"dQ1_bulk", Kind::matrix, "rates"},
           {"dR1_bulk", Kind::matrix, "rates"},
           {"dT0_bulk", Kind::matrix, "rates"},
           fields::pmse},
          [](const Inputs& in) {
            SpikeBulkDynamics run{.unit = unit_of(in),
                                  .lr = in.number("lr"),
                                  .ell = in.list("ell_spikes"),
                                  .ell_bulk = in.number("ell_bulk"),
                                  .bulk_modes = in.count("n_bulk"),
                                  .start = {}};
            run.start = {{in.matrix("w_spikes"), in.matrix("u_spikes"), {}, {}},
                         in.matrix("Q1_bulk"),
                         in.matrix("R1_bulk"),
                         in.matrix("T0_bulk")};
            const SpikeBulk rate = run.rates();
            return json{
                {"dw_spikes", rows_of(rate.spikes.w)}, {"du_spikes", rows_of(rate.spikes.u)},
                {"dQ1_bulk", rows_of(rate.Q1)},        {"dR1_bulk", rows_of(rate.R1)},
                {"dT0_bulk", rows_of(rate.T0)},        {"pmse", run.pixel_error()}};
          }};
}

Formula sanger_rhs() {
  return {"shallow.sanger_rhs",
          "nonlinear.md, section 6.2: Sanger's rule for a tied linear network (Sanger 1989)",
          {fields::lr, fields::ell, {"w_tilde", Kind::matrix, "W in the eigenbasis, K x D"}},
          {{"dw_dt", Kind::matrix, "rates of w"}, fields::pmse},
          [](const Inputs& in) {
            const auto ell = in.list("ell");
            const Array64 w = in.matrix("w_tilde");
            return json{{"dw_dt", rows_of(sanger_rates(in.number("lr"), ell, w))},
                        {"pmse", sanger_pixel_error(ell, w)}};
          }};
}

}  // namespace

std::vector<Formula> shallow_formulas() {
  return {averages(), integrals(), rhs(), reduced_rhs(), sanger_rhs()};
}

}  // namespace hourglass::theory
