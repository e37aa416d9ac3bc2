#pragma once

#include <hourglass/data/dataset.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// Which data set, where it is looked for, and how much of it is read.
struct DataRequest {
  std::string name = "fashion-mnist";  // a name of known_datasets(), or a path
  std::string directory = {};          // where to look first; empty: nowhere in particular
  std::size_t samples = 0;             // how many of the first samples; 0: all
  std::size_t skip_columns = 0;        // of a .csv: the first ones, such as names of the rows
};

namespace data {

// fashion-mnist, mnist, cifar10, cifar10-gray
std::vector<std::string> known_datasets();

// Whether a data set of that name is read as CSV: by the ending .csv, which .gz may follow.
bool is_csv(const std::string& name);

// Finds and reads a data set. A path is an IDX file, an .npy, a .csv, a .bin of CIFAR-10 records or
// a folder of these (see the readers; all but the folder can end in .gz; endings in capitals are
// the same). A name is looked for in `directory`, $HOURGLASS_DATA and datasets/ (in each of them
// first in the subfolder of that name), then in the system's data set folder. The training images
// are taken where a folder has them, otherwise the test images; the name of the result says which.
// Throws InputError where nothing is found (with the places looked at and the command that fetches
// it), where the file is malformed, or where it holds fewer samples than asked for.
Dataset load_dataset(const DataRequest& request);

}  // namespace data
}  // namespace hourglass
