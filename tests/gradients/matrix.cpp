#include "matrix.hpp"

#include "../allocations.hpp"
#include "declarations.hpp"
#include <hourglass/core/check.hpp>
#include <hourglass/random/stream.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include <doctest/doctest.h>

namespace hourglass::gradients {

Array random(Shape shape, std::uint64_t seed, Values values) {
  Array x = empty(shape);
  Stream{.seed = seed}.normals(0, 0, x);
  for (Real& entry : x)
    entry = values == Values::positive ? Real(0.5) + std::abs(entry)
                                       : entry + std::copysign(Real(0.2), entry);
  return x;
}

GradientCase on_arguments(const std::string& covers, const std::string& setting,
                          const std::vector<Shape>& shapes,
                          const std::function<Var(const Arguments&)>& f, Values values) {
  const auto held = std::make_shared<std::vector<Parameter>>();
  for (const Shape& shape : shapes)
    held->push_back({"x" + std::to_string(held->size()), random(shape, held->size() + 1, values)});
  GradientCase result{covers, setting, {}, {}};
  for (Parameter& parameter : *held) result.parameters.push_back(&parameter);
  result.function = [held, f](Tape& tape) {
    Arguments x;
    for (std::size_t k = 0; k < held->size(); ++k) x[k] = tape.leaf((*held)[k]);
    return f(x);
  };
  return result;
}

namespace {

std::vector<Group> groups() { return {ops(), layers(), noise(), penalties(), losses()}; }

// Of the model room: nothing that a gradient passes through, or passes through unchanged.
const std::vector<std::string> without_gradients{
    "model/gradient_flow.hpp",  "model/initialisers.hpp", "model/learning_rules.hpp",
    "model/online_learner.hpp", "model/optimiser.hpp",    "model/schedules.hpp",
    "model/text_options.hpp"};

// A fixed random combination of the outputs, squared so that linear functions have curvature too.
GradientCheck check(const GradientCase& row) {
  const auto loss = [&](Tape& tape) {
    const Var y = row.function(tape);
    const Var z = add(y, scale(square(y), 0.5));
    return dot(z, tape.constant(random(y.shape(), 99)));
  };
  return check_gradients(loss, row.parameters, {.order = row.order});
}

// What the table shows of one declared name.
struct Covered {
  std::size_t settings = 0;
  int order = 0;
  double error = 0;
};

void print(const std::string& title, const std::map<std::string, Covered>& covered) {
  constexpr std::size_t per_line = 3;
  std::ostringstream text;
  std::size_t settings = 0, at = 0;
  for (const auto& [name, c] : covered) {
    settings += c.settings;
    text << (at++ % per_line == 0 ? "\n  " : "   ") << std::left << std::setw(19) << name
         << std::right << std::setw(2) << c.settings << "x  " << c.order << "  " << std::scientific
         << std::setprecision(0) << c.error;
  }
  std::cout << title << ": " << covered.size() << " names in " << settings
            << " settings (settings, order, worst relative error)" << text.str() << '\n';
}

}  // namespace

TEST_CASE("gradients: everything agrees with differences, to the order it claims") {
  for (const Group& group : groups()) {
    std::map<std::string, Covered> covered;
    for (const GradientCase& row : group.cases) {
      CAPTURE(row.covers);
      CAPTURE(row.setting);
      const GradientCheck result = check(row);
      CHECK_MESSAGE(result, result.worst);
      Covered& entry = covered[row.covers];
      entry.order = entry.settings++ == 0 ? row.order : std::min(entry.order, row.order);
      entry.error = std::max(entry.error, result.error);
    }
    print(group.title, covered);
  }
}

TEST_CASE("gradients: a steady step of anything allocates nothing, unless it says so") {
  for (const Group& group : groups())
    for (const GradientCase& row : group.cases) {
      CAPTURE(row.covers);
      CAPTURE(row.setting);
      Tape tape;
      tape.begin();
      const Array weights = random(row.function(tape).shape(), 99);
      const auto step = [&] {
        tape.begin();
        tape.backward(dot(row.function(tape), tape.constant(weights)));
      };
      for (int warm_up = 0; warm_up < 3; ++warm_up) step();
      const long before = heap_allocations();
      for (int steady = 0; steady < 5; ++steady) step();
      CHECK((heap_allocations() > before) == row.allocates);
    }
}

TEST_CASE("gradients: nothing that is declared is missing") {
  for (const Group& group : groups()) {
    CAPTURE(group.title);
    std::vector<std::string> declared;
    for (const std::string& header : group.headers)
      for (const std::string& name : declared_names(text_of(library() / header)))
        declared.push_back(name);
    std::vector<std::string> listed = group.exempt;
    for (const GradientCase& row : group.cases) listed.push_back(row.covers);
    CHECK(absent(declared, listed) == "");
    CHECK(absent(group.exempt, declared) == "");
  }
}

TEST_CASE("gradients: every header of the model room is in a group") {
  std::vector<std::string> listed = without_gradients, found;
  for (const Group& group : groups())
    listed.insert(listed.end(), group.headers.begin(), group.headers.end());
  for (const auto& file : std::filesystem::directory_iterator(library() / "model"))
    if (file.path().extension() == ".hpp")
      found.push_back("model/" + file.path().filename().string());
  CHECK(found.size() > 5);
  CHECK(absent(found, listed) == "");
}

TEST_CASE("gradients: no op of the library is longer than 12 lines") {
  // fused by hand for speed: products shared by value and gradients; noise drawn while it is added
  const std::vector<std::string> fused{"EigenbasisOp", "AddGaussianNoise"};
  std::size_t ops = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(library())) {
    if (file.path().extension() != ".cpp") continue;
    for (const auto& op : op_lengths(text_of(file.path()))) {
      CHECK_MESSAGE((op.second <= 12 || absent({op.first}, fused) == ""),
                    op.first << " in " << file.path().string() << ": " << op.second);
      ++ops;
    }
  }
  CHECK(ops >= 40);
  const auto lengths = op_lengths(
      "struct Plain {\n  int x;\n};\nstruct Op {\n  static constexpr "
      "auto name = \"op\";\n\n  // why\n  int y;\n};\n");
  CHECK(lengths == std::vector<std::pair<std::string, std::size_t>>{{"Op", 4}});
}

TEST_CASE("gradients: an unlisted op and a wrong rule are caught") {
  const std::string header = R"(
    // Var commented(Var x);
namespace hourglass {
// Var also_commented(Var x);
Var listed(Var x);
template <class T>
Var twice_listed(Var x, const std::function<Var(Var)>& f,
                 double b = 1);
inline Var operator+(Var x, Var y) { return add(x, y); }
class Later;
using Other = Var;
inline constexpr double number = f(3);
enum class Kind { one, two };
struct Layer {
  Var member(Var x) const;
};
Penalty unlisted(double gamma);
}  // namespace hourglass)";
  const std::vector<std::string> names = declared_names(header);
  CHECK(names ==
        std::vector<std::string>{"listed", "twice_listed", "operator+", "Layer", "unlisted"});
  CHECK(absent(names, {"listed", "twice_listed", "operator+", "Layer"}) == "unlisted");

  GradientCase wrong =
      on_arguments("", "", {{2, 2}}, [](auto& x) { return mul(x[0], stop_gradient(x[0])); });
  CHECK_FALSE(check(wrong));
}

}  // namespace hourglass::gradients
