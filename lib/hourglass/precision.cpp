#include <hourglass/core/number.hpp>

namespace hourglass::detail {

#if HOURGLASS_SINGLE
const bool built_for_single_precision = true;
#else
const bool built_for_double_precision = true;
#endif

}  // namespace hourglass::detail
