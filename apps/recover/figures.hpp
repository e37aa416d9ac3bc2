#pragma once

#include "experiment.hpp"
#include <hourglass/report/run.hpp>

#include <string>

namespace hourglass {

std::vector<Figure> figures_of(const RecoverResult& result);

// The atoms and what was learned, of the run that has most to warn of.
std::vector<Picture> pictures_of(const RecoverResult& result);

// An n x m dictionary with an atom a row.
Array atoms_as_rows(const Array64& dictionary);

// What the columns of the dictionary are called: "atoms".
std::string noun(const RecoverConfig& config);

}  // namespace hourglass
