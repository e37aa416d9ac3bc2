#pragma once

// The gradient matrix: every op, layer, noise, penalty and loss, in the settings that matter,
// against differences. Each group has a file with its rows; matrix.cpp runs them, and fails if a
// header declares something that no row covers.

#include <hourglass/core/ops.hpp>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace hourglass::gradients {

// One row. The function may return any shape: the runner turns it into a curved 1x1.
struct GradientCase {
  std::string covers;   // as declared: "matmul", "Dense"
  std::string setting;  // "a transposed", or empty
  std::function<Var(Tape&)> function;
  std::vector<Parameter*> parameters;  // kept alive by what `function` holds
  int order = 2;                       // up to which it is checked
  bool allocates = false;              // in every step, as a recorded gradient does
};

struct Group {
  std::string title;
  std::vector<std::string> headers;  // below lib/hourglass, whose declarations must be covered
  std::vector<GradientCase> cases;
  std::vector<std::string> exempt;  // declared there, but nothing to differentiate
};

Group ops();
Group layers();
Group noise();
Group penalties();
Group losses();

// Normal numbers, at least 0.2 from 0: put kinks there, and differences do not reach them.
// `positive`: between 0.5 and about 4.
enum class Values { off_zero, positive };
Array random(Shape shape, std::uint64_t seed, Values values = Values::off_zero);

// A row whose parameters are a function's arguments, drawn at random.
using Arguments = std::array<Var, 3>;  // as many as there are shapes
GradientCase on_arguments(const std::string& covers, const std::string& setting,
                          const std::vector<Shape>& shapes,
                          const std::function<Var(const Arguments&)>& f,
                          Values values = Values::off_zero);

}  // namespace hourglass::gradients
