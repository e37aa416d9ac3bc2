#include <hourglass/core/instruction_set.hpp>
#include <hourglass/core/transcendental.hpp>

namespace hourglass {
namespace {

const Transcendental& best() { return best_kernels<Transcendental>(); }

}  // namespace

void tanh_of(const Number* x, Number* y, std::size_t n) { best().tanh(x, y, n); }
void sigmoid_of(const Number* x, Number* y, std::size_t n) { best().sigmoid(x, y, n); }
void erf_of(const Number* x, Number* y, std::size_t n) { best().erf(x, y, n); }
void exp_of(const Number* x, Number* y, std::size_t n) { best().exp(x, y, n); }

}  // namespace hourglass
