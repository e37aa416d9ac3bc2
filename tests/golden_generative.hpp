#pragma once

#include "paths.hpp"
#include <hourglass/core/array.hpp>

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

// The cases of tests/golden/generative.json by name.
namespace golden_generative {

using nlohmann::json;

inline const json& golden_case(const std::string& name) {
  static const json cases = json::parse(std::ifstream(GOLDEN_DIR "/generative.json"));
  for (const json& one : cases)
    if (one["name"] == name) return one;
  throw std::runtime_error("no golden case " + name);
}

inline hourglass::Array64 matrix(const json& rows) {
  hourglass::Array64 result = hourglass::empty64({rows.size(), rows[0].size()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[0].size(); ++j) result(i, j) = rows[i][j].get<double>();
  return result;
}

inline hourglass::Array64 transposed(const hourglass::Array64& a) {
  const auto [rows, columns] = hourglass::shape_of(a);
  hourglass::Array64 result = hourglass::empty64({columns, rows});
  for (std::size_t i = 0; i < result.shape()[0]; ++i)
    for (std::size_t j = 0; j < result.shape()[1]; ++j) result(i, j) = a(j, i);
  return result;
}

}  // namespace golden_generative
