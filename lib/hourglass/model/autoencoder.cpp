#include <hourglass/core/error.hpp>
#include <hourglass/model/autoencoder.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

Autoencoder::Autoencoder(Encoder encoder, Decoder decoder)
    : encoder_(std::move(encoder)),
      decoder_(std::move(decoder)),
      parameters_(Sequence({encoder_, decoder_}).parameters()) {}

Var Autoencoder::loss(Tape& tape, const View& x, std::size_t first_row) const {
  const Var clean = tape.constant(x);
  const Position position{tape.step(), first_row};
  const Var seen = corrupt ? corrupt(clean, position) : clean;
  const Var code = encoder_(seen, position);
  Var total = error(decoder_(code, position), clean);
  for (const Penalty& penalty : penalties) total = penalty({total, parameters_, seen, code});
  return total;
}

Stack::Stack(std::vector<Level> levels) : levels_(std::move(levels)) {
  if (levels_.empty()) throw ArgumentError("stack: there is no level");
}

Autoencoder Stack::level(std::size_t k) const {
  if (k >= size())
    throw LookupError("stack: found level " + std::to_string(k) + ", expected below " +
                      std::to_string(size()));
  return Autoencoder(levels_[k].encoder, levels_[k].decoder);
}

Autoencoder Stack::whole() const {
  std::vector<Layer> encoder, decoder;
  for (const Level& level : levels_)
    for (const Layer& layer : level.encoder.layers()) encoder.push_back(layer);
  for (std::size_t k = size(); k-- > 0;)
    for (const Layer& layer : levels_[k].decoder.layers()) decoder.push_back(layer);
  return Autoencoder(std::move(encoder), std::move(decoder));
}

// In batches, so that the tape stays small whatever the number of rows.
Array Stack::inputs(std::size_t k, const View& x) const {
  constexpr std::size_t batch = 1024;
  const Shape shape = shape_of(x);
  if (k > size() || shape.rows == 0)
    throw ArgumentError("stack: inputs of level " + std::to_string(k) + " of " +
                        std::to_string(size()) + " from " + shape.str() + " data");
  Tape tape;
  Array result;
  for (std::size_t first = 0; first < shape.rows; first += batch) {
    const Shape part{std::min(batch, shape.rows - first), shape.columns};
    tape.begin();
    Var code = tape.constant(borrow(x.data() + first * shape.columns, part));
    for (std::size_t j = 0; j < k; ++j) code = levels_[j].encoder(code);
    const std::size_t width = code.shape().columns;
    if (first == 0) result = empty({shape.rows, width});
    std::copy_n(code.value().data(), part.rows * width, result.data() + first * width);
  }
  return result;
}

namespace {

// The layers of level k of `count`.
class LevelBuilder {
 public:
  LevelBuilder(const AutoencoderOptions& options, std::size_t k, std::size_t count)
      : options_(options), k_(k), count_(count) {}

  Stack::Level build(std::size_t inputs, std::size_t hidden) const {
    Dense down(name("encoder"), inputs, hidden, options_.biases);
    if (options_.unit_norm) down.unit_norm = UnitNorm::rows;
    if (options_.scaled) down.scale = 1 / std::sqrt(static_cast<double>(inputs));
    std::vector<Layer> encoder{down}, decoder{back(down, inputs, hidden)};
    const bool code = k_ + 1 == count_, output = k_ == 0;
    add(encoder, code ? options_.code.value_or(options_.activation) : options_.activation);
    add(encoder, code ? options_.code_noise : options_.hidden_noise, k_ + 1);
    add(decoder, output ? options_.output : options_.activation);
    if (!output) add(decoder, options_.hidden_noise, 2 * count_ - k_);
    return {std::move(encoder), std::move(decoder)};
  }

 private:
  std::string name(const std::string& part) const {
    return count_ == 1 ? part : part + "." + std::to_string(k_ + 1);
  }
  Dense back(const Dense& down, std::size_t inputs, std::size_t hidden) const {
    if (options_.tied) return down.tied(name("decoder"), options_.biases);
    Dense up(name("decoder"), hidden, inputs, options_.biases);
    if (options_.unit_norm) up.unit_norm = UnitNorm::columns;
    return up;
  }
  static void add(std::vector<Layer>& layers, const Activation& activation) {
    if (activation.kind != Activation::linear) layers.push_back(activation);
  }
  void add(std::vector<Layer>& layers, const std::function<Noise(Stream)>& make,
           std::size_t layer) const {
    Stream stream = options_.stream;
    stream.id += static_cast<std::uint32_t>(layer);
    if (const Noise noise = make ? make(stream) : Noise{}) layers.push_back(noise);
  }

  const AutoencoderOptions& options_;
  std::size_t k_, count_;
};

}  // namespace

Stack deep_stack(const std::vector<std::size_t>& sizes, const AutoencoderOptions& options) {
  if (sizes.size() < 2)
    throw ArgumentError("autoencoder: found " + std::to_string(sizes.size()) +
                        " sizes, expected those of the input and of the hidden layers");
  std::vector<Stack::Level> levels;
  const std::size_t count = sizes.size() - 1;
  for (std::size_t k = 0; k < count; ++k)
    levels.push_back(LevelBuilder(options, k, count).build(sizes[k], sizes[k + 1]));
  return Stack(std::move(levels));
}

Autoencoder deep_autoencoder(const std::vector<std::size_t>& sizes,
                             const AutoencoderOptions& options) {
  return deep_stack(sizes, options).whole();
}

}  // namespace hourglass
