#include "observables.hpp"

#include <cmath>

namespace hourglass {

// |W_k|^2 = D Q0_kk and |V_k|^2 = D T0_kk
namespace online_sgd {
using O = Observable;
using At = Observable::At;
const O error("error", O::network, [](const Seen& s, At) { return s.pixel_error; });
const O gain("mode gain", O::mode, [](const Seen& s, At m) { return s.gains[m.k]; });
const O Q1("Q1", O::upper_pair, [](const Seen& s, At a) { return s.order.Q1(a.k, a.l); });
const O R1("R1", O::pair, [](const Seen& s, At a) { return s.order.R1(a.k, a.l); });
const O T1("T1", O::upper_pair, [](const Seen& s, At a) { return s.order.T1(a.k, a.l); });
const O Q0("Q0", O::upper_pair, [](const Seen& s, At a) { return s.order.Q0(a.k, a.l); });
const O R0("R0", O::pair, [](const Seen& s, At a) { return s.order.R0(a.k, a.l); });
const O T0("T0", O::upper_pair, [](const Seen& s, At a) { return s.order.T0(a.k, a.l); });
const O decoder_overlap("decoder overlap", O::unit_and_mode,
                        [](const Seen& s, At a) { return s.decoder_overlaps(a.k, a.l); });
const O encoder_overlap("encoder overlap", O::unit_and_mode,
                        [](const Seen& s, At a) { return s.encoder_overlaps(a.k, a.l); });
const O subspace_overlap("subspace overlap", O::network,
                         [](const Seen& s, At) { return s.subspace_overlap; });
const O encoder_norm("encoder norm", O::unit,
                     [](const Seen& s, At a) { return std::sqrt(s.D * s.order.Q0(a.k, a.k)); });
const O decoder_norm("decoder norm", O::unit,
                     [](const Seen& s, At a) { return std::sqrt(s.D * s.order.T0(a.k, a.k)); });

namespace {
const Observable* const recorded[] = {&error,
                                      &gain,
                                      &Q1,
                                      &R1,
                                      &T1,
                                      &Q0,
                                      &R0,
                                      &T0,
                                      &decoder_overlap,
                                      &encoder_overlap,
                                      &subspace_overlap,
                                      &encoder_norm,
                                      &decoder_norm};
}
}  // namespace online_sgd

Column Observable::operator()(std::size_t k, std::size_t l) const {
  const auto numbered = [](std::size_t i) { return "[" + std::to_string(i) + "]"; };
  if (of_ == network) return {name_};
  if (of_ == unit || of_ == mode) return {name_, static_cast<int>(k)};
  if (of_ == unit_and_mode) return {name_ + numbered(k), static_cast<int>(l)};
  return {name_ + numbered(k) + numbered(l)};
}

std::string Observable::label(At at) const {
  if (of_ == unit) return "unit " + std::to_string(at.k);
  if (of_ == mode) return "mode " + std::to_string(at.k);
  if (of_ == unit_and_mode)
    return "unit " + std::to_string(at.k) + ", mode " + std::to_string(at.l);
  return (*this)(at.k, at.l).series;
}

std::vector<Observable::At> Observable::all(std::size_t units, std::size_t modes) const {
  const std::size_t first = of_ == network ? 1 : of_ == mode ? modes : units;
  const std::size_t second = of_ == pair || of_ == upper_pair ? units
                             : of_ == unit_and_mode           ? modes
                                                              : 1;
  std::vector<At> places;
  for (std::size_t k = 1; k <= first; ++k)
    for (std::size_t l = of_ == upper_pair ? k : 1; l <= second; ++l) places.push_back({k, l});
  return places;
}

std::vector<Column> Observed::columns() const {
  std::vector<Column> columns;
  for (const Observable* one : online_sgd::recorded)
    for (const auto [k, l] : one->all(units, modes)) columns.push_back((*one)(k, l));
  return columns;
}

std::vector<double> Observed::row(double error, const theory::Amplitudes& at) const {
  Seen seen{theory::observables(unit, ell, at, modes), static_cast<double>(ell.size())};
  seen.pixel_error = error;
  std::vector<double> values;
  for (const Observable* one : online_sgd::recorded)
    for (const Observable::At place : one->all(units, modes))
      values.push_back(one->read(seen, place));
  return values;
}

}  // namespace hourglass
