#pragma once

#include <hourglass/measure/trace.hpp>
#include <hourglass/theory/shallow.hpp>

#include <string>
#include <vector>

// What is recorded of a shallow autoencoder in training, measured and predicted alike
// (docs/theory/nonlinear.md, sections 2.1, 4.2 and 6.3).
namespace hourglass {

// At one moment.
struct Seen : theory::Observables {
  double D;
};

// A series: one number, or one for each unit, pair of units, mode, or unit and mode, counted from
// 1. Q1(1, 2) is the column "Q1[1][2]", decoder_overlap(1, 3) the third of "decoder overlap[1]".
class Observable {
 public:
  enum Of { network, unit, pair, upper_pair, mode, unit_and_mode };
  struct At {
    std::size_t k = 1, l = 1;
  };
  using Read = double (*)(const Seen&, At);  // counted from 0

  Observable(std::string name, Of of, Read read) : name_(std::move(name)), of_(of), read_(read) {}

  Column operator()(std::size_t k = 1, std::size_t l = 1) const;
  std::string label(At at) const;  // "Q1[1][2]", "mode 3", "unit 1, mode 3"
  std::vector<At> all(std::size_t units, std::size_t modes) const;
  double read(const Seen& seen, At at) const { return read_(seen, {at.k - 1, at.l - 1}); }

 private:
  std::string name_;
  Of of_;
  Read read_;
};

namespace online_sgd {
extern const Observable error, gain, Q1, R1, T1, Q0, R0, T0, decoder_overlap, encoder_overlap,
    subspace_overlap, encoder_norm, decoder_norm;
}

// All of these, of the first units and modes.
struct Observed {
  theory::Unit unit;
  std::vector<double> ell;
  std::size_t units, modes;

  std::vector<Column> columns() const;
  // One value a column; `error` is the per-pixel error, found in whichever way.
  std::vector<double> row(double error, const theory::Amplitudes& at) const;
};

}  // namespace hourglass
