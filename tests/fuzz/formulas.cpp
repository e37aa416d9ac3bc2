#include "../../apps/predict/cases.hpp"
#include "golden_cases.hpp"
#include "target.hpp"

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include <fuzzer/FuzzedDataProvider.h>

using namespace hourglass;
using namespace hourglass::testing;
using nlohmann::json;

// A case of a formula in which some inputs are replaced: by huge, tiny, negative or no numbers, by
// shorter or longer lists. It is evaluated in bounded time, or refused.
namespace {

json number(FuzzedDataProvider& bytes) {
  constexpr double edges[] = {
      0,      -0.0,  1,     -1,    2,     3,      0.5,     1e-3,  10,     100,
      1e6,    1e9,   1e12,  1e100, 1e300, -1e300, 1e-9,    1e-16, 1e-100, 1e-300,
      5e-324, 0.999, 1.001, 1e15,  4096,  1e-6,   1.0 / 3, 2e-5,  0.25,   1.7976931348623157e308};
  switch (bytes.ConsumeIntegralInRange(0, 4)) {
    case 0:
      return bytes.ConsumeIntegralInRange(-3, 20);
    case 1:
      return bytes.ConsumeFloatingPointInRange<double>(-4, 4);
    case 2:
      return bytes.ConsumeFloatingPoint<double>();
    default:
      return bytes.PickValueInArray(edges);
  }
}

void change(json& value, FuzzedDataProvider& bytes) {
  if (value.is_array() && !value.empty()) {
    const auto place = bytes.ConsumeIntegralInRange<std::size_t>(0, value.size() - 1);
    switch (bytes.ConsumeIntegralInRange(0, 7)) {
      case 0:
        return void(value.erase(place));
      case 1:
        return value.push_back(value[place]);
      case 2:
        return value.clear();
      default:
        return change(value[place], bytes);
    }
  }
  if (value.is_string()) {
    constexpr const char* words[] = {"linear", "erf", "relu", "tanh", "identity", "none", ""};
    value = bytes.PickValueInArray(words);
  } else {
    value = number(bytes);
  }
}

json changed(json one, FuzzedDataProvider& bytes) {
  json& inputs = one["inputs"];
  for (int count = bytes.ConsumeIntegralInRange(1, 4); count > 0; --count) {
    if (inputs.empty()) break;
    auto place = inputs.begin();
    std::advance(place, bytes.ConsumeIntegralInRange<std::size_t>(0, inputs.size() - 1));
    if (bytes.ConsumeIntegralInRange(0, 15) == 0)
      inputs.erase(place);
    else
      change(*place, bytes);
  }
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::map<std::string, json> cases = shortest_cases();
  FuzzedDataProvider bytes(data, size);
  auto which = cases.begin();
  std::advance(which, bytes.ConsumeIntegralInRange<std::size_t>(0, cases.size() - 1));
  const json one = changed(which->second, bytes);
  if (std::getenv("HOURGLASS_SHOW_CASE"))  // for `predict`
    std::fprintf(stderr, "%s\n", json::array({one}).dump().c_str());
  try {
    predict::evaluate_case(one, "fuzzed").dump();
  } catch (const InputError&) {
  }
  return 0;
}
