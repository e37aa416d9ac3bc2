#pragma once

#include <vector>

namespace hourglass {

// The instruction sets for which the hot loops are compiled; the best one the machine has is
// chosen at run time. Off x86-64 only `baseline` exists.
enum class InstructionSet {
  baseline,  // what the compiler was told to assume: SSE2 on x86-64
  avx2,      // AVX2 and FMA
  avx512,    // AVX-512 F, DQ, VL, BW and FMA
};

// Detected once, at the first call.
InstructionSet best_instruction_set();

// Worst first, so `baseline` is the first and best_instruction_set() the last.
const std::vector<InstructionSet>& available_instruction_sets();

const char* name_of(InstructionSet set);  // "avx2"

// Throws ArgumentError, naming the set, if this machine lacks it.
void require_available(InstructionSet set);

// Hot loops as function pointers: a struct Kernels that declares `static const Kernels baseline,
// avx2, avx512`, and a file that is compiled once for each set and defines Kernels::HOURGLASS_SIMD.
// Those of one set, e.g. to compare sets in tests; throws as require_available does.
template <class Kernels>
const Kernels& kernels_for(InstructionSet set) {
  require_available(set);
#if defined(__x86_64__)
  if (set == InstructionSet::avx2) return Kernels::avx2;
  if (set == InstructionSet::avx512) return Kernels::avx512;
#endif
  return Kernels::baseline;
}
template <class Kernels>
const Kernels& best_kernels() {
  static const Kernels& best = kernels_for<Kernels>(best_instruction_set());
  return best;
}

}  // namespace hourglass
