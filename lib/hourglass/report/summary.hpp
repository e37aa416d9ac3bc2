#pragma once

#include <hourglass/report/run.hpp>

#include <string>

namespace hourglass {

// The run as JSON: app, version, config, environment, data, comparisons (each with its quantities),
// timing. A number that does not exist is null. Bytes that are no UTF-8 are replaced.
std::string to_json(const Run& run);

}  // namespace hourglass
