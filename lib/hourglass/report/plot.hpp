#pragma once

#include <hourglass/report/figure.hpp>

#include <string>

namespace hourglass {

// The data file of a figure: a block a curve, with columns x, measured, predicted, deviation,
// mark (the measured values that are drawn: about 40 a curve, evenly along the axis), low and high.
std::string plot_data(const Figure& figure);

// The gnuplot script that draws NAME.svg from NAME.dat.
std::string plot_script(const Figure& figure);

}  // namespace hourglass
