#pragma once

// The data models and spectra among the golden numbers.

#include "paths.hpp"

#include <cmath>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace hourglass::testing {

class Reference {
 public:
  explicit Reference(const std::string& name) {
    const auto all = nlohmann::json::parse(std::ifstream(GOLDEN_DIR "/nonlinear.json"));
    for (const auto& one : all)
      if (one["name"] == name) case_ = one;
    if (case_.is_null()) throw std::runtime_error("no golden case " + name);
  }

  const nlohmann::json& inputs() const { return case_["inputs"]; }
  const nlohmann::json& outputs() const { return case_["outputs"]; }

  // Compares with the first numbers of an output.
  void check(const std::string& output, const std::vector<double>& found) const {
    const nlohmann::json& expected = case_["outputs"][output];
    REQUIRE(expected.size() == found.size());
    for (std::size_t k = 0; k < found.size(); ++k)
      check_number(output + " " + std::to_string(k), found[k], expected[k].get<double>());
  }
  void check(const std::string& output, double found) const {
    check_number(output, found, case_["outputs"][output].get<double>());
  }

  void check_number(const std::string& what, double found, double expected) const {
    const auto& tolerance = case_["tolerance"];
    const double allowed =
        tolerance["abs"].get<double>() + tolerance["rel"].get<double>() * std::abs(expected);
    CHECK_MESSAGE(std::abs(found - expected) <= allowed,
                  what << ": found " << found << ", expected " << expected);
  }

 private:
  nlohmann::json case_;
};

// Half the variance a feature that `rank` principal components leave, of eigenvalues over D.
inline double left_over(const std::vector<double>& ell, std::size_t rank) {
  double sum = 0;
  for (std::size_t k = rank; k < ell.size(); ++k) sum += ell[k];
  return sum / 2;
}

}  // namespace hourglass::testing
