#pragma once

#include <hourglass/measure/trace.hpp>
#include <hourglass/theory/shallow.hpp>

#include <functional>
#include <string>
#include <vector>

namespace hourglass {

// What is recorded of a shallow autoencoder in training, measured and predicted alike: "error", the
// order parameters "Q1[k][l]", ..., "mode gain", "decoder overlap[k]" and "encoder overlap[k]" with
// each mode, "subspace overlap", "encoder norm" and "decoder norm" of unit k (docs/theory/
// nonlinear.md, sections 2.1, 4.2 and 6.3).
class OrderParameterColumns {
 public:
  // Of the first `units` units and `modes` modes; of symmetric matrices the upper triangle.
  OrderParameterColumns(theory::Unit unit, std::vector<double> ell, std::size_t units,
                        std::size_t modes);

  std::vector<Column> columns() const;
  // One value a column; `error` is the per-pixel error, found in whichever way.
  std::vector<double> row(double error, const theory::Amplitudes& at) const;

 private:
  using Read = std::function<double(const theory::Observables&)>;
  struct Entry {
    Column column;
    Read read;
  };
  void add(std::string series, std::size_t index, Read read);
  void add_matrix(const std::string& name, Array64 theory::OrderParameters::*matrix,
                  bool symmetric);
  void add_overlaps(const std::string& name, Array64 theory::Observables::*overlaps);
  void add_norms(const std::string& name, Array64 theory::OrderParameters::*matrix);

  theory::Unit unit_;
  std::vector<double> ell_;
  std::size_t units_, modes_;
  std::vector<Entry> entries_;
};

}  // namespace hourglass
