#pragma once

#include "experiment.hpp"
#include <hourglass/report/picture.hpp>

namespace hourglass {

// What a trained autoencoder does to some images, and what its first and last layers look for.
// Empty where the data are no images (report/picture.hpp).
std::vector<Picture> pictures_of(const TrainResult& result);

}  // namespace hourglass
