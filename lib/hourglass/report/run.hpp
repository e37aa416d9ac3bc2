#pragma once

#include <hourglass/config.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/report/figure.hpp>
#include <hourglass/report/picture.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace HOURGLASS_API hourglass {

// Nothing, a single value or a list.
using SettingValue =
    std::variant<std::monostate, bool, std::uint64_t, double, std::string,
                 std::vector<std::uint64_t>, std::vector<double>, std::vector<std::string>>;
// As people read it: "none" where there is nothing, the entries of a list set apart.
std::string text_of(const SettingValue& value, const std::string& between = ", ");

// One option as it was used.
struct Setting {
  std::string name;
  SettingValue value;
};

// What numbers can depend on besides the settings.
struct Environment {
  std::size_t threads = 1;
  std::string blas_core = {};  // "SkylakeX"
  std::string precision = HOURGLASS_SINGLE ? "single" : "double";
};

// The data a run used; a run on theory alone has no name here.
struct DataRecord {
  std::string name = {};
  std::size_t samples = 0, features = 0;
  std::string checksum = {};
};

// A finished run of an app: everything that its report says.
struct Run {
  std::string app = {}, version = HOURGLASS_VERSION;
  std::string title = {};               // of the page; empty: the app's name
  std::string question = {};            // what the run asks, one sentence
  std::string answer = {};              // empty: answer_of(comparison)
  std::vector<std::string> notes = {};  // assumptions and conventions, a sentence each
  std::string command = {};             // as typed
  std::vector<Setting> config = {};
  Environment environment = {};
  DataRecord data = {};
  Comparison comparison = {};
  std::vector<Figure> figures = {};
  std::vector<Picture> pictures = {};   // shown after the figures
  std::vector<std::string> saved = {};  // names of files beside the report that belong to the run
  std::string warning = {};             // what a reader must know before trusting it; or empty
  double wall_seconds = NAN, steps_per_second = NAN;
};

// One plain sentence or two: whether they agree, how many are judged, and the largest deviation
// with its place.
std::string answer_of(const Comparison& comparison);

// "2 of 36 comparisons judged".
std::string judged_of(const Tally& tally);

// The names of the quantities of all agreements, in order of appearance.
std::vector<std::string> quantity_names(const Comparison& comparison);

// A column as it is drawn: with its prediction, where there is one.
Curve curve_of(const Comparison& comparison, const Column& column, const std::string& label);

}  // namespace hourglass
