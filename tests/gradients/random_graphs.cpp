// Random graphs of all ops, with shared nodes, repeated leaves, slices and stopped gradients:
// values and derivatives of three orders against dual numbers.

#include "declarations.hpp"
#include "random_ops.hpp"
#include <hourglass/core/curvature.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include <doctest/doctest.h>

namespace hourglass::gradients {
namespace {

constexpr bool single_precision = sizeof(Real) == sizeof(float);
constexpr std::size_t graphs = 2000, ops_per_graph = 12;
// Of the tape's own numbers the dual ones are at most this large, so that rounding stays small.
constexpr double largest_part = single_precision ? 30 : 300;
constexpr double tolerance = single_precision ? 1e-4 : 1e-12;  // times the largest part of a node

struct Step {
  std::string name;
  Drawn op;                         // without `record`: a parameter
  std::vector<std::size_t> inputs;  // earlier steps, or the parameter's index
};

// A graph with its numbers: directions 0, 1 and 2 are those of the three infinitesimals.
struct Graph {
  std::vector<std::unique_ptr<Parameter>> parameters;
  std::array<std::vector<Array>, 3> directions;
  std::vector<Step> steps;
  std::vector<Matrix> values;
  std::vector<bool> used;
  std::vector<Array> weights;  // of the steps that nothing uses, which make the loss
  double largest = 1;
};

Array random_array(Draw& draw, Shape shape) {
  Array x = empty(shape);
  for (Real& entry : x) entry = static_cast<Real>(draw.normal());
  return x;
}

Matrix seeded(const Graph& graph, std::size_t p) {
  const Array& x = graph.parameters[p]->value;
  Matrix result{shape_of(x), {}};
  for (std::size_t i = 0; i < x.size(); ++i) {
    using One = Dual<double>;
    using Two = Dual<One>;
    const auto d = [&](std::size_t k) { return double(graph.directions[k][p].data()[i]); };
    result.numbers.push_back(
        Number(Two(One(double(x.data()[i]), d(2)), One(d(1), 0)), Two(One(d(0), 0), One(0, 0))));
  }
  return result;
}

std::size_t append(Graph& graph, Step step, Matrix value) {
  for (const std::size_t input : step.op.record ? step.inputs : std::vector<std::size_t>{})
    graph.used[input] = true;
  for (const Number& entry : value.numbers) graph.largest = std::max(graph.largest, size(entry));
  graph.steps.push_back(std::move(step));
  graph.values.push_back(std::move(value));
  graph.used.push_back(false);
  return graph.steps.size() - 1;
}

// A parameter of that shape: sometimes one that the graph has already.
std::size_t leaf(Graph& graph, Draw& draw, Shape shape) {
  std::vector<std::size_t> fitting;
  for (std::size_t p = 0; p < graph.parameters.size(); ++p)
    if (shape_of(graph.parameters[p]->value) == shape) fitting.push_back(p);
  std::size_t p = graph.parameters.size();
  if (!fitting.empty() && draw.below(2)) {
    p = fitting[draw.below(fitting.size())];
  } else {
    graph.parameters.push_back(
        std::make_unique<Parameter>(Parameter{"p" + std::to_string(p), random_array(draw, shape)}));
    for (auto& direction : graph.directions) direction.push_back(random_array(draw, shape));
  }
  Step step;
  step.name = "leaf " + std::to_string(p);
  step.inputs = {p};
  return append(graph, std::move(step), seeded(graph, p));
}

// An earlier step of that shape, or a parameter.
std::size_t input(Graph& graph, Draw& draw, Shape shape) {
  std::vector<std::size_t> fitting;
  for (std::size_t s = 0; s < graph.steps.size(); ++s)
    if (graph.values[s].shape == shape) fitting.push_back(s);
  if (fitting.empty() || draw.below(6) == 0) return leaf(graph, draw, shape);
  return draw.below(2) ? fitting.back() : fitting[draw.below(fitting.size())];
}

// Adds an op, unless its numbers grow too large or a kink is near.
bool extend(Graph& graph, Draw& draw, const RandomOp& op) {
  Step step{op.covers, op.draw(draw), {}};
  std::vector<Matrix> arguments;
  for (const Shape& shape : step.op.inputs) {
    step.inputs.push_back(input(graph, draw, shape));
    arguments.push_back(graph.values[step.inputs.back()]);
  }
  nearest_kink() = INFINITY;
  Matrix value = step.op.compute(arguments);
  const bool fits = std::all_of(value.numbers.begin(), value.numbers.end(),
                                [](const Number& x) { return size(x) <= largest_part; });
  if (!fits || nearest_kink() < 1e-3) return false;
  append(graph, std::move(step), std::move(value));
  return true;
}

Graph random_graph(Draw& draw, std::map<std::string, int>& uses) {
  Graph graph;
  for (std::size_t k = 0; k < ops_per_graph; ++k) {
    const RandomOp& op = random_ops()[draw.below(random_ops().size())];
    if (extend(graph, draw, op)) ++uses[op.covers];
  }
  if (graph.steps.empty()) leaf(graph, draw, {1, 1});
  for (const Matrix& value : graph.values) graph.weights.push_back(random_array(draw, value.shape));
  return graph;
}

Var loss_of(const Graph& graph, Tape& tape) {
  std::vector<Var> nodes;
  for (const Step& step : graph.steps) {
    if (!step.op.record) {
      nodes.push_back(tape.leaf(*graph.parameters[step.inputs[0]]));
      continue;
    }
    std::vector<Var> arguments;
    for (const std::size_t input : step.inputs) arguments.push_back(nodes[input]);
    nodes.push_back(step.op.record(arguments));
  }
  Var total = tape.constant(Real(0));
  for (std::size_t s = 0; s < nodes.size(); ++s)
    if (!graph.used[s]) total = total + dot(nodes[s], tape.constant(graph.weights[s]));
  return total;
}

Number expected_loss(const Graph& graph) {
  Number total = 0;
  for (std::size_t s = 0; s < graph.values.size(); ++s)
    for (std::size_t i = 0; !graph.used[s] && i < graph.values[s].numbers.size(); ++i)
      total = total + graph.values[s].numbers[i] * double(graph.weights[s].data()[i]);
  return total;
}

double inner(const std::vector<Array>& a, const std::vector<Array>& b) {
  double total = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::size_t i = 0; i < a[k].size(); ++i)
      total += double(a[k].data()[i]) * double(b[k].data()[i]);
  return total;
}

// The loss, its derivatives along the directions, those of second order along pairs with the first,
// and that of third order.
std::array<double, 7> on_tape(const Graph& graph) {
  std::vector<Parameter*> parameters;
  for (const auto& p : graph.parameters) parameters.push_back(p.get());
  const auto& [u, v, w] = graph.directions;
  Tape tape;
  tape.begin();
  const Var loss = loss_of(graph, tape);
  const double value = loss.item();
  tape.backward(loss);
  std::vector<Array> gradient;
  for (const Parameter* p : parameters)
    gradient.push_back(p->has_grad ? p->grad : filled(shape_of(p->value), 0));
  tape.begin();
  const std::vector<Array> hu = hvp(tape, loss_of(graph, tape), parameters, u);
  tape.begin();
  const Var again = loss_of(graph, tape);
  std::vector<Var> leaves;
  for (Parameter* p : parameters) leaves.push_back(tape.leaf(*p));
  const std::vector<Var> recorded = tape.grad(again, leaves);
  Var along = tape.constant(Real(0));
  for (std::size_t k = 0; k < leaves.size(); ++k)
    along = along + dot(recorded[k], tape.constant(u[k]));
  const std::vector<Array> third = hvp(tape, along, parameters, v);
  return {value,        inner(gradient, u), inner(gradient, v), inner(gradient, w),
          inner(hu, v), inner(hu, w),       inner(third, w)};
}

std::array<double, 7> by_duals(const Graph& graph) {
  const Number x = expected_loss(graph);
  return {x.a.a.a, x.b.a.a, x.a.b.a, x.a.a.b, x.b.b.a, x.b.a.b, x.b.b.b};
}

std::string described(const Graph& graph) {
  std::ostringstream text;
  for (std::size_t s = 0; s < graph.steps.size(); ++s) {
    text << "\n  " << s << ": " << graph.steps[s].name << " " << graph.values[s].shape.str();
    for (std::size_t i = 0; graph.steps[s].op.record && i < graph.steps[s].inputs.size(); ++i)
      text << (i == 0 ? " of " : ", ") << graph.steps[s].inputs[i];
  }
  return text.str();
}

}  // namespace

