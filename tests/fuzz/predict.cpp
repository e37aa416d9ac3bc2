#include "../../apps/predict/cases.hpp"
#include "golden_cases.hpp"
#include "target.hpp"

using namespace hourglass;
using namespace hourglass::testing;
using nlohmann::json;

std::vector<std::string> hourglass::testing::samples() {
  std::vector<std::string> all{
      R"([{"formula":"linear.optimal_rates","inputs":{"lambda":1.0,"sigma2":1.2},)"
      R"("outputs":{"x":[null,1]},"tolerance":{"rel":1e-9,"abs":0}}])"};
  for (const auto& [formula, one] : shortest_cases())
    if (one.dump().size() < 300) all.push_back(json::array({one}).dump());
  return all;
}

HOURGLASS_MUTATES_SAMPLES

// Any text as a file of cases, evaluated and checked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const json cases = json::parse(data, data + size, nullptr, false);
  if (!cases.is_array()) return 0;
  for (const json& one : cases) {
    const std::string where = predict::case_label("fuzzed", 1, one);
    try {
      predict::evaluate_case(one, where).dump();
    } catch (const InputError&) {
    }
    try {
      predict::check_case(one, where);
    } catch (const InputError&) {
    }
  }
  return 0;
}
