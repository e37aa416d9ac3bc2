#pragma once

#include "paths.hpp"

#include <fstream>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace hourglass::testing {

// Of each formula the shortest case that the golden files have, its formula and inputs alone.
inline std::map<std::string, nlohmann::json> shortest_cases() {
  std::map<std::string, nlohmann::json> shortest;
  for (const char* name : {"linear.json", "nonlinear.json", "generative.json"}) {
    std::ifstream file(std::string(GOLDEN_DIR "/") + name);
    for (const auto& one : nlohmann::json::parse(file)) {
      if (!one.contains("formula")) continue;
      const nlohmann::json found{{"formula", one["formula"]}, {"inputs", one["inputs"]}};
      auto& kept = shortest[one["formula"]];
      if (kept.is_null() || found.dump().size() < kept.dump().size()) kept = found;
    }
  }
  return shortest;
}

}  // namespace hourglass::testing
