#include "transcendental_kernels.hpp"
#include <hourglass/core/transcendental.hpp>

namespace hourglass {
namespace transcendental {
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

const Kernels& kernels(InstructionSet set) {
  require_available(set);
#if defined(__x86_64__)
  if (set == InstructionSet::avx2) return avx2::functions;
  if (set == InstructionSet::avx512) return avx512::functions;
#endif
  return baseline::functions;
}

}  // namespace transcendental

namespace {

const transcendental::Kernels& best() {
  static const transcendental::Kernels& found = transcendental::kernels(best_instruction_set());
  return found;
}

}  // namespace

void tanh_of(const Number* x, Number* y, std::size_t n) { best().tanh(x, y, n); }
void sigmoid_of(const Number* x, Number* y, std::size_t n) { best().sigmoid(x, y, n); }
void erf_of(const Number* x, Number* y, std::size_t n) { best().erf(x, y, n); }
void exp_of(const Number* x, Number* y, std::size_t n) { best().exp(x, y, n); }

}  // namespace hourglass