TEST_CASE("gradients: random graphs agree with dual numbers to third order") {
  const char* chosen = std::getenv("HOURGLASS_GRAPH_SEED");
  const std::uint64_t seed = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 1;
  std::map<std::string, int> uses;
  double worst = 0;
  for (std::size_t g = 0; g < graphs; ++g) {
    Draw draw{std::mt19937_64(seed * 1000003 + g)};
    const Graph graph = random_graph(draw, uses);
    const auto found = on_tape(graph), expected = by_duals(graph);
    for (std::size_t k = 0; k < found.size(); ++k) {
      const double error = std::abs(found[k] - expected[k]) / graph.largest;
      worst = std::max(worst, error);
      CHECK_MESSAGE(error <= tolerance, "seed " << seed << ", graph " << g << ", derivative " << k
                                                << ": tape " << found[k] << ", dual numbers "
                                                << expected[k] << described(graph));
    }
  }
  std::vector<std::string> placed;
  for (const RandomOp& op : random_ops()) {
    placed.push_back(op.covers);
    CHECK_MESSAGE(uses[op.covers] >= 30, op.covers << ": in " << uses[op.covers] << " graphs");
  }
  CHECK(absent(declared_names(text_of(library() / "core/ops.hpp")), placed) == "");
  std::cout << "random graphs: " << graphs << " from HOURGLASS_GRAPH_SEED=" << seed << ", of "
            << placed.size() << " ops, worst error " << worst << '\n';
}

}  // namespace hourglass::gradients
