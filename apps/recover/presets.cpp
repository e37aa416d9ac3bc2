#include <hourglass/core/error.hpp>
#include <hourglass/measure/recovery.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

double RecoveryConfig::bias(std::size_t step) const {
  if (model == RecoveryConfig::Model::sparse) return 0;
  const auto s = static_cast<double>(step);
  if (bias_rate > 0) {
    const double kappa2 = model == RecoveryConfig::Model::mixture ? 1 : 7.0 / 3;
    return -bias_start * std::pow(1 - bias_rate * contraction / kappa2, s);
  }
  return -std::max(bias_least, bias_start * std::pow(bias_ratio, s));
}

RecoveryConfig recovery_preset(const std::string& name) {
  const RecoveryConfig mixture{};
  RecoveryConfig sparse{.model = RecoveryConfig::Model::sparse,
                        .dictionary = "dct",
                        .m = 64,
                        .k = 4,
                        .sigma = 0.02,
                        .delta = 0.3,
                        .bias_start = 0};
  RecoveryConfig nonnegative{.model = RecoveryConfig::Model::nonnegative,
                             .m = 64,
                             .k = 4,
                             .sigma = 0.02,
                             .delta = 0.2,
                             .contraction = 0.25,
                             .steps = 60,
                             .bias_start = 0.35,
                             .bias_ratio = 0.9,
                             .bias_least = 0.1};
  if (name == "P1") return mixture;
  if (name == "P2") {
    RecoveryConfig c = mixture;
    c.dictionary = "gaussian";
    c.n = 128;
    c.m = 64;
    return c;
  }
  if (name == "P3") return sparse;
  if (name == "P4" || name == "P5") {
    sparse.dictionary = name == "P4" ? "identity-hadamard" : "gaussian";
    sparse.n = name == "P4" ? 64 : 256;
    sparse.m = name == "P4" ? 128 : 256;
    sparse.k = 3;
    sparse.delta = 0.2;
    return sparse;
  }
  if (name == "P6") return nonnegative;
  if (name != "P7")
    throw InputError("preset is '" + name + "'; expected P1, P2, P3, P4, P5, P6 or P7");
  nonnegative.bias_ratio = 1;
  return nonnegative;
}

}  // namespace hourglass
