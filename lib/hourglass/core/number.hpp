#pragma once

#include <hourglass/config.hpp>

namespace HOURGLASS_API hourglass {

// The same type as Real, for files that must not include xtensor.
#if HOURGLASS_SINGLE
using Number = float;
#else
using Number = double;
#endif

}  // namespace hourglass
