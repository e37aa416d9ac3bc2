#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace hourglass {

// Consecutive rows of a data set, borrowed: the data set must outlive it.
struct Batch {
  View x;                 // rows x features
  std::size_t first_row;  // position of its first row in the data set, for row-wise noise
};

struct Dataset {
  std::string name;      // says what was done to the values: "mnist, test images, centred"
  Array x;               // samples x features
  std::string checksum;  // of the values as read, before centring and scaling

  std::size_t samples() const { return shape_of(x).rows; }
  std::size_t features() const { return shape_of(x).columns; }

  // The rows of step 0, 1, ...: consecutive blocks of at most `size` rows, from the top again after
  // the last. Where `size` does not divide the samples, blocks differ by a row: a short last block
  // would give its rows more weight than the others, and shift the eigenvalues that training sees.
  // Size 0, or more than there are: all rows at every step.
  Batch batch(std::uint64_t step, std::size_t size) const;
};

namespace data {

// Subtracts the mean of each feature.
void centre(Dataset& dataset);

// Multiplies all values by a factor. Throws ArgumentError if it is not finite.
void scale(Dataset& dataset, double factor);

}  // namespace data
}  // namespace hourglass
