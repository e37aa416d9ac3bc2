#pragma once

#include <hourglass/data/dataset.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hourglass {

// What the options --data, --data-dir and --samples say.
struct DataRequest {
  std::string name = "fashion-mnist";  // a name of known_datasets(), or the path of an IDX file
  std::string directory = {};          // where to look first; empty: nowhere in particular
  std::size_t samples = 0;             // how many of the first samples; 0: all
};

namespace data {

std::vector<std::string> known_datasets();

// Finds and reads a data set. Looks in `directory`, $HOURGLASS_DATA and datasets/ (in each of them
// first in the subfolder of that name), then in the system's data set folder. The training images
// are taken where a folder has them, otherwise the test images; the name of the result says which.
// Throws InputError where nothing is found (with the places looked at and the command that fetches
// it), where the file is malformed, or where it holds fewer samples than asked for.
Dataset load_dataset(const DataRequest& request);

}  // namespace data
}  // namespace hourglass
