#include "shallow_kernels.hpp"
#include <hourglass/core/instruction_set.hpp>

namespace hourglass::theory::shallow {

namespace baseline {
extern const Kernels functions;
}
#if defined(__x86_64__)
namespace avx2 {
extern const Kernels functions;
}
namespace avx512 {
extern const Kernels functions;
}
#endif

const Kernels& kernels() {
#if defined(__x86_64__)
  static const InstructionSet best = best_instruction_set();
  if (best == InstructionSet::avx2) return avx2::functions;
  if (best == InstructionSet::avx512) return avx512::functions;
#endif
  return baseline::functions;
}

}  // namespace hourglass::theory::shallow
