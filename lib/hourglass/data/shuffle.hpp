#pragma once

#include <hourglass/data/dataset.hpp>
#include <hourglass/random/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace HOURGLASS_API hourglass {

// Random orders of 0 .. count-1, all equally likely (Fisher and Yates): the order of an epoch is a
// function of (stream, epoch) alone. Throws ArgumentError for 2^32 rows and more.
class Shuffle {
 public:
  // Of 0 ... count - 1, drawn from the stream.
  Shuffle(std::size_t count, Stream stream);
  // Valid until the next call. Allocates nothing; free where the epoch is that of the call before.
  std::span<const std::uint32_t> order(std::uint64_t epoch);

 private:
  Stream stream_;
  Array numbers_;
  std::vector<std::uint32_t> order_;
  std::uint64_t epoch_ = UINT64_MAX;
};

// Every row once an epoch, in an order of its own each time: batches for training, and with size 1
// online learning from images. The batch of a step is a function of (stream, step) alone, so a run
// can begin at any step. Borrows the data set; allocates nothing after it was made.
class ShuffledBatches {
 public:
  // Batches have at most `size` rows and differ by a row at most, as those of Dataset::batch; size
  // 0, or more than there are: all rows. Throws ArgumentError without samples.
  ShuffledBatches(const Dataset& dataset, std::size_t size, Stream stream);
  ShuffledBatches(const Dataset&&, std::size_t, Stream) = delete;
  ShuffledBatches(const ShuffledBatches&) = delete;  // rows() would be the other's
  ShuffledBatches& operator=(const ShuffledBatches&) = delete;

  std::uint64_t per_epoch() const { return batches_; }  // batches
  // The rows of a step, copied together, valid until the next call; `first_row` is the position of
  // the first in the epoch.
  Batch batch(std::uint64_t step);
  // Which rows of the data set the last batch holds.
  std::span<const std::uint32_t> rows() const { return rows_; }

 private:
  const Dataset& dataset_;
  std::uint64_t batches_;
  Shuffle shuffle_;
  std::vector<Real> gathered_;
  std::span<const std::uint32_t> rows_;
};

namespace data {

// Copies rows of x into `out`, one after the other. Throws ArgumentError unless they just fit, and
// for rows that x does not have.
void gather(const Array& x, std::span<const std::uint32_t> rows, std::span<Real> out);

}  // namespace data
}  // namespace hourglass
