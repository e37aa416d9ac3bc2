#include <hourglass/measure/order_parameters.hpp>

#include <cmath>

namespace hourglass {

using theory::Observables;
using theory::OrderParameters;

OrderParameterColumns::OrderParameterColumns(theory::Unit unit, std::vector<double> ell,
                                             std::size_t units, std::size_t modes)
    : unit_(unit), ell_(std::move(ell)), units_(units), modes_(modes) {
  add("error", 0, [](const Observables& o) { return o.pixel_error; });
  for (std::size_t m = 0; m < modes_; ++m)
    add("mode gain", m + 1, [m](const Observables& o) { return o.gains[m]; });
  add_matrix("Q1", &OrderParameters::Q1, true);
  add_matrix("R1", &OrderParameters::R1, false);
  add_matrix("T1", &OrderParameters::T1, true);
  add_matrix("Q0", &OrderParameters::Q0, true);
  add_matrix("R0", &OrderParameters::R0, false);
  add_matrix("T0", &OrderParameters::T0, true);
  add_overlaps("decoder overlap", &Observables::decoder_overlaps);
  add_overlaps("encoder overlap", &Observables::encoder_overlaps);
  add("subspace overlap", 0, [](const Observables& o) { return o.subspace_overlap; });
  add_norms("encoder norm", &OrderParameters::Q0);
  add_norms("decoder norm", &OrderParameters::T0);
}

void OrderParameterColumns::add(std::string series, std::size_t index, Read read) {
  entries_.push_back({{std::move(series), static_cast<int>(index)}, std::move(read)});
}

void OrderParameterColumns::add_matrix(const std::string& name, Array64 OrderParameters::*matrix,
                                       bool symmetric) {
  for (std::size_t k = 0; k < units_; ++k)
    for (std::size_t l = symmetric ? k : 0; l < units_; ++l)
      add(name + "[" + std::to_string(k + 1) + "][" + std::to_string(l + 1) + "]", 0,
          [=](const Observables& o) { return (o.order.*matrix)(k, l); });
}

void OrderParameterColumns::add_overlaps(const std::string& name, Array64 Observables::*overlaps) {
  for (std::size_t k = 0; k < units_; ++k)
    for (std::size_t m = 0; m < modes_; ++m)
      add(name + "[" + std::to_string(k + 1) + "]", m + 1,
          [=](const Observables& o) { return (o.*overlaps)(k, m); });
}

// |W_k|^2 = D Q0_kk and |V_k|^2 = D T0_kk
void OrderParameterColumns::add_norms(const std::string& name, Array64 OrderParameters::*matrix) {
  for (std::size_t k = 0; k < units_; ++k)
    add(name, k + 1, [=, D = static_cast<double>(ell_.size())](const Observables& o) {
      return std::sqrt(D * (o.order.*matrix)(k, k));
    });
}

std::vector<Column> OrderParameterColumns::columns() const {
  std::vector<Column> result;
  for (const Entry& entry : entries_) result.push_back(entry.column);
  return result;
}

std::vector<double> OrderParameterColumns::row(double error, const theory::Amplitudes& at) const {
  Observables seen = theory::observables(unit_, ell_, at, modes_);
  seen.pixel_error = error;
  std::vector<double> values;
  for (const Entry& entry : entries_) values.push_back(entry.read(seen));
  return values;
}

}  // namespace hourglass
