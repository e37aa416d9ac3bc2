#pragma once

// Every op of core/ops.hpp once more, on matrices of dual numbers, and its place in a random graph.

#include "dual.hpp"
#include <hourglass/core/ops.hpp>

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace hourglass::gradients {

struct Matrix {
  Shape shape;
  std::vector<Number> numbers;
  Number& operator()(std::size_t i, std::size_t j) { return numbers[i * shape.columns + j]; }
  const Number& operator()(std::size_t i, std::size_t j) const {
    return numbers[i * shape.columns + j];
  }
};

struct Draw {
  std::mt19937_64 engine;
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine);
  }
  std::size_t length() { return 1 + below(5) / 2; }  // 3 is rarer
  Shape shape() { return {length(), length()}; }
  double normal() { return std::normal_distribution<double>()(engine); }
};

// An op with its settings drawn: what it takes, and what it does on the tape and on dual numbers.
struct Drawn {
  std::vector<Shape> inputs;
  std::function<Var(const std::vector<Var>&)> record;
  std::function<Matrix(const std::vector<Matrix>&)> compute;
};

struct RandomOp {
  std::string covers;  // as declared
  std::function<Drawn(Draw&)> draw;
};
const std::vector<RandomOp>& random_ops();

// The distance of the nearest kink to an argument since it was last set: single precision may be on
// its other side.
double& nearest_kink();

}  // namespace hourglass::gradients
