#include <hourglass/core/error.hpp>
#include <hourglass/data/safetensors.hpp>
#include <hourglass/measure/checkpoint.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <zlib.h>

namespace hourglass {
namespace {

constexpr const char* kind = "hourglass checkpoint 1";

Tensor tensor64(const std::string& name, const double* values, Shape shape) {
  Tensor tensor{name, Dtype::f64, {shape.rows, shape.columns}, std::string(8 * shape.size(), '\0')};
  if (shape.size() > 0) std::memcpy(tensor.bytes.data(), values, tensor.bytes.size());
  return tensor;
}

Tensor list64(const std::string& name, const std::vector<double>& values) {
  return tensor64(name, values.data(), {1, values.size()});
}

[[noreturn]] void refuse(const Tensors& file, const std::string& field, const std::string& found,
                         const std::string& expected) {
  throw InputError(file.source + ": " + field + ": found " + found + ", expected " + expected);
}

Array64 array64(const Tensors& file, const std::string& name) {
  const Tensor& tensor = file.find(name);
  if (tensor.dtype != Dtype::f64 || tensor.shape.size() != 2)
    refuse(file, name, to_string(tensor.dtype) + " " + tensor.shape_text(), "a matrix of F64");
  Array64 values = empty64({tensor.shape[0], tensor.shape[1]});
  if (values.size() > 0) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

std::vector<double> list_of(const Tensors& file, const std::string& name, std::size_t expected) {
  const Array64 values = array64(file, name);
  if (shape_of(values) != Shape{1, expected})
    refuse(file, name, shape_of(values).str(), Shape{1, expected}.str());
  return {values.begin(), values.end()};
}

// CRC-32 of all names and numbers: the format itself cannot tell that a number changed.
std::string checksum(const Tensors& file) {
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : file.tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(),
            [](const Tensor* a, const Tensor* b) { return a->name < b->name; });
  uLong sum = crc32(0, nullptr, 0);
  for (const Tensor* tensor : order)
    for (const std::string* text : {&tensor->name, &tensor->bytes})
      sum = crc32_z(sum, reinterpret_cast<const Bytef*>(text->data()), text->size());
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08lx", static_cast<unsigned long>(sum));
  return digits;
}

std::string curve_name(const Column& column) { return "curve." + name_of(column); }

void require_identity(const Tensors& file, const RunIdentity& identity) {
  const auto require = [&](const std::string& key, const std::string& expected,
                           bool spelt_otherwise = false) {
    const auto found = file.metadata.find(key);
    const auto is_expected = [&](const std::string& value) {
      return value == expected || (spelt_otherwise && canonical(value) == canonical(expected));
    };
    if (found == file.metadata.end() || !is_expected(found->second))
      refuse(file, key, found == file.metadata.end() ? "nothing" : "'" + found->second + "'",
             "'" + expected + "'");
  };
  require("kind", kind);
  for (const auto& [key, value] : identity) require(key, value, true);
  require("checksum", checksum(file));
}

Trace curve_of(const Tensors& file, const std::vector<Column>& columns) {
  Trace curve(columns);
  const Array64 steps = array64(file, "curve.step");
  std::vector<std::vector<double>> values;
  for (const Column& column : columns)
    values.push_back(list_of(file, curve_name(column), steps.size()));
  for (std::size_t k = 0; k < steps.size(); ++k) {
    std::vector<double> row;
    for (const auto& list : values) row.push_back(list[k]);
    if (k > 0 && !(steps.data()[k] > steps.data()[k - 1]))
      refuse(file, "curve.step", "steps that do not increase", "increasing ones");
    curve.add(steps.data()[k], row);
  }
  return curve;
}

std::vector<NamedArray> optimiser_state(const Tensors& file) {
  const std::string prefix = "optimiser.";
  std::vector<NamedArray> state;
  for (const Tensor& tensor : file.tensors)
    if (tensor.name.starts_with(prefix))
      state.push_back({tensor.name.substr(prefix.size()), array64(file, tensor.name)});
  return state;
}

std::uint64_t step_of(const Tensors& file) {
  const auto list = file.list("step");
  if (list.size() != 1) refuse(file, "step", std::to_string(list.size()) + " numbers", "one");
  return list[0];
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const RunIdentity& identity,
                     const RunState& state, Parameters parameters, const Optimiser& optimiser) {
  Tensors file{.metadata = identity};
  for (const Parameter* p : parameters) file.add("parameter." + p->name, p->value);
  for (const auto& [name, values] : optimiser.state())
    file.tensors.push_back(tensor64("optimiser." + name, values.data(), shape_of(values)));
  file.add("step", std::vector<std::uint64_t>{state.step});
  file.tensors.push_back(list64("loss_sum", {state.loss_sum}));
  file.tensors.push_back(list64("curve.step", state.curve.steps()));
  for (std::size_t c = 0; c < state.curve.columns().size(); ++c)
    file.tensors.push_back(list64(curve_name(state.curve.columns()[c]), state.curve.values(c)));
  file.metadata["kind"] = kind;
  file.metadata["checksum"] = checksum(file);
  data::write_safetensors(path, file);
}

void require_same_run(const std::filesystem::path& file, const RunIdentity& identity) {
  require_identity(data::read_safetensors(file), identity);
}

RunState load_checkpoint(const std::filesystem::path& path, const RunIdentity& identity,
                         const std::vector<Column>& columns, Parameters parameters,
                         Optimiser& optimiser) {
  const Tensors file = data::read_safetensors(path);
  require_identity(file, identity);
  RunState state{step_of(file), list_of(file, "loss_sum", 1)[0], curve_of(file, columns)};
  std::vector<Array> values;
  for (const Parameter* p : parameters)
    values.push_back(file.array("parameter." + p->name, shape_of(p->value)));
  try {
    optimiser.restore(optimiser_state(file), parameters);
  } catch (const InputError& problem) {
    throw InputError(path.string() + ": " + problem.what());
  }
  for (std::size_t k = 0; k < values.size(); ++k) parameters[k]->value = std::move(values[k]);
  return state;
}

}  // namespace hourglass
