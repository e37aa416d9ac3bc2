#pragma once

#include <hourglass/model/autoencoder.hpp>

namespace HOURGLASS_API hourglass {

// What a model makes of rows without noise, in blocks of rows; on a tape of its own.
Array reconstruct(const Autoencoder& model, const Array& x);

// Mean squared error of a feature of that, whatever the model's loss is:
// 1/(N D) sum ||y - x||^2. Throws ArgumentError without rows.
double reconstruction_error(const Autoencoder& model, const Array& x);

}  // namespace hourglass
