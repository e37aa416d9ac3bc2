#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace hourglass {

// Watches nlohmann's parser, which would take the last of two equal keys, and nest as deep as a
// text asks. Both functions throw.
class StrictJson {
 public:
  using json = nlohmann::json;
  StrictJson(int most_nested, std::function<void()> too_deep,
             std::function<void(const std::string& key)> twice)
      : most_nested_(most_nested), too_deep_(std::move(too_deep)), twice_(std::move(twice)) {}

  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (depth > most_nested_) too_deep_();
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end) open_.pop_back();
    if (event == json::parse_event_t::key && !open_.back().insert(value.get<std::string>()).second)
      twice_(value.get<std::string>());
    return true;
  }

 private:
  int most_nested_;
  std::function<void()> too_deep_;
  std::function<void(const std::string&)> twice_;
  std::vector<std::set<std::string>> open_ = {};  // the keys of each object under way
};

}  // namespace hourglass
