#pragma once

#include <hourglass/data/dataset.hpp>

#include <cstdint>

namespace hourglass {

// The two parts of a data set.
struct Split {
  Dataset training, validation;
};

// random: any rows, a function of the seed alone; tail: the last ones.
enum class Held { random, tail };

namespace data {

// Holds back round(fraction * samples) rows, at least one if the fraction is not 0, for validation.
// Rows keep their order within both parts. Throws ArgumentError unless 0 <= fraction < 1
// and a row is left to train on.
Split split(const Dataset& dataset, double fraction, std::uint64_t seed, Held held = Held::random);

}  // namespace data
}  // namespace hourglass
