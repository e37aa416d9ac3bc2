#include <hourglass/core/error.hpp>
#include <hourglass/core/instruction_set.hpp>

#include <algorithm>
#include <string>

namespace hourglass {
namespace {

std::vector<InstructionSet> detect() {
  std::vector<InstructionSet> found{InstructionSet::baseline};
#if defined(__x86_64__)
  // The built-in also asks whether the operating system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (avx2) found.push_back(InstructionSet::avx2);
  if (avx2 && avx512) found.push_back(InstructionSet::avx512);
#endif
  return found;
}

}  // namespace

const std::vector<InstructionSet>& available_instruction_sets() {
  static const std::vector<InstructionSet> sets = detect();
  return sets;
}

InstructionSet best_instruction_set() { return available_instruction_sets().back(); }

const char* name_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx2:
      return "avx2";
    case InstructionSet::avx512:
      return "avx512";
    default:
      return "baseline";
  }
}

void require_available(InstructionSet set) {
  const auto& sets = available_instruction_sets();
  if (std::find(sets.begin(), sets.end(), set) == sets.end())
    throw ArgumentError(std::string("instruction set ") + name_of(set) +
                        ": this machine does not have it");
}

}  // namespace hourglass
